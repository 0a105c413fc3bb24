"""日历: the month of one person, or of one enterprise."""

from __future__ import annotations

import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from accounts.roles import ENTERPRISE_ROLES, MANAGERS
from core.views import RoleMixin
from duties.grid import LISTED, Month
from duties.models import Occurrence
from enterprises.models import Membership
from enterprises.views.base import FileMixin

FIRST, LAST = datetime.date(2019, 1, 1), datetime.date(2099, 12, 31)


class MonthMixin:
    """A month of some occurrences, as grid and list."""

    request: Any

    def wanted(self) -> datetime.date:
        """The month of the URL, else this one."""
        try:
            day = datetime.datetime.strptime(self.request.GET.get("month", ""), "%Y-%m").date()
        except ValueError:
            return timezone.localdate()
        return min(max(day, FIRST), LAST)

    def month(self, rows: Any, listed: int | None = LISTED) -> Month:
        """The grid of these rows; a day with more than `listed` shows how many there are of each state."""
        first, last = Month.span(self.wanted())
        shown = rows.filter(period_start__lte=last, period_end__gte=first).select_related("unit", "plan__duty", "responsible")
        return Month(self.wanted(), timezone.localdate(), shown.order_by("period_start", "level", "unit__name", "shift", "pk"), listed)


class PersonCalendar(MonthMixin, RoleMixin, TemplateView):
    """One's own month; managers may look at anybody's of their firm."""

    roles = ENTERPRISE_ROLES
    template_name = "duties/calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the person answers for by name or by post, and what he did for others; each row, as no list holds just these."""
        user = self.request.user
        staff = self.staff()
        person = self.person(staff)
        rows = Occurrence.objects.for_user(user)
        mine = Occurrence.objects.owed_to(person).values("pk")
        theirs = rows.filter(pk__in=mine) | rows.filter(done_by=person)
        keep = f"&person={person.pk}" if person != user else ""
        return super().get_context_data(month=self.month(theirs, None), person=person, staff=staff, keep=keep, **kwargs)

    def staff(self) -> list[Membership]:
        """The firm's people, each once, for managers."""
        user = self.request.user
        if user.role not in MANAGERS:
            return []
        rows = Membership.objects.for_user(user).current().filter(enterprise_id=user.membership.enterprise_id)
        return list({held.user_id: held for held in rows}.values())

    def person(self, staff: list[Membership]) -> Any:
        """The person of the URL, in his role of this firm; else oneself."""
        asked = self.request.GET.get("person", "")
        for held in staff:
            if str(held.user_id) == asked and held.user_id != self.request.user.pk:
                held.user.membership = held
                return held.user
        return self.request.user


class EnterpriseCalendar(MonthMixin, FileMixin, TemplateView):
    """A tab of the enterprise's file: its month, all units."""

    template_name = "duties/enterprise_calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """All occurrences of the firm in scope, or of one unit."""
        rows = Occurrence.objects.for_user(self.request.user).filter(enterprise=self.enterprise)
        units = self.enterprise.units.open().order_by("kind", "name")
        asked = self.request.GET.get("unit", "")
        unit = get_object_or_404(units, pk=asked) if asked.isdecimal() and len(asked) < 16 else None
        rows = rows.filter(unit=unit) if unit else rows
        keep = f"&unit={unit.pk}" if unit else ""
        return super().get_context_data(month=self.month(rows), units=units, unit=unit, keep=keep, **kwargs)
