"""Plans by three clicks and by hand, samples by hand, statistics that open to their rows."""

import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from core.models import Event
from duties.models import DutyPlan, Occurrence, Sample
from duties.statistics import completion, rate, silent, totals, without_plans
from enterprises.models import Enterprise
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(db):
    call_command("load_catalogue", verbosity=0)


def setup_url(people):
    return reverse("plan_setup", args=[people.factory.pk])


@pytest.mark.req("R20", "R21", "R22")
def test_a_firm_gets_its_plans_by_sector_size_and_traits(people, sign_in, catalogue):
    people.factory.traits.add(f.HazardTraitFactory())
    client = sign_in(people.safety)
    page = client.get(setup_url(people))
    keys = [one.key for one, _ in page.context["lines"]]
    data = {"plan": keys, "days": "everyday", "starts_on": timezone.localdate().isoformat()}
    assert client.post(setup_url(people), data).url == reverse("plan_list", args=[people.factory.pk])
    assert DutyPlan.objects.get(duty__code="DUST-MONTHLY").responsible == people.safety
    found = [(p.unit.name, p.duty.code, p.checklist_code) for p in DutyPlan.objects.for_list()]
    assert sorted(found) == sorted(
        [
            ("甲班", "TEAM-DAILY", "TPL-DAILY-TEAM"),
            ("乙班", "TEAM-DAILY", "TPL-DAILY-TEAM"),
            ("冲压车间", "DEPT-WEEKLY", "TPL-WEEKLY-DEPT"),
            ("全厂", "PLANT-MONTHLY", "TPL-MONTHLY-GM"),
            ("全厂", "DUST-MONTHLY", "TPL-CAMP-DUST"),
        ]
    )
    assert client.post(setup_url(people), {**data, "plan": []}).status_code == 422
    rows, events = Occurrence.objects.count(), Event.objects.count()
    assert rows > 2 * 14
    assert client.post(setup_url(people), data).status_code == 302
    assert (DutyPlan.objects.count(), Occurrence.objects.count(), Event.objects.count()) == (5, rows, events)
    assert {one.existing is not None for one, _ in client.get(setup_url(people)).context["lines"]} == {True}


def test_a_firm_of_three_without_units_owes_everything_as_the_plant(people, sign_in, catalogue):
    url = reverse("plan_setup", args=[people.neighbour.pk])
    lines = sign_in(people.outsider).get(url).context["lines"]
    assert [(one.unit.kind, one.duty.level) for one, _ in lines] == [("plant", "team"), ("plant", "department"), ("plant", "plant")]
    assert [who.name for _, holders in lines for who in holders] == ["邻厂安全员"] * 3


def test_what_is_wrong_with_a_plan_is_said_beside_its_field(people, sign_in, catalogue):
    client, url = sign_in(people.safety), reverse("plan_new", args=[people.factory.pk])
    weekly = f.DutyFactory(code="DEPT-WEEKLY", edition="2019")
    today = timezone.localdate().isoformat()
    answer = client.post(url, {"unit": people.workshop.pk, "duty": weekly.pk, "days": "everyday", "shift": "22:00", "starts_on": today})
    assert answer.status_code == 422
    assert {"shift", "shift_hours"} == set(answer.context["form"].errors)
    assert 'value="22:00"' in answer.content.decode()
    answer = client.post(url, {"unit": people.neighbour_plant.pk, "duty": weekly.pk, "days": "everyday", "starts_on": "2019-01-01"})
    assert set(answer.context["form"].errors) == {"unit", "starts_on"}
    ok = {"unit": people.team_a.pk, "duty": f.DutyFactory().pk, "days": "everyday", "starts_on": today}
    assert client.post(url, ok).status_code == 409, "no list is known yet: the set-up page first"
    assert not DutyPlan.objects.exists()


