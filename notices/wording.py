"""Wording: a rule's template becomes a title and a text; the words themselves are in templates/notices/."""

from __future__ import annotations

from typing import Any

from django.template.loader import get_template

from notices.models import NoticeRule


def words(rule: NoticeRule, **facts: Any) -> tuple[str, str]:
    """(title, body) of one notice: the template's first line, and the rest."""
    title, _, body = get_template(rule.template).render({"rule": rule, **facts}).strip().partition("\n")
    return title.strip()[:120], body.strip()
