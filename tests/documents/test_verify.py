"""The public check page: genuine, voided, altered, unknown; nothing more; guessing is slowed."""

import datetime
import io
import secrets
import string
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader, PdfWriter

from core.work import sweep
from documents import verifying
from documents.models import Document, VerifyTry
from documents.models.document import new_code
from documents.tasks import drop_old_tries
from documents.views import verify
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.req("B10")]
ALPHABET = string.ascii_uppercase + "234567"


@pytest.fixture
def paper(people):
    row = f.a_document(people.factory, people.safety, title="机密标题")
    assert sweep() == 1
    row.refresh_from_db()
    return row


def upload(data):
    return {"file": SimpleUploadedFile("x.pdf", data)}


def verdict(response):
    answer = response.context["answer"]
    return response.status_code, answer and str(answer.verdict)


def test_a_genuine_paper_by_code_number_and_file(client, paper):
    assert verdict(client.get(f"/verify/{paper.code}/")) == (200, "genuine")
    spaced = " ".join(paper.code[n : n + 6] for n in range(0, 24, 6)).lower()
    for typed in (spaced, f"https://x/verify/{paper.code}/", paper.verify_url):
        assert verdict(client.post("/verify/", {"code": typed})) == (200, "genuine")
    day = paper.issued_on.isoformat()
    for typed in (paper.number, paper.number.replace("〔", "[").replace("〕", "]"), f" {paper.number} "):
        assert verdict(client.post("/verify/", {"number": typed, "issued_on": day})) == (200, "genuine")
    assert verdict(client.post("/verify/", upload(paper.file.read()))) == (200, "genuine")


def test_brackets_of_the_organ_may_be_full_width(client, people):
    row = f.a_document(people.factory, people.inspector, kind="RECHECK", pattern="(綦石)应急复查〔{YYYY}〕{N}号", issuer="town")
    typed = row.number.replace("(", "\uff08").replace(")", "\uff09")
    assert verdict(client.post("/verify/", {"number": typed, "issued_on": row.issued_on.isoformat()})) == (200, "genuine")


def test_one_byte_changed_is_not_the_original(client, paper):
    data = bytearray(paper.file.read())
    for place in (20, len(data) // 2, len(data) - 3):
        changed = bytes(data[:place]) + bytes([data[place] ^ 1]) + bytes(data[place + 1 :])
        assert verdict(client.post("/verify/", upload(changed))) == (200, "altered")
    assert "与原件不一致" in client.post("/verify/", upload(changed)).content.decode()


def test_a_paper_saved_by_another_program_is_not_the_original(client, paper):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(paper.file.read())))
    writer.add_metadata({"/Producer": "another"})
    out = io.BytesIO()
    writer.write(out)
    assert verdict(client.post("/verify/", upload(out.getvalue()))) == (200, "altered")


def test_a_code_inside_compressed_objects_is_found(paper):
    import zlib

    packed = zlib.compress(f"<< /Keywords ({paper.code}) >>".encode())
    data = b"%PDF-1.7\n1 0 obj << /Type /ObjStm /Length 9 >>\nstream\n" + packed + b"\nendstream"
    assert verifying.codes_in(data) == [paper.code]
    bomb = b"/ObjStm >>\nstream\n" + zlib.compress(b"\0" * 50_000_000)
    assert verifying.codes_in(bomb * 3) == []


def test_a_file_full_of_compressed_objects_is_read_in_time(client):
    """A million headers of object streams once kept the server busy for half an hour; nobody has signed in here."""
    begun = time.monotonic()
    assert verdict(client.post("/verify/", upload(b"%PDF-1.7\n" + b"/ObjStm stream\n\n" * 160_000))) == (404, "unknown")
    assert time.monotonic() - begun < 10


def test_voided_and_corrected_papers_say_so_by_every_way(client, people, paper):
    data, new = paper.file.read(), None
    new = f.a_document(people.factory, people.safety, replaces=paper)
    day = paper.issued_on.isoformat()
    for response in (
        client.get(f"/verify/{paper.code}/"),
        client.post("/verify/", {"number": paper.number, "issued_on": day}),
        client.post("/verify/", upload(data)),
        client.post("/verify/", upload(data[:-4] + b"EOF ")),
    ):
        assert verdict(response) == (200, "voided")
        assert new.number in response.content.decode()
    paper.refresh_from_db()
    assert verdict(client.post("/verify/", upload(paper.bytes()))) == (200, "voided")


