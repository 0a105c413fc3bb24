"""Public pages of one-time codes: setting a password with one, asking for one by mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.generic import FormView

from accounts.address import client_address
from accounts.forms import ActivateForm, ForgotForm
from accounts.mail import ask_for_code
from accounts.models import OneTimeCode
from accounts.throttle import too_many

REFUSED = "用户名或代码不对,或者代码已用过、已过期。请核对纸上的代码,或请发码人重新发一个。"
TOO_MANY = "试得太多,请 15 分钟后再试。您填写的内容没有保存。"
ADDRESS_TRIES, WINDOW = 30, 900
NAME_TRIES, NAME_WINDOW = 3, 3600


@method_decorator(login_not_required, name="dispatch")
class PublicForm(FormView):
    """A form for whoever has no sign-in, limited by address."""

    kind = ""
    title = ""

    def refused_here(self) -> bool:
        """Whether this address tried too often."""
        return too_many(self.kind, client_address(self.request), limit=ADDRESS_TRIES, seconds=WINDOW)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the title."""
        return super().get_context_data(title=self.title, **kwargs)

    def form_invalid(self, form: Any, status: int = 422) -> HttpResponse:
        """The page again."""
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """429 for an address that tries too often, whatever it sends."""
        if self.refused_here():
            form = self.get_form()
            form.add_error(None, TOO_MANY)
            return self.form_invalid(form, status=429)
        return super().post(*args, **kwargs)


class Activate(PublicForm):
    """A first or a new password by one-time code; the answer to everything wrong is the same."""

    kind = "activate"
    title = "用一次性代码设置密码"
    form_class = ActivateForm
    template_name = "accounts/activate.html"

    def get_initial(self) -> dict[str, Any]:
        """The user name of the printed address."""
        return {"username": self.request.GET.get("username", "")[:150]}

    def form_valid(self, form: Any) -> HttpResponse:
        """Nobody is signed in by it: on to the sign-in page."""
        data = form.cleaned_data
        row = OneTimeCode.redeem(data["username"], data["code"])
        done = row.use(data["new_password1"]) if row else OneTimeCode.was_used(**data)
        if not done:
            form.add_error(None, REFUSED)
            return self.form_invalid(form)
        messages.success(self.request, "密码已设置,以前的登录都已退出。请用新密码登录。")
        return redirect("login")


class Forgot(PublicForm):
    """Both ways back in: one's own administrator, or a code by mail; the answer is always the same."""

    kind = "forgot"
    title = "忘记密码"
    form_class = ForgotForm
    template_name = "accounts/forgot.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """The mail, if any, is sent afterwards by a Job."""
        username = form.cleaned_data["username"]
        if not too_many("forgot_name", username, limit=NAME_TRIES, seconds=NAME_WINDOW):
            ask_for_code(username)
        messages.success(self.request, "如果这个用户名登记了邮箱,几分钟内会收到一次性代码。没有收到,请向本单位的管理员要代码。")
        return redirect("activate")
