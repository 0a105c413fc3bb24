"""A major hazard from finding to closing on PostgreSQL, its papers made by a real worker, each proved genuine by a stranger."""

import datetime
import hashlib
import subprocess

import pytest
from django.utils import timezone

from core.models import Event
from core.seals import seal_all
from core.verification import verify
from documents.models import Document, Service
from hazards.models import Hazard, MajorCriterion
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.faults.test_worker import Engine
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
DUE = timezone.localdate() + datetime.timedelta(days=20)


@pytest.fixture
def worker(people, tmp_path):
    """Worker and beat of the application itself, on the database of this test."""
    engine = Engine(tmp_path)
    engine.application("worker", "-c", "2", "--without-gossip", "--without-mingle")
    engine.application("beat")
    yield engine
    engine.end()


class Story:
    """One hazard, moved on by several people on their own screens."""

    def __init__(self, visit, people):
        self.visit, self.people = visit, people
        self.pages = {}

    def page(self, who, size=DESKTOP):
        """The person's own window."""
        if who not in self.pages:
            self.pages[who] = self.visit(getattr(self.people, who), size)
        return self.pages[who]

    def at(self, who, path):
        """The page of this address, looked at."""
        page = self.page(who)
        page.goto(path)
        assert (serious(page), overflow(page)) == ([], 0), path
        return page

    def move(self, who, row, label, *, fill=(), tick=(), photos=(), done=None):
        """Open the move by its button, answer its form, send it."""
        page = self.at(who, row.get_absolute_url())
        page.get_by_role("link", name=label, exact=True).click()
        for name, value in fill:
            page.locator(f"[name={name}]").fill(value)
        for words in tick:
            page.locator("label.choice", has_text=words).first.click()
        for name in photos:
            upload(page, name)
        assert (serious(page), overflow(page)) == ([], 0), label
        page.get_by_role("button", name=label, exact=True).click()
        page.get_by_text(done or f"已{label}").first.wait_for()
        row.refresh_from_db()
        return page

    def issue(self, who, row, label, *, fill=()):
        """Issue a paper from the row's page; the worker makes its PDF while the page waits."""
        page = self.at(who, row.get_absolute_url())
        page.get_by_role("link", name=label).click()
        for name, value in fill:
            page.locator(f"[name={name}]").fill(value)
        assert (serious(page), overflow(page)) == ([], 0), label
        page.locator("form[data-once] .submit-bar button.btn-primary").click()
        page.get_by_text("PDF 已生成").wait_for(timeout=60_000)
        paper = Document.objects.latest("pk")
        assert page.url.endswith(paper.get_absolute_url())
        return paper


def upload(page, name):
    """One photo, received."""
    picture = jpeg(name, "green", (800, 600))
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": picture.read()})
    page.get_by_text("已上传 · 回执").wait_for()


def words_of(paper):
    """The text of its PDF."""
    with paper.file.open("rb") as stored:
        pdf = stored.read()
    assert hashlib.sha256(pdf).hexdigest() == paper.sha256
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


@pytest.mark.req("R24", "R25", "R76", "B10")
def test_a_major_hazard_from_finding_to_closing(people, catalogue, visit, worker):
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

    inspector.get_by_role("link", name="登记送达").click()
    inspector.locator("[name=receiver]").fill(people.safety.name)
    inspector.locator("[name=receiver_role]").fill("安全管理员")
    inspector.locator("[name=place]").fill("厂办公室")
    upload(inspector, "回证.jpg")
    assert (serious(inspector), overflow(inspector)) == ([], 0)
    inspector.get_by_role("button", name="登记送达").click()
    inspector.get_by_text("直接送达").first.wait_for()
    assert Service.objects.get(document=opinion).served_on == timezone.localdate()

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
