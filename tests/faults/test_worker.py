"""A real Celery worker and beat against PostgreSQL and a Redis of our own: killed, stopped, frozen, doubled.

Each protection has a control run in which it is off and the harm is seen.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import redis
from celery import Celery
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core import broker
from core.models import Event, Heartbeat, Job, Tick
from shijiao.celery import CONFIG
from tests import factories as f
from tests.people import township

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
ROOT = Path(__file__).resolve().parents[2]
LEASE = 1.5
SENDER = None


def wait_for(what, seconds=120.0):
    """Poll until what() is truthy and return it; the last value when the time is over."""
    ends = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < ends:
        time.sleep(0.05)
    return found


class Engine:
    """A Redis, workers and beats of our own, all ended with the test."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.processes = []
        self.start_redis()

    def spawn(self, *command, **environment):
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        self.processes.append(process)
        return process

    def start_redis(self):
        self.redis = self.spawn("redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        self.client = redis.Redis(port=self.port)

        def answers():
            try:
                return self.client.ping()
            except redis.ConnectionError:
                return False

        assert wait_for(answers)

    def application(self, *arguments, app="shijiao", **environment):
        """Celery of this app on the database of the test."""
        base = connection.settings_dict
        return self.spawn(
            *(sys.executable, "-m", "celery", "-A", app, *arguments, "-l", "warning"),
            DJANGO_SETTINGS_MODULE="tests.settings",
            DATABASE_URL=f"postgres://{base['USER']}@{base['HOST']}:{base['PORT']}/{base['NAME']}",
            REDIS_URL="",
            BROKER_URL=self.url,
            **environment,
        )

    def celery(self, *arguments, off=""):
        return self.application(*arguments, app="tests.faults.engine", TEST_LEASE=str(LEASE), TEST_OFF=off)

    def worker(self, off=""):
        return self.celery("worker", "-c", "2", "--without-gossip", "--without-mingle", off=off)

    def beat(self, off=""):
        return self.celery("beat", off=off)

    def start(self, off=""):
        """One worker and one beat, until the sweeper has run."""
        worker, _ = self.worker(off), self.beat(off)
        assert wait_for(lambda: Tick.objects.filter(name="work", finished_at__isnull=False).exists()), self.logs()
        return worker

    def kill(self, process):
        """-9 to the process and its children."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def logs(self):
        return "\n".join(path.read_text()[-30000:] for path in sorted(self.folder.glob("*.log")))

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGCONT)
                self.kill(process)


@pytest.fixture
def people(transactional_db):
    return township()


@pytest.fixture
def engine(people, tmp_path):
    engine = Engine(tmp_path)
    yield engine
    engine.end()


def job(people, kind):
    return Job.objects.create(kind=kind, title=kind, by=people.inspector)


def runs(subject):
    return Event.objects.of(subject).filter(move="ran").count()


def state(row):
    return Job.objects.values_list("state", "attempts").get(pk=row.pk)


def pid_of(row):
    """The process in which the row's first run is."""
    return wait_for(lambda: Event.objects.of(row).filter(move="ran").first()).data["pid"]


def all_done(rows, seconds=120.0):
    keys = [row.pk for row in rows]
    return wait_for(lambda: not Job.objects.filter(pk__in=keys).exclude(state="done").exists(), seconds)


def test_kill_9_of_a_child_and_of_the_whole_worker_loses_and_doubles_nothing(people, engine):
    worker = engine.start()
    hung, slow = job(people, "hangs"), job(people, "slow")
    os.kill(pid_of(hung), signal.SIGKILL)
    quick = [job(people, "quick") for _ in range(20)]
    assert all_done([*quick, hung, slow]), engine.logs()
    assert [(state(row), runs(row)) for row in quick] == [(("done", 1), 1)] * 20
    assert (state(slow), runs(slow)) == (("done", 1), 1), "its lease was kept while it worked"
    first, second = Event.objects.of(hung).filter(move="ran")
    assert (state(hung), (second.at - first.at).total_seconds() > LEASE * 0.9) == (("done", 2), True)

    hung = job(people, "hangs")
    pid_of(hung)
    engine.kill(worker)
    engine.worker()
    assert all_done([hung]), engine.logs()
    assert (state(hung), runs(hung)) == (("done", 2), 2)


def test_control_without_parking_and_without_the_takeover_of_ended_leases(people, engine):
    """The poison row is tried for ever; the row whose process was killed is never tried again."""
    engine.start(off="parking takeover")
    hung, poison = job(people, "hangs"), job(people, "poison")
    os.kill(pid_of(hung), signal.SIGKILL)
    assert wait_for(lambda: runs(poison) > Job.MAX_ATTEMPTS + 1), engine.logs()
    assert not all_done([hung], LEASE * 2)
    assert (state(poison)[0] == "parked", state(hung)) == (False, ("running", 1))


def two_beats(engine, off=""):
    """Both beats send the hourly entry before any worker is there; how often it ran."""
    Heartbeat.objects.create(kind="worker", name="to come")
    for _ in range(2):
        engine.beat(off)
    sent = lambda: [m for m in map(json.loads, engine.client.lrange("celery", 0, -1)) if "counted" in m["headers"]["argsrepr"]]  # noqa: E731
    assert wait_for(lambda: len(sent()) >= 2), engine.logs()
    engine.worker(off)
    assert wait_for(lambda: Tick.objects.filter(name="counted", finished_at__isnull=False).exists()), engine.logs()
    assert wait_for(lambda: not sent())
    time.sleep(0.5)
    return runs(User.objects.system())


def test_two_beats_make_one_run_and_a_poison_row_is_parked_while_999_others_are_done(people, engine):
    assert two_beats(engine) == 1
    poison, *others = Job.objects.bulk_create([Job(kind="noop" if n else "poison", title=f"{n}", by=people.inspector) for n in range(1000)])
    assert all_done(others), engine.logs()
    assert wait_for(lambda: state(poison)[0] == "parked")
    poison.refresh_from_db()
    assert (poison.last_error, poison.attempts, runs(poison)) == ("ValueError: 毒", 3, 3)
    assert set(Job.objects.exclude(pk=poison.pk).values_list("attempts", flat=True)) == {1}


def test_control_without_the_guard_and_the_keeper_two_beats_make_two_runs_and_a_long_row_is_run_twice(people, engine):
    assert two_beats(engine, off="guard keeper") == 2
    slow = job(people, "slow")
    assert wait_for(lambda: runs(slow) > 1), engine.logs()


@pytest.fixture
def web(people, engine, settings, monkeypatch):
    """ask() → seconds that a request took which makes a Job, with the engine's Redis as broker."""
    sender = Celery("web")
    sender.conf.update({**CONFIG, "broker_url": engine.url, "broker_transport": "shijiao.transport:Transport"})
    monkeypatch.setattr(sys.modules[__name__], "SENDER", sender)
    monkeypatch.setattr(broker, "breaker", broker.Breaker())
    settings.BROKER_URL, settings.CELERY_APP, settings.EXPORT_DIRECT_ROWS = engine.url, f"{__name__}.SENDER", -1
    f.EnterpriseFactory(area=people.village_area)
    client = Client()
    client.force_login(people.inspector)

    def ask():
        began, before = time.monotonic(), Job.objects.count()
        answer = client.get(reverse("enterprise_list") + "?export=xlsx")
        assert (answer.status_code, Job.objects.count()) == (302, before + 1)
        return time.monotonic() - began

    yield ask
    sender.close()


def test_redis_frozen_then_stopped_requests_answer_and_the_work_is_done_after_its_return(web, engine, monkeypatch):
    engine.start()
    usual = max(web() for _ in range(4))
    assert all_done(Job.objects.all()), engine.logs()

    os.kill(engine.redis.pid, signal.SIGSTOP)
    first, *others = [web() for _ in range(6)]
    assert 0.4 < first < usual + 1
    assert max(others) < usual + 0.3
    os.kill(engine.redis.pid, signal.SIGCONT)
    assert all_done(Job.objects.all()), engine.logs()

    engine.kill(engine.redis)
    monkeypatch.setattr(broker, "breaker", broker.Breaker())
    tries = []
    send = SENDER.send_task
    monkeypatch.setattr(SENDER, "send_task", lambda *args, **kwargs: tries.append(1) or send(*args, **kwargs))
    assert max(web() for _ in range(6)) < usual + 1
    assert len(tries) == 1
    engine.start_redis()
    assert all_done(Job.objects.all()), engine.logs()
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_redis_frozen_while_every_child_ends_its_work_does_not_stop_the_worker(people, engine):
    """What they did cannot be acknowledged to the broker; the row knows it, and the next rows are taken."""
    engine.start()
    slow = [job(people, "slow") for _ in range(2)]
    assert wait_for(lambda: all(runs(row) for row in slow))
    os.kill(engine.redis.pid, signal.SIGSTOP)
    assert all_done(slow), engine.logs()
    time.sleep(2)
    os.kill(engine.redis.pid, signal.SIGCONT)
    assert all_done([job(people, "quick")]), engine.logs()
    assert [(state(row), runs(row)) for row in slow] == [(("done", 1), 1)] * 2


def test_control_without_the_breaker_every_request_pays(web, engine, monkeypatch):
    web()
    monkeypatch.setattr(broker.Breaker, "is_open", lambda self: False)
    os.kill(engine.redis.pid, signal.SIGSTOP)
    assert min(web() for _ in range(3)) > 0.4


def test_control_without_time_outs_a_frozen_redis_holds_the_request(web, engine):
    SENDER.conf.broker_transport_options = {}
    web()
    os.kill(engine.redis.pid, signal.SIGSTOP)
    request = threading.Thread(target=lambda: (web(), connection.close()))
    request.start()
    request.join(1.5)
    held = request.is_alive()
    os.kill(engine.redis.pid, signal.SIGCONT)
    request.join(20)
    assert (held, request.is_alive()) == (True, False)
