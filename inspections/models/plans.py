"""The yearly inspection plan of one unit: reckoned in working days, approved, filed, executed, adjusted, closed (R48, R63, workflows §5)."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Area, Department
from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core.models import Event, MoveRefused
from core.workdays import count_workdays
from documents.models import Document
from inspections.models import plan_machine
from inspections.models.adjusting import Adjusting
from inspections.models.inspection import TOWN_OFFICE
from inspections.models.plan_items import TOWN, PlanItem
from inspections.models.plan_keys import Must, musts

SHOWN_NAMES = 5
STANDING = ("approved", "filed", "adjusting", "closed")
LAST_MONTH = 12


def names_of(names: Collection[str]) -> str:
    """The first few names of a list, and how many there are."""
    listed = list(names)
    return f"{'、'.join(listed[:SHOWN_NAMES])}{f'等 {len(listed)} 家' if len(listed) > SHOWN_NAMES else ''}"


class InspectionPlanQuerySet(models.QuerySet["InspectionPlan"]):
    """Scope, and which plan a visit belongs to."""

    def for_user(self, user: Any) -> InspectionPlanQuerySet:
        """Town offices: of their area. Departments: of their town, so that plans are made together (渝条例2015 §37).

        Nobody else: a plan tells of visits to come.
        """
        if user.role in WHOLE_TOWN:
            return self.filter(within("area_id", user.membership.area_id))
        return self.filter(area=user.membership.department.area_id) if user.role == Role.DEPARTMENT else self.none()

    def for_list(self) -> Any:
        """With what a list shows, the newest year first: `printed` is the number of its paper, `total` and `done` count visits."""
        items = PlanItem.objects.live().filter(plan=models.OuterRef("pk")).order_by().values("plan")
        counted = {"total": items, "done": items.filter(state=PlanItem.State.DONE)}
        sums = {name: models.Subquery(rows.annotate(n=models.Sum("count")).values("n")) for name, rows in counted.items()}
        papers = Document.objects.valid().filter(subject_model="inspections.inspectionplan", subject_pk=models.OuterRef("pk"))
        printed = models.Subquery(papers.filter(kind__code="PLAN").order_by("-pk").values("number")[:1])
        rows = self.select_related("department", "drafted_by").annotate(printed=printed, **sums)
        return rows.order_by("-year", models.F("department").asc(nulls_first=True), "-pk")

    def of_unit(self, area: str, department: Any, year: int) -> InspectionPlanQuerySet:
        """Of this unit and year, those not void; None is the town's emergency office."""
        rows = self.filter(area=area, department=department, year=year)
        return rows.exclude(state=plan_machine.PlanState.VOIDED)

    def executing(self) -> InspectionPlanQuerySet:
        """Filed, and not closed."""
        return self.filter(state__in=plan_machine.EXECUTING)


