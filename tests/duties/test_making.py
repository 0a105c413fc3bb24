"""The calendar: each period exactly once, on the right date, whatever happens to plans, stops, holidays and clocks."""

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from core import moment
from core.models import MoveRefused, WorkdayOverride
from core.workdays import is_workday
from duties.making import HORIZON, Maker, make_ahead
from duties.models import DutyPlan, MadeDay, Occurrence
from duties.periods import ONE_DAY, Frequency, dates, period, window
from duties.tasks import make_occurrences, mark_missed
from enterprises.models import StopPeriod
from tests import factories as f
from tests.duties.conftest import MONDAY, clock

pytestmark = [pytest.mark.django_db, pytest.mark.req("B2")]
D = datetime.date


def starts(plan):
    return list(Occurrence.objects.filter(plan=plan).order_by("period_start").values_list("period_start", flat=True))


@pytest.mark.parametrize(
    ("frequency", "on", "first", "last"),
    [
        ("day", D(2028, 2, 29), D(2028, 2, 29), D(2028, 2, 29)),
        ("week", D(2026, 12, 31), D(2026, 12, 28), D(2027, 1, 3)),
        ("week", D(2021, 1, 1), D(2020, 12, 28), D(2021, 1, 3)),
        ("month", D(2028, 2, 29), D(2028, 2, 1), D(2028, 2, 29)),
        ("month", D(2027, 2, 1), D(2027, 2, 1), D(2027, 2, 28)),
        ("month", D(2026, 12, 31), D(2026, 12, 1), D(2026, 12, 31)),
        ("quarter", D(2026, 11, 25), D(2026, 10, 1), D(2026, 12, 31)),
        ("quarter", D(2026, 3, 31), D(2026, 1, 1), D(2026, 3, 31)),
        ("half", D(2026, 6, 30), D(2026, 1, 1), D(2026, 6, 30)),
        ("half", D(2026, 7, 1), D(2026, 7, 1), D(2026, 12, 31)),
        ("year", D(2028, 2, 29), D(2028, 1, 1), D(2028, 12, 31)),
    ],
)
def test_period_of_a_day(frequency, on, first, last):
    assert period(frequency, on) == (first, last)


@given(st.dates(D(2019, 1, 1), D(2060, 12, 31)), st.sampled_from(Frequency.values))
def test_periods_tile_the_calendar(on, frequency):
    first, last = period(frequency, on)
    assert first <= on <= last
    assert period(frequency, first) == period(frequency, last) == (first, last)
    assert period(frequency, last + ONE_DAY)[0] == last + ONE_DAY


def test_windows_are_local_midnights_also_when_the_server_thinks_in_utc(settings):
    opens, closes = window(MONDAY, MONDAY)
    assert (opens.isoformat(), closes.isoformat()) == ("2026-11-16T00:00:00+08:00", "2026-11-17T00:00:00+08:00")
    with timezone.override("UTC"):
        assert timezone.localdate(opens) == D(2026, 11, 15), "the control: a server's own zone would be a day off"
    opens, closes = window(MONDAY, MONDAY, "22:00", 8)
    assert (opens.isoformat(), closes.isoformat()) == ("2026-11-16T22:00:00+08:00", "2026-11-17T06:00:00+08:00")


def test_a_daily_plan_is_made_ahead_on_working_days_only(begin):
    plan = begin()
    expected = [day for day in dates(MONDAY, MONDAY + HORIZON) if day.weekday() < 5]
    assert starts(plan) == expected
    row = Occurrence.objects.filter(plan=plan).first()
    assert (row.state, row.level, row.frequency, row.made_late, row.responsible) == ("due", "team", "day", False, None)


@pytest.mark.parametrize(
    ("first", "days", "expected"),
    [
        # National day 2026: Oct 1-7 off, Oct 10 (Saturday) worked in its place; Sep 20 (Sunday) too.
        (D(2026, 9, 28), "workdays", ["09-28", "09-29", "09-30", "10-08", "10-09", "10-10", "10-12"]),
        (D(2026, 12, 28), "everyday", [f"{d:%m-%d}" for d in dates(D(2026, 12, 28), D(2027, 1, 11))]),
        (D(2028, 2, 27), "everyday", [f"{d:%m-%d}" for d in dates(D(2028, 2, 27), D(2028, 3, 12))]),
    ],
)
def test_daily_rows_over_holidays_shifted_days_year_end_and_leap_day(begin, first, days, expected):
    assert [f"{d:%m-%d}" for d in starts(begin(on=first, days=days))] == expected


