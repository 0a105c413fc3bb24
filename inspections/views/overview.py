"""The year's enforcement for leadership: plan against done, draws, findings, orders, re-checks (R48–R50)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from accounts.roles import WHOLE_TOWN, Role
from core.views import RoleMixin
from inspections import overview


class Overview(RoleMixin, TemplateView):
    """The figures of one year, each beside the same days of the year before and each opening to its rows."""

    roles = WHOLE_TOWN | {Role.DEPARTMENT}
    template_name = "inspections/overview.html"

    @property
    def year(self) -> int:
        """The year of the address, within what can be meant; else this one."""
        named, today = self.request.GET.get("year", ""), timezone.localdate()
        asked = int(named) if named.isascii() and named.isdigit() and len(named) == 4 else today.year
        return asked if overview.FIRST_YEAR <= asked <= today.year else today.year

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds plans and figures, and the years beside."""
        user, today, year = self.request.user, timezone.localdate(), self.year
        return super().get_context_data(
            year=year,
            earlier=year - 1 if year > overview.FIRST_YEAR else None,
            later=year + 1 if year < today.year else None,
            now=timezone.localtime(),
            plans=overview.plans(user, year, today),
            groups=overview.groups(user, year, today),
            **kwargs,
        )
