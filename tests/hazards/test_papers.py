"""Papers of hazards: issuing pages, what they print, and many at once."""

import datetime
import importlib
import io
import re
import subprocess
import uuid
import zipfile

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from core import pdf
from core.models import Event, Job
from core.work import run_one
from documents import catalogue
from documents.models import Document
from documents.papers import PAPERS
from enterprises.models import KeyPerson
from hazards.models import FiveFixPlan, Hazard, MajorReport, Recheck
from tests import factories as f
from tests.hazards import course
from tests.hazards.test_documents import closed, found, submitted

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
RARE = "喆赟祎玥堃䶮㎡"
THIS = [TODAY.year, TODAY.month]


@pytest.fixture(autouse=True)
def kinds(db):
    course.rules()
    catalogue.load()


def assigned(people, **facts):
    hazard = found(people, TODAY, **facts)
    hazard.assign(by=people.safety, on=TODAY, rectifier=people.head, due_on=TODAY + datetime.timedelta(days=7), level=hazard.level)
    return hazard


def a_check(people):
    return submitted(people)[0]


def a_plan(people):
    return course.submitted(people).plan


def rechecked(people):
    row = course.rechecked(people, passed=False)
    row.fail_recheck(by=people.inspector2, on=TODAY)
    return row


def firm(people):
    closed(people, TODAY)
    return people.factory


# code: (URL name, its further arguments, the row, who issues it, who may not)
PAGES = {
    "SELF_CHECK_RECORD": ("check_record", [], a_check, "team", "inspector"),
    "HAZARD_NOTICE": ("hazard_notice", [], assigned, "head", "inspector"),
    "HAZARD_LEDGER": ("hazard_ledger_month", THIS, firm, "safety", "head"),
    "HAZARD_PUBLICITY": ("hazard_publicity_month", THIS, firm, "safety", "inspector"),
    "FIVE_FIX_PLAN": ("fix_plan_paper", [], a_plan, "principal", "inspector"),
    "MAJOR_REPORT": ("major_report", [], course.confirmed, "safety", "inspector"),
    "MAJOR_REPORT_DISTRICT": ("major_report_district", [], course.submitted, "inspector", "safety"),
    "RECHECK_OPINION": ("recheck_opinion", [], rechecked, "inspector2", "principal"),
}


def form_of(client, url, **given):
    seen = re.search(r'name="seen" value="(\w+)"', client.get(url).content.decode()).group(1)
    return {"client_id": str(uuid.uuid4()), "seen": seen, **given}


def issue(client, url, **given):
    """The paper just issued by its page."""
    response = client.post(url, form_of(client, url, **given))
    assert response.status_code == 302, response.content.decode()
    return Document.objects.latest("pk")


