"""Tasks of documents: thin, idempotent, called by the schedule."""

from __future__ import annotations

from documents.models import VerifyTry


def drop_old_tries() -> int:
    """Forget missed checks older than a day; how many."""
    return VerifyTry.drop_old()
