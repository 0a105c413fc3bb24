"""Forms of construction projects: the registration, and what each move asks for."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Department
from accounts.models.areas import within
from accounts.roles import Role
from core.forms import MoveForm, PhotosField, PhotosMixin
from core.workdays import day_name
from enterprises.filters import area_code
from enterprises.forms.enterprise import DateInput, OnceForm
from enterprises.models import Project
from enterprises.models.project_papers import ProjectRequirement
from enterprises.names import VisibleNameMixin, visible

KNOWN = datetime.timedelta(days=15 * 366)
METAL_SMELTING = "METAL_SMELTING"
APPROVAL = ("approved_by_department", "approval_number", "approved_on")


def past_day(day: datetime.date | None) -> None:
    """ValidationError for a day after today, or for a slip of the year."""
    today = timezone.localdate()
    if day and day > today:
        raise ValidationError("日期不能晚于今天。")
    if day and day < today - KNOWN:
        raise ValidationError("日期在十五年以前,请核对年份。")


def day_field(label: str, *, required: bool = True, **more: Any) -> forms.DateField:
    """A day in the past or today."""
    return forms.DateField(label=label, required=required, widget=DateInput(), validators=[past_day], **more)


def note_field(label: str = "说明", *, required: bool = False, otherwise: str = "请写明情况。") -> forms.CharField:
    """A remark, or what must be said."""
    missing = {"required": otherwise}
    return forms.CharField(label=label, required=required, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), error_messages=missing)


def offices(user: Any) -> Any:
    """The departments a person may name as the one that approved: a department's people their own, others the town's."""
    if user.role == Role.DEPARTMENT:
        return Department.objects.filter(pk=user.membership.department_id)
    return Department.objects.filter(within("area_id", area_code(user)[:9]))


class ProjectForm(VisibleNameMixin, OnceForm):
    """A project, with its approval; an inspector may register one that nobody approved."""

    class Meta:
        model = Project
        fields = ("name", "kind", "is_special", "investment", *APPROVAL)
        widgets = {"approved_on": DateInput(), "kind": forms.RadioSelect()}
        help_texts = {
            "name": "例如:2号熔炼车间扩建。",
            "investment": "可不填,例如“320万元”。",
            "approval_number": "没有文号的写项目代码。",
            "is_special": "这类项目的安全设施设计由主管部门审查,其他项目由建设单位自己组织审查。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields, rows = self.fields, offices(self.user)
        fields["kind"].choices = Project.Kind.choices
        fields["approved_by_department"].queryset = rows
        fields["approved_by_department"].empty_label = None if self.user.role == Role.DEPARTMENT else "还没有批准"
        fields["approved_on"].validators.append(past_day)
        fields["is_special"].initial = self.instance.enterprise.traits.filter(code=METAL_SMELTING).exists()
        if self.user.role == Role.DEPARTMENT:
            for name in APPROVAL:
                fields[name].required = True

    def clean_approval_number(self) -> str:
        """What is stored is what is read."""
        return visible(self.cleaned_data["approval_number"])

    def clean(self) -> dict[str, Any]:
        """The approval whole or not at all."""
        data = super().clean() or self.cleaned_data
        given = [name for name in APPROVAL if data.get(name)]
        for name in APPROVAL if given else ():
            if name not in given and name not in self.errors:
                self.add_error(name, "批准部门、文号、日期要一起填;还没有批准的三项都空着。")
        return data

    def facts(self) -> dict[str, Any]:
        """What `Project.register` takes."""
        data = self.cleaned_data
        approval = {"department": data[APPROVAL[0]], "number": data[APPROVAL[1]], "approved_on": data[APPROVAL[2]]}
        own = {name: data[name] for name in ("name", "kind", "is_special", "investment")}
        return {**own, "approval": approval if data[APPROVAL[2]] else None}


class PaperForm(VisibleNameMixin, PhotosMixin, MoveForm):
    """The paper of the stage that is left: what it is, who made it, when; `told` names what the law asks for."""

    name = forms.CharField(label="材料名称", max_length=120)
    number = forms.CharField(label="文号", max_length=60, required=False)
    organ = forms.CharField(label="出具单位", max_length=60)
    dated_on = day_field("材料日期")
    photos = PhotosField(label="材料照片", required=False)
    note = note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        requirement: ProjectRequirement | None = self.instance.requirement(timezone.localdate())
        if requirement is None:
            return
        self.told = [f"需要:{requirement}", *self.more_told()]
        self.fields["name"].initial = requirement.name
        self.fields["number"].required = requirement.needs_number
        for name in ("name", "number", "organ", "dated_on"):
            label = self.fields[name].label
            self.fields[name].error_messages["required"] = f"还缺{requirement.name}的{label}({requirement.article})。"

    def more_told(self) -> list[str]:
        """What else the person should know before filling it in."""
        return []

    def clean_organ(self) -> str:
        """What is stored is what is read; something must be left."""
        organ = visible(self.cleaned_data["organ"])
        if not organ:
            raise ValidationError(self.fields["organ"].error_messages["required"])
        return organ

    def clean_number(self) -> str:
        """What is stored is what is read; something must be left where the paper must bear a number."""
        number = visible(self.cleaned_data["number"])
        if not number and self.fields["number"].required:
            raise ValidationError(self.fields["number"].error_messages["required"])
        return number


class ApplyDesignForm(PhotosMixin, MoveForm):
    """To whom and when the design went for review."""

    organ = forms.CharField(label="审查部门", max_length=60, help_text="例如:綦江区应急管理局。")
    applied_on = day_field("申请日期", initial=timezone.localdate)
    photos = PhotosField(label="申请材料照片", required=False)
    note = note_field()


class AcceptDesignForm(MoveForm):
    """When the authority accepted the application."""

    accepted_on = day_field("受理日期", initial=timezone.localdate)
    note = note_field()


class StartTrialForm(PaperForm):
    """The report of completion, and when the trial run begins."""

    started_on = day_field("试运行开始日期", initial=timezone.localdate)
    field_order = ("started_on",)


class RestartTrialForm(MoveForm):
    """From when on the trial counts anew, and why."""

    started_on = day_field("重新开始日期", initial=timezone.localdate)
    note = note_field("原因", required=True, otherwise="请写明为什么重新起算,例如设备改造、超过最长期限。")


class EndTrialForm(PaperForm):
    """The trial's report, and when it ended; the days within which it may end are told."""

    ended_on = day_field("试运行结束日期", initial=timezone.localdate)
    field_order = ("ended_on",)

    def more_told(self) -> list[str]:
        """From when to when it may end."""
        start, span = self.instance.trial_started_on, self.instance.trial_span()
        if not (start and span):
            return []
        return [f"试运行从 {start:%Y-%m-%d} 开始,应在 {span[0]:%Y-%m-%d} 至 {span[1]:%Y-%m-%d} 之间结束"]


