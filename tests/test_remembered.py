"""tests/remembered.py: what is put back equals what was built."""

import datetime

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from core import moment
from enterprises.models import Membership
from hazards.models import MajorCriterion
from tests import factories as f
from tests.inspections import course
from tests.people import township
from tests.remembered import remembered, rows, tables


class Undone(Exception):
    """Takes back what a block has written."""


def dump():
    with connection.cursor() as cursor:
        return {table: rows(cursor, table) for table in tables()}


def within(build):
    """(what build() answers, all tables after it); nothing of it stays."""
    try:
        with transaction.atomic():
            answer, found = build(), dump()
            raise Undone
    except Undone:
        return answer, found


def test_put_back_is_what_was_built(db):
    (_, first), (answer, second) = within(lambda: (township(), course.law())), within(lambda: (township(), course.law()))
    assert {table: sorted(map(repr, found)) for table, found in first.items()} == {
        table: sorted(map(repr, found)) for table, found in second.items()
    }
    assert answer[0].team.name == "甲班长"


def test_what_a_test_does_with_the_rows_stays_with_it(db):
    one, _ = within(township)
    one.factory.name = "改名"
    other = township()
    assert other.factory.name == "重庆石角机械厂"
    assert other.factory is not one.factory
    assert other.workshop.parent is other.plant, "one row is one object, as built"
    assert Membership.objects.get(user=other.team).enterprise == other.factory


def test_what_it_found_there_at_first_is_not_missed_later(db):
    """A row that build() takes when it is there, and makes when it is not."""
    build = remembered(f.MajorCriterionFactory)
    within(lambda: (f.MajorCriterionFactory(), build()))
    build()
    assert MajorCriterion.objects.filter(code="MH23-DUST-01").exists()


def test_built_anew_where_a_key_may_be_taken_and_on_another_day(db):
    within(township)
    f.UserFactory(username="早来的")
    assert township().team.pk == User.objects.get(username="team").pk
    with moment.at(timezone.now() + datetime.timedelta(days=3)):
        found, _ = within(course.law)
    assert found is None
