"""A missed daily check reaches the unit head, then the principal, then the inspector's home, with its notices; set-up in three clicks."""

import datetime

import pytest
from django.utils import timezone

from core import moment
from duties.models import DutyPlan, Occurrence
from duties.periods import ONE_DAY, midnight
from duties.tasks import mark_missed
from hazards.setup import proposals, set_up
from notices.models import Notice
from notices.tasks import tell_duties
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious

pytestmark = pytest.mark.django_db(transaction=True)


def last_month():
    """The first day of the month before this one."""
    return (timezone.localdate().replace(day=1) - ONE_DAY).replace(day=1)


def missed_at_its_end(occurrence):
    """The clock passes the end of its window: the scheduled tasks run, at that time."""
    now = occurrence.closes_at + datetime.timedelta(minutes=2)
    with moment.at(now):
        assert mark_missed(now) == 1
        tell_duties(now)
    return now


def look(page, path, *, words):
    """Open a page, see the words, and nothing wrong with it."""
    page.goto(path)
    for text in words:
        page.get_by_text(text).locator("visible=true").first.wait_for()
    assert serious(page) == []
    assert overflow(page) == 0
    return page


@pytest.mark.req("B2", "R20", "R21", "R22")
def test_a_missed_daily_check_climbs_to_the_inspectors_home(people, catalogue, visit):
    first = last_month()
    monday = first + (7 - first.weekday()) % 7 * ONE_DAY
    with moment.at(midnight(first)):
        set_up(proposals(people.factory, first), by=people.safety, on=first, starts_on=first, days="everyday")
    rows = Occurrence.objects.filter(enterprise=people.factory)
    daily = rows.get(unit=people.team_a, period_start=monday)
    weekly = rows.get(unit=people.workshop, period_start=monday)
    monthly = rows.get(unit=people.plant, period_start=first)
    rows.exclude(pk__in=[daily.pk, weekly.pk, monthly.pk]).delete()

    missed_at_its_end(daily)
    look(visit(people.team, PHONE), "/", words=["漏做的,可以补做"])
    head = look(visit(people.head, PHONE), "/", words=["下级漏做的,报到您这里", "甲班 · 班组日排查"])
    look(head, "/account/notices/", words=["下级漏做待您处理:重庆石角机械厂 甲班 班组日排查"])
    principal = look(visit(people.principal, PHONE), "/", words=["今天"])
    assert principal.get_by_text("下级漏做的").count() == 0

    missed_at_its_end(weekly)
    look(principal, "/", words=["下级漏做的,报到您这里", "甲班 · 班组日排查", "冲压车间 · 部门周排查"])
    look(principal, "/account/notices/", words=["下级漏做待您处理:重庆石角机械厂 冲压车间 部门周排查"])
    assert "它下面还有 1 次漏做一并报上来" in Notice.objects.get(recipient=people.principal, kind="duty.escalated").body

    inspector = look(visit(people.inspector, DESKTOP), "/", words=["今天"])
    assert inspector.get_by_text("漏做报到镇里(").count() == 0
    missed_at_its_end(monthly)
    look(inspector, "/", words=["漏做报到镇里(3)", "全厂 · 厂长(经理)月排查", "甲班 · 班组日排查"])
    look(inspector, "/account/notices/", words=["下级漏做待您处理:重庆石角机械厂 全厂"])

    inspector.goto("/")
    inspector.get_by_role("link", name="甲班 · 班组日排查").click()
    inspector.get_by_text("报到这里").wait_for()
    assert serious(inspector) == []
    inspector.get_by_role("link", name="督促处理").click()
    inspector.get_by_label("理由").fill("已电话督促厂长,本周内重新安排班组检查")
    inspector.get_by_role("button", name="督促处理").click()
    inspector.get_by_text("已督促处理").wait_for()
    look(inspector, "/", words=["漏做报到镇里(2)"])
    stranger = visit(people.outsider, DESKTOP)
    stranger.goto(daily.get_absolute_url())
    stranger.get_by_text("404").or_(stranger.get_by_text("没有找到")).first.wait_for()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_a_firm_gets_its_plans_in_three_clicks_and_sees_its_month(people, catalogue, visit, size):
    page = visit(people.safety, size)
    page.goto(f"/enterprises/{people.factory.pk}/plans/")
    page.get_by_role("link", name="按行业一键设置").click()
    page.locator("label.choice", has_text="每天").click()
    assert serious(page) == []
    page.get_by_role("button", name="确认设置").click()
    page.get_by_text("已开始 4 项任务计划").wait_for()
    assert DutyPlan.objects.filter(enterprise=people.factory).count() == 4
    look(page, f"/enterprises/{people.factory.pk}/calendar/", words=["甲班", "应做"] if size == PHONE else ["应做"])
    page.goto("/checks/")
    page.get_by_role("button", name="开始检查:甲班 班组日排查").click()
    page.get_by_text("已填 0/").wait_for()
