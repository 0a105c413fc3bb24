"""A matter told on several people's own screens, its papers made by the application's own worker."""

import hashlib
import subprocess

import pytest

from documents.models import Document, Service
from tests.e2e.conftest import DESKTOP, overflow, serious
from tests.faults.test_worker import Engine
from tests.pictures import jpeg


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
        page.get_by_role("link", name=label).first.click()
        for name, value in fill:
            page.locator(f"[name={name}]").fill(value)
        assert (serious(page), overflow(page)) == ([], 0), label
        page.locator("form[data-once] .submit-bar button.btn-primary").click()
        page.get_by_text("PDF 已生成").wait_for(timeout=60_000)
        paper = Document.objects.latest("pk")
        assert page.url.endswith(paper.get_absolute_url())
        return paper

    def serve(self, who, paper, receiver):
        """Register from the paper's page that it was handed over today."""
        page = self.at(who, paper.get_absolute_url())
        page.get_by_role("link", name="登记送达").first.click()
        page.locator("[name=receiver]").fill(receiver.name)
        page.locator("[name=receiver_role]").fill("企业人员")
        page.locator("[name=place]").fill("厂办公室")
        upload(page, "回证.jpg")
        assert (serious(page), overflow(page)) == ([], 0)
        page.get_by_role("button", name="登记送达").click()
        page.get_by_text("直接送达").first.wait_for()
        return Service.objects.get(document=paper)


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
