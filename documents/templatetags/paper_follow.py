"""What follows a paper: its service and its publication, for the paper's page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from accounts.roles import WHOLE_TOWN
from documents.models import Document, DocumentKind, Publication, Service
from documents.models.publication import DRAFTERS
from documents.models.service import SERVERS, needs_service

register = template.Library()


@register.inclusion_tag("documents/_paper_follow.html", takes_context=True)
def paper_follow(context: Any, document: Document) -> dict[str, Any]:
    """A panel: how the paper was served, what of it is public, and the way to do either."""
    user = context["request"].user
    publications = Publication.objects.for_user(user).filter(document=document).order_by("-pk")
    is_for_all = document.kind.is_published or document.kind.issuer == DocumentKind.Issuer.TOWN
    live = any(row.state in (*Publication.UNPUBLISHED, Publication.State.PUBLISHED) for row in publications)
    return {
        "document": document,
        "is_needed": needs_service(document),
        "served": Service.objects.for_user(user).filter(document=document).standing().first(),
        "today": timezone.localdate(),
        "can_serve": user.role in SERVERS and document.is_valid,
        "sees_publications": user.role in WHOLE_TOWN,
        "publications": publications,
        "can_draft": user.role in DRAFTERS and document.is_valid and is_for_all and not live,
    }
