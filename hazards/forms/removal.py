"""Forms of the removal of a major hazard: the five-fix plan, its progress, the application and the re-check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from core.forms import MoveForm, PhotosField, PhotosMixin
from enterprises.models import KeyPerson, Membership
from hazards.forms.hazards import NOTE_MAX
from hazards.models import FiveFixPlan, InterimMeasure
from hazards.models.hazard import LONGEST
from hazards.models.plans import ENGINEERS, WRITTEN

LONG_MAX = 5000
DAY = {"type": "date"}
RESULTS = [("pass", "通过"), ("fail", "不通过")]


class PlanForm(MoveForm):
    """The five pieces, whole or not yet; and the chief engineer's opinion where the firm must have one."""

    person = forms.ModelChoiceField(label="定责任人", queryset=User.objects.none(), required=False, empty_label="请选择")
    person_post = forms.CharField(label="责任人职务", max_length=40, required=False)
    goal = forms.CharField(label="治理目标和任务(可不填)", required=False, max_length=LONG_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    measures = forms.CharField(
        label="定措施",
        required=False,
        max_length=LONG_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="一行写一条,复查时逐条核对。",
    )
    funds_amount = forms.DecimalField(
        label="定资金:金额(元)",
        required=False,
        max_digits=12,
        decimal_places=2,
        min_value=0,
        error_messages={"min_value": "金额不能是负数。", "invalid": "请写数字,例如 35000。"},
    )
    funds_source = forms.CharField(label="定资金:来源", required=False, max_length=100, help_text="例如:安全生产费用、企业自筹。")
    due_on = forms.DateField(label="定时限:完成期限", required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    emergency_plan = forms.CharField(
        label="定预案:应急预案",
        required=False,
        max_length=LONG_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="整改期间出了险情怎么办:谁报警、怎么撤、用什么救。",
    )
    engineer = forms.ModelChoiceField(label="总工程师", queryset=KeyPerson.objects.none(), required=False, empty_label="请选择")
    engineer_opinion = forms.CharField(label="总工程师意见", required=False, max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    engineer_on = forms.DateField(label="签署日期", required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan: FiveFixPlan = self.instance
        people = Membership.objects.current().filter(enterprise=plan.enterprise)
        self.fields["person"].queryset = User.objects.filter(pk__in=people.values("user"), is_active=True).order_by("name")
        self.fields["engineer"].queryset = KeyPerson.objects.filter(pk__in=[row.pk for row in plan.engineers()])
        if not plan.needs_engineer:
            for name in ENGINEERS:
                del self.fields[name]
        for name in (*WRITTEN, *ENGINEERS):
            if name in self.fields:
                self.fields[name].initial = getattr(plan, name)

    def clean_due_on(self) -> Any:
        """Today or later, and no slip of the year."""
        day = self.cleaned_data["due_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError("完成期限不能早于今天。")
        if day and day > timezone.localdate() + 3 * LONGEST:
            raise forms.ValidationError("完成期限在三年以后,请核对年份。")
        return day

    def clean_engineer_on(self) -> Any:
        """Today or earlier."""
        day = self.cleaned_data["engineer_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("签署日期不能晚于今天。")
        return day


class ProgressForm(PhotosMixin, MoveForm):
    """What was done this week, and how far it is."""

    text = forms.CharField(
        label="本周进展",
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明做了什么、还差什么。"},
    )
    percent = forms.IntegerField(label="完成(%)", min_value=0, max_value=100, error_messages={"required": "请写大概完成了百分之几。"})
    photos = PhotosField(label="照片", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = self.instance.progress.last()
        self.fields["percent"].initial = last.percent if last else 0


class ApplyRecheckForm(PhotosMixin, MoveForm):
    """What was done and how the firm itself accepted it; the evaluation where production was stopped."""

    measures = forms.CharField(
        label="整改情况和自行验收结论",
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请写明整改情况和自行验收结论。"},
    )
    evaluation = forms.CharField(label="评估单位或专家意见", required=False, max_length=300)
    photos = PhotosField(label="整改后照片")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stopped = self.instance.interim_measures.in_force().filter(kind=InterimMeasure.Kind.STOP).exists()
        self.fields["evaluation"].required = stopped
        self.fields["evaluation"].help_text = "停产停用的重大隐患必须写:评估单位或专家是谁、结论是什么。" if stopped else ""
        self.fields["evaluation"].error_messages["required"] = "停产停用的重大隐患申请复查,要写明评估单位或专家的意见。"


class RecheckForm(PhotosMixin, MoveForm):
    """Each item's result, and the opinion; another inspector signs it."""

    opinion = forms.CharField(
        label="复查意见", max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": "请写复查意见。"}
    )
    photos = PhotosField(label="复查照片", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = self.instance.recheck_words
        own: dict[str, forms.Field] = {}
        for n, words in enumerate(self.words):
            missing = {"required": "请选择通过或不通过。"}
            own[f"result_{n}"] = forms.ChoiceField(
                label=f"{n + 1}. {words}", choices=RESULTS, widget=forms.RadioSelect, error_messages=missing
            )
            own[f"remark_{n}"] = forms.CharField(label="情况(不通过必填)", required=False, max_length=200)
        self.fields = own | self.fields

    def clean(self) -> dict[str, Any]:
        """[{words, passed, remark}]: what failed is explained."""
        data = super().clean() or self.cleaned_data
        items = []
        for n, words in enumerate(self.words):
            passed, remark = data.pop(f"result_{n}", "") == "pass", data.pop(f"remark_{n}", "")
            if not passed and not remark and not self.errors.get(f"result_{n}"):
                self.add_error(f"remark_{n}", "不通过的项目请写明情况。")
            items.append({"words": words, "passed": passed, "remark": remark})
        data["items"] = items
        return data
