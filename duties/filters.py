"""Filters of the lists of duties."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models
from django.utils import timezone

from accounts.models import Area
from accounts.models.areas import within
from core.forms import LONGEST_WORDS
from duties.models import Duty, DutyPlan, Occurrence
from duties.periods import Frequency
from enterprises.models import Enterprise, Unit

DATE = forms.DateInput(attrs={"type": "date"})


def firms(request: Any) -> Any:
    """The enterprises whose rows one may ask for."""
    return Enterprise.objects.for_user(request.user)


def units(request: Any) -> Any:
    """The units whose rows one may ask for."""
    return Unit.objects.for_user(request.user)


def areas(request: Any) -> Any:
    """The villages one sees enterprises of."""
    return Area.objects.filter(pk__in=firms(request).values("area"))


def duty_choices() -> list[tuple[str, str]]:
    """The duties of the catalogue, each code once."""
    return sorted(dict(Duty.objects.order_by("effective_from").values_list("code", "name")).items())


class OccurrenceFilter(df.FilterSet):
    """By enterprise, unit, village, duty, level, state, days, and what needs somebody."""

    q = df.CharFilter(label="企业或班组", method="search", max_length=LONGEST_WORDS)
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[
            ("mine", "我负责的"),
            ("open", "现在该做的"),
            ("missed", "漏做(含补做)"),
            ("climbed", "报到我这里的"),
            ("over", "已到期的"),
        ],
    )
    state = df.ChoiceFilter(label="状态", choices=Occurrence.State, empty_label="全部")
    level = df.ChoiceFilter(label="层级", choices=Unit.Kind, empty_label="全部")
    frequency = df.ChoiceFilter(label="频次", choices=Frequency, empty_label="全部")
    duty = df.ChoiceFilter(label="任务", field_name="duty_code", empty_label="全部", choices=duty_choices)
    area = df.ModelChoiceFilter(label="村(社区)", queryset=areas, method="in_area", empty_label="全部")
    start = df.DateFilter(label="周期开始自", field_name="period_start", lookup_expr="gte", widget=DATE)
    end = df.DateFilter(label="周期开始至", field_name="period_start", lookup_expr="lte", widget=DATE)
    enterprise = df.ModelChoiceFilter(queryset=firms, widget=forms.HiddenInput)
    unit = df.ModelChoiceFilter(queryset=units, widget=forms.HiddenInput)

    class Meta:
        model = Occurrence
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the names of enterprise and unit."""
        firm = models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower())
        return rows.filter(firm | models.Q(unit__name__icontains=text))

    def in_area(self, rows: Any, name: str, area: Area) -> Any:
        """Whose enterprise lies there."""
        return rows.filter(within("enterprise__area_id", area.pk))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody, or what counts."""
        user, now = self.request.user, timezone.now()
        if value == "mine":
            return rows.filter(pk__in=Occurrence.objects.owed_to(user).values("pk"))
        if value == "climbed":
            return rows.filter(pk__in=Occurrence.objects.climbed_to(user).values("pk"))
        return {"open": rows.open(now), "missed": rows.missed(), "over": rows.filter(closes_at__lte=now)}[value]


class PlanFilter(df.FilterSet):
    """In force, ended or all; by duty."""

    show = df.ChoiceFilter(
        label="看哪些", choices=[("open", "在用的"), ("ended", "已结束的"), ("all", "全部")], method="shown", empty_label=None
    )
    duty = df.ChoiceFilter(label="任务", field_name="duty__code", empty_label="全部", choices=duty_choices)

    class Meta:
        model = DutyPlan
        fields: list[str] = []

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        data = data.copy()
        data.setdefault("show", "open")
        super().__init__(data, *args, **kwargs)

    def shown(self, rows: Any, name: str, value: str) -> Any:
        """By their last day."""
        today = timezone.localdate()
        return rows.open(today) if value == "open" else rows.filter(ends_on__lt=today) if value == "ended" else rows
