"""Filters of walks and of visits by other authorities."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models

from core.forms import LONGEST_WORDS
from enterprises.models import Enterprise
from inspections.models import OutsideVisit, Patrol

DATE = forms.DateInput(attrs={"type": "date"})


def visible(request: Any) -> Any:
    """The enterprises whose rows one may ask for."""
    return Enterprise.objects.for_user(request.user)


def of_firm(text: str) -> models.Q:
    """In the firm's name or its initials."""
    return models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower())


class PatrolFilter(df.FilterSet):
    """By words, who walked, days and firm."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    walker = df.ChoiceFilter(label="走访人员", choices=Patrol.Walker, empty_label="全部")
    start = df.DateFilter(label="自", field_name="on", lookup_expr="gte", widget=DATE)
    end = df.DateFilter(label="至", field_name="on", lookup_expr="lte", widget=DATE)
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Patrol
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the firm's name, the walkers' names and what was seen."""
        return rows.filter(of_firm(text) | models.Q(names__icontains=text) | models.Q(text__icontains=text))


class OutsideVisitFilter(df.FilterSet):
    """By words, days and firm."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    start = df.DateFilter(label="自", field_name="on", lookup_expr="gte", widget=DATE)
    end = df.DateFilter(label="至", field_name="on", lookup_expr="lte", widget=DATE)
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = OutsideVisit
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the firm's name, the authority's and what it looked at."""
        return rows.filter(of_firm(text) | models.Q(organ__icontains=text) | models.Q(note__icontains=text))
