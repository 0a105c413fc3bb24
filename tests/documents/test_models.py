"""The document itself: numbers without gaps, frozen facts, one PDF, the seal on it."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from core.files import keep_whole
from core.models import Event, MoveRefused, Seal
from core.pdf import PaperRefused
from core.seals import seal_all
from core.verification import verify
from core.work import run_one, sweep
from documents.models import Document, NumberSeries
from tests import factories as f
from tests.people import township

pytestmark = pytest.mark.req("B10")


@pytest.mark.django_db
def test_issue_writes_a_whole_row(people):
    paper = f.a_document(people.factory, people.safety, subject=people.team_a, facts={"日": timezone.localdate(), "数": 3})
    paper.refresh_from_db()
    assert (paper.organ, paper.serial, paper.subject_model, paper.subject_pk) == (
        f"enterprise:{people.factory.pk}",
        1,
        "enterprises.unit",
        people.team_a.pk,
    )
    assert paper.facts == {"日": timezone.localdate().isoformat(), "数": 3}
    assert (paper.area_id, paper.audience, paper.title, paper.file.name, paper.state) == (
        people.factory.area_id,
        "all",
        "隐患整改通知单",
        "",
        "pending",
    )


@pytest.mark.django_db
def test_a_number_of_a_failed_transaction_is_given_again(people):
    f.a_document(people.factory, people.safety)
    with pytest.raises(PaperRefused), transaction.atomic():
        f.a_document(people.factory, people.safety)
        raise PaperRefused("x")
    assert [f.a_document(people.factory, people.safety).serial for _ in range(2)] == [2, 3]


@pytest.mark.django_db
def test_series_are_apart_by_organ_kind_and_year(people):
    today = timezone.localdate()
    serials = [
        f.a_document(people.factory, people.safety).serial,
        f.a_document(people.neighbour, people.outsider).serial,
        f.a_document(people.factory, people.safety, kind="OTHER").serial,
        f.a_document(people.factory, people.safety, on=today.replace(year=today.year - 1, day=1)).serial,
        f.a_document(people.factory, people.safety).serial,
    ]
    assert serials == [1, 1, 1, 1, 2]


@pytest.mark.django_db
def test_the_facts_are_checked_before_a_number_is_taken(people):
    with pytest.raises(PaperRefused):
        f.a_document(people.factory, people.safety, kind="PLAIN", facts={"备注": "长" * 200_001})
    assert f.a_document(people.factory, people.safety, kind="PLAIN").serial == 1


@pytest.mark.django_db
def test_the_pdf_is_made_once(people):
    paper = f.a_document(people.factory, people.safety)
    assert (sweep(), sweep()) == (1, 0)
    made = Document.objects.get(pk=paper.pk)
    assert (made.state, made.pages, len(made.sha256)) == ("done", 1, 64)
    assert made.file.name == f"papers/{paper.issued_on:%Y/%m}/{paper.pk}-{made.sha256[:16]}.pdf"
    assert not run_one(Document, paper.pk)


@pytest.mark.django_db
def test_a_run_that_lost_its_claim_changes_nothing(people):
    paper = f.a_document(people.factory, people.safety)
    slow = Document.objects.get(pk=paper.pk)
    assert slow.claim(timezone.now())
    Document.objects.filter(pk=paper.pk).update(leased_until=timezone.now() - timezone.timedelta(seconds=1))
    assert sweep() == 1
    made = Document.objects.get(pk=paper.pk)
    message = slow.perform()
    assert not slow.finish(**slow.outcome(message))
    assert slow.file.name == made.file.name
    assert made.file.read()[:5] == b"%PDF-"


@pytest.mark.django_db
def test_what_cannot_be_made_is_parked_with_its_sentence(people, settings):
    settings.WORK_PAUSE_SECONDS = 0
    paper = f.a_document(people.factory, people.safety, kind="PLAIN")
    Document.objects.filter(pk=paper.pk).update(facts={"备注": "长" * 200_001})
    while sweep():
        pass
    paper.refresh_from_db()
    assert (paper.state, paper.attempts, paper.file.name) == ("parked", 3, "")
    assert re.fullmatch(r"PaperRefused: 文书有 \d+ 字,超过 200000 字,没有生成。请删减或分成几份。", paper.last_error)


@pytest.mark.django_db
def test_void_refuses_strangers_empty_reasons_and_a_second_time(people):
    paper, today = f.a_document(people.factory, people.safety), timezone.localdate()
    for who, reason in ((people.head, "写错"), (people.inspector, "写错"), (people.outsider, "写错"), (people.safety, "  ")):
        with pytest.raises(MoveRefused):
            paper.void(by=who, on=today, reason=reason)
    assert Document.objects.get(pk=paper.pk).is_valid
    paper.void(by=people.principal, on=today, reason="写错")
    with pytest.raises(MoveRefused, match="已经作废"):
        Document.objects.get(pk=paper.pk).void(by=people.safety, on=today, reason="再一次")
    assert Event.objects.of(paper).count() == 1


@pytest.mark.django_db
def test_who_sees_which_papers(people):
    own = f.a_document(people.factory, people.safety)
    internal = f.a_document(people.factory, people.inspector, audience="town")
    other = f.a_document(people.neighbour, people.outsider)
    headed = f.a_document(people.factory, people.head)
    town = f.a_document(None, people.inspector, kind="LETTER", issuer="town", subject=people.town)
    everything = {own, internal, other, headed, town}
    expected = {
        "admin": everything,
        "leader": everything,
        "inspector": everything,
        "reviewer": everything,
        "department": {own, internal, headed},
        "village": {own, headed},
        "principal": {own, headed},
        "safety": {own, headed},
        "head": {headed},
        "team": set(),
        "employee": set(),
        "outsider": {other},
        "foreign": set(),
    }
    assert {name: set(Document.objects.for_user(getattr(people, name))) for name in expected} == expected


@pytest.mark.django_db
def test_a_file_is_whole_or_not_there(monkeypatch):
    name = "papers/whole/1-x.pdf"

    def cut(*args):
        raise OSError("cut")

    with monkeypatch.context() as patched:
        patched.setattr("core.files.os.fsync", cut)
        with pytest.raises(OSError, match="cut"):
            keep_whole(name, b"whole")
    assert not default_storage.exists(name)
    assert keep_whole(name, b"whole") == name
    assert default_storage.open(name).read() == b"whole"
    assert default_storage.listdir("papers/whole")[1] == ["1-x.pdf"]
    default_storage.delete(name)


@pytest.mark.django_db
def test_the_newest_seal_is_printed_and_leads_to_the_chain(people):
    first = f.a_document(people.factory, people.safety)
    assert first.seal.startswith("数据封存:还没有封条,")
    seal_all()
    second = f.a_document(people.factory, people.safety)
    seal = Seal.newest()
    assert str(seal) in second.seal
    assert second.seal.endswith("其后没有待封存的记录。")
    assert verify([f"{seal.number}:{seal.short}"]).finding is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_numbers_have_no_gaps_and_no_doubles_from_eight_threads():
    people = township()
    f.DocumentKindFactory()

    def issue(worker):
        try:
            for turn in range(10):
                try:
                    with transaction.atomic():
                        f.a_document(people.factory, people.safety)
                        if (worker + turn) % 3 == 0:
                            raise PaperRefused("rolled back")
                except PaperRefused:
                    pass
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(issue, range(8))) == [None] * 8
    serials = sorted(Document.objects.values_list("serial", flat=True))
    assert serials == list(range(1, len(serials) + 1))
    assert len(serials) > 40


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_a_start_set_while_the_first_number_is_taken_is_before_it_or_refused():
    people = township()
    f.DocumentKindFactory()
    organ, year = NumberSeries.organ_of(people.factory), timezone.localdate().year
    both, found = threading.Barrier(2), {}

    def issue():
        both.wait()
        found["paper"] = f.a_document(people.factory, people.safety).serial
        connection.close()

    def start():
        both.wait()
        try:
            found["start"] = NumberSeries.start_at(organ, "HAZARD_NOTICE", year, 18, by=people.safety).first
        except MoveRefused:
            found["start"] = None
        connection.close()

    threads = [threading.Thread(target=work) for work in (issue, start)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found in ({"paper": 18, "start": 18}, {"paper": 1, "start": None})
