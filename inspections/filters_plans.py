"""Filters of the yearly plans, their items, their candidates and the district's list."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.db import models
from django.utils import timezone

from accounts.models import Area, Sector
from accounts.models.areas import within
from core.forms import LONGEST_WORDS
from enterprises.models import Enterprise
from inspections.filters import town_of, units
from inspections.models import DistrictListEntry, InspectionPlan, PlanItem

MONTHS = [(str(number), f"{number}月") for number in range(1, 13)]
FLAGS = [
    ("live", "不含取消和结转的"),
    ("overdue", "过期未安排"),
    ("month", "本月要查、未安排"),
    ("district", "区级计划也有"),
    ("elsewhere", "其他单位计划也有"),
    ("carried", "上一年度结转"),
    ("added", "调整时增加"),
]


def villages(request: Any) -> Any:
    """The villages of the town."""
    return Area.objects.filter(within("code", town_of(request.user))).order_by("code")


def named(path: str, text: str) -> models.Q:
    """Enterprises by words: name, initials, credit code."""
    words = models.Q(**{f"{path}name__icontains": text}) | models.Q(**{f"{path}initials__icontains": text.lower()})
    return words | models.Q(**{f"{path}credit_code__startswith": text.upper()})


class YearPlanFilter(df.FilterSet):
    """By year, unit and state."""

    year = df.NumberFilter(label="年度", min_value=2015, max_value=2100)
    unit = df.ModelChoiceFilter(
        label="单位",
        queryset=units,
        field_name="department",
        empty_label="全部",
        null_label="镇应急办",
        null_value="town",
        method="by_unit",
    )
    state = df.ChoiceFilter(label="状态", choices=InspectionPlan.State, empty_label="全部")

    class Meta:
        model = InspectionPlan
        fields: list[str] = []

    def by_unit(self, rows: Any, name: str, unit: Any) -> Any:
        """Of this unit."""
        return rows.filter(department=None if unit == "town" else unit)


class PlanItemFilter(df.FilterSet):
    """By words, segment, state, month of the window, village, and what needs somebody."""

    q = df.CharFilter(label="搜索企业", method="search", max_length=LONGEST_WORDS)
    segment = df.ChoiceFilter(label="类别", choices=PlanItem.Segment, empty_label="全部")
    state = df.ChoiceFilter(label="状态", choices=PlanItem.State, empty_label="全部")
    month = df.ChoiceFilter(label="月份", choices=MONTHS, method="by_month", empty_label="全部")
    village = df.ModelChoiceFilter(label="村(社区)", queryset=villages, field_name="enterprise__area", empty_label="全部")
    view = df.ChoiceFilter(label="关注", choices=FLAGS, method="attention", empty_label="全部")

    class Meta:
        model = PlanItem
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In name, initials and credit code."""
        return rows.filter(named("enterprise__", text.strip()))

    def by_month(self, rows: Any, name: str, month: str) -> Any:
        """Whose window holds the month."""
        return rows.filter(from_month__lte=int(month), to_month__gte=int(month))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody."""
        today = timezone.localdate()
        if value == "overdue":
            return rows.overdue(today)
        if value == "month":
            return rows.open().filter(plan__year=today.year, from_month__lte=today.month, to_month__gte=today.month)
        if value == "live":
            return rows.live()
        if value in ("district", "elsewhere"):
            return rows.live().filter(**{"at_district" if value == "district" else "elsewhere": True})
        return rows.exclude(**{"carried_from" if value == "carried" else "adjustment": None})


class CandidateFilter(df.FilterSet):
    """By words, village, sector, and whether the plan has them."""

    q = df.CharFilter(label="搜索企业", method="search", max_length=LONGEST_WORDS)
    village = df.ModelChoiceFilter(label="村(社区)", queryset=villages, field_name="area", empty_label="全部")
    sector = df.ModelChoiceFilter(label="行业", queryset=Sector.objects.order_by("order", "code"), empty_label="全部")
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[("out", "还没有列入"), ("must", "必须列入、还没有列入"), ("risk", "有风险提示"), ("district", "区级计划也有")],
    )

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def __init__(self, *args: Any, musts: Any = (), **kwargs: Any) -> None:
        self.musts = musts
        super().__init__(*args, **kwargs)

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In name, initials and credit code."""
        return rows.filter(named("", text.strip()))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody."""
        if value == "out":
            return rows.filter(is_in=False)
        if value == "must":
            return rows.filter(is_in=False, pk__in=list(self.musts))
        if value == "district":
            return rows.filter(at_district=True)
        return rows.filter(models.Q(majors__gt=0) | models.Q(late__gt=0) | models.Q(missed__gt=0) | models.Q(complaints__gt=0))


class DistrictFilter(df.FilterSet):
    """By year and words."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    year = df.NumberFilter(label="年度", min_value=2015, max_value=2100)

    class Meta:
        model = DistrictListEntry
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the enterprise and the source."""
        return rows.filter(named("enterprise__", text.strip()) | models.Q(source__icontains=text))
