"""执法证 on a person's page: added and revoked by the town's administrator."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import OfficerCertificate
from core.submit import ContentConflict, take_once
from enterprises.forms.certificates import CertificateForm, RevokeForm
from enterprises.forms.enterprise import sent_before
from enterprises.models import Membership
from enterprises.views.people import CONFLICT
from enterprises.views.staff import PersonMixin, StaffForm


class CertificateCreate(PersonMixin, StaffForm):
    """A certificate registered, once however often the form is sent."""

    form_class = CertificateForm
    title, button = "登记执法证", "登记执法证"
    hint = "照证件填写。同一个人可以有几张证,有效期可以重叠。"

    def get_form_kwargs(self) -> dict[str, Any]:
        """A new one of this person."""
        return {**super().get_form_kwargs(), "instance": OfficerCertificate(user=self.person)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or why not."""
        return self.refused_holder() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A second sending of what was taken answers as the first did."""
        earlier = sent_before(request.user, request.POST.get("client_id"))
        if earlier and earlier.same(self.content()):
            return self.back()
        return self.refused_holder() or super().post(request, *args, **kwargs)

    def refused_holder(self) -> HttpResponse | None:
        """Nobody registers his own, and only people on the town's side hold one."""
        if Membership.objects.for_user(self.request.user).town().lasting().filter(user=self.person).exists():
            return self.refused()
        messages.error(self.request, f"{self.person.name} 现在没有镇村岗位,不能登记执法证。")
        return self.back()

    def content(self) -> dict[str, Any]:
        """What was sent."""
        sent = {k: v for k, v in self.request.POST.lists() if k not in ("csrfmiddlewaretoken", "client_id")}
        return {"user": self.person.pk, **sent}

    def form_valid(self, form: CertificateForm) -> HttpResponse:
        """Register it."""

        def make() -> tuple[OfficerCertificate, str]:
            form.instance.register(by=self.request.user, on=timezone.localdate())
            return form.instance, form.instance.number

        client_id, kind = form.cleaned_data["client_id"], OfficerCertificate._meta.label
        try:
            take_once(user=self.request.user, client_id=client_id, kind=kind, content=self.content(), make=make)
        except ContentConflict:
            form.add_error(None, CONFLICT)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        except IntegrityError:
            form.add_error("number", "这个证号刚刚被别人登记了,请核对。")
            return self.form_invalid(form)
        messages.success(self.request, f"已登记执法证 {form.instance}。")
        return self.back()


class CertificateRevoke(PersonMixin, StaffForm):
    """A certificate that no longer counts, with the reason; twice is once."""

    form_class = RevokeForm
    title, button = "吊销执法证", "吊销执法证"

    @property
    def certificate(self) -> OfficerCertificate:
        """The certificate of the URL: this person's."""
        rows = OfficerCertificate.objects.for_user(self.request.user).filter(user=self.person)
        return get_object_or_404(rows, pk=self.kwargs["part"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the certificate."""
        return {**super().get_form_kwargs(), "certificate": self.certificate}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or why not."""
        return self.refused_again() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Revoked already: nothing more happens."""
        return self.refused_again() or super().post(request, *args, **kwargs)

    def refused_again(self) -> HttpResponse | None:
        """Nobody revokes his own; one revoked stays as it is."""
        if self.certificate.revoked_on is None:
            return self.refused()
        messages.info(self.request, f"执法证 {self.certificate} 已经吊销。")
        return self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds which certificate."""
        one = self.certificate
        return {**super().get_context_data(**kwargs), "hint": f"{self.person.name} 的执法证 {one}({one.organ},{one.period})。"}

    def form_valid(self, form: RevokeForm) -> HttpResponse:
        """Revoke it."""
        self.certificate.revoke(by=self.request.user, on=timezone.localdate(), **form.cleaned_data)
        messages.success(self.request, f"已吊销执法证 {self.certificate}。")
        return self.back()
