"""What the pages share that write something about one firm: choosing it first, and one row however often the form is sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.generic import FormView

from core.forms import LONGEST_WORDS
from core.models import MoveRefused
from core.models.submissions import digest
from core.submit import ContentConflict, take_once
from core.views import RoleMixin
from core.views.base import FormMixin422
from enterprises.models import Enterprise

FOUND_SHOWN = 20


class FirmForm(FormMixin422, RoleMixin, FormView):
    """The firm named by the URL or the form, within one's scope, else a search for it; then the form."""

    template_name = "inspections/firm_form.html"
    title = ""
    lead = ""
    button = "保存"
    back = ""

    def get_initial(self) -> dict[str, Any]:
        """The enterprise chosen."""
        return {**super().get_initial(), "enterprise": self.chosen()}

    def chosen(self) -> Enterprise | None:
        """The enterprise, or None while it is to be chosen."""
        named = self.request.POST.get("enterprise") or self.request.GET.get("enterprise") or ""
        if not (named.isascii() and named.isdecimal() and len(named) < 16):
            return None
        found: Enterprise | None = self.firms().filter(pk=named).first()
        return found

    def firms(self) -> Any:
        """Those to choose from."""
        return Enterprise.objects.for_user(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the page; the enterprise, or a search for it."""
        chosen, words = self.chosen(), self.request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_WORDS]
        if chosen is None:
            found = self.firms().search(words).order_by("name")
            kwargs |= {"words": words, "found": found[:FOUND_SHOWN], "more": found.count() > FOUND_SHOWN}
        shown = {"title": self.title, "lead": self.lead, "button": self.button, "back": self.back, "chosen": chosen}
        return super().get_context_data(**shown, **kwargs)

    def content(self) -> str:
        """What was sent, as one digest: the receipts keep no words of it."""
        ignored = ("csrfmiddlewaretoken", "client_id")
        files = [(file.name, file.size) for name in self.request.FILES for file in self.request.FILES.getlist(name)]
        return digest([{name: values for name, values in self.request.POST.lists() if name not in ignored}, files])

    def form_valid(self, form: Any) -> HttpResponse:
        """Make the row once; the same id with other content is kept and asked about, a refusal is said on the form."""

        def make() -> tuple[Any, str]:
            row = self.make(form)
            return row, str(row.pk)

        try:
            taken = take_once(
                user=self.request.user, client_id=form.cleaned_data["client_id"], kind=form.kind, content=self.content(), make=make
            )
        except ContentConflict:
            form.add_error(None, "这张表已经用别的内容提交过一次,这一次的内容没有保存。要另登记一条,请打开新的表再填。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=422)
        messages.success(self.request, "已登记。")
        return redirect(self.done(taken.subject_pk))

    def make(self, form: Any) -> Any:
        """The row."""
        raise NotImplementedError

    def done(self, pk: int) -> Any:
        """Where the row is shown."""
        return self.back
