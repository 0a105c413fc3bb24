"""Pages of transfers: detail, moves; the town's own."""

from __future__ import annotations

from typing import Any

from accounts.roles import TOWN_ROLES, Role
from core.views import MoveView, ScopedDetail
from inspections.documents_orders import materials
from inspections.models import Transfer

TOWN = TOWN_ROLES - {Role.VILLAGE}


class TransferDetail(ScopedDetail):
    """A transfer: to whom, why, which findings with their articles, the papers that go along, moves, story."""

    model = Transfer
    roles = TOWN
    template_name = "inspections/transfer_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("enterprise", "inspection", "document__kind", "by").defer("document__facts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the findings and what goes along."""
        row = self.object
        return super().get_context_data(
            findings=row.findings.select_related("violation", "hazard").order_by("number"),
            materials=materials(row.inspection),
            may_issue=self.request.user.role == Role.INSPECTOR and row.state == Transfer.State.DRAFT,
            **kwargs,
        )


class TransferMove(MoveView):
    """One move of a transfer."""

    model = Transfer

    def get_queryset(self) -> Any:
        """With what its forms read."""
        return super().get_queryset().select_related("enterprise", "inspection")
