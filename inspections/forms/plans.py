"""Forms of the yearly plan: its words and working days, its items, its moves, its files."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import OfficerCertificate
from core.forms import ClientIdField, MoveForm, NoteForm, ReasonForm, RowsField, UserForm, VersionField
from enterprises.models import Enterprise, Membership
from inspections.forms.visit import day, text
from inspections.forms.visits import officers_near
from inspections.models import InspectionPlan, PlanItem
from inspections.models.plan_items import ItemFacts

MONTHS = [(str(number), f"{number}月") for number in range(1, 13)]
MOST_DAYS, MOST_RANDOM, LATE_MONTH = 20_000, 2_000, 11
WORDS = (
    "goals",
    "content",
    "funds",
    "officers",
    "other_days",
    "training_days",
    "leave_days",
    "meeting_days",
    "days_per_visit",
    "over_reason",
)


def days(label: str) -> forms.IntegerField:
    """So many person-days."""
    return forms.IntegerField(label=label, min_value=0, max_value=MOST_DAYS, initial=0, error_messages={"required": "没有的填 0。"})


def month(label: str, initial: int) -> forms.TypedChoiceField:
    """One of the twelve."""
    return forms.TypedChoiceField(label=label, choices=MONTHS, coerce=int, initial=str(initial))


class Window(UserForm):
    """A window of months."""

    from_month = month("起月", 1)
    to_month = month("止月", 12)

    def clean(self) -> dict[str, Any]:
        """In order."""
        data = super().clean() or {}
        if data.get("from_month") and data.get("to_month") and data["from_month"] > data["to_month"]:
            self.add_error("to_month", "止月不能早于起月。")
        return data


class YearPlanForm(UserForm):
    """The plan's words, and the calculation of its working days in person-days (安监总政法〔2017〕150号)."""

    goals = text("总体要求", 1000, rows=3)
    content = text("检查重点", 1000, rows=3)
    funds = text("经费和装备保障", 500, rows=2)
    officers = forms.IntegerField(label="执法人员数", min_value=1, max_value=500, help_text="参加计划检查的执法人员。")
    other_days = days("其他执法工作日(人·日)")
    training_days = days("培训学习(人·日)")
    leave_days = days("休假(人·日)")
    meeting_days = days("会议、公文等(人·日)")
    days_per_visit = forms.DecimalField(
        label="每次检查用工(人·日)",
        min_value=Decimal("0.5"),
        max_value=Decimal(99),
        max_digits=4,
        decimal_places=1,
        initial=Decimal("4.0"),
        help_text="一次检查连同准备、记录和复查,例如两个人各用两天是 4。",
    )
    over_reason = text("超过可检查次数的理由", 300, rows=2, help_text="计划的次数超过测算的可检查次数时填写。")

    def facts(self) -> dict[str, Any]:
        """What the plan keeps."""
        return {name: self.cleaned_data[name] for name in WORDS}


class NewPlanForm(YearPlanForm):
    """A plan of a year."""

    client_id = ClientIdField()
    year = forms.TypedChoiceField(label="年度", coerce=int)

    field_order = ("client_id", "year")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["year"].choices = [(str(year), f"{year} 年") for year in range(today.year - 1, today.year + 2)]
        self.fields["year"].initial = str(today.year + (today.month >= LATE_MONTH))
        valid = OfficerCertificate.objects.valid_on(today)
        own = self.user.membership
        unit = Membership.objects.current().filter(role=own.role, area=own.area_id, department=own.department_id)
        officers = officers_near(self.user).filter(pk__in=unit.values("user")).filter(pk__in=valid.values("user"))
        self.fields["officers"].initial = max(1, officers.count())


class EditPlanForm(YearPlanForm):
    """The plan as it stands, to be changed."""

    version = VersionField()

    def __init__(self, *args: Any, instance: InspectionPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*WORDS, "version"):
            self.fields[name].initial = getattr(instance, name)
        self.instance = instance

    @property
    def is_as_it_stands(self) -> bool:
        """Whether nothing of the plan would change: the form was sent twice."""
        return all(getattr(self.instance, name) == value for name, value in self.facts().items())


