"""Rules, driven as a table: for each kind and stage who is told, who is not, once; a late tick tells only what is still true."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from duties.models import Occurrence
from notices import catalogue
from notices.models import Notice, NoticeRule, Receiver
from notices.tasks import tell_duties, tell_morning
from tests import factories as f
from tests.notices.conftest import WEDNESDAY, clock

pytestmark = [pytest.mark.django_db, pytest.mark.req("B2")]
DAY = datetime.timedelta(days=1)


@pytest.fixture
def owed(people, rules):
    """owed(unit, state, back, frequency, …) → the period `back` days before WEDNESDAY."""
    kinds = {"day": ("TEAM-DAILY", "班组日排查"), "week": ("DEPT-WEEKLY", "部门周排查"), "month": ("PLANT-MONTHLY", "厂长月排查")}

    def make(unit=None, state="due", back=0, frequency="day", **facts):
        unit = unit or people.team_a
        code, name = kinds[frequency]
        duty = f.DutyFactory(code=code, name=name, frequency=frequency, level=unit.kind)
        plan = unit.duty_plans.filter(duty=duty).first() or f.DutyPlanFactory(unit=unit, duty=duty)
        if state == "missed":
            facts.setdefault("missed_at", clock(0, 1, days=1 - back))
        if state == "late":
            facts |= {"missed_at": clock(0, 1, days=1 - back), "late_done_at": clock(9)}
        if state == "done":
            facts["done_at"] = clock(9, days=-back)
        return f.OccurrenceFactory(unit=unit, plan=plan, on=WEDNESDAY - back * DAY, state=state, **facts)

    return make


def told(kind=None):
    """[(stage, who)] in the order told."""
    rows = Notice.objects.filter(kind=kind) if kind else Notice.objects.all()
    return [(row.stage, row.recipient.username) for row in rows.select_related("recipient").order_by("pk")]


# The rules as delivered


def test_the_catalogue_is_loaded_once_and_each_kind_has_its_rules(rules):
    assert str(catalogue.load()[0]) == "消息规则: 新增 0,停用旧版 0"
    found = {(r.kind, r.stage): (r.offset, r.unit, tuple(r.receivers)) for r in NoticeRule.objects.all()}
    assert found["duty.streak", "3"] == (0, "h", ("safety_manager", "principal", "inspector"))
    assert {stage for kind, stage in found if kind == "hazard.due"} == {"T-3", "T-1", "T", "overdue"}
    assert {kind for kind, _ in found} == {
        "duty.morning",
        "duty.before_end",
        "duty.missed",
        "duty.streak",
        "duty.escalated",
        "hazard.due",
        "hazard.escalated",
        "hazard.assigned",
        "hazard.returned",
        "hazard.accepted",
        "extension.asked",
        "extension.answered",
        "major.proposed",
        "major.sign",
        "major.confirmed",
        "major.downgraded",
        "report.due",
        "plan.due",
        "plan.submitted",
        "plan.answered",
        "progress.due",
        "recheck.asked",
        "recheck.sign",
        "recheck.due",
        "recheck.answered",
        "project.notify",
        "yearplan.asked",
        "yearplan.answered",
        "yearplan.month",
        "scheme.asked",
        "scheme.answered",
        "visit.announced",
        "visit.changed",
        "visit.ready",
        "order.served",
        "order.due",
        "order.asked",
        "order.answered",
        "order.recheck",
        "order.recheck_due",
        "order.rechecked",
        "measure.served",
        "measure.asked",
        "measure.examined",
        "measure.answered",
        "report.district",
        "complaint.return",
        "result.due",
        "draw.asked",
        "draw.tasks",
        "draw.publish",
    }
    for rule in NoticeRule.objects.all():
        rule.full_clean()
        assert set(rule.receivers) <= set(Receiver.values)


def test_a_new_edition_retires_the_old_one_and_rules_are_chosen_by_the_day(rules):
    old = NoticeRule.objects.get(code="duty.missed.missed")
    old.effective_to = WEDNESDAY
    old.save()
    fields = {n: getattr(old, n) for n in ("code", "name", "kind", "stage", "offset", "unit", "is_urgent", "fresh_for")}
    NoticeRule.objects.create(**fields, receivers=["principal"], edition="2027", effective_from=WEDNESDAY + DAY)
    seen = [NoticeRule.objects.steps("duty.missed", clock(days=n))[0].rule.receivers for n in (0, 1)]
    assert seen == [["responsible"], ["principal"]]


@pytest.mark.parametrize("receivers", [[], ["nobody"], "responsible", None])
def test_a_rule_names_known_receivers(rules, receivers):
    rule = NoticeRule.objects.first()
    rule.receivers = receivers
    with pytest.raises(ValidationError):
        rule.full_clean()


@pytest.mark.parametrize(("stage", "fits"), [("3", True), ("5", True), ("1", False), ("三次", False)])
def test_a_stage_of_misses_in_a_row_is_their_number(rules, stage, fits):
    rule = NoticeRule.objects.get(kind="duty.streak")
    rule.stage = stage
    if fits:
        rule.full_clean()
    else:
        with pytest.raises(ValidationError, match="次数"):
            rule.full_clean()


@pytest.mark.parametrize("wrong", [{"fresh_for": 0}, {"effective_to": datetime.date(2018, 1, 1)}, {"code": "duty.morning.day"}])
def test_the_database_refuses_a_rule_that_is_wrong(rules, wrong):
    rule = NoticeRule.objects.get(code="duty.missed.missed")
    rule.pk = None
    rule.code = "other"
    for name, value in wrong.items():
        setattr(rule, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save()


# Steps: whose turn it is


@pytest.mark.parametrize(
    ("due_in", "stage"),
    [(4, None), (3, "T-3"), (2, None), (1, "T-1"), (0, "T"), (-1, "overdue"), (-3, "overdue"), (-4, None)],
)
def test_the_turn_of_a_day_rule(rules, due_in, stage):
    due_on = WEDNESDAY + due_in * DAY
    steps = [s for s in NoticeRule.objects.steps("hazard.due", WEDNESDAY) if due_on in s.days]
    assert [s.rule.stage for s in steps] == ([stage] if stage else [])


# Each kind: who is told

BEFORE_END = [
    # (minutes before midnight, frequency, stage told)
    (181, "day", None),
    (180, "day", "T-3h"),
    (10, "day", "T-3h"),
    (0, "day", None),
]


@pytest.mark.parametrize(("minutes", "frequency", "stage"), BEFORE_END)
def test_before_the_end(people, owed, minutes, frequency, stage):
    owed(frequency=frequency)
    owed(people.team_b_unit, "done")
    now = clock(0, days=1) - datetime.timedelta(minutes=minutes)
    made = tell_duties(now)
    assert told("duty.before_end") == ([(stage, "team")] if stage else [])
    assert (made, tell_duties(now)) == (1 if stage else 0, 0)


def test_a_weekly_duty_is_reminded_two_days_ahead_and_in_the_last_hours(people, owed):
    owed(people.workshop, frequency="week")
    for hour in (17, 18, 20):
        tell_duties(clock(hour, days=2))
    tell_duties(clock(21, days=4))
    assert told() == [("T-2d", "head"), ("T-3h", "head")]
    assert Notice.objects.first().body.startswith("11月29日24:00截止,过了就记为漏做。")


def test_missed_is_told_to_whoever_answers_for_it_and_to_the_level_above(people, owed):
    row = owed(state="missed", back=1)
    owed(people.team_b_unit, "late", back=1)
    assert (tell_duties(clock(0, 5)), tell_duties(clock(0, 7))) == (2, 0)
    assert told() == [("missed", "team"), ("next", "head")]
    assert [(n.subject_pk, n.enterprise_id, n.area_code, n.is_urgent) for n in Notice.objects.order_by("pk")] == [
        (row.pk, people.factory.pk, people.factory.area_id, False),
        (row.pk, people.factory.pk, people.factory.area_id, False),
    ]
    assert Notice.objects.first().title == "漏做:甲班 班组日排查(11-24)"


@pytest.mark.req("B2")
def test_each_levels_miss_is_told_to_the_next_with_what_climbs_along(people, owed):
    owed(state="missed", back=1)
    tell_duties(clock(0, 5))
    assert told("duty.escalated") == [("next", "head")]
    owed(people.workshop, "missed", frequency="week")
    tell_duties(clock(0, 5, days=5))
    assert told("duty.escalated")[1:] == [("next", "principal"), ("next", "safety")]
    assert "它下面还有 1 次漏做一并报上来" in Notice.objects.filter(recipient=people.principal).last().body
    owed(people.plant, "missed", frequency="month")
    tell_duties(clock(0, 5, days=6))
    assert told("duty.escalated")[3:] == [("next", "inspector"), ("next", "inspector2")]
    assert "它下面还有 2 次漏做一并报上来" in Notice.objects.filter(recipient=people.inspector).last().body
    for hours in range(6, 100, 6):
        tell_duties(clock(0, 5, days=6) + datetime.timedelta(hours=hours))
    assert len(told("duty.escalated")) == 5


def test_what_was_missed_asks_no_more_to_be_done_in_time(people, owed):
    row = owed()
    tell_duties(clock(21))
    assert told() == [("T-3h", "team")]
    Occurrence.objects.filter(pk=row.pk).update(state="missed", missed_at=clock(0, days=1))
    tell_duties(clock(0, 5, days=1))
    assert [n.kind for n in Notice.objects.unread().filter(recipient=people.team)] == ["duty.missed"]


@pytest.mark.parametrize("how", ["late", "taken up"])
def test_what_was_done_late_or_taken_up_climbs_no_further(people, owed, how):
    row = owed(state="missed", back=1)
    tell_duties(clock(0, 5))
    fields = {"state": "late", "late_done_at": clock(8)} if how == "late" else {"taken_up_at": clock(8)}
    Occurrence.objects.filter(pk=row.pk).update(**fields)
    for hours in range(6, 100, 6):
        tell_duties(clock(0, 5) + datetime.timedelta(hours=hours))
    assert told("duty.escalated") == [("next", "head")]


def test_the_plants_own_miss_goes_to_the_town(people, owed):
    owed(people.plant, "missed", back=25, frequency="month", missed_at=clock(0, 1, days=-24))
    tell_duties(clock(0, 5, days=-24))
    assert told("duty.missed") == [("missed", "principal")]
    assert told("duty.escalated") == [("next", "inspector"), ("next", "inspector2")]


def test_three_misses_in_a_row_are_told_once_to_firm_and_town(people, owed):
    for back in (6, 5, 4, 3, 2, 1):
        owed(state="done" if back == 5 else "missed", back=back)
        tell_duties(clock(0, 5, days=1 - back))
    assert told("duty.streak") == [("3", "safety"), ("3", "principal"), ("3", "inspector"), ("3", "inspector2")]
    assert Notice.objects.filter(kind="duty.streak").first().title == "连续漏做 3 次:重庆石角机械厂 甲班"


def test_two_stages_of_the_same_moment_are_both_told(people, owed):
    rule = NoticeRule.objects.get(kind="duty.streak")
    rule.pk, rule.code, rule.stage, rule.receivers = None, "duty.streak.5", "5", ["village"]
    rule.save()
    for back in (5, 4, 3, 2, 1):
        owed(state="missed", back=back)
        tell_duties(clock(0, 5, days=1 - back))
    assert [stage for stage, _ in told("duty.streak")] == ["3", "3", "3", "3", "5"]


def test_three_days_without_a_tick_bring_no_burst(people, owed):
    for back in (4, 3, 2, 1):
        owed(state="missed", back=back, made_late=True)
    tell_duties(clock(9))
    by_kind = {kind: told(kind) for kind in ("duty.missed", "duty.before_end")}
    assert by_kind == {"duty.missed": [("missed", "team")], "duty.before_end": []}
    assert told("duty.escalated") == [("next", "head")], "of each plan only the newest miss"


# The morning list


def test_the_morning_list_is_one_notice_for_each_person_and_day(people, owed):
    owed()
    owed(people.team_b_unit)
    owed(people.workshop, frequency="week")
    owed(people.plant, frequency="month")
    owed(people.team_a, "done", back=1)
    f.OccurrenceFactory(unit=people.neighbour_plant, on=WEDNESDAY, plan=f.DutyPlanFactory(unit=people.neighbour_plant))
    assert (tell_morning(clock(4, 59)), tell_morning(clock(5)), tell_morning(clock(5, 20))) == (0, 5, 0)
    assert sorted(told()) == [("2026-11-25", name) for name in ("head", "outsider", "principal", "team", "team_b")]
    mine = Notice.objects.get(recipient=people.team)
    assert (mine.title, mine.subject_model, mine.subject_pk) == ("今天(11月25日)有 1 项检查要做", "accounts.user", people.team.pk)
    assert mine.body == "· 甲班 班组日排查,11月25日24:00前做完\n打开“今天”,点“开始检查”。"


def test_the_morning_list_is_not_sent_in_the_evening_and_not_for_what_is_done(people, owed):
    row = owed()
    assert tell_morning(clock(19, 1)) == 0
    Occurrence.objects.filter(pk=row.pk).update(state="done", done_at=clock(4))
    assert tell_morning(clock(6)) == 0


def test_a_person_of_two_firms_gets_one_list_with_both(people, owed):
    owed()
    f.MembershipFactory(user=people.team, enterprise=people.neighbour, role="safety_manager", unit=people.neighbour_plant)
    f.OccurrenceFactory(unit=people.neighbour_plant, on=WEDNESDAY, plan=f.DutyPlanFactory(unit=people.neighbour_plant))
    tell_morning(clock(6))
    mine = Notice.objects.get(recipient=people.team)
    assert (mine.title, mine.enterprise_id) == ("今天(11月25日)有 2 项检查要做", None)


# Whoever left


@pytest.mark.parametrize("how", ["ended", "disabled", "ends tomorrow"])
def test_a_named_person_who_left_is_not_told_his_post_is(people, owed, how):
    owed(responsible=people.employee)
    membership = people.employee.memberships.get()
    if how == "disabled":
        people.employee.is_active = False
        people.employee.save()
    else:
        membership.ends_on = WEDNESDAY - (DAY if how == "ended" else -DAY)
        membership.save()
    tell_morning(clock(6))
    tell_duties(clock(22))
    here = how == "ends tomorrow"
    assert {name for _, name in told()} == ({"employee"} if here else {"team"})
    assert ("本来通知员工" in Notice.objects.get(kind="duty.before_end").body) != here


def test_a_vacant_post_falls_to_the_level_above(people, owed):
    owed()
    people.team.memberships.update(ends_on=WEDNESDAY - DAY)
    tell_morning(clock(6))
    assert told() == [("2026-11-25", "head")]
    Notice.objects.all().delete()
    people.head.memberships.update(ends_on=WEDNESDAY - DAY)
    tell_morning(clock(7))
    assert told() == [("2026-11-25", "safety")]


def test_a_stand_in_is_told_during_the_absence(people, owed):
    owed()
    held = people.team.memberships.get()
    held.delegate(people.employee, starts_on=WEDNESDAY, ends_on=WEDNESDAY, reason="请假")
    tell_morning(clock(6))
    assert {name for _, name in told()} == {"team", "employee"}


@pytest.mark.parametrize("move", ["complete_late", "take_up"])
def test_what_is_done_or_taken_up_asks_nothing_any_more(people, owed, move):
    row = owed(state="missed", back=1)
    tell_duties(clock(0, 5))
    assert Notice.objects.unread().count() == 2
    facts = {"by": people.team} if move == "complete_late" else {"by": people.head, "note": "已督促"}
    getattr(row, move)(on=WEDNESDAY, **facts)
    assert Notice.objects.unread().count() == 0


def test_yesterdays_list_is_settled_by_todays(people, owed):
    owed(back=1)
    tell_morning(clock(6, days=-1))
    owed()
    tell_morning(clock(6))
    assert [row.stage for row in Notice.objects.unread()] == ["2026-11-25"]
