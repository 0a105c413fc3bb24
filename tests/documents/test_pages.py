"""Pages of papers: state, PDF, voiding, signed copies, numbers, packing many."""

import io
import uuid
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.models import Attachment, Event, Job
from core.work import sweep
from documents.models import Document, NumberSeries, Scan
from tests import factories as f
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.req("B10")]
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"


@pytest.fixture
def paper(people):
    return f.a_document(people.factory, people.safety)


def text(response):
    return response.content.decode()


def test_the_page_polls_until_the_pdf_is_ready(people, paper, sign_in):
    client, url = sign_in(people.safety), paper.get_absolute_url()
    assert 'hx-trigger="every 2s"' in text(client.get(url))
    assert '<meta http-equiv="refresh" content="3">' in text(client.get(url))
    assert client.get(f"{url}pdf/").status_code == 404
    assert sweep() == 1
    fragment = text(client.get(url, headers={"HX-Request": "true"}))
    assert "PDF 已生成,共 1 页" in fragment
    assert "hx-trigger" not in fragment
    assert "<html" not in fragment
    pdf = client.get(f"{url}pdf/")
    assert (pdf.content[:5], pdf["Content-Type"], pdf["X-Content-Type-Options"]) == (b"%PDF-", "application/pdf", "nosniff")


def test_a_parked_paper_says_so(people, paper, sign_in):
    Document.objects.filter(pk=paper.pk).update(state="parked", last_error="x")
    assert "PDF 没有生成,编号和内容都还在" in text(sign_in(people.safety).get(paper.get_absolute_url()))


def test_void_keeps_the_number_and_says_why(people, paper, sign_in):
    sweep()
    client, url = sign_in(people.safety), paper.get_absolute_url()
    assert client.post(f"{url}void/", {"reason": " "}).status_code == 422
    for _ in range(2):
        assert client.post(f"{url}void/", {"reason": "企业名称写错"})["Location"] == url
    paper.refresh_from_db()
    assert (paper.voided_by, paper.void_reason, paper.serial) == (people.safety, "企业名称写错", 1)
    assert [event.move for event in Event.objects.of(paper)] == ["void"]
    page = text(client.get(url))
    assert "企业名称写错" in page
    assert f"{url}void/" not in page
    again = f.a_document(people.factory, people.safety)
    assert again.serial == 2
    copy = client.get(f"{url}pdf/").content
    assert copy[:5] == b"%PDF-"
    assert copy != paper.file.read()


def test_only_the_side_that_issued_it_voids_it_and_files_to_it(people, paper, sign_in):
    town = f.a_document(people.factory, people.inspector, kind="RECHECK", pattern="复查〔{YYYY}〕{N}号", issuer="town")
    for row, who, status in [
        (paper, people.inspector, 403),
        (paper, people.principal, 200),
        (town, people.inspector2, 200),
        (town, people.safety, 403),
        (town, people.leader, 403),
        (paper, people.outsider, 404),
    ]:
        for act in ("void", "scan"):
            assert (who.username, act, sign_in(who).get(f"{row.get_absolute_url()}{act}/").status_code) == (who.username, act, status)


