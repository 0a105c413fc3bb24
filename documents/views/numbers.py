"""Numbers of the year: where each series stands, and where a year begun on paper goes on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.generic import View

from accounts.roles import MANAGERS, Role
from core.models import MoveRefused
from core.views import RoleMixin
from documents.forms import NumberForm
from documents.models import DocumentKind, NumberSeries


@dataclass(frozen=True)
class Kept:
    """An organ whose numbers this person keeps: its series, its name, its mark in them, and its kinds."""

    organ: str
    name: str
    mark: str
    kinds: list[DocumentKind]


class Numbers(RoleMixin, View):
    """The town's series and those of the organs it issues for, for its administrator and inspectors; a firm's own for its managers."""

    roles = MANAGERS | {Role.ADMIN, Role.INSPECTOR}

    def kept(self) -> list[Kept]:
        """The organs, one's own first; none for another town's."""
        held, today = self.request.user.membership, timezone.localdate()
        kinds = DocumentKind.objects.in_force(today)
        if not self.request.user.is_town:
            own = list(kinds.filter(issuer=DocumentKind.Issuer.ENTERPRISE))
            return [Kept(NumberSeries.organ_of(held.enterprise), held.enterprise.name, "", own)]
        if held.area_id != settings.HOME_AREA:
            return []
        own = list(kinds.filter(issuer=DocumentKind.Issuer.TOWN))
        others = import_string(settings.DELEGATING)(datetime.date(today.year, 1, 1), datetime.date(today.year, 12, 31))
        delegable = [kind for kind in own if kind.is_delegable]
        return [
            Kept(NumberSeries.organ_of(None), settings.ORGANISER, "", own),
            *(Kept(organ.series, organ.name, organ.mark, delegable) for organ in others),
        ]

    def get(self, request: HttpRequest) -> HttpResponse:
        """The tables."""
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set one start; the same again changes nothing."""
        form = NumberForm(request.POST)
        asked = request.POST.get("kind"), request.POST.get("organ", "")
        found = [(kept, kind) for kept in self.kept() for kind in kept.kinds if asked in ((kind.code, kept.organ), (kind.code, ""))]
        if not found:
            raise Http404
        kept, kind = found[0]
        bad = (kept.organ, kind.code)
        if not form.is_valid():
            return self.page(bad=bad, problem=" ".join(form.errors.get("first", [])), status=422)
        year, first = timezone.localdate().year, form.cleaned_data["first"]
        try:
            NumberSeries.start_at(kept.organ, kind.code, year, first, by=request.user)
        except MoveRefused as refused:
            return self.page(bad=bad, problem=refused.message, status=409)
        messages.success(request, f"{kind.name} {year} 年从 {first} 号开始。")
        return redirect("document_numbers")

    def page(self, *, bad: tuple[str, str] = ("", ""), problem: str = "", status: int = 200) -> HttpResponse:
        """The tables, with what is wrong beside its row and what was typed kept."""
        year, organs = timezone.localdate().year, self.kept()
        known = {(series.organ, series.kind_code): series for series in NumberSeries.of([kept.organ for kept in organs], year)}
        tables = [
            {
                "organ": kept.organ,
                "name": kept.name,
                "rows": [
                    self.row(kept, kind, known.get((kept.organ, kind.code)), year, problem if bad == (kept.organ, kind.code) else None)
                    for kind in kept.kinds
                ],
            }
            for kept in organs
        ]
        context = {"title": "文书编号", "tables": tables, "year": year, "problem": problem}
        return TemplateResponse(self.request, "documents/numbers.html", context, status=status)

    def row(self, kept: Kept, kind: DocumentKind, series: NumberSeries | None, year: int, problem: str | None) -> dict[str, Any]:
        """One kind: how many were given, the next number, the start; with its problem what was typed."""
        given, first = (series.taken, series.first) if series else (0, 1)
        return {
            "kind": kind,
            "given": given,
            "next": kind.number_for(year, first + given, kept.mark),
            "first": first if problem is None else self.request.POST.get("first", ""),
            "problem": problem or "",
        }
