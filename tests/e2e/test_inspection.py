"""From the scheme to the closing on PostgreSQL: a visit on phones, its order, an extension, the re-check; papers by a real worker."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from core.seals import seal_all
from core.verification import verify
from inspections.models import Inspection, Order, Violation
from tests.e2e.conftest import PHONE, overflow, serious
from tests.e2e.tale import Story, words_of, worker  # noqa: F401 - worker is a fixture
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TODAY = timezone.localdate()


def draw(page):
    """A signature with the finger."""
    page.locator("canvas").hover(position={"x": 20, "y": 60})
    box = page.locator("canvas").bounding_box()
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 20 + 25 * step, box["y"] + 60 + (30 if step % 2 else -30))
    page.mouse.up()


def photograph(page, position, name):
    """One photo of what was found, received."""
    picture = {"name": name, "mimeType": "image/jpeg", "buffer": jpeg(name, "red", (800, 600)).read()}
    page.locator(f"#p-{position}").set_input_files(picture)
    page.locator(f"#item-{position}").get_by_text("已上传 · 回执").first.wait_for()


def plan(story, people):
    """The inspector plans, the leader approves, the firm is told."""
    page = story.at("inspector", reverse("inspection_new") + f"?enterprise={people.factory.pk}")
    page.get_by_label("检查依据和来由").fill("2026年度监督检查计划")
    page.locator("label.choice", has_text=people.inspector2.name).locator("input").set_checked(True)
    page.get_by_role("button", name="安排检查").click()
    page.get_by_role("link", name="提交检查方案").wait_for()
    row = Inspection.objects.get()
    # A visit of this test looks at three things; what is left out of the focus list says why.
    kept = [row.items.filter(is_focus=True).first().point, *[item.point for item in row.items.filter(is_focus=False)[:2]]]
    reasons = {item.point_id: "本次只核对整改" for item in row.items.filter(is_focus=True)}
    row.change_items(by=people.inspector, on=TODAY, points=kept, reasons=reasons)
    row.refresh_from_db()
    story.move("inspector", row, "提交检查方案")
    story.move("leader", row, "批准检查方案", fill=[("note", "同意")])
    papers = {"scheme": story.issue("inspector", row, "出检查方案"), "notice": story.issue("inspector", row, "制发检查通知书")}
    row.refresh_from_db()
    assert row.state == "noticed"
    return row, papers


def look(story, people, row):
    """Two officers at the firm, on their phones: one problem, a signature on the glass, two signatures of their own."""
    story.move("inspector", row, "到场,开始检查")
    page = story.at("inspector", reverse("inspection_fill", args=[row.pk]))
    answer(page, row, failed=1)
    page.locator("#item-1 label.choice", has_text="责令限期整改").click()
    page.locator("#w-1").fill("喷涂车间喆赟")
    page.locator("#e-1").fill("清出通道")
    page.locator("#n-1").click()
    sign(story, people, row)
    assert (row.state, row.findings.get().place) == ("recorded", "喷涂车间喆赟")
    return story.issue("inspector", row, "出现场检查记录")


def answer(page, row, failed=None):
    """All items pass but one."""
    for item in row.items.all():
        page.locator(f"#item-{item.position} .result-{'fail' if item.position == failed else 'pass'}").click()
    if failed is not None:
        page.locator(f"#n-{failed}").fill("安全通道被堵，面积20㎡")
        photograph(page, failed, "前.jpg")


def sign(story, people, row):
    """The first officer with the firm, then the second on his own phone."""
    page = story.page("inspector")
    page.get_by_role("button", name="保存,核对和签名").click()
    page.get_by_role("heading", name="核对和签名").wait_for()
    assert (serious(page), overflow(page)) == ([], 0)
    page.get_by_label("现场负责人", exact=True).fill(people.principal.name)
    page.get_by_label("职务").fill("厂长")
    draw(page)
    page.get_by_role("button", name="核对无误,我签名").click()
    page.get_by_text("您已签名").first.wait_for()
    second = story.at("inspector2", reverse("inspection_sign", args=[row.pk]))
    second.get_by_role("button", name="我已核对,会签").click()
    second.get_by_text("检查记录完成").wait_for()
    row.refresh_from_db()


def order(story, people, row):
    """Drafted from the visit, issued, handed over, prolonged on application."""
    page = story.at("inspector", reverse("order_new", args=[row.pk]))
    page.locator("label.choice", has_text="15天").click()
    page.get_by_role("button", name="保存拟制").click()
    page.get_by_role("link", name="制发指令书").first.wait_for()
    found = Order.objects.get()
    paper = story.issue("inspector", found, "制发指令书")
    story.serve("inspector", paper, people.principal)
    found.refresh_from_db()
    assert (found.state, found.served_on) == ("served", TODAY)
    until = found.due_on + datetime.timedelta(days=10)
    asked = [("until", f"{until}"), ("note", "配件未到"), ("measures", "通道专人看守")]
    story.move("principal", found, "申请延期", fill=asked)
    story.move("leader", found, "同意延期")
    assert found.due_on == until
    return found, paper, story.issue("inspector", found, "出延期审批表")


def recheck(story, people, found):
    """The firm applies, two officers look at each line, the order is passed."""
    story.move("principal", found, "整改完了,申请复查", fill=[("measures", "通道已清出")], photos=["后.jpg"])
    page = story.at("inspector", found.get_absolute_url())
    page.get_by_role("link", name="安排复查").click()
    page.locator("[name=planned_on]").fill(f"{TODAY}")
    page.locator("label.choice", has_text=people.inspector2.name).locator("input").set_checked(True)
    assert (serious(page), overflow(page)) == ([], 0)
    page.get_by_role("button", name="安排复查").click()
    page.get_by_text("已安排复查").wait_for()
    again = found.rechecks.get()
    story.move("inspector", again, "到场,开始检查")
    answer(story.at("inspector", reverse("inspection_fill", args=[again.pk])), again)
    sign(story, people, again)
    found.refresh_from_db()
    assert (found.state, again.state) == ("passed", "closed")
    return story.issue("inspector", again, "出复查意见书")


@pytest.mark.req("R43", "R48", "R70", "B7")
def test_an_inspection_from_scheme_to_closing(people, catalogue, visit, worker):  # noqa: F811
    story = Story(visit, people)
    for who in ("inspector", "inspector2", "principal"):
        story.page(who, PHONE)
    row, papers = plan(story, people)
    story.page("safety", PHONE).goto(row.get_absolute_url())
    story.page("safety").get_by_text("行政检查通知书").first.wait_for()
    papers["record"] = look(story, people, row)
    found, papers["order"], papers["extension"] = order(story, people, row)
    story.move("inspector", row, "问题都已处置")
    assert row.state == "follow_up"
    papers["opinion"] = recheck(story, people, found)

    story.move("inspector", row, "注明某部分不适用", fill=[("note", "当场查明,未构成违法")])
    story.move("inspector", row, "办结")
    assert (row.state, row.findings.get().hazard.state, Violation.objects.count()) == ("closed", "closed", 0)
    for name, paper in papers.items():
        paper.refresh_from_db()
        words = words_of(paper).replace("\n", "")
        assert paper.number in words, name
        assert people.factory.name in words, name
    assert "20㎡" in words_of(papers["record"])
    assert "喆赟" in words_of(papers["order"])
    stranger = story.visit(None, PHONE)
    stranger.goto(f"/verify/{papers['order'].code}/")
    stranger.get_by_text(papers["order"].number).first.wait_for()
    assert story.page("outsider").goto(found.get_absolute_url()).status == 404
    seal_all()
    assert verify().finding is None