def text_of(data):
    """The words of a PDF, without spaces and line breaks."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True)
    return re.sub(r"\s", "", done.stdout.decode())


def fonts_of(data, path):
    """{font: is it embedded}."""
    (path / "a.pdf").write_bytes(data)
    lines = subprocess.run(["pdffonts", str(path / "a.pdf")], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    return {line.split()[0]: line.split()[-5] == "yes" for line in lines}


def test_every_paper_has_its_template_and_its_page():
    assert {code: PAPERS[code].issue_url for code in PAGES} == {code: name.removesuffix("_month") for code, (name, *_) in PAGES.items()}


@pytest.mark.req("R24")
@pytest.mark.parametrize("code", PAGES)
def test_page_previews_issues_once_and_prints(people, sign_in, tmp_path, code):
    name, more, make, who, other = PAGES[code]
    row = make(people)
    url = reverse(name, args=[row.pk, *more])
    client = sign_in(getattr(people, other))
    assert client.get(url).status_code == 403
    client = sign_in(getattr(people, who))
    preview = client.get(f"{url}?preview=1")
    assert (preview.status_code, "预览" in text_of(preview.content)) == (200, True)
    assert Document.objects.count() == 0
    form = form_of(client, url)
    first, second = client.post(url, form), client.post(url, form)
    paper = Document.objects.get()
    assert (first["Location"], second["Location"]) == (paper.get_absolute_url(),) * 2
    assert (paper.kind.code, paper.subject_pk, paper.enterprise, paper.issued_by) == (code, row.pk, people.factory, getattr(people, who))
    assert run_one(Document, paper.pk)
    paper.refresh_from_db()
    assert paper.state == "done", paper.last_error
    with paper.file.open("rb") as stored:
        data = stored.read()
    words = text_of(data)
    assert re.sub(r"\s", "", paper.number) in words
    assert re.sub(r"\s", "", paper.title) in words
    assert "重庆石角机械厂" in words
    assert set(fonts_of(data, tmp_path).values()) == {True}


@pytest.mark.req("R24")
def test_every_paper_of_a_major_hazard_refuses_a_general_one(people, sign_in):
    row = assigned(people)
    for code in ("MAJOR_REPORT", "MAJOR_REPORT_DISTRICT", "RECHECK_OPINION"):
        name, _, _, who, _ = PAGES[code]
        response = sign_in(getattr(people, who)).get(reverse(name, args=[row.pk]), follow=True)
        assert response.redirect_chain == [(row.get_absolute_url(), 302)]
        assert "不是已确认的重大事故隐患" in response.content.decode()


def test_a_major_hazard_gets_no_general_order(people, sign_in):
    row = course.rectifying(people)
    response = sign_in(people.safety).get(reverse("hazard_notice", args=[row.pk]), follow=True)
    assert "按五定方案整改,不出整改通知单" in response.content.decode()


def test_a_draft_of_a_plan_is_no_paper(people, sign_in):
    plan = course.planned(people).plan
    response = sign_in(people.principal).get(reverse("fix_plan_paper", args=[plan.pk]), follow=True)
    assert "提交后的有效方案才能出文书" in response.content.decode()


@pytest.mark.req("R24")
def test_the_report_is_made_with_its_paper(people, sign_in):
    row = course.confirmed(people)
    client = sign_in(people.safety)
    paper = issue(client, reverse("major_report", args=[row.pk]), cause="积尘", analysis="可能爆炸")
    assert (paper.facts["cause"], paper.facts["analysis"], paper.facts["plan"]) == ("积尘", "可能爆炸", None)
    made = MajorReport.objects.get(to="town")
    assert (made.document, made.how, made.made_by) == (paper, "paper", people.safety)
    again = issue(client, reverse("major_report", args=[row.pk]), cause="查明:积尘")
    assert MajorReport.objects.get(to="town").document == paper
    assert again.number != paper.number
    newer = issue(client, f"{reverse('major_report', args=[row.pk])}?replaces={paper.pk}", replaces=paper.pk, cause="更正")
    assert MajorReport.objects.get(to="town").document == newer, "what the first one says is void"


@pytest.mark.req("R24")
def test_the_letter_to_the_district_is_the_towns_own(people, sign_in):
    row = course.submitted(people)
    paper = issue(sign_in(people.inspector), reverse("major_report_district", args=[row.pk]), view="已派人驻守")
    assert (paper.title, paper.organ, paper.audience, paper.facts["to"], paper.facts["view"]) == (
        "綦江区石角镇人民政府关于重庆石角机械厂重大事故隐患的报告",
        people.town.code,
        "town",
        "綦江区应急管理局",
        "已派人驻守",
    )
    assert MajorReport.objects.get(to="district").document == paper
    client = sign_in(people.principal)
    assert client.get(paper.get_absolute_url()).status_code == 404
    assert paper.number not in client.get(row.get_absolute_url()).content.decode()
    assert paper.number in sign_in(people.leader).get(row.get_absolute_url()).content.decode()


@pytest.mark.req("R24")
def test_plan_and_opinion_hold_everything(people):
    from hazards.documents_major import plan_facts, recheck_facts

    f.HazardTraitFactory(code="METAL_SMELTING", name="金属冶炼")
    row = rechecked(people)
    plan = FiveFixPlan.objects.get()
    engineer = KeyPerson.objects.create(enterprise=people.factory, kind="engineer", name="赵工")
    FiveFixPlan.objects.filter(pk=plan.pk).update(engineer=engineer, engineer_opinion="同意", engineer_on=TODAY)
    facts = plan_facts(FiveFixPlan.objects.get())
    today = f"{TODAY.year}年{TODAY.month}月{TODAY.day}日"
    assert facts["plan"] == {
        "version": 1,
        "goal": "",
        "person": "车间主任",
        "person_post": "车间主任",
        "measures": ["更换除尘器", "加装泄爆片"],
        "funds_amount": "35,000.00元",
        "funds_source": "安全生产费用",
        "due_on": f"{course.DUE.year}年{course.DUE.month}月{course.DUE.day}日",
        "emergency_plan": "起火立即停机,从东门撤到门卫室,打119。",
        "engineer": "赵工",
        "engineer_opinion": "同意",
        "engineer_on": today,
        "submitted_on": today,
        "received_on": today,
        "received_by": "李执法",
    }
    assert facts["amended"] is None
    assert [one["edition"] for one in facts["criteria"]] == ["2023"]
    assert facts["confirmed_by"] == ["安全员", "厂长"]
    assert facts["interim"] == [{"kind": "警示隔离", "text": "拉警戒线", "since": today, "lifted_on": ""}]
    opinion = recheck_facts(Hazard.objects.get(pk=row.pk))
    assert (opinion["recheck"]["by"], opinion["recheck"]["passed"], opinion["recheck"]["on"]) == (["李执法", "王执法"], False, today)
    assert [(item["number"], item["passed"]) for item in opinion["recheck"]["items"]] == [(1, False), (2, True), (3, True)]


def test_an_opinion_needs_two_signatures(people, sign_in):
    row = course.rechecked(people)
    response = sign_in(people.inspector).get(reverse("recheck_opinion", args=[row.pk]), follow=True)
    assert "还没有两名执法人员都签名的复查结果" in response.content.decode()


@pytest.mark.req("R24")
def test_an_opinion_is_of_this_finding_never_of_one_that_was_downgraded(people, sign_in):
    row = rechecked(people)
    url, client = reverse("recheck_opinion", args=[row.pk]), sign_in(people.inspector)
    old = issue(client, url)
    assert old.facts["recheck"]["passed"] is False
    row.downgrade(by=people.reviewer, on=TODAY, level="serious", note="不符合判定条目")
    row.propose_major(by=people.inspector, on=TODAY, note="仍有疑问")
    row = course.confirmed(people, Hazard.objects.get(pk=row.pk))
    assert url not in client.get(row.get_absolute_url()).content.decode()
    refused = client.get(url, follow=True)
    assert "还没有两名执法人员都签名的复查结果" in refused.content.decode()
    row = course.rechecked(people, row)
    row.pass_recheck(by=people.inspector2, on=TODAY)
    assert url in client.get(row.get_absolute_url()).content.decode()
    assert issue(client, url).facts["recheck"]["passed"] is True
    assert [recheck.round for recheck in row.rechecks.all()] == [1, 4]


@pytest.mark.req("R24")
def test_rechecks_from_before_get_the_round_they_were_recorded_in(people):
    backfill = importlib.import_module("hazards.migrations.0004_recheck_round").backfill
    row = rechecked(people)
    row.downgrade(by=people.reviewer, on=TODAY, level="serious", note="不符合判定条目")
    row.propose_major(by=people.inspector, on=TODAY, note="仍有疑问")
    row = course.rechecked(people, course.confirmed(people, Hazard.objects.get(pk=row.pk)))
    Recheck.objects.update(round=0)
    backfill(apps, None)
    assert [recheck.round for recheck in row.rechecks.all()] == [1, row.round]


@pytest.mark.req("R76")
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("RECHECK_OPINION", ["复查日期:", "不合格,仍缺一片。", "有不合格项,隐患未消除"]),
        ("HAZARD_PUBLICITY", ["已销案 1 条", "<b>2号冲床</b>"]),
    ],
)
def test_a_paper_brings_the_text_it_is_published_by(people, sign_in, code, words):
    name, more, make, by, _ = PAGES[code]
    row = make(people)
    Hazard.objects.update(place="<b>2号冲床</b>")
    paper = issue(sign_in(getattr(people, by)), reverse(name, args=[row.pk, *more]))
    page = sign_in(people.inspector).get(reverse("publication_new"), {"document": paper.pk})
    original = page.context["form"]["original"].value()
    assert [text for text in words if text not in original] == []
    assert original.startswith(people.factory.name)
    assert "&lt;" not in original


def test_a_paper_that_became_impossible_gives_back_what_was_typed(people, sign_in):
    row = course.submitted(people)
    url = reverse("major_report_district", args=[row.pk])
    given = form_of(sign_in(people.inspector), url, view="请区局<b>指导</b>")
    row.downgrade(by=people.reviewer, on=TODAY, level="serious", note="不符合")
    response = sign_in(people.inspector).post(url, given)
    assert response.status_code == 409
    assert "请区局&lt;b&gt;指导&lt;/b&gt;" in response.content.decode()
    assert not Document.objects.exists()


# What is printed


@pytest.mark.req("R24")
def test_rare_characters_are_printed_in_embedded_fonts(people, tmp_path):
    from hazards.documents import notice_facts

    row = assigned(people, description=RARE, place=f"{RARE}车间")
    draft = Document.draft("HAZARD_NOTICE", enterprise=people.factory, facts=notice_facts(row), by=people.safety, on=TODAY)
    made = draft.preview()
    assert text_of(made).count(RARE) == 2
    assert set(fonts_of(made, tmp_path).values()) == {True}


def test_a_very_long_plan_is_printed_whole_or_refused(people):
    from hazards.documents_major import plan_facts

    plan = a_plan(people)
    words = "按现场处置方案停机断电撤人," * 3600
    FiveFixPlan.objects.filter(pk=plan.pk).update(emergency_plan=words)
    draft = Document.draft(
        "FIVE_FIX_PLAN", enterprise=people.factory, facts=plan_facts(FiveFixPlan.objects.get()), by=people.safety, on=TODAY
    )
    made = pdf.make(draft.template, draft.render_context())
    assert (made.pages > 20, text_of(made.data).count("按现场处置方案停机断电撤人")) >= (True, 3500)
    FiveFixPlan.objects.filter(pk=plan.pk).update(emergency_plan=words * 5)
    draft.facts = plan_facts(FiveFixPlan.objects.get())
    with pytest.raises(pdf.PaperRefused, match="没有生成"):
        draft.preview()


# A month


@pytest.mark.req("R23")
def test_a_long_ledger_is_several_numbered_papers(people, sign_in):
    rows = [f.HazardFactory.build(enterprise=people.factory, found_by=people.team, found_on=TODAY) for _ in range(501)]
    Hazard.objects.bulk_create(rows)
    client = sign_in(people.safety)
    url = reverse("hazard_ledger_month", args=[people.factory.pk, *THIS])
    assert "共 2 份,每份单独编号" in client.get(url).content.decode()
    issue(client, url)
    papers = list(Document.objects.order_by("pk"))
    assert [(p.serial, p.facts["part"], len(p.facts["rows"])) for p in papers] == [(1, 1, 500), (2, 2, 1)]
    tab = sign_in(people.leader).get(reverse("enterprise_ledgers", args=[people.factory.pk])).content.decode()
    assert [tab.count(f">{p.number}</a>") for p in papers] == [1, 1]
    assert "出台账" not in tab


@pytest.mark.req("R23")
def test_a_part_of_a_ledger_is_corrected_alone(people, sign_in):
    rows = [f.HazardFactory.build(enterprise=people.factory, found_by=people.team, found_on=TODAY) for _ in range(501)]
    Hazard.objects.bulk_create(rows)
    client = sign_in(people.safety)
    issue(client, reverse("hazard_ledger_month", args=[people.factory.pk, *THIS]))
    second = Document.objects.latest("pk")
    moved = client.get(f"{reverse('hazard_ledger', args=[people.factory.pk])}?replaces={second.pk}")
    month = reverse("hazard_ledger_month", args=[people.factory.pk, *THIS])
    assert moved["Location"] == f"{month}?replaces={second.pk}"
    newer = issue(client, moved["Location"], replaces=second.pk)
    assert (newer.replaces, newer.facts["part"], Document.objects.valid().count()) == (second, 2, 2)
    last = (TODAY.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)
    other = reverse("hazard_ledger_month", args=[people.factory.pk, last.year, last.month])
    assert client.get(f"{other}?replaces={newer.pk}").status_code == 404


@pytest.mark.parametrize("month", [(2018, 12), (TODAY.year + 1, 1), (TODAY.year, 13), (TODAY.year, 0)])
def test_a_month_that_is_none_is_not_found(people, sign_in, month):
    client = sign_in(people.safety)
    for name in ("hazard_ledger_month", "hazard_publicity_month"):
        assert client.get(reverse(name, args=[people.factory.pk, *month])).status_code == 404


def test_another_firms_ledger_is_not_found(people, sign_in):
    client = sign_in(people.safety)
    assert client.get(reverse("hazard_ledger_month", args=[people.neighbour.pk, *THIS])).status_code == 404
    assert client.get(reverse("enterprise_ledgers", args=[people.neighbour.pk])).status_code == 404


def test_the_tab_counts_the_months_hazards(people, sign_in):
    found(people, TODAY)
    found(people, TODAY).reject(by=people.safety, on=TODAY, note="看错了")
    f.HazardFactory(enterprise=people.neighbour, found_on=TODAY)
    text = sign_in(people.safety).get(reverse("enterprise_ledgers", args=[people.factory.pk])).content.decode()
    assert re.findall(r">(\d+) 条</a>", text) == ["1"] + ["0"] * 11
    assert text.count("出台账") == text.count("出公示") == 12


# Many at once


def batch(client, **query):
    url = reverse("hazard_notices", query=query)
    return url, client.get(url).context


@pytest.mark.req("R23")
def test_orders_of_a_filter_are_issued_once_and_packed(people, sign_in):
    rows = [assigned(people, description=f"第{n}处") for n in range(3)]
    assigned(people, description="别的")
    closed(people, TODAY, description="第9处")
    client = sign_in(people.safety)
    url, context = batch(client, q="处")
    assert ([row.pk for row in context["shown"]], context["count"]) == ([row.pk for row in rows], 3)
    form = {"client_id": str(uuid.uuid4())}
    first, second = client.post(url, form), client.post(url, form)
    job = Job.objects.get()
    assert first["Location"] == second["Location"] == reverse("job_detail", args=[job.pk])
    assert run_one(Job, job.pk)
    job.refresh_from_db()
    papers = list(Document.objects.order_by("pk"))
    assert (job.state, job.message, [p.subject_pk for p in papers]) == ("done", "共 3 份", [row.pk for row in rows])
    with job.result.open("rb") as stored:
        names = zipfile.ZipFile(io.BytesIO(stored.read())).namelist()
    assert [re.sub(r"^\d{4} ", "", name) for name in names] == [p.file_name for p in papers]
    assert batch(client, q="处")[1]["count"] == 0
    assert batch(client)[1]["count"] == 1


@pytest.mark.req("R23")
def test_a_batch_that_was_cut_goes_on_without_a_second_paper(people):
    from hazards.papers import issue_notices

    rows = [assigned(people, description=f"第{n}处") for n in range(3)]
    params = {"hazards": [row.pk for row in rows], "membership": people.safety.membership_id}
    job = Job.start(kind="hazard_notices", title="通知单", by=people.safety, params=params, at_once=True)
    assert [issue_notices(job), issue_notices(job)] == ["共 3 份"] * 2
    assert Document.objects.count() == 3


def test_a_batch_of_somebody_who_left_issues_nothing(people):
    from hazards.papers import issue_notices

    row = assigned(people)
    held = people.safety.membership
    held.ends_on = TODAY - datetime.timedelta(days=1)
    held.save()
    job = Job.start(
        kind="hazard_notices", title="通知单", by=people.safety, params={"hazards": [row.pk], "membership": held.pk}, at_once=True
    )
    assert "没有制发" in issue_notices(job)
    assert Document.objects.count() == 0


def test_a_batch_takes_no_other_firms_hazard(people):
    from hazards.papers import issue_notices

    other = f.HazardFactory(enterprise=people.neighbour, rectifier=people.outsider, due_on=TODAY, state="assigned")
    params = {"hazards": [other.pk], "membership": people.safety.membership_id}
    job = Job.start(kind="hazard_notices", title="通知单", by=people.safety, params=params, at_once=True)
    assert issue_notices(job) == "共 0 份"
    assert Document.objects.count() == 0


def test_another_rectifier_needs_another_order(people, sign_in):
    row = assigned(people)
    client = sign_in(people.safety)
    issue(client, reverse("hazard_notice", args=[row.pk]))
    assert batch(client)[1]["count"] == 0
    Hazard.objects.get().reassign(by=people.safety, on=TODAY, rectifier=people.team)
    assert batch(client)[1]["count"] == 1


# On the pages of the rows


@pytest.mark.parametrize(
    ("make", "who", "labels"),
    [
        (a_check, "team", ["出检查记录"]),
        (a_check, "inspector", []),
        (assigned, "safety", ["出整改通知单"]),
        (assigned, "inspector", []),
        (course.confirmed, "safety", ["出重大隐患报告"]),
        (course.confirmed, "inspector", ["出报区县的报告"]),
        (rechecked, "inspector", ["出报区县的报告", "出复查意见书"]),
        (a_plan, "principal", ["出五定方案文书"]),
    ],
)
def test_a_row_offers_the_papers_one_may_issue(people, sign_in, make, who, labels):
    row = make(people)
    text = sign_in(getattr(people, who)).get(row.get_absolute_url()).content.decode()
    assert re.findall(r"</svg>(出[^<]+)</a>", text) == labels


def test_the_story_of_a_row_tells_its_paper(people, sign_in):
    row = assigned(people)
    paper = issue(sign_in(people.safety), reverse("hazard_notice", args=[row.pk]))
    event = Event.objects.of(row).last()
    assert (event.move, event.note, event.by) == ("issue_paper", str(paper), people.safety)


def test_a_filter_that_cannot_be_read_offers_no_orders(people, sign_in):
    assigned(people)
    client, url = sign_in(people.safety), reverse("hazard_notices")
    assert [client.get(f"{url}{query}").context["count"] for query in ("", "?found_from=2026-13-45")] == [1, 0]
