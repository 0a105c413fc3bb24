"""Signing in and out, the lock, and the second step."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.generic import FormView

from accounts import demo_accounts, second_factor
from accounts.forms import SignInForm, TokenForm
from accounts.models import SignInSession

LOCK_MINUTES = round(settings.AXES_COOLOFF_TIME * 60)


class SignIn(LoginView):
    """User name and password; whoever holds several roles is asked in which one to work."""

    form_class = SignInForm
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again; never the password."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_success_url(self) -> str:
        """`next` on this host, by way of the choice of role when there is one."""
        target = super().get_success_url()
        if self.request.user.memberships.current().count() > 1:
            return f"{reverse('membership_choose')}?{urlencode({'next': target})}"
        return target

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the demo's accounts."""
        demo = demo_accounts.present() if settings.DEMO else []
        context = super().get_context_data(demo_accounts=demo, demo_password=demo_accounts.PASSWORD, **kwargs)
        return context | {"site_name": settings.SITE_NAME}


class SignOut(LogoutView):
    """End this browser's sign-in."""

    second_factor_exempt = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The row of the sign-in ends with it."""
        SignInSession.objects.for_user(request.user).here(request.session.session_key).revoke()
        return super().post(request, *args, **kwargs)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """429, the same for every name: how long it lasts, and the way out."""
    return render(request, "accounts/locked.html", {"minutes": LOCK_MINUTES, "title": "暂时不能登录"}, status=429)


class SecondStep(RedirectURLMixin, FormView):
    """The code of the authenticator, or a recovery code."""

    second_factor_exempt = True
    form_class = TokenForm
    template_name = "accounts/second_step.html"
    next_page = "home"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nothing to ask when it was given, or when there is no authenticator."""
        if request.user.is_verified() or not request.user.has_second_factor:
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds where to go on."""
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Right: this session is verified. Wrong: why."""
        device, why = second_factor.verify(self.request.user, form.cleaned_data["token"])
        if device is None:
            form.add_error("token", why)
            return self.form_invalid(form)
        django_otp.login(self.request, device)
        if device.persistent_id.startswith("otp_static"):
            left = second_factor.recovery_left(self.request.user)
            messages.warning(self.request, f"您用掉了一个恢复码,还剩 {left} 个。")
        return redirect(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)
