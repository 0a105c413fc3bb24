"""Celery as the engine: its settings, the schedule as beat sees it, the two tasks, a start without a broker."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone
from kombu import Connection
from redis.exceptions import ConnectionError as LostConnection

from core.models import Heartbeat, Job, Tick
from shijiao import celery
from shijiao.schedule import SCHEDULE
from shijiao.transport import Channel, Transport

ROOT = Path(__file__).resolve().parent.parent


def test_settings_are_those_that_were_tried():
    conf = celery.app.conf
    assert conf.accept_content == ["json"]
    assert (conf.task_serializer, conf.timezone, conf.broker_connection_max_retries) == ("json", "Asia/Shanghai", None)
    on = ("task_acks_late", "task_reject_on_worker_lost", "task_ignore_result", "broker_connection_retry_on_startup")
    assert [conf[name] for name in on] == [True] * 4
    assert (conf.task_publish_retry, conf.worker_prefetch_multiplier, conf.worker_max_tasks_per_child) == (False, 1, 500)
    options = conf.broker_transport_options
    assert options["socket_timeout"] + options["socket_connect_timeout"] <= 1
    assert options["max_retries"] == 0


def test_beat_sends_the_schedule_and_nothing_else():
    sent = celery.app.conf.beat_schedule
    assert {name: (one["task"], one["args"], one["schedule"]) for name, one in sent.items()} == {
        name: ("entry", [name], entry.every) for name, entry in SCHEDULE.items()
    }
    assert all(10 <= one["options"]["expires"] <= 60 for one in sent.values())
    assert set(celery.app.tasks) >= {"work", "entry"}


def test_each_entry_has_a_chinese_name_for_the_operations_page():
    assert [name for name, entry in SCHEDULE.items() if not entry.title or entry.title.isascii()] == []


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_without_a_broker_worker_and_beat_stop_with_a_sentence(command):
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": "sqlite://:memory:"}
    ended = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "shijiao", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert "BROKER_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.django_db
def test_the_tasks_run_a_row_once_and_let_go_what_is_no_longer_there(people, settings):
    settings.JOB_HANDLERS = "tests.test_celery.HANDLERS"
    job = Job.objects.create(kind="noop", title="x", by=people.inspector)
    for _ in range(2):
        celery.work("core.Job", job.pk)
    celery.work("core.Job", 0)
    celery.entry("no such entry")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.message) == ("done", 1, "好")
    celery.entry("results")
    assert Tick.objects.get().name == "results"


HANDLERS = {"noop": "tests.test_celery.noop"}


def noop(job):
    """A handler that works."""
    return "好"


class Sent:
    """An entry as beat holds it."""

    def __init__(self, name, every):
        self.name, self.schedule = name, type("Every", (), {"run_every": every})


@pytest.mark.django_db
def test_beat_sends_only_to_a_worker_that_is_heard_and_once_per_period(monkeypatch):
    scheduler = celery.Scheduler(app=celery.app, lazy=True)
    scheduler.sent = {}
    hourly = Sent("hourly", datetime.timedelta(hours=1))
    assert scheduler.is_due(hourly) == (False, celery.WORKER_AWAY_SECONDS)
    Heartbeat.beat("worker")
    assert scheduler.is_due(hourly)[0]
    assert not scheduler.is_due(hourly)[0], "sent, and not yet given up"
    scheduler.sent.clear()
    assert Tick.take("hourly", hourly.schedule.run_every, timezone.now())
    due, wait = scheduler.is_due(hourly)
    assert (due, 3590 < wait <= 3600) == (False, True)
    Tick.objects.update(started_at=timezone.now() - datetime.timedelta(hours=3))
    assert scheduler.is_due(hourly)[0], "a missed period is made good"


def test_a_channel_without_its_connection_says_so():
    """Kombu's own says AttributeError, which ends the worker."""
    channel = Channel.__new__(Channel)
    channel.connection = Transport.__new__(Transport)
    channel.connection.client = None
    with pytest.raises(LostConnection):
        channel._connparams()
    assert issubclass(LostConnection, Connection("redis://", transport=Transport).connection_errors)
