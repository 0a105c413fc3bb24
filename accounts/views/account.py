"""我的账号: who I am, my roles, where I am signed in, my password and mail address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.generic import FormView, TemplateView, View

from accounts import second_factor
from accounts.forms import EmailForm, PasswordChangeForm
from accounts.models import OneTimeCode, SignInSession
from accounts.roles import Role
from accounts.throttle import too_many
from accounts.views.second_factor import TRIES, WINDOW
from core.models import Event

CODES_SHOWN = 5


class Account(TemplateView):
    """Everything about oneself on one page."""

    template_name = "accounts/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the live sign-ins, the second factor's state, and an officer's certificates."""
        user, key = self.request.user, self.request.session.session_key
        mine = SignInSession.objects.for_user(user).live()
        return super().get_context_data(
            title="我的账号",
            here=mine.here(key).first(),
            elsewhere=mine.elsewhere(key),
            codes=OneTimeCode.objects.for_user(user)[:CODES_SHOWN],
            has_second_factor=user.has_second_factor,
            recovery_left=second_factor.recovery_left(user),
            certificates=user.certificates.for_list(),
            is_officer=user.role == Role.INSPECTOR,
            **kwargs,
        )


class Revoke(View):
    """Sign another browser of one's own out, or all others; twice is the same as once."""

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Its next request is a stranger's."""
        others = SignInSession.objects.for_user(request.user).elsewhere(request.session.session_key)
        if pk is not None:
            get_object_or_404(SignInSession.objects.for_user(request.user), pk=pk)
            others = others.filter(pk=pk)
        ended = others.revoke()
        messages.success(request, f"已退出 {ended} 处登录。" if ended else "其他地方都已经退出。")
        return redirect("account")


class OwnForm(FormView):
    """A form about oneself whose tries at the password are counted."""

    template_name = "accounts/own_form.html"
    success_url = reverse_lazy("account")
    title = ""
    button = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows whose it is."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds title and button."""
        return super().get_context_data(title=self.title, button=self.button, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Not more than ten tries in a quarter of an hour."""
        if too_many("own_password", str(request.user.pk), limit=TRIES, seconds=WINDOW):
            messages.error(request, "试得太多,请 15 分钟后再试。")
            return redirect("account")
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PasswordChange(OwnForm):
    """A new password; every other browser is signed out."""

    form_class = PasswordChangeForm
    title, button = "修改密码", "保存新密码"

    def form_valid(self, form: Any) -> HttpResponse:
        """Only this browser stays; sent twice, nothing more happens."""
        user, session, password = self.request.user, self.request.session, form.cleaned_data["new_password1"]
        if not user.check_password(password):
            with transaction.atomic():
                user.set_password(password)
                user.save(update_fields=["password"])
                mine = SignInSession.objects.for_user(user)
                mine.elsewhere(session.session_key).revoke()
                row = mine.here(session.session_key)
                update_session_auth_hash(self.request, user)
                row.update(session_key=session.session_key)
                Event.record(user, by=user, on=timezone.localdate(), move="change_password", label="修改密码")
        messages.success(self.request, "密码已修改,其他地方的登录都已退出。")
        return redirect(self.get_success_url())


class EmailChange(OwnForm):
    """Where a code may be mailed."""

    form_class = EmailForm
    title, button = "找回密码用的邮箱", "保存邮箱"

    def get_initial(self) -> dict[str, Any]:
        """The address in use."""
        return {"email": self.request.user.email}

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it."""
        user = self.request.user
        if user.email != form.cleaned_data["email"]:
            user.email = form.cleaned_data["email"]
            with transaction.atomic():
                user.save(update_fields=["email"])
                Event.record(user, by=user, on=timezone.localdate(), move="change_email", label="修改邮箱")
        messages.success(self.request, "邮箱已保存。")
        return redirect(self.get_success_url())
