"""Forms of the moves of an order and of an on-site measure."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import MoveForm, NoteForm, PhotosField, PhotosMixin, ReasonForm
from core.workdays import day_name
from inspections.forms.visits import DAY, OfficersField, not_past, officers_near
from inspections.models.of_paper import WRITTEN

LONG = 500


def text(label: str, missing: str, rows: int = 4) -> forms.CharField:
    """A required text of some length."""
    return forms.CharField(label=label, max_length=LONG, widget=forms.Textarea(attrs={"rows": rows}), error_messages={"required": missing})


class Application(PhotosMixin, MoveForm):
    """The base of what a firm applies for: an inspector is told what he does here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user.is_town:
            self.told = [f"{WRITTEN}:企业没有账号或交来书面申请的,照申请书填写,并拍下申请书。"]


class AskExtensionForm(Application):
    """Until when, why, and what keeps people safe until then."""

    until = forms.DateField(label="申请延至", widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    note = text("理由", "请写明为什么按期完不成。")
    measures = text("延期期间的防范措施", "请写明延期期间怎样保证安全。")
    photos = PhotosField(label="照片", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = self.instance.extend_to_on
        self.fields["until"].help_text = f"现在的期限是 {self.instance.due_on:%Y-%m-%d},一次延期最晚到 {last:%Y-%m-%d} {day_name(last)}。"

    def clean_until(self) -> Any:
        """Later than the day now, and not later than one request may ask for."""
        day = self.cleaned_data["until"]
        if day <= self.instance.due_on:
            raise forms.ValidationError(f"要晚于现在的期限 {self.instance.due_on:%Y-%m-%d}。")
        if day > self.instance.extend_to_on:
            raise forms.ValidationError(f"一次延期最晚到 {self.instance.extend_to_on:%Y-%m-%d}。")
        return day


class ApplyRecheckForm(Application):
    """What was done, with photos."""

    measures = text("整改情况", "请逐项写明怎样整改的。", rows=5)
    photos = PhotosField(label="整改后照片")


class PlanRecheckForm(NoteForm):
    """When, and who goes."""

    planned_on = forms.DateField(label="复查日期", widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    officers = OfficersField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officers"].queryset = officers_near(self.user)
        self.fields["officers"].initial = [self.user.pk]
        if self.instance.recheck_by_on:
            self.told = [f"复查期限到 {self.instance.recheck_by_on:%Y-%m-%d} {day_name(self.instance.recheck_by_on)}"]

    def clean_planned_on(self) -> Any:
        """Today or later."""
        return not_past(self.cleaned_data["planned_on"])


class ApplyReleaseForm(Application):
    """What was done about the danger, with photos."""

    report = text("治理情况", "请写明危险怎样消除的。", rows=5)
    photos = PhotosField(label="治理后照片")


class ExamineForm(PhotosMixin, MoveForm):
    """What was seen on the spot."""

    passed = forms.TypedChoiceField(
        label="审查结论",
        choices=[("yes", "合格,可以恢复"), ("no", "不合格")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择审查结论。"},
    )
    opinion = text("审查意见", "请写明现场看到的情况。")
    photos = PhotosField(label="现场照片", required=False)


class GrantExtensionForm(NoteForm):
    """The leader's consent, under what the firm asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = asked_words(self.instance)


class RefuseExtensionForm(ReasonForm):
    """Why not, under what the firm asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = asked_words(self.instance)


def asked_words(order: Any) -> list[str]:
    """The open request in lines."""
    asked = order.open_extension
    if asked is None:
        return []
    return [
        f"申请由 {asked.was_due_on:%Y-%m-%d} 延至 {asked.until:%Y-%m-%d} {day_name(asked.until)}",
        f"理由:{asked.reason}",
        f"防范措施:{asked.measures}",
        f"申请:{asked.asked_words},{asked.reply_by_on:%Y-%m-%d} 前答复",
    ]


class SignExaminationForm(NoteForm):
    """The second officer's consent, under what the first one saw."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = examination_words(self.instance.open_examination)


class ReleaseForm(NoteForm):
    """The leader's consent, under what two officers have examined."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        examined = self.instance.examinations.filter(passed=True).exclude(second_by=None).last()
        self.told = [f"解除条件:{self.instance.condition}", *examination_words(examined)]


def examination_words(row: Any) -> list[str]:
    """An examination in lines."""
    if row is None:
        return []
    second = f",{row.second_by.name}会签" if row.second_by else ""
    return [f"{row.on:%Y-%m-%d} {row.by.name}审查{second}:{'合格' if row.passed else '不合格'}", row.opinion]
