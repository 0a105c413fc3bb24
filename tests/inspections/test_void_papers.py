"""Papers voided by hand or corrected: what stood on them falls, holds them, or stands on the new one."""

import pytest
from django.urls import reverse

from core.models import Event, MoveRefused
from documents import catalogue
from inspections.models import Inspection, Violation
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.inspections.test_papers import issue, reported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(db):
    catalogue.load()


# A paper voided by hand


def void(client, paper, reason="写错了"):
    return client.post(reverse("document_void", args=[paper.pk]), {"reason": reason}, follow=True)


@pytest.mark.req("R43")
@pytest.mark.parametrize("step", ["issued", "served", "applied"])
def test_an_order_falls_with_its_paper(people, sign_in, step):
    row = getattr(course, step)(people)
    hazard = row.lines.get().hazard
    void(sign_in(people.inspector), row.document)
    row.refresh_from_db()
    hazard.refresh_from_db()
    assert (row.state, row.document.is_valid, hazard.ordered_by) == ("cancelled", False, "")
    assert Event.objects.of(row).last().note == "写错了"
    again = course.issued(people, course.drafted(people, row.inspection))
    hazard.refresh_from_db()
    assert (again.state, hazard.ordered_by) == ("issued", again.document.number)


def test_the_violation_is_open_again_when_its_order_falls(people, sign_in):
    order = course.served(people, course.issued(people, course.drafted(people, course.recorded(people, p1={"is_violation": True}))))
    violation = Violation.objects.get()
    violation.order_first(by=people.inspector, on=TODAY, note="首次不罚")
    void(sign_in(people.inspector), order.document)
    violation.refresh_from_db()
    assert violation.state == "open"


def test_an_order_about_to_be_rechecked_keeps_its_paper(people, sign_in):
    row = course.applied(people)
    row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    page = void(sign_in(people.inspector), row.document)
    row.refresh_from_db()
    row.document.refresh_from_db()
    assert (row.state, row.document.is_valid) == ("pending_recheck", True)
    assert "请先取消复查" in page.content.decode()


@pytest.mark.req("R25")
def test_a_stop_in_force_is_not_lifted_by_voiding_its_paper(people, sign_in):
    row = course.in_force(people)
    page = void(sign_in(people.inspector), row.document)
    row.refresh_from_db()
    row.document.refresh_from_db()
    assert (row.state, row.document.is_valid) == ("in_force", True)
    assert "恢复要经两名执法人员现场审查" in page.content.decode()


def test_a_stop_not_yet_served_falls_with_its_paper(people, sign_in):
    row = course.measure(people)
    row.issue(by=people.inspector, on=TODAY, document=course.paper("ONSITE_MEASURE", row, people.inspector))
    void(sign_in(people.inspector), row.document)
    row.refresh_from_db()
    assert (row.state, row.findings.count()) == ("cancelled", 0)


def test_a_transfer_falls_with_its_paper_until_it_is_received(people, sign_in):
    row = course.sent(people)
    void(sign_in(people.inspector), row.document)
    row.refresh_from_db()
    assert (row.state, Violation.objects.get().state, row.findings.count()) == ("cancelled", "open", 0)
    kept = course.sent(people, course.transfer(people, row.inspection))
    kept.receive(by=people.inspector, on=TODAY, note="已收")
    page = void(sign_in(people.inspector), kept.document)
    kept.refresh_from_db()
    assert (kept.state, "对方已经接收" in page.content.decode()) == ("received", True)


def test_a_void_notice_told_nobody(people, sign_in):
    row = course.approved(people)
    paper = issue(sign_in(people.inspector), reverse("inspection_notice", args=[row.pk]))
    void(sign_in(people.inspector), paper)
    row.refresh_from_db()
    assert (row.state, row.noticed_on) == ("scheme_approved", None)
    with pytest.raises(MoveRefused, match="还没有制发行政检查通知书"):
        row.begin(by=people.inspector, on=TODAY, place="车间")


def test_a_void_report_reached_nobody(people, sign_in):
    visit = reported(people)
    paper = issue(sign_in(people.inspector), reverse("inspection_district_paper", args=[visit.pk]))
    void(sign_in(people.inspector), paper)
    visit.refresh_from_db()
    assert (visit.reported_on, visit.report_how) == (None, "")


# Corrections


@pytest.mark.parametrize(
    ("name", "make"), [("order_paper", course.drafted), ("measure_paper", course.measure), ("transfer_paper", course.transfer)]
)
def test_a_corrected_paper_takes_the_place_of_the_old_one(people, sign_in, name, make):
    row = make(people)
    url = reverse(name, args=[row.pk])
    client = sign_in(people.inspector)
    first = issue(client, url)
    people.factory.address = "石角镇新路1号"
    people.factory.save()
    newer = issue(client, f"{url}?replaces={first.pk}", replaces=first.pk)
    row.refresh_from_db()
    first.refresh_from_db()
    assert (row.document, first.is_valid, newer.replaces) == (newer, False, first)
    assert row.state in ("issued", "ordered", "sent")


def test_a_served_order_is_not_corrected(people, sign_in):
    row = course.served(people)
    client = sign_in(people.inspector)
    page = client.get(f"{reverse('order_paper', args=[row.pk])}?replaces={row.document_id}", follow=True)
    assert page.redirect_chain == [(row.get_absolute_url(), 302)]


def test_a_corrected_notice_and_report_still_stand(people, sign_in):
    client = sign_in(people.inspector)
    row = course.approved(people)
    url = reverse("inspection_notice", args=[row.pk])
    first = issue(client, url)
    issue(client, f"{url}?replaces={first.pk}", replaces=first.pk)
    row.refresh_from_db()
    assert row.state == "noticed"


def test_a_corrected_report_is_the_report(people, sign_in):
    client = sign_in(people.inspector)
    visit = reported(people)
    url = reverse("inspection_district_paper", args=[visit.pk])
    first = issue(client, url)
    Inspection.objects.filter(pk=visit.pk).update(reported_on=later(-4))
    newer = issue(client, f"{url}?replaces={first.pk}", replaces=first.pk, view="补充")
    visit.refresh_from_db()
    assert (visit.reported_on, visit.report_how) == (later(-4), f"书面报告 {newer.number}")
