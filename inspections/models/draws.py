"""双随机抽取: committed, frozen, drawn with a value nobody of us chooses, changed only with a trace, published whole (R49, B1)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Area, Department
from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core import clock, moment
from core.fields import EncryptedField
from core.models import Counter, Event, MoveRefused
from inspections import drawing
from inspections.models import draw_machine as machine
from inspections.models.draw_changes import Changes
from inspections.models.draw_lists import conflicts_for, firms_for, officers_for
from inspections.models.draw_rows import DrawConflict, DrawObject, DrawOfficer, DrawPick, DrawSeat
from inspections.models.inspection import TOWN_OFFICE, Inspection
from inspections.models.machine import OFFICERS
from inspections.models.pools import MANY, GradeWeight, Pool

Progress = Callable[[int, int], None]


def quiet(_done: int, _total: int) -> None:
    """For whoever does not watch."""


def second() -> datetime.datetime:
    """Now, in whole seconds: the published file tells no more."""
    return moment.now().replace(microsecond=0)


class DrawQuerySet(models.QuerySet["Draw"]):
    """Scope inside the town, and what anyone may read."""

    def for_user(self, user: Any) -> DrawQuerySet:
        """The town's offices: of their area; a department: its own. Villages and firms: none, a list would tip them off."""
        if user.role in WHOLE_TOWN:
            return self.filter(within("area_id", user.membership.area_id))
        return self.filter(department=user.membership.department_id) if user.role == Role.DEPARTMENT else self.none()

    def for_list(self) -> DrawQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("department", "pool", "configured_by").order_by("-pk")

    def announced(self) -> DrawQuerySet:
        """What anyone may know of: each draw, from its commitment on, newest first. How much of it shows: `is_disclosed`."""
        return self.select_related("redraw_of").order_by("-committed_at", "-pk")


