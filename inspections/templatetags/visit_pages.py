"""Words of a visit's answers."""

from __future__ import annotations

from typing import Any

from django import template

from inspections.models import InspectionItem
from inspections.sheet import answer_words

register = template.Library()
register.filter("answer_words", answer_words)


@register.filter
def disposal_words(given: dict[str, Any]) -> str:
    """How a problem is disposed of, in words."""
    return str(InspectionItem.Disposal(given["disposal"]).label)
