"""Forms of officers' certificates, kept on the person's page by the town's administrator."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import OfficerCertificate
from core.forms import UserForm
from enterprises.forms.enterprise import DateInput, OnceForm
from enterprises.names import visible

LONGEST = datetime.timedelta(days=10 * 366)


class CertificateForm(OnceForm):
    """A certificate as it is printed; the number without blanks, so that one number is one row."""

    class Meta:
        model = OfficerCertificate
        fields = ("number", "organ", "scope", "valid_from", "valid_to")
        widgets = {"valid_from": DateInput(), "valid_to": DateInput()}
        help_texts = {"number": "照证件填写,例如“渝綦执-000123”。", "scope": "例如:安全生产,綦江区石角镇。"}

    def clean_number(self) -> str:
        """Without blanks and invisible characters; something must be left."""
        number = "".join(visible(self.cleaned_data["number"]).split())
        if not number:
            raise ValidationError("请填写证号。")
        return number

    def clean_organ(self) -> str:
        """What is stored is what is read."""
        return self._seen("organ", "请填写发证机关。")

    def clean_scope(self) -> str:
        """What is stored is what is read."""
        return self._seen("scope", "请填写执法类别和区域。")

    def _seen(self, name: str, otherwise: str) -> str:
        text = visible(self.cleaned_data[name])
        if not text:
            raise ValidationError(otherwise)
        return text

    def clean(self) -> dict[str, Any]:
        """No slip of the year: certificates are given for some years, and not years ahead."""
        data = super().clean() or self.cleaned_data
        first, last, today = data.get("valid_from"), data.get("valid_to"), timezone.localdate()
        if first and last and last - first > LONGEST:
            self.add_error("valid_to", "有效期超过十年,请核对年份。")
        elif last and not today - LONGEST <= last <= today + LONGEST:
            self.add_error("valid_to", "有效期的结束日期离今天超过十年,请核对年份。")
        return data


class RevokeForm(UserForm):
    """From which day it no longer counts, and why."""

    revoked_on = forms.DateField(label="从哪天起吊销", widget=DateInput(), initial=timezone.localdate)
    reason = forms.CharField(
        label="原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如:调离执法岗位、证件遗失补办、被暂扣或吊销。",
        error_messages={"required": "请写明原因。"},
    )

    def __init__(self, *args: Any, certificate: OfficerCertificate, **kwargs: Any) -> None:
        self.certificate = certificate
        super().__init__(*args, **kwargs)

    def clean_revoked_on(self) -> datetime.date:
        """Not later than today, not before it was given."""
        day, today = self.cleaned_data["revoked_on"], timezone.localdate()
        if day > today:
            raise ValidationError("吊销日期不能晚于今天。")
        if day < min(self.certificate.valid_from, today):
            raise ValidationError(f"吊销日期不能早于有效期的开始日期 {self.certificate.valid_from:%Y-%m-%d}。")
        return day
