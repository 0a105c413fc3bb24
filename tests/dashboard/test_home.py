"""Homes: every figure is an independent count and opens to exactly its rows."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from enterprises.models import Enterprise
from hazards.models import Hazard
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(people):
    today = timezone.localdate()
    late, soon = today - datetime.timedelta(days=1), today + datetime.timedelta(days=1)
    given = {"rectifier": people.head}
    for firm in (people.factory, people.neighbour, people.abroad):
        f.HazardFactory(enterprise=firm)
        f.HazardFactory(enterprise=firm, state="assigned", due_on=late, **given)
        f.HazardFactory(enterprise=firm, state="rectifying", due_on=soon, level="major", major_on=today, **given)
        f.HazardFactory(enterprise=firm, state="pending_acceptance", due_on=late, **given)
        f.HazardFactory(enterprise=firm, state="closed", due_on=late, closed_on=today, closed_by=people.safety, **given)
    f.EnterpriseFactory(area=people.village_area, status="closed")
    f.OccurrenceFactory(unit=people.team_a)
    duty = f.DutyFactory(code="PLANT-MONTHLY", frequency="month", level="plant")
    f.OccurrenceFactory(
        unit=people.plant,
        plan=f.DutyPlanFactory(unit=people.plant, duty=duty),
        on=today.replace(day=1) - datetime.timedelta(days=1),
        state="missed",
        missed_at=timezone.now(),
    )
    f.KeyPersonFactory(enterprise=people.factory, confirmed_on=today, confirmed_by=people.inspector)


def figures(client, user):
    client.force_login(user)
    return {label: (value, url) for label, value, url, _ in client.get(reverse("home")).context["figures"]}


@pytest.mark.req("R6", "R59")
@pytest.mark.parametrize("who", ["inspector", "leader", "village", "department", "principal"])
def test_each_figure_opens_to_exactly_its_rows(people, rows, client, who):
    found = figures(client, getattr(people, who))
    for label, (value, url) in found.items():
        assert client.get(url).context["page_obj"].paginator.count == value, label


def test_figures_are_what_an_independent_count_says(people, rows, client):
    found = {label: value for label, (value, _) in figures(client, people.inspector).items()}
    assert found == {
        "逾期隐患": 2,
        "未销案隐患": 8,
        "重大隐患未销案": 2,
        "待受理": 2,
        "待验收": 2,
        "在营企业": 2,
        "今天日检查已做": 0,
        "今天日检查未做": 1,
        "漏做报到镇里": 1,
        "没有设置任务计划": 1,
        "档案不完整(主要负责人未确认)": 1,
        "没有牵头部门": 1,
    }
    assert Hazard.objects.count() == 15
    assert Enterprise.objects.count() == 4


def test_villages_agree_with_the_lists(people, rows, client):
    client.force_login(people.inspector)
    found = {a.name: (a.firms, a.open_hazards, a.overdue_hazards) for a in client.get(reverse("home")).context["villages"]}
    assert found == {"刘罗坪村": (2, 4, 1), "高石坎村": (1, 4, 1)}
    assert client.get(reverse("enterprise_list"), {"area": people.village_area.code}).context["page_obj"].paginator.count == 2


def test_somebody_without_a_role_is_told_so(people, client):
    people.employee.memberships.update(ends_on="2020-01-01")
    client.force_login(people.employee)
    assert "您目前没有岗位" in client.get(reverse("home")).content.decode()
