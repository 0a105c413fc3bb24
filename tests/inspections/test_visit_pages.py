"""The list of visits, and one visit for each reader."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents.models import Document
from inspections.models import Inspection, Violation
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import page

pytestmark = pytest.mark.django_db


# The list


def test_list_filters_exports_and_explains_its_emptiness(people, sign_in):
    first = course.planned(people, planned_on=later(2))
    second = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour)))),
        p0={"is_violation": True},
    )
    Inspection.objects.filter(pk=second.pk).update(report_by_on=later(-1))
    client = sign_in(people.inspector)
    names = lambda **query: [row.pk for row in client.get(reverse("inspection_list"), query).context["object_list"]]  # noqa: E731
    assert names() == [first.pk, second.pk]
    assert names(view="report_overdue") == [second.pk]
    assert names(state="planned") == [first.pk]
    assert names(kind="complaint") == []
    assert names(unit="town") == [first.pk, second.pk]
    assert names(unit=people.office.pk) == []
    assert names(officer=people.inspector2.pk) == [first.pk, second.pk]
    assert names(planned_from=later(1).isoformat()) == [first.pk]
    assert names(enterprise=people.neighbour.pk) == [second.pk]
    assert names(q="邻家") == [second.pk]
    assert "没有符合条件的执法检查" in page(client, "inspection_list", q="没有这家")
    assert client.get(reverse("inspection_list"), {"export": "xlsx", "q": "邻家"}).status_code == 200
    assert names(view="mine") == [first.pk, second.pk]


def test_unit_filter_finds_what_the_unit_joined(people, sign_in):
    row = course.planned(people)
    row.join(by=people.department, on=TODAY, note="看环保")
    client = sign_in(people.inspector)
    assert list(client.get(reverse("inspection_list"), {"unit": people.office.pk}).context["object_list"]) == [row]


def test_firm_has_a_list_of_what_it_was_told_and_asks_for_nothing_else(people, sign_in):
    course.planned(people, planned_on=later(2), enterprise=people.neighbour)
    row = course.recorded(people, p0={"is_violation": True})
    Inspection.objects.filter(pk=row.pk).update(report_by_on=later(-1))
    client = sign_in(people.principal)
    text = page(client, "inspection_list")
    assert "检查通知" in text
    assert row.number in text
    assert "报区" not in text
    assert list(client.get(reverse("inspection_list"), {"view": "report_overdue", "q": ""}).context["object_list"]) == [row]
    assert set(client.get(reverse("inspection_list")).context["filter"].filters) == {
        "q",
        "kind",
        "planned_from",
        "planned_to",
        "visited_from",
        "visited_to",
        "enterprise",
    }
    columns = client.get(reverse("inspection_list")).context["view"].columns
    assert {label for label, _ in columns} & {"状态", "报区期限", "报区日期", "仍要检查的理由", "转办单号"} == set()
    assert "还没有发给您企业的检查通知" in page(sign_in(people.outsider), "inspection_list")


def test_file_tab_shows_the_firms_visits_only(people, sign_in):
    mine, other = course.planned(people), course.planned(people, enterprise=people.neighbour)
    text = page(sign_in(people.inspector), "enterprise_inspections", people.factory.pk)
    assert mine.number in text
    assert other.number not in text


@pytest.mark.parametrize("words", ["字" * 3000, "%" * 3000, "a\0b", "'; --"])
def test_odd_words_are_answered(people, sign_in, words):
    client = sign_in(people.inspector)
    assert client.get(reverse("inspection_list"), {"q": words}).status_code == 200
    assert client.get(reverse("inspection_new"), {"q": words}).status_code == 200
    assert client.get(reverse("inspection_new"), {"enterprise": words}).status_code == 200


# One visit, for each reader


@pytest.mark.req("R70")
def test_page_draws_the_loop_with_findings_and_what_to_do(people, sign_in):
    row = course.recorded(
        people, p0={"is_violation": True}, p1={"disposal": "on_spot", "after_photos": [str(course.photo(people.inspector).uid)]}
    )
    response = sign_in(people.inspector).get(row.get_absolute_url())
    text = response.content.decode()
    dossier = response.context["dossier"]
    assert [(part.code, part.is_complete) for part in dossier.parts] == [("diagnosis", False), ("penalty", False), ("recheck", False)]
    assert [(one.finding.description, one.violation is not None, len(one.photos)) for one in dossier.found] == [
        ("通道被堵", True, 1),
        ("通道被堵", False, 2),
    ]
    assert dossier.can_follow
    for words in (
        "检查诊断",
        "行政处罚",
        "整改复查",
        "1 个违法行为还没有处理结果",
        "安全生产法",
        "报区",
        people.inspector.certificates.get().number,
        "企业签名",
    ):
        assert words in text
    assert [page.url_name for page in response.context["paper_pages"]] == [
        "inspection_plan_paper",
        "inspection_record_paper",
        "inspection_district_paper",
    ]


@pytest.mark.req("R70")
def test_page_links_what_grew_out_of_the_findings(people, sign_in):
    row = course.recorded(people, p0={"is_violation": True})
    order = course.issued(people, course.drafted(people, row))
    text = page(sign_in(people.inspector), "inspection_detail", row.pk)
    for path in (order.get_absolute_url(), order.document.get_absolute_url(), Violation.objects.get().get_absolute_url()):
        assert path in text
    assert reverse("transfer_new", args=[row.pk]) in text
    told = page(sign_in(people.principal), "inspection_detail", row.pk)
    assert order.get_absolute_url() in told
    assert reverse("order_new", args=[row.pk]) not in told
    measure = course.measure(people, course.recorded(people, visit_of(people), p1={"disposal": "measure"}))
    seen = [
        measure.get_absolute_url() in page(sign_in(who), "inspection_detail", measure.inspection_id)
        for who in (people.inspector, people.outsider)
    ]
    assert seen == [True, False]


def visit_of(people):
    """A visit of the neighbour firm, under way."""
    return course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour))))


def test_what_a_firm_may_not_see_is_not_in_its_page(people, sign_in):
    course.planned(people, planned_on=later(2))
    row = course.planned(
        people,
        override_reason="秘密理由",
        content="秘密内容",
        equipment="秘密装备",
        kind="complaint",
        complaint_channel="12345",
        complaint_number="秘密单号",
        return_by_on=later(5),
    )
    row = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, row))),
        p0={"is_violation": True, "disposal": "transfer"},
    )
    Inspection.objects.filter(pk=row.pk).update(warnings=["秘密提醒"], override_reason="秘密理由")
    course.transfer(people, row)
    seen = page(sign_in(people.inspector), "inspection_detail", row.pk)
    hidden = ("秘密理由", "秘密内容", "秘密装备", "秘密单号", "秘密提醒", "违法", "移送", "报区", "罚", "检查方案", "入企码", "镇领导")
    assert [word for word in hidden if word not in seen] == []
    told = page(sign_in(people.principal), "inspection_detail", row.pk)
    assert [word for word in hidden if word in told] == []
    assert "通道被堵" in told
    assert people.inspector.certificates.get().number in told
    for who in ("head", "employee", "outsider"):
        assert sign_in(getattr(people, who)).get(row.get_absolute_url()).status_code in (403, 404)


def test_village_reads_a_visit_without_the_towns_affairs(people, sign_in):
    course.planned(people, planned_on=later(5))
    row = course.approved(people, course.planned(people, override_reason="上级交办"), is_unannounced=True, unannounced_reason="举报线索")
    seen = {"enterprise": people.factory, "facts": {}, "by": people.inspector, "on": TODAY, "audience": "town"}
    scheme = Document.issue("CHECK_PLAN", subject=row, **seen)
    course.recorded(people, course.begun(people, row), p0={"is_violation": True})
    hidden = ("仍要检查", "上级交办", "举报线索", "建议并入", "违法", scheme.number)
    assert all(word in page(sign_in(people.inspector), "inspection_detail", row.pk) for word in hidden[:4])
    response = sign_in(people.village).get(row.get_absolute_url())
    dossier, told = response.context["dossier"], response.content.decode()
    assert (dossier.parts, dossier.violations, dossier.papers) == ([], [], [])
    assert [word for word in hidden if word in told] == []


def test_before_the_record_a_firm_sees_no_items_and_after_a_change_of_plan_no_state_of_the_scheme(people, sign_in):
    row = course.begun(people)
    course.filled(people, row, p1={})
    told = page(sign_in(people.principal), "inspection_detail", row.pk)
    assert "通道" not in told
    other = course.noticed(people, course.approved(people, course.planned(people, override_reason="再查一次", planned_on=later(4))))
    change = {"officers": [people.inspector, people.inspector2], "note": "改期", "override_reason": "再查一次"}
    other.replan(by=people.inspector, on=TODAY, planned_on=later(6), **change)
    other.submit_scheme(by=people.inspector, on=TODAY)
    firm = sign_in(people.principal)
    told = page(firm, "inspection_detail", other.pk)
    assert "日期待定" in told
    texts = [told, page(firm, "inspection_list"), page(firm, "inspection_entry", other.entry_code)]
    sheet = openpyxl.load_workbook(io.BytesIO(firm.get(reverse("inspection_list"), {"export": "xlsx"}).content)).active
    texts.append(" ".join(str(cell) for cells in sheet.values for cell in cells))
    assert [word for word in ("方案", f"{later(6)}") for text in texts if word in text] == []
    seen = lambda user, **query: list(sign_in(user).get(reverse("inspection_list"), query).context["object_list"])  # noqa: E731
    assert [seen(user, planned_from=later(6), planned_to=later(6)) for user in (people.principal, people.inspector)] == [[], [other]]
    assert f"{later(6)}" in page(sign_in(people.inspector), "inspection_detail", other.pk)
    other.approve_scheme(by=people.leader, on=TODAY)
    course.noticed(people, other)
    assert f"{later(6)}" in page(sign_in(people.principal), "inspection_detail", other.pk)


def test_officers_learn_why_they_cannot_begin_and_leaders_approve(people, sign_in):
    row = course.planned(people)
    assert "检查方案还没有批准" in page(sign_in(people.inspector), "inspection_detail", row.pk)
    people.inspector2.certificates.update(valid_to=later(-1))
    assert "没有有效的执法证" in page(sign_in(people.inspector), "inspection_detail", row.pk)
    people.inspector2.certificates.update(valid_to=later(100))
    row.submit_scheme(by=people.inspector, on=TODAY)
    client = sign_in(people.leader)
    url = reverse("inspection_move", args=[row.pk, "approve_scheme"])
    refused = client.post(url, {"version": row.version, "note": "同意", "is_unannounced": "on"})
    assert (refused.status_code, "不通知即检要写明理由" in refused.content.decode()) == (422, True)
    assert client.post(url, {"version": row.version, "note": "同意"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "scheme_approved"
    assert client.get(reverse("inspection_move", args=[row.pk, "notify"])).status_code == 404


def test_entry_code_is_shown_to_officers_once_the_firm_may_know(people, sign_in):
    row = course.approved(people)
    assert row.entry_code not in page(sign_in(people.inspector), "inspection_detail", row.pk)
    course.noticed(people, row)
    assert row.entry_code in page(sign_in(people.inspector), "inspection_detail", row.pk)
    assert row.entry_code not in page(sign_in(people.leader), "inspection_detail", row.pk)
    assert row.entry_code not in page(sign_in(people.principal), "inspection_detail", row.pk)


def test_page_needs_as_many_queries_for_many_findings_as_for_one(people, sign_in):
    def asked(client, row):
        with CaptureQueriesContext(connection) as caught:
            client.get(row.get_absolute_url())
        return len(caught)

    one = course.recorded(people, p0={"is_violation": True})
    course.point("P8", "第八"), course.point("P9", "第九")
    many = course.planned(people, enterprise=people.neighbour)
    many = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, many))),
        **{f"p{n}": {"is_violation": True} for n in range(4)},
    )
    client = sign_in(people.inspector)
    asked(client, one)
    assert asked(client, many) == asked(client, one)
