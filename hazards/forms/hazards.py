"""Forms of hazards: the general moves', and the snapshot report's."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from core.forms import ClientIdField, MoveForm, NoteForm, PhotosField, PhotosMixin, UserForm
from core.models import Submission
from core.workdays import choices_from
from enterprises.models import Enterprise, Membership, Unit
from hazards.models import Hazard
from hazards.models.hazard import LONGEST

NOTE_MAX = 500
QUICK_DAYS = (0, 3, 7, 15)
CHOICES = [(level.value, level.label) for level in Hazard.Level]
GENERAL = [choice for choice in CHOICES if choice[0] != Hazard.Level.MAJOR]


class DueMixin:
    """A last day: tapped (a few days from now, with weekday and holidays) or picked."""

    fields: dict[str, Any]
    cleaned_data: dict[str, Any]

    def offer_days(self, start: datetime.date, days: tuple[int, ...] = QUICK_DAYS) -> None:
        """Fill the quick choices counted from `start`."""
        quick = [(day.isoformat(), label) for day, label in choices_from(start, days)]
        self.fields["quick"].choices = [*quick, ("", "另选日期")]

    def chosen_day(self) -> datetime.date | None:
        """The tapped day, else the picked one."""
        quick = self.cleaned_data.get("quick")
        return datetime.date.fromisoformat(quick) if quick else self.cleaned_data.get("other_day")


def day_fields(label: str) -> tuple[forms.ChoiceField, forms.DateField]:
    """The quick choice and the date beside it."""
    quick = forms.ChoiceField(label=label, required=False, widget=forms.RadioSelect)
    other = forms.DateField(label="另选日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    return quick, other


class AssignForm(DueMixin, MoveForm):
    """Who rectifies, until when, at which level."""

    rectifier = forms.ModelChoiceField(
        label="整改人", queryset=User.objects.none(), empty_label="请选择", error_messages={"required": "请选择整改人。"}
    )
    level = forms.ChoiceField(label="级别", choices=CHOICES, widget=forms.RadioSelect)
    quick, other_day = day_fields("整改期限")
    note = forms.CharField(label="要求", required=False, max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hazard, today = self.instance, timezone.localdate()
        current = Membership.objects.current().filter(enterprise=hazard.enterprise)
        self.fields["rectifier"].queryset = User.objects.filter(pk__in=current.values("user"), is_active=True).order_by("name")
        self.fields["rectifier"].initial = hazard.rectifier_id
        self.fields["level"].choices = CHOICES if hazard.level == Hazard.Level.MAJOR else GENERAL
        self.fields["level"].initial = hazard.level
        self.offer_days(today)
        wished = hazard.due_on or hazard.proposed_due_on
        default = wished if wished and wished >= today else hazard.default_due_on(hazard.level, today)
        tapped = default.isoformat() in [value for value, _ in self.fields["quick"].choices]
        self.fields["quick"].initial = default.isoformat() if tapped else ""
        self.fields["other_day"].initial = None if tapped else default
        unsure = "(默认期限待镇里核对)" if hazard.default_rule(hazard.level, today).verify else ""
        self.fields["other_day"].help_text = f"按现在的级别,默认期限到 {hazard.default_due_on(hazard.level, today):%Y-%m-%d}{unsure}。"

    def clean(self) -> dict[str, Any]:
        """One day, today or later."""
        data = super().clean()
        day = self.chosen_day()
        data.pop("quick", None)
        data.pop("other_day", None)
        if day is None:
            self.add_error("quick", "请选择整改期限。")
        elif day < timezone.localdate():
            self.add_error("other_day", "整改期限不能早于今天。")
        elif day > timezone.localdate() + LONGEST:
            self.add_error("other_day", "整改期限不能超过一年。")
        data["due_on"] = day
        return data


class ReassignForm(NoteForm):
    """Another person; the last day stays."""

    rectifier = forms.ModelChoiceField(
        label="整改人", queryset=User.objects.none(), empty_label="请选择", error_messages={"required": "请选择整改人。"}
    )
    field_order = ("rectifier", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = Membership.objects.current().filter(enterprise=self.instance.enterprise)
        people = User.objects.filter(pk__in=current.values("user"), is_active=True)
        self.fields["rectifier"].queryset = people.exclude(pk=self.instance.rectifier_id).order_by("name")


class FixForm(PhotosMixin, MoveForm):
    """What was done, with photos after."""

    measures = forms.CharField(
        label="整改措施", max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": "请写明怎么整改的。"}
    )
    photos = PhotosField(label="整改后照片")


class AcceptForm(PhotosMixin, NoteForm):
    """A remark and photos of the acceptance, both optional."""

    photos = PhotosField(label="验收照片", required=False)


class ExtensionForm(DueMixin, MoveForm):
    """Until when, and why."""

    quick, other_day = day_fields("申请延至")
    note = forms.CharField(
        label="理由", max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "请写明为什么需要延期。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_days(self.instance.due_on or timezone.localdate())
        self.fields["quick"].choices = [choice for choice in self.fields["quick"].choices if "今天" not in choice[1]]

    def clean(self) -> dict[str, Any]:
        """Later than the last day in force."""
        data = super().clean()
        day = self.chosen_day()
        data.pop("quick", None)
        data.pop("other_day", None)
        if day is None or (self.instance.due_on and day <= self.instance.due_on):
            self.add_error("quick", f"请选择晚于 {self.instance.due_on:%Y-%m-%d} 的日期。")
        elif day > timezone.localdate() + LONGEST:
            self.add_error("other_day", "延期不能超过今天起一年。")
        data["until"] = day
        return data


class RegradeForm(MoveForm):
    """Another level, with its reason."""

    level = forms.ChoiceField(label="级别", choices=GENERAL, widget=forms.RadioSelect)
    note = forms.CharField(label="理由", max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 3}))


class ReportForm(PhotosMixin, UserForm):
    """随手拍: where, what, and a photo; the town's people also say which enterprise."""

    client_id = ClientIdField()
    enterprise = forms.ModelChoiceField(
        label="企业",
        queryset=Enterprise.objects.none(),
        widget=forms.HiddenInput,
        error_messages={"required": "请先选企业。", "invalid_choice": "这家企业不在您的范围内,请重新选。"},
    )
    unit = forms.ModelChoiceField(label="部门班组", queryset=Unit.objects.none(), required=False, empty_label="不清楚")
    place = forms.CharField(label="在哪里", max_length=100, error_messages={"required": "请写明位置,例如“2号冲床旁”。"})
    description = forms.CharField(
        label="看到了什么", max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": "请写明看到的情况。"}
    )
    photos = PhotosField(label="照片")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user.is_town:
            self.fields["enterprise"].queryset = Enterprise.objects.for_user(self.user)
            del self.fields["unit"]
        else:
            del self.fields["enterprise"]
            self.fields["unit"].queryset = Unit.objects.for_user(self.user).open()
            self.fields["unit"].initial = self.user.membership.unit_id

    def received(self) -> Submission | None:
        """The report this id brought before."""
        client_id = self.cleaned_data.get("client_id")
        return Submission.objects.filter(user=self.user, client_id=client_id, kind="report").first() if client_id else None
