"""Faults of parallel senders, on PostgreSQL's own locks; each with a control run in which the protection is off."""

import datetime
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import Attachment, Event, Submission
from duties.making import Maker
from duties.models import Occurrence
from duties.tasks import mark_missed
from enterprises.models import StopPeriod
from hazards.models import Check, Hazard
from tests import factories as f
from tests.people import township
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SENDERS = 10


@pytest.fixture
def people(transactional_db):
    f.DeadlineRuleFactory(code="hazard.decide", value=1, unit="W")
    f.DeadlineRuleFactory(code="hazard.accept", value=2, unit="W")
    return township()


def at_once(actions):
    """Run the actions in threads that start together; their results in order."""
    gate = threading.Barrier(len(actions))

    def run(action):
        gate.wait()
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def senders(user, url, forms):
    """One signed-in client for each of these forms, about to post it."""
    clients = [Client() for _ in forms]
    for client in clients:
        client.force_login(user)
    return [lambda client=client, data=data: client.post(url, data) for client, data in zip(clients, forms, strict=True)]


def report_data(people):
    photo = Attachment.take_in(jpeg(), by=people.employee)
    return {"client_id": str(uuid.uuid4()), "place": "门口", "description": "地面有油", "photos_ids": str(photo.uid)}


def test_same_report_sent_ten_times_at_once_is_one_hazard_and_one_receipt(people):
    answers = at_once(senders(people.employee, reverse("hazard_report"), [report_data(people)] * SENDERS))
    assert [a.status_code for a in answers] == [302] * SENDERS
    assert {a.url for a in answers} == {Hazard.objects.get().get_absolute_url()}
    assert (Submission.objects.count(), Event.objects.count()) == (1, 1)


def ten_contents_under_one_id(people):
    """The same id with ten different photos: neither the photos nor the content stop the second report, only the id does."""
    one = report_data(people)
    forms = [{**report_data(people), "client_id": one["client_id"], "description": f"第{n}份"} for n in range(SENDERS)]
    return at_once(senders(people.employee, reverse("hazard_report"), forms))


def test_one_id_with_ten_contents_is_one_hazard(people):
    assert sorted(a.status_code for a in ten_contents_under_one_id(people)) == [302] + [409] * (SENDERS - 1)
    assert Hazard.objects.count() == 1


def test_control_without_the_unique_id_the_report_is_doubled(people):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_submission DROP CONSTRAINT submission_once")
    try:
        ten_contents_under_one_id(people)
        assert Hazard.objects.count() == SENDERS
    finally:
        Submission.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE core_submission ADD CONSTRAINT submission_once UNIQUE (user_id, client_id)")


@pytest.mark.req("R20")
def test_same_check_sent_ten_times_at_once_is_one_receipt(people):
    f.ChecklistFactory()
    check = Check.start(occurrence=f.OccurrenceFactory(unit=people.team_a), by=people.team, on=timezone.localdate())
    photo = Attachment.take_in(jpeg(), by=people.team)
    data = {
        "client_id": str(uuid.uuid4()),
        "a-0": "pass",
        "s-0": "0",
        "a-1": "fail",
        "n-1": "缺",
        "l-1": "light",
        "p-1_ids": str(photo.uid),
        "a-2": "na",
    }
    answers = at_once(senders(people.team, reverse("check_review", args=[check.pk]), [data] * SENDERS))
    assert [(a.status_code, a.url) for a in answers] == [(302, check.get_absolute_url())] * SENDERS
    check.refresh_from_db()
    assert (check.state, check.receipt, Submission.objects.get().receipt) == ("submitted", check.receipt, check.receipt)
    assert (Hazard.objects.count(), check.answers.count(), Event.objects.of(check).filter(move="submit").count()) == (1, 3, 1)


def pending(people):
    row = Hazard.report(
        by=people.team, on=timezone.localdate(), enterprise=people.factory, unit=people.team_a, source="team", place="x", description="y"
    )
    row.assign(by=people.safety, on=row.found_on, rectifier=people.head, due_on=row.found_on, level="light")
    row.submit_fix(by=people.head, on=row.found_on, measures="z", photos=[Attachment.take_in(jpeg(), by=people.head)])
    return row


