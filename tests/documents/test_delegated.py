"""Papers issued for a bureau that delegates: its name, its mark, its own numbers (handbook §0.8)."""

import datetime
import re
import subprocess

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import Event, MoveRefused
from documents import catalogue
from documents.models import Document, DocumentKind, NumberSeries, Organ
from documents.models.document import frozen
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.req("R65")]
BUREAU = Organ("500110-emergency", "重庆市綦江区应急管理局", "綦")
TOWN = "綦江区石角镇人民政府"
TODAY = timezone.localdate()
YEAR = TODAY.year


@pytest.fixture(autouse=True)
def kinds(db):
    catalogue.load()


def issue(people, kind="CHECK_RECORD", **more):
    facts = {"subject": people.factory, "enterprise": people.factory, "facts": {"情况": "防护罩缺失"}, "by": people.inspector, "on": TODAY}
    return Document.issue(kind, **{**facts, **more})


def printed(paper):
    """The words of its PDF without blanks."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=paper.preview(), capture_output=True, check=True)
    return re.sub(r"\s", "", done.stdout.decode())


def text(response):
    return response.content.decode()


# The number


def test_the_bureaus_mark_and_its_own_running_number(people):
    papers = [
        issue(people),
        issue(people, organ=BUREAU),
        issue(people),
        issue(people, organ=BUREAU),
        issue(people, "ORDER_RECTIFY", organ=BUREAU),
    ]
    assert [paper.number for paper in papers] == [
        f"(綦石)应急检记〔{YEAR}〕1号",
        f"(綦)应急检记〔{YEAR}〕1号",
        f"(綦石)应急检记〔{YEAR}〕2号",
        f"(綦)应急检记〔{YEAR}〕2号",
        f"(綦)应急责改〔{YEAR}〕1号",
    ]
    assert {(paper.organ, paper.organ_name) for paper in papers} == {
        (people.town.code, TOWN),
        ("delegated:500110-emergency", "重庆市綦江区应急管理局"),
    }


def test_the_towns_own_mark_is_a_setting(people, settings):
    settings.HOME_MARK = "綦隆"
    assert issue(people).number == f"(綦隆)应急检记〔{YEAR}〕1号"
    assert issue(people, organ=BUREAU).number == f"(綦)应急检记〔{YEAR}〕1号"


def test_a_number_of_a_failed_transaction_is_given_again(people):
    with pytest.raises(MoveRefused), transaction.atomic():
        issue(people, organ=BUREAU)
        raise MoveRefused("x")
    assert issue(people, organ=BUREAU).serial == 1


def test_only_papers_that_may_be_delegated_are(people):
    for kind in ("DISTRICT_REPORT", "MAJOR_REPORT_DISTRICT", "HAZARD_NOTICE"):
        with pytest.raises(ValueError, match="never issued for another organ"):
            issue(people, kind, organ=BUREAU)
    assert not Document.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        f.DocumentKindFactory(code="X", pattern="整改〔{YYYY}〕{N}号", issuer="town", is_delegable=True)


# What is printed, and kept


@pytest.mark.parametrize("kind", ["CHECK_RECORD", "ORDER_RECTIFY", "CASE_TRANSFER"])
def test_the_paper_prints_the_bureau_and_never_the_town(people, kind):
    words = printed(issue(people, kind, organ=BUREAU))
    assert ("重庆市綦江区应急管理局" in words, "(綦)应急" in words, TOWN in words, "綦石" in words) == (True, True, False, False)
    own = printed(issue(people, kind))
    assert ("重庆市綦江区应急管理局" in own, TOWN in own, "(綦石)应急" in own) == (False, True, True)


def test_the_opinion_of_a_recheck_is_signed_by_the_bureau(people):
    recheck = {"items": [], "on": "2026年11月25日", "by": ["李执法", "王执法"], "passed": True, "opinion": "合格", "photos": []}
    facts = {"firm": {"name": "重庆石角机械厂"}, "organ": TOWN, "recheck": recheck}
    draft = {"enterprise": people.factory, "facts": facts, "by": people.inspector, "on": TODAY}
    assert TOWN not in printed(Document.draft("RECHECK_OPINION", organ=BUREAU, **draft))
    assert TOWN in printed(Document.draft("RECHECK_OPINION", **draft))


def test_the_name_is_frozen(people, settings):
    own, bureaus, firms = issue(people), issue(people, organ=BUREAU), issue(people, "HAZARD_NOTICE", by=people.safety)
    settings.ORGANISER = "綦江区石角街道办事处"
    people.factory.name = "重庆新名机械厂"
    people.factory.save()
    kept = [Document.objects.get(pk=paper.pk).render_context()["issuer"] for paper in (own, bureaus, firms)]
    assert kept == [TOWN, "重庆市綦江区应急管理局", "重庆石角机械厂"]


def test_a_paper_from_before_prints_as_before(people, settings):
    own, firms = issue(people), issue(people, "HAZARD_NOTICE", by=people.safety)
    Document.objects.update(organ_name="")
    assert [Document.objects.get(pk=paper.pk).issuer for paper in (own, firms)] == [TOWN, "重庆石角机械厂"]
    assert TOWN in printed(Document.objects.get(pk=own.pk))


def test_a_correction_takes_the_next_number_of_the_same_organ(people):
    old = issue(people, organ=BUREAU)
    new = issue(people, organ=BUREAU, replaces=old)
    assert (new.serial, new.organ, Document.objects.get(pk=old.pk).is_valid) == (2, old.organ, False)
    with pytest.raises(MoveRefused):
        new.void(by=people.leader, on=TODAY, reason="写错")
    new.void(by=people.inspector2, on=TODAY, reason="写错")


# The check page


def test_the_check_page_names_the_bureau_and_never_a_firm(people, client):
    for paper, name in ((issue(people, organ=BUREAU), "重庆市綦江区应急管理局"), (issue(people), TOWN)):
        page = text(client.get(f"/verify/{paper.code}/"))
        assert f"<dt>制发单位</dt><dd>{name}</dd>" in page
        assert paper.number in page
    firms = issue(people, "HAZARD_NOTICE", by=people.safety)
    page = text(client.get(f"/verify/{firms.code}/"))
    assert (firms.number in page, "重庆石角机械厂" in page, "制发单位</dt>" in page) == (True, False, False)


def test_both_numbers_are_found_apart(people, client):
    bureaus, own = issue(people, organ=BUREAU), issue(people)
    for paper, name in ((bureaus, BUREAU.name), (own, TOWN)):
        typed = paper.number.replace("(", "\uff08").replace(")", "\uff09")
        answer = client.post("/verify/", {"number": typed, "issued_on": TODAY.isoformat()}).context["answer"]
        assert (answer.verdict, answer.paper, answer.paper.issuer) == ("genuine", paper, name)


def test_the_papers_own_page_says_who_issued_it(people, sign_in):
    paper = issue(people, organ=BUREAU)
    assert "<dt>制发单位</dt><dd>重庆市綦江区应急管理局</dd>" in text(sign_in(people.inspector).get(paper.get_absolute_url()))


# The numbers' page


def test_the_bureaus_series_stand_beside_the_towns(people, sign_in):
    client = sign_in(people.inspector)
    assert BUREAU.name not in text(client.get("/documents/numbers/"))
    f.a_delegation()
    issue(people, organ=BUREAU)
    tables = client.get("/documents/numbers/").context["tables"]
    assert [table["name"] for table in tables] == [TOWN, BUREAU.name]
    own, bureaus = ({row["kind"].code: (row["given"], row["next"]) for row in table["rows"]} for table in tables)
    assert (own["CHECK_RECORD"], bureaus["CHECK_RECORD"]) == ((0, f"(綦石)应急检记〔{YEAR}〕1号"), (1, f"(綦)应急检记〔{YEAR}〕2号"))
    assert set(own) - set(bureaus) == {"MAJOR_REPORT_DISTRICT", "DISTRICT_REPORT", "PLAN", "DRAW_RECORD"}
    for who in (people.safety, people.foreign):
        assert BUREAU.name not in text(sign_in(who).get("/documents/numbers/"))


def test_a_year_the_bureau_began_on_paper_goes_on_where_it_stood(people, sign_in):
    f.a_delegation()
    client = sign_in(people.inspector)
    form = {"kind": "CHECK_RECORD", "organ": BUREAU.series, "first": "41"}
    assert client.post("/documents/numbers/", form).status_code == 302
    assert (issue(people, organ=BUREAU).number, issue(people).number) == (f"(綦)应急检记〔{YEAR}〕41号", f"(綦石)应急检记〔{YEAR}〕1号")
    late = client.post("/documents/numbers/", {**form, "first": "7"})
    assert (late.status_code, "起始号不能再改" in text(late)) == (409, True)
    bad = client.post("/documents/numbers/", {**form, "kind": "ORDER_RECTIFY", "first": "0"})
    assert (bad.status_code, text(bad).count('aria-invalid="true"')) == (422, 1)
    series = NumberSeries.objects.get(organ=BUREAU.series, kind_code="CHECK_RECORD")
    event = Event.objects.of(series).get()
    assert (event.move, event.enterprise_id, event.area_code) == ("start_at", None, people.town.code)


def test_nobody_sets_the_numbers_of_an_organ_not_his(people, sign_in):
    form = {"kind": "CHECK_RECORD", "organ": BUREAU.series, "first": "41"}
    assert sign_in(people.inspector).post("/documents/numbers/", form).status_code == 404, "nobody delegates"
    f.a_delegation()
    assert sign_in(people.safety).post("/documents/numbers/", form).status_code == 404
    assert sign_in(people.foreign).post("/documents/numbers/", form).status_code == 404
    assert sign_in(people.inspector).post("/documents/numbers/", {**form, "kind": "DISTRICT_REPORT"}).status_code == 404
    assert (
        sign_in(people.inspector).post("/documents/numbers/", {**form, "organ": NumberSeries.organ_of(people.factory)}).status_code == 404
    )
    assert not NumberSeries.objects.exists()


# The kinds of issue 5


def test_the_kinds_of_inspections_and_their_numbers():
    rows = DocumentKind.objects.in_force(TODAY).filter(issuer="town")
    numbers = {row.code: row.number_for(2026, 3) for row in rows}
    assert numbers == {
        "MAJOR_REPORT_DISTRICT": "綦石安隐报〔2026〕3号",
        "RECHECK_OPINION": "(綦石)应急复查〔2026〕3号",
        "CHECK_PLAN": "(綦石)应急检查〔2026〕3号",
        "CHECK_NOTICE": "(綦石)应急检通〔2026〕3号",
        "CHECK_RECORD": "(綦石)应急检记〔2026〕3号",
        "ORDER_RECTIFY": "(綦石)应急责改〔2026〕3号",
        "ONSITE_MEASURE": "(綦石)应急现决〔2026〕3号",
        "EXTEND_APPROVE": "(綦石)应急延批〔2026〕3号",
        "RESUME": "(綦石)应急复产〔2026〕3号",
        "DELIVERY": "(綦石)应急回〔2026〕3号",
        "CASE_TRANSFER": "(綦石)应急移〔2026〕3号",
        "DISTRICT_REPORT": "綦石安违报〔2026〕3号",
        "PLAN": "(綦石)石安检计〔2026〕3号",
        "DRAW_RECORD": "綦石双随机〔2026〕3号",
    }
    before = DocumentKind.objects.in_force(datetime.date(2024, 12, 31))
    assert not before.filter(code="CHECK_NOTICE").exists(), "a check is notified since 2025"
    assert [row.code for row in rows.filter(is_published=True)] == ["ONSITE_MEASURE"]


def test_what_is_looked_at_says_in_whose_name(people):
    """The digest of an issuing page changes with the organ: a delegation that ended meanwhile is shown again."""
    from documents.views.issue import PaperView

    class Delegated(PaperView):
        organ_now = None

        def organ(self, subject):
            return self.organ_now

    page = Delegated()
    own = page.seen(people.factory, frozen({"a": 1}))
    page.organ_now = BUREAU
    assert page.seen(people.factory, frozen({"a": 1})) != own
