"""Papers in a real browser: issue after a look, wait for the PDF, file the signed copy, void, check; each page by axe at both widths."""

import pytest
from django.urls import reverse

from core.work import sweep
from documents.models import Document
from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.e2e.test_pages import SMALL_TARGETS
from tests.people import township
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("B10")]


@pytest.fixture
def people(catalogue):
    return township()


@pytest.fixture
def hazard(people):
    return f.HazardFactory(enterprise=people.factory, unit=people.team_a, rectifier=people.head, state="assigned", due_on="2026-12-01")


def finished():
    while sweep():
        pass


def checked(page, size):
    """What axe, the width and the thumb find on the page as it is."""
    found = [(page.url, finding) for finding in serious(page)]
    if overflow(page):
        found.append((page.url, f"{overflow(page)} px too wide"))
    if size == PHONE:
        found += [(page.url, f"target too small: {target}") for target in page.evaluate(SMALL_TARGETS)]
    return found


def test_a_paper_from_its_issue_to_its_check(people, hazard, visit, tmp_path):
    page = visit(people.safety, PHONE)
    page.goto(reverse("hazard_notice", args=[hazard.pk]))
    page.get_by_role("button", name="制发").click()
    page.get_by_text("通常几秒钟").wait_for()
    finished()
    page.get_by_text("PDF 已生成,共").wait_for()
    paper = Document.objects.get()
    with page.expect_download() as caught:
        page.get_by_role("link", name="下载 PDF").click()
    assert caught.value.suggested_filename == paper.file_name
    pdf = tmp_path / "paper.pdf"
    caught.value.save_as(pdf)

    page.get_by_role("link", name="上传签章件").click()
    photo = jpeg()
    page.locator("input[name=photos]").set_input_files({"name": photo.name, "mimeType": "image/jpeg", "buffer": photo.read()})
    page.get_by_text("已上传").wait_for()
    page.locator("input[name=pdf]").set_input_files(pdf)
    page.get_by_role("button", name="归档").click()
    page.get_by_text("签章件已归档。").wait_for()

    stranger = visit(None, PHONE)
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(pdf.read_bytes().replace(b"%%EOF", b"%%EOE"))
    for file, words in ((pdf, "这个文件与制发时的原件完全一致"), (changed, "与制发时的原件不一致")):
        stranger.goto("/verify/")
        stranger.locator("input[name=file]").set_input_files(file)
        stranger.get_by_role("button", name="查验").click()
        stranger.get_by_text(words).wait_for()

    page.get_by_role("link", name="作废").click()
    page.get_by_label("作废原因").fill("企业名称写错")
    page.get_by_role("button", name="作废").click()
    page.get_by_text("已作废;下载的每一页都印有").wait_for()
    stranger.goto(f"/verify/{paper.code}/")
    stranger.get_by_text("这份文书已经作废").wait_for()


def test_without_javascript_a_paper_is_issued_checked_and_shown(people, hazard, visit):
    page = visit(people.safety, PHONE, java_script_enabled=False)
    page.goto(reverse("hazard_notice", args=[hazard.pk]))
    page.get_by_role("button", name="制发").click()
    finished()
    # The page looks again by itself.
    page.get_by_text("PDF 已生成,共").wait_for()
    page.goto("/verify/")
    page.get_by_label("查验码").fill(Document.objects.get().code.lower())
    page.get_by_role("button", name="查验").click()
    page.get_by_text("有这份文书,现在有效").wait_for()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_each_page(people, hazard, visit, size):
    ready = f.a_document(people.factory, people.safety, title="关于 2 号冲床防护罩缺失的" + "很长的标题" * 8)
    voided = f.a_document(people.factory, people.safety)
    finished()
    voided.void(by=people.safety, on=voided.issued_on, reason="企业名称写错")
    new = f.a_document(people.factory, people.safety)
    parked = f.a_document(people.factory, people.safety)
    Document.objects.filter(pk=parked.pk).update(state="parked", attempts=3, last_error="x" * 300)
    f.ScanFactory(document=ready, by=people.safety, name="签章件" * 30 + ".pdf")
    inside = [
        reverse("document_list"),
        reverse("document_list") + "?q=nothing-like-it",
        reverse("document_numbers"),
        reverse("hazard_notice", args=[hazard.pk]),
        *[row.get_absolute_url() for row in (ready, voided, new, parked)],
        f"{ready.get_absolute_url()}void/",
        f"{voided.get_absolute_url()}void/",
        f"{ready.get_absolute_url()}scan/",
    ]
    outside = ["/verify/", f"/verify/{ready.code}/", f"/verify/{voided.code}/", f"/verify/{'A' * 24}/"]
    found = []
    for who, paths in ((people.safety, inside), (people.inspector, inside[:3]), (None, outside)):
        page = visit(who, size)
        for path in paths:
            page.goto(path)
            found += checked(page, size)
            if page.locator("h1").count() != 1:
                found.append((path, "h1"))
    assert found == []
