"""The moment records are stamped with: now, or a moment set for replaying what happened (demo, takeover of old files)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_moment: ContextVar[datetime.datetime | None] = ContextVar("moment", default=None)


def now() -> datetime.datetime:
    """The moment set by `at`, else the real time."""
    return _moment.get() or timezone.now()


@contextmanager
def at(moment: datetime.datetime) -> Iterator[None]:
    """Within it, records are stamped with `moment`."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