class FilePlanForm(NoteForm):
    """When the district took it on file, and its receipt."""

    filed_on = day("备案日期", error_messages={"required": "请填写备案日期。"})
    receipt_number = text("区备案回执号", 80, missing="请填写区里的回执号。")
    field_order = ("filed_on", "receipt_number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["filed_on"].initial = timezone.localdate()

    def clean_filed_on(self) -> datetime.date:
        """Between the approval and today."""
        found: datetime.date = self.cleaned_data["filed_on"]
        first = self.instance.approved_on
        if found > timezone.localdate():
            raise forms.ValidationError("备案日期不能晚于今天。")
        if first and found < first:
            raise forms.ValidationError(f"备案日期不能早于批准日期 {first:%Y-%m-%d}。")
        return found


class ProposeForm(NoteForm):
    """The changes once more, with the share they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = told_of(self.instance)


class AnswerForm(NoteForm):
    """The leader's opinion under the changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = told_of(self.instance)


class RefuseForm(ReasonForm):
    """Why not, under the changes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = told_of(self.instance)


def told_of(plan: InspectionPlan) -> list[str]:
    """What the adjustment changes, and what share of the approved visits that is."""
    adjustment = plan.open_adjustment
    if adjustment is None:
        return []
    changed, limit, is_over = plan.weighed(adjustment, timezone.localdate())
    after = "须由镇领导重新批准" if is_over else "提出后立即生效"
    share = f"自批准({plan.approved_visits} 次)以来连同这次共变动 {changed} 次,规定比例 {limit}%,{after}。"
    dropped = plan.dropped_musts(adjustment, timezone.localdate())
    warning = [f"调整后不再检查、本来必须列入的企业:{'、'.join(dropped)}。"] if dropped else []
    return [share, *warning, *adjustment.lines()]


class ClosePlanForm(MoveForm):
    """What becomes of items that nobody scheduled."""

    rest = forms.ChoiceField(
        label="没有安排的计划项",
        choices=[("carry", "结转到下一年度"), ("cancel", "取消,写明理由")],
        required=False,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = self.instance.items.filter(state=PlanItem.State.PLANNED).select_related("enterprise")
        self.left = list(left)
        self.told = [str(item) for item in self.left]
        if not self.left:
            del self.fields["rest"]

    def clean(self) -> dict[str, Any]:
        """Every item goes somewhere; a cancelled one with its reason."""
        data = super().clean() or {}
        if self.left and not data.get("rest"):
            self.add_error("rest", "请选择没有安排的计划项怎么办。")
        if data.get("rest") == "cancel" and not data.get("note"):
            self.add_error("note", "取消的计划项要写明理由。")
        return data


class ItemForm(Window):
    """An item of a draft, to be changed."""

    version = VersionField()
    segment = forms.ChoiceField(label="类别", choices=[one for one in PlanItem.Segment.choices if one[0] != PlanItem.Segment.RANDOM])
    count = forms.IntegerField(label="检查户数", min_value=1, max_value=MOST_RANDOM)
    why = text("列入理由", 300, rows=2)
    field_order = ("version", "segment", "count", "from_month", "to_month", "why")

    def __init__(self, *args: Any, instance: PlanItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance
        del self.fields["segment" if instance.is_random else "count"]
        for name in self.fields:
            self.fields[name].initial = getattr(instance, name)

    @property
    def is_as_it_stands(self) -> bool:
        """Whether nothing of the item would change: the form was sent twice."""
        return all(getattr(self.instance, name) == value for name, value in self.facts().fields().items())

    def facts(self) -> ItemFacts:
        """The item as it is to be."""
        data, row = self.cleaned_data, self.instance
        words = {"from_month": data["from_month"], "to_month": data["to_month"], "why": data["why"]}
        return ItemFacts(row.enterprise, data.get("segment", row.segment), count=data.get("count", row.count), **words)


class RandomItemForm(Window):
    """So many visits of draws."""

    client_id = ClientIdField()
    count = forms.IntegerField(label="抽查户数", min_value=1, max_value=MOST_RANDOM, error_messages={"required": "请填写抽查多少户。"})
    why = text("说明", 300, missing="请写明抽查的范围或理由。", rows=2, help_text="例如:一般企业,按双随机抽查。")
    field_order = ("client_id", "count", "from_month", "to_month", "why")

    def facts(self) -> ItemFacts:
        """The item."""
        data = self.cleaned_data
        return ItemFacts(None, PlanItem.Segment.RANDOM, data["from_month"], data["to_month"], data["why"], data["count"])


class DropItemForm(UserForm):
    """Out of the plan, and why; of a draft the reason may be left out."""

    note = text("理由", 300, rows=2)

    def __init__(self, *args: Any, instance: PlanItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if instance.plan.state != InspectionPlan.State.DRAFT:
            self.fields["note"].required = True
            self.fields["note"].error_messages["required"] = "请写明取消的理由。"


class CandidatesForm(Window):
    """Firms ticked among the candidates, the months of their visits, and a reason beside the numbers."""

    client_id = ClientIdField()
    firms = RowsField(
        queryset=Enterprise.objects.none(),
        label="企业",
        error_messages={
            "required": "请先勾选企业。",
            "invalid_choice": "有企业不在名单里,请刷新后再选。",
            "invalid_pk_value": "有企业不在名单里,请刷新后再选。",
        },
    )
    why = text("补充理由", 250, help_text="名单里的数字会自动写入理由,这里可以补充。")

    def __init__(self, *args: Any, firms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["firms"].queryset = firms
        self.fields["from_month"].initial = str(timezone.localdate().month)


class UploadForm(UserForm):
    """One file, looked at at once; nothing is written while any row of it cannot be taken."""

    client_id = ClientIdField()
    file = forms.FileField(
        label="xlsx 文件",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "请选择文件。"},
        help_text="按列名识别;有一行不能写入就全部不写入,改好后重新上传。",
    )


class DistrictForm(UploadForm):
    """The district's list of a year."""

    year = forms.TypedChoiceField(label="年度", coerce=int)
    source = text("来源", 100, missing="请写明是哪个单位的计划。", help_text="例如:綦江区应急管理局年度监督检查计划。")
    field_order = ("client_id", "year", "source", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = timezone.localdate().year
        self.fields["year"].choices = [(str(one), f"{one} 年") for one in range(year - 1, year + 2)]
        self.fields["year"].initial = str(year)
