"""Pages of violations: list, detail, moves; the town's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.roles import Role
from core.views import MoveView, ScopedDetail, ScopedList
from inspections.documents import finding_photos
from inspections.filters_orders import ViolationFilter
from inspections.models import PowerItem, Violation, machine
from inspections.views.transfers import TOWN


class ViolationList(ScopedList):
    """Violations of one's scope, newest first."""

    model = Violation
    roles = TOWN
    title = "违法行为"
    filterset_class = ViolationFilter
    template_name = "inspections/violation_list.html"
    empty_text = "没有符合条件的违法行为。"
    empty_hint = "填写检查记录时勾选“涉嫌违法”的,签完记录后登记在这里。"
    columns = (
        ("企业", lambda v: v.enterprise.name),
        ("违法事实", lambda v: v.description),
        ("来源", lambda v: v.origin),
        ("违反条款", lambda v: v.articles),
        ("罚则", lambda v: v.scheme_words),
        ("首次即可罚款", lambda v: v.is_first_finable),
        ("违法日期", lambda v: v.violated_on),
        ("状态", lambda v: v.state_label),
    )


@dataclass(frozen=True)
class Way:
    """One way to deal with a violation: whether it is open, or why not."""

    name: str
    is_open: bool
    words: str


def ways(row: Violation) -> list[Way]:
    """What may be done about a violation that a visit found, each way with its rule."""
    if row.state != Violation.State.OPEN or row.finding_id is None:
        return []
    refused = row.guard_order_first(None)
    power = PowerItem.objects.holder_of(PowerItem.Kind.PENALTY, row.violated_on, row.point.code if row.point else "")
    who = f"{power.get_holder_display()}{f'({power.organ_name})' if power.organ_name else ''}"
    lawful = power.holder == PowerItem.Holder.DISTRICT
    hand_over = "镇没有处罚权,请移送。" if lawful else "不属本镇管辖,或者涉嫌犯罪的,移送有权机关。"
    return [
        Way("首次不罚,责令改正", not refused, refused or "罚则首次不罚款,已下达责令整改指令,可以以指令结案;复查不合格的重新处理。"),
        Way("移送", True, hand_over),
        Way("行政处罚", False, f"处罚权由{who}行使(违法之日的权限清单)。"),
    ]


class ViolationDetail(ScopedDetail):
    """A violation: facts, articles and scheme of the day it happened, what may be done and why not, moves, story."""

    model = Violation
    roles = TOWN
    template_name = "inspections/violation_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        related = ("enterprise", "finding__inspection", "finding__hazard", "point", "scheme", "transfer")
        return super().get_queryset().select_related(*related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the ways, the photos and the orders."""
        row, finding = self.object, self.object.finding
        visit = finding.inspection if finding else None
        mine = self.request.user.role == Role.INSPECTOR and row.state == Violation.State.OPEN
        return super().get_context_data(
            ways=ways(row),
            files=finding_photos([finding.hazard]).get(finding.hazard_id, []) if finding else [],
            lines=finding.order_lines.select_related("order__document").defer("order__document__facts") if finding else [],
            visit=visit,
            can_transfer=mine and visit is not None and visit.state in machine.AFTER and finding.transfer_id is None,
            **kwargs,
        )


class ViolationMove(MoveView):
    """One move of a violation."""

    model = Violation

    def get_queryset(self) -> Any:
        """With what its guards read."""
        return super().get_queryset().select_related("enterprise", "finding", "scheme")
