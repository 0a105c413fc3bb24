"""The form of a layout: which fields, in which order, under which headings."""

from __future__ import annotations

from typing import Any

from django import forms

from core import moment
from core.forms import UserForm, VersionField
from inspections.exports import FIELDS, default_columns
from inspections.models import ExportLayout

HEADING = 60


class NewLayoutForm(UserForm):
    """A name, and what is exported; the columns come after."""

    name = forms.CharField(label="名称", max_length=40, error_messages={"required": "请起个名字,例如“区安监平台月报”。"})
    what = forms.ChoiceField(
        label="导出什么", choices=ExportLayout.What, widget=forms.RadioSelect, error_messages={"required": "请选择导出什么。"}
    )

    def clean_name(self) -> str:
        """Not one that the town has already."""
        name: str = self.cleaned_data["name"]
        if ExportLayout.objects.for_user(self.user).filter(name=name).exists():
            raise forms.ValidationError("已有同名的格式,请换个名字。")
        return name

    def save(self) -> ExportLayout:
        """With every field under our own heading."""
        what = self.cleaned_data["what"]
        facts = {"area": self.user.membership.area, "name": self.cleaned_data["name"], "by": self.user}
        return ExportLayout.objects.create(what=what, columns=default_columns(what), **facts)


class LayoutForm(UserForm):
    """Every field that can be a column: whether, at which place, under which heading; and the layout's name."""

    version = VersionField()
    name = forms.CharField(label="名称", max_length=40)

    def __init__(self, *args: Any, instance: ExportLayout, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance
        self.fields["name"].initial, self.fields["version"].initial = instance.name, instance.version
        chosen = {code: (place, heading) for place, (code, heading) in enumerate(instance.columns, start=1)}
        for place, field in enumerate(FIELDS[instance.what], start=len(chosen) + 1):
            at, heading = chosen.get(field.code, (place, field.label))
            is_on = field.code in chosen
            self.fields[f"on_{field.code}"] = forms.BooleanField(label=field.label, required=False, initial=is_on)
            self.fields[f"at_{field.code}"] = forms.IntegerField(label="次序", min_value=1, max_value=99, initial=at)
            self.fields[f"as_{field.code}"] = forms.CharField(label="表头", max_length=HEADING, required=False, initial=heading)

    @property
    def lines(self) -> list[tuple[Any, Any, Any]]:
        """(whether, place, heading) of each field, those chosen first in their order."""
        chosen = [code for code, _ in self.instance.columns]
        codes = [field.code for field in FIELDS[self.instance.what]]
        known = [code for code in chosen if code in codes] + [code for code in codes if code not in chosen]
        return [(self[f"on_{code}"], self[f"at_{code}"], self[f"as_{code}"]) for code in known]

    def clean_name(self) -> str:
        """Not one that another layout has."""
        name: str = self.cleaned_data["name"]
        if ExportLayout.objects.for_user(self.user).filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("已有同名的格式,请换个名字。")
        return name

    def clean(self) -> dict[str, Any]:
        """At least one column, no heading twice, and nobody was faster."""
        data = super().clean() or self.cleaned_data
        codes = [field.code for field in FIELDS[self.instance.what] if data.get(f"on_{field.code}")]
        codes.sort(key=lambda code: data.get(f"at_{code}") or 0)
        labels = {field.code: field.label for field in FIELDS[self.instance.what]}
        self.columns = [[code, data.get(f"as_{code}") or labels[code]] for code in codes]
        if not self.columns:
            raise forms.ValidationError("请至少选一列。")
        headings = [heading for _, heading in self.columns]
        for code, heading in self.columns:
            if headings.count(heading) > 1:
                self.add_error(f"as_{code}", f"表头“{heading}”用了两次。")
        return data

    def save(self) -> bool:
        """Write it; False when somebody changed the layout since it was shown."""
        seen = self.cleaned_data["version"]
        facts = {"name": self.cleaned_data["name"], "columns": self.columns, "by": self.user, "at": moment.now()}
        rows = ExportLayout.objects.for_user(self.user).filter(pk=self.instance.pk, version=seen)
        return bool(rows.update(version=seen + 1, **facts))
