"""The filter of the results owed to the public."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models
from django.utils import timezone

from core.forms import LONGEST_WORDS
from inspections.filters_patrols import of_firm
from inspections.models import Inspection, InspectionResult, machine

DATE = forms.DateInput(attrs={"type": "date"})
VIEWS = [
    ("owed", "还没有公示"),
    ("undrafted", "还没有拟"),
    ("drafted", "在审核、待发布"),
    ("late", "公示逾期"),
    ("public", "公示过"),
    ("waived", "决定不公示"),
]


class ResultFilter(df.FilterSet):
    """By words, how the publication stands, kind, and the day the visit was closed."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    view = df.ChoiceFilter(label="公示", method="standing", empty_label="全部", choices=VIEWS)
    kind = df.ChoiceFilter(label="检查类型", choices=machine.Kind, empty_label="全部")
    start = df.DateFilter(label="办结自", field_name="closed_on", lookup_expr="gte", widget=DATE)
    end = df.DateFilter(label="办结至", field_name="closed_on", lookup_expr="lte", widget=DATE)

    class Meta:
        model = Inspection
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In number and the enterprise's name."""
        return rows.filter(of_firm(text) | models.Q(number__icontains=text))

    def standing(self, rows: Any, name: str, value: str) -> Any:
        """How its publication stands."""
        results = InspectionResult.objects.filter(inspection=models.OuterRef("pk"))
        if value == "late":
            return rows.result_late(timezone.localdate())
        if value == "waived":
            return rows.exclude(result_waiver="")
        if value == "public":
            return rows.filter(models.Exists(results.public()))
        if value == "drafted":
            return rows.result_owed().filter(models.Exists(results.standing()))
        return rows.result_undrafted() if value == "undrafted" else rows.result_owed()
