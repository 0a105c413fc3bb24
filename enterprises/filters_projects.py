"""The filter of the lists of construction projects."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models
from django.utils import timezone

from core.forms import LONGEST_WORDS
from enterprises.filters import TICK, departments
from enterprises.models import Project

DATE = forms.DateInput(attrs={"type": "date"})


class ProjectFilter(df.FilterSet):
    """By words, stage, kind, department, day of approval, and what needs somebody (R62, R78)."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    state = df.ChoiceFilter(label="阶段", choices=Project.State, empty_label="全部")
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[
            ("untold", "未告知"),
            ("overdue", "逾期未告知"),
            ("found", "未经验收投用"),
            ("under_way", "在建"),
            ("unapproved", "没有批准文件"),
        ],
    )
    kind = df.ChoiceFilter(label="性质", choices=Project.Kind, empty_label="全部")
    is_special = df.BooleanFilter(label="金属冶炼、危险物品", widget=TICK)
    department = df.ModelChoiceFilter(label="批准部门", queryset=departments, field_name="approved_by_department", empty_label="全部")
    approved_from = df.DateFilter(label="批准自", field_name="approved_on", lookup_expr="gte", widget=DATE)
    approved_to = df.DateFilter(label="批准至", field_name="approved_on", lookup_expr="lte", widget=DATE)

    class Meta:
        model = Project
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the project's name and number, and in the enterprise's name."""
        words = models.Q(name__icontains=text) | models.Q(approval_number__icontains=text)
        return rows.filter(words | models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower()))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody."""
        if value == "overdue":
            return rows.overdue(timezone.localdate())
        if value == "unapproved":
            return rows.filter(approved_on=None)
        return {"untold": rows.untold, "found": rows.found_in_use, "under_way": rows.under_way}[value]()