def test_week_53_and_the_week_over_new_year_come_once(begin):
    plan = begin("department", on=D(2020, 12, 21), days="everyday")
    with moment.at(clock(D(2021, 1, 1))):
        make_ahead()
    assert starts(plan) == [D(2020, 12, 21), D(2020, 12, 28), D(2021, 1, 4), D(2021, 1, 11)]
    assert D(2020, 12, 28).isocalendar().week == 53


def test_a_week_without_any_production_day_is_not_owed(begin):
    plan = begin("department", on=D(2026, 2, 9))
    off = [d for d in dates(D(2026, 2, 16), D(2026, 2, 22)) if not is_workday(d)]
    assert len(off) == 7, "spring festival 2026 covers a whole week"
    assert starts(plan) == [D(2026, 2, 9), D(2026, 2, 23)]


def test_a_night_shift_is_dated_by_its_start_and_runs_past_midnight(begin):
    plan = begin(shift="22:00", shift_hours=8)
    row = Occurrence.objects.get(plan=plan, period_start=MONDAY)
    two_in_the_night = clock(MONDAY + ONE_DAY, 2)
    assert row.is_open(two_in_the_night)
    assert row.last_day == MONDAY + ONE_DAY
    assert mark_missed(two_in_the_night) == 0
    assert mark_missed(clock(MONDAY + ONE_DAY, 6, 1)) == 1


def test_two_shifts_of_one_unit_are_two_rows_a_day(begin):
    begin(shift="08:00", shift_hours=12)
    begin(shift="20:00", shift_hours=12)
    assert Occurrence.objects.filter(period_start=MONDAY).count() == 2


def test_everything_twice_makes_nothing_new(begin):
    begin()
    begin("department")
    begin("plant")
    with moment.at(clock(MONDAY)):
        make_ahead()
        before = list(Occurrence.objects.order_by("pk").values())
        assert (make_occurrences(), make_ahead(), Maker().make(MONDAY, MONDAY + HORIZON)) == (0, 0, 0)
    assert list(Occurrence.objects.order_by("pk").values()) == before


def test_a_stop_in_the_middle_takes_future_rows_away_and_gives_them_back(begin, people):
    plan = begin(days="everyday")
    stop = StopPeriod.objects.create(
        enterprise=people.factory, starts_on=MONDAY + 3 * ONE_DAY, ends_on=MONDAY + 5 * ONE_DAY, reason="检修", by=people.safety
    )
    everyday = dates(MONDAY, MONDAY + HORIZON)
    Maker(clock(MONDAY), enterprise=people.factory).keep_right()
    assert starts(plan) == [d for d in everyday if not stop.starts_on <= d <= stop.ends_on]
    StopPeriod.objects.filter(pk=stop.pk).update(ends_on=MONDAY + 3 * ONE_DAY)
    Maker(clock(MONDAY), enterprise=people.factory).keep_right()
    assert starts(plan) == [d for d in everyday if d != stop.starts_on]


def test_a_stop_that_begins_today_exempts_the_open_row_and_leaves_the_past(begin, people):
    plan = begin(days="everyday")
    day = MONDAY + 2 * ONE_DAY
    mark_missed(clock(day, 0, 5))
    StopPeriod.objects.create(enterprise=people.factory, starts_on=MONDAY, reason="停电", by=people.safety)
    Maker(clock(day), enterprise=people.factory).keep_right()
    rows = Occurrence.objects.filter(plan=plan).order_by("period_start")
    assert [(r.period_start, r.state) for r in rows] == [(MONDAY, "missed"), (MONDAY + ONE_DAY, "missed"), (day, "exempt")]
    event = rows[2].story.get()
    assert (event.move, event.note, event.by.is_system) == ("exempt", "停产:停电(安全员登记)", True)