def test_a_signed_copy_is_filed_once(people, paper, sign_in):
    client, url = sign_in(people.safety), paper.get_absolute_url()
    client_id = str(uuid.uuid4())
    for _ in range(2):
        form = {"client_id": client_id, "pdf": SimpleUploadedFile("签章件.pdf", PDF), "photos": jpeg()}
        assert client.post(f"{url}scan/", form)["Location"] == url
    scan = Scan.objects.get()
    assert (scan.document, scan.name, scan.size, scan.file.read()) == (paper, "签章件.pdf", len(PDF), PDF)
    assert [photo.purpose for photo in Attachment.objects.of(paper)] == ["scan"]
    assert [event.note for event in Event.objects.of(paper)] == ["PDF“签章件.pdf”、照片 1 张"]
    page = text(client.get(url))
    assert f"/documents/scans/{scan.pk}/" in page
    served = client.get(f"/documents/scans/{scan.pk}/")
    assert (served.content, served["Content-Disposition"][:10], served["Content-Security-Policy"]) == (
        PDF,
        "attachment",
        "default-src 'none'; sandbox",
    )
    photo = Attachment.objects.of(paper).get()
    assert sign_in(people.principal).get(f"/files/{photo.pk}/").status_code == 200
    assert sign_in(people.outsider).get(f"/files/{photo.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.pdf", b"<html>%EOF", "不是 PDF"),
        ("a.pdf", b"", "空"),
        ("a.pdf", b"%PDF-1.7 half", "不完整"),
        ("a.pdf", b"%PDF-1.7 /OpenAction << /S /JavaScript >> %%EOF", "脚本或内嵌文件"),
        ("a.pdf", b"%PDF-1.7 /EmbeddedFile %%EOF", "脚本或内嵌文件"),
        ("a.pdf", b"%PDF-1.7 /J#61vaScript %%EOF", "脚本或内嵌文件"),
        ("a.pdf", b"<script>1</script>%PDF-1.7 %%EOF", "不是 PDF"),
    ],
)
def test_what_is_no_scan_is_refused_with_a_sentence(people, paper, sign_in, name, data, sentence):
    form = {"client_id": str(uuid.uuid4()), "pdf": SimpleUploadedFile(name, data)}
    response = sign_in(people.safety).post(f"{paper.get_absolute_url()}scan/", form)
    assert response.status_code == 422
    assert sentence in text(response)
    assert Scan.objects.count() == 0


def test_a_scan_that_is_too_large_or_nothing_at_all_is_refused(people, paper, sign_in, settings):
    settings.UPLOAD_MAX_BYTES = 20
    client, url = sign_in(people.safety), f"{paper.get_absolute_url()}scan/"
    large = client.post(url, {"client_id": str(uuid.uuid4()), "pdf": SimpleUploadedFile("a.pdf", PDF)})
    nothing = client.post(url, {"client_id": str(uuid.uuid4())})
    assert (large.status_code, nothing.status_code) == (422, 422)
    assert "超过 0 MB" in text(large)
    assert "请选择扫描的 PDF" in text(nothing)


def test_a_year_begun_on_paper_goes_on_where_it_stood(people, sign_in):
    f.DocumentKindFactory()
    client, year = sign_in(people.safety), timezone.localdate().year
    assert f"整改通知〔{year}〕1号" in text(client.get("/documents/numbers/"))
    for _ in range(2):
        assert client.post("/documents/numbers/", {"kind": "HAZARD_NOTICE", "first": "18"}).status_code == 302
    assert f"整改通知〔{year}〕18号" in text(client.get("/documents/numbers/"))
    assert f.a_document(people.factory, people.safety).number == f"整改通知〔{year}〕18号"
    late = client.post("/documents/numbers/", {"kind": "HAZARD_NOTICE", "first": "5"})
    assert (late.status_code, "起始号不能再改" in text(late)) == (409, True)
    assert f.a_document(people.neighbour, people.outsider).serial == 1
    series = NumberSeries.objects.get(organ=NumberSeries.organ_of(people.factory))
    assert [event.move for event in Event.objects.of(series)] == ["start_at"]


@pytest.mark.parametrize("typed", ["", "0", "abc", "100000", "9" * 40])
def test_a_bad_start_is_refused_and_kept_typed(people, sign_in, typed):
    f.DocumentKindFactory()
    response = sign_in(people.safety).post("/documents/numbers/", {"kind": "HAZARD_NOTICE", "first": typed})
    assert response.status_code == 422
    assert f'value="{typed}"' in text(response)
    assert NumberSeries.objects.count() == 0


def test_each_side_keeps_its_own_series(people, sign_in):
    f.DocumentKindFactory()
    f.DocumentKindFactory(code="RECHECK", name="整改复查意见书", issuer="town", pattern="复查〔{YYYY}〕{N}号")
    firm, town, abroad = (text(sign_in(who).get("/documents/numbers/")) for who in (people.safety, people.inspector, people.foreign))
    assert ("隐患整改通知单" in firm, "整改复查意见书" in firm) == (True, False)
    assert ("隐患整改通知单" in town, "整改复查意见书" in town) == (False, True)
    assert ("隐患整改通知单" in abroad, "整改复查意见书" in abroad) == (False, False)
    assert sign_in(people.safety).post("/documents/numbers/", {"kind": "RECHECK", "first": "2"}).status_code == 404


