"""The way to the workers: says after commit that a row is waiting. A promise never depends on it; the sweeper finds the row anyway."""

from __future__ import annotations

import logging
import threading
import time
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
REST_SECONDS = 30
QUEUE_SECONDS = 0.05
MESSAGE_SECONDS = 3600


class Breaker:
    """After a failed try nobody in this process tries again for REST_SECONDS, so that only one request pays for a dead broker."""

    def __init__(self) -> None:
        self.rests_until = 0.0
        self.one_at_a_time = threading.Lock()

    def is_open(self) -> bool:
        """Whether the last try failed less than REST_SECONDS ago."""
        return time.monotonic() < self.rests_until

    def trip(self) -> None:
        """Remember a failed try."""
        self.rests_until = time.monotonic() + REST_SECONDS


breaker = Breaker()


def enqueue(row: models.Model) -> None:
    """Tell the workers after commit that this work row waits.

    Without a broker nothing is told: the ticker sweeps. A broker that is down, frozen or busy costs one
    request at most the time-outs of the settings, then nothing for REST_SECONDS. For many rows at once
    leave it out: the sweeper runs each second.
    """
    if settings.BROKER_URL:
        transaction.on_commit(partial(publish, row._meta.label, row.pk), robust=True)


def publish(label: str, pk: Any) -> bool:
    """Send one message now, unless the breaker rests or another thread is about it; whether it was sent."""
    if breaker.is_open() or not breaker.one_at_a_time.acquire(timeout=QUEUE_SECONDS):
        return False
    try:
        if breaker.is_open():
            return False
        import_string(settings.CELERY_APP).send_task("work", args=[label, pk], expires=MESSAGE_SECONDS, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        breaker.trip()
        log.warning("broker does not answer, the sweeper takes %s %s: %s", label, pk, error)
        return False
    finally:
        breaker.one_at_a_time.release()
    return True
