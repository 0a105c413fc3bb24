"""Public: what a firm sees when it scans a visit's entry code, and its rating without a name (扫码入企, 国办发〔2024〕54号)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import View

from accounts.address import client_address
from documents.models import VerifyTry
from documents.views.verify import TOO_MANY, TRIES, WINDOW
from inspections.dossier import going
from inspections.forms.visit import RatingForm
from inspections.models import Inspection, Rating

CODE = 20


@method_decorator(login_not_required, name="dispatch")
class InspectionEntry(View):
    """Basis, officers, items and rights of one visit; after its record one rating. Who opens it is neither asked nor kept."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """The page, or that there is none."""
        return self.page(code)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Take the rating; the second one changes nothing and is told so."""
        form = RatingForm(request.POST)
        visit = None if self.is_guessing() else self.visit(code)
        if visit is None or not form.is_valid():
            return self.page(code, form=form, status=422)
        taken = Rating.leave(visit, on=timezone.localdate(), **form.cleaned_data)
        return self.page(code, taken=taken, status=200 if taken else 409)

    def is_guessing(self) -> bool:
        """Whether this address has tried too many codes that are none."""
        return VerifyTry.missed(client_address(self.request), seconds=WINDOW) >= TRIES

    def visit(self, code: str) -> Inspection | None:
        """The visit this code shows."""
        rows = Inspection.objects.by_code(code).select_related("enterprise", "department", "order__document")
        return rows.prefetch_related("officers__user__certificates", "parties__department").first() if len(code) == CODE else None

    def page(self, code: str, *, form: Any = None, status: int = 200, taken: bool | None = None) -> HttpResponse:
        """The page; guessing is slowed as at /verify/."""
        if self.is_guessing():
            return self.answer({"too_many": TOO_MANY}, 429)
        visit = self.visit(code)
        if visit is None:
            VerifyTry.miss(client_address(self.request))
            return self.answer({}, 404)
        context = {
            "visit": visit,
            "officers": [going(row, visit) for row in visit.officers.all()],
            "items": visit.items.order_by("position"),
            "form": form or RatingForm(),
            "taken": taken,
            "can_rate": visit.recorded_on is not None and visit.rated_at is None,
        }
        return self.answer(context, status)

    def answer(self, context: dict[str, Any], status: int) -> HttpResponse:
        """Never stored, never indexed."""
        response = TemplateResponse(self.request, "inspections/entry.html", context, status=status)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response
