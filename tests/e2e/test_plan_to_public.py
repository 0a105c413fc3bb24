"""The year from its plan to what a stranger checks, by the pages of each person, on a phone and on a desk."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inspections.models import Draw, InspectionPlan
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.inspections import drawn, plan_course
from tests.inspections.course import later

pytestmark = pytest.mark.django_db(transaction=True)
VALUE = "03 11 17 24 29 33 08"


def fine(page):
    """Nothing serious for axe, nothing too wide."""
    assert (serious(page), overflow(page)) == ([], 0), page.url


def act(page, label, **fields):
    """Open a move, fill in its form, and confirm it."""
    page.get_by_role("link", name=label, exact=True).click()
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    fine(page)
    page.get_by_role("button", name=label, exact=True).click()
    page.get_by_text(f"已{label}").first.wait_for()


def planned(inspector, leader):
    """The plan of this year: random visits, approved, printed, filed."""
    inspector.goto(reverse("year_plan_new"))
    inspector.locator("select[name=year]").select_option(str(timezone.localdate().year))
    inspector.locator("input[name=officers]").fill("4")
    fine(inspector)
    inspector.locator(".submit-bar button").click()
    inspector.get_by_role("link", name="加入随机抽查").click()
    inspector.locator("input[name=count]").fill("2")
    inspector.locator("[name=why]").fill("一般企业,按双随机抽查")
    fine(inspector)
    inspector.locator(".submit-bar button").click()
    inspector.get_by_role("link", name="从候选企业加入").first.click()
    fine(inspector)
    inspector.locator("label.tick input").first.check()
    inspector.locator("select[name=from_month]").last.select_option("1")
    inspector.get_by_role("button", name="加入计划").click()
    plan = InspectionPlan.objects.get()
    inspector.goto(plan.get_absolute_url())
    fine(inspector)
    act(inspector, "提交计划")
    leader.goto(plan.get_absolute_url())
    act(leader, "批准计划")
    inspector.goto(reverse("year_plan_paper", args=[plan.pk]))
    fine(inspector)
    inspector.get_by_role("button", name="制发").click()
    inspector.goto(plan.get_absolute_url())
    act(inspector, "报区备案", receipt_number="綦应急备〔2026〕5号")
    return plan


def drawn_by_pages(inspector, leader, item):
    """Its draw: configured, frozen, drawn with the public value, confirmed before witnesses, issued."""
    inspector.goto(reverse("draw_new"))
    inspector.get_by_label("名称").fill("年度双随机抽查")
    inspector.locator("select[name=pool]").select_option(index=1)
    inspector.locator("select[name=plan_item]").select_option(str(item.pk))
    inspector.get_by_label("检查期间自").fill(timezone.localdate().isoformat())
    inspector.get_by_label("检查期间至").fill(later(20).isoformat())
    inspector.get_by_label("公共随机值的来源").fill("某彩票某期中奖号码")
    fine(inspector)
    inspector.get_by_role("button", name="公布承诺").click()
    inspector.get_by_text("已公布承诺").first.wait_for()
    act(inspector, "冻结名单")
    inspector.wait_for_timeout(2100)
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S")
    inspector.get_by_role("link", name="录入公共随机值").click()
    for name, value in (("public_value", VALUE), ("again", VALUE), ("public_value_at", at)):
        inspector.locator(f"[name={name}]").fill(value)
    inspector.get_by_role("button", name="录入公共随机值").click()
    inspector.get_by_role("heading", name="抽中的对象(2)").wait_for()
    draw = Draw.objects.get()
    leader.goto(draw.get_absolute_url())
    act(leader, "确认抽取结果", witnesses="王某 镇纪委\n李某 司法所")
    inspector.goto(draw.get_absolute_url())
    act(inspector, "下达检查任务")
    return draw


@pytest.mark.req("R48")
@pytest.mark.req("R49")
@pytest.mark.req("R50")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_from_the_plan_to_a_strangers_check(people, visit, size):
    drawn.law()
    plan_course.rules()
    drawn.firms(people, 5)
    drawn.officers(people, 4)
    drawn.f.a_pool(people).refresh(by=people.inspector, on=drawn.TODAY)
    inspector, leader, reviewer = (visit(person, size) for person in (people.inspector, people.leader, people.reviewer))
    plan = planned(inspector, leader)
    item = plan.items.get(segment="random")
    draw = drawn_by_pages(inspector, leader, item)
    item.refresh_from_db()
    assert item.state == "scheduled"
    stranger = visit(None, size)
    stranger.goto(reverse("public_draw", args=[draw.number]))
    assert (draw.title in stranger.content(), draw.commitment in stranger.content()) == (False, True)

    drawn.over(people, Draw.objects.get())
    item.refresh_from_db()
    assert item.state == "done"
    reviewer.goto(draw.get_absolute_url())
    act(reviewer, "公布抽取和名单")
    stranger.reload()
    stranger.get_by_role("button", name="在浏览器里重算").click()
    stranger.get_by_text("全部相符:结果就是").wait_for()
    fine(stranger)
    leader.goto(reverse("inspection_overview"))
    leader.get_by_text("已完成").first.wait_for()
    fine(leader)
