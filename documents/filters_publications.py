"""The filter of the town's list of publications."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.db import models
from django.utils import timezone

from core.forms import LONGEST_WORDS
from documents.models import Publication


class BatchFilter(df.FilterSet):
    """By words and kind."""

    q = df.CharFilter(label="搜索", method="search", max_length=LONGEST_WORDS)
    kind = df.ChoiceFilter(label="种类", choices=Publication.Kind, empty_label="全部")

    class Meta:
        model = Publication
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In number, title, party and the enterprise's name."""
        words = models.Q(number__icontains=text) | models.Q(title__icontains=text) | models.Q(party__icontains=text)
        return rows.filter(words | models.Q(enterprise__name__icontains=text) | models.Q(enterprise__initials__icontains=text.lower()))


class PublicationFilter(BatchFilter):
    """By words, kind, state, and what needs somebody."""

    state = df.ChoiceFilter(label="状态", choices=Publication.State, empty_label="全部")
    view = df.ChoiceFilter(
        label="关注",
        method="attention",
        empty_label="全部",
        choices=[("mine", "等我处理"), ("late", "逾期未公示"), ("void", "文书已作废,须撤下")],
    )

    class Meta:
        model = Publication
        fields: list[str] = []

    def attention(self, rows: Any, name: str, value: str) -> Any:
        """What needs somebody."""
        if value == "mine":
            return rows.filter(pk__in=Publication.objects.waiting_for(self.request.user).values("pk"))
        return rows.late(timezone.localdate()) if value == "late" else rows.void()
