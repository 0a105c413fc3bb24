"""The clocks of inspections, counted by hand: calendar days, working days, hours, editions, holidays, the end of the year."""

import datetime

import pytest
from django.utils import timezone

from core import catalogue, clock
from tests.factories import DeadlineRuleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.req("R70")]
D = datetime.date


@pytest.fixture(autouse=True)
def rules(db):
    catalogue.load()


# 2019: 4–10 February off, 2 and 3 February worked; 1–7 October off, 29 September and 12 October worked.
# 2026: 15–23 February off, 14 and 28 February worked; 25–27 September and 1–7 October off, 20 September and 10 October worked.
CALENDAR_DAYS = [
    # code, start (not counted), last day, why
    ("inspection.order.default", D(2019, 3, 4), D(2019, 3, 19), "15 days, a Tuesday"),
    ("inspection.order.default", D(2019, 9, 16), D(2019, 10, 8), "1 October: rolls over National Day"),
    ("inspection.order.default", D(2019, 1, 25), D(2019, 2, 11), "9 February: rolls over the Spring Festival"),
    ("inspection.order.default", D(2019, 12, 20), D(2020, 1, 6), "4 January 2020 is a Saturday"),
    ("inspection.order.default", D(2026, 9, 16), D(2026, 10, 8), "1 October again, a Thursday"),
    ("inspection.order.default", D(2026, 2, 2), D(2026, 2, 24), "17 February is the Spring Festival, off until the 23rd"),
    ("inspection.order.default", D(2026, 9, 5), D(2026, 9, 20), "a Sunday that is worked"),
    ("inspection.order.default", D(2026, 12, 17), D(2027, 1, 4), "1 January 2027, then a weekend"),
    ("inspection.order.max", D(2019, 9, 2), D(2019, 10, 8), "2 October"),
    ("inspection.order.max", D(2026, 11, 25), D(2026, 12, 25), "30 days, a Friday"),
    ("inspection.order.max", D(2026, 12, 2), D(2027, 1, 4), "1 January 2027"),
    ("inspection.order.extend.reply", D(2019, 9, 29), D(2019, 10, 8), "4 October"),
    ("inspection.order.extend.reply", D(2026, 11, 25), D(2026, 11, 30), "5 days, a Monday"),
    ("inspection.recheck", D(2019, 9, 27), D(2019, 10, 8), "7 October, the last day off"),
    ("inspection.recheck", D(2026, 1, 31), D(2026, 2, 10), "the last day of the 2015 rule"),
    ("inspection.recheck", D(2026, 2, 1), D(2026, 2, 11), "the first day of order 18"),
    ("inspection.recheck", D(2026, 12, 22), D(2027, 1, 4), "1 January 2027"),
    ("inspection.resume", D(2019, 1, 28), D(2019, 2, 11), "7 February"),
    ("inspection.resume", D(2026, 2, 5), D(2026, 2, 24), "15 February"),
    ("inspection.service", D(2019, 9, 23), D(2019, 9, 30), "2017 law: 7 calendar days"),
    ("inspection.service", D(2019, 9, 24), D(2019, 10, 8), "2017 law: 1 October"),
    ("inspection.service", D(2021, 7, 14), D(2021, 7, 21), "the last day of the 2017 law"),
]
WORKING_DAYS = [
    ("inspection.service", D(2021, 7, 15), D(2021, 7, 26), "the first day of the 2021 law: 16 19 20 21 22 23 26"),
    ("inspection.service", D(2026, 9, 28), D(2026, 10, 13), "29 30 | 8 9 10 12 13"),
    ("inspection.service", D(2026, 12, 25), D(2027, 1, 6), "28 29 30 31 | 4 5 6"),
    ("inspection.report.district", D(2019, 1, 31), D(2019, 2, 3), "1 2 3 February, a weekend that is worked"),
    ("inspection.report.district", D(2019, 9, 30), D(2019, 10, 10), "8 9 10"),
    ("inspection.report.district", D(2024, 6, 30), D(2024, 7, 3), "the last day of the 2015 regulation: 1 2 3"),
    ("inspection.report.district", D(2024, 7, 1), D(2024, 7, 4), "the first day of the 2024 one: 2 3 4"),
    ("inspection.report.district", D(2026, 2, 12), D(2026, 2, 24), "13 14 | 24"),
    ("inspection.report.district", D(2026, 9, 30), D(2026, 10, 10), "8 9 10, a Saturday that is worked"),
    ("inspection.report.district", D(2026, 12, 30), D(2027, 1, 5), "31 | 4 5"),
    ("inspection.complaint.return", D(2019, 10, 8), D(2019, 10, 14), "9 10 11 12 14"),
    ("inspection.complaint.return", D(2026, 9, 18), D(2026, 9, 24), "20 21 22 23 24"),
    ("inspection.complaint.return", D(2026, 11, 25), D(2026, 12, 2), "26 27 30 1 2"),
]


