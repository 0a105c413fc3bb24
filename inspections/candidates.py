"""Candidates of a yearly plan: every firm of the unit with the numbers that speak for a visit, the most pressing first.

Overdue risk studies and performance scores join when those apps exist; until then nothing stands in their place.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from duties.models import Occurrence
from enterprises.models import Enterprise
from hazards.models import Hazard
from inspections.models import DistrictListEntry, Inspection, InspectionKind, InspectionPlan, PlanChange, PlanItem, PlanLimit
from inspections.models.plan_keys import firms_of
from inspections.models.plan_law import COMPLAINTS, MISSED

ONE_DAY = datetime.timedelta(days=1)
MISSED_DAYS, COMPLAINT_DAYS = 90, 365
ORDER = ("-majors", "-majors_late", "-late", "-missed", "-complaints")


def counted(rows: Any) -> Any:
    """How many of these rows each enterprise has, as a column of the outer query."""
    own = rows.filter(enterprise=models.OuterRef("pk")).order_by().values("enterprise")
    return Coalesce(models.Subquery(own.annotate(n=models.Count("pk")).values("n"), output_field=models.IntegerField()), 0)


def window(code: str, today: datetime.date) -> int:
    """How many days back something counts, by the rule of that day."""
    return PlanLimit.objects.value_on(code, today, MISSED_DAYS if code == MISSED else COMPLAINT_DAYS)


def explained(firms: Any, plan: InspectionPlan, today: datetime.date) -> Any:
    """The firms, each with `majors`, `majors_late`, `late`, `missed`, `complaints`, `last_on`, `is_in`, `at_district`; the most pressing first."""
    majors = Hazard.objects.all().open().filter(level=Hazard.Level.MAJOR, major_on__isnull=False)
    late = Hazard.objects.overdue(today)
    since = today - window(MISSED, today) * ONE_DAY
    missed = Occurrence.objects.missed().filter(period_start__gte=since)
    year = today - window(COMPLAINTS, today) * ONE_DAY
    complaints = Inspection.objects.filter(kind=InspectionKind.COMPLAINT, planned_on__gte=year)
    last = Inspection.objects.filter(enterprise=models.OuterRef("pk"), visited_on__isnull=False).order_by("-visited_on")
    rows = firms.annotate(
        majors=counted(majors),
        majors_late=counted(majors.filter(pk__in=late.values("pk"))),
        late=counted(late),
        missed=counted(missed),
        complaints=counted(complaints),
        last_on=models.Subquery(last.values("visited_on")[:1]),
        is_in=in_plan(plan),
        at_district=models.Exists(DistrictListEntry.objects.filter(enterprise=models.OuterRef("pk"), year=plan.year)),
    )
    return rows.order_by(*ORDER, models.F("last_on").asc(nulls_first=True), "name", "pk")


def in_plan(plan: InspectionPlan) -> Any:
    """Whether a live item of the plan, or its adjustment being put together, names the firm."""
    here = models.OuterRef("pk")
    added = PlanChange.objects.filter(adjustment__plan=plan, adjustment__decided_on=None, what=PlanChange.What.ADD, enterprise=here)
    return models.Exists(PlanItem.objects.live().filter(plan=plan, enterprise=here)) | models.Exists(added)


def candidates(user: Any, plan: InspectionPlan, today: datetime.date) -> Any:
    """Those of the plan's unit that this user may see."""
    firms = firms_of(plan.area_id, plan.department).filter(pk__in=Enterprise.objects.for_user(user).values("pk"))
    return explained(firms.select_related("area", "sector"), plan, today)


def why(row: Any, missed_days: int) -> str:
    """The numbers in words: what the plan keeps as the reason; `missed_days` as `window` says."""
    found = []
    if row.majors:
        found.append(f"未销案重大隐患 {row.majors} 条{f'(逾期 {row.majors_late} 条)' if row.majors_late else ''}")
    if row.late:
        found.append(f"逾期隐患 {row.late} 条")
    if row.missed:
        found.append(f"近 {missed_days} 天漏做任务 {row.missed} 次")
    if row.complaints:
        found.append(f"投诉举报 {row.complaints} 件")
    found.append(f"上次检查 {row.last_on:%Y-%m-%d}" if row.last_on else "没有检查记录")
    return ",".join(found)
