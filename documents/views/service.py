"""Pages of a paper's service: its records, a new one, a correction."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView, TemplateView

from accounts.roles import MANAGERS, TOWN_ROLES
from core.models import Attachment, MoveRefused
from core.submit import ContentConflict, take_once
from core.views.base import FormMixin422, RoleMixin
from documents.forms_service import ServiceForm
from documents.models import Document, Service
from documents.models.service import SERVERS, needs_service


class PaperMixin(RoleMixin):
    """A page under `/documents/<pk>/service/`: the paper out of scope is a 404."""

    roles = TOWN_ROLES | MANAGERS
    kwargs: dict[str, Any]

    @cached_property
    def document(self) -> Document:
        """The paper of the URL, within the user's scope."""
        rows = Document.objects.for_user(self.request.user).select_related("kind", "enterprise")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the paper."""
        return super().get_context_data(document=self.document, **kwargs)  # type: ignore[misc]


class ServiceList(PaperMixin, TemplateView):
    """How one paper was served, with receipts and corrections."""

    template_name = "documents/service_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the records with their photos, and what may be done."""
        rows = Service.objects.for_user(self.request.user).filter(document=self.document).for_list()
        return super().get_context_data(
            records=[(row, Attachment.objects.of(row), hasattr(row, "corrected_by")) for row in rows],
            is_needed=needs_service(self.document),
            is_server=self.request.user.role in SERVERS,
            can_serve=self.request.user.role in SERVERS and needs_service(self.document) and self.document.is_valid,
            today=timezone.localdate(),
            **kwargs,
        )


class ServiceCreate(PaperMixin, FormMixin422, FormView):
    """A paper's service registered, once however often it is sent; with `?corrects=` a correction."""

    roles = SERVERS
    form_class = ServiceForm
    template_name = "documents/service_form.html"

    @cached_property
    def corrected(self) -> Service | None:
        """The record that is corrected, of this paper."""
        named = self.request.GET.get("corrects", "")
        if not named:
            return None
        rows = Service.objects.for_user(self.request.user).filter(document=self.document)
        return get_object_or_404(rows, pk=named if named.isdecimal() and len(named) < 16 else 0)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or back to the records when there is nothing to register."""
        if not needs_service(self.document) or not self.document.is_valid:
            messages.error(request, "这份文书不需要送达,或者已经作废。")
            return redirect("service_list", self.document.pk)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The paper and what is corrected."""
        return {**super().get_form_kwargs(), "document": self.document, "corrects": self.corrected}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what is corrected."""
        return super().get_context_data(corrected=self.corrected, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Register it; what cannot have happened comes back with the reason."""
        facts = {**form.cleaned_data}
        client_id, photos = facts.pop("client_id"), facts["photos"]
        given = {k: v for k, v in self.request.POST.lists() if k not in ("csrfmiddlewaretoken", "client_id", "photos_ids")}
        # Fields the method does not need are not checked, and PostgreSQL keeps no NUL.
        content = {name: [text.replace("\0", "") for text in texts] for name, texts in given.items()}
        content["photos"] = sorted(photo.source_sha256 for photo in photos)

        def make() -> tuple[Service, str]:
            row = Service.record(self.document, by=self.request.user, on=timezone.localdate(), corrects=self.corrected, **facts)
            return row, f"SD{row.pk}"

        try:
            taken = take_once(user=self.request.user, client_id=client_id, kind="service", content=content, make=make)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.form_invalid(form)
        except ContentConflict as conflict:
            form.add_error(None, f"这张表已收到(回执 {conflict.submission.receipt}),内容与现在填写的不同。要改请用“更正”。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, f"已登记送达,回执号 {taken.receipt}。")
        return redirect("service_list", self.document.pk)
