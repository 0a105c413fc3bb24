"""The papers of a visit, an order, a measure or a transfer on its page."""

from __future__ import annotations

from typing import Any

from django import template

from documents.models import Document
from inspections.views.papers_orders import offers

register = template.Library()
SHOWN = 20


@register.inclusion_tag("hazards/_papers.html", takes_context=True)
def inspection_papers(context: Any, row: Any) -> dict[str, Any]:
    """What was issued about the row, the newest first, and buttons for what this person may issue now."""
    user = context["user"]
    papers = Document.objects.for_user(user).of(row).select_related("kind").defer("facts").order_by("-pk")[:SHOWN]
    return {"row": row, "papers": papers, "offers": offers(row, user)}
