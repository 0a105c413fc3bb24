"""Publishing and serving in parallel, on PostgreSQL's own locks; the control without the lock fails."""

import pytest
from django.db import connection
from django.utils import timezone

from core.models import Counter, Event, MoveRefused
from documents.models import Publication, Service
from tests import factories as f
from tests.faults.test_parallel import at_once
from tests.people import township

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TODAY = timezone.localdate()
SENDERS = 8


@pytest.fixture
def people(transactional_db):
    return township()


def tried(action):
    """What the action answers, or "refused"."""
    try:
        return action()
    except MoveRefused:
        return "refused"


def reviewed(people):
    row = f.a_publication(people)
    row.review(by=people.reviewer, on=TODAY)
    return row


def test_numbers_have_no_gap_however_many_publish_at_once(people):
    rows = [reviewed(people) for _ in range(SENDERS)]
    at_once([lambda row=row: row.publish(by=people.leader, on=TODAY) for row in rows])
    assert sorted(Publication.objects.values_list("number", flat=True)) == [f"{TODAY.year}-{n:05d}" for n in range(1, SENDERS + 1)]


def test_one_notice_published_by_many_at_once_has_one_number(people):
    pk = reviewed(people).pk
    copies = [Publication.objects.get(pk=pk) for _ in range(SENDERS)]
    answers = at_once([lambda row=row: tried(lambda: row.publish(by=people.leader, on=TODAY)) for row in copies])
    assert sorted(map(str, answers)) == ["None"] + ["refused"] * (SENDERS - 1)
    assert Event.objects.filter(move="publish").count() == 1
    assert Counter.objects.get(key=f"publication:{TODAY.year}").value == 1, "whoever was slower used no number"


def serve_at_once(people):
    paper = f.a_town_paper(people)
    return at_once([lambda: tried(lambda: f.a_service(people, paper).pk)] * SENDERS)


def test_one_paper_is_served_once(people):
    answers = serve_at_once(people)
    assert answers.count("refused") == SENDERS - 1
    assert Service.objects.count() == 1


def test_control_without_the_papers_lock_it_is_served_many_times(people, monkeypatch):
    monkeypatch.setattr(connection.features.__class__, "has_select_for_update", False)
    assert serve_at_once(people).count("refused") < SENDERS - 1
