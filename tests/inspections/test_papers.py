"""Papers of visits, orders, measures and transfers: their pages, their moves, their words, their look."""

import re
import subprocess
import uuid

import pytest
from django.urls import reverse

from core.work import run_one
from documents import catalogue
from documents.models import Document, Service
from documents.papers import PAPERS
from hazards.models import Hazard
from inspections.models import Inspection, InspectionItem, OnsiteMeasure, Order, PowerItem, Transfer, Violation
from tests.inspections import course
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db
RARE = "喆赟祎玥堃䶮㎡"


@pytest.fixture(autouse=True)
def kinds(db):
    catalogue.load()


def asked(people):
    """A request for more time, granted."""
    row = course.served(people)
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="配件要定制", measures="停用冲床,挂牌上锁")
    row.grant_extension(by=people.leader, on=TODAY, note="同意,按新期限落实")
    return row.extensions.get()


def released(people):
    """A stop lifted by the leader after two officers had looked."""
    row = course.in_force(people)
    row.apply_release(by=people.principal, on=TODAY, report="通道已清出", photos=[course.photo(people.principal)])
    row.examine(by=people.inspector, on=TODAY, passed=True, opinion="通道畅通", photos=[course.photo(people.inspector)])
    row.sign_fit(by=people.inspector2, on=TODAY)
    row.release(by=people.leader, on=TODAY, note="同意恢复")
    return row


def service(people):
    """The record of an order's service."""
    return Service.objects.get(document=course.served(people).document)


def recheck(people):
    """A re-check that found something left."""
    return course.rechecked(people, passed=False).rechecks.get()


def reported(people):
    """A visit with a violation, under a transfer."""
    visit = course.recorded(
        people,
        p0={"is_violation": True, "note": "没有排查记录"},
        p1={"disposal": "on_spot", "after_photos": [str(course.photo(people.inspector).uid)]},
    )
    course.issued(people, course.drafted(people, visit))
    return visit


# code: (URL name, the row, words that must stand in the PDF)
PAGES = {
    "CHECK_PLAN": (
        "inspection_plan_paper",
        course.approved,
        ["年度计划", "隐患排查治理(必查)", "李执法(执法证号{one})", "镇领导", "系统内批准"],
    ),
    "CHECK_NOTICE": ("inspection_notice", course.approved, ["年度计划", "王执法(执法证号{two})", "有权拒绝检查", "申请回避"]),
    "CHECK_RECORD": (
        "inspection_record_paper",
        course.recorded,
        ["冲压车间", "王执法(执法证号{two})", "厂长(主要负责人)", "属实", "未发现问题"],
    ),
    "ORDER_RECTIFY": (
        "order_paper",
        course.drafted,
        ["通道被堵", "整改要求:清出通道", "60日内", "6个月内", "申请行政复议", "行政诉讼", "前书面申请延期", "10日内复查"],
    ),
    "ONSITE_MEASURE": (
        "measure_paper",
        course.measure,
        ["暂时停产停业:冲压车间", "解除条件:清出后审查", "根据第65条", "60日内", "现场审查"],
    ),
    "RECHECK_OPINION": ("inspection_recheck_paper", recheck, ["通道被堵", "未整改到位", "还堵着", "第1项未整改到位"]),
    "EXTEND_APPROVE": ("order_extension_paper", asked, ["配件要定制", "停用冲床,挂牌上锁", "同意,按新期限落实", "镇领导"]),
    "RESUME": ("measure_resume_paper", released, ["李执法、王执法审查合格", "通道畅通", "同意恢复"]),
    "DELIVERY": ("service_receipt_paper", service, ["责令限期整改指令书", "直接送达", "厂办", "送达次日"]),
    "CASE_TRANSFER": ("transfer_paper", course.transfer, ["区应急局", "镇无处罚权", "《安全生产法》(2021)第41条", "违法日期"]),
    "DISTRICT_REPORT": (
        "inspection_district_paper",
        reported,
        ["没有排查记录", "《安全生产法》(2021)第41条", "已下达责令整改", "特此报告"],
    ),
}
TOWNS = {"CHECK_PLAN", "DELIVERY", "CASE_TRANSFER", "DISTRICT_REPORT"}


def form_of(client, url, **given):
    page = client.get(url)
    assert page.status_code == 200, page.get("Location")
    seen = re.search(r'name="seen" value="(\w+)"', page.content.decode()).group(1)
    return {"client_id": str(uuid.uuid4()), "seen": seen, **given}


