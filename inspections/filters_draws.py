"""Filters of draws and of the lists behind them."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models
from django.utils import timezone

from core.forms import LONGEST_WORDS
from enterprises.models import Enterprise
from inspections.filters import units
from inspections.models import Absence, Avoidance, Draw, DrawObject, Exclusion, FirmGrade, OfficerEntry, Pool, PoolEntry
from inspections.models import draw_machine as machine
from inspections.models.outs import out_on
from inspections.models.pools import Grade

DATE = forms.DateInput(attrs={"type": "date"})
STANDING = [("now", "有效"), ("over", "已解除或到期")]


def of_firm(text: str) -> models.Q:
    """In the firm's name, its initials or its credit code."""
    words = models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower())
    return words | models.Q(enterprise__credit_code__startswith=text.strip().upper())


def visible(request: Any) -> Any:
    """The enterprises whose rows one may ask for."""
    return Enterprise.objects.for_user(request.user)


def pools(request: Any) -> Any:
    """The pools one sees."""
    return Pool.objects.for_user(request.user).order_by("name")


class Words(df.FilterSet):
    """The base of a list that is searched by words."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the firm."""
        return rows.filter(of_firm(text))


class DrawFilter(Words):
    """By words, state, pool, days of the visits, and what needs somebody."""

    state = df.ChoiceFilter(label="状态", choices=machine.State, empty_label="全部")
    pool = df.ModelChoiceFilter(label="抽查对象库", queryset=pools, empty_label="全部")
    drawn_from = df.DateFilter(label="抽取自", field_name="drawn_at", lookup_expr="date__gte", widget=DATE)
    drawn_to = df.DateFilter(label="抽取至", field_name="drawn_at", lookup_expr="date__lte", widget=DATE)
    start = df.DateFilter(label="检查期间自", field_name="visits_until", lookup_expr="gte", widget=DATE)
    end = df.DateFilter(label="检查期间至", field_name="visits_from", lookup_expr="lte", widget=DATE)
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[("open", "没有办完的"), ("change", "替换或作废待批"), ("publish", "待公布"), ("late", "公布逾期")],
    )

    class Meta:
        model = Draw
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In number and title."""
        return rows.filter(models.Q(number__icontains=text) | models.Q(title__icontains=text))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody."""
        if value == "change":
            return rows.asking()
        if value == "publish":
            return rows.to_publish()
        if value == "late":
            return rows.publish_late(timezone.localdate())
        return rows.filter(state__in=machine.RUNNING)


class TicketFilter(Words):
    """Of a frozen list: by words, drawn or not, left out or not."""

    view = df.ChoiceFilter(
        label="结果",
        method="by_result",
        empty_label="全部",
        choices=[("drawn", "抽中"), ("not", "未抽中"), ("excluded", "排除")],
    )

    class Meta:
        model = DrawObject
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In name and code."""
        return rows.filter(models.Q(name__icontains=text) | models.Q(key__startswith=text.strip().upper()))

    def by_result(self, rows: Any, name: str, value: str) -> Any:
        """Drawn, now or at first; not drawn; left out with a reason."""
        if value == "excluded":
            return rows.exclude(excluded=None)
        return rows.filter(pick__isnull=value == "not", excluded=None)


class PoolFilter(Words):
    """Pools: by name and unit."""

    unit = df.ModelChoiceFilter(
        label="单位", queryset=units, method="by_unit", empty_label="全部", null_label="镇应急办", null_value="town"
    )

    class Meta:
        model = Pool
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the name."""
        return rows.filter(name__icontains=text)

    def by_unit(self, rows: Any, name: str, unit: Any) -> Any:
        """Of this unit."""
        return rows.filter(department=None if unit == "town" else unit)


class EntryFilter(Words):
    """Members of a pool: now, or who went out; by words and village."""

    view = df.ChoiceFilter(label="在库", method="by_time", empty_label="全部", choices=[("in", "现在在库"), ("out", "已移出")])
    since = df.DateFilter(label="进入自", field_name="entered_on", lookup_expr="gte", widget=DATE)
    until = df.DateFilter(label="进入至", field_name="entered_on", lookup_expr="lte", widget=DATE)

    class Meta:
        model = PoolEntry
        fields: list[str] = []

    def by_time(self, rows: Any, name: str, value: str) -> Any:
        """In it, or gone."""
        return rows.filter(left_on__isnull=value == "in")


class OfficerFilter(Words):
    """Officers: in the pool, or who went out."""

    view = df.ChoiceFilter(label="在名录", method="by_time", empty_label="全部", choices=[("in", "现在在名录"), ("out", "已移出")])

    class Meta:
        model = OfficerEntry
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """By name."""
        return rows.filter(user__name__icontains=text)

    def by_time(self, rows: Any, name: str, value: str) -> Any:
        """In it, or gone."""
        return rows.filter(left_on__isnull=value == "in")


class Outs(Words):
    """The base of what keeps somebody out: by words and how it stands."""

    view = df.ChoiceFilter(label="状态", method="by_standing", empty_label="全部", choices=STANDING)

    def by_standing(self, rows: Any, name: str, value: str) -> Any:
        """In force today or to come; or over."""
        today = timezone.localdate()
        ahead = models.Q(since__gt=today, lifted_on=None)
        now = models.Q(pk__in=out_on(rows.model._base_manager.all(), today).values("pk")) | ahead
        return rows.filter(now) if value == "now" else rows.exclude(now)


class ExclusionFilter(Outs):
    """Firms not drawn for a while."""

    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Exclusion
        fields: list[str] = []


class AvoidanceFilter(Outs):
    """Pairs that must not meet."""

    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Avoidance
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the firm and the officer's name."""
        return rows.filter(of_firm(text) | models.Q(user__name__icontains=text))


class AbsenceFilter(Outs):
    """Officers who are away."""

    class Meta:
        model = Absence
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """By name."""
        return rows.filter(user__name__icontains=text)


class GradeFilter(Words):
    """Grades of firms: by words, grade, and whether they count now."""

    grade = df.ChoiceFilter(label="风险等级", choices=Grade, empty_label="全部")
    view = df.ChoiceFilter(label="现行", method="by_time", empty_label="全部", choices=[("now", "现行"), ("old", "以前的")])
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = FirmGrade
        fields: list[str] = []

    def by_time(self, rows: Any, name: str, value: str) -> Any:
        """The newest, or one before."""
        return rows.filter(until__isnull=value == "now")
