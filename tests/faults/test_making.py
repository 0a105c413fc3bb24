"""Eight clocks at once on PostgreSQL: one set of rows, each miss marked once; without the protections the rows are doubled."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from core import moment
from core.models import Event
from duties.making import make_ahead
from duties.models import MadeDay, Occurrence
from duties.periods import ONE_DAY, dates, period
from duties.tasks import mark_missed
from hazards.models import Check
from tests import factories as f
from tests.faults.test_parallel import at_once, people  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.req("B2")]
CLOCKS = 8


@pytest.fixture
def plans(people):  # noqa: F811
    """A daily, a weekly and a monthly plan that began a week ago and were never made; the ladder's order."""
    since = timezone.localdate() - 7 * ONE_DAY
    ladder = ((people.team_a, "day", "team"), (people.workshop, "week", "department"), (people.plant, "month", "plant"))
    made = []
    for unit, frequency, level in ladder:
        duty = f.DutyFactory(code=frequency, frequency=frequency, level=level)
        made.append(f.DutyPlanFactory(unit=unit, duty=duty, starts_on=since))
    MadeDay.objects.create(day=since - ONE_DAY)
    return made


def expected():
    """The periods owed from a week ago to the horizon, by plan."""
    today = timezone.localdate()
    span = dates(today - 7 * ONE_DAY, today + 14 * ONE_DAY)
    starts = {kind: {period(kind, day)[0] for day in span} for kind in ("day", "week", "month")}
    # A week or month that began before the plan is owed when it still runs today, else only when it began while the clocks stood still.
    return {kind: sorted(s for s in found if s >= today - 7 * ONE_DAY or period(kind, s)[1] >= today) for kind, found in starts.items()}


def test_eight_clocks_at_once_make_one_set_of_rows(plans):
    at_once([make_ahead] * CLOCKS)
    found = {
        plan.duty.frequency: list(Occurrence.objects.filter(plan=plan).order_by("period_start").values_list("period_start", flat=True))
        for plan in plans
    }
    assert found == expected()
    over = Occurrence.objects.closed(timezone.now())
    assert set(over.values_list("made_late", flat=True)) == {True}
    count = over.count()
    assert count >= 7
    assert sum(at_once([mark_missed] * CLOCKS)) == count
    assert Event.objects.filter(move="miss").count() == count
    assert (make_ahead(), mark_missed()) == (0, 0)


def test_control_without_the_unique_key_clocks_double_the_rows(plans):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE duties_occurrence DROP CONSTRAINT occurrence_once")
    try:
        at_once([make_ahead] * CLOCKS)
        one = Occurrence.objects.filter(plan=plans[0], period_start=timezone.localdate() + ONE_DAY)
        assert one.count() > 1
    finally:
        Occurrence.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE duties_occurrence ADD CONSTRAINT occurrence_once UNIQUE (unit_id, duty_code, shift, period_start)")


def test_a_list_sent_at_midnight_and_the_tick_agree(plans, people):  # noqa: F811
    """The submit and the mark of the miss at the same moment: either in time, or missed and late; never both, never neither."""
    f.ChecklistFactory()
    for back in range(1, 7):
        day = timezone.localdate() - back * ONE_DAY
        row = f.OccurrenceFactory(unit=people.team_a, plan=plans[0], on=day)
        with moment.at(row.opens_at + datetime.timedelta(hours=8)):
            check = Check.start(occurrence=row, by=people.team, on=day)

        def send(check=check, day=day):
            check.submit(by=people.team, on=day, content=dict.fromkeys(range(3), {"result": "pass"}))

        at_once([send, mark_missed])
        row = Occurrence.objects.get(pk=row.pk)
        assert (row.state, sorted(event.move for event in row.story)) == ("late", ["complete_late", "miss"])
