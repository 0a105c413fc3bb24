"""Setting up, changing and removing one's own second factor."""

from __future__ import annotations

from typing import Any, ClassVar

import django_otp
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.generic import View

from accounts import second_factor
from accounts.forms import ConfirmTokenForm, OwnPasswordForm
from accounts.throttle import too_many

TRIES, WINDOW = 10, 900


class SecondFactorSetup(View):
    """Begin, confirm, new recovery codes, remove; each change asks for the password first."""

    second_factor_exempt = True
    actions: ClassVar[frozenset[str]] = frozenset({"begin", "confirm", "codes", "remove"})

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Whoever has an authenticator must have used it: this page is the way around it otherwise."""
        if request.user.has_second_factor and not request.user.is_verified():
            return redirect("second_factor")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """How it stands."""
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """One of the four actions."""
        action = request.POST.get("action", "")
        if action not in self.actions:
            return HttpResponseBadRequest("没有这个操作。")
        if action == "confirm":
            return self.confirm(ConfirmTokenForm(request.POST))
        form = OwnPasswordForm(request.POST, user=request.user)
        if too_many("own_password", str(request.user.pk), limit=TRIES, seconds=WINDOW):
            form.add_error(None, "试得太多,请 15 分钟后再试。")
        if not form.is_valid():
            return self.page(form, action)
        return getattr(self, action)(form)

    def begin(self, form: Any) -> HttpResponse:
        """A secret to scan."""
        if not self.request.user.has_second_factor:
            second_factor.begin(self.request.user)
        return redirect("second_factor_setup")

    def confirm(self, form: Any) -> HttpResponse:
        """The first code was right: the recovery codes, shown once. Sent twice, the same page."""
        user = self.request.user
        if not form.is_valid():
            return self.page(form, "confirm")
        if user.has_second_factor:
            return self.codes(form) if second_factor.are_current(user, form.cleaned_data["nonce"]) else redirect("second_factor_setup")
        device = second_factor.confirm(user, "".join(form.cleaned_data["token"].split()))
        if device is None:
            form.add_error("token", "数字不对。请核对手机的时间,等下一组数字再输。")
            return self.page(form, "confirm")
        django_otp.login(self.request, device)
        return self.codes(form)

    def codes(self, form: Any) -> HttpResponse:
        """New recovery codes, on a page to print."""
        if not self.request.user.has_second_factor:
            return redirect("second_factor_setup")
        codes = second_factor.recovery_codes(self.request.user, form.cleaned_data["nonce"])
        return render(self.request, "accounts/recovery_codes.html", {"codes": codes, "title": "恢复码"})

    def remove(self, form: Any) -> HttpResponse:
        """Back to the password alone."""
        second_factor.remove(self.request.user, by=self.request.user)
        messages.success(self.request, "已解除第二步验证。")
        return redirect("second_factor_setup")

    def page(self, form: Any = None, action: str = "") -> HttpResponse:
        """How it stands, with the form that was refused."""
        user = self.request.user
        device = None if user.has_second_factor else second_factor.pending(user)
        context = {
            "title": "第二步验证",
            "device": device,
            "picture": second_factor.picture(device) if device else "",
            "secret": second_factor.secret(device) if device else "",
            "recovery_left": second_factor.recovery_left(user),
            "form": form or (ConfirmTokenForm() if device else OwnPasswordForm(user=user)),
            "action": action,
        }
        return render(self.request, "accounts/second_factor.html", context, status=422 if form else 200)
