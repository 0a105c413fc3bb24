"""A draw in a real Chromium, on a phone and on a desk: pool, commitment, freeze, value, witnesses, visits, publication."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inspections.models import Draw
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.inspections import drawn
from tests.inspections.course import later

pytestmark = pytest.mark.django_db(transaction=True)


def fine(page):
    """Nothing serious for axe, nothing too wide."""
    assert (serious(page), overflow(page)) == ([], 0), page.url


def take(page, label):
    """Open a move and confirm it."""
    page.get_by_role("link", name=label, exact=True).click()
    fine(page)
    page.get_by_role("button", name=label, exact=True).click()


@pytest.mark.req("R49")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_from_the_pool_to_the_publication(people, visit, size):
    drawn.law()
    drawn.officers(people)
    drawn.firms(people, 4)
    page = visit(people.inspector, size)
    page.goto(reverse("pool_new"))
    page.get_by_label("名称").fill("工贸企业库")
    fine(page)
    page.get_by_role("button", name="先看有多少家").click()
    page.get_by_text("按这个规则有 6 家企业").wait_for()
    page.get_by_role("button", name="保存并更新").click()
    page.get_by_text("6 家在库").wait_for()
    fine(page)

    page.goto(reverse("draw_new"))
    page.get_by_label("名称").fill("四季度双随机抽查")
    page.get_by_label("抽查对象库").select_option(label="工贸企业库(现有 6 家)")
    page.get_by_label("抽取家数").fill("2")
    page.get_by_label("检查期间自").fill(timezone.localdate().isoformat())
    page.get_by_label("检查期间至").fill(later(20).isoformat())
    page.get_by_label("公共随机值的来源").fill("某彩票某期中奖号码")
    fine(page)
    page.get_by_role("button", name="公布承诺").click()
    draw = Draw.objects.get()
    page.get_by_text(draw.commitment).first.wait_for()
    fine(page)

    take(page, "冻结名单")
    page.get_by_text("名单摘要").first.wait_for()
    page.wait_for_timeout(2100)
    page.get_by_role("link", name="录入公共随机值").click()
    page.get_by_label("公共随机值", exact=True).fill("03 11 17 24 29 33 08")
    page.get_by_label("再填一遍").fill("03 11 17 24 29 33 08")
    page.get_by_label("产生时间").fill(timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S"))
    fine(page)
    page.get_by_role("button", name="录入公共随机值").click()
    page.get_by_role("heading", name="抽中的对象(2)").wait_for()
    fine(page)
    page.get_by_role("link", name="看全部签号").click()
    fine(page)
    page.get_by_role("link", name="检查人员的签号").first.click()
    fine(page)

    leader = visit(people.leader, size)
    leader.goto(draw.get_absolute_url())
    leader.get_by_role("link", name="确认抽取结果").click()
    leader.get_by_label("见证人").fill("王某 镇纪委\n李某 司法所")
    fine(leader)
    leader.get_by_role("button", name="确认抽取结果").click()
    leader.get_by_text("王某 镇纪委").first.wait_for()

    page.goto(draw.get_absolute_url())
    take(page, "下达检查任务")
    page.get_by_role("link", name="申请替换").click()
    gone = draw.standing().first()
    page.get_by_label("对象", exact=True).select_option(value=gone.listed.key)
    page.get_by_label("理由").fill("企业已迁出本镇")
    fine(page)
    page.get_by_role("button", name="申请替换").click()
    leader.goto(draw.get_absolute_url())
    leader.get_by_role("link", name="批准替换或作废").click()
    leader.get_by_text("批准前不显示").wait_for()
    fine(leader)
    leader.get_by_role("button", name="批准替换或作废").click()
    leader.get_by_text("换成").wait_for()
    fine(leader)

    page.goto(draw.get_absolute_url())
    page.get_by_role("link", name=draw.standing().first().inspection.number).click()
    page.get_by_role("link", name=draw.number).wait_for()
    drawn.over(people, Draw.objects.get())
    reviewer = visit(people.reviewer, size)
    reviewer.goto(f"{reverse('inspection_desk')}?pile=draw_publish")
    fine(reviewer)
    reviewer.get_by_role("link", name="四季度双随机抽查").click()
    take(reviewer, "公布抽取和名单")
    reviewer.get_by_text(Draw.objects.get().secret).wait_for()
    fine(reviewer)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_the_lists_behind_it_fit_any_screen(people, visit, size):
    drawn.published(people)
    page = visit(people.inspector, size)
    for name in (
        "draw_list",
        "pool_list",
        "officer_list",
        "absence_list",
        "absence_new",
        "avoidance_list",
        "exclusion_list",
        "firm_grade_list",
    ):
        page.goto(reverse(name))
        fine(page)
    for name in ("avoidance_new", "exclusion_new", "firm_grade_new"):
        page.goto(f"{reverse(name)}?enterprise={people.factory.pk}")
        fine(page)
