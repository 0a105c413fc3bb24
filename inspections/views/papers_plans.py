"""The issuing page of 年度监督检查计划."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from core.models import Event, MoveRefused
from inspections import documents_plans
from inspections.models import InspectionPlan, machine
from inspections.views.papers import InspectionPaper


class YearPlanPaper(InspectionPaper):
    """The plan on paper, for the town's approval file and the district's; the unit's own people issue it."""

    model = InspectionPlan
    roles = machine.OFFICERS
    kind, url_name, label = "PLAN", "year_plan_paper", "出计划文书"

    def get_queryset(self) -> Any:
        """With what the facts read."""
        return super().get_queryset().select_related("area", "department", "drafted_by", "approved_by")

    def check(self, subject: InspectionPlan) -> None:
        """By its own unit."""
        if reason := subject.why_not_mine(self.request.user):
            raise MoveRefused(reason)

    def preview(self, subject: InspectionPlan, facts: dict[str, Any], form: Any = None) -> HttpResponse:
        """Of one's own unit: it names every firm."""
        if reason := subject.why_not_mine(self.request.user):
            raise PermissionDenied(reason)
        return super().preview(subject, facts, form)

    def enterprise(self, subject: InspectionPlan) -> None:
        """Of no firm."""
        return

    def facts(self, subject: InspectionPlan) -> dict[str, Any]:
        """Of the plan."""
        return documents_plans.year_plan_facts(subject)

    def title(self, subject: InspectionPlan) -> str:
        """With the year."""
        return documents_plans.year_plan_title(subject)

    def audience(self, subject: InspectionPlan) -> str:
        """The town's own."""
        return Event.Audience.TOWN

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """The numbers and the segments."""
        days = "\n".join(f"{label} {number} {unit}" for label, unit, number in facts["reckoning"])
        segments = "\n".join(f"{one['name']} {one['total']} 次" for one in facts["segments"])
        return [
            ("单位", facts["unit"]),
            ("年度", facts["year"]),
            ("工作日测算", days),
            ("计划次数", f"{facts['total']} 次,全年可检查 {facts['capacity']} 次"),
            ("类别", segments),
            ("批准", f"{facts['approved_on']} {facts['approved_by']} {facts['opinion']}"),
        ]

    @classmethod
    def is_offered_to(cls, user: Any, row: InspectionPlan) -> bool:
        """To its own unit."""
        return super().is_offered_to(user, row) and not row.why_not_mine(user)

    @classmethod
    def is_offered(cls, row: InspectionPlan) -> bool:
        """Approved."""
        return row.approved_by_id is not None and row.state != InspectionPlan.State.VOIDED
