"""What a hostile user found: plans that said saved and were not, figures of another period, people who could not do what they were given."""

import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from core import moment
from core.models import Event, MoveRefused
from duties.models import Duty, DutyPlan
from duties.periods import window
from duties.statistics import without_plans
from enterprises.models import Enterprise, StopPeriod
from hazards.models import Check
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def begin(people, **facts):
    today = timezone.localdate()
    known = DutyPlan.objects.get()
    facts = {"unit": people.team_a, "duty": known.duty, "days": known.days, "starts_on": today, "checklist_code": "TPL-DAILY-TEAM", **facts}
    return DutyPlan.begin(by=people.safety, on=today, **facts)


@pytest.fixture
def plan(people):
    return f.DutyPlanFactory(unit=people.team_a, checklist_code="TPL-DAILY-TEAM")


def test_a_plan_that_ends_today_is_not_the_new_one_of_today(people, plan):
    today = timezone.localdate()
    assert begin(people) == plan, "the same again is the same plan"
    plan.end(by=people.safety, on=today, last_day=today)
    with pytest.raises(MoveRefused, match="最早从第二天开始"):
        begin(people)
    new = begin(people, starts_on=today + DAY)
    assert (new.pk != plan.pk, new.ends_on) == (True, None)


def test_a_plan_that_begins_later_is_not_the_one_of_today(people, plan):
    DutyPlan.objects.update(starts_on=timezone.localdate() + 9 * DAY)
    with pytest.raises(MoveRefused, match="请先结束它"):
        begin(people)


def test_a_plan_that_is_over_offers_nothing_and_changes_no_more(people, sign_in, plan):
    today = timezone.localdate()
    DutyPlan.objects.update(starts_on=today - 9 * DAY, ends_on=today - DAY)
    client = sign_in(people.safety)
    page = client.get(reverse("plan_list", args=[people.factory.pk]), {"show": "ended"}).content.decode()
    end, assign = (reverse(name, args=[people.factory.pk, plan.pk]) for name in ("plan_end", "plan_assign"))
    assert "已结束" in page
    assert end not in page
    assert assign not in page
    assert client.post(end, {"last_day": today.isoformat()}).status_code == 409
    assert client.post(assign, {"responsible": people.team_b.pk}).status_code == 409
    assert not Event.objects.of(plan).exists()


@pytest.mark.req("R20", "R21")
def test_nobody_is_given_a_duty_that_his_role_may_not_do(people, sign_in, plan):
    weekly = f.DutyPlanFactory(unit=people.workshop, duty=f.DutyFactory(code="W", frequency="week", level="department"))
    today, client = timezone.localdate(), sign_in(people.safety)
    url = reverse("plan_assign", args=[people.factory.pk, weekly.pk])
    offered = [str(person) for person in client.get(url).context["form"].fields["responsible"].queryset]
    assert str(people.head) in offered
    assert not {str(people.team), str(people.employee)} & set(offered)
    with pytest.raises(MoveRefused, match="不能填写每周的检查"):
        weekly.assign(by=people.safety, on=today, responsible=people.team)
    with pytest.raises(MoveRefused, match="不能填写每日的检查"):
        plan.assign(by=people.safety, on=today, responsible=people.employee)
    with pytest.raises(MoveRefused, match="不是本企业在岗人员"):
        plan.assign(by=people.safety, on=today, responsible=people.outsider)
    plan.assign(by=people.safety, on=today, responsible=people.team_b)


def test_two_who_change_the_person_at_once_the_second_is_told(people, sign_in, plan):
    client, url = sign_in(people.safety), reverse("plan_assign", args=[people.factory.pk, plan.pk])
    seen = client.get(url).context["form"]["seen"].value() or ""
    plan.assign(by=people.principal, on=timezone.localdate(), responsible=people.team_b)
    answer = client.post(url, {"responsible": people.head.pk, "seen": seen})
    assert (answer.status_code, "已被改为乙班长" in answer.content.decode()) == (422, True)
    again = answer.context["form"]["seen"].value()
    assert client.post(url, {"responsible": people.head.pk, "seen": again}).status_code == 302
    plan.refresh_from_db()
    assert plan.responsible == people.head


@pytest.mark.parametrize("query", ["", "start=&end=", "start=abc&end=2026-02-30", "by=zzz&area=zzz&level=zzz"])
def test_statistics_count_the_period_they_name(people, sign_in, query):
    today = timezone.localdate()
    f.OccurrenceFactory(unit=people.team_a, period_start=today)
    f.OccurrenceFactory(unit=people.team_a, period_start=today - 70 * DAY, state="missed", missed_at=timezone.now())
    for name in ("statistics", "silent_list"):
        page = sign_in(people.inspector).get(f"{reverse(name)}?{query}")
        assert page.status_code == 200
    page = sign_in(people.inspector).get(f"{reverse('statistics')}?{query}")
    assert (page.context["first"], page.context["last"]) == (today.replace(day=1), today)
    assert (page.context["whole"]["total"], page.context["whole"]["missed"]) == (1, 0)
    page = sign_in(people.inspector).get(f"{reverse('statistics')}?by=zzz&start={today - 80 * DAY}")
    assert (page.context["first"], page.context["whole"]["total"]) == (today - 80 * DAY, 2)


