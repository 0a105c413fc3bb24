"""Planning and answering in parallel, on PostgreSQL's own locks; the control without the lock fails."""

import pytest
from django.db import connection

from core.models import MoveRefused
from hazards.models import Hazard
from inspections.models import Inspection, OrderExtension
from tests.faults.test_parallel import at_once
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.people import township

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SENDERS = 8


@pytest.fixture
def people(transactional_db):
    found = township()
    course.law()
    return found


def tried(action):
    """What the action answers, or "refused"."""
    try:
        return action()
    except MoveRefused:
        return "refused"


def plan_at_once(people):
    return at_once([lambda: tried(lambda: course.planned(people).pk)] * SENDERS)


@pytest.mark.req("R72")
def test_of_many_who_plan_at_once_one_needs_no_reason(people):
    assert plan_at_once(people).count("refused") == SENDERS - 1
    assert Inspection.objects.count() == 1


def test_control_without_the_firms_lock_nobody_sees_the_others(people, monkeypatch):
    monkeypatch.setattr(connection.features.__class__, "has_select_for_update", False)
    assert plan_at_once(people).count("refused") < SENDERS - 1


@pytest.mark.req("R43")
def test_of_many_who_countersign_at_once_one_makes_the_findings(people):
    row = course.signed(people, course.filled(people, p0={}, p1={}))
    copies = [Inspection.objects.get(pk=row.pk) for _ in range(SENDERS)]
    answers = at_once([lambda one=one: tried(lambda: one.record(by=people.inspector2, on=TODAY)) for one in copies])
    assert answers.count("refused") == SENDERS - 1
    assert (row.findings.count(), Hazard.objects.count()) == (2, 2)


def test_of_many_answers_to_one_item_the_first_stands_and_the_others_are_told(people):
    row = course.begun(people)
    copies = [Inspection.objects.get(pk=row.pk) for _ in range(SENDERS)]
    notes = [f"第{n}部手机" for n in range(SENDERS)]

    def save(copy, note):
        return copy.save_items({0: {"result": "na", "note": note, "seen": 0}}, by=people.inspector)

    newer = at_once([lambda one=one, note=note: save(one, note) for one, note in zip(copies, notes, strict=True)])
    item = row.items.get(position=0)
    assert item.note in notes
    assert (item.version, sorted(len(found) for found in newer)) == (1, [0] + [1] * (SENDERS - 1))


def test_one_request_for_more_time_at_a_time(people):
    row = course.served(people)
    copies = [type(row).objects.get(pk=row.pk) for _ in range(SENDERS)]
    facts = {"until": later(20), "note": "缺件", "measures": "停用"}
    answers = at_once([lambda one=one: tried(lambda: one.ask_extension(by=people.principal, on=TODAY, **facts)) for one in copies])
    assert answers.count("refused") == SENDERS - 1
    assert OrderExtension.objects.count() == 1
