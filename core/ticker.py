"""The schedule's runner, and the ticker: a clock inside one process, for the demo and for a small installation."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.module_loading import import_string

from core.models import Heartbeat, Tick

log = logging.getLogger(__name__)
REST_SECONDS = 0.5
BEAT_SECONDS = 10
LOOK_AGAIN_SECONDS = 60


def run_entry(name: str, entry: Any) -> bool:
    """Run one entry of the schedule, whichever clock asks; False when it ran only just before.

    What the task raises is written down for the operations page and raised on.
    """
    started = timezone.now()
    if not Tick.take(name, entry.every, started):
        return False
    try:
        import_string(entry.task)()
    except Exception as error:
        Tick.done(name, started, f"{type(error).__name__}: {error}")
        raise
    Tick.done(name, started)
    return True


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
        return [name for name, moment in self.due.items() if moment <= self.clock() and self._run(name, self.schedule[name])]

    def _run(self, name: str, entry: Any) -> bool:
        """One entry; when another clock was faster it is looked at again soon."""
        every = entry.every.total_seconds()
        self.due[name] = self.clock() + every
        close_old_connections()
        try:
            if not run_entry(name, entry):
                self.due[name] = self.clock() + min(every, LOOK_AGAIN_SECONDS)
                return False
        except Exception:
            log.exception("scheduled task %s failed; it runs again at its next turn", name)
        finally:
            close_old_connections()
        return True

    def run(self) -> None:
        """Tick until `stop` is called, and be heard meanwhile."""
        pulse = threading.Thread(target=self._pulse, name="pulse", daemon=True)
        pulse.start()
        while not self.stopped.wait(REST_SECONDS):
            self.tick()

    def _pulse(self) -> None:
        """A heartbeat of its own thread: a long task is no silence."""
        started = True
        while True:
            try:
                Heartbeat.beat(Heartbeat.Kind.TICKER, started=started)
                started = False
            except DatabaseError as error:
                log.warning("heartbeat not written, tried again soon: %s", error)
            finally:
                close_old_connections()
            if self.stopped.wait(BEAT_SECONDS):
                return

    def stop(self) -> None:
        """Let `run` return after the task at hand."""
        self.stopped.set()
