"""Taking a form once, however often it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db import models, transaction

from core.models import Submission, SubmissionVariant


class ContentConflict(Exception):
    """The same client-made id came with other content; both are kept, the person chooses (409)."""

    def __init__(self, submission: Submission, variant: SubmissionVariant) -> None:
        super().__init__("同一编号先后收到两份不同的内容")
        self.submission = submission
        self.variant = variant


def take_once(*, user: Any, client_id: uuid.UUID, kind: str, content: Any, make: Callable[[], tuple[models.Model, str]]) -> Submission:
    """Run `make` exactly once for (user, client_id) and give the same receipt to every sender.

    `make` returns (subject, receipt) and runs in the same transaction as the Submission row, so both
    exist or neither. Other content under the same id raises ContentConflict.
    """
    with transaction.atomic():
        submission, new = Submission.begin(user=user, client_id=client_id, kind=kind, content=content)
        if new:
            submission.finish(*make())
            return submission
    if submission.same(content):
        return submission
    raise ContentConflict(submission, submission.keep_variant(content))