def test_a_stop_that_begins_today_takes_tonights_shift_away(begin, people):
    plan = begin(days="everyday", shift="22:00", shift_hours=8)
    StopPeriod.objects.create(enterprise=people.factory, starts_on=MONDAY, reason="停电", by=people.safety)
    Maker(clock(MONDAY), enterprise=people.factory).keep_right()
    assert starts(plan) == []


@pytest.mark.parametrize(("level", "back_on"), [("team", 0), ("department", 2), ("plant", 9)])
def test_a_stop_that_ends_within_the_period_makes_it_owed_again(begin, people, level, back_on):
    first = MONDAY.replace(day=1) if level == "plant" else MONDAY
    plan = begin(level, on=first, days="everyday")
    stop = StopPeriod.objects.create(enterprise=people.factory, starts_on=first, reason="停电", by=people.safety)
    Maker(clock(first), enterprise=people.factory).keep_right()
    row = Occurrence.objects.get(plan=plan)
    assert (row.period_start, row.state) == (first, "exempt")
    StopPeriod.objects.filter(pk=stop.pk).update(starts_on=first - ONE_DAY, ends_on=first + (back_on - 1) * ONE_DAY)
    back = first + back_on * ONE_DAY
    for _ in range(2):
        Maker(clock(back, 10), enterprise=people.factory).keep_right()
    row.refresh_from_db()
    assert (row.state, [(e.move, e.by.is_system, e.on) for e in row.story]) == (
        "due",
        [("exempt", True, first), ("owe_again", True, back)],
    )


def test_what_a_person_made_exempt_stays_exempt_when_the_stop_ends(begin, people):
    plan = begin("department", days="everyday")
    row = Occurrence.objects.get(plan=plan, period_start=MONDAY)
    stop = StopPeriod.objects.create(enterprise=people.factory, starts_on=MONDAY, reason="停电", by=people.safety)
    Maker(clock(MONDAY)).keep_right()
    StopPeriod.objects.filter(pk=stop.pk).update(ends_on=MONDAY)
    Maker(clock(MONDAY + ONE_DAY)).keep_right()
    row.refresh_from_db()
    with moment.at(clock(MONDAY + ONE_DAY)):
        row.exempt(by=people.safety, on=MONDAY + ONE_DAY, note="车间搬迁")
    Maker(clock(MONDAY + 2 * ONE_DAY)).keep_right()
    row.refresh_from_db()
    moves = [event.move for event in row.story.order_by("pk")]
    assert (row.state, moves) == ("exempt", ["exempt", "owe_again", "exempt"])


def test_two_stops_side_by_side_cover_a_week_only_together(begin, people):
    plan = begin("department", days="everyday")
    week = MONDAY + 7 * ONE_DAY
    make = lambda first, last: StopPeriod.objects.create(  # noqa: E731
        enterprise=people.factory, starts_on=first, ends_on=last, reason="检修", by=people.safety
    )
    make(week, week + 3 * ONE_DAY)
    Maker(clock(MONDAY)).keep_right()
    assert week in starts(plan)
    make(week + 4 * ONE_DAY, week + 6 * ONE_DAY)
    Maker(clock(MONDAY)).keep_right()
    assert week not in starts(plan)


def test_a_day_declared_off_later_takes_its_future_row_away_and_a_worked_one_adds_it(begin):
    plan = begin()
    friday, saturday = MONDAY + 4 * ONE_DAY, MONDAY + 5 * ONE_DAY
    WorkdayOverride.objects.create(day=friday, is_workday=False)
    WorkdayOverride.objects.create(day=saturday, is_workday=True)
    with moment.at(clock(MONDAY)):
        make_ahead()
    assert friday not in starts(plan)
    assert saturday in starts(plan)


def test_a_past_day_declared_worked_afterwards_adds_nothing(begin):
    plan = begin()
    with moment.at(clock(MONDAY)):
        make_ahead()
    sunday = MONDAY + 6 * ONE_DAY
    WorkdayOverride.objects.create(day=sunday, is_workday=True)
    with moment.at(clock(sunday + 2 * ONE_DAY)):
        make_ahead()
    assert sunday not in starts(plan)


