"""What changes a draw after it was made: asked for by one, approved by another, applied by the same tickets, kept for ever (R49, draw.md §4)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction

from accounts.models import User
from core import moment
from core.models import Event, MoveRefused, Stateful
from inspections import drawing
from inspections.models.draw_machine import CHANGEABLE
from inspections.models.draw_rows import DrawObject, DrawOfficer, DrawPick, DrawSeat
from inspections.models.guard import weigh
from inspections.models.inspection import Inspection
from inspections.models.machine import BEFORE
from inspections.models.pools import MANY

CONTENT = "安全生产责任制落实、隐患排查治理、现场安全管理。"


class DrawChangeQuerySet(models.QuerySet["DrawChange"]):
    """Pending and applied."""

    def pending(self) -> DrawChangeQuerySet:
        """Neither approved nor refused."""
        return self.filter(approved_at=None, refused_at=None)

    def applied(self) -> DrawChangeQuerySet:
        """Approved replacements in the order in which they count."""
        return self.exclude(approved_at=None).exclude(kind=DrawChange.Kind.VOID).order_by("pk")


class DrawChange(models.Model):
    """A replacement or a void: who asked, who approved, why and when; never deleted."""

    class Kind(models.TextChoices):
        OBJECT = "replace_object", "替换对象"
        OFFICER = "replace_officer", "替换检查人员"
        VOID = "void", "作废"

    draw = models.ForeignKey("inspections.Draw", models.PROTECT, related_name="changes", verbose_name="抽取")
    kind = models.CharField("种类", max_length=16, choices=Kind)
    object = models.CharField("对象", max_length=40, blank=True)
    officer = models.CharField("检查人员", max_length=40, blank=True)
    reason = models.CharField("理由", max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间", default=moment.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="不批准的人"
    )
    refused_at = models.DateTimeField("不批准的时间", null=True, blank=True)
    answer = models.CharField("审批意见", max_length=500, blank=True)
    replacement = models.CharField("替换为", max_length=40, blank=True)

    objects = DrawChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽取变更"
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="draw_change_reason"),
            models.CheckConstraint(
                condition=models.Q(approved_by=None, approved_at=None)
                | models.Q(approved_by__isnull=False, approved_at__isnull=False, refused_at=None) & ~models.Q(approved_by=models.F("by")),
                name="draw_change_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(refused_by=None, refused_at=None) | models.Q(refused_by__isnull=False, refused_at__isnull=False),
                name="draw_change_refused_pair",
            ),
            models.UniqueConstraint(fields=["draw"], condition=models.Q(approved_at=None, refused_at=None), name="draw_change_one_pending"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def words(self) -> str:
        """What it is about: the object's name, with the officer's when only he goes."""
        if self.kind == self.Kind.VOID:
            return "整次抽取"
        return ",".join(self.draw.name_of(key) for key in (self.object, self.officer) if key)

    @property
    def became(self) -> str:
        """Who came instead, by name; "" while it is not approved."""
        return self.draw.name_of(self.replacement) if self.replacement else ""

    @property
    def standing(self) -> tuple[str, str]:
        """(how it stands, the colour beside it)."""
        if self.approved_at:
            return "已批准", "green"
        return ("不批准", "red") if self.refused_at else ("待批", "orange")

    def apply(self, result: drawing.Result) -> tuple[bool, str]:
        """(whether it could be, who comes instead): "" when an object goes and none is left."""
        if self.kind == self.Kind.OBJECT:
            pick = result.replace_object(self.object)
            return True, pick.object if pick else ""
        following = result.replace_officer(self.object, self.officer)
        return following is not None, following[1] if following else ""


class Changes(Stateful):
    """The part of a draw that comes after its result: tasks, replacements, void."""

    area_id: Any
    number: str
    department: Any
    visits_until: Any
    working: Any = None  # the Job that works on it now, on the instance that works

    class Meta:
        abstract = True

    def why_busy(self) -> str:
        """A sentence while somebody's call is at work on it; see `Making`."""
        return ""

    @property
    def pending_change(self) -> DrawChange | None:
        """The replacement or void that waits for its approval, or None."""
        rows: Any = self.changes.pending().select_related("by")  # type: ignore[attr-defined]
        found: DrawChange | None = rows.first()
        return found

    def standing(self) -> models.QuerySet[DrawPick]:
        """The drawn objects in force, in the order of their tickets."""
        rows: Any = self.picks.filter(withdrawn_by=None)  # type: ignore[attr-defined]
        found: models.QuerySet[DrawPick] = (
            rows.select_related("listed", "inspection").prefetch_related("seats__officer").order_by("position")
        )
        return found

    # Who may not

    def why_undecided(self) -> str:
        """A sentence while a change waits for its approval."""
        return "有一项替换或作废还没有批准,请先处理。" if self.pending_change else ""

    def guard_ask_change(self, by: Any) -> str:
        """One at a time, and not while a Job works on it."""
        return self.why_busy() or self.why_undecided()

    def guard_ask_void(self, by: Any) -> str:
        """One at a time, and not while a Job works on it."""
        return self.why_busy() or self.why_undecided()

    def guard_approve_change(self, by: Any) -> str:
        """Another person than who asked."""
        asked = self.pending_change
        if asked is None:
            return "没有待批的替换或作废。"
        return "不能批准自己的申请。" if asked.by == by else ""

    def guard_void(self, by: Any) -> str:
        """Asked for, by another person."""
        asked = self.pending_change
        return self.guard_approve_change(by) if asked is None or asked.kind == DrawChange.Kind.VOID else "待批的是替换,不是作废。"

    def guard_refuse_change(self, by: Any) -> str:
        """There is one."""
        return "" if self.pending_change else "没有待批的替换或作废。"

    # Ask

    def ask_change(self, *, by: Any, on: datetime.date, object: str, officer: str = "", note: str) -> None:
        """Ask to replace a drawn object, or one of its officers; nothing changes before the approval."""
        pick = self.standing().filter(listed__key=object).first()
        if pick is None:
            raise MoveRefused("这个对象不在现在的抽取结果里,请刷新后重新选择。")
        refuse_begun(pick)
        seat = pick.seats.filter(officer__key=officer, replaced_by=None).select_related("officer").first()  # type: ignore[attr-defined]
        if officer and seat is None:
            raise MoveRefused("这名检查人员不在这个对象现在的名单里,请刷新后重新选择。")
        kind = DrawChange.Kind.OFFICER if officer else DrawChange.Kind.OBJECT
        words = f"申请{kind.label}:{pick}{f',{seat}' if officer else ''}"
        self._ask("ask_change", kind, words, by=by, on=on, note=note, object=object, officer=officer)

    def ask_void(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Ask to void the whole draw."""
        self._ask("ask_void", DrawChange.Kind.VOID, "申请作废整次抽取", by=by, on=on, note=note)

    def _ask(self, move: str, kind: str, words: str, *, by: Any, on: datetime.date, note: str, **facts: str) -> None:
        with transaction.atomic():
            self._move(move, by=by, on=on, note=note, data={"lines": [words]}, audience=Event.Audience.TOWN)
            made: dict[str, Any] = {"draw": self, "kind": kind, "reason": note, "by": by, "asked_at": moment.now(), **facts}
            DrawChange.objects.create(**made)

    # Answer

    def refuse_change(self, *, by: Any, on: datetime.date, note: str) -> None:
        """No; the request and its answer stay in the record."""
        asked = self._asked()
        with transaction.atomic():
            self._move("refuse_change", by=by, on=on, note=note, audience=Event.Audience.TOWN)
            DrawChange.objects.filter(pk=asked.pk).update(refused_by=by, refused_at=moment.now(), answer=note)

    def approve_change(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Yes: the replacement is whom the tickets say, the void ends the draw and its visits not yet begun."""
        asked = self._asked()
        if asked.kind == DrawChange.Kind.VOID:
            self.void(by=by, on=on, note=note)
        else:
            self._replace(asked, by=by, on=on, note=note)

    def void(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """End the draw as asked for and approved; visits of it that have not begun are called off, those begun go on."""
        asked = self._asked()
        with transaction.atomic():
            self._move("void", by=by, on=on, note=note, data={"lines": [f"理由:{asked.reason}"]}, audience=Event.Audience.TOWN)
            self._approve(asked, by, note)
            for pick in self.standing().filter(inspection__state__in=BEFORE):
                call_off(pick.inspection, on, f"抽取 {self.number} 作废:{asked.reason}")

    def _asked(self) -> DrawChange:
        asked = self.pending_change
        if asked is None:
            raise MoveRefused("没有待批的替换或作废。")
        return asked

    def _approve(self, asked: DrawChange, by: Any, note: str, replacement: str = "") -> None:
        asked.approved_by, asked.approved_at, asked.answer, asked.replacement = by, moment.now(), note, replacement
        asked.save(update_fields=["approved_by", "approved_at", "answer", "replacement"])

    def _replace(self, asked: DrawChange, *, by: Any, on: datetime.date, note: str) -> None:
        with transaction.atomic():
            if self.state not in CHANGEABLE:
                raise MoveRefused("检查已经全部结束,不能再替换。请不批准这一项。")
            pick = self.standing().filter(listed__key=asked.object).first()
            if pick is not None:
                refuse_begun(pick)
            result = self.checked_result()  # type: ignore[attr-defined]
            may, replacement = asked.apply(result)
            if not may:
                raise MoveRefused("没有别的检查人员可以替换:都已排除、回避或达到上限。请不批准这一项,改为替换对象。")
            name = self.name_of(replacement) if replacement else "没有可以替换的对象"  # type: ignore[attr-defined]
            lines = [f"{asked}:{name}"]
            self._move("approve_change", by=by, on=on, note=note, data={"lines": lines}, audience=Event.Audience.TOWN)
            self._approve(asked, by, note, replacement)
            if asked.kind == DrawChange.Kind.OBJECT:
                self._put_object(asked, result, by, on)
            else:
                self._put_officer(asked, result, by, on)

    def _put_object(self, asked: DrawChange, result: drawing.Result, by: Any, on: datetime.date) -> None:
        gone = self.picks.select_related("inspection").get(listed__key=asked.object)  # type: ignore[attr-defined]
        gone.withdrawn_by = asked
        gone.save(update_fields=["withdrawn_by"])
        if asked.replacement:
            officers = {row.key: row for row in self.officers_listed.all()}  # type: ignore[attr-defined]
            listed = self.objects_listed.get(key=asked.replacement)  # type: ignore[attr-defined]
            place = self.picks.count() + 1  # type: ignore[attr-defined]
            (pick,) = self.keep_picks([(place, result.pick_of(asked.replacement))], {listed.key: listed}, officers)
            if self.state == self.State.ISSUED:  # type: ignore[attr-defined]
                # Planned by who asked: who approved the change may be the one who approves the scheme.
                self.give_task(pick, asked.by, on)
        # Last: the end of the last visit ends the draw, and by now the new one is open.
        if gone.inspection:
            call_off(gone.inspection, on, f"抽取 {self.number} 替换对象:{asked.reason}")
        self.note_over(on)

    def _put_officer(self, asked: DrawChange, result: drawing.Result, by: Any, on: datetime.date) -> None:
        pick = self.standing().get(listed__key=asked.object)
        pick.seats.filter(officer__key=asked.officer, replaced_by=None).update(replaced_by=asked)  # type: ignore[attr-defined]
        ticket = next(ticket for ticket, key in result.pick_of(asked.object).officers if key == asked.replacement)
        officer = self.officers_listed.get(key=asked.replacement)  # type: ignore[attr-defined]
        DrawSeat.objects.create(pick=pick, officer=officer, ticket=ticket)
        if pick.inspection:
            pick.inspection.take_drawn_officers(
                people=people_of(pick), by=by, on=on, note=f"抽取 {self.number} 替换检查人员:{asked.reason}"
            )

    def keep_picks(
        self, placed: list[tuple[int, drawing.Pick]], objects: dict[str, DrawObject], officers: dict[str, DrawOfficer]
    ) -> list[DrawPick]:
        """Write drawn objects with their officers; in the caller's transaction."""
        rows = [DrawPick(draw_id=self.pk, listed=objects[pick.object], position=place, ticket=pick.ticket) for place, pick in placed]
        DrawPick.objects.bulk_create(rows, batch_size=MANY)
        pairs = zip(rows, placed, strict=True)
        seats = [DrawSeat(pick=row, officer=officers[key], ticket=ticket) for row, (_, pick) in pairs for ticket, key in pick.officers]
        DrawSeat.objects.bulk_create(seats, batch_size=MANY)
        return rows

    # Tasks

    def give_task(self, pick: DrawPick, by: Any, on: datetime.date) -> None:
        """A visit of kind `random` for this drawn object with its drawn officers; none without officers. In the caller's transaction."""
        people = people_of(pick)
        if not people:
            return
        firm, day = pick.listed.enterprise, max(self.visits_until, on)
        weighed = weigh(firm, day, Inspection.Kind.RANDOM, f"双随机抽取 {self.number} 抽中")
        facts = {"enterprise": firm, "kind": Inspection.Kind.RANDOM, "department": self.department, "content": CONTENT}
        words = {"basis": "双随机、一公开抽查", "method": "现场检查、查阅资料、询问有关人员"}
        pick.inspection = Inspection.open_new(by=by, on=on, planned_on=day, officers=people, **facts, **words, **weighed)
        pick.save(update_fields=["inspection"])
        lines = [f"抽取编号:{self.number}"]
        pick.inspection.tell_office(by=by, on=on, move="drawn", label="双随机抽中", lines=lines)

    def note_over(self, on: datetime.date) -> None:
        """When the last visit of an issued draw is closed or cancelled, its time to publish begins (by the system).

        Asked of a row as it is now: whoever calls may have moved it since.
        """
        is_now = type(self)._base_manager.filter(pk=self.pk, **self._unchanged()).exists()
        if is_now and self.state == self.State.ISSUED and not self.open_visits().exists():  # type: ignore[attr-defined]
            self.finish(by=User.objects.system(), on=on)  # type: ignore[attr-defined]


def refuse_begun(pick: DrawPick) -> None:
    """MoveRefused when its visit has begun, or is off."""
    if pick.inspection and pick.inspection.state not in BEFORE:
        words = "已经取消" if pick.inspection.state == Inspection.State.ABORTED else "已经开始"
        raise MoveRefused(f"对“{pick}”的检查{words},不能再替换。")


def call_off(visit: Any, on: datetime.date, why: str) -> None:
    """Cancel a visit that the draw no longer asks for, by the system; a firm that was told of it reads nothing of the draw."""
    system = User.objects.system()
    visit.abort(by=system, on=on, note="检查任务调整,这次检查取消。")
    visit.tell_office(by=system, on=on, move="draw_changed", label="抽取有变更", lines=[why])


def people_of(pick: DrawPick) -> list[User]:
    """The officers in force of a drawn object, smallest ticket first."""
    seats: Any = pick.seats.filter(replaced_by=None).select_related("officer__user").order_by("ticket")  # type: ignore[attr-defined]
    return [seat.officer.user for seat in seats]
