"""Public: is this paper genuine. Nothing is told that the paper itself does not say, and guessing is slowed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.generic import View

from accounts.address import client_address
from documents import verifying
from documents.forms import VerifyForm
from documents.models import VerifyTry

TRIES, WINDOW = 30, 600
TOO_MANY = "这个地址查不到的次数太多,这一次没有查询。请 10 分钟后再试。"


@method_decorator(login_not_required, name="dispatch")
class Verify(View):
    """By code, by number and date, or by the PDF itself; without JavaScript too."""

    def get(self, request: HttpRequest, code: str = "") -> HttpResponse:
        """The form, and the answer for the code of the address."""
        if not code:
            return self.page()
        if self.is_slowed():
            return self.page(too_many=TOO_MANY, status=429)
        return self.answered(verifying.by_code(code))

    def post(self, request: HttpRequest, code: str = "") -> HttpResponse:
        """The answer to what was filled in; 422 when it cannot be read."""
        form = VerifyForm(request.POST, request.FILES)
        if self.is_slowed():
            return self.page(form=form, too_many=TOO_MANY, status=429)
        if not form.is_valid():
            return self.page(form=form, status=422)
        return self.answered(form.answer(), form)

    def is_slowed(self) -> bool:
        """Whether this address missed too often; who holds genuine papers may ask as often as they like."""
        return VerifyTry.missed(client_address(self.request), seconds=WINDOW) >= TRIES

    def answered(self, answer: verifying.Answer, form: Any = None) -> HttpResponse:
        """The page with the answer; a miss is counted and is a 404."""
        is_miss = answer.verdict == verifying.Verdict.UNKNOWN
        if is_miss:
            VerifyTry.miss(client_address(self.request))
        return self.page(form=form, answer=answer, status=404 if is_miss else 200)

    def page(self, *, form: Any = None, status: int = 200, **context: Any) -> HttpResponse:
        """The page."""
        context = {"form": form or VerifyForm(), "answer": None, "too_many": "", **context}
        response = TemplateResponse(self.request, "documents/verify.html", context, status=status)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response