def test_another_person_follows_from_the_next_period_on(begin, people):
    plan = begin(days="everyday", responsible=people.team)
    day = MONDAY + 2 * ONE_DAY
    with moment.at(clock(day)):
        plan.assign(by=people.safety, on=day, responsible=people.team_b)
        plan.assign(by=people.safety, on=day, responsible=people.team_b)
    named = dict(Occurrence.objects.filter(plan=plan).values_list("period_start", "responsible__name"))
    assert {d: "乙班长" if d > day else "甲班长" for d in named} == named


def test_a_plan_ended_and_begun_again_owes_each_period_once(begin, people):
    first = begin("department", days="everyday")
    wednesday, thursday = MONDAY + 2 * ONE_DAY, MONDAY + 3 * ONE_DAY
    with moment.at(clock(wednesday)):
        first.end(by=people.safety, on=wednesday, last_day=wednesday)
        first.end(by=people.safety, on=wednesday, last_day=wednesday)
    assert starts(first) == [MONDAY]
    second = begin("department", on=thursday, days="everyday", responsible=people.head)
    assert starts(first) == [MONDAY]
    assert starts(second) == [MONDAY + 7 * ONE_DAY, MONDAY + 14 * ONE_DAY]


def test_a_second_plan_at_the_same_time_is_refused_and_the_same_one_is_the_same(begin):
    plan = begin()
    assert begin().pk == plan.pk
    with pytest.raises(MoveRefused, match="已有"):
        begin(days="everyday")
    assert DutyPlan.objects.count() == 1


def test_plans_neither_begin_nor_end_in_the_past(begin, people, duties):
    plan = begin()
    with pytest.raises(MoveRefused, match="过去"):
        DutyPlan.begin(by=people.safety, on=MONDAY, unit=people.team_b_unit, duty=duties["team"], starts_on=MONDAY - ONE_DAY)
    with pytest.raises(MoveRefused, match="过去"):
        plan.end(by=people.safety, on=MONDAY + ONE_DAY, last_day=MONDAY)


@pytest.mark.parametrize("change", ["status", "unit"])
def test_an_enterprise_that_closes_or_a_unit_dissolved_owes_nothing_more(begin, people, change):
    plan = begin(days="everyday")
    if change == "status":
        people.factory.status = "closed"
        people.factory.save()
    else:
        people.team_a.closed_on = MONDAY
        people.team_a.save()
    with moment.at(clock(MONDAY)):
        make_ahead()
    assert list(Occurrence.objects.filter(plan=plan).values_list("state", flat=True)) == ["exempt"]


def test_an_enterprise_that_works_again_owes_its_running_and_coming_periods(begin, people):
    plan = begin("department", days="everyday")
    everything = starts(plan)
    for status, day in (("closed", MONDAY), ("active", MONDAY + ONE_DAY)):
        people.factory.status = status
        people.factory.save()
        Maker(clock(day), enterprise=people.factory).keep_right()
    assert starts(plan) == everything
    assert set(Occurrence.objects.filter(plan=plan).values_list("state", flat=True)) == {"due"}


@pytest.mark.req("R20", "R21")
def test_beat_away_for_three_days_over_a_weekly_deadline(begin):
    daily, weekly = begin(days="everyday"), begin("department", days="everyday")
    friday = MONDAY + 4 * ONE_DAY
    with moment.at(clock(friday)):
        make_ahead()
    for day in dates(MONDAY + ONE_DAY, friday):
        mark_missed(clock(day, 0, 1))
    back = clock(MONDAY + 8 * ONE_DAY, 9)
    with moment.at(back):
        make_ahead()
    assert mark_missed(back) == 5
    assert mark_missed(back) == 0
    missed = Occurrence.objects.missed()
    assert list(missed.filter(plan=daily, made_late=True).order_by("pk").values_list("period_start", flat=True)) == [
        friday + n * ONE_DAY for n in range(4)
    ]
    week = missed.get(plan=weekly)
    assert (week.period_start, week.made_late, week.story.count()) == (MONDAY, True, 1)
    assert (week.story.get().on, week.story.get().note) == (MONDAY + 6 * ONE_DAY, "系统中断后补记")


