"""Filters of the list of visits."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models
from django.utils import timezone

from accounts.models import Department, User
from accounts.models.areas import within
from core.forms import LONGEST_WORDS
from enterprises.models import Enterprise, Membership
from inspections.models import Inspection, machine

DATE = forms.DateInput(attrs={"type": "date"})
TOWN_CODE = 9
OFFICE = ("unit", "officer", "view")


def visible(request: Any) -> Any:
    """The enterprises whose rows one may ask for."""
    return Enterprise.objects.for_user(request.user)


def town_of(user: Any) -> str:
    """The code of the town a person works in."""
    held = user.membership
    return str(held.area_id or (held.department.area_id if held.department else ""))[:TOWN_CODE]


def units(request: Any) -> Any:
    """The departments of the town."""
    return Department.objects.filter(within("area_id", town_of(request.user))) if request.user.is_town else Department.objects.none()


def officers(request: Any) -> Any:
    """Who is or was an officer of the town."""
    if not request.user.is_town:
        return User.objects.none()
    town = town_of(request.user)
    held = Membership.objects.filter(within("area_id", town) | within("department__area_id", town), role__in=sorted(machine.OFFICERS))
    return User.objects.filter(pk__in=held.values("user")).order_by("name")


class InspectionFilter(df.FilterSet):
    """By words, state, kind, unit, officer, days and what needs somebody; a firm asks for nothing that would tell it of the town's affairs."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    state = df.ChoiceFilter(label="状态", choices=machine.State, empty_label="全部")
    kind = df.ChoiceFilter(label="检查类型", choices=machine.Kind, empty_label="全部")
    unit = df.ModelChoiceFilter(
        label="检查单位", queryset=units, method="by_unit", empty_label="全部", null_label="镇应急办", null_value="town"
    )
    officer = df.ModelChoiceFilter(label="检查人员", queryset=officers, method="by_officer", empty_label="全部")
    planned_from = df.DateFilter(label="计划自", method="by_day", widget=DATE)
    planned_to = df.DateFilter(label="计划至", method="by_day", widget=DATE)
    visited_from = df.DateFilter(label="检查自", method="by_visit", widget=DATE)
    visited_to = df.DateFilter(label="检查至", method="by_visit", widget=DATE)
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[
            ("mine", "我参加的"),
            ("open", "未办结"),
            ("late", "计划日已过"),
            ("report_overdue", "报区逾期"),
            ("return_overdue", "转办件回复逾期"),
        ],
    )
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Inspection
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = OFFICE if not self.request.user.is_office else ()
        for name in hidden if self.request.user.is_town else ("state", *hidden):
            del self.filters[name]

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In number, older number and the enterprise's name; for the town's offices also in basis and complaint number."""
        words = models.Q(number__icontains=text) | models.Q(paper_number__icontains=text)
        words |= models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower())
        if self.request.user.is_office:
            words |= models.Q(basis__icontains=text) | models.Q(complaint_number__icontains=text)
        return rows.filter(words)

    def by_day(self, rows: Any, name: str, day: Any) -> Any:
        """Planned from, or until, this day; for a firm only where it may know the day."""
        if not self.request.user.is_office:
            rows = rows.exclude(state__in=[state for state in machine.BEFORE if state != machine.State.NOTICED])
        return rows.filter(**{f"planned_on__{'gte' if name == 'planned_from' else 'lte'}": day})

    def by_visit(self, rows: Any, name: str, day: Any) -> Any:
        """Made from, or until, this day."""
        return rows.filter(**{f"visited_on__{'gte' if name == 'visited_from' else 'lte'}": day}, state__in=machine.VISITED)

    def by_unit(self, rows: Any, name: str, unit: Any) -> Any:
        """Of this unit, or joined by it."""
        department = None if unit == "town" else unit
        return rows.filter(pk__in=Inspection.objects.of_unit(department).values("pk"))

    def by_officer(self, rows: Any, name: str, officer: Any) -> Any:
        """With this officer."""
        return rows.filter(officers__user=officer)

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody."""
        today = timezone.localdate()
        if value == "mine":
            return rows.mine(self.request.user)
        if value == "late":
            return rows.filter(state__in=machine.BEFORE, planned_on__lt=today)
        if value == "report_overdue":
            return rows.report_overdue(today)
        if value == "return_overdue":
            return rows.open().filter(return_by_on__lt=today)
        return rows.open()