def test_list_filters_and_exports_its_filter(people, sign_in):
    one, two = f.a_document(people.factory, people.safety), f.a_document(people.factory, people.principal, title="关于防护罩的通知")
    hidden = f.a_document(people.neighbour, people.outsider)
    internal = f.a_document(people.factory, people.inspector, audience="town")
    one.void(by=people.safety, on=timezone.localdate(), reason="写错")
    client = sign_in(people.safety)

    def found(query):
        return {row.pk for row in client.get(f"/documents/?{query}").context["object_list"]}

    assert found("") == {one.pk, two.pk}
    assert (found("view=voided"), found("view=valid"), found("view=mine")) == ({one.pk}, {two.pk}, {one.pk})
    assert (found("q=防护罩"), found("kind=HAZARD_NOTICE"), found("view=waiting")) == ({two.pk}, {one.pk, two.pk}, {one.pk, two.pk})
    assert found("view=unsigned") == {two.pk}
    f.ScanFactory(document=two, by=people.safety)
    assert found("view=unsigned") == set()
    town = {row.pk for row in sign_in(people.inspector).get("/documents/").context["object_list"]}
    assert town == {one.pk, two.pk, hidden.pk, internal.pk}
    assert sign_in(people.inspector).get("/documents/?export=xlsx").content[:2] == b"PK"


def test_many_are_packed_into_one_download_with_progress(people, sign_in):
    papers = [f.a_document(people.factory, people.safety) for _ in range(3)]
    f.a_document(people.neighbour, people.outsider)
    papers[1].void(by=people.safety, on=timezone.localdate(), reason="写错")
    client = sign_in(people.safety)
    once = {"client_id": str(uuid.uuid4())}
    places = {client.post("/documents/batch/", once)["Location"] for _ in range(3)}
    job = Job.objects.get()
    assert places == {f"/account/downloads/{job.pk}/"}
    while sweep():
        pass
    job.refresh_from_db()
    assert (job.state, job.message, job.done, job.total) == ("done", "共 3 份", 3, 3)
    packed = zipfile.ZipFile(io.BytesIO(client.get(f"/account/downloads/{job.pk}/file/").content))
    year = papers[0].year
    assert packed.namelist() == [
        f"0001 整改通知〔{year}〕1号 隐患整改通知单.pdf",
        f"0002 (作废)整改通知〔{year}〕2号 隐患整改通知单.pdf",
        f"0003 整改通知〔{year}〕3号 隐患整改通知单.pdf",
    ]
    first = Document.objects.get(pk=papers[0].pk)
    assert packed.read(packed.namelist()[0]) == first.file.read()


def test_nothing_to_pack_says_so(people, sign_in):
    response = sign_in(people.safety).post("/documents/batch/?view=voided", follow=True)
    assert "没有符合筛选条件的文书" in text(response)
    assert Job.objects.count() == 0


def test_a_filter_that_cannot_be_read_packs_nothing(people, paper, sign_in):
    response = sign_in(people.safety).post("/documents/batch/?issued_from=2026-13-45", follow=True)
    assert "筛选条件填写有误" in text(response)
    assert Job.objects.count() == 0


def test_another_scan_of_the_same_length_is_not_taken_for_the_first(people, paper, sign_in):
    client, client_id = sign_in(people.safety), str(uuid.uuid4())
    codes = [
        client.post(f"{paper.get_absolute_url()}scan/", {"client_id": client_id, "pdf": SimpleUploadedFile("a.pdf", data)}).status_code
        for data in (PDF, PDF.replace(b"1 0 obj", b"2 0 obj"))
    ]
    assert codes == [302, 409]
    assert Scan.objects.count() == 1
