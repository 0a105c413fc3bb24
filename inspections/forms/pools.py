"""Forms of the lists behind a draw: pools by rule, grades, absences, exclusions, 回避."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Area, Sector
from accounts.roles import Role
from core.forms import ClientIdField, RowsField, UserForm, VersionField
from documents.forms_publications import check_leaks
from enterprises.models import HazardTrait
from inspections.filters import town_of
from inspections.forms.patrols import ChosenFirm
from inspections.forms.visit import day, text
from inspections.forms.visits import not_too_far, officers_near
from inspections.models import Absence, Avoidance, Pool
from inspections.models.days import why_too_early
from inspections.models.outs import KNOWN_PAIR
from inspections.models.pools import RULE, UNGRADED, Grade, acted_for

VILLAGE_CODE = 12
GRADES = [*Grade.choices, (UNGRADED, "未评定")]


def some(label: str, rows: Any) -> RowsField:
    """Any number of rows; none asks for nothing."""
    return RowsField(
        label=label,
        queryset=rows,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从名单里选择。", "invalid_pk_value": "请从名单里选择。"},
    )


class PoolForm(UserForm):
    """A pool's name and rule; what is left empty does not narrow it."""

    client_id = ClientIdField()
    version = VersionField(initial=0)
    name = text("名称", 60, missing="请给这个库起个名称。", help_text="例如:工贸企业库、粉尘涉爆企业库。")
    villages = some("村(社区)", Area.objects.none())
    sectors = some("行业", Sector.objects.none())
    traits = some("危险特性", HazardTrait.objects.none())
    grades = forms.MultipleChoiceField(label="风险等级", choices=GRADES, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, instance: Pool | None = None, **kwargs: Any) -> None:
        self.instance = instance
        super().__init__(*args, **kwargs)
        town = town_of(self.user)
        self.fields["villages"].queryset = Area.objects.filter(code__startswith=town, code__regex=r"^[0-9]{12}$").order_by("code")
        self.fields["sectors"].queryset = Sector.objects.all()
        self.fields["traits"].queryset = HazardTrait.objects.all()
        if instance is not None:
            for name, keys in {**instance.chosen, "name": instance.name, "version": instance.version}.items():
                self.fields[name].initial = keys

    def clean_name(self) -> str:
        """Another name than the other pools' of the area."""
        name = str(self.cleaned_data["name"])
        others = Pool.objects.filter(area=self.area, name=name).exclude(pk=self.instance.pk if self.instance else 0)
        if others.exists():
            raise forms.ValidationError("已经有这个名称的库。")
        return name

    @property
    def area(self) -> str:
        """Whose pool it is."""
        return self.instance.area_id if self.instance else town_of(self.user)

    def rule(self) -> dict[str, Any]:
        """The rule as `Pool.keep` and `firms_by` take it."""
        return {**{name: [row.pk for row in self.cleaned_data[name]] for name in RULE}, "grades": self.cleaned_data["grades"]}


class OwnFirm(ChosenFirm):
    """A form that acts for a firm, not only reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["enterprise"].queryset = acted_for(self.user)


class GradeForm(OwnFirm):
    """The grade of a firm from today on, and why."""

    kind = "firm_grade"
    grade = forms.ChoiceField(label="风险等级", choices=Grade, widget=forms.RadioSelect, error_messages={"required": "请选择风险等级。"})
    reason = text("理由", 300, rows=3, missing="请写明评定的理由。", help_text="等级决定抽取的权重,权重公布。")


class SpanForm(forms.Form):
    """From a day to a day, the last one left open when it is not known."""

    since = day("自", initial=timezone.localdate, error_messages={"required": "请选择开始日期。"})
    until = day("至", required=False, help_text="不填就是到解除为止。")

    def clean_since(self) -> Any:
        """A day that can be meant."""
        since = not_too_far(self.cleaned_data["since"])
        if why := why_too_early(since, timezone.localdate()):
            raise forms.ValidationError(why)
        return since

    def clean_until(self) -> Any:
        """A day that can be meant."""
        until = self.cleaned_data["until"]
        return not_too_far(until) if until else None

    def clean(self) -> dict[str, Any]:
        """In order."""
        data = super().clean() or {}
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", "结束日期不能早于开始日期。")
        return data


class ExclusionForm(SpanForm, OwnFirm):
    """A firm that is not drawn for a while."""

    kind = "exclusion"
    reason = text(
        "理由", 100, missing="请写明不列入抽取的理由。", help_text="公布名单时公众会看到,例如:整体搬迁停产。", validators=[check_leaks]
    )
    note = text("说明", 300, rows=2, help_text="只在镇内看,不公布。")


class OfficerChoice(forms.ModelChoiceField):
    """An officer of the town by name."""

    def __init__(self, **kwargs: Any) -> None:
        said = {"required": "请选择执法人员。", "invalid_choice": "请从名单里选择执法人员。"}
        super().__init__(label="执法人员", queryset=None, empty_label="请选择", error_messages=said, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        """The name."""
        return str(obj.name)


class AvoidanceForm(SpanForm, OwnFirm):
    """A pair that must not meet; only the kind of reason is asked for."""

    kind = "avoidance"
    officer = OfficerChoice()
    reason = forms.ChoiceField(
        label="回避的种类",
        choices=Avoidance.Reason,
        widget=forms.RadioSelect,
        help_text="只登记种类,不写私事;公布名单时公众会看到种类。",
        error_messages={"required": "请选择回避的种类。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].queryset = officers_near(self.user)

    def clean(self) -> dict[str, Any]:
        """A pair is registered once; the second sending of the same form is let through."""
        data = super().clean() or {}
        pair = {"enterprise": data.get("enterprise"), "user": data.get("officer")}
        if all(pair.values()) and not self.received() and Avoidance.objects.filter(lifted_on=None, **pair).exists():
            self.add_error("officer", KNOWN_PAIR)
        return data


class AbsenceForm(SpanForm, UserForm):
    """An officer who cannot be drawn for a while."""

    client_id = ClientIdField()
    officer = OfficerChoice()
    reason = forms.ChoiceField(label="理由", choices=Absence.Reason, widget=forms.RadioSelect, error_messages={"required": "请选择理由。"})
    note = text("说明", 300, rows=2, help_text="只在镇内看,不公布。")

    kind = "absence"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = officers_near(self.user)
        # Whose absences one sees: a department's officer one's own.
        self.fields["officer"].queryset = near.filter(pk=self.user.pk) if self.user.role == Role.DEPARTMENT else near


class LiftForm(UserForm):
    """Why it ends now."""

    note = text("理由", 300, rows=3, missing="请写明解除的理由。")