class Draw(Changes):
    """One draw: its two halves of the seed, its frozen lists, its result, and every change with who, why and when."""

    State = machine.State
    TONES = machine.TONES
    MOVES = machine.MOVES

    number = models.CharField("编号", max_length=12, unique=True)
    title = models.CharField("名称", max_length=100)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="抽取单位")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="draws", verbose_name="抽查对象库")
    redraw_of = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="redrawn_as", verbose_name="重抽自")
    redraw_reason = models.CharField("重抽的理由", max_length=300, blank=True)
    n = models.PositiveIntegerField("抽取对象数")
    officers_per_object = models.PositiveSmallIntegerField("每个对象的检查人员", default=2)
    max_per_officer = models.PositiveSmallIntegerField("每人最多对象数", null=True, blank=True)
    visits_from = models.DateField("检查期间自")
    visits_until = models.DateField("检查期间至")
    public_event = models.CharField("公共随机值的来源", max_length=300)
    secret = EncryptedField("密钥")
    commitment = models.CharField("承诺", max_length=64, unique=True)
    committed_at = models.DateTimeField("承诺公布时间")
    configured_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作人")
    weights = models.JSONField("权重", default=dict)
    lists_sha256 = models.CharField("名单摘要", max_length=64, blank=True)
    frozen_at = models.DateTimeField("冻结时间", null=True, blank=True)
    public_value = models.CharField("公共随机值", max_length=200, blank=True)
    public_value_at = models.DateTimeField("公共随机值产生时间", null=True, blank=True)
    drawn_at = models.DateTimeField("抽取时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    witnesses = models.JSONField("见证人", default=list)
    results_in_on = models.DateField("检查完成日期", null=True, blank=True)
    publish_by_on = models.DateField("公布期限", null=True, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)

    objects = DrawQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "双随机抽取"
        indexes = [models.Index(fields=["state", "publish_by_on"], name="draw_state_due")]
        constraints = [
            models.CheckConstraint(condition=models.Q(n__gte=1, officers_per_object__gte=2), name="draw_numbers"),
            models.CheckConstraint(condition=models.Q(max_per_officer=None) | models.Q(max_per_officer__gte=1), name="draw_cap"),
            models.CheckConstraint(condition=models.Q(visits_until__gte=models.F("visits_from")), name="draw_visit_dates"),
            models.CheckConstraint(
                condition=models.Q(frozen_at=None, lists_sha256="")
                | models.Q(frozen_at__gte=models.F("committed_at")) & ~models.Q(lists_sha256=""),
                name="draw_frozen_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(public_value="", public_value_at=None)
                | ~models.Q(public_value="") & models.Q(public_value_at__gt=models.F("frozen_at")),
                name="draw_value_after_freeze",
            ),
            models.CheckConstraint(
                condition=models.Q(drawn_at=None) | models.Q(drawn_at__gte=models.F("public_value_at")), name="draw_after_value"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("configured_by")), name="draw_second_person"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False, results_in_on__isnull=False),
                name="draw_published_at",
            ),
            models.CheckConstraint(condition=models.Q(redraw_of=None) | ~models.Q(redraw_reason=""), name="draw_redraw_reason"),
        ]

    def __str__(self) -> str:
        return f"双随机抽取 {self.number}"

    def get_absolute_url(self) -> str:
        """Its page inside the town."""
        return reverse("draw_detail", args=[self.pk])

    def event_scope(self) -> tuple[int | None, str]:
        """No firm's: not even that there was a draw may reach one before its publication."""
        return None, self.area_id

    # Facts

    @property
    def organ_name(self) -> str:
        """Whose draw it is."""
        return self.department.name if self.department else TOWN_OFFICE

    @property
    def is_disclosed(self) -> bool:
        """Open to anyone."""
        return self.published_at is not None

    @property
    def seed(self) -> str:
        """The seed; "" before the value is known."""
        return drawing.seed_of(self.secret, self.public_value, self.lists_sha256) if self.public_value else ""

    def lists(self) -> dict[str, Any]:
        """The frozen lists as they stand in the database now, in canonical order."""
        objects = self.objects_listed.order_by("key").values("key", "name", "weight", "excluded")  # type: ignore[attr-defined]
        officers = self.officers_listed.order_by("key").values("key", "name", "excluded")  # type: ignore[attr-defined]
        conflicts = self.conflicts_listed.order_by("object", "officer").values("object", "officer", "reason")  # type: ignore[attr-defined]
        return {"objects": list(objects), "officers": list(officers), "conflicts": list(conflicts)}

    def firms_listed(self, words: str = "") -> models.QuerySet[DrawObject]:
        """The firms of the frozen list by key, or those with these words in name or key."""
        rows: models.QuerySet[DrawObject] = self.objects_listed.order_by("key")  # type: ignore[attr-defined]
        return rows.filter(models.Q(name__icontains=words) | models.Q(key__icontains=words)) if words else rows

    def officers_in_order(self) -> models.QuerySet[DrawOfficer]:
        """The officers of the frozen list by key."""
        rows: models.QuerySet[DrawOfficer] = self.officers_listed.order_by("key")  # type: ignore[attr-defined]
        return rows

    def pairs_in_order(self) -> models.QuerySet[DrawConflict]:
        """The pairs that must not meet, by firm, then officer."""
        rows: models.QuerySet[DrawConflict] = self.conflicts_listed.order_by("object", "officer")  # type: ignore[attr-defined]
        return rows

    def drawn_rows(self) -> models.QuerySet[DrawPick]:
        """Everything that was ever drawn, in the order in which it came; what a change took out says by which."""
        rows: Any = self.picks.select_related("listed", "withdrawn_by", "inspection")  # type: ignore[attr-defined]
        found: models.QuerySet[DrawPick] = rows.prefetch_related("seats__officer", "seats__replaced_by").order_by("position")
        return found

    def name_of(self, key: str) -> str:
        """The name that stands beside a key in the frozen lists; the key itself when there is none."""
        for rows in (self.firms_listed(), self.officers_in_order()):
            if found := rows.filter(key=key).first():
                return str(found)
        return key

    def new_result(self, lists: dict[str, Any]) -> drawing.Result:
        """The draw to be made over these lists."""
        rules = {"n": self.n, "officers_per_object": self.officers_per_object, "max_per_officer": self.max_per_officer}
        return drawing.Result(lists, seed=self.seed, **rules)

    def result(self) -> drawing.Result:
        """The result in force: drawn again from the lists, then each approved change in order."""
        result = self.new_result(self.lists())
        result.draw()
        for change in self.changes.applied():  # type: ignore[attr-defined]
            change.apply(result)
        return result

    # How it comes about

    @classmethod
    def configure(cls, *, by: Any, on: datetime.date, pool: Pool, redraw_of: Draw | None = None, **facts: Any) -> Draw:
        """A new draw with its secret; what is public of it from now on is the commitment and the public event.

        `facts`: title, n, officers_per_object, max_per_officer, visits_from, visits_until, public_event, redraw_reason.
        """
        if by.role not in OFFICERS:
            raise PermissionDenied("您的岗位不能组织抽取。")
        if facts["visits_from"] < on:
            raise MoveRefused("检查期间不能从过去开始。")
        if redraw_of and (redraw_of.state != cls.State.VOIDED or not facts.get("redraw_reason")):
            raise MoveRefused("只有作废的抽取可以重抽,并且要写明理由。")
        secret = drawing.new_secret()
        with transaction.atomic():
            row = cls.objects.create(
                number=f"{on.year}-{Counter.take(f'draw:{on.year}'):03d}",
                area_id=pool.area_id,
                department=by.membership.department if by.role == Role.DEPARTMENT else None,
                pool=pool,
                redraw_of=redraw_of,
                secret=secret,
                commitment=drawing.commitment(secret),
                committed_at=second(),
                configured_by=by,
                state=cls.State.CONFIGURED,
                **facts,
            )
            told = {"lines": [f"承诺:{row.commitment}", f"公共随机值:{row.public_event}"]}
            Event.record(row, by=by, on=on, move="open", label="公布承诺", states=("", row.state), data=told, audience=Event.Audience.TOWN)
        return row

    # Who may not

    def guard_enter_value(self, by: Any) -> str:
        """Once."""
        return "公共随机值已经录入,不能修改。" if self.public_value else ""

    def guard_draw(self, by: Any) -> str:
        """After the value."""
        return "" if self.public_value else "还没有录入公共随机值。"

    def guard_confirm(self, by: Any) -> str:
        """Another person than who ran it, and nothing undecided."""
        if by == self.configured_by:
            return "由没有参加抽取操作的人确认。"
        return self.why_undecided()

    def guard_issue_tasks(self, by: Any) -> str:
        """Nothing undecided."""
        return self.why_undecided()

    def guard_publish(self, by: Any) -> str:
        """A second person, and nothing undecided."""
        if by == self.configured_by:
            return "由没有参加抽取操作的人公布。"
        return self.why_undecided()

    def guard_disclose(self, by: Any) -> str:
        """Once, by a second person, when nobody is to be visited any more because of it."""
        if self.is_disclosed:
            return "已经公布。"
        if by == self.configured_by:
            return "由没有参加抽取操作的人公布。"
        return "这次抽取还有没有结束的检查,结束后才能公布。" if self.open_visits().exists() else ""

    # Freeze

    def collect(self, *, by: Any, on: datetime.date, progress: Progress = quiet) -> None:
        """Write both lists and the conflicts as they are now, before the freeze; run again they are written anew.

        Chunk by chunk, each in its own transaction, so that long lists show their progress; nothing counts before `freeze`.
        """
        self.pool.refresh(by=by, on=on)
        self._drop_lists()
        weights = GradeWeight.objects.on(on)
        firms = list(firms_for(self, weights, on))
        officers = list(officers_for(self, by=by, on=on))
        for start in range(0, len(firms), MANY):
            DrawObject.objects.bulk_create(firms[start : start + MANY])
            progress(min(start + MANY, len(firms)), len(firms))
        DrawOfficer.objects.bulk_create(officers)
        listed = {row.enterprise_id: row.key for row in firms}
        DrawConflict.objects.bulk_create(conflicts_for(self, listed, officers, on))

    def _drop_lists(self) -> None:
        if type(self).objects.filter(pk=self.pk, state=self.State.CONFIGURED).exists():
            for rows in (self.objects_listed, self.officers_listed, self.conflicts_listed):  # type: ignore[attr-defined]
                rows.all().delete()

    def freeze(self, *, by: Any, on: datetime.date, note: str = "", progress: Progress = quiet) -> None:
        """Fix both lists; only their digest is public from now on. Refused when there are fewer firms or officers than asked for."""
        if self.state != self.State.CONFIGURED:
            self._move("freeze", by=by, on=on)
        self.collect(by=by, on=on, progress=progress)
        lists = self.lists()
        able = [sum(row["excluded"] is None for row in lists[name]) for name in ("objects", "officers")]
        if able[0] < self.n:
            raise MoveRefused(f"可抽取的企业只有 {able[0]} 家,不够抽 {self.n} 家。")
        if able[1] < self.officers_per_object:
            raise MoveRefused(f"可抽取的检查人员只有 {able[1]} 人,不够每个对象 {self.officers_per_object} 人。")
        digest = drawing.lists_sha256(lists)
        told = {
            "lines": [f"名单摘要:{digest}", f"企业 {len(lists['objects'])} 家,可抽 {able[0]} 家", f"检查人员 {len(lists['officers'])} 人"]
        }
        facts: dict[str, Any] = {"lists_sha256": digest, "frozen_at": second(), "weights": GradeWeight.objects.on(on)}
        self._move("freeze", by=by, on=on, note=note, data=told, audience=Event.Audience.TOWN, **facts)

    # Draw

    def enter_value(self, *, by: Any, on: datetime.date, public_value: str, public_value_at: datetime.datetime, note: str = "") -> None:
        """Record the public value, once; its time lies after the freeze and not ahead of now."""
        at = public_value_at.replace(microsecond=0)
        if self.frozen_at and at <= self.frozen_at:
            raise MoveRefused("公共随机值必须产生在名单冻结之后,否则不能用。")
        if at > moment.now():
            raise MoveRefused("公共随机值的产生时间不能晚于现在。")
        told = {"lines": [f"公共随机值:{public_value}"]}
        facts: dict[str, Any] = {"public_value": public_value, "public_value_at": at}
        self._move("enter_value", by=by, on=on, note=note, data=told, audience=Event.Audience.TOWN, **facts)

    def draw(self, *, by: Any, on: datetime.date, progress: Progress = quiet) -> None:
        """Draw: the lists must still have the digest that was published, the secret its commitment."""
        lists = self.lists()
        if drawing.lists_sha256(lists) != self.lists_sha256:
            raise MoveRefused("名单与冻结时公布的摘要不一致,不能抽取。请申请作废,并查明谁改了名单。")
        if drawing.commitment(self.secret) != self.commitment:
            raise MoveRefused("密钥与公布的承诺不一致,不能抽取。请申请作废,并查明原因。")
        if problem := self.guard_draw(by):
            raise MoveRefused(problem)
        result = self.new_result(lists)
        for pick in result.steps():
            progress(len(result.picks), self.n)
            del pick
        with transaction.atomic():
            self._move("draw", by=by, on=on, drawn_at=second(), audience=Event.Audience.TOWN)
            self._keep(result)

    def _keep(self, result: drawing.Result) -> None:
        objects = {row.key: row for row in self.objects_listed.filter(key__in=[p.object for p in result.picks])}  # type: ignore[attr-defined]
        officers = {row.key: row for row in self.officers_listed.all()}  # type: ignore[attr-defined]
        for position, pick in enumerate(result.picks, start=1):
            self.keep_pick(pick, position, objects[pick.object], officers)

    def keep_pick(self, pick: drawing.Pick, position: int, listed: DrawObject, officers: dict[str, DrawOfficer]) -> DrawPick:
        """Write one drawn object with its officers."""
        row = DrawPick.objects.create(draw=self, listed=listed, position=position, ticket=pick.ticket)
        seats = [DrawSeat(pick=row, officer=officers[key], ticket=ticket) for ticket, key in pick.officers]
        DrawSeat.objects.bulk_create(seats)
        return row

    # After

    def confirm(self, *, by: Any, on: datetime.date, witnesses: list[str], note: str = "") -> None:
        """A second person confirms the result before at least two witnesses, named."""
        if len(set(witnesses)) < 2:
            raise MoveRefused("请写明两名以上见证人。")
        told = {"lines": [f"见证人:{'、'.join(witnesses)}"]}
        facts: dict[str, Any] = {"confirmed_by": by, "witnesses": witnesses}
        self._move("confirm", by=by, on=on, note=note, data=told, audience=Event.Audience.TOWN, **facts)

    def publish(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Open everything: lists, secret, value, result and changes, for ever."""
        self._move("publish", by=by, on=on, note=note, audience=Event.Audience.TOWN, published_at=second())

    def disclose(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The same of a void draw."""
        self._move("disclose", by=by, on=on, note=note, audience=Event.Audience.TOWN, published_at=second())

    def finish(self, *, by: Any, on: datetime.date) -> None:
        """The last visit is done or cancelled: from this day runs the time to publish."""
        due = clock.due_on("publication.due", on)
        self._move("finish", by=by, on=on, audience=Event.Audience.TOWN, results_in_on=on, publish_by_on=due)

    def open_visits(self) -> Any:
        """Inspections of this draw that are neither closed nor cancelled."""
        return Inspection.objects.filter(pick__draw=self).open()
