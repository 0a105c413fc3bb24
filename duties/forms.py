"""Forms of duties: plans begun, ended, handed to another person."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from duties.models import Duty, DutyPlan, Sample
from duties.models.duty import DOERS, doers
from enterprises.models import Membership, Unit

FURTHEST = datetime.timedelta(days=366)


def first_days(today: datetime.date) -> list[tuple[str, str]]:
    """From when a plan may begin: today, tomorrow, next Monday, the first of next month."""
    monday = today + datetime.timedelta(days=7 - today.weekday())
    month = (today.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    days = [(today, "今天"), (today + datetime.timedelta(days=1), "明天"), (monday, "下周一"), (month, "下月1日")]
    return [(day.isoformat(), f"{name}({day.month}月{day.day}日)") for day, name in days]


class CalendarForm(forms.Form):
    """On which days a unit produces, in which shift, and from when."""

    days = forms.ChoiceField(label="生产日", choices=DutyPlan.Days, widget=forms.RadioSelect, initial=DutyPlan.Days.WORKDAYS)
    shift = forms.TimeField(
        label="班次开始",
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="只对每日的任务。白天正常班不用填;夜班填开始时间,如 22:00,跨过零点的算开始那天。",
        error_messages={"invalid": "请写成 22:00 这样的时间。"},
    )
    shift_hours = forms.IntegerField(label="班次小时数", required=False, min_value=1, max_value=24, help_text="填了班次才需要。")
    starts_on = forms.ChoiceField(label="从哪天开始", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = first_days(timezone.localdate())
        self.fields["starts_on"].choices = choices
        self.fields["starts_on"].initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        """A shift has its hours; a whole day has 24."""
        data = super().clean() or {}
        shift, hours = data.get("shift"), data.get("shift_hours")
        if shift and not hours:
            self.add_error("shift_hours", "填了班次,请写明几个小时。")
        if hours and not shift and "shift" not in self.errors:
            self.add_error("shift", "写了小时数,请填班次从几点开始。")
        data["shift"] = shift.strftime("%H:%M") if shift else ""
        data["shift_hours"] = hours if shift else 24
        if data.get("starts_on"):
            data["starts_on"] = datetime.date.fromisoformat(data["starts_on"])
        return data


def staff(enterprise: Any, duty: Duty | None = None) -> Any:
    """The people of a firm who may answer for a plan: whose role may do such a duty, or any duty at all."""
    roles = doers(duty.frequency) if duty else DOERS
    held = Membership.objects.current().order_by().filter(enterprise=enterprise, role__in=sorted(roles))
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name")


class PlanForm(CalendarForm):
    """One plan by hand, for what the set-up page does not offer: a second shift, another unit."""

    unit = forms.ModelChoiceField(
        label="部门班组", queryset=Unit.objects.none(), empty_label="请选择", error_messages={"required": "请选择部门班组。"}
    )
    duty = forms.ModelChoiceField(
        label="周期任务", queryset=Duty.objects.none(), empty_label="请选择", error_messages={"required": "请选择任务。"}
    )
    responsible = forms.ModelChoiceField(label="责任人", queryset=User.objects.none(), required=False, empty_label="部门班组当时的负责人")
    field_order = ("unit", "duty", "responsible", "days", "shift", "shift_hours", "starts_on")

    def __init__(self, *args: Any, enterprise: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.open().filter(enterprise=enterprise)
        self.fields["duty"].queryset = Duty.objects.in_force(timezone.localdate()).order_by("code")
        self.fields["responsible"].queryset = staff(enterprise)

    def clean(self) -> dict[str, Any]:
        """A shift belongs to a daily duty."""
        data = super().clean()
        duty = data.get("duty")
        if duty and duty.frequency != "day" and data.get("shift"):
            self.add_error("shift", "只有每日的任务分班次。")
        return data


class PlanEndForm(forms.Form):
    """The last day of a plan, and why."""

    last_day = forms.DateField(label="最后一天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    note = forms.CharField(label="原因", max_length=200, required=False)

    def __init__(self, *args: Any, plan: DutyPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.fields["last_day"].initial = timezone.localdate()

    def clean_last_day(self) -> datetime.date:
        """Today or later, not before the plan begins, not in a far future."""
        day, today = self.cleaned_data["last_day"], timezone.localdate()
        if day < max(today, self.plan.starts_on):
            raise forms.ValidationError(f"最早是 {max(today, self.plan.starts_on)}:过去的周期不再改变。")
        if day > today + FURTHEST:
            raise forms.ValidationError("最晚是一年以后。")
        return day


class PlanAssignForm(forms.Form):
    """Who answers for it from the next period on."""

    responsible = forms.ModelChoiceField(label="责任人", queryset=User.objects.none(), required=False, empty_label="部门班组当时的负责人")

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, plan: DutyPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.fields["responsible"].queryset = staff(plan.enterprise, plan.duty)
        self.fields["responsible"].initial = plan.responsible_id
        self.fields["seen"].initial = plan.responsible_id

    def clean(self) -> dict[str, Any]:
        """Somebody was faster: said once, with whom he chose."""
        data = super().clean() or {}
        person = data.get("responsible")
        now = str(self.plan.responsible_id or "")
        if data.pop("seen", "") != now and "seen" in self.data and person != self.plan.responsible:
            self.data = self.data.copy()
            self.data["seen"] = now
            name = self.plan.responsible.name if self.plan.responsible else "部门班组当时的负责人"
            raise forms.ValidationError(f"在您填写的时候,责任人已被改为{name}。没有保存;还要换的,请再点一次。")
        return data


class SampleForm(forms.Form):
    """What the reviewer found; what is not true says why."""

    verdict = forms.ChoiceField(choices=Sample.Verdict)
    note = forms.CharField(max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """Not true, and no reason."""
        data = super().clean() or {}
        if data.get("verdict") == Sample.Verdict.FALSE and not data.get("note"):
            raise forms.ValidationError("“不符”要写明哪里不符,没有保存。")
        return data
