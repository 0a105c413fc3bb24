"""Notice: once per matter, stage and person; to people in force; in chunks."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core import moment
from hazards.models import Hazard
from notices.models import Channel, Notice
from notices.models.notice import portions
from tests import factories as f
from tests.notices.conftest import KEYS, clock

pytestmark = pytest.mark.django_db


def send(people, to, subject=None, **facts):
    facts = {"kind": "hazard.due", "stage": "T-3", "title": "标题", "body": "内容", **facts}
    return Notice.send(subject=subject or f.HazardFactory(enterprise=people.factory, unit=people.team_a), to=to, **facts)


def test_once_per_matter_stage_and_person(people):
    hazard = f.HazardFactory(enterprise=people.factory)
    both = [people.team, people.head, people.team]
    assert [send(people, both, hazard), send(people, both, hazard), send(people, [people.safety, people.team], hazard)] == [2, 0, 1]
    assert send(people, both, hazard, stage="T-1") == 2
    assert send(people, both, hazard, kind="hazard.escalated") == 2
    assert send(people, both, f.HazardFactory(enterprise=people.factory)) == 2


def test_scope_and_link_come_from_the_row(people):
    hazard = f.HazardFactory(enterprise=people.factory)
    send(people, [people.team], hazard, urgent=True)
    row = Notice.objects.get()
    assert (row.subject_model, row.subject_pk, row.enterprise_id, row.area_code) == (
        "hazards.hazard",
        hazard.pk,
        people.factory.pk,
        people.factory.area_id,
    )
    assert (row.url, row.is_urgent, row.read_at) == (hazard.get_absolute_url(), True, None)


def test_the_database_keeps_one(people):
    facts = {"kind": "hazard.due", "stage": "T", "subject_model": "a.b", "subject_pk": 1, "recipient": people.team, "title": "x"}
    Notice.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(**facts)


@pytest.mark.parametrize("url", ["https://evil.example/", "javascript:alert(1)", "hazards/1/"])
def test_a_link_leads_into_the_site(people, url):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.about(people.team, recipient=people.team, kind="hazard.due", stage="T", title="x", url=url).save()


@pytest.mark.parametrize(
    ("who", "instead"),
    [
        ("employee", ["team"]),
        ("team", ["head"]),
        ("head", ["safety"]),
        ("safety", ["principal"]),
        ("principal", ["safety"]),
        ("inspector", ["inspector2"]),
        ("leader", ["admin"]),
        ("village", ["admin"]),
    ],
)
@pytest.mark.parametrize("how", ["ended", "disabled"])
def test_whoever_left_is_replaced(people, who, instead, how):
    person = getattr(people, who)
    if how == "ended":
        person.memberships.get().end(clock().date())
    else:
        person.is_active = False
        person.save()
    hazard = f.HazardFactory(enterprise=people.factory)
    send(people, [person], hazard)
    rows = Notice.objects.select_related("recipient")
    assert [row.recipient.username for row in rows] == instead
    assert all(f"本来通知{person.name}" in row.body for row in rows)


def test_a_person_of_another_firm_only_is_told_nothing_of_this_one(people):
    send(people, [people.outsider])
    assert [row.recipient for row in Notice.objects.all()] != [people.outsider]


def test_chunks_cost_few_queries_and_a_second_run_makes_none(people):
    def rows():
        for n in range(2500):
            yield Notice(kind="duty.morning", stage="day", subject_model="accounts.user", subject_pk=n, recipient=people.team, title="x")

    with CaptureQueriesContext(connection) as caught:
        assert Notice.send_many(rows()) == 2500
    assert len([q for q in caught if q["sql"].startswith("SELECT")]) == 3
    assert Notice.send_many(rows()) == 0
    assert Notice.objects.count() == 2500


def test_the_same_twice_in_one_chunk_is_once(people):
    row = lambda: Notice.about(people.team, recipient=people.team, kind="duty.morning", stage="x", title="x")  # noqa: E731
    assert Notice.send_many([row(), row()]) == 1


def test_portions_read_all_rows_in_order(people):
    for _ in range(7):
        f.HazardFactory(enterprise=people.factory)
    parts = list(portions(Hazard.objects.all(), 3))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [row.pk for part in parts for row in part] == list(Hazard.objects.order_by("pk").values_list("pk", flat=True))


# Channels


def test_addresses_are_encrypted_and_masked(people, channel):
    way = channel(people.team, secret="SEC" + "a" * 40)
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, secret FROM notices_channel")
        ((stored, secret),) = cursor.fetchall()
    assert KEYS["wecom"] not in stored
    assert "SECaaa" not in secret
    assert way.masked_address == "693********5aaa"
    assert channel(people.team, "mail").masked_address == "a***@example.com"


def test_a_channel_on_has_an_address_and_there_is_one_of_a_kind(people, channel):
    with pytest.raises(IntegrityError), transaction.atomic():
        Channel.objects.create(user=people.team, kind="wecom", on_since=clock())
    channel(people.team)
    with pytest.raises(IntegrityError), transaction.atomic():
        channel(people.team)


def test_another_address_forgets_the_test_of_the_old_one(people, channel):
    way = channel(people.team)
    assert way.begin_test(clock())
    way.end_test(True, "已发出")
    way.refresh_from_db()
    way.set_address(KEYS["wecom"])
    way.refresh_from_db()
    assert way.is_test_good is True, "the same address changes nothing"
    way.set_address("b" * 36)
    way.refresh_from_db()
    assert (way.address, way.is_test_good, way.test_result, way.is_on) == ("b" * 36, None, "", True)
    way.set_address("")
    way.refresh_from_db()
    assert (way.is_on, way.address) == (False, "")
    way.switch(True)
    way.refresh_from_db()
    assert not way.is_on


def test_one_test_in_half_a_minute(people, channel):
    way = channel(people.team)
    seconds = lambda n: clock() + datetime.timedelta(seconds=n)  # noqa: E731
    assert [way.begin_test(seconds(n)) for n in (0, 0, 29, 30, 59, 60)] == [True, False, False, True, False, True]


# Settled


def test_a_later_stage_settles_the_earlier_unread_one_of_the_same_matter_and_person(people):
    hazard, other = (f.HazardFactory(enterprise=people.factory) for _ in range(2))
    with moment.at(clock(7)):
        send(people, [people.team, people.head], hazard)
        send(people, [people.team], other)
        send(people, [people.team], hazard, kind="hazard.escalated")
    with moment.at(clock(8)):
        send(people, [people.team], hazard, stage="T-1")
    settled = Notice.objects.filter(settled_at=clock(8))
    assert [(row.recipient, row.kind, row.stage, row.subject_pk) for row in settled] == [(people.team, "hazard.due", "T-3", hazard.pk)]
    assert Notice.objects.unread().count() == 4


def test_what_was_read_stays_read_and_what_is_settled_can_be_read(people):
    hazard = f.HazardFactory(enterprise=people.factory)
    send(people, [people.team], hazard)
    assert [Notice.objects.settle(hazard, "hazard.due") for _ in range(2)] == [1, 0]
    row = Notice.objects.get()
    assert (row.is_unread, row.read_at) == (False, None)
    assert Notice.objects.all().mark_read(clock()) == 1
