"""The same tick in eight processes' worth of threads, on PostgreSQL: each notice once in the inbox, each message once outside."""

import threading
from collections import Counter

import pytest
import time_machine
from django.db import connection

from core.work import sweep
from hazards.reminders import tell
from notices import catalogue, receivers
from notices.models import Delivery, Notice
from notices.tasks import pack, tell_duties, tell_morning
from tests import factories as f
from tests.faults.test_parallel import at_once
from tests.notices.conftest import WEDNESDAY, clock, robots  # noqa: F401
from tests.people import township

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TICKS = 8


@pytest.fixture
def people(transactional_db):
    catalogue.load()
    return township()


@pytest.fixture
def matters(people):
    """Things to tell: lists of today, yesterday's misses, deadlines; how many notices that makes."""
    for unit in (people.team_a, people.team_b_unit):
        plan = f.DutyPlanFactory(unit=unit)
        f.OccurrenceFactory(unit=unit, plan=plan, on=WEDNESDAY)
        f.OccurrenceFactory(unit=unit, plan=plan, on=WEDNESDAY.replace(day=24), state="missed", missed_at=clock(0, 1))
    for n in range(5):
        f.HazardFactory(
            enterprise=people.factory, unit=people.team_a, rectifier=people.team, state="assigned", due_on=WEDNESDAY.replace(day=24 + n)
        )
    return 2 + 2 * 2 + 3 + 1 + 1 + 1


def tick():
    tell_morning(clock(6))
    tell_duties(clock(6))
    tell(WEDNESDAY)


def test_eight_ticks_at_once_tell_each_thing_once(matters):
    at_once([tick] * TICKS)
    keys = Counter(row.key for row in Notice.objects.all())
    assert set(keys.values()) == {1}
    assert len(keys) == matters
    tick()
    assert Notice.objects.count() == matters


def test_control_without_the_constraint_they_are_doubled(matters, monkeypatch):
    gate = threading.Barrier(TICKS)

    class Together(receivers.Directory):
        """All have seen that nothing is told yet before any of them tells."""

        def __init__(self, *args):
            super().__init__(*args)
            gate.wait(10)

    monkeypatch.setattr("hazards.reminders.Directory", Together)
    monkeypatch.setattr(Notice, "_send_chunk", classmethod(lambda cls, chunk: (gate.wait(10), len(cls.objects.bulk_create(chunk)))[1]))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notices_notice DROP CONSTRAINT notice_once")
    try:
        at_once([lambda: tell(WEDNESDAY.replace(day=25))] * TICKS)
        assert max(Counter(row.key for row in Notice.objects.all()).values()) == TICKS
    finally:
        Notice.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE notices_notice ADD CONSTRAINT notice_once UNIQUE (kind, subject_model, subject_pk, stage, recipient_id)"
            )


@pytest.fixture
def waiting(people):
    """Two people with a channel; for each an urgent notice and an ordinary one of the early morning."""
    for person in (people.team, people.head):
        f.ChannelFactory(user=person, on_since=clock(days=-1))
        f.NoticeFactory(recipient=person, at=clock(7, 10), is_urgent=True, title="紧急")
        f.NoticeFactory(recipient=person, at=clock(7, 5), title="不急")


def test_eight_senders_at_once_send_each_message_once(waiting, robots):  # noqa: F811
    with time_machine.travel(clock(7, 31), tick=True):
        at_once([lambda: (pack(clock(7, 31)), sweep())] * TICKS)
        sweep()
    assert Counter(Delivery.objects.values_list("kind", "state")) == {("urgent", "done"): 2, ("grouped", "done"): 2}
    heads = Counter(payload["text"]["content"].splitlines()[0] for _, payload in robots.got)
    assert heads == {"石角安监:紧急": 2, "石角安监:不急": 2}


def test_control_without_the_constraint_messages_are_doubled(waiting, robots):  # noqa: F811
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notices_delivery DROP CONSTRAINT delivery_urgent_once")
    gate = threading.Barrier(TICKS)
    found = Delivery.objects.bulk_create
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(Delivery.objects), "bulk_create", lambda self, rows, **kw: (gate.wait(10), found(rows, **kw))[1])
            at_once([lambda: pack(clock(7, 20))] * TICKS)
        assert Delivery.objects.filter(kind="urgent").count() == 2 * TICKS
    finally:
        Delivery.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE notices_delivery ADD CONSTRAINT delivery_urgent_once UNIQUE (channel_id, notice_id)")