def test_a_number_of_two_firms_is_valid_while_one_of_them_is(client, people, paper):
    other = f.a_document(people.neighbour, people.outsider)
    assert other.number == paper.number
    ask = {"number": paper.number, "issued_on": paper.issued_on.isoformat()}
    paper.void(by=people.safety, on=timezone.localdate(), reason="写错")
    assert verdict(client.post("/verify/", ask)) == (200, "genuine")
    other.void(by=people.outsider, on=timezone.localdate(), reason="写错")
    assert verdict(client.post("/verify/", ask)) == (200, "voided")


def test_nothing_more_is_told(client, people, paper):
    paper.void(by=people.safety, on=timezone.localdate(), reason="内部的原因")
    text = client.get(f"/verify/{paper.code}/").content.decode()
    assert paper.number in text
    hidden = ("重庆石角机械厂", "机密标题", "防护罩缺失", "内部的原因", "安全员", paper.sha256, "/documents/")
    assert [word for word in hidden if word in text] == []


def test_what_was_not_issued_here_is_not_found(client, paper):
    for given in (
        {"code": "A" * 24},
        {"code": "%00"},
        {"code": "'; --"},
        {"number": paper.number, "issued_on": "2019-01-01"},
        upload(b"%PDF-1.7 hello %%EOF"),
        upload(b"x"),
    ):
        assert verdict(client.post("/verify/", given)) == (404, "unknown")


@pytest.mark.parametrize("given", [{}, {"number": "整改通知〔2026〕1号"}, {"number": "x", "issued_on": "昨天"}, {"code": "x" * 300}])
def test_what_cannot_be_read_is_422_and_stays_typed(client, given):
    response = client.post("/verify/", given)
    assert response.status_code == 422
    assert [value for value in given.values() if value[:100] not in response.content.decode()] == []


def test_ten_thousand_guesses_find_nothing(people, paper):
    for _ in range(20):
        f.a_document(people.factory, people.safety)
    near = [paper.code[:n] + letter + paper.code[n + 1 :] for n in range(24) for letter in ALPHABET if letter != paper.code[n]]
    far = ["".join(secrets.choice(ALPHABET) for _ in range(24)) for _ in range(10_000 - len(near))]
    assert [code for code in near + far if verifying.by_code(code).verdict != verifying.Verdict.UNKNOWN] == []
    assert verifying.by_code(paper.code).verdict == verifying.Verdict.GENUINE


def test_codes_are_120_random_bits():
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {24}
    assert len({letter for code in codes for letter in code}) == 32


def test_guessing_is_slowed_by_address_and_a_new_day_is_new(client, paper):
    def ask(code, address="203.0.113.7"):
        return client.get(f"/verify/{code}/", REMOTE_ADDR=address).status_code

    assert [ask(new_code()) for _ in range(verify.TRIES)] == [404] * verify.TRIES
    assert (ask(new_code()), ask(paper.code)) == (429, 429)
    assert client.post("/verify/", {"code": new_code()}, REMOTE_ADDR="203.0.113.7").status_code == 429
    assert (ask(paper.code, "203.0.113.8"), client.get("/verify/", REMOTE_ADDR="203.0.113.7").status_code) == (200, 200)
    assert VerifyTry.objects.count() == verify.TRIES
    assert not VerifyTry.objects.filter(whose__contains="203").exists()
    VerifyTry.objects.update(at=timezone.now() - datetime.timedelta(seconds=verify.WINDOW + 1))
    assert ask(paper.code) == 200
    VerifyTry.objects.update(at=timezone.now() - datetime.timedelta(days=2))
    assert (drop_old_tries(), drop_old_tries()) == (verify.TRIES, 0)


def test_who_holds_genuine_papers_is_never_slowed(client, paper):
    assert {client.get(f"/verify/{paper.code}/").status_code for _ in range(verify.TRIES + 5)} == {200}


def test_a_paper_whose_pdf_is_not_ready_is_genuine_already(client, people):
    row = f.a_document(people.factory, people.safety)
    assert Document.objects.get(pk=row.pk).state == "pending"
    assert verdict(client.get(f"/verify/{row.code}/")) == (200, "genuine")
