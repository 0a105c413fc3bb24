"""A major hazard from the phone that found it to the second inspector's signature, through its pages."""

import datetime

import pytest
from django.utils import timezone

from hazards.models import Hazard
from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db(transaction=True)
PLAN = {
    "责任人职务": "车间主任",
    "定措施": "更换除尘器\n加装泄爆片",
    "定资金:金额(元)": "35000",
    "定资金:来源": "安全生产费用",
    "定预案:应急预案": "起火立即停机,从东门撤到门卫室,打119。",
}


def fine(page):
    """Nothing wrong with the page as it is."""
    assert serious(page) == []
    assert overflow(page) == 0


def move(page, path, label, fill=None):
    """Open the row, press the move's button, fill its form in, send it, and see that it was done."""
    page.goto(path)
    fine(page)
    page.get_by_role("link", name=label, exact=True).click()
    fine(page)
    if fill:
        fill(page)
    page.locator(".submit-bar button").click()
    page.get_by_text(f"已{label}。").wait_for()
    fine(page)


def tick(*labels):
    """Tick or choose each of these."""
    return lambda page: [page.locator("label.choice", has_text=label).first.click() for label in labels]


def upload(page):
    """One photo, uploaded."""
    page.locator("input[type=file]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg().read()})
    page.get_by_text("已上传").first.wait_for()


@pytest.mark.req("R24", "R25")
def test_a_major_hazard_from_finding_to_closing(people, catalogue, visit):
    people.factory.traits.add(f.HazardTraitFactory())
    team, safety, principal = visit(people.team, PHONE), visit(people.safety, PHONE), visit(people.principal, DESKTOP)
    first, second = visit(people.inspector, DESKTOP), visit(people.inspector2, PHONE)
    row = Hazard.report(
        by=people.employee,
        on=timezone.localdate(),
        enterprise=people.factory,
        unit=people.team_a,
        source="snap",
        place="打磨间",
        description="除尘器没有泄爆",
    )
    path = row.get_absolute_url()

    move(team, path, "提请认定重大", lambda page: page.get_by_label("理由").fill("干式除尘没有泄爆"))

    def sign(page):
        tick("泄爆", "停产停用")(page)
        page.get_by_label("措施内容").fill("打磨间停用")

    move(safety, path, "认定重大(第一人签名)", sign)
    move(principal, path, "会签,确认重大")
    move(safety, path, "登记上报", tick("报镇", "电话报告"))
    principal.goto("/")
    principal.get_by_text("重大隐患未销案").wait_for()

    principal.goto(path)
    principal.get_by_role("link", name="打开五定方案").click()
    principal.get_by_text("已齐 0/5,还缺 6 项").wait_for()
    plan = principal.url
    fine(principal)

    def write(page):
        page.get_by_label("定责任人").select_option(label="车间主任")
        for label, words in PLAN.items():
            page.get_by_label(label, exact=True).fill(words)
        page.get_by_label("定时限").fill((timezone.localdate() + datetime.timedelta(days=30)).isoformat())

    move(safety, plan, "填写方案", write)
    move(principal, plan, "提交方案")
    move(first, plan, "接收方案")
    move(principal, plan, "开始实施")
    move(safety, plan, "报本周进展", lambda page: (page.get_by_label("本周进展").fill("已订货"), page.get_by_label("完成(%)").fill("40")))

    def done(page):
        page.get_by_label("整改情况和自行验收结论").fill("都换好了,自行验收合格")
        page.get_by_label("评估单位或专家意见").fill("某评估公司:合格")
        upload(page)

    move(safety, path, "申请复查", done)

    def results(page):
        for group in page.locator("fieldset").all():
            group.locator("label.choice").first.click()
        page.get_by_label("复查意见").fill("已落实")

    move(second, path, "填写复查结果", results)
    move(first, path, "会签,复查通过")
    first.get_by_text("已销案").first.wait_for()
    move(first, path, "解除临时措施", lambda page: (tick("打磨间停用")(page), page.get_by_label("审查情况和理由").fill("现场审查合格")))
    row.refresh_from_db()
    assert (row.state, row.closed_by, row.interim_measures.in_force().count()) == ("closed", people.inspector, 0)
