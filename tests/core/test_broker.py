"""Telling the workers: after commit, once per dead broker, never at the cost of the request."""

import threading

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from core import broker
from core.models import Job

pytestmark = pytest.mark.django_db


class App:
    """A Celery app whose broker works, or not."""

    def __init__(self):
        self.sent, self.tries, self.dead = [], 0, False

    def send_task(self, name, args, **options):
        self.tries += 1
        if self.dead:
            raise OperationalError("dead")
        self.sent.append((name, args, options))


APP = App()


@pytest.fixture
def app(settings, monkeypatch):
    app = App()
    monkeypatch.setattr(f"{__name__}.APP", app)
    monkeypatch.setattr(broker, "breaker", broker.Breaker())
    settings.BROKER_URL, settings.CELERY_APP = "redis://127.0.0.1:1/0", f"{__name__}.APP"
    return app


def start(people, **options):
    return Job.start(kind="list_export", title="导出" * 200, by=people.inspector, params={}, **options)


def test_a_job_is_told_after_commit_and_expires(people, app, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = start(people)
        assert app.sent == []
    ((name, args, options),) = app.sent
    assert (name, args) == ("work", ["core.Job", job.pk])
    assert (options["retry"], options["expires"]) == (False, broker.MESSAGE_SECONDS)
    assert len(job.title) == 200


def test_nothing_is_told_of_a_job_that_was_rolled_back_or_is_run_at_once(people, app, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        start(people, at_once=True)
        with transaction.atomic():
            start(people)
            transaction.set_rollback(True)
    assert app.tries == 0


def test_without_a_broker_nothing_is_told(people, app, settings, django_capture_on_commit_callbacks):
    settings.BROKER_URL = ""
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        start(people)
    assert callbacks == []


def test_a_dead_broker_is_tried_once_in_30_seconds(app, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(broker.time, "monotonic", lambda: clock[0])
    app.dead = True
    assert [broker.publish("core.Job", n) for n in range(5)] == [False] * 5
    assert app.tries == 1
    clock[0] += broker.REST_SECONDS - 1
    assert (broker.publish("core.Job", 6), app.tries) == (False, 1)
    app.dead = False
    clock[0] += 2
    assert (broker.publish("core.Job", 7), app.tries) == (True, 2)


def test_an_error_of_ours_is_not_taken_for_a_dead_broker(app, monkeypatch):
    monkeypatch.setattr(App, "send_task", lambda self, *args, **options: {}["no"])
    with pytest.raises(KeyError):
        broker.publish("core.Job", 1)
    assert not broker.breaker.is_open()
    assert not broker.breaker.one_at_a_time.locked()


def test_who_finds_another_thread_at_it_leaves_the_row_to_the_sweeper(app):
    with broker.breaker.one_at_a_time:
        found = []
        thread = threading.Thread(target=lambda: found.append(broker.publish("core.Job", 1)))
        thread.start()
        thread.join()
    assert (found, app.tries) == ([False], 0)
