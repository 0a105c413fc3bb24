"""Forms of what belongs to an enterprise: units, key people, stop periods."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.fields import masked
from enterprises.forms.enterprise import DateInput, OnceForm
from enterprises.models import KeyPerson, StopPeriod, Unit
from enterprises.names import VisibleNameMixin
from enterprises.roster.cells import clean_phone


class UnitForm(VisibleNameMixin, OnceForm):
    """A department or a team under what is above it."""

    class Meta:
        model = Unit
        fields = ("kind", "name", "parent")
        labels = {"parent": "上级"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.for_user(self.user).open().filter(enterprise=self.instance.enterprise)
        above = units.exclude(pk=self.instance.pk).exclude(kind=Unit.Kind.TEAM)
        self.fields["parent"].queryset = above.order_by("-kind", "name")
        self.fields["parent"].required = True
        self.fields["parent"].empty_label = None
        self.fields["kind"].choices = [c for c in Unit.Kind.choices if c[0] != Unit.Kind.PLANT]
        if self.instance.kind == Unit.Kind.PLANT:
            del self.fields["parent"], self.fields["kind"]

    def clean(self) -> dict[str, Any]:
        """A department stands under the plant, a team under the plant or a department."""
        data = super().clean() or self.cleaned_data
        parent = data.get("parent")
        if parent and data.get("kind") == Unit.Kind.DEPARTMENT and parent.kind != Unit.Kind.PLANT:
            self.add_error("parent", "部门(车间)直接归厂,上级请选“厂”。")
        if data.get("kind") == Unit.Kind.TEAM and self.instance.pk and self.instance.children.filter(closed_on=None).exists():
            self.add_error("kind", "下面还有班组,不能改为班组。")
        return data


class KeyPersonForm(VisibleNameMixin, OnceForm):
    """A principal or safety manager, not yet confirmed by the town."""

    phone = forms.CharField(label="电话", max_length=30, required=False)

    class Meta:
        model = KeyPerson
        fields = ("kind", "name", "phone", "scope", "appointed_on")
        widgets = {"appointed_on": DateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on_file = self.instance.phone
        if self.on_file:
            self.fields["phone"].widget.attrs["placeholder"] = masked(self.on_file)
            self.fields["phone"].help_text = "留空表示不改。"

    def clean_phone(self) -> str:
        """A mobile or fixed number, put right as the roster import does; empty leaves the one on file."""
        typed = self.cleaned_data["phone"].strip()
        if not typed:
            return self.on_file
        found = clean_phone(typed)
        if found.value is None:
            raise ValidationError("请填 11 位手机号,或带区号的固定电话。")
        return found.value


STOP_KNOWN, STOP_AHEAD = datetime.timedelta(days=20 * 366), datetime.timedelta(days=3 * 366)


class StopForm(OnceForm):
    """A stop of production, open-ended or until a day; the model refuses one that overlaps."""

    class Meta:
        model = StopPeriod
        fields = ("starts_on", "ends_on", "reason")
        widgets = {"starts_on": DateInput(), "ends_on": DateInput()}
        help_texts = {"ends_on": "还不知道何时复产就空着,复产时再登记。"}

    def clean(self) -> dict[str, Any]:
        """A mistyped year would stop all duties for good: the days lie within what anybody can know."""
        data, today = super().clean() or self.cleaned_data, timezone.localdate()
        for name in ("starts_on", "ends_on"):
            day = data.get(name)
            if day and not today - STOP_KNOWN <= day <= today + STOP_AHEAD:
                self.add_error(name, "年份不对:只能登记以前 20 年内到今后 3 年内的日期。")
        return data


class StopEndForm(forms.ModelForm):
    """The last day of a stop."""

    ends_on = forms.DateField(label="停产至(最后一天)", widget=DateInput(), initial=timezone.localdate)

    class Meta:
        model = StopPeriod
        fields = ("ends_on",)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