@pytest.mark.parametrize(("code", "start", "last", "why"), CALENDAR_DAYS)
def test_calendar_days_end_on_a_worked_day(code, start, last, why):
    assert clock.rule_on(code, start).unit == "C"
    assert clock.due_on(code, start) == last, why


@pytest.mark.parametrize(("code", "start", "last", "why"), WORKING_DAYS)
def test_working_days_skip_days_off(code, start, last, why):
    assert clock.rule_on(code, start).unit == "W"
    assert clock.due_on(code, start) == last, why


@pytest.mark.parametrize(("day", "edition"), [(D(2019, 9, 30), "安全生产法2014"), (D(2026, 9, 30), "安全生产法2021")])
def test_hours_run_through_the_holiday(day, edition):
    """An order to cut the power on the eve of National Day at 17:00 may be carried out on 1 October at 17:00."""
    start = datetime.datetime.combine(day, datetime.time(17), tzinfo=timezone.get_default_timezone())
    assert clock.rule_on("inspection.powercut", day).edition == edition
    ends = timezone.localtime(clock.due_at("inspection.powercut", start))
    assert (ends.date(), ends.time()) == (day + datetime.timedelta(days=1), datetime.time(17))


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("inspection.order.extend.before", "2015办法", "应急管理部令第18号"),
        ("inspection.order.extend.reply", "2015办法", "应急管理部令第18号"),
        ("inspection.recheck", "2015办法", "应急管理部令第18号"),
    ],
)
def test_order_18_replaces_the_2015_rule_on_1_february_2026(code, before, after):
    rules = [clock.rule_on(code, day) for day in (D(2019, 1, 1), D(2026, 1, 31), D(2026, 2, 1))]
    assert [rule.edition for rule in rules] == [before, before, after]
    assert len({(rule.value, rule.unit) for rule in rules}) == 1
    assert all(rule.verify for rule in rules)


BEFORE = [
    # start, end of the order, last day to ask for an extension, why
    (D(2026, 11, 25), D(2026, 12, 10), D(2026, 11, 30), "10 days before, a Monday"),
    (D(2026, 11, 25), D(2026, 12, 2), D(2026, 12, 2), "an order of 7 days: until its last day"),
    (D(2026, 11, 25), D(2026, 12, 5), D(2026, 12, 5), "an order of 10 days: until its last day"),
    (D(2026, 11, 23), D(2026, 12, 8), D(2026, 11, 30), "28 November is a Saturday: the Monday after"),
    (D(2019, 9, 16), D(2019, 10, 8), D(2019, 9, 29), "28 September is a Saturday, the Sunday is worked"),
    (D(2019, 9, 23), D(2019, 10, 17), D(2019, 10, 8), "7 October: after National Day"),
    (D(2026, 12, 21), D(2027, 1, 11), D(2027, 1, 4), "1 January 2027"),
]


@pytest.mark.parametrize(("start", "end", "last", "why"), BEFORE)
def test_an_extension_is_asked_for_before_the_end(start, end, last, why):
    assert clock.last_before("inspection.order.extend.before", end, start) == last, why


def test_what_is_counted_back_never_falls_after_the_end():
    DeadlineRuleFactory(code="x", value=3, unit="C")
    DeadlineRuleFactory(code="w", value=3, unit="W")
    assert clock.last_before("x", D(2026, 10, 5), D(2026, 9, 21)) == D(2026, 10, 5)
    with pytest.raises(ValueError, match="不能倒推"):
        clock.last_before("w", D(2026, 10, 5), D(2026, 9, 21))


def test_an_order_served_on_the_last_day_starts_the_firms_clocks_the_day_after():
    """Made on Monday 28 September 2026, served on the last day, 13 October; then 15 days, an extension, a re-check."""
    served_on = clock.due_on("inspection.service", D(2026, 9, 28))
    due_on = clock.due_on("inspection.order.default", served_on)
    ask_by = clock.last_before("inspection.order.extend.before", due_on, served_on)
    answer_by = clock.due_on("inspection.order.extend.reply", ask_by)
    recheck_by = clock.due_on("inspection.recheck", due_on)
    assert (served_on, due_on, ask_by, answer_by, recheck_by) == (
        D(2026, 10, 13),
        D(2026, 10, 28),
        D(2026, 10, 19),  # 18 October is a Sunday
        D(2026, 10, 26),  # 24 October is a Saturday
        D(2026, 11, 9),  # 7 November is a Saturday
    )
