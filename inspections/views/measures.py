"""Pages of on-site measures: list, detail, moves."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.views import MoveView, ScopedDetail, ScopedList
from inspections import next_step
from inspections.documents import finding_photos, photos_of
from inspections.filters_orders import MeasureFilter
from inspections.models import Inspection, OnsiteMeasure
from inspections.views.orders import READERS, service_of


class MeasureList(ScopedList):
    """On-site measures of one's scope, newest first."""

    model = OnsiteMeasure
    roles = READERS
    title = "现场处理措施"
    filterset_class = MeasureFilter
    template_name = "inspections/measure_list.html"
    empty_text = "没有符合条件的现场处理措施。"
    empty_hint = "检查记录签完以后,在检查页上拟制。"
    columns = (
        ("编号", lambda m: m.printed_number),
        ("企业", lambda m: m.enterprise.name),
        ("检查", lambda m: m.inspection.number),
        ("措施", lambda m: m.get_kind_display()),
        ("范围", lambda m: m.scope),
        ("危险情形", lambda m: m.danger),
        ("状态", lambda m: m.state_label),
        ("决定日期", lambda m: m.ordered_on),
        ("送达日期", lambda m: m.served_on),
        ("申请恢复日期", lambda m: m.applied_on),
        ("审查期限", lambda m: m.examine_by_on),
        ("解除日期", lambda m: m.released_on),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the day that decides what is late."""
        return super().get_context_data(today=timezone.localdate(), **kwargs)


class MeasureDetail(ScopedDetail):
    """A measure: what stops until what, what is asked of whom, application, examinations by two, service, moves, story."""

    model = OnsiteMeasure
    roles = READERS
    template_name = "inspections/measure_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("enterprise", "inspection", "document__kind", "drafted_by").defer("document__facts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds findings with photos, the application, each examination with photos, service."""
        row, user, today = self.object, self.request.user, timezone.localdate()
        files = photos_of([row]).get(row.pk, [])
        applied = [file for file in files if file.purpose.startswith("release")]
        findings = list(row.findings.select_related("hazard").order_by("number"))
        found = finding_photos([one.hazard for one in findings])
        looks = row.examinations.select_related("by", "second_by").order_by("pk")
        return super().get_context_data(
            findings=[(one, found.get(one.hazard_id, [])) for one in findings],
            applied=[file for file in applied if file.purpose == applied[-1].purpose],
            looks=[(look, [file for file in files if file.purpose == f"examine-{look.pk}"]) for look in looks],
            examine_late=row.state == OnsiteMeasure.State.RELEASE_APPLIED and (row.examine_by_on or today) < today,
            step=next_step.of_measure(row, user),
            service=service_of(row.document, user),
            visit=Inspection.objects.for_user(user).filter(pk=row.inspection_id).first(),
            today=today,
            **kwargs,
        )


class MeasureMove(MoveView):
    """One move of a measure."""

    model = OnsiteMeasure

    def get_queryset(self) -> Any:
        """With what its guards and forms read."""
        return super().get_queryset().select_related("enterprise", "document")
