"""Leadership's figures: each is exactly the rows it opens to, for everybody who may see them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inspections import overview
from inspections.models import DistrictListEntry, Inspection, Order, PlanItem
from inspections.models.plan_items import ItemFacts
from tests import factories as f
from tests.inspections import course, drawn, plan_course
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(people):
    """Something in every figure, some of it of the year before."""
    course.law()
    course.recorded(people, p0={"is_violation": True}, p1={})
    late = course.planned(people, people.neighbour)
    type(late)._base_manager.filter(pk=late.pk).update(planned_on=later(-2))
    order = course.served(people, course.issued(people, course.drafted(people, Inspection.objects.get(state="recorded"))))
    Order.objects.filter(pk=order.pk).update(issued_on=later(-20), due_on=later(-1), first_due_on=later(-1))
    plan_course.filed(people)
    drawn.firms(people, 6)
    drawn.published(people)


def count_of(client, url):
    """How many rows a list says it has."""
    text = client.get(url).content.decode()
    found = re.search(r"共 (\d+)", text)
    return int(found[1]) if found else 0


@pytest.mark.req("R50")
@pytest.mark.parametrize("who", ["leader", "inspector", "reviewer", "admin", "department"])
def test_each_figure_opens_to_exactly_its_rows(people, sign_in, year, who):
    user = getattr(people, who)
    client = sign_in(user)
    assert client.get(reverse("inspection_overview")).status_code == 200
    for name, figures in overview.groups(user, TODAY.year, TODAY):
        for figure in figures:
            assert count_of(client, figure.url) == figure.value, (name, figure.label)


@pytest.mark.req("R48")
def test_the_page_shows_the_plan_beside_the_year_and_red_only_for_a_breach(people, sign_in, year):
    text = sign_in(people.leader).get(reverse("inspection_overview")).content.decode()
    assert "镇应急办" in text and "年已过" in text
    values = {figure.label: figure.value for _, figures in overview.groups(people.leader, TODAY.year, TODAY) for figure in figures}
    assert {name: values[name] for name in ("已检查", "涉嫌违法行为", "逾期没有去", "已抽取", "整改逾期", "复查逾期")} == {
        "已检查": 2,
        "涉嫌违法行为": 1,
        "逾期没有去": 1,
        "已抽取": 1,
        "整改逾期": 1,
        "复查逾期": 0,
    }
    assert len(re.findall("figure-tile tone-text-red", text)) == 2


def test_what_stands_today_is_not_shown_as_of_a_year_that_is_over(people):
    shown = {figure.label: figure for _, figures in overview.groups(people.leader, TODAY.year - 1, TODAY) for figure in figures}
    for label in ("逾期没有去", "公布逾期", "没有办完", "整改逾期", "复查逾期"):
        assert "现在的数" in shown[label].why


def test_the_year_before_is_compared_by_the_same_days(people):
    now = overview.Year(people.leader, TODAY.year, TODAY)
    assert (now.before.first, now.before.last) == (TODAY.replace(year=TODAY.year - 1, month=1, day=1), TODAY.replace(year=TODAY.year - 1))
    leap = overview.Year(people.leader, 2024, TODAY.replace(year=2024, month=2, day=29))
    assert (leap.before.last.month, leap.before.last.day) == (2, 28)
    assert overview.Year(people.leader, 2020, TODAY).last.isoformat() == "2020-12-31"


@pytest.mark.parametrize("asked", ["abc", "0000", "9999", "１９９９", "2014", ""])
def test_odd_years_are_this_one(people, sign_in, asked):
    assert f"{TODAY.year} 年执法情况" in sign_in(people.leader).get(reverse("inspection_overview"), {"year": asked}).content.decode()


def test_as_many_queries_for_many_rows_as_for_few(people, sign_in, year):
    client = sign_in(people.leader)
    client.get(reverse("inspection_overview"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse("inspection_overview"))
    drawn.issued(people)
    plan_course.filed(people, by=people.department)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("inspection_overview"))
    assert len(many) <= len(few)


def visits_of(client, url):
    """How many visits the items of a page come to."""
    found = re.search(r"合计 (\d+) 次", client.get(url).content.decode())
    return int(found[1]) if found else 0


@pytest.mark.req("R48")
@pytest.mark.parametrize("who", ["leader", "department"])
def test_each_figure_of_a_plan_opens_to_exactly_its_visits(people, sign_in, who):
    course.law()
    plan = plan_course.drafted(people, people.factory, people.neighbour, f.EnterpriseFactory(area=people.village_area))
    plan.add_items([ItemFacts(None, "random", 1, 12, "一般企业", 7)], by=people.inspector, on=TODAY)
    DistrictListEntry.take_in([people.neighbour, people.factory], year=TODAY.year, source="区局", by=people.inspector, on=TODAY)
    plan_course.filed(people, plan)
    PlanItem.objects.filter(segment="random").update(state="done")
    PlanItem.objects.filter(enterprise=people.factory).update(state="cancelled", cancel_reason="停产")
    client = sign_in(getattr(people, who))
    items = reverse("year_plan_items", args=[plan.pk])
    text = client.get(reverse("inspection_overview")).content.decode()
    shown = re.findall(rf'<a[^>]*href="({items}[^"]*)">(?:过期未安排 )?(\d+)', text)
    assert len(shown) >= 2
    text = client.get(plan.get_absolute_url()).content.decode()
    tiles = re.findall(rf'<a class="figure-tile[^"]*" href="({items}[^"]*)"><span class="figure-value">(\d+)', text)
    lines = re.findall(rf'<a href="({items}[^"]*)">[^<]*</a></td><td class="num" data-label="计划次数">(\d+)', text)
    assert (len(tiles) >= 2, len(lines)) == (True, 2)
    for url, number in [*shown, *tiles, *lines]:
        assert visits_of(client, url.replace("&amp;", "&")) == int(number), url
