"""The morning list while a real worker is killed with -9 in the middle of it: each notice once in the inbox."""

import os
import signal
import time

import pytest
from django.db import connection

from accounts.models import User
from core.models import Event
from duties.models import Occurrence
from notices.models import Notice, NoticeRule
from tests import factories as f
from tests.faults.test_worker import engine, people, wait_for  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
FIRMS = 12


@pytest.fixture
def morning(people, engine, monkeypatch):  # noqa: F811
    """Twelve firms whose principal owes a list today; the engine tells them firm by firm."""
    monkeypatch.setenv("TEST_MORNING", "1")
    law = {"edition": "2019", "effective_from": "2019-01-01"}
    facts = {"code": "duty.morning.day", "kind": "duty.morning", "stage": "day", "offset": 0, "unit": "h"}
    NoticeRule.objects.create(**facts, receivers=["responsible"], fresh_for=48, **law)
    for n in range(FIRMS):
        firm = f.EnterpriseFactory(area=people.village_area)
        f.MembershipFactory(user=f.UserFactory(name=f"厂长{n}"), role="principal", enterprise=firm)
        f.OccurrenceFactory(unit=f.UnitFactory(enterprise=firm))
    assert Occurrence.objects.count() == FIRMS
    return engine


def taken():
    """The firms taken so far, the newest last."""
    return Event.objects.of(User.objects.system()).filter(move="ran")


def inboxes():
    """How often each person was told."""
    found = list(Notice.objects.values_list("recipient", flat=True))
    return {person: found.count(person) for person in found}


def in_the_middle(more=3):
    """Wait until some are told and others are not; the process that tells."""
    told, begun = Notice.objects.count(), taken().count()
    assert wait_for(lambda: taken().count() >= begun + more and Notice.objects.count() > told)
    assert Notice.objects.count() < FIRMS
    return taken().last().data["pid"]


def test_kill_9_of_child_and_worker_while_sending_leaves_each_notice_once(morning):
    worker = morning.start()
    os.kill(in_the_middle(), signal.SIGKILL)
    in_the_middle()
    morning.kill(worker)
    assert Notice.objects.count() < FIRMS
    morning.worker()
    assert wait_for(lambda: Notice.objects.count() == FIRMS), morning.logs()
    time.sleep(2.5)
    assert list(inboxes().values()) == [1] * FIRMS


def test_control_without_the_unique_row_the_killed_list_is_told_twice(morning):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notices_notice DROP CONSTRAINT notice_once")
    try:
        morning.start(off="once")
        os.kill(in_the_middle(), signal.SIGKILL)
        assert wait_for(lambda: max(inboxes().values()) > 1), morning.logs()
    finally:
        morning.end()
        Notice.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE notices_notice ADD CONSTRAINT notice_once UNIQUE (kind, subject_model, subject_pk, stage, recipient_id)"
            )