class InspectionPlan(Adjusting):
    """What one unit means to inspect in one year: its working days, its items, and what became of them."""

    State = plan_machine.PlanState
    TONES = plan_machine.PLAN_TONES
    MOVES = plan_machine.PLAN_MOVES
    # Person-days that are taken off: field, and the word of the row.
    OFF = (
        ("other_days", "其他执法工作日"),
        ("training_days", "培训学习"),
        ("leave_days", "休假"),
        ("meeting_days", "会议、公文等非执法工作"),
    )

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="镇街")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="inspection_plans", verbose_name="部门")
    year = models.PositiveSmallIntegerField("年度")
    goals = models.CharField("总体要求", max_length=1000, blank=True)
    content = models.CharField("检查重点", max_length=1000, blank=True)
    funds = models.CharField("经费和装备保障", max_length=500, blank=True)
    officers = models.PositiveSmallIntegerField("执法人员数", validators=[MinValueValidator(1)])
    statutory_days = models.PositiveSmallIntegerField("全年法定工作日", null=True, blank=True)
    other_days = models.PositiveSmallIntegerField("其他执法工作日(人·日)", default=0)
    training_days = models.PositiveSmallIntegerField("培训学习(人·日)", default=0)
    leave_days = models.PositiveSmallIntegerField("休假(人·日)", default=0)
    meeting_days = models.PositiveSmallIntegerField("会议、公文等(人·日)", default=0)
    days_per_visit = models.DecimalField("每次检查用工(人·日)", max_digits=4, decimal_places=1, default=Decimal("4.0"))
    over_reason = models.CharField("超过可检查次数的理由", max_length=300, blank=True)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟制人")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    approved_on = models.DateField("批准日期", null=True, blank=True)
    approved_visits = models.PositiveIntegerField("批准的次数", default=0)
    filed_on = models.DateField("备案日期", null=True, blank=True)
    receipt_number = models.CharField("区备案回执号", max_length=80, blank=True)
    closed_on = models.DateField("结束日期", null=True, blank=True)

    objects = InspectionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监督检查计划"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "year"], condition=~models.Q(state="voided") & models.Q(department=None), name="inspection_plan_of_town"
            ),
            models.UniqueConstraint(
                fields=["area", "department", "year"],
                condition=~models.Q(state="voided") & models.Q(department__isnull=False),
                name="inspection_plan_of_department",
            ),
            models.CheckConstraint(condition=models.Q(year__range=(2015, 2100)), name="inspection_plan_year"),
            models.CheckConstraint(condition=models.Q(officers__gte=1, days_per_visit__gt=0), name="inspection_plan_reckoning"),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "voided")) | models.Q(statutory_days__isnull=False), name="inspection_plan_days_kept"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None, approved_on=None, state__in=("draft", "submitted", "voided"))
                | models.Q(approved_by__isnull=False, approved_on__isnull=False, state__in=(*STANDING, "voided")),
                name="inspection_plan_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("drafted_by")),
                name="inspection_plan_second_person",
            ),
            models.CheckConstraint(
                condition=models.Q(filed_on=None, receipt_number="", state__in=("draft", "submitted", "approved", "voided"))
                | models.Q(filed_on__isnull=False, state__in=("filed", "adjusting", "closed")) & ~models.Q(receipt_number=""),
                name="inspection_plan_filed",
            ),
            models.CheckConstraint(
                condition=models.Q(state="closed", closed_on__isnull=False) | ~models.Q(state="closed") & models.Q(closed_on=None),
                name="inspection_plan_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ_name} {self.year} 年度监督检查计划"

    def get_absolute_url(self) -> str:
        """The plan's page."""
        return reverse("year_plan_detail", args=[self.pk])

    def event_scope(self) -> tuple[int | None, str]:
        """Its own scope columns for Events."""
        return None, self.area_id

    # Facts

    @property
    def organ_name(self) -> str:
        """Whose plan: a department's, or the town's emergency office's."""
        return self.department.name if self.department else TOWN_OFFICE

    @property
    def paper(self) -> Document | None:
        """The valid paper of the plan, the newest one."""
        found: Document | None = Document.objects.valid().of(self).filter(kind__code="PLAN").last()
        return found

    @property
    def number(self) -> str:
        """The number of its paper; "" before it is issued."""
        return self.paper.number if self.paper else ""

    @property
    def is_executing(self) -> bool:
        """Filed, and not closed."""
        return self.state in plan_machine.EXECUTING

    @property
    def statutory(self) -> int:
        """The statutory working days of the year: kept when submitted, before that by the holiday table of now."""
        if self.statutory_days is not None:
            return self.statutory_days
        return count_workdays(datetime.date(self.year, 1, 1), datetime.date(self.year, 12, 31))

    @property
    def supervision_days(self) -> int:
        """The person-days left for inspections (安监总政法〔2017〕150号: 总法定 − 其他执法 − 非执法)."""
        return max(0, self.statutory * self.officers - sum(getattr(self, field) for field, _ in self.OFF))

    @property
    def capacity(self) -> int:
        """How many visits that is."""
        return int(self.supervision_days / self.days_per_visit)

    def reckoning(self) -> list[tuple[str, str, int | Decimal]]:
        """The calculation as (row, how, number): what page and paper show alike."""
        total = self.statutory * self.officers
        taken = [(label, "减", getattr(self, field)) for field, label in self.OFF]
        return [
            ("执法人员", "人", self.officers),
            ("全年法定工作日", "天", self.statutory),
            ("总法定工作日", "人·日", total),
            *taken,
            ("监督检查工作日", "人·日", self.supervision_days),
            ("每次检查用工", "人·日", self.days_per_visit),
            ("全年可检查", "次", self.capacity),
        ]

    def musts(self, on: datetime.date) -> list[Must]:
        """Every firm the plan must hold by the rules of that day."""
        return musts(self.area_id, self.department, on)

    def missing(self, on: datetime.date) -> list[Must]:
        """Those of them that no live item names."""
        held = set(self.items.live().values_list("enterprise", flat=True))  # type: ignore[attr-defined]
        return [must for must in self.musts(on) if must.enterprise.pk not in held]

    def problems(self, on: datetime.date) -> list[str]:
        """What is to be put right before it is submitted."""
        visits = self.items.live().visits()  # type: ignore[attr-defined]
        found = [] if visits else ["计划里还没有计划项。"]
        missing = self.missing(on)
        for segment, words in ((PlanItem.Segment.KEY, "重点企业每年至少检查一次"), (PlanItem.Segment.CITY, "市属及以上企业必须列入")):
            names = [must.enterprise.name for must in missing if must.segment == segment]
            found += [f"{words},还缺 {len(names)} 家:{names_of(names)}。"] if names else []
        if visits > self.capacity and not self.over_reason:
            found.append(f"计划 {visits} 次,按工作日测算全年可检查 {self.capacity} 次,请减少计划项,或写明超过的理由。")
        return found

    # Who may not

    def is_read_whole_by(self, user: Any) -> bool:
        """Whether this person reads of all its firms: the town's offices, and its own unit. Others learn only of the firms they see."""
        return user.role in WHOLE_TOWN or user.role == Role.DEPARTMENT and user.membership.department_id == self.department_id

    def why_not_mine(self, by: Any) -> str:
        """A plan is kept by its own unit: the inspectors for the town, a department's people for the department; else the sentence."""
        if by.role == Role.DEPARTMENT:
            return "" if by.membership.department_id == self.department_id else f"这是{self.organ_name}的计划,由他们办理。"
        return "" if self.department_id is None else f"这是{self.organ_name}的计划,由他们办理。"

    def guard_submit(self, by: Any) -> str:
        """Its own unit; with nothing missing."""
        return self.why_not_mine(by) or "".join(self.problems(timezone.localdate()))

    def guard_approve(self, by: Any) -> str:
        """Another person than who drew it up."""
        return "计划不能由拟制人自己批准。" if by == self.drafted_by else ""

    def guard_file(self, by: Any) -> str:
        """Its own unit, with the paper that is filed: of this approval, not of one before the plan was handed back and changed."""
        if reason := self.why_not_mine(by):
            return reason
        paper, approval = self.paper, Event.objects.of(self).filter(move="approve").last()
        if paper is None:
            return "还没有出计划文书,请先出文书,再报区备案。"
        is_old = approval is not None and paper.issued_at < approval.at
        return f"计划文书 {paper.number} 是上一次批准时出的,请先在它的页面上更正,再报区备案。" if is_old else ""

    def guard_withdraw(self, by: Any) -> str:
        """Its own unit."""
        return self.why_not_mine(by)

    def guard_close(self, by: Any) -> str:
        """Its own unit, with no visit under way and no adjustment being put together."""
        if reason := self.why_not_mine(by):
            return reason
        scheduled = self.items.filter(state=PlanItem.State.SCHEDULED).count()  # type: ignore[attr-defined]
        if scheduled:
            return f"还有 {scheduled} 项已安排的检查没有做完。"
        adjustment = self.open_adjustment
        is_open = adjustment is not None and adjustment.changes.exists()  # type: ignore[attr-defined]
        return "还有拟定中的调整,请先提出,或把内容都去掉。" if is_open else ""

    # How it comes about

    @classmethod
    def draft(cls, *, by: Any, on: datetime.date, year: int, **facts: Any) -> InspectionPlan:
        """The plan of this person's unit for a year; MoveRefused when there is one already."""
        department = by.membership.department if by.role == Role.DEPARTMENT else None
        area = department.area_id if department else by.membership.area_id
        with transaction.atomic():
            Area.objects.select_for_update().get(pk=area)
            if cls.objects.of_unit(area, department, year).exists():
                raise MoveRefused(f"{year} 年度的计划已经有了,请在那份计划里修改。")
            row = cls.objects.create(area_id=area, department=department, year=year, state=cls.State.DRAFT, drafted_by=by, **facts)
            Event.record(row, by=by, on=on, move="open", label="拟制", states=("", row.state), audience=TOWN)
            return row

    def edit(self, *, by: Any, on: datetime.date, **facts: Any) -> None:
        """Other numbers and words, while it is drafted."""
        named = {str(self._meta.get_field(name).verbose_name): (getattr(self, name), value) for name, value in facts.items()}
        lines = [f"{label}:{before or '(空)'} → {after or '(空)'}"[:200] for label, (before, after) in named.items() if before != after]
        with transaction.atomic():
            self.changed("edit", "修改", lines, by=by, on=on)
            type(self)._base_manager.filter(pk=self.pk).update(**facts)
            for name, value in facts.items():
                setattr(self, name, value)

    # Verbs

    def submit(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Ask for approval; the statutory working days are kept as they are now (R48)."""
        self._move("submit", by=by, on=on, note=note, audience=TOWN, statutory_days=self.statutory)

    def approve(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The leader agrees: from these visits later changes are counted."""
        visits = self.items.live().visits()  # type: ignore[attr-defined]
        facts: dict[str, Any] = {"approved_by": by, "approved_on": on, "approved_visits": visits}
        self._move("approve", by=by, on=on, note=note, audience=TOWN, **facts)

    def hand_back(self, *, by: Any, on: datetime.date, note: str) -> None:
        """To be drawn up anew, and why."""
        anew: dict[str, Any] = {"approved_by": None, "approved_on": None, "approved_visits": 0, "statutory_days": None}
        self._move("hand_back", by=by, on=on, note=note, audience=TOWN, **anew)

    def file(self, *, by: Any, on: datetime.date, filed_on: datetime.date, receipt_number: str, note: str = "") -> None:
        """The district has it on file, under this receipt number: from now on it is executed."""
        if self.approved_on and not self.approved_on <= filed_on <= on:
            raise MoveRefused(f"备案日期要在批准日期 {self.approved_on:%Y-%m-%d} 到今天之间。")
        lines = [f"备案日期 {filed_on:%Y-%m-%d},回执号 {receipt_number}"]
        facts: dict[str, Any] = {"filed_on": filed_on, "receipt_number": receipt_number}
        self._move("file", by=by, on=on, note=note, data={"lines": lines}, audience=TOWN, **facts)

    def withdraw(self, *, by: Any, on: datetime.date, note: str) -> None:
        """It is void, and why; the year may have another."""
        self._move("withdraw", by=by, on=on, note=note, audience=TOWN)

    def close(self, *, by: Any, on: datetime.date, rest: str = "", note: str = "") -> None:
        """The year is over: what was not scheduled is carried into the next year's draft (`rest` "carry"), or cancelled with the note ("cancel")."""
        with transaction.atomic():
            left = list(self.items.filter(state=PlanItem.State.PLANNED).select_related("enterprise", "plan"))  # type: ignore[attr-defined]
            lines = [f"结转或取消 {len(left)} 项"] if left else []
            self._move("close", by=by, on=on, note=note, data={"lines": lines}, audience=TOWN, closed_on=on)
            if not left:
                return
            if on < datetime.date(self.year, LAST_MONTH, 1):
                raise MoveRefused(f"年度还没有结束,还有 {len(left)} 项没有安排,不能结束计划。")
            into = self._next() if rest == "carry" else None
            if into is None and not (rest == "cancel" and note):
                raise MoveRefused(f"还有 {len(left)} 项没有安排,请选择结转到下一年度,或取消并写明理由。")
            if into is not None:
                into.changed("add_items", "转入结转的计划项", [str(item) for item in left], by=by, on=on)
            for item in left:
                item.carry_over(by=by, on=on, into=into) if into else item.cancel(by=by, on=on, note=note)

    def _next(self) -> InspectionPlan:
        year = self.year + 1
        found = InspectionPlan.objects.of_unit(self.area_id, self.department, year).first()
        if found is None:
            raise MoveRefused(f"没有拟制中的 {year} 年度计划,请先拟制,再结转。")
        if found.state != self.State.DRAFT:
            raise MoveRefused(f"{year} 年度计划已经是“{found.state_label}”,不能直接转入。请在那份计划里按调整增加,这里选择取消并写明理由。")
        return found
