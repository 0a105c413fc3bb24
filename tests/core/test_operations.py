"""The operations page: signs of life, queues by kind, parked rows and their retry, the schedule."""

import datetime

import pytest
from django.utils import timezone

from core import operations
from core.models import Event, Heartbeat, Job, Tick

pytestmark = pytest.mark.django_db
URL = "/ops/"


@pytest.fixture
def page(people, sign_in):
    """page() → the text of the operations page as the administrator sees it."""
    client = sign_in(people.admin)
    return lambda: client.get(URL).content.decode()


@pytest.fixture
def parked(people):
    return Job.objects.create(
        kind="list_export", title="导出 企业", by=people.inspector, state="parked", attempts=3, last_error="ValueError: 第 3 行坏了"
    )


def heard(kind, seconds_ago, name="一号机"):
    return Heartbeat.objects.create(kind=kind, name=name, at=timezone.now() - datetime.timedelta(seconds=seconds_ago))


def test_processes_run_or_are_silent_or_were_never_there(page, settings, client):
    assert "内置计时器" in page()
    assert "没有运行" in page()
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    heard("worker", 5)
    heard("beat", 3600)
    text = page()
    assert ("任务进程 一号机" in text, "运行中" in text, "无心跳,自" in text, "内置计时器" in text) == (True, True, True, False)
    assert client.get("/healthz/").json() == {"status": "ok", "cache": True, "worker": "running", "beat": "silent"}


def test_healthz_does_not_fail_when_nobody_works(client, settings):
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "cache": True, "worker": "unknown", "beat": "unknown"})


def test_a_heartbeat_is_one_row_per_kind_and_machine_and_old_machines_are_forgotten():
    heard("ticker", 3 * 86400, "旧机")
    heard("worker", 3 * 86400, "旧机")
    Heartbeat.beat("ticker", started=True)
    first = Heartbeat.objects.get(kind="ticker")
    Heartbeat.beat("ticker")
    second = Heartbeat.objects.get(kind="ticker")
    assert (second.since, second.at > first.at, second.is_silent) == (first.since, True, False)
    assert Heartbeat.objects.filter(kind="worker").count() == 1, "a worker that is away is still shown"


def test_queues_count_what_waits_and_name_the_oldest(people, parked):
    old = timezone.now() - datetime.timedelta(hours=5)
    for state, at in (("pending", old), ("pending", timezone.now()), ("done", old)):
        Job.objects.create(kind="list_export", title="x", by=people.inspector, state=state, created_at=at)
    (queue,) = [one for one in operations.queues() if one.label == "后台任务"]
    assert (queue.waiting, queue.running, queue.parked, queue.oldest) == (2, 0, 1, old)


def test_a_parked_row_is_put_back_once_and_an_event_tells_by_whom(people, parked, sign_in, page):
    assert "ValueError: 第 3 行坏了" in page()
    client, url = sign_in(people.admin), f"/ops/work/core.job/{parked.pk}/retry/"
    texts = [client.post(url, follow=True).content.decode() for _ in range(2)]
    assert ("已放回队列" in texts[0], "没有再放一次" in texts[1]) == (True, True)
    parked.refresh_from_db()
    assert (parked.state, parked.attempts, parked.token) == ("pending", 0, None)
    (event,) = Event.objects.of(parked)
    assert (event.move, event.by, event.note, event.to_state) == ("retry", people.admin, "ValueError: 第 3 行坏了", "pending")
    assert client.get(url).status_code == 405


@pytest.mark.parametrize("path", ["core.job/0", "core.event/1", "no.model/1", "core/1"])
def test_what_is_no_work_row_cannot_be_put_back(people, sign_in, path):
    assert sign_in(people.admin).post(f"/ops/work/{path}/retry/").status_code == 404


def test_nobody_but_the_administrator_puts_a_row_back(people, parked, sign_in):
    assert sign_in(people.inspector).post(f"/ops/work/core.job/{parked.pk}/retry/").status_code == 403
    parked.refresh_from_db()
    assert parked.state == "parked"


def test_the_schedule_shows_the_last_run_of_each_entry(page):
    now = timezone.now()
    assert Tick.take("work", datetime.timedelta(seconds=1), now)
    assert "进行中" in page()
    Tick.done("work", now)
    Tick.objects.create(name="orphans", started_at=now, finished_at=now, error="OSError: 磁盘满了")
    text = page()
    assert ("任务清扫" in text, "每 1 秒" in text, "每 6 小时" in text, "OSError: 磁盘满了" in text) == (True,) * 4


def test_of_two_clocks_one_starts_an_entry_and_a_clock_set_back_blocks_nothing():
    now, every = timezone.now(), datetime.timedelta(hours=1)
    assert [Tick.take("x", every, now) for _ in range(2)] == [True, False]
    assert not Tick.take("x", every, now + every * 0.8)
    assert Tick.take("x", every, now + every)
    assert Tick.take("x", every, now - every), "the clock was set back by two hours"
    assert Tick.seconds_until("x", every) <= 0
