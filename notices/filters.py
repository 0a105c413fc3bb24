"""Filters of the inbox and the delivery record."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms

from core.models.work import WorkRow
from notices.models import Channel, Delivery, Kind, Notice

DATE = forms.DateInput(attrs={"type": "date"})


class NoticeFilter(df.FilterSet):
    """Unread, kind, days."""

    state = df.ChoiceFilter(label="状态", method="by_state", choices=[("unread", "未读"), ("read", "已读")], empty_label="全部")
    kind = df.ChoiceFilter(label="种类", choices=Kind, empty_label="全部")
    start = df.DateFilter(label="自", field_name="at", lookup_expr="date__gte", widget=DATE)
    end = df.DateFilter(label="至", field_name="at", lookup_expr="date__lte", widget=DATE)

    class Meta:
        model = Notice
        fields: list[str] = []

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Opened or not."""
        return rows.unread() if value == "unread" else rows.filter(read_at__isnull=False)


class DeliveryFilter(df.FilterSet):
    """Over what, and with which result."""

    channel = df.ChoiceFilter(label="方式", field_name="channel__kind", choices=Channel.Kind, empty_label="全部")
    state = df.ChoiceFilter(label="状态", choices=WorkRow.State, empty_label="全部")

    class Meta:
        model = Delivery
        fields: list[str] = []
