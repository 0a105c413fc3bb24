"""The form of an enterprise's facts."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms

from accounts.models import Area, Department, Sector
from accounts.models.areas import within
from core.fields import masked
from core.forms import ClientIdField, parsed_uid
from core.models import Submission
from enterprises.filters import area_code
from enterprises.models import Enterprise, HazardTrait
from enterprises.names import VisibleNameMixin


def sent_before(user: Any, client_id: Any) -> Submission | None:
    """What this person has already sent under this client-made id."""
    uid = parsed_uid(client_id)
    return Submission.objects.filter(user=user, client_id=uid).first() if uid else None


class DateInput(forms.DateInput):
    """A date as the browser picks it."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class OnceForm(forms.ModelForm):
    """A form that makes a row once, however often it is sent: it carries a client-made id."""

    client_id = ClientIdField()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)


class EnterpriseForm(VisibleNameMixin, forms.ModelForm):
    """Facts of the enterprise; `seen` is the newest entry of its history when the form was opened."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    client_id = ClientIdField(required=False)

    class Meta:
        model = Enterprise
        fields = (
            "name",
            "credit_code",
            "area",
            "address",
            "sector",
            "industry_code",
            "lead_department",
            "status",
            "scale",
            "headcount",
            "dispatched",
            "interns",
            "is_crowded",
            "is_scattered",
            "is_city_level",
            "traits",
            "landlord",
            "founded_on",
            "remark",
        )
        widgets = {
            "founded_on": DateInput(),
            "traits": forms.CheckboxSelectMultiple(),
            "credit_code": forms.TextInput(attrs={"maxlength": 40}),
        }
        help_texts = {
            "credit_code": "18 位,照营业执照填写;空格和小写会自动整理。",
            "lead_department": "每家企业只有一个牵头主管部门(三管三必须)。",
            "industry_code": "GB/T 4754 的 2 至 4 位数字。与行业不一致时会提示,不妨碍保存。",
            "landlord": "厂中厂:本企业租用哪一家的厂房。",
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        # The cleaned code is 18 long; what is typed may carry spaces.
        self.fields["credit_code"].max_length = None
        self.fields["credit_code"].validators = []
        code = area_code(user)
        self.fields["area"].queryset = Area.objects.filter(within("code", code), code__regex=r"^[0-9]{12}$")
        self.fields["lead_department"].queryset = Department.objects.filter(within("area_id", code[:9]))
        self.fields["sector"].queryset = Sector.objects.filter(effective_to=None)
        self.fields["landlord"].queryset = Enterprise.objects.for_user(user).exclude(pk=self.instance.pk).order_by("name")
        self.fields["traits"].queryset = HazardTrait.objects.filter(effective_to=None)
        for name in ("area", "lead_department", "sector", "landlord"):
            self.fields[name].empty_label = "请选择" if self.fields[name].required else "没有"
        self.fields["seen"].initial = newest(self.instance)

    def clean_credit_code(self) -> str:
        """Spaces, lower case and full width put right; the model checks length and check digit."""
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["credit_code"]).split()).upper()[:40]

    def differences(self) -> list[tuple[str, str, str]]:
        """(label, in the file now, typed) for each fact that differs from the file."""
        return differences(self)


def differences(form: Any) -> list[tuple[str, str, str]]:
    """(label, in the file now, typed) for each fact of a form that differs from the file."""
    current = type(form.instance)._base_manager.get(pk=form.instance.pk)
    pairs = [(form.fields[name].label, shown(current, name), shown_value(form, name)) for name in form.Meta.fields if name in form.fields]
    return [pair for pair in pairs if pair[1] != pair[2]]


def newest(enterprise: Any) -> int | None:
    """The id of the newest entry of its history."""
    return enterprise.history.values_list("history_id", flat=True).first() if enterprise.pk else None


def shown(enterprise: Any, name: str) -> str:
    """A fact in words."""
    if name == "traits":
        return "、".join(trait.name for trait in enterprise.traits.all())
    if name == "phone":
        return masked(enterprise.phone)
    display = getattr(enterprise, f"get_{name}_display", None)
    return words(display() if display else getattr(enterprise, name))


def shown_value(form: Any, name: str) -> str:
    """What was typed for a fact, in words."""
    value = form.cleaned_data.get(name)
    if name == "traits":
        return "、".join(trait.name for trait in value or ())
    if name == "phone":
        return masked(value)
    return words(dict(form.fields[name].choices).get(value, "") if name in ("status", "scale", "kind") and value else value)


def words(value: Any) -> str:
    """A value for a person's eyes; empty for nothing."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
