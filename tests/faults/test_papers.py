"""A worker killed with -9 while it writes a PDF: made once, whole, by another; the control leaves half a file where the paper should be."""

import os
import signal
from pathlib import Path

import pytest

from documents.models import Document
from tests import factories as f
from tests.faults.test_worker import Engine, wait_for
from tests.people import township

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.req("B10")]


@pytest.fixture
def people(transactional_db):
    return township()


@pytest.fixture
def engine(people, tmp_path, monkeypatch, settings):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setenv("MEDIA_ROOT", settings.MEDIA_ROOT)
    monkeypatch.setenv("TEST_CUT", str(tmp_path))
    engine = Engine(tmp_path)
    yield engine
    engine.end()


def files(folder):
    return sorted(path for path in (folder / "media").rglob("*.pdf*") if path.is_file())


def kill_in_the_middle(engine, people, folder, off=""):
    """The paper whose first worker is killed while it writes."""
    paper = f.a_document(people.factory, people.safety)
    engine.start(off)
    assert wait_for((folder / "cut").exists), engine.logs()
    os.kill(int((folder / "cut").read_text()), signal.SIGKILL)
    return paper


def test_a_worker_killed_while_writing_leaves_no_half_paper_and_another_makes_it(people, engine, tmp_path):
    paper = kill_in_the_middle(engine, people, tmp_path)
    assert [path.suffix for path in files(tmp_path)] == [".part"]
    assert wait_for(lambda: Document.objects.get(pk=paper.pk).state == "done"), engine.logs()
    made = Document.objects.get(pk=paper.pk)
    assert (made.attempts, made.serial) == (2, 1)
    assert files(tmp_path) == [Path(made.file.path)]
    assert made.file.read().rstrip().endswith(b"%%EOF")


def test_control_written_in_place_half_a_paper_stands_there(people, engine, tmp_path):
    kill_in_the_middle(engine, people, tmp_path, off="whole")
    (half,) = files(tmp_path)
    assert half.suffix == ".pdf"
    assert not half.read_bytes().rstrip().endswith(b"%%EOF")