def test_a_second_shift_a_new_person_and_an_end_by_hand(people, sign_in, catalogue):
    client, today = sign_in(people.safety), timezone.localdate()
    first = f.DutyPlanFactory(unit=people.team_a, duty=f.DutyFactory(edition="2019"), shift="08:00", shift_hours=12)
    url = reverse("plan_new", args=[people.factory.pk])
    data = {"unit": people.team_a.pk, "duty": first.duty_id, "days": "everyday", "starts_on": today.isoformat()}
    data |= {"shift": "20:00", "shift_hours": "12", "responsible": people.team_b.pk}
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    night = DutyPlan.objects.get(shift="20:00")
    assert (night.responsible, night.checklist_code) == (people.team_b, first.checklist_code)
    assign = reverse("plan_assign", args=[people.factory.pk, night.pk])
    assert client.post(assign, {"responsible": people.outsider.pk}).status_code == 422
    assert client.post(assign, {"responsible": ""}).status_code == 302
    end = reverse("plan_end", args=[people.factory.pk, night.pk])
    yesterday = today - datetime.timedelta(days=1)
    assert client.post(end, {"last_day": yesterday.isoformat()}).status_code == 422
    assert [client.post(end, {"last_day": today.isoformat()}).status_code for _ in range(2)] == [302, 302]
    night.refresh_from_db()
    assert (night.responsible, night.ends_on) == (None, today)
    assert [e.move for e in Event.objects.of(night)] == ["begin", "assign", "end"]
    assert not Occurrence.objects.filter(plan=night, period_start__gt=today).exists()
    assert client.get(reverse("plan_list", args=[people.factory.pk])).status_code == 200


def test_a_stop_registered_on_the_page_takes_the_days_ahead_away_at_once(people, sign_in, catalogue):
    client, today = sign_in(people.safety), timezone.localdate()
    plan = f.DutyPlanFactory(unit=people.team_a)
    from duties.making import Maker

    Maker(plan=plan).keep_right()
    assert Occurrence.objects.filter(plan=plan).count() == 15
    url = reverse("stop_new", args=[people.factory.pk])
    form = {"starts_on": today.isoformat(), "ends_on": (today + datetime.timedelta(days=4)).isoformat(), "reason": "检修"}
    form["client_id"] = client.get(url).context["form"]["client_id"].value()
    assert client.post(url, form).status_code == 302
    assert Occurrence.objects.filter(plan=plan, state="due").count() == 10
    assert Occurrence.objects.get(plan=plan, state="exempt").period_start == today


def test_a_sample_is_answered_by_hand_once_and_says_why_it_is_not_true(people, sign_in):
    weekly = f.DutyFactory(code="W", frequency="week", level="department")
    upper = f.OccurrenceFactory(unit=people.workshop, plan=f.DutyPlanFactory(unit=people.workshop, duty=weekly))
    lower = f.OccurrenceFactory(unit=people.team_a, state="done", done_at=timezone.now(), done_by=people.team)
    sample = Sample.objects.create(upper=upper, lower=lower)
    client, url = sign_in(people.head), reverse("sample_answer", args=[sample.pk])
    assert client.post(url, {"verdict": "false"}).status_code == 302
    assert client.post(url, {"verdict": "x"}).status_code == 302
    assert Sample.objects.unanswered().count() == 1
    back = client.post(url, {"verdict": "false", "note": "照片不对", "next": "/checks/1/review/"})
    assert back.url == "/checks/1/review/#samples"
    assert client.post(url, {"verdict": "true", "next": "//evil.example/"}).url == upper.get_absolute_url()
    assert list(Sample.objects.values_list("verdict", "note", "by__name")) == [("false", "照片不对", "车间主任")]


