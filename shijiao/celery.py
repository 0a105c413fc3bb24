"""Celery, the engine of the background work: worker and beat run the schedule and the work rows; promises live in the database.

`celery -A shijiao worker` and one `celery -A shijiao beat`. A second beat, or a ticker beside it, is harmless.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Any

from celery import Celery, bootsteps, signals
from celery.beat import Scheduler as CeleryScheduler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shijiao.settings")

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import DatabaseError, close_old_connections  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

log = logging.getLogger(__name__)
BEAT_SECONDS = 10
BROKER_SECONDS = 0.5
WORKER_AWAY_SECONDS = 1
SEND_AGAIN_SECONDS = 60
LEAST_EXPIRY_SECONDS = 10
LONGEST_WORK_SECONDS = 30 * 60

CONFIG: dict[str, Any] = {
    "broker_url": settings.BROKER_URL or "memory://",
    "broker_transport": "shijiao.transport:Transport" if settings.BROKER_URL else None,
    "timezone": settings.TIME_ZONE,
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_serializer": "json",
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_publish_retry": False,
    "task_time_limit": LONGEST_WORK_SECONDS,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 500,
    "worker_hijack_root_logger": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": BROKER_SECONDS,
    # A request waits for the broker once and this long: one try, no pauses between tries.
    "broker_transport_options": {
        "socket_timeout": BROKER_SECONDS,
        "socket_connect_timeout": BROKER_SECONDS,
        # A consumer whose waiting connection died unnoticed connects anew after twice this, not after 51 s.
        "health_check_interval": 5,
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
    "beat_schedule": {
        name: {
            "task": "entry",
            "schedule": entry.every,
            "args": [name],
            "options": {"expires": max(LEAST_EXPIRY_SECONDS, min(entry.every.total_seconds(), SEND_AGAIN_SECONDS))},
        }
        for name, entry in import_string(settings.SCHEDULE).items()
    },
    "beat_scheduler": "shijiao.celery:Scheduler",
    "beat_max_loop_interval": 5,
}

app = Celery("shijiao")
app.conf.update(CONFIG)


@app.task(name="work")
def work(label: str, pk: Any) -> None:
    """Run one work row, unless somebody else does."""
    import_string("core.work.run_one")(apps.get_model(label), pk)


@app.task(name="entry")
def entry(name: str) -> None:
    """Run one entry of the schedule, unless it ran just before; one that is no longer in the schedule is let go."""
    found = import_string(settings.SCHEDULE).get(name)
    if found is not None:
        import_string("core.ticker.run_entry")(name, found)


def be_heard(kind: str, *, started: bool = False) -> None:
    """One heartbeat; a database that is away makes silence, not an end."""
    try:
        import_string("core.models.Heartbeat").beat(kind, started=started)
    except DatabaseError as error:
        log.warning("heartbeat not written, tried again soon: %s", error)
    finally:
        close_old_connections()


class Pulse(bootsteps.StartStopStep):
    """The worker's heartbeat, in its event loop: a worker that lost its broker falls silent, and is heard again with it."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, consumer: Any) -> None:
        """Be heard at once and then every BEAT_SECONDS."""
        be_heard("worker", started=True)
        self.turn = consumer.timer.call_repeatedly(BEAT_SECONDS, be_heard, ("worker",))

    def stop(self, consumer: Any) -> None:
        """No more."""
        self.turn.cancel()


app.steps["consumer"].add(Pulse)


class Scheduler(CeleryScheduler):
    """Beat without a file of its own: the database says when an entry ran last, and nothing is sent while no worker is heard.

    Messages for a worker that is away would pile up for days. An entry that was sent and not begun is sent again.
    """

    def setup_schedule(self) -> None:
        """Every entry is looked at as soon as beat runs."""
        super().setup_schedule()
        self.sent: dict[str, float] = {}
        self.heard_at = time.monotonic()
        be_heard("beat", started=True)
        for one in self.schedule.values():
            one.last_run_at = one.default_now() - one.schedule.run_every

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Be heard, then as usual."""
        if time.monotonic() - self.heard_at >= BEAT_SECONDS:
            self.heard_at = time.monotonic()
            be_heard("beat")
        close_old_connections()
        return super().tick(*args, **kwargs)

    def is_due(self, entry: Any) -> tuple[bool, float]:
        """(whether to send it now, seconds until the next look)."""
        if not import_string("core.models.Heartbeat").is_heard("worker"):
            return False, WORKER_AWAY_SECONDS
        every = entry.schedule.run_every.total_seconds()
        wait = import_string("core.models.Tick").seconds_until(entry.name, entry.schedule.run_every)
        if entry.name in self.sent:
            wait = max(wait, self.sent[entry.name] + min(every, SEND_AGAIN_SECONDS) - time.monotonic())
        if wait > 0:
            return False, wait
        self.sent[entry.name] = time.monotonic()
        return True, min(every, SEND_AGAIN_SECONDS)


@signals.celeryd_init.connect
@signals.beat_init.connect
def need_broker(**kwargs: Any) -> None:
    """Stop the start with a sentence when there is no broker."""
    if not settings.BROKER_URL:
        sys.exit("启动停止:没有设置环境变量 BROKER_URL(Celery 的 Redis 队列)。不用 Celery 时请运行 manage.py ticker,说明见 .env.example。")
