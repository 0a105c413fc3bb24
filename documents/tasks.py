"""Tasks of documents: thin, idempotent, called by the schedule without arguments."""

from __future__ import annotations

from django.utils import timezone

from documents.models import Publication, VerifyTry


def drop_old_tries() -> int:
    """Forget missed checks older than a day; how many."""
    return VerifyTry.drop_old()


def expire_publications() -> int:
    """Take publications off the public site after their last day; how many."""
    return Publication.objects.all().expire(timezone.localdate())
