"""The ticker: runs the schedule inside one process, for the demo and for a small installation."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)
REST_SECONDS = 0.5


class Ticker:
    """Runs each entry of a schedule when it is due by the monotonic clock, one after the other.

    A tick that was missed is made good by the next one: tasks are idempotent and read the calendar, not
    the tick. What a task raises is logged and does not stop the others.
    """

    def __init__(self, schedule: dict[str, Any] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.schedule = import_string(settings.SCHEDULE) if schedule is None else schedule
        self.clock = clock
        self.due = dict.fromkeys(self.schedule, clock())
        self.stopped = threading.Event()

    def tick(self) -> list[str]:
        """Run what is due now; the names of the entries that were run."""
        ran = [name for name, moment in self.due.items() if moment <= self.clock()]
        for name in ran:
            entry = self.schedule[name]
            self.due[name] = self.clock() + entry.every.total_seconds()
            self._run(name, entry.task)
        return ran

    def _run(self, name: str, task: str) -> None:
        close_old_connections()
        try:
            import_string(task)()
        except Exception:
            log.exception("scheduled task %s failed; it runs again at its next turn", name)
        finally:
            close_old_connections()

    def run(self) -> None:
        """Tick until `stop` is called."""
        while not self.stopped.wait(REST_SECONDS):
            self.tick()

    def stop(self) -> None:
        """Let `run` return after the task at hand."""
        self.stopped.set()
