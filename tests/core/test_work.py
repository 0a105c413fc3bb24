"""Work rows: claimed once, leased, retried, parked, started over; the ticker and its guard."""

import datetime
import io
import logging

import openpyxl
import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from core.models import Job
from core.ticker import Ticker
from core.work import sweep
from core.xlsx import write_xlsx
from shijiao import schedule
from shijiao.schedule import Entry

pytestmark = pytest.mark.django_db
RAN = []


def count_rows(job):
    """A handler that works."""
    job.progress(7, 10)
    RAN.append(job.pk)
    return "共 7 行"


def fail(job):
    """A handler that does not."""
    raise ValueError("第 3 行坏了")


def note():
    """A scheduled task that works."""
    RAN.append("note")


def explode():
    """A scheduled task that does not."""
    raise RuntimeError("boom")


@pytest.fixture
def job(people, monkeypatch):
    """make(handler) → a pending Job of the inspector."""
    RAN.clear()
    monkeypatch.setitem(schedule.JOB_HANDLERS, "works", f"{__name__}.count_rows")
    monkeypatch.setitem(schedule.JOB_HANDLERS, "fails", f"{__name__}.fail")
    return lambda kind="works": Job.objects.create(kind=kind, title="导出", by=people.inspector)


def test_of_two_claimers_one_wins(job):
    row = job()
    one, two = Job.objects.get(pk=row.pk), Job.objects.get(pk=row.pk)
    now = timezone.now()
    assert (one.claim(now), two.claim(now)) == (True, False)
    assert (one.state, one.attempts) == ("running", 1)
    assert not Job.objects.due(now).exists()


def test_a_lease_that_ran_out_is_claimed_by_another_and_the_first_cannot_finish(job):
    row = job()
    slow, other = Job.objects.get(pk=row.pk), Job.objects.get(pk=row.pk)
    assert slow.claim(timezone.now())
    later = timezone.now() + datetime.timedelta(minutes=3)
    other = Job.objects.get(pk=row.pk)
    assert other.claim(later)
    slow.progress(9, 10)
    slow.finish(message="迟到的结果")
    slow.fail("迟到的错误")
    row.refresh_from_db()
    assert (row.state, row.done, row.message, row.last_error, row.attempts) == ("running", 0, "", "", 2)
    other.progress(5, 10)
    other.finish(message="好")
    row.refresh_from_db()
    assert (row.state, row.done, row.message, row.percent, row.is_over) == ("done", 5, "好", 100, True)


def test_sweep_runs_each_job_once(job):
    rows = [job(), job()]
    assert (sweep(), sweep()) == (2, 0)
    assert [row.pk for row in rows] == RAN
    assert list(Job.objects.order_by("pk").values_list("state", "message", "done", "total")) == [("done", "共 7 行", 7, 10)] * 2


def test_three_failures_park_a_job_and_the_others_go_on(job, caplog, settings):
    settings.WORK_PAUSE_SECONDS = 0
    bad, good = job("fails"), job()
    with caplog.at_level(logging.CRITICAL, logger="core.work"):
        ran = [sweep() for _ in range(Job.MAX_ATTEMPTS + 1)]
    assert ran == [2, 1, 1, 0]
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.attempts, bad.last_error, good.state) == ("parked", 3, "ValueError: 第 3 行坏了", "done")
    assert list(Job.objects.parked()) == [bad]
    assert list(Job.objects.unfinished()) == []


def test_a_failed_row_rests_four_times_longer_each_time_and_holds_up_nobody(job, caplog):
    bad = job("fails")
    waits = []
    with caplog.at_level(logging.CRITICAL, logger="core.work"), time_machine.travel(timezone.now(), tick=False) as now:
        for _ in range(Job.MAX_ATTEMPTS - 1):
            assert (sweep(), sweep()) == (1, 0)
            bad.refresh_from_db()
            waits.append((bad.not_before - timezone.now()).total_seconds())
            now.shift(waits[-1])
        job()
        assert sweep() == 2
    bad.refresh_from_db()
    assert (waits, bad.state) == ([15, 60], "parked")


def test_a_row_whose_worker_died_each_time_is_parked(job):
    row, now = job(), timezone.now()
    for _ in range(Job.MAX_ATTEMPTS):
        row = Job.objects.get(pk=row.pk)
        assert row.claim(now)
        now += datetime.timedelta(minutes=3)
    row = Job.objects.get(pk=row.pk)
    assert not row.claim(now)
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("parked", "执行时进程多次中断")


def test_a_row_that_cannot_even_be_read_fails_by_itself(job, monkeypatch, caplog):
    bad, good = job(), job()
    read = Job.from_db.__func__

    def broken(cls, db, names, values):
        row = read(cls, db, names, values)
        if row.pk == bad.pk and "title" in names:
            raise ValueError("读不出来")
        return row

    monkeypatch.setattr(Job, "from_db", classmethod(broken))
    with caplog.at_level(logging.CRITICAL, logger="core.work"):
        assert sweep() == 2
    states = dict(Job.objects.values_list("pk", "state"))
    assert (states[bad.pk], states[good.pk]) == ("pending", "done")
    assert Job.objects.values_list("last_error", flat=True).get(pk=bad.pk) == "ValueError: 读不出来"


