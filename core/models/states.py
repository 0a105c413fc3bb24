"""State machines: a MOVES table on the model, hand-written verbs, one conditional update."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from core import moment
from core.models.events import Event, react, subject_key

MANY = 500


class MoveRefused(Exception):
    """A move that cannot be made now; the text is a Chinese sentence for the person."""

    def __init__(self, message: str, *, faster: Event | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.faster = faster


@dataclass(frozen=True)
class Move:
    """One arrow of a state machine.

    `target` None keeps the state (an entry in the story only). `form` is the dotted path of the
    form whose cleaned data become the verb's arguments. `tone` is how the button looks. A move that is
    not offered is taken only by another row's verb (a paper issued, a plan received): no page asks for it.
    """

    label: str
    sources: Iterable[str]
    target: str | None
    roles: Iterable[str]
    form: str = "core.forms.NoteForm"
    tone: str = "secondary"
    description: str = ""
    is_offered: bool = True


@dataclass(frozen=True)
class Offer:
    """A move that one user may make on one row now; what the move buttons draw."""

    name: str
    move: Move


class Stateful(models.Model):
    """A row whose `state` changes only through `_move`; `version` counts the changes."""

    MOVES: ClassVar[dict[str, Move]] = {}
    sent = ""  # digest of the form that asks for the next move, kept in its Event
    TONES: ClassVar[dict[str, str]] = {}
    State: ClassVar[type[models.TextChoices]]

    state = models.CharField("状态", max_length=32, db_index=True)
    version = models.PositiveIntegerField("版本", default=0)

    class Meta:
        abstract = True

    @property
    def state_label(self) -> str:
        """The state's Chinese name."""
        return str(self.State(self.state).label)

    @property
    def tone(self) -> str:
        """The badge colour of the state; the word always stands beside it."""
        return self.TONES.get(self.state, "secondary")

    def guard(self, name: str, by: Any) -> str:
        """Why this person may not make this move, as a sentence; "" when he may.

        Looks for `guard_<move>` on the model; role and state are checked elsewhere.
        """
        check: Callable[[Any], str] | None = getattr(self, f"guard_{name}", None)
        return check(by) if check else ""

    def moves_for(self, user: Any) -> list[Offer]:
        """The moves this user may make now, in the order of MOVES."""
        return [
            Offer(name, move)
            for name, move in self.MOVES.items()
            if move.is_offered and user.role in move.roles and self.state in move.sources and not self.guard(name, user)
        ]

    def _move(
        self,
        name: str,
        *,
        by: Any,
        on: datetime.date,
        note: str = "",
        data: dict[str, Any] | None = None,
        audience: str = Event.Audience.ALL,
        target: str = "",
        **fields: Any,
    ) -> Event:
        """Take one arrow: role, source state, guard, conditional update, Event, reactions.

        `target` is for an arrow that leads back to where the row came from, which its Move cannot say.
        Raises PermissionDenied for a wrong role and MoveRefused for a wrong state, a wrong person or a
        row that somebody changed since it was read. All in one transaction.
        """
        move = self.MOVES[name]
        if not by.is_system and by.role not in move.roles:
            raise PermissionDenied(f"您的岗位不能执行“{move.label}”。")
        if self.state not in move.sources:
            raise self._refused(f"现在是“{self.state_label}”,不能“{move.label}”。", by)
        reason = "" if by.is_system else self.guard(name, by)
        if reason:
            raise MoveRefused(reason)
        seen, target = self.state, target or move.target or self.state
        data = {**(data or {}), "sent": self.sent} if self.sent else data
        with transaction.atomic():
            rows = type(self)._base_manager.filter(pk=self.pk, **self._unchanged())
            if not rows.update(state=target, version=self.version + 1, **fields):
                raise self._refused("别人已处理,您的操作没有保存。", by)
            self.state, self.version = target, self.version + 1
            for field, value in fields.items():
                setattr(self, field, value)
            told: dict[str, Any] = {"note": note, "data": data, "audience": audience}
            return Event.record(self, by=by, on=on, move=name, label=move.label, states=(seen, target), **told)

    @classmethod
    def _move_many(cls, rows: models.QuerySet[Any], name: str, *, by: Any, on: Any, note: str = "", **fields: Any) -> int:
        """Take one arrow for a whole set, as the system or as somebody whose role may: how many rows moved.

        Guards of single persons are the caller's: he chooses the rows. `on` is the business date, or a function
        (row → date); `fields` are written alike on every row. Chunk by chunk, each in a transaction: the rows of a
        chunk are locked, those that still stand where the move starts are updated, and each gets its Event and its
        reactions. Run again, nothing is left to move.
        """
        move = cls.MOVES[name]
        if not by.is_system and by.role not in move.roles:
            raise PermissionDenied(f"您的岗位不能执行“{move.label}”。")
        moved, standing = 0, rows.filter(state__in=list(move.sources)).order_by("pk")
        # All keys at once: with a LIMIT a planner walks a large table by its key, past millions of rows that moved long ago.
        pks = list(standing.values_list("pk", flat=True))
        for start in range(0, len(pks), MANY):
            with transaction.atomic():
                chunk = list(standing.filter(pk__in=pks[start : start + MANY]).select_for_update(of=("self",)))
                target = {} if move.target is None else {"state": move.target}
                cls._base_manager.filter(pk__in=[row.pk for row in chunk]).update(version=models.F("version") + 1, **target, **fields)
                events = []
                for row in chunk:
                    seen, row.state, row.version = row.state, move.target or row.state, row.version + 1
                    for field, value in fields.items():
                        setattr(row, field, value)
                    day = on(row) if callable(on) else on
                    events.append(Event.about(row, by=by, on=day, move=name, label=move.label, states=(seen, row.state), note=note))
                for row, event in zip(chunk, Event.objects.bulk_create(events, batch_size=MANY), strict=True):
                    react(row, event)
                moved += len(chunk)
        return moved

    def _unchanged(self) -> dict[str, Any]:
        """What must still hold in the database for a move to be taken: nobody was faster."""
        return {"state": self.state, "version": self.version}

    def _refused(self, message: str, by: Any) -> MoveRefused:
        """A refusal that knows the newest Event this person may see, so that the page can say who was faster and when."""
        return MoveRefused(message, faster=Event.objects.of(self).visible_to(by).select_related("by").last())

    def opened(self, *, by: Any, on: datetime.date, note: str = "", data: dict[str, Any] | None = None) -> Event:
        """Record how the row came into being, as the first entry of its story."""
        return Event.record(self, by=by, on=on, move="open", label="登记", states=("", self.state), note=note, data=data)

    @property
    def holds(self) -> models.QuerySet[Hold]:
        """The holds in force on this row."""
        model, pk = subject_key(self)
        return Hold.objects.filter(subject_model=model, subject_pk=pk, lifted_at=None)


