"""The filter of the enterprise list."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from accounts.models import Area, Department, Sector
from accounts.models.areas import within
from core.forms import LONGEST_WORDS
from enterprises.models import Enterprise, HazardTrait

TICK = forms.Select(choices=[("", "不限"), ("true", "是"), ("false", "否")])


def area_code(user: Any) -> str:
    """The code of the area a user's scope lies in."""
    held = user.membership
    place = held.area or (held.department.area if held.department else held.enterprise.area)
    return place.code


def villages(request: Any) -> QuerySet[Area]:
    """The villages within the user's scope."""
    return Area.objects.filter(within("code", area_code(request.user)), code__regex=r"^[0-9]{12}$")


def departments(request: Any) -> QuerySet[Department]:
    """The departments of the user's town, or of his own area."""
    return Department.objects.filter(within("area_id", area_code(request.user)[:9]))


class EnterpriseFilter(django_filters.FilterSet):
    """Search, and what distinguishes enterprises for supervision (R6, R59, R82)."""

    q = django_filters.CharFilter(
        label="搜索",
        method="search",
        max_length=LONGEST_WORDS,
        widget=forms.TextInput(attrs={"placeholder": "名称、拼音首字母、信用代码", "type": "search"}),
    )
    sector = django_filters.ModelChoiceFilter(label="行业", queryset=Sector.objects.all(), empty_label="不限")
    area = django_filters.ModelChoiceFilter(label="村(社区)", queryset=villages, empty_label="不限")
    lead_department = django_filters.ModelChoiceFilter(label="牵头部门", queryset=departments, empty_label="不限")
    status = django_filters.ChoiceFilter(label="状态", choices=Enterprise.Status.choices, empty_label="不限")
    scale = django_filters.ChoiceFilter(label="规模", choices=Enterprise.Scale.choices, empty_label="不限")
    traits = django_filters.ModelChoiceFilter(label="危险特性", queryset=HazardTrait.objects.all(), empty_label="不限")
    is_crowded = django_filters.BooleanFilter(label="人员密集", widget=TICK)
    is_scattered = django_filters.BooleanFilter(label="小散乱", widget=TICK)
    is_city_level = django_filters.BooleanFilter(label="市属及以上", widget=TICK)
    incomplete = django_filters.BooleanFilter(label="档案不完整", widget=TICK, method="only_incomplete")
    no_lead = django_filters.BooleanFilter(label="没有牵头部门", field_name="lead_department", lookup_expr="isnull", widget=TICK)

    class Meta:
        model = Enterprise
        fields: tuple[str, ...] = ()

    def search(self, rows: Any, name: str, value: str) -> Any:
        """By name, initials or code."""
        return rows.search(value)

    def only_incomplete(self, rows: Any, name: str, value: bool) -> Any:
        """Without (or with) a confirmed principal (R6)."""
        lacking = Enterprise.objects.incomplete().values("pk")
        return rows.filter(pk__in=lacking) if value else rows.exclude(pk__in=lacking)
