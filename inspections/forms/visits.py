"""Forms of a visit's moves."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone

from accounts.models import User
from core.forms import MoveForm, NoteForm, RowsField
from enterprises.models import Membership
from inspections.models import Inspection
from inspections.models.days import why_too_far
from inspections.models.guard import known_of
from inspections.models.machine import OFFICERS

DAY = {"type": "date"}


def officers_near(user: Any) -> Any:
    """Who may be an officer of a visit beside this person: officers of the same town, by name."""
    own = user.membership
    town = own.area_id or own.department.area_id
    here = models.Q(area_id=town) | models.Q(department__area_id=town)
    held = Membership.objects.current().filter(here, role__in=sorted(OFFICERS))
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name").prefetch_related("certificates")


class OfficersField(RowsField):
    """Two or more officers, ticked; each with the state of the certificate on the page."""

    widget = forms.CheckboxSelectMultiple
    day: datetime.date | None = None

    def __init__(self, **kwargs: Any) -> None:
        missing = {
            "required": "请选择检查人员。",
            "invalid_choice": "请从名单里选择检查人员。",
            "invalid_pk_value": "请从名单里选择检查人员。",
        }
        super().__init__(queryset=User.objects.none(), label="检查人员", error_messages=missing, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """The name, and what is wrong with the certificate on the day."""
        valid = [row for row in obj.certificates.all() if row.standing(self.day or timezone.localdate()) == row.Standing.VALID]
        certificate = max(valid, key=lambda row: (row.valid_to, row.pk), default=None)
        return f"{obj.name}({certificate.number})" if certificate else f"{obj.name}(没有有效的执法证)"


class ApproveSchemeForm(NoteForm):
    """The leader's opinion; a visit without notice is said here."""

    is_unannounced = forms.BooleanField(label="不通知企业,直接检查", required=False)
    unannounced_reason = forms.CharField(label="不通知的理由", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        """A visit without notice has its reason."""
        data = super().clean() or {}
        if data.get("is_unannounced") and not data.get("unannounced_reason"):
            self.add_error("unannounced_reason", "不通知即检要写明理由。")
        return data


def override(**kwargs: Any) -> forms.CharField:
    """The reason to go although the guard warns; the firm never reads it."""
    return forms.CharField(label="仍要检查的理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class ReplanForm(MoveForm):
    """Another day, other officers, and why; past the guard again."""

    planned_on = forms.DateField(label="计划检查日期", widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    officers = OfficersField()
    note = forms.CharField(
        label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "请写明改期或换人的理由。"}
    )
    override_reason = override(required=False, help_text="有提醒时填写,由批准方案的领导一并审批;企业看不到。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officers"].queryset = officers_near(self.user)
        self.fields["officers"].initial = [row.user_id for row in self.instance.officers.all()]
        self.fields["planned_on"].initial = self.instance.planned_on
        self.fields["override_reason"].initial = self.instance.override_reason

    def clean_planned_on(self) -> Any:
        """Today or later."""
        return not_past(self.cleaned_data["planned_on"])

    def clean(self) -> dict[str, Any]:
        """The guard's warnings of the new day have their reason."""
        data = super().clean() or {}
        if data.get("planned_on") and not data.get("override_reason"):
            for warning in warnings_of(self.instance, data["planned_on"]):
                self.add_error("override_reason", warning)
        return data


class JoinForm(MoveForm):
    """What the other unit wants to look at, and who comes."""

    note = forms.CharField(
        label="要查什么", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "请写明本单位要查什么。"}
    )
    officers = OfficersField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officers"].queryset = officers_near(self.user)
        self.fields["officers"].initial = [self.user.pk]


class ReadyForm(NoteForm):
    """From when on, in the firm's own words."""


class BeginForm(NoteForm):
    """Where it is looked at; on another day than planned also why, when the guard warns of that day."""

    place = forms.CharField(label="检查场所", max_length=200, error_messages={"required": "请写明检查场所。"})
    override_reason = override(
        help_text="不在计划的日期检查,又有提醒的,请写明理由;企业看不到。", error_messages={"required": "请写明理由。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.told = warnings_of(self.instance, today) if today != self.instance.planned_on else []
        if not self.told:
            del self.fields["override_reason"]
        self.fields["place"].initial = self.instance.enterprise.address or self.instance.enterprise.name


class ReportDistrictForm(NoteForm):
    """How the district was told."""

    how = forms.CharField(
        label="报送方式", max_length=100, help_text="例如:书面报告、电话、系统。", error_messages={"required": "请写明怎样报的。"}
    )


class WaivePartForm(MoveForm):
    """Which part does not apply, and why."""

    part = forms.ChoiceField(label="哪一部分", choices=[("penalty", "行政处罚"), ("recheck", "整改复查")])
    note = forms.CharField(
        label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "请写明为什么不适用。"}
    )


def warnings_of(visit: Inspection, day: datetime.date) -> list[str]:
    """What the guard says against this visit on that day."""
    return known_of(visit.enterprise, day, visit.kind, beside=visit).warnings


def not_past(day: Any) -> Any:
    """The day, when it is not before today and can be meant."""
    if day < timezone.localdate():
        raise forms.ValidationError("日期不能早于今天。")
    return not_too_far(day)


def not_too_far(day: Any) -> Any:
    """The day, when it can be meant."""
    if why := why_too_far(day, timezone.localdate()):
        raise forms.ValidationError(why)
    return day