class Hold(models.Model):
    """A pause on a row beside its state: kind, since, until, why."""

    subject_model = models.CharField("对象类型", max_length=80)
    subject_pk = models.BigIntegerField("对象编号")
    kind = models.CharField("种类", max_length=40)
    reason = models.CharField("原因", max_length=200)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    lifted_at = models.DateTimeField("解除时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "暂停"
        constraints = [
            models.UniqueConstraint(fields=["subject_model", "subject_pk", "kind"], condition=models.Q(lifted_at=None), name="hold_once"),
            models.CheckConstraint(condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="hold_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.since}"

    @classmethod
    def place(
        cls, subject: models.Model, *, kind: str, reason: str, by: Any, on: datetime.date, until: datetime.date | None = None
    ) -> Hold:
        """Pause a row, once per kind; an Event tells it."""
        model, pk = subject_key(subject)
        with transaction.atomic():
            hold, created = cls.objects.get_or_create(
                subject_model=model, subject_pk=pk, kind=kind, lifted_at=None, defaults={"reason": reason, "since": on, "until": until}
            )
            if created:
                Event.record(subject, by=by, on=on, move="hold", label="暂停", note=reason)
        return hold

    def lift(self, subject: models.Model, *, by: Any, on: datetime.date, note: str = "") -> None:
        """End the pause; an Event tells it. Lifting twice changes nothing."""
        with transaction.atomic():
            if Hold.objects.filter(pk=self.pk, lifted_at=None).update(lifted_at=moment.now()):
                Event.record(subject, by=by, on=on, move="lift_hold", label="解除暂停", note=note or self.reason)


class Signature(models.Model):
    """One person's consent to a move that needs several; the last one makes the move."""

    subject_model = models.CharField("对象类型", max_length=80)
    subject_pk = models.BigIntegerField("对象编号")
    move = models.CharField("动作", max_length=40)
    round = models.PositiveIntegerField("轮次", default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="签名人")
    at = models.DateTimeField("签名时间", default=moment.now)

    class Meta:
        verbose_name = verbose_name_plural = "签名"
        constraints = [models.UniqueConstraint(fields=["subject_model", "subject_pk", "move", "round", "by"], name="signature_once")]

    def __str__(self) -> str:
        return f"{self.move} {self.by_id}"

    @classmethod
    def collect(cls, subject: Stateful, *, move: str, by: Any, needed: int, round: int | None = None) -> bool:
        """Sign once; True when `needed` different people have signed this version of the row, or this `round` of the matter."""
        model, pk = subject_key(subject)
        number = subject.version if round is None else round
        key: dict[str, Any] = {"subject_model": model, "subject_pk": pk, "move": move, "round": number}
        with transaction.atomic():
            type(subject)._base_manager.select_for_update().get(pk=pk)
            cls.objects.get_or_create(by=by, **key)
            return cls.objects.filter(**key).count() >= needed
