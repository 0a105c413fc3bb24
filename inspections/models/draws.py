"""双随机抽取: committed, frozen, drawn with a value nobody of us chooses, changed only with a trace, published whole (R49, B1)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import Area, Department
from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core import clock
from core.fields import EncryptedField
from core.models import Counter, Event, Job, MoveRefused
from inspections import drawing
from inspections.models import draw_machine as machine
from inspections.models.draw_changes import DrawChange
from inspections.models.draw_making import Making, second
from inspections.models.draw_rows import DrawConflict, DrawObject, DrawOfficer, DrawPick, DrawSeat, by_ticket
from inspections.models.inspection import TOWN_OFFICE, Inspection
from inspections.models.machine import OFFICERS
from inspections.models.pools import Pool

OPERATING = ("open", "freeze", "start_freeze", "enter_value", "draw", "start_draw")


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

    def known_as(
        self, *, firm: str = "", q: str = "", since: datetime.date | None = None, until: datetime.date | None = None
    ) -> DrawQuerySet:
        """Those a stranger asks for: by a firm drawn or by title only once they are open; by number; by the days of the commitment."""
        rows = self
        if firm:
            drawn = DrawPick.objects.filter(listed__name__icontains=firm)
            rows = rows.filter(published_at__isnull=False, pk__in=drawn.values("draw"))
        if q:
            rows = rows.filter(models.Q(number__icontains=q) | models.Q(published_at__isnull=False, title__icontains=q))
        days = {"committed_at__date__gte": since, "committed_at__date__lte": until}
        return rows.filter(**{lookup: day for lookup, day in days.items() if day})

    def asking(self) -> DrawQuerySet:
        """With a replacement or void that waits for its approval."""
        return self.filter(pk__in=DrawChange.objects.pending().values("draw"))

    def to_publish(self) -> DrawQuerySet:
        """Nothing is to be visited any more and the public does not know it yet; void ones too, after what was drawn instead."""
        anew_is_public = models.Q(redrawn_as=None) | models.Q(redrawn_as__published_at__isnull=False)
        done = models.Q(state=machine.State.RESULTS_IN) | models.Q(state=machine.State.VOIDED, published_at=None) & anew_is_public
        return self.filter(done)

    def publish_late(self, today: datetime.date) -> DrawQuerySet:
        """Not published by the day the rule sets."""
        return self.filter(state=machine.State.RESULTS_IN, publish_by_on__lt=today)

    def disclosed(self) -> DrawQuerySet:
        """Open to anyone with all that belongs to it."""
        return self.exclude(published_at=None).order_by("-pk")


class Draw(Making):
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
    plan_item = models.ForeignKey(
        "inspections.PlanItem", models.PROTECT, null=True, blank=True, related_name="draws", verbose_name="年度计划项"
    )
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
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务")

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
            models.UniqueConstraint(
                fields=["plan_item"],
                condition=models.Q(plan_item__isnull=False) & ~models.Q(state="voided"),
                name="draw_plan_item_once",
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
    def shows_order(self) -> bool:
        """Whether the offices may read every ticket: not while a replacement is possible, nobody may choose by who comes next."""
        return self.state not in machine.CHANGEABLE

    @property
    def is_publish_late(self) -> bool:
        """Not published by the day the rule sets."""
        return self.state == self.State.RESULTS_IN and self.publish_by_on is not None and self.publish_by_on < timezone.localdate()

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

    def as_drawn(self) -> list[tuple[DrawPick, list[DrawSeat]]]:
        """Everything that was ever drawn as it is on record, by position: each object with the officers with whom it came in."""
        changes: Any = self.changes.applied().filter(kind=DrawChange.Kind.OFFICER)  # type: ignore[attr-defined]
        later = set(changes.values_list("object", "replacement"))
        return [
            (pick, [seat for seat in by_ticket(pick.seats.all()) if (pick.listed.key, seat.officer.key) not in later])  # type: ignore[attr-defined]
            for pick in self.drawn_rows()
        ]

    @cached_property
    def names_changed(self) -> dict[str, str]:
        """{key: name in the frozen lists} of all that the changes are about, so that a page of many asks once."""
        changes = self.changes.values_list("object", "officer", "replacement")  # type: ignore[attr-defined]
        keys = {key for row in changes for key in row}
        return {row.key: row.name for rows in (self.officers_in_order(), self.firms_listed()) for row in rows.filter(key__in=keys)}

    def name_of(self, key: str) -> str:
        """The name that stands beside a key in the frozen lists; the key itself when there is none."""
        if key in self.names_changed:
            return self.names_changed[key]
        for rows in (self.firms_listed(), self.officers_in_order()):
            if found := rows.filter(key=key).first():
                return str(found)
        return key

    def new_result(self, lists: dict[str, Any]) -> drawing.Result:
        """The draw to be made over these lists."""
        rules: dict[str, Any] = {"n": self.n, "officers_per_object": self.officers_per_object, "max_per_officer": self.max_per_officer}
        return drawing.Result(lists, seed=self.seed, **rules)

    def result(self) -> drawing.Result:
        """The result in force: drawn again from the lists as frozen, then each approved change in order."""
        result = self.new_result(self.whole_lists())
        result.draw()
        for change in self.changes.applied():  # type: ignore[attr-defined]
            change.apply(result)
        return result

    def checked_result(self) -> drawing.Result:
        """The same; MoveRefused when it is not what is on record, however the record was changed."""
        result = self.result()
        held = {pick.listed.key: sorted(seat.officer.key for seat in pick.seats_now) for pick in self.standing()}
        if held != {pick.object: sorted(key for _, key in pick.officers) for pick in result.picks}:
            raise MoveRefused("记录的抽取结果与按名单重算的不同,不能办理。请申请作废,并查明谁改了记录。")
        return result

    # How it comes about

    @classmethod
    def configure(
        cls, *, by: Any, on: datetime.date, pool: Pool, redraw_of: Draw | None = None, share: int | None = None, **facts: Any
    ) -> Draw:
        """A new draw with its secret; what is public of it from now on is the commitment and the public event.

        `facts`: title, n, officers_per_object, max_per_officer, visits_from, visits_until, public_event, redraw_reason, plan_item:
        a random item of the yearly plan, which it fulfils whole.
        `share` says in the story of how many in a hundred the n was made.
        """
        if by.role not in OFFICERS:
            raise PermissionDenied("您的岗位不能组织抽取。")
        if facts["visits_from"] < on:
            raise MoveRefused("检查期间不能从过去开始。")
        if redraw_of and (redraw_of.state != cls.State.VOIDED or not facts.get("redraw_reason")):
            raise MoveRefused("只有作废的抽取可以重抽,并且要写明理由。")
        secret = drawing.new_secret()
        with transaction.atomic():
            # One after the other: of two who draw anew at once, or for one item of the plan, the second is told.
            for held in (redraw_of, facts.get("plan_item")):
                if held is not None:
                    type(held)._base_manager.select_for_update(of=("self",)).get(pk=held.pk)
            if redraw_of and cls.objects.filter(redraw_of=redraw_of).exists():
                raise MoveRefused("这次抽取已经重抽过。")
            if why := why_not_item(facts.get("plan_item"), facts["n"]):
                raise MoveRefused(why)
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
            told = {"lines": [f"承诺:{row.commitment}", f"公共随机值的来源:{row.public_event}", row.rule_words(share)]}
            Event.record(row, by=by, on=on, move="open", label="公布承诺", states=("", row.state), data=told, audience=Event.Audience.TOWN)
        return row

    def rule_words(self, share: int | None = None) -> str:
        """How many of what, in a sentence."""
        of = f"(库里企业的 {share}%)" if share else ""
        cap = f",每人最多 {self.max_per_officer} 家" if self.max_per_officer else ""
        return f"从“{self.pool.name}”抽 {self.n} 家{of},每家 {self.officers_per_object} 名检查人员{cap}"

    # Who may not

    def was_run_by(self, person: Any) -> bool:
        """Whether this person had a hand in it: whoever holds two posts does not confirm or publish in one what he did in the other."""
        return person == self.configured_by or Event.objects.of(self).filter(by=person, move__in=OPERATING).exists()

    def guard_confirm(self, by: Any) -> str:
        """Another person than who ran it, and nothing undecided."""
        return "由没有参加抽取操作的人确认。" if self.was_run_by(by) else self.why_undecided()

    def guard_publish(self, by: Any) -> str:
        """A second person, and nothing undecided."""
        return "由没有参加抽取操作的人公布。" if self.was_run_by(by) else self.why_undecided()

    def guard_disclose(self, by: Any) -> str:
        """Once, by a second person, when nobody is to be visited any more because of it, nor of what was drawn instead: from the same lists."""
        if self.is_disclosed:
            return "已经公布。"
        if self.was_run_by(by):
            return "由没有参加抽取操作的人公布。"
        anew = getattr(self, "redrawn_as", None)
        if anew is not None and not anew.is_disclosed:
            return f"重抽({anew.number})还没有公布,名单可能相同,要等重抽公布后才能公布。"
        return "这次抽取还有没有结束的检查,结束后才能公布。" if self.open_visits().exists() else ""

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
        self.check_move("finish", by)
        due = clock.due_on("publication.due", on)
        self._move("finish", by=by, on=on, audience=Event.Audience.TOWN, results_in_on=on, publish_by_on=due)

    def open_visits(self) -> Any:
        """Inspections of this draw that are neither closed nor cancelled."""
        return Inspection.objects.filter(pick__draw=self).open()


def why_not_item(item: Any, n: int) -> str:
    """Why a draw of n firms cannot fulfil this item of the yearly plan; "" when it can, and without an item."""
    if item is None:
        return ""
    if item.state != item.State.PLANNED or item.draws.exclude(state=machine.State.VOIDED).exists():
        return "这个计划项已经安排过抽取,请刷新后重新选择。"
    return "" if item.count == n else f"计划项是抽查 {item.count} 户,抽取家数要一致;要分几次抽的,请先在计划里分成几项。"