def test_silence_of_one_firm_opens_to_that_firm(people, sign_in):
    today = timezone.localdate()
    for unit in (people.team_a, people.neighbour_plant):
        f.OccurrenceFactory(unit=unit, period_start=today, state="missed", missed_at=timezone.now())
    client = sign_in(people.inspector)
    page = client.get(reverse("statistics"), {"enterprise": people.neighbour.pk})
    _, count, url = page.context["apart"][0]
    assert (count, [firm.name for firm in client.get(url).context["object_list"]]) == (1, [people.neighbour.name])


def test_a_persons_busy_day_lists_just_his_own(people, sign_in):
    plans = [f.DutyPlanFactory(unit=people.team_a, shift=f"0{n}:00", shift_hours=1, responsible=people.team) for n in range(5)]
    for plan in plans:
        f.OccurrenceFactory(unit=people.team_a, plan=plan, shift=plan.shift, responsible=people.team)
    days = sign_in(people.team).get(reverse("calendar")).context["month"].days
    assert [(len(day.rows), day.counts) for day in days] == [(5, [])]


def test_the_town_has_no_button_to_a_calendar_it_may_not_open(people, sign_in):
    assert reverse("calendar") not in sign_in(people.inspector).get(reverse("check_list")).content.decode()
    assert reverse("calendar") in sign_in(people.team).get(reverse("check_list")).content.decode()


def test_a_day_ends_at_24_of_that_day(people, sign_in):
    row = f.OccurrenceFactory(unit=people.team_a)
    label = f"{row.period_start:%m-%d} 24:00"
    client = sign_in(people.team)
    for url in (reverse("occurrence_list"), row.get_absolute_url()):
        assert label in client.get(url).content.decode()


def test_what_has_not_begun_says_when_it_begins(people, sign_in):
    later = timezone.localdate() + 3 * DAY
    opens, closes = window(later, later)
    f.OccurrenceFactory(unit=people.team_a, period_start=later, period_end=later, opens_at=opens, closes_at=closes)
    page = sign_in(people.team).get(reverse("occurrence_list")).content.decode()
    assert f"{later:%m-%d} 00:00 开始" in page
    assert "截止" not in page


def test_a_plan_of_a_dissolved_unit_sets_nobody_up(people, sign_in, plan):
    firms = Enterprise.objects.filter(pk=people.factory.pk)
    today = timezone.localdate()
    assert not without_plans(firms, today)
    people.team_a.closed_on = today
    people.team_a.save()
    assert list(without_plans(firms, today)) == [people.factory]
    assert "已撤销" in sign_in(people.safety).get(reverse("plan_list", args=[people.factory.pk])).content.decode()


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "9999-12-31"), ("0226-11-25", ""), ("2026-11-25", "2126-11-30")])
def test_a_mistyped_year_does_not_stop_a_firm_for_good(people, sign_in, plan, first, last):
    client, url = sign_in(people.safety), reverse("stop_new", args=[people.factory.pk])
    known = client.get(url).context["form"]["client_id"].value()
    answer = client.post(url, {"client_id": known, "starts_on": first, "ends_on": last, "reason": "检修"})
    assert (answer.status_code, StopPeriod.objects.count()) == (422, 0)
    assert "年份不对" in answer.content.decode()


def test_a_plan_that_ends_today_is_offered_again_for_tomorrow(people, sign_in, plan):
    call_command("load_catalogue", verbosity=0)
    today, client = timezone.localdate(), sign_in(people.safety)
    DutyPlan.objects.update(duty=Duty.objects.get(code="TEAM-DAILY", edition="2019"))
    url = reverse("plan_setup", args=[people.factory.pk])
    there = {one.key: one.existing for one, _ in client.get(url).context["lines"]}
    key = f"{people.team_a.pk}-TEAM-DAILY"
    assert there[key] == plan
    plan.end(by=people.safety, on=today, last_day=today)
    assert {one.key: one.existing for one, _ in client.get(url).context["lines"]}[key] is None
    data = {"plan": [key], "days": "workdays", "starts_on": today.isoformat()}
    answer = client.post(url, data)
    assert (answer.status_code, "最早从第二天开始" in answer.content.decode()) == (409, True)
    assert client.post(url, {**data, "starts_on": (today + DAY).isoformat()}).status_code == 302
    assert DutyPlan.objects.filter(unit=people.team_a, ends_on=None, starts_on=today + DAY).count() == 1


def test_a_day_without_checks_says_so(people, sign_in):
    assert "今天没有要做的检查" in sign_in(people.team).get(reverse("home")).content.decode()
    assert "今天没有要做的检查" not in sign_in(people.employee).get(reverse("home")).content.decode()


def test_who_lost_his_role_sees_pages_without_rows(people, sign_in):
    row = f.OccurrenceFactory(unit=people.team_a)
    client = sign_in(people.team)
    people.team.memberships.update(ends_on=timezone.localdate() - DAY)
    for name in ("occurrence_list", "calendar", "statistics", "notice_list", "notice_settings", "delivery_list"):
        assert client.get(reverse(name), follow=True).status_code in (200, 403), name
    assert client.get(row.get_absolute_url()).status_code in (302, 403, 404)
    with moment.at(timezone.now()):
        assert client.post(reverse("check_open"), {"occurrence": row.pk}).status_code in (302, 403, 404)
    assert not Check.objects.exists()
