"""The ladder 班组 → 部门 → 厂长 → 镇: what a level missed reaches the next, who may do what, samples of the lower level."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from core import moment
from core.models import MoveRefused
from duties.making import Maker
from duties.models import Occurrence, Sample
from duties.periods import ONE_DAY
from duties.posts import Staff, people_of
from duties.tasks import mark_missed
from hazards.models import Check
from tests import factories as f
from tests.duties.conftest import MONDAY, clock

pytestmark = pytest.mark.django_db
PASS = dict.fromkeys(range(3), {"result": "pass"})


@pytest.fixture
def ladder(begin, people):
    """Plans of every level from MONDAY on, every day produced; their lists exist."""
    f.DeadlineRuleFactory(code="hazard.decide", value=1, unit="W")
    for code, frequency, level in (("D", "day", "team"), ("W", "week", "department"), ("M", "month", "plant")):
        f.ChecklistFactory(code=code, frequency=frequency, level=level, name=code)
    first = MONDAY.replace(day=1)
    plans = {
        "team": begin("team", on=first, days="everyday", checklist_code="D"),
        "department": begin("department", on=first, days="everyday", checklist_code="W"),
        "plant": begin("plant", on=first, days="everyday", checklist_code="M"),
    }
    Maker(clock(first)).make(first, datetime.date(2026, 11, 30))
    return plans


def row(plan, day):
    return Occurrence.objects.get(plan=plan, period_start__lte=day, period_end__gte=day)


def do(occurrence, by, day, hour=10, **more):
    """Open and submit the list of an occurrence at that time; the check."""
    with moment.at(clock(day, hour)):
        check = Check.start(occurrence=occurrence, by=by, on=day)
        check.submit(by=by, on=day, content=PASS, **more)
    return check


def only(rows):
    order = ["team", "department", "plant"]
    return sorted(((r.level, r.period_start) for r in rows), key=lambda found: order.index(found[0]))


@pytest.mark.req("R20", "R21", "R22", "B2")
def test_a_miss_climbs_level_by_level_until_somebody_does_his_list(ladder, people):
    """Team misses Monday; the head misses his week; the plant misses its month: then the town sees it."""
    monday = row(ladder["team"], MONDAY)
    Occurrence.objects.filter(plan=ladder["team"]).exclude(pk=monday.pk).delete()
    Occurrence.objects.filter(plan=ladder["department"]).exclude(period_start=MONDAY).delete()
    seen = lambda: {name: only(Occurrence.objects.climbed_to(getattr(people, name))) for name in ("team", "head", "principal", "inspector")}  # noqa: E731
    nothing = {"team": [], "head": [], "principal": [], "inspector": []}
    assert seen() == nothing
    mark_missed(clock(MONDAY + ONE_DAY, 0, 1))
    assert seen() == {**nothing, "head": [("team", MONDAY)]}
    mark_missed(clock(MONDAY + 7 * ONE_DAY, 0, 1))
    assert seen() == {**nothing, "head": [("team", MONDAY)], "principal": [("team", MONDAY), ("department", MONDAY)]}
    mark_missed(clock(datetime.date(2026, 12, 1), 0, 1))
    town = seen()["inspector"]
    assert town == [("team", MONDAY), ("department", MONDAY), ("plant", MONDAY.replace(day=1))]
    assert seen()["principal"] == [("team", MONDAY), ("department", MONDAY)], "his own month is not a miss of the level below"
    assert only(Occurrence.objects.climbed_to(people.outsider)) == only(Occurrence.objects.climbed_to(people.foreign)) == []


@pytest.mark.req("R21", "B2")
def test_the_heads_weekly_list_takes_up_what_his_teams_missed(ladder, people):
    mark_missed(clock(MONDAY + 2 * ONE_DAY, 0, 1))
    check = do(row(ladder["department"], MONDAY), people.head, MONDAY + 3 * ONE_DAY)
    missed = Occurrence.objects.missed().filter(plan=ladder["team"])
    assert missed.filter(taken_up_at=None).count() == 0
    assert missed.filter(state="missed", late_done_at=None).count() == missed.count(), "the miss itself stays"
    event = missed.order_by("-pk")[0].story.last()
    assert (event.move, event.note) == ("take_up", f"列入{check.occurrence}")
    assert not Occurrence.objects.climbed_to(people.head).exists()


@pytest.mark.req("R20")
def test_late_done_stands_beside_the_miss(ladder, people):
    monday = row(ladder["team"], MONDAY)
    mark_missed(clock(MONDAY + ONE_DAY, 0, 1))
    monday.refresh_from_db()
    missed_at = monday.missed_at
    do(monday, people.team, MONDAY + 2 * ONE_DAY)
    monday = Occurrence.objects.get(pk=monday.pk)
    assert (monday.state, monday.missed_at, monday.late_done_at) == ("late", missed_at, clock(MONDAY + 2 * ONE_DAY, 10))
    assert [e.move for e in monday.story] == ["miss", "complete_late"]
    assert monday.record_url == reverse("check_detail", args=[monday.check_row.pk])


def test_a_list_sent_after_the_window_is_late_even_before_the_tick_came(ladder, people):
    monday = row(ladder["team"], MONDAY)
    with moment.at(clock(MONDAY, 23, 50)):
        check = Check.start(occurrence=monday, by=people.team, on=MONDAY)
    with moment.at(clock(MONDAY + ONE_DAY, 0, 5)):
        check.submit(by=people.team, on=MONDAY + ONE_DAY, content=PASS)
    monday = Occurrence.objects.get(pk=monday.pk)
    assert (monday.state, [(e.move, e.by.is_system, e.on) for e in monday.story]) == (
        "late",
        [("miss", True, MONDAY), ("complete_late", False, MONDAY + ONE_DAY)],
    )


@pytest.mark.req("R13", "R22")
def test_the_monthly_list_is_led_by_the_principal_with_its_people(ladder, people):
    month = row(ladder["plant"], MONDAY)
    with moment.at(clock(MONDAY)):
        check = Check.start(occurrence=month, by=people.safety, on=MONDAY)
        check.save_answers(PASS, by=people.safety)
        with pytest.raises(MoveRefused, match="主要负责人带队"):
            check.submit(by=people.safety, on=MONDAY, participants=[people.safety])
        check.hand_over(by=people.safety, on=MONDAY, to=people.principal)
        with pytest.raises(MoveRefused, match="签到"):
            check.submit(by=people.principal, on=MONDAY)
        check.submit(by=people.principal, on=MONDAY, participants=[people.principal, people.head])
    month.refresh_from_db()
    assert (month.state, month.done_by) == ("done", people.principal)
    assert {p.name for p in check.participants.all()} == {"厂长", "车间主任"}


@pytest.mark.parametrize(
    ("level", "who", "refused"),
    [
        ("team", "safety", ""),
        ("team", "principal", ""),
        ("team", "inspector", ""),
        ("team", "head", PermissionDenied),
        ("team", "team", PermissionDenied),
        ("team", "leader", PermissionDenied),
        ("own", "safety", "自己负责"),
        ("plant", "principal", "镇执法人员"),
        ("plant", "safety", "镇执法人员"),
        ("plant", "inspector", ""),
    ],
)
def test_exempt_is_approved_by_another_before_the_window_ends(ladder, people, level, who, refused):
    occurrence, by = row(ladder["team" if level == "own" else level], MONDAY), getattr(people, who)
    if level == "own":
        Occurrence.objects.filter(pk=occurrence.pk).update(responsible=by)
        occurrence.refresh_from_db()
    with moment.at(clock(MONDAY)):
        if refused:
            with pytest.raises(
                PermissionDenied if refused is PermissionDenied else MoveRefused, match=None if refused is PermissionDenied else refused
            ):
                occurrence.exempt(by=by, on=MONDAY, note="设备检修")
            return
        occurrence.exempt(by=by, on=MONDAY, note="设备检修")
    event = occurrence.story.get()
    assert (occurrence.state, event.by, event.note) == ("exempt", by, "设备检修")
    mark_missed(clock(MONDAY + 40 * ONE_DAY))
    occurrence.refresh_from_db()
    assert occurrence.state == "exempt"


def test_exempt_after_the_window_is_refused_also_before_the_tick(ladder, people):
    with moment.at(clock(MONDAY + ONE_DAY, 0, 1)), pytest.raises(MoveRefused, match="已经结束"):
        row(ladder["team"], MONDAY).exempt(by=people.safety, on=MONDAY, note="忘了")


@pytest.mark.parametrize(
    ("who", "refused"),
    [("head", ""), ("safety", ""), ("inspector", ""), ("team", PermissionDenied), ("employee", PermissionDenied)],
)
def test_dealing_with_a_miss_is_the_next_levels_once(ladder, people, who, refused):
    mark_missed(clock(MONDAY + ONE_DAY, 0, 1))
    occurrence, by = row(ladder["team"], MONDAY), getattr(people, who)
    if refused:
        with pytest.raises(refused):
            occurrence.take_up(by=by, on=MONDAY, note="已谈话")
        return
    occurrence.take_up(by=by, on=MONDAY + ONE_DAY, note="已谈话")
    assert (occurrence.state, occurrence.is_climbing) == ("missed", False)
    with pytest.raises(MoveRefused, match="已经处理过"):
        occurrence.take_up(by=people.safety, on=MONDAY + ONE_DAY, note="再谈")


@pytest.mark.req("R13", "B2")
@pytest.mark.parametrize("who", ["principal", "safety"])
def test_a_missed_month_of_the_plant_is_the_towns_to_deal_with(ladder, people, who):
    mark_missed(clock(datetime.date(2026, 12, 1), 0, 1))
    month, day = row(ladder["plant"], MONDAY), datetime.date(2026, 12, 1)
    with pytest.raises(MoveRefused, match="由镇里处理"):
        month.take_up(by=getattr(people, who), on=day, note="已知道")
    month.take_up(by=people.inspector, on=day, note="已约谈")
    assert not month.is_climbing


def test_the_plants_list_is_the_safety_managers_while_nobody_is_principal(ladder, people):
    month = Occurrence.objects.filter(plan=ladder["plant"])
    owed = lambda user: month.owed_to(user).exists()  # noqa: E731
    assert (owed(people.principal), owed(people.safety)) == (True, False)
    type(people.principal).objects.filter(pk=people.principal.pk).update(is_active=False)
    assert owed(people.safety)
    assert people_of(month.select_related("unit", "responsible"), MONDAY)[month.get().pk] == [people.safety]


def test_a_list_begun_before_its_period_was_made_exempt_is_taken_in_and_the_period_stays_exempt(ladder, people):
    monday = row(ladder["team"], MONDAY)
    with moment.at(clock(MONDAY)):
        check = Check.start(occurrence=monday, by=people.team, on=MONDAY)
        monday.exempt(by=people.safety, on=MONDAY, note="停电")
        check = Check.objects.get(pk=check.pk)
        check.submit(by=people.team, on=MONDAY, content=PASS)
    monday.refresh_from_db()
    assert (check.state, monday.state, [e.move for e in monday.story]) == ("submitted", "exempt", ["exempt"])


def test_three_misses_in_a_row_are_a_streak_and_a_done_or_late_one_breaks_it_rightly(ladder, people):
    """Exempt periods neither count nor break; a miss done late was still a miss."""
    plan = ladder["team"]
    days = [MONDAY + n * ONE_DAY for n in range(6)]
    with moment.at(clock(days[1])):
        row(plan, days[1]).exempt(by=people.safety, on=days[1], note="检修")
    do(row(plan, days[5]), people.team, days[5])
    Occurrence.objects.filter(plan=plan, period_start__lt=MONDAY).delete()
    mark_missed(clock(days[5], 23))
    found = Occurrence.objects.streaks(3).filter(plan=plan).order_by("period_start")
    assert [r.period_start for r in found] == [days[3], days[4]]
    exactly = lambda n: list(Occurrence.objects.streaks(n, exactly=True).filter(plan=plan).values_list("period_start", flat=True))  # noqa: E731
    assert (exactly(2), exactly(3), exactly(4), exactly(5)) == ([days[2]], [days[3]], [days[4]], [])


@pytest.mark.req("R21", "R22")
def test_samples_of_the_lower_level_are_drawn_by_lot_and_must_be_answered(ladder, people):
    for n in range(4):
        do(row(ladder["team"], MONDAY + n * ONE_DAY), people.team, MONDAY + n * ONE_DAY)
    do(row(ladder["team"], MONDAY + 4 * ONE_DAY), people.head, MONDAY + 4 * ONE_DAY)
    week, friday = row(ladder["department"], MONDAY), MONDAY + 4 * ONE_DAY
    with pytest.raises(MoveRefused, match="还有 2 次"):  # also when nobody opened the page that draws them
        do(week, people.head, friday, hour=15)
    drawn = Sample.draw(week, by=people.head)
    assert [s.pk for s in Sample.draw(week, by=people.head)] == [s.pk for s in drawn]
    assert len(drawn) == 2
    assert {s.lower.done_by for s in drawn} == {people.team}, "nobody looks at his own work"
    with pytest.raises(MoveRefused, match="还有 2 次下级检查等您抽查"):
        do(week, people.head, friday, hour=16)
    drawn[0].answer(by=people.head, on=friday, verdict="true")
    drawn[0].answer(by=people.head, on=friday, verdict="false", note="再来")
    drawn[1].answer(by=people.head, on=friday, verdict="false", note="照片是上周的")
    do(week, people.head, friday, hour=17)
    assert Occurrence.objects.get(pk=week.pk).state == "done"
    assert list(Sample.objects.order_by("pk").values_list("verdict", flat=True)) == ["true", "false"]
    last = drawn[1].lower.story.last()
    assert (last.move, last.note, last.data["lines"]) == ("review", "照片是上周的", ["抽查:不符"])


def test_people_are_the_named_one_while_he_is_there_then_the_post(ladder, people):
    monday = row(ladder["team"], MONDAY)
    assert monday.people(MONDAY) == [people.team]
    monday.responsible = people.team_b
    assert monday.people(MONDAY) == [people.team_b]
    people.team_b.memberships.get().end(MONDAY)
    assert monday.people(MONDAY) == [people.team]
    held = people.team.memberships.get()
    held.delegate(people.employee, starts_on=MONDAY, ends_on=MONDAY + ONE_DAY, reason="请假")
    assert people_of([monday], MONDAY)[monday.pk] == [people.team, people.employee]
    staff = Staff([people.factory.pk], MONDAY)
    assert [u.name for u in staff.above(monday)] == ["车间主任"]
    assert [u.name for u in staff.above(row(ladder["department"], MONDAY))] == ["安全员"]
    assert [u.name for u in staff.of(row(ladder["plant"], MONDAY))] == ["厂长"]
    assert staff.above(row(ladder["plant"], MONDAY)) == [], "over the plant's own list stands the town"


def test_the_month_tells_the_story_to_the_people_who_may_see_it(ladder, people, sign_in):
    mark_missed(clock(MONDAY + ONE_DAY, 0, 1))
    monday = row(ladder["team"], MONDAY)
    page = sign_in(people.team).get(reverse("calendar"), {"month": "2026-11"}).content.decode()
    assert monday.get_absolute_url() in page
    assert f"{MONDAY:%Y-%m}" != "2026-12"
    firm = sign_in(people.inspector).get(reverse("enterprise_calendar", args=[people.factory.pk]), {"month": "2026-11"}).content.decode()
    assert monday.get_absolute_url() in firm
    detail = sign_in(people.head).get(monday.get_absolute_url())
    assert [s["text"] for s in detail.context["steps"]] == ["漏做", "报到这里", "月", ""]
    assert [offer.name for offer in detail.context["offers"]] == ["take_up"]
    for url in (reverse("calendar") + "?month=9999-99", reverse("calendar") + "?month=x&person=abc"):
        assert sign_in(people.principal).get(url).status_code == 200


def test_the_sheet_refuses_with_a_sentence_and_keeps_the_answers(ladder, people, sign_in, monkeypatch):
    """The review page: people of the plant's list are asked for, nothing typed is lost."""
    today = timezone.localdate()
    duty = ladder["plant"].duty
    plan = f.DutyPlanFactory(unit=people.neighbour_plant, duty=duty, checklist_code="M")
    occurrence = f.OccurrenceFactory(unit=people.neighbour_plant, plan=plan)
    boss = f.UserFactory(name="邻厂厂长")
    f.MembershipFactory(user=boss, role="principal", enterprise=people.neighbour)
    check = Check.start(occurrence=occurrence, by=boss, on=today)
    data = {f"a-{n}": "pass" for n in range(3)} | {f"s-{n}": "0" for n in range(3)}
    data |= {"client_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}
    url = reverse("check_review", args=[check.pk])
    answer = sign_in(boss).post(url, data)
    assert (answer.status_code, check.answers.count(), Check.objects.get(pk=check.pk).state) == (422, 3, "open")
    assert "签到" in answer.content.decode()
    done = sign_in(boss).post(url, {**data, "participant": [str(boss.pk), "999999", "x"], **{f"s-{n}": "1" for n in range(3)}})
    assert (done.status_code, Check.objects.get(pk=check.pk).state) == (302, "submitted")
    assert list(check.participants.all()) == [boss]