def test_two_people_on_one_hazard_one_moves_and_one_is_told(people):
    row = pending(people)
    posts = []
    for user, name in ((people.safety, "accept_fix"), (people.principal, "return_fix")):
        client = Client()
        client.force_login(user)
        url = reverse("hazard_move", args=[row.pk, name])
        posts.append(lambda client=client, url=url: client.post(url, {"version": 2, "note": "并发"}))
    answers = at_once(posts)
    assert sorted(a.status_code for a in answers) == [302, 409]
    moves = list(Event.objects.of(row).values_list("move", flat=True))
    assert moves[:3] == ["open", "assign", "submit_fix"]
    assert len(moves) == 4
    row.refresh_from_db()
    assert row.state == {"accept_fix": "closed", "return_fix": "returned"}[moves[3]]


def test_control_without_the_conditional_update_both_move(people, monkeypatch):
    row = pending(people)
    seen = [Hazard.objects.select_related("enterprise").get(pk=row.pk) for _ in range(2)]
    monkeypatch.setattr(Hazard, "_unchanged", lambda self: {})
    at_once(
        [
            lambda: seen[0].accept_fix(by=people.safety, on=row.found_on),
            lambda: seen[1].return_fix(by=people.principal, on=row.found_on, note="x"),
        ]
    )
    assert Event.objects.of(row).filter(move__in=("accept_fix", "return_fix")).count() == 2


PASS = dict.fromkeys(range(3), {"result": "pass"})


def somebody_waits():
    """Whether another connection waits for a lock of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')")
        return cursor.fetchone()[0]


def first_holding(first, second):
    """`first` in a transaction that commits only when `second` waits for it; what both returned."""
    begun = threading.Event()

    def hold():
        with transaction.atomic():
            result = first()
            begun.set()
            ends = time.monotonic() + 20
            while not somebody_waits():
                assert time.monotonic() < ends, "nobody waited"
                time.sleep(0.02)
        return result

    def follow():
        begun.wait(20)
        return second()

    return at_once([hold, follow])


@pytest.mark.req("R20")
def test_a_list_sent_while_the_tick_marks_it_as_missed_is_late_and_taken_in(people):
    f.ChecklistFactory()
    today = timezone.localdate()
    occurrence = f.OccurrenceFactory(unit=people.team_a, on=today - datetime.timedelta(days=1))
    check = Check.start(occurrence=occurrence, by=people.team, on=today)
    mine = Check.objects.get(pk=check.pk)
    marked, receipt = first_holding(mark_missed, lambda: mine.submit(by=people.team, on=today, content=PASS))
    occurrence.refresh_from_db()
    assert (marked, receipt) == (1, Check.objects.get().receipt)
    assert (occurrence.state, [e.move for e in occurrence.story]) == ("late", ["miss", "complete_late"])


def test_a_stop_registered_while_the_list_is_sent_leaves_it_done_and_stops_no_tick(people):
    f.ChecklistFactory()
    today = timezone.localdate()
    occurrence = f.OccurrenceFactory(unit=people.team_a)
    check = Check.start(occurrence=occurrence, by=people.team, on=today)
    StopPeriod.objects.create(enterprise=people.factory, starts_on=today, reason="停电", by=people.safety)
    first_holding(lambda: check.submit(by=people.team, on=today, content=PASS), lambda: Maker(enterprise=people.factory).keep_right())
    occurrence.refresh_from_db()
    assert (occurrence.state, Occurrence.objects.filter(state="exempt").count()) == ("done", 0)


def test_the_calendar_locks_the_rows_it_drops_and_no_plan(people):
    today = timezone.localdate()
    f.OccurrenceFactory(unit=people.team_a, on=today + datetime.timedelta(days=3))
    StopPeriod.objects.create(enterprise=people.factory, starts_on=today, reason="停电", by=people.safety)
    with CaptureQueriesContext(connection) as asked:
        Maker(enterprise=people.factory).keep_right()
    locks = {query["sql"].partition("FOR UPDATE")[2] for query in asked if "FOR UPDATE" in query["sql"]}
    assert (locks, Occurrence.objects.count()) == ({' OF "duties_occurrence"'}, 0)