def test_clockwork_away_for_longer_than_the_horizon_makes_each_period_once_as_made_late(begin):
    plan = begin(days="everyday")
    with moment.at(clock(MONDAY)):
        make_ahead()
    back = MONDAY + 20 * ONE_DAY
    with moment.at(clock(back)):
        make_ahead()
        assert make_ahead() == 0
    assert starts(plan) == dates(MONDAY, back + HORIZON)
    late = Occurrence.objects.filter(plan=plan, made_late=True).values_list("period_start", flat=True)
    assert sorted(late) == dates(MONDAY + HORIZON + ONE_DAY, back - ONE_DAY)
    assert MadeDay.objects.count() == len(dates(MONDAY, back + HORIZON))


def test_the_clock_set_back_changes_nothing(begin):
    begin(days="everyday")
    with moment.at(clock(MONDAY + 5 * ONE_DAY)):
        make_ahead()
    before = list(Occurrence.objects.order_by("pk").values())
    with moment.at(clock(MONDAY + ONE_DAY)):
        assert make_ahead() == 0
    assert list(Occurrence.objects.order_by("pk").values()) == before


def test_the_command_prints_how_many_it_made_last(begin, capsys):
    begin(days="everyday")
    day = MONDAY + 40 * ONE_DAY
    call_command("make_occurrences", date=day.isoformat())
    assert capsys.readouterr().out.split()[-1] == "1"
    call_command("make_occurrences", date=day.isoformat())
    assert capsys.readouterr().out.split()[-1] == "0"


SPAN = 40
offsets = st.integers(0, SPAN)


@settings(max_examples=25)
@given(
    origin=st.dates(D(2024, 2, 1), D(2027, 12, 31)),
    frequency=st.sampled_from(["day", "week", "month"]),
    days=st.sampled_from(["workdays", "everyday"]),
    shift=st.sampled_from(["", "06:30", "22:00"]),
    ends=st.none() | offsets,
    stops=st.lists(st.tuples(offsets, st.integers(0, 9)), max_size=4),
    ticks=st.lists(offsets, max_size=5),
)
def test_torture_rows_equal_a_day_by_day_oracle(people, origin, frequency, days, shift, ends, stops, ticks):
    """Whatever the plan, its stops (known before it begins) and the ticks that came: each owed period once, none else."""
    shift = shift if frequency == "day" else ""
    duty = f.DutyFactory(code=f"T-{frequency}", frequency=frequency, level="team")
    for model in (Occurrence, DutyPlan, StopPeriod, MadeDay):
        model.objects.all().delete()
    stopped = set()
    for start, length in sorted(stops):
        first, last = origin + start * ONE_DAY, origin + (start + length) * ONE_DAY
        if stopped.isdisjoint(dates(first, last)):
            stopped.update(dates(first, last))
            StopPeriod.objects.create(enterprise=people.factory, starts_on=first, ends_on=last, reason="检修", by=people.safety)
    last_day = origin + ends * ONE_DAY if ends is not None else None
    plan = DutyPlan.objects.create(
        enterprise=people.factory, unit=people.team_a, duty=duty, days=days, shift=shift, shift_hours=8 if shift else 24,
        starts_on=origin, ends_on=last_day,
    )  # fmt: skip
    for offset in [0, *sorted(ticks), SPAN]:
        with moment.at(clock(origin + offset * ONE_DAY, 7)):
            make_ahead()
            mark_missed(moment.now())
    horizon = origin + SPAN * ONE_DAY + HORIZON
    producing = [
        d for d in dates(origin, min(last_day or horizon, horizon) + 31 * ONE_DAY)
        if d not in stopped and (last_day is None or d <= last_day) and (days == "everyday" or is_workday(d))
    ]  # fmt: skip
    owed = sorted({period(frequency, d)[0] for d in producing})
    # What had begun before the first tick saw it, on a day that has no production any more, may be exempt instead.
    made = list(Occurrence.objects.filter(plan=plan).order_by("period_start"))
    assert [row.period_start for row in made] == [d for d in owed if d <= horizon]
    assert all(row.state == ("missed" if row.is_over(clock(origin + SPAN * ONE_DAY, 7)) else "due") for row in made)
