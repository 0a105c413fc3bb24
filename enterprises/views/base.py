"""What the pages of one enterprise's file share."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import View
from django.views.generic.edit import FormView

from accounts.roles import MANAGERS, TOWN_ROLES, Role
from core.submit import ContentConflict, take_once
from core.views.base import FormMixin422, RoleMixin
from enterprises.forms.enterprise import differences, newest, sent_before
from enterprises.models import Enterprise

READERS = TOWN_ROLES | MANAGERS
CONFIRMERS = frozenset({Role.INSPECTOR, Role.ADMIN})
KEEPERS = MANAGERS | CONFIRMERS


class OneWriter:
    """What is posted to one enterprise's file is one transaction, and one after the other: a form compares with what it changes."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Lock the enterprise's row (SQLite has one writer anyway) for the length of a POST."""
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        with transaction.atomic():
            get_object_or_404(Enterprise.objects.for_user(request.user).select_for_update(), pk=self.kwargs["pk"])
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class FileMixin(RoleMixin, OneWriter):
    """A page under `/enterprises/<pk>/`: the enterprise out of scope is a 404."""

    roles: ClassVar[frozenset[str] | None] = READERS
    kwargs: dict[str, Any]

    @property
    def enterprise(self) -> Enterprise:
        """The enterprise of the URL, within the user's scope."""
        if not hasattr(self, "_enterprise"):
            rows = Enterprise.objects.for_user(self.request.user).select_related("sector", "area", "lead_department", "landlord")
            self._enterprise = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._enterprise

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the enterprise, and who may do what."""
        role = self.request.user.role
        may = {"can_keep": role in KEEPERS, "can_confirm": role in CONFIRMERS}
        return super().get_context_data(enterprise=self.enterprise, **may, **kwargs)  # type: ignore[misc]


class PartCreate(FileMixin, FormMixin422, FormView):
    """A form that adds a row to an enterprise, once however often it is sent."""

    roles = KEEPERS
    template_name = "enterprises/part_form.html"
    title = ""
    button = "保存"
    back = "enterprise_detail"
    model: Any = None
    secret: ClassVar[tuple[str, ...]] = ()

    def get_form_kwargs(self) -> dict[str, Any]:
        """A new row of this enterprise."""
        return {**super().get_form_kwargs(), "instance": self.blank()}

    def blank(self) -> Any:
        """The row the form fills."""
        return self.model(enterprise=self.enterprise)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A second sending of what was taken answers as the first did."""
        form = self.get_form()
        earlier = sent_before(request.user, request.POST.get("client_id"))
        if earlier and earlier.same(self.content()):
            return redirect(self.back, self.enterprise.pk)
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def content(self) -> dict[str, Any]:
        """What was sent, without what must not be kept in the clear."""
        return {k: v for k, v in self.request.POST.lists() if k not in ("csrfmiddlewaretoken", "client_id", *self.secret)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Make the row."""

        def make() -> tuple[Any, str]:
            row = self.make(form)
            return row, f"E{row.pk}"

        client_id = form.cleaned_data["client_id"]
        try:
            take_once(user=self.request.user, client_id=client_id, kind=self.model._meta.label, content=self.content(), make=make)
        except ContentConflict:
            form.add_error(None, "这张表已经用别的内容提交过一次,这一次的内容没有保存。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, f"已保存:{form.instance}。")
        return redirect(self.back, self.enterprise.pk)

    def make(self, form: Any) -> Any:
        """Save it."""
        return form.save()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        return super().get_context_data(title=self.title, button=self.button, back=self.back, **kwargs)


class PartMixin(FileMixin):
    """A page of one row of the enterprise; a row of another enterprise is a 404."""

    roles = KEEPERS
    model: Any = None

    @property
    def part(self) -> Any:
        """The row of the URL."""
        if not hasattr(self, "_part"):
            rows = self.model.objects.for_user(self.request.user).filter(enterprise=self.enterprise)
            self._part = get_object_or_404(rows, pk=self.kwargs["part"])
        return self._part


class PartUpdate(PartMixin, FormMixin422, FormView):
    """A form that changes a row of the enterprise; a row changed meanwhile answers 409 with both, nothing lost."""

    template_name = "enterprises/part_form.html"
    title = ""
    button = "保存"
    back = "enterprise_detail"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The row, after noting its state: checking the form changes the row in memory."""
        self.shown = self.seen()
        return {**super().get_form_kwargs(), "instance": self.part}

    def seen(self) -> str:
        """What tells this state of the row from every later one."""
        return str(newest(self.part))

    def form_valid(self, form: Any) -> HttpResponse:
        """Save it when anything changed, unless somebody was faster."""
        found = differences(form)
        if found and self.request.POST.get("seen") != self.shown:
            return self.render_to_response(self.get_context_data(form=form, differences=found), status=409)
        if found:
            self.save(form)
        messages.success(self.request, f"已保存:{form.instance}。")
        return redirect(self.back, self.enterprise.pk)

    def save(self, form: Any) -> None:
        """Save it."""
        form.save()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page, and which state of the row it shows."""
        words = {"title": self.title, "button": self.button, "back": self.back}
        context = super().get_context_data(**words, **kwargs)
        is_invalid = self.request.method == "POST" and "differences" not in kwargs
        return {**context, "seen": self.request.POST.get("seen", "") if is_invalid else self.shown}


class PartAct(PartMixin, View):
    """A button on one row of the enterprise: only POST, and twice is once."""

    back = "enterprise_detail"
    done = "已保存。"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Do it, or say why not."""
        problem = self.act()
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, self.done)
        return redirect(self.back, self.enterprise.pk)

    def act(self) -> str:
        """What happens; a sentence when it cannot."""
        raise NotImplementedError
