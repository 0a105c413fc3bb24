"""Filter of the list of papers."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db import models

from core.forms import LONGEST_WORDS
from documents.models import Document, DocumentKind
from enterprises.models import Enterprise

DATE = forms.DateInput(attrs={"type": "date"})


def visible(request: Any) -> Any:
    """The enterprises whose papers one may ask for."""
    return Enterprise.objects.for_user(request.user)


class DocumentFilter(df.FilterSet):
    """By words, kind, standing and day of issue."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    kind = df.ChoiceFilter(label="种类", field_name="kind__code", choices=DocumentKind.choices, empty_label="全部")
    view = df.ChoiceFilter(
        label="情况",
        method="standing",
        empty_label="全部",
        choices=[("valid", "有效"), ("voided", "已作废"), ("waiting", "还没有生成"), ("unsigned", "没有签章件"), ("mine", "我制发的")],
    )
    issued_from = df.DateFilter(label="制发自", field_name="issued_on", lookup_expr="gte", widget=DATE)
    issued_to = df.DateFilter(label="制发至", field_name="issued_on", lookup_expr="lte", widget=DATE)
    enterprise = df.ModelChoiceFilter(queryset=visible, widget=forms.HiddenInput)

    class Meta:
        model = Document
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In number, title and the enterprise's name."""
        words = models.Q(number__icontains=text) | models.Q(title__icontains=text)
        return rows.filter(words | models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower()))

    def standing(self, rows: Any, name: str, value: str) -> Any:
        """What stands, what fell, what is lacking."""
        if value == "voided":
            return rows.exclude(voided_at=None)
        if value == "waiting":
            return rows.exclude(state=Document.State.DONE)
        if value == "unsigned":
            return rows.valid().without_scan()
        return rows.filter(issued_by=self.request.user) if value == "mine" else rows.valid()
