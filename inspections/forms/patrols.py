"""Forms of walks, and of inspections by authorities outside the system."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import ClientIdField, PhotosField, PhotosMixin, UserForm
from core.models import Submission
from enterprises.models import Enterprise
from inspections.forms.visits import DAY
from inspections.models import OutsideVisit, Patrol
from inspections.models.days import why_too_early


class ChosenFirm(UserForm):
    """A form about one firm of the user's scope, sent once however often."""

    kind = ""
    client_id = ClientIdField()
    enterprise = forms.ModelChoiceField(
        label="企业",
        queryset=Enterprise.objects.none(),
        widget=forms.HiddenInput,
        error_messages={"required": "请先选企业。", "invalid_choice": "这家企业不在您的范围内,请重新选。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["enterprise"].queryset = Enterprise.objects.for_user(self.user)

    def received(self) -> Submission | None:
        """What this id brought before."""
        client_id = self.cleaned_data.get("client_id")
        return Submission.objects.filter(user=self.user, client_id=client_id, kind=self.kind).first() if client_id else None


class PatrolForm(PhotosMixin, ChosenFirm):
    """Who walked, when, and what was seen and said."""

    kind = "patrol"
    on = forms.DateField(label="走访日期", widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), initial=timezone.localdate)
    walker = forms.ChoiceField(
        label="走访人员", choices=Patrol.Walker, widget=forms.RadioSelect, error_messages={"required": "请选择走访人员。"}
    )
    names = forms.CharField(label="走访人姓名", max_length=100, error_messages={"required": "请写明走访人姓名。"})
    text = forms.CharField(
        label="看到的情况和提醒",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请写明看到的情况和提醒了什么。"},
    )
    photos = PhotosField(label="照片", required=False)

    def clean_on(self) -> Any:
        """Not a day to come."""
        return not_later(self.cleaned_data["on"], "走访日期")


class OutsideVisitForm(ChosenFirm):
    """Which authority, when, and what it looked at."""

    kind = "outside_visit"
    organ = forms.CharField(label="检查单位", max_length=60, error_messages={"required": "请写明检查单位,例如“区应急管理局”。"})
    on = forms.DateField(label="检查日期", widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), initial=timezone.localdate)
    note = forms.CharField(label="检查事项", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_on(self) -> Any:
        """Not a day to come."""
        return not_later(self.cleaned_data["on"], "检查日期")

    def clean(self) -> dict[str, Any]:
        """The same visit is counted once."""
        data = super().clean() or self.cleaned_data
        known = {name: data.get(name) for name in ("enterprise", "organ", "on")}
        if all(known.values()) and not self.received() and OutsideVisit.objects.filter(**known).exists():
            self.add_error("organ", "这个单位这一天对这家企业的检查已经登记过。")
        return data


def not_later(day: Any, label: str) -> Any:
    """The day, when it is not after today and can be meant."""
    if day > timezone.localdate():
        raise forms.ValidationError(f"{label}不能晚于今天。")
    if why := why_too_early(day, timezone.localdate()):
        raise forms.ValidationError(why)
    return day