@pytest.fixture
def counted(people):
    """Every state, in two firms and two villages, today and last month; another town's beside them."""
    today, now = timezone.localdate(), timezone.now()
    missed, late = {"state": "missed", "missed_at": now}, {"state": "late", "missed_at": now, "late_done_at": now}
    done = {"state": "done", "done_at": now, "done_by": people.team}
    days = [today.replace(day=1) - datetime.timedelta(days=n) for n in range(1, 20)]
    for unit, states in (
        (people.team_a, [done, done, done, missed, late, {"state": "exempt"}, {}]),
        (people.team_b_unit, [done, missed]),
        (people.neighbour_plant, [missed, missed]),
        (f.UnitFactory(enterprise=people.abroad), [missed]),
    ):
        for day, facts in zip(days, states, strict=False):
            f.OccurrenceFactory(unit=unit, on=day, **facts)
    return {"start": days[-1].isoformat(), "end": days[0].isoformat()}


def test_counts_are_what_an_independent_sql_says_for_every_grouping(people, counted):
    from django.db import connection

    rows = Occurrence.objects.for_user(people.inspector)
    columns = {"level": "o.level", "village": "e.area_id", "firm": "o.enterprise_id", "unit": "o.unit_id"}
    for by, column in columns.items():
        found = {
            line["key"]: (line["total"], line["done"], line["missed"], line["late"], line["exempt"], line["due"])
            for line in completion(rows, by)
        }
        sql = f"""
            SELECT {column}, COUNT(*), SUM(CASE WHEN o.state = 'done' THEN 1 ELSE 0 END),
                   SUM(CASE WHEN o.state IN ('missed', 'late') THEN 1 ELSE 0 END), SUM(CASE WHEN o.state = 'late' THEN 1 ELSE 0 END),
                   SUM(CASE WHEN o.state = 'exempt' THEN 1 ELSE 0 END), SUM(CASE WHEN o.state = 'due' THEN 1 ELSE 0 END)
            FROM duties_occurrence o JOIN enterprises_enterprise e ON e.id = o.enterprise_id
            WHERE e.area_id LIKE '500110111%%' GROUP BY {column}"""
        with connection.cursor() as cursor:
            cursor.execute(sql)
            assert found == {row[0]: tuple(map(int, row[1:])) for row in cursor.fetchall()}
    assert totals(rows) == {"total": 11, "done": 4, "missed": 5, "late": 1, "exempt": 1, "due": 1}
    assert rate(totals(rows)) == 44
    assert rate({"done": 0, "missed": 0}) is None


@pytest.mark.parametrize("who", ["inspector", "village", "principal"])
@pytest.mark.parametrize("by", ["level", "village", "firm", "unit"])
def test_each_figure_of_the_statistics_opens_to_exactly_its_rows(people, counted, sign_in, who, by):
    client = sign_in(getattr(people, who))
    page = client.get(reverse("statistics"), {**counted, "by": by})
    lines = [page.context["whole"], *page.context["object_list"]]
    assert len(lines) > 1
    for line in lines:
        for name, key in (("done", "done"), ("missed", "missed"), ("late", "late"), ("due", "due"), ("exempt", "exempt")):
            opened = client.get(line["urls"][name]).context["page_obj"].paginator.count
            assert opened == line[key], (line["label"], name)
    for _, value, url in page.context["apart"]:
        assert client.get(url).context["page_obj"].paginator.count == value
    assert client.get(reverse("statistics"), {**counted, "by": by, "export": "xlsx"}).status_code == 200


def test_who_does_not_report_stands_apart(people, counted):
    firms = Enterprise.objects.for_user(people.inspector)
    first, last = datetime.date.fromisoformat(counted["start"]), datetime.date.fromisoformat(counted["end"])
    assert list(silent(firms, first, last)) == [people.neighbour]
    bare = f.EnterpriseFactory(area=people.village_area)
    f.EnterpriseFactory(area=people.village_area, status="closed")
    assert list(without_plans(firms, timezone.localdate())) == [bare]


def test_bad_input_of_the_lists_is_no_error(people, counted, sign_in):
    client = sign_in(people.inspector)
    for name in ("statistics", "silent_list", "occurrence_list"):
        for query in (
            {"start": "x", "by": "'", "area": "0"},
            {"start": "9999-12-31", "end": "0001-01-01"},
            {"enterprise": "abc", "unit": "-1"},
        ):
            assert client.get(reverse(name), query).status_code == 200
