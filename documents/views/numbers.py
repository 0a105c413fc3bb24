"""Numbers of the year: where each series stands, and where a year begun on paper goes on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import View

from accounts.roles import MANAGERS, Role
from core.models import MoveRefused
from core.views import RoleMixin
from documents.forms import NumberForm
from documents.models import DocumentKind, NumberSeries


class Numbers(RoleMixin, View):
    """The town's series for its administrator and inspectors, a firm's own for its managers."""

    roles = MANAGERS | {Role.ADMIN, Role.INSPECTOR}

    def organ(self) -> str:
        """Whose numbers this person keeps; "" for another town's."""
        held = self.request.user.membership
        if self.request.user.is_town:
            return settings.HOME_AREA if held.area_id == settings.HOME_AREA else ""
        return NumberSeries.organ_of(held.enterprise)

    def kinds(self) -> list[DocumentKind]:
        """The kinds this side issues."""
        if not self.organ():
            return []
        issuer = DocumentKind.Issuer.TOWN if self.request.user.is_town else DocumentKind.Issuer.ENTERPRISE
        return list(DocumentKind.objects.in_force(timezone.localdate()).filter(issuer=issuer))

    def get(self, request: HttpRequest) -> HttpResponse:
        """The table."""
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set one start; the same again changes nothing."""
        form = NumberForm(request.POST)
        kind = next((kind for kind in self.kinds() if kind.code == request.POST.get("kind")), None)
        if kind is None:
            raise Http404
        if not form.is_valid():
            return self.page(bad=kind.code, problem=" ".join(form.errors.get("first", [])), status=422)
        year, first = timezone.localdate().year, form.cleaned_data["first"]
        try:
            NumberSeries.start_at(self.organ(), kind.code, year, first, by=request.user)
        except MoveRefused as refused:
            return self.page(bad=kind.code, problem=refused.message, status=409)
        messages.success(request, f"{kind.name} {year} 年从 {first} 号开始。")
        return redirect("document_numbers")

    def page(self, *, bad: str = "", problem: str = "", status: int = 200) -> HttpResponse:
        """The table, with what is wrong beside its row and what was typed kept."""
        year = timezone.localdate().year
        known = {series.kind_code: series for series in NumberSeries.of(self.organ(), year)}
        rows = [self.row(kind, known.get(kind.code), year, bad, problem) for kind in self.kinds()]
        context = {"title": "文书编号", "rows": rows, "year": year, "problem": problem}
        return TemplateResponse(self.request, "documents/numbers.html", context, status=status)

    def row(self, kind: DocumentKind, series: NumberSeries | None, year: int, bad: str, problem: str) -> dict[str, Any]:
        """One kind: how many were given, the next number, the start."""
        given, first = (series.taken, series.first) if series else (0, 1)
        is_bad = kind.code == bad
        return {
            "kind": kind,
            "given": given,
            "next": kind.number_for(year, first + given),
            "first": self.request.POST.get("first", "") if is_bad else first,
            "problem": problem if is_bad else "",
        }
