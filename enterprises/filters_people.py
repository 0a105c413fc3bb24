"""Filters of the lists of people."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.db import models

from accounts.models import Role, User
from accounts.roles import ENTERPRISE_ROLES
from core.forms import LONGEST_WORDS
from enterprises.forms.people import TOWN_CHOICES
from enterprises.models import Membership

FIRM_CHOICES = [(r.value, r.label) for r in Role if r in ENTERPRISE_ROLES]


class PeopleFilter(df.FilterSet):
    """By name or user name, and role."""

    q = df.CharFilter(label="姓名或用户名", method="search", max_length=LONGEST_WORDS)
    role = df.ChoiceFilter(label="岗位", choices=FIRM_CHOICES, empty_label="全部")

    class Meta:
        model = Membership
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In both names."""
        return rows.filter(models.Q(user__name__icontains=text) | models.Q(user__username__icontains=text))


class StaffFilter(df.FilterSet):
    """By name or user name, role held now, and whether the account works."""

    q = df.CharFilter(label="姓名或用户名", method="search", max_length=LONGEST_WORDS)
    role = df.ChoiceFilter(label="岗位", choices=TOWN_CHOICES, method="holds", empty_label="全部")
    is_active = df.ChoiceFilter(label="账号", choices=[("true", "在用"), ("false", "已停用")], method="active", empty_label="全部")

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, rows: Any, name: str, text: str) -> Any:
        """In both names."""
        return rows.filter(models.Q(name__icontains=text) | models.Q(username__icontains=text))

    def holds(self, rows: Any, name: str, role: str) -> Any:
        """With this role today."""
        return rows.filter(pk__in=Membership.objects.current().filter(role=role).values("user"))

    def active(self, rows: Any, name: str, value: str) -> Any:
        """Enabled or disabled."""
        return rows.filter(is_active=value == "true")
