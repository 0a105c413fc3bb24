"""Slips of the year: said at every door, never a crash, never kept."""

import datetime
import io
import uuid

import openpyxl
import pytest
from django.urls import reverse

from core.models import MoveRefused
from core.xlsx import write_xlsx
from inspections.models import Inspection, Order, OutsideVisit, Patrol
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import post_plan

pytestmark = pytest.mark.django_db
FIRST, LAST = "0001-01-01", "9999-12-31"
TOO_FAR = pytest.mark.parametrize("day", [LAST, "2200-01-01", f"{later(2 * 366 + 1)}"])


@pytest.fixture(autouse=True)
def law(db):
    course.law()


@TOO_FAR
def test_a_visit_is_not_planned_for_a_day_that_cannot_be_meant(people, sign_in, day):
    answer = post_plan(sign_in(people.inspector), people, planned_on=day, content="查除尘")
    assert (answer.status_code, answer.context["form"].errors["planned_on"][0][:4]) == (422, "日期太远")
    assert "查除尘" in answer.text
    with pytest.raises(MoveRefused, match="日期太远"):
        course.planned(people, planned_on=datetime.date.fromisoformat(day))
    assert Inspection.objects.count() == 0


def test_the_last_day_that_can_be_meant_is_taken(people, sign_in):
    assert post_plan(sign_in(people.inspector), people, planned_on=f"{later(2 * 366)}").status_code == 302


@pytest.mark.parametrize("day", [FIRST, LAST, f"{later(-1)}"])
def test_a_complaint_is_not_answered_by_such_a_day(people, sign_in, day):
    facts = {"kind": "complaint", "complaint_channel": "12345", "return_by_on": day}
    answer = post_plan(sign_in(people.inspector), people, **facts)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["return_by_on"])


@TOO_FAR
def test_neither_replanned_nor_rechecked_then(people, sign_in, day):
    order, visit = course.served(people), course.approved(people, course.planned(people, people.neighbour))
    client, officers = sign_in(people.inspector), [people.inspector.pk, people.inspector2.pk]
    for name, row, move in (("order_move", order, "plan_recheck"), ("inspection_move", visit, "replan")):
        data = {"version": row.version, "planned_on": day, "officers": officers, "note": "改期"}
        answer = client.post(reverse(name, args=[row.pk, move]), data)
        assert (answer.status_code, "日期太远" in answer.text) == (422, True)
    with pytest.raises(MoveRefused, match="日期太远"):
        order.plan_recheck(
            by=people.inspector, on=TODAY, planned_on=datetime.date.fromisoformat(day), officers=[people.inspector, people.inspector2]
        )


@pytest.mark.parametrize("day", [LAST, FIRST, f"{later(90)}"])
def test_more_time_is_asked_for_within_its_bound(people, sign_in, day):
    row = course.served(people)
    url = reverse("order_move", args=[row.pk, "ask_extension"])
    client = sign_in(people.principal)
    assert f"一次延期最晚到 {row.extend_to_on:%Y-%m-%d}" in client.get(url).text
    answer = client.post(url, {"version": row.version, "until": day, "note": "缺件", "measures": "停用"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["until"])


def test_planning_a_recheck_tells_its_last_day(people, sign_in):
    row = course.applied(people)
    answer = sign_in(people.inspector).get(reverse("order_move", args=[row.pk, "plan_recheck"]))
    assert f"复查期限到 {row.recheck_by_on:%Y-%m-%d}" in answer.text


@TOO_FAR
def test_an_order_of_major_findings_has_its_last_day_too(people, sign_in, day):
    visit = course.recorded(people, p1={"level": "major"})
    finding = visit.findings.get()
    data = {
        "client_id": str(uuid.uuid4()),
        f"finding_{finding.pk}": "on",
        f"requirement_{finding.pk}": "停用",
        "other_day": day,
        "quick": "",
    }
    for more in ({}, {"preview": "1"}):
        answer = sign_in(people.inspector).post(reverse("order_new", args=[visit.pk]), {**data, **more})
        assert (answer.status_code, "日期太远" in answer.text) == (422, True)
    assert Order.objects.count() == 0


@pytest.mark.parametrize("day", [FIRST, LAST, "9999-12-30", "x", ""])
def test_the_sheet_of_the_day_keeps_to_days_that_can_be_meant(people, sign_in, day):
    answer = sign_in(people.inspector).get(reverse("inspection_day_sheet"), {"day": day})
    shown = {FIRST: later(-15 * 366), LAST: later(2 * 366), "9999-12-30": later(2 * 366)}.get(day, TODAY)
    assert (answer.status_code, answer.context["day"]) == (200, shown)


def test_walks_and_other_visits_of_year_one_are_refused(people, sign_in):
    common = {"client_id": str(uuid.uuid4()), "enterprise": people.factory.pk, "on": FIRST}
    client = sign_in(people.inspector)
    for name, own in (
        ("patrol_new", {"walker": "village", "names": "王某", "text": "提醒"}),
        ("outside_new", {"organ": "区局", "note": "粉尘"}),
    ):
        answer = client.post(reverse(name), {**common, **own})
        assert (answer.status_code, "请核对年份" in answer.text) == (422, True)
    assert (Patrol.objects.count(), OutsideVisit.objects.count()) == (0, 0)


def test_a_day_before_a_spreadsheets_first_is_text():
    data = write_xlsx(["日期"], [[datetime.date(1, 1, 1)], [datetime.date(2026, 11, 25)]])
    page = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for (cell,) in page.iter_rows(min_row=2)] == ["0001-01-01", datetime.datetime(2026, 11, 25)]