class AcceptanceForm(PaperForm):
    """The acceptance report, and what it concluded."""

    passed = forms.TypedChoiceField(
        label="验收结论",
        choices=[("yes", "通过"), ("no", "不通过")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        empty_value=None,
        error_messages={"required": "请选择验收结论。"},
    )
    field_order = ("passed",)


class UseForm(MoveForm):
    """From which day on it is used."""

    in_use_on = day_field("投用日期", initial=timezone.localdate)
    note = note_field()


class ApprovalForm(MoveForm):
    """The approval that was lacking."""

    department = forms.ModelChoiceField(label="批准(备案)部门", queryset=Department.objects.none(), empty_label="请选择")
    number = forms.CharField(label="批准(备案)文号", max_length=60, help_text="没有文号的写项目代码。")
    approved_on = day_field("批准(备案)日期")
    note = note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = offices(self.user)
        if self.user.role == Role.DEPARTMENT:
            self.fields["department"].empty_label = None


class NotifyForm(PhotosMixin, MoveForm):
    """When and how the district's bureau was informed."""

    notified_on = day_field("告知日期", initial=timezone.localdate)
    how = forms.ChoiceField(label="告知方式", choices=Project.How.choices, widget=forms.RadioSelect)
    photos = PhotosField(label="告知函、回执照片", required=False)
    note = note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due, row = self.instance.notify_by_on, self.instance
        if due and row.approved_on:
            late = ",已经逾期" if due < timezone.localdate() else ""
            self.told = [f"{row.approved_on:%Y-%m-%d} 批准,应在 {due:%Y-%m-%d}({day_name(due)})以前告知{late}"]


class FoundForm(PhotosMixin, MoveForm):
    """When it was found in use, what was seen, and photos."""

    found_on = day_field("发现日期", initial=timezone.localdate)
    note = note_field("现场情况", required=True, otherwise="请写明看到的情况:什么设备在生产、从何时起。")
    photos = PhotosField(label="现场照片", required=False)