def test_a_parked_row_starts_over_once(job):
    row = job()
    Job.objects.filter(pk=row.pk).update(state="parked", attempts=3)
    assert [Job.objects.get(pk=row.pk).retry() for _ in range(2)] == [True, False]
    assert sweep() == 1


def test_a_sweep_takes_the_kinds_in_turn_and_starts_nothing_after_its_time(job, monkeypatch):
    from core import work

    rows = [job() for _ in range(3)]
    clock = iter([0.0, 1.0, 2.0, 99.0])
    monkeypatch.setattr(work.time, "monotonic", lambda: next(clock))
    assert work.sweep() == 2
    assert [row.pk for row in rows[:2]] == RAN


@pytest.mark.django_db(transaction=True)
def test_the_keeper_renews_the_lease_while_the_work_lasts(job, monkeypatch, settings):
    from core.work import Keeper

    settings.WORK_LEASE_SECONDS = 0.15
    row = job()
    assert row.claim(timezone.now())
    keeper = Keeper(row)
    renewed = []
    monkeypatch.setattr(row, "renew", lambda: renewed.append(1) or len(renewed) < 3)
    keeper.start()
    keeper.join(5)
    assert (len(renewed), keeper.is_alive()) == (3, False), "it ends when the row is no longer ours"


def test_a_running_row_has_a_lease(job):
    with pytest.raises(IntegrityError):
        Job.objects.filter(pk=job().pk).update(state="running")


def test_ones_jobs_are_ones_own(job, people, sign_in):
    row = job()
    sweep()
    assert [sign_in(user).get(f"/account/downloads/{row.pk}/").status_code for user in (people.inspector, people.admin)] == [200, 404]
    assert sign_in(people.inspector).get(f"/account/downloads/{row.pk}/file/").status_code == 404


def test_parked_jobs_stand_on_the_operations_page_with_their_error(job, people, sign_in, caplog, settings):
    settings.WORK_PAUSE_SECONDS = 0
    job("fails")
    with caplog.at_level(logging.CRITICAL, logger="core.work"):
        for _ in range(Job.MAX_ATTEMPTS):
            sweep()
    page = sign_in(people.admin).get("/ops/")
    assert page.status_code == 200
    assert "ValueError: 第 3 行坏了" in page.content.decode()
    assert sign_in(people.inspector).get("/ops/").status_code == 403


@pytest.mark.django_db(transaction=True)  # the ticker closes old connections, which ends a test's own transaction
def test_the_ticker_runs_what_is_due_and_survives_a_task_that_fails(caplog):
    RAN.clear()
    clock = [100.0]
    entries = {
        "bad": Entry(f"{__name__}.explode", datetime.timedelta(seconds=1), "test"),
        "often": Entry(f"{__name__}.note", datetime.timedelta(seconds=1), "test"),
        "rarely": Entry(f"{__name__}.note", datetime.timedelta(hours=1), "test"),
    }
    ticker = Ticker(entries, clock=lambda: clock[0])
    with caplog.at_level(logging.CRITICAL, logger="core.ticker"), time_machine.travel(timezone.now(), tick=False) as now:
        assert ticker.tick() == ["bad", "often", "rarely"]
        assert ticker.tick() == []
        clock[0] += 1
        now.shift(1)
        assert ticker.tick() == ["bad", "often"]
        clock[0] += 3600
        now.shift(3600)
        assert ticker.tick() == ["bad", "often", "rarely"]
    assert RAN == ["note"] * 5


def test_each_entry_of_the_schedule_and_each_handler_exists_and_says_why():
    from django.utils.module_loading import import_string

    assert all(callable(import_string(entry.task)) and entry.why for entry in schedule.SCHEDULE.values())
    assert all(callable(import_string(dotted)) for dotted in schedule.JOB_HANDLERS.values())


def test_text_in_xlsx_is_never_a_formula_link_or_number():
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "http://example.com/", "0012", '=HYPERLINK("http://x","y")', "普通"]
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(["内容"], [[text] for text in texts])))
    cells = [cell for (cell,) in book.active.iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(texts)
    assert [cell.value.replace("_x000D_", "\r") for cell in cells] == texts
    assert [cell.hyperlink for cell in cells] == [None] * len(texts)


def test_values_in_xlsx_keep_their_kind():
    at = datetime.datetime(2026, 11, 24, 2, 30, tzinfo=datetime.UTC)
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx("abcdef", [[True, 3, 2.5, datetime.date(2026, 11, 24), at, None]])))
    (row,) = book.active.iter_rows(min_row=2, values_only=True)
    assert row == ("是", 3, 2.5, datetime.datetime(2026, 11, 24), datetime.datetime(2026, 11, 24, 10, 30), None)
