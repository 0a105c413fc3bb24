"""Filters of the lists of orders, on-site measures and violations."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models
from django.utils import timezone

from core.forms import LONGEST_WORDS
from hazards.filters import visible
from inspections.models import OnsiteMeasure, Order, OrderExtension, OrderLine, Violation

DATE = forms.DateInput(attrs={"type": "date"})
FIRM = ("enterprise__name", "enterprise__initials")


def containing(text: str, *names: str) -> models.Q:
    """Rows where one of these columns holds the words; a firm's initials are kept small."""
    found = models.Q()
    for name in names:
        found |= models.Q(**{f"{name}__icontains": text.lower() if name.endswith("initials") else text})
    return found


class OrderFilter(df.FilterSet):
    """By words, state, last day, and what waits for somebody."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    state = df.ChoiceFilter(label="状态", choices=Order.State, empty_label="全部")
    issued_from = df.DateFilter(label="制发自", field_name="issued_on", lookup_expr="gte", widget=DATE)
    issued_to = df.DateFilter(label="制发至", field_name="issued_on", lookup_expr="lte", widget=DATE)
    due_from = df.DateFilter(label="期限自", field_name="due_on", lookup_expr="gte", widget=DATE)
    due_to = df.DateFilter(label="期限至", field_name="due_on", lookup_expr="lte", widget=DATE)
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[
            ("open", "没有办完"),
            ("overdue", "整改逾期"),
            ("recheck", "待复查"),
            ("recheck_overdue", "复查逾期"),
            ("asking", "延期待答复"),
            ("unserved", "待送达"),
        ],
    )
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Order
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the numbers, the lines and the firm's name."""
        lines = OrderLine.objects.filter(order=models.OuterRef("pk"), description__icontains=text)
        return rows.filter(containing(text, "number", "document__number", "paper_number", *FIRM) | models.Exists(lines))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What waits."""
        today = timezone.localdate()
        if value == "overdue":
            return rows.overdue(today)
        if value == "recheck_overdue":
            return rows.recheck_overdue(today)
        if value == "asking":
            return rows.filter(models.Exists(OrderExtension.objects.open().filter(order=models.OuterRef("pk"))))
        states = {"recheck": Order.State.PENDING_RECHECK, "unserved": Order.State.ISSUED}
        return rows.filter(state=states[value]) if value in states else rows.standing()


class MeasureFilter(df.FilterSet):
    """By words, kind, state, and what waits for somebody."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    kind = df.ChoiceFilter(label="措施", choices=OnsiteMeasure.Kind, empty_label="全部")
    state = df.ChoiceFilter(label="状态", choices=OnsiteMeasure.State, empty_label="全部")
    view = df.ChoiceFilter(
        label="关注", method="attention", empty_label="全部", choices=[("standing", "没有解除"), ("overdue", "审查逾期")]
    )
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = OnsiteMeasure
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the numbers, scope, danger and the firm's name."""
        return rows.filter(containing(text, "number", "document__number", "scope", "danger", *FIRM))

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What waits."""
        return rows.examine_overdue(timezone.localdate()) if value == "overdue" else rows.standing()


class ViolationFilter(df.FilterSet):
    """By words, state, firm, article and days."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    state = df.ChoiceFilter(label="状态", choices=Violation.State, empty_label="全部")
    article = df.CharFilter(label="条款", field_name="articles", lookup_expr="icontains", max_length=LONGEST_WORDS)
    violated_from = df.DateFilter(label="违法自", field_name="violated_on", lookup_expr="gte", widget=DATE)
    violated_to = df.DateFilter(label="违法至", field_name="violated_on", lookup_expr="lte", widget=DATE)
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Violation
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In the facts, the origin and the firm's name."""
        return rows.filter(containing(text, "description", "origin", *FIRM))
