"""Forms of hazards: the moves', the snapshot report's, and reading a checklist's many inputs."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from core.forms import ClientIdField, MoveForm, NoteForm, PhotosField, PhotosInput, PhotosMixin, UserForm, parsed_uid
from core.models import Submission, SubmissionVariant
from core.workdays import choices_from
from enterprises.models import Enterprise, Membership, Unit
from hazards.models import Answer, Checklist, Hazard, OwnItem
from hazards.models.checks import fillers
from hazards.models.hazard import LONGEST

NOTE_MAX = 500
FIRST_YEAR = 2019
QUICK_DAYS = (0, 3, 7, 15)
RESULTS = set(Answer.Result.values)
LEVELS = set(Hazard.Level.values)
CHOICES = [(level.value, level.label) for level in Hazard.Level]


class DueMixin:
    """A last day: tapped (今天/3天/7天/15天 with weekday and holidays) or picked."""

    fields: dict[str, Any]
    cleaned_data: dict[str, Any]

    def offer_days(self, start: datetime.date) -> None:
        """Fill the quick choices counted from `start`."""
        quick = [(day.isoformat(), label) for day, label in choices_from(start, QUICK_DAYS)]
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

    level = forms.ChoiceField(label="级别", choices=CHOICES, widget=forms.RadioSelect)
    note = forms.CharField(label="理由", max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 3}))


class HandOverForm(NoteForm):
    """To whom a half-done check goes."""

    to = forms.ModelChoiceField(
        label="交给", queryset=User.objects.none(), empty_label="请选择", error_messages={"required": "请选择交给谁。"}
    )
    field_order = ("to", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = sorted(fillers(self.instance.frequency))
        held = Membership.objects.current().filter(enterprise=self.instance.enterprise, role__in=roles)
        self.fields["to"].queryset = User.objects.filter(pk__in=held.values("user"), is_active=True).exclude(pk=self.instance.holder_id)


class CorrectForm(NoteForm):
    """Which content that came second is to be used."""

    variant = forms.ModelChoiceField(label="后收到的内容", queryset=SubmissionVariant.objects.none(), empty_label=None)
    field_order = ("variant", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variant"].queryset = self.instance.variants


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


class OwnItemForm(forms.ModelForm):
    """An enterprise's own item for one of the lists."""

    checklist_code = forms.ChoiceField(label="加到哪张表")

    class Meta:
        model = OwnItem
        fields = ("checklist_code", "name", "how_to_check", "hazard_if")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        lists = Checklist.objects.in_force(timezone.localdate()).exclude(level="")
        self.fields["checklist_code"].choices = sorted({(row.code, row.name) for row in lists})
        self.instance.enterprise_id = user.membership.enterprise_id
        self.instance.by = user
        self.instance.added_on = timezone.localdate()

    def _post_clean(self) -> None:
        """Also what holds within the enterprise, which is not a field of the form."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except ValidationError as errors:
                self.add_error(None, errors)


def posted_answers(data: Any, positions: range) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """({position: answer}, {position: sentence}) from inputs a-N result, n-N note, l-N level, d-N day, p-N_ids photos, s-N seen version.

    Unanswered items are absent. A remark that is too long or a value that is none of ours is a problem,
    and its answer is left out, so that the others can be saved.
    """
    found: dict[int, dict[str, Any]] = {}
    problems: dict[int, str] = {}
    for position in positions:
        result = data.get(f"a-{position}", "")
        if result not in RESULTS:
            continue
        given = {"result": result}
        if result == Answer.Result.FAIL:
            given |= _details(data, position)
            if len(given["note"]) > NOTE_MAX:
                problems[position] = f"描述有 {len(given['note'])} 字,最多 {NOTE_MAX} 字,这一项没有保存。"
                continue
        seen = data.get(f"s-{position}", "")
        if seen.isdecimal() and len(seen) < 10:
            given["seen"] = int(seen)
        found[position] = given
    return found, problems


def _details(data: Any, position: int) -> dict[str, Any]:
    level, day = data.get(f"l-{position}", ""), data.get(f"d-{position}", "")
    return {
        "note": clean_text(data.get(f"n-{position}", "")),
        "level": level if level in LEVELS else Hazard.Level.NORMAL.value,
        "due_on": day if _is_day(day) else "",
        "photos": sorted({str(uid) for text in data.getlist(f"p-{position}_ids") if (uid := parsed_uid(text))}),
    }


def clean_text(text: str) -> str:
    """Without control characters (line breaks stay) and outer blanks."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C").strip()


def _is_day(text: str) -> bool:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").year >= FIRST_YEAR and len(text) == 10
    except ValueError:
        return False


def photo_input(position: int) -> PhotosInput:
    """The photo control of one item."""
    return PhotosInput(attrs={"id": f"id_p-{position}"})
