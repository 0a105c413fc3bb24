"""Forms of the finding that a hazard is major: criteria, signatures, measures, reports, downgrade."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from core.forms import MoveForm, NoteForm, PhotosField, PhotosMixin, ReasonForm, RowsField
from hazards.forms.hazards import GENERAL, NOTE_MAX
from hazards.models import Hazard, InterimMeasure, MajorCriterion, MajorReport
from hazards.models.major import FIRM, side_of


class CriteriaInput(forms.CheckboxSelectMultiple):
    """Items to tick: those of the firm's traits and sector open, all others folded."""

    template_name = "hazards/widgets/criteria.html"
    option_template_name = "hazards/widgets/criterion.html"
    draws_itself = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Adds whether something is ticked in the folded part, which then is open."""
        context = super().get_context(name, value, attrs)
        groups = context["widget"]["optgroups"]
        context["widget"]["own"], context["widget"]["others"] = groups[0][1], groups[1][1] if len(groups) > 1 else []
        context["widget"]["open"] = any(option["selected"] for option in context["widget"]["others"])
        return context


class CriteriaField(RowsField):
    """Several items of the criteria of one day's edition."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = dict.fromkeys(("invalid_choice", "invalid_pk_value"), "请只选择列出的判定条目。")
        super().__init__(queryset=MajorCriterion.objects.none(), required=False, widget=CriteriaInput, error_messages=wrong, **kwargs)

    def offer(self, hazard: Hazard, on: datetime.date) -> None:
        """Fill it with the edition of that day, the firm's own items first."""
        own, others = MajorCriterion.offered(hazard.enterprise, on)
        self.queryset = MajorCriterion.objects.in_force(on)
        self.choices = [("适用", [self.choice(row) for row in own]), ("其他", [self.choice(row) for row in others])]
        editions = "、".join(sorted({row.edition for row in own + others}))
        self.help_text = f"{on:%Y-%m-%d} 有效的是 {editions} 版。" if editions else f"{on:%Y-%m-%d} 没有有效的版本,请写其他判定标准。"

    @staticmethod
    def choice(row: MajorCriterion) -> tuple[int, str]:
        """Its key, and its words with the article."""
        return row.pk, f"{row.name}({row.item}{',需核对' if row.verify else ''})"


class MeasuresMixin(forms.Form):
    """Interim measures taken at once: which, and what exactly."""

    kinds = forms.MultipleChoiceField(
        label="立即采取的措施", choices=InterimMeasure.Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(
        label="措施内容",
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="哪台设备、哪个区域、谁负责。",
    )

    def clean_text(self) -> str:
        """Said for every measure that is ticked, and only with one."""
        text: str = self.cleaned_data["text"]
        if self.cleaned_data.get("kinds") and not text:
            raise forms.ValidationError("请写明措施的内容。")
        if text and not self.cleaned_data.get("kinds"):
            raise forms.ValidationError("写了措施内容,请同时勾选是哪一种措施。")
        return text


class ProposeMajorForm(MoveForm):
    """Why it may be major; items if known."""

    note = forms.CharField(
        label="理由",
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明为什么可能是重大隐患。"},
    )
    criteria = CriteriaField(label="可能命中的判定条目")
    other_standard = forms.CharField(
        label="其他判定标准", required=False, max_length=300, help_text="消防、特种设备、燃气、危化品等另有标准的。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criteria"].offer(self.instance, self.instance.found_on)


class SignMajorForm(MeasuresMixin, MoveForm):
    """Which items it meets, what is done at once; the first signature."""

    criteria = CriteriaField(label="命中的判定条目")
    other_standard = ProposeMajorForm.base_fields["other_standard"]
    note = forms.CharField(label="说明", required=False, max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("criteria", "other_standard", "kinds", "text", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hazard = self.instance
        self.fields["criteria"].offer(hazard, hazard.found_on)
        self.fields["criteria"].initial = list(hazard.criteria.standing().values_list("criterion_id", flat=True))
        self.fields["other_standard"].initial = hazard.other_standard

    def clean(self) -> dict[str, Any]:
        """At least one item, or another standard."""
        data = super().clean() or self.cleaned_data
        if not data.get("criteria") and not data.get("other_standard"):
            self.add_error("criteria", "请至少选一个判定条目,或写明其他判定标准。")
        return data


class ConfirmMajorForm(MeasuresMixin, MoveForm):
    """The second signature, under what the first one chose."""

    note = forms.CharField(label="说明", required=False, max_length=NOTE_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hazard, side = self.instance, side_of(self.user)
        names = "、".join(person.name for person in hazard.signers(side))
        chosen = [f"{row}({row.edition}版)" for row in hazard.criteria.standing()]
        other = [f"其他判定标准:{hazard.other_standard}"] if hazard.other_standard else []
        standing = [f"已采取:{row}" for row in hazard.interim_measures.in_force()]
        self.told = [f"{names}已签名认定" if names else "还没有第一个人签名", *chosen, *other, *standing]
        who = "报镇、报职工代表大会" if side == FIRM else "企业报职工代表大会、镇报区县"
        self.told.append(f"签名后:{who}的时限开始计算,企业须在期限内报五定方案。")


class AddCriteriaForm(NoteForm):
    """Further items, of today's edition."""

    criteria = CriteriaField(label="加注的判定条目")
    field_order = ("criteria", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criteria"].offer(self.instance, timezone.localdate())
        self.fields["criteria"].required = True
        self.fields["criteria"].error_messages["required"] = "请至少选一个判定条目。"


class DowngradeForm(ReasonForm):
    """The level it has instead, and why."""

    level = forms.ChoiceField(label="降为", choices=GENERAL, widget=forms.RadioSelect, initial="serious")
    field_order = ("level", "note", "version")


class TakeMeasureForm(PhotosMixin, MeasuresMixin, NoteForm):
    """What keeps people safe until it is removed."""

    photos = PhotosField(label="照片", required=False)
    field_order = ("kinds", "text", "photos", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].required = self.fields["text"].required = True
        self.fields["kinds"].error_messages["required"] = "请勾选措施种类。"
        self.fields["text"].error_messages["required"] = "请写明措施的内容。"


class LiftMeasureForm(ReasonForm):
    """Which measure, and what was examined."""

    measure = forms.ModelChoiceField(
        label="解除哪一项",
        queryset=InterimMeasure.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择解除哪一项。"},
    )
    field_order = ("measure", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["measure"].queryset = self.instance.interim_measures.in_force()
        self.fields["note"].label = "审查情况和理由"


class MakeReportForm(NoteForm):
    """Which report was made, and how."""

    report = forms.ModelChoiceField(
        label="上报",
        queryset=MajorReport.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是哪一项上报。"},
    )
    how = forms.ChoiceField(label="方式", choices=MajorReport.How.choices, widget=forms.RadioSelect)
    field_order = ("report", "how", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owed = [row.pk for row in self.instance.reports.owed() if row.is_owed_by(self.user)]
        self.fields["report"].queryset = MajorReport.objects.filter(pk__in=owed)
        self.fields["report"].initial = owed[0] if len(owed) == 1 else None