def issue(client, url, **given):
    """The paper just issued by its page."""
    response = client.post(url, form_of(client, url, **given))
    assert response.status_code == 302, response.content.decode()
    return Document.objects.latest("pk")


def printed(paper):
    """Its PDF, made by a worker."""
    assert run_one(Document, paper.pk)
    paper.refresh_from_db()
    assert paper.state == "done", paper.last_error
    with paper.file.open("rb") as stored:
        return stored.read()


def text_of(data):
    """The words of a PDF: no spaces and line breaks, half-width brackets and commas as the tests write them."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True)
    return re.sub(r"\s", "", done.stdout.decode()).translate(HALF)


HALF = str.maketrans(dict(zip("\uff08\uff09\uff0c\uff1a\uff1b", "(),:;", strict=True)))


def fonts_of(data, path):
    """{font: is it embedded}."""
    (path / "a.pdf").write_bytes(data)
    lines = subprocess.run(["pdffonts", str(path / "a.pdf")], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    return {line.split()[0]: line.split()[-5] == "yes" for line in lines}


def test_every_paper_has_its_template_and_its_page():
    pages = {code: PAPERS[code].issue_url_of("inspections.inspection") for code in PAGES}
    assert pages == {code: name for code, (name, *_) in PAGES.items()}
    assert PAPERS["RECHECK_OPINION"].issue_url_of("hazards.hazard") == "recheck_opinion"


@pytest.mark.req("R43")
@pytest.mark.parametrize("code", PAGES)
def test_page_previews_issues_once_and_prints(people, sign_in, tmp_path, code):
    name, make, words = PAGES[code]
    row = make(people)
    url = reverse(name, args=[row.pk])
    for other, status in (("principal", 403), ("leader", 403), ("foreign", 404)):
        assert sign_in(getattr(people, other)).get(url).status_code == status
    client = sign_in(people.inspector)
    before = Document.objects.count()
    preview = client.get(f"{url}?preview=1")
    assert (preview.status_code, "预览" in text_of(preview.content)) == (200, True)
    form = form_of(client, url)
    first, second = client.post(url, form), client.post(url, form)
    assert Document.objects.count() == before + 1
    paper = Document.objects.latest("pk")
    assert (first["Location"], second["Location"]) == (paper.get_absolute_url(),) * 2
    assert (paper.kind.code, paper.subject_pk, paper.enterprise, paper.issued_by) == (code, row.pk, people.factory, people.inspector)
    assert paper.audience == ("town" if code in TOWNS else "all")
    data = printed(paper)
    found = text_of(data)
    held = {"one": people.inspector.certificates.get().number, "two": people.inspector2.certificates.get().number}
    asked_for = [paper.number, paper.title, "重庆石角机械厂", "綦江区石角镇人民政府", *(text.format(**held) for text in words)]
    assert [text for text in asked_for if re.sub(r"\s", "", text).translate(HALF) not in found] == []
    assert set(fonts_of(data, tmp_path).values()) == {True}


# The moves


def test_notice_tells_the_firm(people, sign_in):
    row = course.approved(people)
    url = reverse("inspection_notice", args=[row.pk])
    issue(sign_in(people.inspector), url)
    row.refresh_from_db()
    assert (row.state, row.noticed_on, list(Inspection.objects.for_user(people.principal))) == ("noticed", TODAY, [row])
    again = sign_in(people.inspector).get(url, follow=True)
    assert again.redirect_chain == [(row.get_absolute_url(), 302)]


@pytest.mark.req("R43")
def test_order_binds_by_its_paper_and_a_second_one_is_refused(people, sign_in):
    row = course.drafted(people)
    url = reverse("order_paper", args=[row.pk])
    late = form_of(sign_in(people.inspector2), url)
    paper = issue(sign_in(people.inspector), url)
    row.refresh_from_db()
    assert (row.state, row.document, row.issued_on, row.lines.get().hazard.state) == ("issued", paper, TODAY, "assigned")
    refused = sign_in(people.inspector2).post(url, late)
    assert (refused.status_code, Document.objects.filter(kind__code="ORDER_RECTIFY").count()) == (409, 1)


@pytest.mark.req("R25")
def test_measure_is_decided_by_its_paper(people, sign_in):
    row = course.measure(people)
    paper = issue(sign_in(people.inspector), reverse("measure_paper", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, row.document) == ("ordered", paper)
    assert list(OnsiteMeasure.objects.for_user(people.principal)) == [row]


def test_transfer_goes_out_by_its_paper(people, sign_in):
    row = course.transfer(people)
    paper = issue(sign_in(people.inspector), reverse("transfer_paper", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, row.document, Violation.objects.get().state) == ("sent", paper, "transferred")
    assert sign_in(people.principal).get(paper.get_absolute_url()).status_code == 404


def test_report_to_the_district_is_made_by_its_paper(people, sign_in):
    visit = reported(people)
    paper = issue(sign_in(people.inspector), reverse("inspection_district_paper", args=[visit.pk]), view="请区局指导")
    visit.refresh_from_db()
    assert (visit.reported_on, visit.report_how, paper.facts["view"], paper.title) == (
        TODAY,
        f"书面报告 {paper.number}",
        "请区局指导",
        "綦江区石角镇人民政府关于重庆石角机械厂安全生产违法行为的报告",
    )


# Not yet, or not at all


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("inspection_plan_paper", course.planned, "检查方案还没有批准"),
        ("inspection_notice", course.planned, "检查方案批准后"),
        ("inspection_record_paper", course.begun, "还没有两名检查人员签名"),
        ("inspection_recheck_paper", course.recorded, "只有整改复查才出复查意见书"),
        ("inspection_district_paper", course.recorded, "没有需要报区的"),
        ("measure_resume_paper", course.in_force, "领导批准恢复后才能出"),
    ],
)
def test_a_paper_before_its_time_is_refused_with_its_reason(people, sign_in, name, make, words):
    row = make(people)
    response = sign_in(people.inspector).get(reverse(name, args=[row.pk]), follow=True)
    assert response.redirect_chain == [(row.get_absolute_url(), 302)]
    assert words in str(list(response.context["messages"])[0]) if response.context else True
    assert Document.objects.filter(kind__code__startswith="CHECK").count() == 0


def test_an_order_beyond_its_day_is_refused_when_it_is_issued(people, sign_in):
    row = course.drafted(people)
    Order.objects.filter(pk=row.pk).update(due_on=later(-1), first_due_on=later(-1))
    client = sign_in(people.inspector)
    page = client.get(reverse("order_paper", args=[row.pk]), follow=True)
    assert page.redirect_chain == [(row.get_absolute_url(), 302)]
    assert "整改期限不能早于今天" in page.content.decode()


# In whose name


@pytest.mark.req("R65")
def test_delegated_papers_carry_the_bureaus_name_and_number(people, sign_in):
    organ = {"holder": "delegated", "organ_code": "500110-emergency", "organ_name": "重庆市綦江区应急管理局", "organ_mark": "綦"}
    row = course.drafted(people)
    PowerItem.objects.filter(kind="order").update(**organ)
    paper = issue(sign_in(people.inspector), reverse("order_paper", args=[row.pk]))
    found = text_of(printed(paper))
    assert (paper.organ_name, paper.number.startswith("(綦)应急责改")) == ("重庆市綦江区应急管理局", True)
    assert "重庆市綦江区应急管理局" in found
    assert "石角镇人民政府" not in found
    row.refresh_from_db()
    course.serve(people, row)
    receipt = issue(sign_in(people.inspector), reverse("service_receipt_paper", args=[Service.objects.get().pk]))
    assert (receipt.organ_name, receipt.number.startswith("(綦)应急回")) == ("重庆市綦江区应急管理局", True)


def test_what_the_district_holds_is_refused_at_the_paper(people, sign_in):
    row = course.drafted(people)
    PowerItem.objects.filter(kind="order").update(holder="district")
    page = sign_in(people.inspector).get(reverse("order_paper", args=[row.pk]), follow=True)
    assert "镇没有责令改正的权限,请移送区应急局" in page.content.decode()


# The record


@pytest.mark.req("R43")
def test_record_prints_refusal_and_witness_in_place_of_a_signature(people, sign_in):
    row = course.filled(people, p1={})
    told = {"party_name": "厂长", "party_post": "主要负责人", "refusal": "认为处罚过重,拒绝签字", "witness": "刘罗坪村主任"}
    row.sign_record(by=people.inspector, on=TODAY, **told)
    row.record(by=people.inspector2, on=TODAY)
    paper = issue(sign_in(people.inspector), reverse("inspection_record_paper", args=[row.pk]))
    found = text_of(printed(paper))
    assert [
        words for words in ("认为处罚过重,拒绝签字", "见证人:刘罗坪村主任", "通道被堵", "处置:责令限期整改") if words not in found
    ] == []
    assert paper.facts["signature"] == []


@pytest.mark.req("R43")
def test_record_holds_the_problem_photos_and_the_drawn_signature(people, sign_in):
    after = [str(course.photo(people.inspector).uid)]
    row = course.recorded(people, p0={"note": "没有台账"}, p1={"disposal": "on_spot", "after_photos": after})
    paper = issue(sign_in(people.inspector), reverse("inspection_record_paper", args=[row.pk]))
    problems = paper.facts["problems"]
    assert [(one["number"], one["disposal"], len(one["photos"])) for one in problems] == [(1, "责令限期整改", 1), (2, "当场改正", 2)]
    assert (len(paper.facts["signature"]), [one["name"] for one in paper.facts["signers"]]) == (1, ["李执法", "王执法"])
    assert printed(paper).startswith(b"%PDF")


@pytest.mark.req("R43")
def test_a_record_of_sixty_items_with_photos_and_rare_characters_is_printed_whole(people, sign_in, tmp_path):
    course.law()
    for number in range(58):
        course.point(f"X{number}", f"第{number}个要点{RARE}")
    row = course.begun(people)
    problems = {f"p{position}": {"note": f"问题{position}{RARE}" + "长" * 400, "place": "车间"} for position in range(60)}
    course.recorded(people, row, **problems)
    paper = issue(sign_in(people.inspector), reverse("inspection_record_paper", args=[row.pk]))
    data = printed(paper)
    assert text_of(data).count(RARE) >= 60 + 58
    assert set(fonts_of(data, tmp_path).values()) == {True}
    assert len(paper.facts["problems"]) == 60


# Rows of several kinds


def test_pages_offer_the_papers_that_fit(people, sign_in):
    from inspections.views.papers_orders import offers

    names = lambda row, who: [page.url_name for page in offers(row, who)]  # noqa: E731
    visit = course.approved(people)
    assert names(visit, people.inspector) == ["inspection_plan_paper", "inspection_notice"]
    assert names(visit, people.leader) == []
    row = course.drafted(people, course.recorded(people, course.begun(people, course.noticed(people, visit)), p1={"is_violation": True}))
    assert names(row.inspection, people.inspector) == ["inspection_plan_paper", "inspection_record_paper", "inspection_district_paper"]
    assert names(row, people.inspector) == ["order_paper"]


@pytest.mark.req("R70")
def test_a_recheck_about_a_major_hazard_prints_no_line(people, sign_in):
    row = course.applied(people)
    Hazard.objects.update(level="major", major_on=TODAY, state="major_confirmed")
    visit = row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    course.recorded(people, course.begun(people, visit))
    paper = issue(sign_in(people.inspector), reverse("inspection_recheck_paper", args=[visit.pk]))
    assert (paper.facts["rows"], InspectionItem.objects.filter(inspection=visit).count()) == ([], 0)
    assert "按五定整改方案另行复查" in text_of(printed(paper))


def test_a_receipt_of_a_corrected_service_is_refused(people, sign_in):
    old = service(people)
    facts = {
        "method": "direct",
        "receiver": "厂长",
        "receiver_role": "主要负责人",
        "served_on": TODAY,
        "place": "门卫室",
        "server": people.inspector,
    }
    Service.record(
        old.document,
        by=people.inspector,
        on=TODAY,
        corrects=old,
        correction_reason="地点写错",
        photos=[course.photo(people.inspector)],
        **facts,
    )
    page = sign_in(people.inspector).get(reverse("service_receipt_paper", args=[old.pk]), follow=True)
    assert "请对更正后的记录出回执" in page.content.decode()


def test_transfer_lists_the_papers_that_go_along(people, sign_in):
    visit = course.recorded(people, p0={"disposal": "transfer", "is_violation": True})
    record = issue(sign_in(people.inspector), reverse("inspection_record_paper", args=[visit.pk]))
    row = course.transfer(people, visit)
    paper = issue(sign_in(people.inspector), reverse("transfer_paper", args=[row.pk]))
    assert paper.facts["materials"] == [f"现场检查记录 {record.number}"]
    assert Transfer.objects.get().document == paper


def test_months_are_counted_to_the_same_day_or_the_months_last(people):
    import datetime

    from core.clock import months_later

    day = datetime.date
    found = [months_later(start, count) for start, count in ((day(2026, 8, 31), 6), (day(2026, 11, 25), 6), (day(2027, 12, 31), 2))]
    assert found == [day(2027, 2, 28), day(2027, 5, 25), day(2028, 2, 29)]
