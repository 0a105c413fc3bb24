"""Working days and legal periods."""

import datetime

import pytest

from core import clock, workdays
from core.models import DeadlineRule, WorkdayOverride
from tests.factories import DeadlineRuleFactory

pytestmark = pytest.mark.django_db
D = datetime.date


def test_national_day_and_its_shifted_days_in_2026():
    """国庆 2026: 1–7 October off; 20 September and 10 October are worked."""
    off = [D(2026, 10, day) for day in range(1, 8)]
    assert [workdays.is_workday(day) for day in off] == [False] * 7
    assert [workdays.is_workday(D(2026, 9, 20)), workdays.is_workday(D(2026, 10, 10))] == [True, True]
    assert [workdays.is_workday(D(2026, 10, 8)), workdays.is_workday(D(2026, 10, 11))] == [True, False]


def test_an_override_beats_the_library_both_ways():
    WorkdayOverride.objects.create(day=D(2026, 11, 25), is_workday=False)
    WorkdayOverride.objects.create(day=D(2026, 11, 28), is_workday=True)
    assert [workdays.is_workday(D(2026, 11, 25)), workdays.is_workday(D(2026, 11, 28))] == [False, True]
    assert workdays.next_workday(D(2026, 11, 25)) == D(2026, 11, 26)
    assert workdays.add_workdays(D(2026, 11, 24), 3) == D(2026, 11, 28)


def test_working_days_are_counted_over_the_end_of_the_year():
    """31 December 2026 is a Thursday, 1–3 January 2027 are off."""
    assert workdays.add_workdays(D(2026, 12, 31), 1) == D(2027, 1, 4)
    assert workdays.add_workdays(D(2026, 9, 30), 1) == D(2026, 10, 8)
    assert workdays.add_workdays(D(2026, 9, 30), 3) == D(2026, 10, 10)
    assert workdays.add_workdays(D(2026, 11, 24), 0) == D(2026, 11, 24)
    assert workdays.next_workday(D(2028, 2, 29)) == D(2028, 2, 29)


def test_days_have_names_people_know():
    assert workdays.day_name(D(2026, 11, 24)) == "周二"
    assert workdays.day_name(D(2026, 11, 28)) == "周六 休"
    assert workdays.day_name(D(2026, 10, 1)).startswith("周四 国庆节")
    assert workdays.choices_from(D(2026, 11, 24), (0, 3)) == [
        (D(2026, 11, 24), "今天 11月24日 周二"),
        (D(2026, 11, 27), "3天 11月27日 周五"),
    ]


@pytest.mark.req("R23")
def test_calendar_days_roll_over_days_off_and_working_days_skip_them():
    DeadlineRuleFactory(code="c", value=7, unit="C")
    DeadlineRuleFactory(code="w", value=2, unit="W")
    assert clock.due_on("c", D(2026, 11, 24)) == D(2026, 12, 1)
    assert clock.due_on("c", D(2026, 11, 21)) == D(2026, 11, 30)
    assert clock.due_on("c", D(2026, 9, 26)) == D(2026, 10, 8)
    assert clock.due_on("w", D(2026, 11, 27)) == D(2026, 12, 1)


def test_hours_run_through_days_off():
    DeadlineRuleFactory(code="h", value=24, unit="h")
    start = datetime.datetime(2026, 10, 1, 22, 15, tzinfo=datetime.UTC)
    assert clock.due_at("h", start) == start + datetime.timedelta(hours=24)
    with pytest.raises(ValueError, match="due_at"):
        clock.due_on("h", D(2026, 10, 1))
    DeadlineRuleFactory(code="c", value=1, unit="C")
    with pytest.raises(ValueError, match="due_on"):
        clock.due_at("c", start)


def test_the_edition_is_chosen_by_the_day_the_clock_starts():
    DeadlineRuleFactory(code="x", value=5, edition="旧", effective_from="2019-01-01", effective_to="2026-06-30")
    DeadlineRuleFactory(code="x", value=9, edition="新", effective_from="2026-07-01")
    assert [clock.rule_on("x", D(2026, 6, 30)).value, clock.rule_on("x", D(2026, 7, 1)).value] == [5, 9]
    assert str(DeadlineRule.objects.get(edition="新")) == "一般隐患整改 9日"


def test_no_edition_in_force_is_said_aloud():
    DeadlineRuleFactory(code="x", effective_from="2026-07-01")
    with pytest.raises(clock.NoRule, match="2026-06-30 没有有效的时限规则 x"):
        clock.rule_on("x", D(2026, 6, 30))
