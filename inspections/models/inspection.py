"""The visit: planned, approved, announced, made by two officers, recorded, followed up, closed (R43, R70–R72, workflows §7)."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, User
from accounts.roles import MANAGERS, WHOLE_TOWN, Role
from core import moment
from core.models import Counter, Event, MoveRefused
from documents.models import Document
from enterprises.models import Enterprise, Membership
from inspections.models import machine
from inspections.models.guard import override_lines, weigh
from inspections.models.items import JointParty
from inspections.models.loop import Loop
from inspections.models.results import Disclosed
from inspections.models.visit import Visit

TOWN_OFFICE = "镇应急办"


def new_entry_code() -> str:
    """What the firm scans at the gate: 80 random bits."""
    return secrets.token_hex(10)


class InspectionQuerySet(models.QuerySet["Inspection"]):
    """Scope and derived states."""

    def for_user(self, user: Any) -> InspectionQuerySet:
        """Town: of visible enterprises; villages once it began. Managers: of their firm, once announced or begun."""
        rows = self.filter(enterprise__in=Enterprise.objects.for_user(user))
        if user.role in WHOLE_TOWN or user.role == Role.DEPARTMENT:
            return rows
        if user.role == Role.VILLAGE:
            return rows.filter(state__in=machine.VISITED)
        if user.role in MANAGERS:
            return rows.filter(models.Q(state__in=machine.VISITED) | models.Q(noticed_on__isnull=False))
        return rows.none()

    def for_list(self) -> InspectionQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "department").prefetch_related("officers__user").order_by("-planned_on", "-pk")

    def open(self) -> InspectionQuerySet:
        """Neither closed nor cancelled."""
        return self.filter(state__in=machine.OPEN)

    def by_code(self, code: str) -> InspectionQuerySet:
        """What the firm's entry code shows: nothing before the visit was announced or begun, and nothing of older papers."""
        told = models.Q(state__in=machine.VISITED) | models.Q(noticed_on__isnull=False)
        return self.filter(told, entry_code=code, is_carried=False)

    def of_unit(self, department: Any) -> InspectionQuerySet:
        """Of this unit, or joined by it; None is the town's emergency office."""
        joined = JointParty.objects.filter(department=department).values("inspection")
        return self.filter(models.Q(department=department) | models.Q(pk__in=joined))

    def mine(self, user: Any) -> InspectionQuerySet:
        """Those this person is an officer of."""
        return self.filter(officers__user=user)

    def report_overdue(self, today: datetime.date) -> InspectionQuerySet:
        """Something is to be reported to the district, and its last day has passed."""
        return self.filter(reported_on=None, report_by_on__lt=today)

    def result_owed(self) -> InspectionQuerySet:
        """Its result is owed to the public and not public yet: undrafted, or on its way."""
        public = self._results().public().filter(inspection=models.OuterRef("pk"))
        return self.filter(~models.Exists(public), publish_by_on__isnull=False, result_waiver="")

    def result_undrafted(self) -> InspectionQuerySet:
        """Nobody has drafted the publication it owes."""
        standing = self._results().standing().filter(inspection=models.OuterRef("pk"))
        return self.result_owed().exclude(models.Exists(standing))

    def result_late(self, today: datetime.date) -> InspectionQuerySet:
        """Not public, and its last day has passed."""
        return self.result_owed().filter(publish_by_on__lt=today)

    def without_clock(self) -> InspectionQuerySet:
        """Closed, and without a last day to publish: the task asks again, for a rule may have come, or the day it runs from."""
        rows = self.filter(state=machine.State.CLOSED, is_carried=False, publish_by_on=None)
        return rows.exclude(kind=machine.Kind.RECHECK, findings=None)

    def _results(self) -> Any:
        return self.model._meta.get_field("results").related_model.objects


