"""Forms of signing in, passwords, codes and the second factor."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from core.forms import ClientIdField

PASSWORD_HINT = "至少 10 个字符,不能全是数字,不能是常见密码或与用户名、姓名相近。"  # noqa: S105


def tidy_username(text: str) -> str:
    """A user name as it is compared: without spaces around, full-width forms and case."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def password_input(kind: str) -> forms.PasswordInput:
    """A password box that password managers understand."""
    return forms.PasswordInput(attrs={"autocomplete": kind})


class SignInForm(AuthenticationForm):
    """User name and password; one text for every failure."""

    error_messages = {
        "invalid_login": "用户名或密码不对,或者账号不能使用。连续 5 次不对,会停 15 分钟。",
        "inactive": "用户名或密码不对,或者账号不能使用。连续 5 次不对,会停 15 分钟。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名"
        self.fields["username"].widget.attrs["autocapitalize"] = "none"

    def clean_username(self) -> str:
        """The name as it is compared, so that the lock counts every spelling as one."""
        return tidy_username(self.cleaned_data["username"])


class TokenForm(forms.Form):
    """A 6-digit code of the authenticator, or a recovery code."""

    token = forms.CharField(
        label="验证码",
        max_length=20,
        help_text="手机验证器上的 6 位数字;手机不在身边时,输入一个恢复码。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


class ConfirmTokenForm(forms.Form):
    """The first 6 digits of an authenticator just set up."""

    nonce = ClientIdField()
    token = forms.CharField(
        label="验证器上显示的 6 位数字",
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class OwnPasswordForm(forms.Form):
    """One's own password, asked before something sensitive."""

    nonce = ClientIdField()
    password = forms.CharField(label="您的登录密码", widget=password_input("current-password"), strip=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """It must be right."""
        if not self.user.check_password(self.cleaned_data["password"]):
            raise ValidationError("密码不对。")
        return self.cleaned_data["password"]


class NewPasswordForm(forms.Form):
    """A new password, twice, by the site's rules."""

    new_password1 = forms.CharField(
        label="新密码", max_length=128, widget=password_input("new-password"), strip=False, help_text=PASSWORD_HINT
    )
    new_password2 = forms.CharField(label="再输一次新密码", max_length=128, widget=password_input("new-password"), strip=False)

    def clean_new_password2(self) -> str:
        """Both alike."""
        second = self.cleaned_data["new_password2"]
        if self.cleaned_data.get("new_password1") not in (None, second):
            raise ValidationError("两次输入的新密码不一样。")
        return second

    def check_rules(self, user: Any) -> None:
        """Put what the rules say about the new password beside its field."""
        try:
            password_validation.validate_password(self.cleaned_data.get("new_password1", ""), user)
        except ValidationError as errors:
            self.add_error("new_password1", errors)


class PasswordChangeForm(NewPasswordForm):
    """The old password and a new one; sent twice, the second finds the work done."""

    old_password = forms.CharField(label="现在的密码", widget=password_input("current-password"), strip=False)
    field_order = ["old_password", "new_password1", "new_password2"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The old one right, the new one by the rules."""
        data = super().clean()
        self.check_rules(self.user)
        accepted = (data.get("old_password", ""), data.get("new_password1", ""))
        if "old_password" in data and not any(self.user.check_password(text) for text in accepted):
            self.add_error("old_password", "现在的密码不对。")
        return data


class ActivateForm(NewPasswordForm):
    """User name, one-time code, and the password to be."""

    username = forms.CharField(
        label="用户名", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )
    code = forms.CharField(
        label="一次性代码",
        max_length=20,
        help_text="纸上或消息里的 10 位代码,大小写和横线不限。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    field_order = ["username", "code", "new_password1", "new_password2"]

    def clean_username(self) -> str:
        """The name as it is compared."""
        return tidy_username(self.cleaned_data["username"])

    def clean(self) -> dict[str, Any]:
        """By the rules, and not like the user name typed."""
        data = super().clean()
        password = data.get("new_password1", "")
        if password:
            self.check_rules(None)
            if data.get("username") and data["username"] in password.lower():
                self.add_error("new_password1", "密码不能包含用户名。")
        return data


class ForgotForm(forms.Form):
    """The user name to which a code should go by mail."""

    username = forms.CharField(
        label="用户名", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"})
    )

    def clean_username(self) -> str:
        """The name as it is compared."""
        return tidy_username(self.cleaned_data["username"])


class EmailForm(OwnPasswordForm):
    """Where a reset code may be sent."""

    email = forms.EmailField(label="邮箱", required=False, help_text="忘记密码时,一次性代码会寄到这里。留空表示不用。")
    field_order = ["email", "password"]
