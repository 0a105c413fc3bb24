"""The desk of officers and leaders: piles with their rows, the map of the day, the printable day sheet."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

import segno
from django.conf import settings
from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.generic import TemplateView

from core.views import RoleMixin, ScopedList
from enterprises.models import KeyPerson
from inspections import desk, schematic
from inspections.models import Draw, Inspection, Order
from inspections.models.days import earliest, furthest

DAYS = ("planned_on", "due_on", "ordered_on", "publish_by_on")
CONTACTS = ("manager", "safety")


class Desk(ScopedList):
    """All piles with their numbers, the rows of the one that is open, and today on the map."""

    roles = desk.READERS
    title = "执法工作台"
    template_name = "inspections/desk.html"
    columns = (
        ("编号", lambda row: getattr(row, "printed_number", row.number)),
        ("企业", lambda row: row.title if isinstance(row, Draw) else row.enterprise.name),
        ("状态", lambda row: row.state_label),
        ("日期", lambda row: next((day for name in DAYS if (day := getattr(row, name, None))), None)),
    )

    @cached_property
    def pile(self) -> desk.Pile:
        """The one that is open."""
        return desk.BY_CODE.get(self.request.GET.get("pile", "")) or desk.BY_CODE[desk.FIRST.get(self.request.user.role, "ready")]

    @cached_property
    def mine(self) -> bool:
        """Whether only one's own visits and what came of them are shown."""
        return self.request.GET.get("mine") == "1"

    def get_queryset(self) -> Any:
        """The rows of the pile, the most pressing first."""
        self.model = self.pile.model
        rows = self.pile.rows(self.request.user, timezone.localdate(), mine=self.mine)
        if self.model is Draw:
            return rows.select_related("pool", "department").order_by(*self.pile.order)
        related = ("enterprise", "department") if self.model is Inspection else ("enterprise", "document")
        officers = "officers__user" if self.model is Inspection else "inspection__officers__user"
        return rows.select_related(*related).prefetch_related(officers).order_by(*self.pile.order)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the numbers and the map."""
        user, today = self.request.user, timezone.localdate()
        groups = [(name, desk.counted(piles, user, today, mine=self.mine)) for name, piles in desk.GROUPS]
        visits = list(desk.visits_on(user, today))
        picture = schematic.draw(schematic.town_of(user), visits)
        shown = {"pile": self.pile, "mine": self.mine, "groups": groups, "picture": picture, "today": today}
        kinds = {"is_visits": self.model is Inspection, "is_orders": self.model is Order, "is_draws": self.model is Draw}
        return super().get_context_data(**shown, **kinds, now=timezone.now(), **kwargs)


class DaySheet(RoleMixin, TemplateView):
    """One day's visits on paper: where, whom to ask for, who goes, what is open, and the code to show at the gate.

    Phone numbers are masked; opening them is a POST and stands in each firm's story, as everywhere.
    """

    roles = desk.TOWN
    template_name = "inspections/day_sheet.html"

    @cached_property
    def day(self) -> datetime.date:
        """The day of the URL, within what can be meant, else today."""
        today = timezone.localdate()
        try:
            asked = parse_date(self.request.GET.get("day", "")) or today
        except ValueError:
            return today
        return min(max(asked, earliest(today)), furthest(today))

    def visits(self) -> list[Any]:
        """With everything the sheet prints, in a fixed number of queries."""
        people = KeyPerson.objects.for_user(self.request.user).current().filter(kind__in=CONTACTS)
        standing = Order.objects.for_user(self.request.user).standing().filter(enterprise=OuterRef("enterprise")).order_by()
        orders = standing.values("enterprise").annotate(n=Count("pk")).values("n")
        rows = desk.visits_on(self.request.user, self.day).prefetch_related(Prefetch("enterprise__key_people", people, to_attr="contacts"))
        return list(rows.annotate(item_count=Count("items"), open_orders=Subquery(orders)))

    def sheet(self, phones: dict[int, str]) -> list[dict[str, Any]]:
        """One entry a visit."""
        return [
            {"visit": row, "qr": self.code(row), "contacts": [(p, phones.get(p.pk, "")) for p in row.enterprise.contacts]}
            for row in self.visits()
        ]

    def code(self, visit: Any) -> str:
        """The entry code as a picture: what the firm scans."""
        path = reverse("inspection_entry", args=[visit.entry_code])
        address = f"{settings.SITE_URL}{path}" if settings.SITE_URL else self.request.build_absolute_uri(path)
        return segno.make(address, error="m").svg_data_uri(scale=3, border=1)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the entries and the days before and after."""
        rows = kwargs.pop("rows", None)
        around = {"before": self.day - desk.ONE_DAY, "after": self.day + desk.ONE_DAY}
        shown = {"day": self.day, "rows": self.sheet({}) if rows is None else rows, "now": timezone.now()}
        return super().get_context_data(**shown, **around, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The sheet with whole phone numbers; that they were opened is an Event of each firm. Never cached."""
        people = {person.pk: person for visit in self.visits() for person in visit.enterprise.contacts if person.phone}
        phones = {pk: person.open_phone(by=request.user, on=timezone.localdate()) for pk, person in people.items()}
        response = self.render_to_response(self.get_context_data(rows=self.sheet(phones), has_phones=True))
        response["Cache-Control"] = "private, no-store"
        return response
