"""Filters of the lists of hazards and checks."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models
from django.utils import timezone

from accounts.models import Sector
from core.forms import LONGEST_WORDS
from duties.periods import Frequency
from enterprises.models import Enterprise
from hazards.models import Check, FiveFixPlan, Hazard

DATE = forms.DateInput(attrs={"type": "date"})


def visible(request: Any) -> Any:
    """The enterprises whose rows one may ask for."""
    return Enterprise.objects.for_user(request.user)


class HazardFilter(df.FilterSet):
    """By words, enterprise, state, level, source, days, and what needs somebody."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    state = df.ChoiceFilter(label="状态", choices=Hazard.State, empty_label="全部")
    level = df.ChoiceFilter(label="级别", choices=Hazard.Level, empty_label="全部")
    source = df.ChoiceFilter(label="来源", choices=Hazard.Source, empty_label="全部")
    sector = df.ModelChoiceFilter(label="行业", queryset=Sector.objects.all(), field_name="enterprise__sector", empty_label="全部")
    found_from = df.DateFilter(label="发现自", field_name="found_on", lookup_expr="gte", widget=DATE)
    found_to = df.DateFilter(label="发现至", field_name="found_on", lookup_expr="lte", widget=DATE)
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[
            ("mine", "等我处理"),
            ("overdue", "已逾期"),
            ("open", "未销案"),
            ("reported", "我报过的"),
            ("suspected", "疑似重大"),
            ("major", "重大未销案"),
        ],
    )
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Hazard
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In number, description, place and the enterprise's name."""
        words = models.Q(number__icontains=text) | models.Q(description__icontains=text) | models.Q(place__icontains=text)
        return rows.filter(words | models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower()))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody."""
        user = self.request.user
        if value == "mine":
            return rows.filter(pk__in=Hazard.objects.waiting_for(user).values("pk"))
        if value == "overdue":
            return rows.overdue(timezone.localdate())
        if value in ("suspected", "major"):
            return rows.open().filter(major_on__isnull=value == "suspected", level=Hazard.Level.MAJOR)
        return rows.filter(found_by=user) if value == "reported" else rows.open()


class PlanFilter(df.FilterSet):
    """By words, state, last day, and what is owed."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    state = df.ChoiceFilter(label="状态", choices=FiveFixPlan.State, empty_label="全部")
    due_from = df.DateFilter(label="期限自", field_name="due_on", lookup_expr="gte", widget=DATE)
    due_to = df.DateFilter(label="期限至", field_name="due_on", lookup_expr="lte", widget=DATE)
    view = df.ChoiceFilter(
        label="关注", method="attention", empty_label="全部", choices=[("living", "有效的"), ("progress", "进展逾期未报")]
    )

    class Meta:
        model = FiveFixPlan
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the hazard's number and words, and in the enterprise's name."""
        words = models.Q(hazard__number__icontains=text) | models.Q(hazard__description__icontains=text)
        return rows.filter(words | models.Q(hazard__enterprise__name__icontains=text))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What counts, or what is owed."""
        return rows.living() if value == "living" else rows.progress_owed(timezone.localdate())


class CheckFilter(df.FilterSet):
    """By enterprise, frequency, state and days."""

    q = df.CharFilter(label="企业或班组", method="search", max_length=LONGEST_WORDS)
    frequency = df.ChoiceFilter(label="频次", choices=Frequency, empty_label="全部")
    state = df.ChoiceFilter(label="状态", choices=Check.State, empty_label="全部")
    start = df.DateFilter(label="周期自", field_name="window_end", lookup_expr="gte", widget=DATE)
    end = df.DateFilter(label="周期至", field_name="window_start", lookup_expr="lte", widget=DATE)
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Check
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the names of enterprise and unit."""
        return rows.filter(
            models.Q(enterprise__name__icontains=text)
            | models.Q(unit__name__icontains=text)
            | models.Q(enterprise__initials__icontains=text.lower())
        )
