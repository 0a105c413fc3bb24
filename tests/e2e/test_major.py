"""A major hazard from finding to closing on PostgreSQL, its papers made by a real worker, each proved genuine by a stranger."""

import datetime

import pytest
from django.utils import timezone

from core.models import Event
from core.seals import seal_all
from core.verification import verify
from hazards.models import Hazard, MajorCriterion
from tests.e2e.conftest import PHONE, overflow, serious
from tests.e2e.tale import Story, upload, words_of, worker  # noqa: F401 - worker is a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
DUE = timezone.localdate() + datetime.timedelta(days=20)


@pytest.mark.req("R24", "R25", "R76", "B10")
def test_a_major_hazard_from_finding_to_closing(people, catalogue, visit, worker):  # noqa: F811
    story = Story(visit, people)
    employee = story.page("employee", PHONE)
    story.at("employee", "/hazards/report/")
    employee.locator("[name=place]").fill("喷涂车间")
    employee.locator("[name=description]").fill("除尘器没有泄爆装置")
    upload(employee, "前.jpg")
    employee.get_by_role("button", name="上报").click()
    employee.get_by_text("已收到,回执号").wait_for()
    hazard = Hazard.objects.get()

    item = MajorCriterion.objects.in_force(hazard.found_on).first()
    story.page("safety", PHONE)
    label = "认定重大(第一人签名)"
    story.move("safety", hazard, label, fill=[("text", "喷涂线停用,人员撤出")], tick=[item.name[:12], "停产"])
    assert (hazard.state, hazard.is_major) == ("reported", False)
    story.page("principal", PHONE)
    story.move("principal", hazard, "会签,确认重大")
    assert (hazard.state, [row.words for row in hazard.criteria.standing()]) == ("major_confirmed", [item.name])

    report = story.issue("safety", hazard, "出重大隐患报告", fill=[("cause", "设计缺陷")])
    plan = hazard.plans.get()
    written = [
        ("person_post", "厂长"),
        ("measures", "加装泄爆片\n改造风管"),
        ("funds_source", "安全生产费用"),
        ("due_on", f"{DUE}"),
        ("emergency_plan", "立即停机,撤到厂门口,拨打119"),
    ]
    principal = story.at("principal", plan.get_absolute_url())
    principal.get_by_role("link", name="填写方案").click()
    principal.locator("[name=person]").select_option(label=people.principal.name)
    for name, value in written:
        principal.locator(f"[name={name}]").fill(value)
    principal.get_by_role("button", name="填写方案").click()
    principal.get_by_text("还缺 1 项").wait_for()
    assert (serious(principal), overflow(principal)) == ([], 0)
    assert principal.get_by_role("link", name="提交方案").count() == 0
    principal.goto(f"{plan.get_absolute_url()}moves/submit/")
    principal.get_by_text("资金").first.wait_for()
    plan.refresh_from_db()
    assert plan.state == "draft"
    story.move("principal", plan, "填写方案", fill=[("funds_amount", "35000")])
    story.move("principal", plan, "提交方案")
    story.move("inspector", plan, "接收方案")
    paper = story.issue("principal", plan, "出五定方案")
    district = story.issue("inspector", hazard, "出报区县的报告", fill=[("view", "请区局指导")])
    story.move("principal", plan, "开始实施")
    story.move("safety", plan, "报本周进展", fill=[("text", "泄爆片已到货"), ("percent", "60")])
    hazard.refresh_from_db()
    assert (hazard.state, hazard.rectifier, hazard.due_on) == ("rectifying", people.principal, DUE)

    done = [("measures", "已加装并自行验收合格"), ("evaluation", "渝安评公司:合格")]
    story.move("principal", hazard, "申请复查", fill=done, photos=["后.jpg"])
    inspector = story.page("inspector")
    inspector.goto(hazard.get_absolute_url())
    assert inspector.get_by_role("link", name="会签,复查通过").count() == 0
    inspector.get_by_role("link", name="填写复查结果").click()
    for box in inspector.locator("input[type=radio][value=pass]").all():
        box.check(force=True)
    inspector.locator("[name=opinion]").fill("逐项核对,整改到位")
    assert (serious(inspector), overflow(inspector)) == ([], 0)
    inspector.get_by_role("button", name="填写复查结果").click()
    inspector.get_by_text("已填写复查结果。", exact=True).wait_for()
    story.move("inspector2", hazard, "会签,复查通过")
    assert (hazard.state, hazard.closed_by, hazard.plans.get().state) == ("closed", people.inspector2, "verified")
    examined = [("note", "现场审查合格,可以恢复使用")]
    story.move("inspector", hazard, "解除临时措施", fill=examined, tick=["喷涂线停用"])
    assert not hazard.interim_measures.in_force().exists()
    opinion = story.issue("inspector", hazard, "出复查意见书")

    assert story.serve("inspector", opinion, people.safety).served_on == timezone.localdate()

    papers = {"report": report, "plan": paper, "district": district, "opinion": opinion}
    for row in papers.values():
        row.refresh_from_db()
        assert row.number in words_of(row)
    assert "立即停机" in words_of(papers["plan"])
    assert item.name[:8] in words_of(papers["report"]).replace("\n", "")
    stranger = story.visit(None, PHONE)
    stranger.goto(f"/verify/{opinion.code}/")
    stranger.get_by_text(opinion.number).first.wait_for()
    assert (serious(stranger), overflow(stranger)) == ([], 0)
    outsider = story.page("outsider")
    assert outsider.goto(report.get_absolute_url()).status == 404

    assert not Event.objects.filter(subject_model__startswith="enforcement").exists()
    seal_all()
    assert verify().finding is None