class Inspection(Visit, Loop, Disclosed):
    """One visit of a firm, of one kind, by one unit or by several together."""

    Kind = machine.Kind
    State = machine.State
    TONES = machine.TONES
    MOVES = machine.MOVES

    number = models.CharField("编号", max_length=20, unique=True)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="inspections", verbose_name="企业")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="inspections", verbose_name="检查单位")
    kind = models.CharField("检查类型", max_length=12, choices=machine.Kind)
    order = models.ForeignKey(
        "inspections.Order", models.PROTECT, null=True, blank=True, related_name="rechecks", verbose_name="复查的指令书"
    )
    basis = models.CharField("检查依据和来由", max_length=300)
    campaign_approval = models.CharField("专项检查批准文号", max_length=100, blank=True)
    complaint_channel = models.CharField("投诉来源", max_length=20, blank=True)
    complaint_number = models.CharField("转办单号", max_length=60, blank=True)
    return_by_on = models.DateField("转办件回复期限", null=True, blank=True)
    planned_on = models.DateField("计划检查日期")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟定人")
    content = models.CharField("检查内容", max_length=500, blank=True)
    method = models.CharField("检查方式", max_length=200, blank=True)
    equipment = models.CharField("检查装备", max_length=200, blank=True)
    is_unannounced = models.BooleanField("不通知即检", default=False)
    unannounced_reason = models.CharField("不通知的理由", max_length=300, blank=True)
    warnings = models.JSONField("安排时的提醒", default=list, blank=True)
    override_reason = models.CharField("仍要检查的理由", max_length=300, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="方案批准人"
    )
    approved_on = models.DateField("方案批准日期", null=True, blank=True)
    noticed_on = models.DateField("通知日期", null=True, blank=True)
    ready_at = models.DateTimeField("企业表示可以提前", null=True, blank=True)
    ready_note = models.CharField("企业的话", max_length=200, blank=True)
    entry_code = models.CharField("入企码", max_length=24, unique=True, default=new_entry_code)
    rated_at = models.DateTimeField("企业已评价", null=True, blank=True)
    is_carried = models.BooleanField("由纸质档案补录", default=False)
    paper_number = models.CharField("原纸质编号", max_length=80, blank=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "执法检查"
        indexes = [
            models.Index(fields=["enterprise", "state", "planned_on"], name="inspection_enterprise_state"),
            models.Index(fields=["state", "planned_on"], name="inspection_state_planned"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="recheck", order__isnull=False) | ~models.Q(kind="recheck") & models.Q(order=None),
                name="inspection_recheck_has_order",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None, approved_on=None) | models.Q(approved_by__isnull=False, approved_on__isnull=False),
                name="inspection_approved_pair",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("planned_by")), name="inspection_approver_not_planner"
            ),
            models.CheckConstraint(
                condition=models.Q(is_unannounced=False) | ~models.Q(unannounced_reason=""), name="inspection_unannounced_reason"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=(*machine.VISITED,)) | models.Q(visited_on__isnull=False), name="inspection_visited_on"
            ),
            models.CheckConstraint(condition=models.Q(is_carried=False) | ~models.Q(paper_number=""), name="inspection_carried_number"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(state__in=(*machine.BEFORE, "in_progress")), name="inspection_one_open_recheck"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.enterprise.name} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        """The visit's page."""
        return reverse("inspection_detail", args=[self.pk])

    # Facts

    @property
    def organ_name(self) -> str:
        """Which unit goes: a department, or the town's emergency office."""
        return self.department.name if self.department else TOWN_OFFICE

    @property
    def is_overdue(self) -> bool:
        """Planned for a day that has passed."""
        return self.state in machine.BEFORE and self.planned_on < timezone.localdate()

    @property
    def is_day_told(self) -> bool:
        """Whether a firm that was told of the visit may know its planned day: not between a change of plan and the new notice."""
        return self.state not in machine.BEFORE or self.state == machine.State.NOTICED

    def is_report_overdue(self, today: datetime.date) -> bool:
        """Something is to be reported to the district, and its last day has passed."""
        return self.reported_on is None and self.report_by_on is not None and self.report_by_on < today

    def officer_of(self, user: Any) -> Any:
        """This person's part in the visit, or None."""
        return next((row for row in self.officers.all() if row.user_id == user.pk), None)  # type: ignore[attr-defined]

    # How it comes about

    @classmethod
    def open_new(cls, *, by: Any, on: datetime.date, officers: Collection[Any], lines: Collection[str] = (), **facts: Any) -> Inspection:
        """A visit with its number, officers and items, not asking the guard: see `inspections.actions.plan_visit`. In the caller's transaction."""
        if facts["planned_on"] < on:
            raise MoveRefused("计划检查日期不能早于今天。")
        number = f"XC{on.year}-{Counter.take(f'inspection:{on.year}'):06d}"
        row = cls.objects.create(number=number, planned_by=by, state=cls.State.PLANNED, **facts)
        told: dict[str, Any] = {"note": row.basis, "data": {"lines": list(lines)}, "audience": Event.Audience.TOWN}
        Event.record(row, by=by, on=on, move="open", label="登记", states=("", row.state), **told)
        row.name_officers(officers)
        row.choose_items(on=row.planned_on)
        return row

    @classmethod
    def begin_recheck(cls, order: Any, *, by: Any, on: datetime.date, planned_on: datetime.date, officers: Collection[Any]) -> Inspection:
        """The visit that looks whether an order was obeyed; its items are the order's lines. In the caller's transaction."""
        facts = {"enterprise": order.enterprise, "kind": cls.Kind.RECHECK, "order": order, "basis": f"复查 {order.printed_number}"}
        return cls.open_new(by=by, on=on, planned_on=planned_on, officers=officers, **facts)

    def event_scope(self) -> tuple[int | None, str]:
        """As of its enterprise."""
        return self.enterprise_id, self.enterprise.area_id

    def name_officers(self, people: Collection[Any]) -> None:
        """These go, the first one leading; in the caller's transaction."""
        self._check_officers(people)
        self.officers.all().delete()  # type: ignore[attr-defined]
        for position, person in enumerate(people):
            self.officers.create(user=person, is_lead=not position)  # type: ignore[attr-defined]
        self._prefetched_objects_cache = {}

    def _check_officers(self, people: Collection[Any]) -> None:
        held = Membership.objects.current().filter(role__in=sorted(machine.OFFICERS), user__in=[p.pk for p in people])
        if len({m.user_id for m in held}) != len({p.pk for p in people}):
            raise MoveRefused("检查人员须是本镇在岗的执法人员或行业主管部门人员;村居、网格员和第三方的活动请登记为走访。")

    # Who may not

    def certificates_missing(self, day: datetime.date) -> list[str]:
        """Names of the officers without a certificate valid on that day."""
        return [row.user.name for row in self.officers.select_related("user") if row.user.certificate_on(day) is None]  # type: ignore[attr-defined]

    def why_not_two(self, day: datetime.date) -> str:
        """Two officers at least, each with a certificate valid that day (行政处罚法2021 §42); else the sentence."""
        if self.officers.count() < 2:  # type: ignore[attr-defined]
            return "执法检查要有两名以上检查人员,请先补足。"
        missing = self.certificates_missing(day)
        return f"{'、'.join(missing)}在 {day:%Y-%m-%d} 没有有效的执法证,不能参加检查。" if missing else ""

    def guard_submit_scheme(self, by: Any) -> str:
        """Two certified officers and something to look at; the plan's own people."""
        if self.kind in machine.WITHOUT_SCHEME:
            return "整改复查和事故检查不需要检查方案,到场后直接开始。"
        if not self._is_one_of(by):
            return "由拟定人或参加检查的人员提交。"
        if not self.items.exists():  # type: ignore[attr-defined]
            return "还没有检查项目,请先选择检查要点。"
        return self.why_not_two(self.planned_on)

    def guard_approve_scheme(self, by: Any) -> str:
        """Another person than who drew it up, and with two officers still."""
        return "方案不能由拟定人自己批准。" if by == self.planned_by else self.why_not_two(self.planned_on)

    def guard_replan(self, by: Any) -> str:
        """Its own people; once announced an inspector, whose notice falls with the plan."""
        if not self._is_one_of(by):
            return "由拟定人或参加检查的人员改期换人。"
        is_bound = self.state == machine.State.NOTICED and by.role != Role.INSPECTOR
        return "已经通知企业,通知书要同时作废,请参加检查的执法人员改期换人。" if is_bound else ""

    def why_not_choose(self, by: Any) -> str:
        """Its own people choose the items and share them out; else the sentence."""
        return "" if self._is_one_of(by) else "由拟定人或参加检查的人员选定检查项目。"

    def guard_join(self, by: Any) -> str:
        """Another unit than those that go already; a re-check looks at its order alone."""
        if self.order_id is not None:
            return "整改复查只查指令书的整改项,不能并入。"
        mine = by.membership.department_id if by.role == Role.DEPARTMENT else None
        going = {self.department_id, *self.parties.values_list("department", flat=True)}  # type: ignore[attr-defined]
        return "您的单位已经在这次检查里。" if mine in going else ""

    def guard_say_ready(self, by: Any) -> str:
        """Once."""
        return "已经告诉过检查人员。" if self.ready_at else ""

    def guard_abort(self, by: Any) -> str:
        """Its own people, or the leader."""
        return "" if by.role == Role.LEADER or self._is_one_of(by) else "由拟定人、参加检查的人员或领导取消。"

    def _is_one_of(self, by: Any) -> bool:
        return by == self.planned_by or self.officer_of(by) is not None

    # Verbs before the visit

    def submit_scheme(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Ask for approval (R48)."""
        self._move("submit_scheme", by=by, on=on, note=note, audience=Event.Audience.TOWN)

    def approve_scheme(
        self, *, by: Any, on: datetime.date, note: str = "", is_unannounced: bool = False, unannounced_reason: str = ""
    ) -> None:
        """Approve it, with its reason against the warnings; a visit without notice needs its own reason (国办发〔2024〕54号).

        Without notice only where the firm was never told.
        """
        if is_unannounced and not unannounced_reason:
            raise MoveRefused("不通知即检要写明理由。")
        if is_unannounced and self.noticed_on:
            raise MoveRefused("企业已经知道这次检查,不能再改为不通知即检。")
        lines = [f"同意仍要检查:{self.override_reason}"] if self.override_reason else []
        lines += [f"不通知即检:{unannounced_reason}"] if is_unannounced else []
        facts: dict[str, Any] = {
            "approved_by": by,
            "approved_on": on,
            "is_unannounced": is_unannounced,
            "unannounced_reason": unannounced_reason,
        }
        self._move("approve_scheme", by=by, on=on, note=note, data={"lines": lines}, audience=Event.Audience.TOWN, **facts)

    def return_scheme(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Send it back, and why."""
        self._move("return_scheme", by=by, on=on, note=note, audience=Event.Audience.TOWN)

    def replan(
        self, *, by: Any, on: datetime.date, planned_on: datetime.date, officers: Collection[Any], note: str, override_reason: str = ""
    ) -> None:
        """Another day or other officers: past the guard again (R72), approved and announced anew; the old notice is void.

        Until then a firm that was told reads no new day, and what it said of the old one counts no more.
        """
        if planned_on < on:
            raise MoveRefused("计划检查日期不能早于今天。")
        lines = [f"日期:{self.planned_on:%Y-%m-%d} → {planned_on:%Y-%m-%d}", f"检查人员:{'、'.join(person.name for person in officers)}"]
        if why := self.why_not_these(officers):
            raise MoveRefused(why)
        with transaction.atomic():
            weighed = weigh(self.enterprise, planned_on, self.kind, override_reason, beside=self)
            told = self._told_of_change([*lines, *override_lines(weighed)], by=by, on=on)
            anew: dict[str, Any] = {"approved_by": None, "approved_on": None, "is_unannounced": False, "unannounced_reason": ""}
            self._move("replan", by=by, on=on, note=note, planned_on=planned_on, ready_at=None, ready_note="", **told, **anew, **weighed)
            self.name_officers(officers)
            self.renew_bases(planned_on)
            for notice in Document.objects.valid().of(self).filter(kind__code="CHECK_NOTICE"):
                notice.void(by=by, on=on, reason=f"检查改期换人:{note}")

    def why_not_these(self, people: Collection[Any]) -> str:
        """Drawn officers stay; whoever joins comes beside them. "" when these people may go, else the sentence (R49)."""
        pick = getattr(self, "pick", None)
        drawn = {seat.officer.user_id for seat in pick.seats.filter(replaced_by=None).select_related("officer")} if pick else set()
        gone = drawn - {person.pk for person in people}
        return "双随机抽中的检查人员不能自行更换,请在抽取的页面申请替换。" if gone else ""

    def take_drawn_officers(self, *, by: Any, on: datetime.date, people: Collection[Any], note: str) -> None:
        """The draw replaced an officer: the visit goes with the new ones, its scheme approved anew.

        A firm that was told learns only that others come; why is the town's own.
        """
        lines = [f"检查人员:{'、'.join(person.name for person in people)}", note]
        anew: dict[str, Any] = {"approved_by": None, "approved_on": None, "is_unannounced": False, "unannounced_reason": ""}
        with transaction.atomic():
            told = self._told_of_change(lines, by=by, on=on)
            self._move("take_drawn_officers", by=by, on=on, ready_at=None, ready_note="", **told, **anew)
            self.name_officers(people)
            for notice in Document.objects.valid().of(self).filter(kind__code="CHECK_NOTICE"):
                notice.void(by=User.objects.system(), on=on, reason="检查人员调整,另行通知。")

    def _told_of_change(self, lines: list[str], *, by: Any, on: datetime.date) -> dict[str, Any]:
        """What the Event of a change of plan holds: all of it for the town; for a firm that was told only that a new notice comes."""
        if self.noticed_on is None:
            return {"data": {"lines": lines}, "audience": Event.Audience.TOWN}
        self._tell(by, on, "change_plan", "改期换人的内容", lines)
        return {"data": {"lines": ["原通知书作废,新的日期以新的通知书为准。"]}}

    def join(self, *, by: Any, on: datetime.date, note: str, officers: Collection[Any] = ()) -> None:
        """Another unit comes along: one date, each item with its owner; the scheme is approved anew (R72, R85)."""
        department = by.membership.department if by.role == Role.DEPARTMENT else None
        name = department.name if department else TOWN_OFFICE
        with transaction.atomic():
            facts: dict[str, Any] = {"approved_by": None, "approved_on": None}
            self._move("join", by=by, on=on, note=note, data={"lines": [f"参加单位:{name}"]}, audience=Event.Audience.TOWN, **facts)
            self.parties.create(department=department, joined_by=by, joined_on=on, note=note)  # type: ignore[attr-defined]
            self._check_officers(officers)
            known = set(self.officers.values_list("user", flat=True))  # type: ignore[attr-defined]
            for person in officers:
                if person.pk not in known:
                    self.officers.create(user=person)  # type: ignore[attr-defined]

    def notify(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The notice is issued: the firm sees the visit from now on."""
        self._move("notify", by=by, on=on, note=note, noticed_on=on)

    def lose_notice(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The notice was voided: the firm counts as not told, and is to be told anew."""
        gone: dict[str, Any] = {"noticed_on": None, "ready_at": None, "ready_note": ""}
        self._move("lose_notice", by=by, on=on, note=note, audience=Event.Audience.TOWN, **gone)

    def say_ready(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The firm is ready before the day; the officers decide."""
        self._move("say_ready", by=by, on=on, note=note, ready_at=moment.now(), ready_note=note[:200])

    def abort(self, *, by: Any, on: datetime.date, note: str) -> None:
        """It does not take place, or was broken off, and why."""
        audience = Event.Audience.ALL if self.noticed_on or self.visited_on else Event.Audience.TOWN
        self._move("abort", by=by, on=on, note=note, audience=audience)
