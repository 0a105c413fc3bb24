"""Pages of on-site measures, transfers and violations: drafting, reading, moving, by whom."""

import uuid

import pytest
from django.urls import reverse

from inspections.models import OnsiteMeasure, Transfer, Violation
from tests.inspections import course
from tests.inspections.course import TODAY
from tests.inspections.test_order_pages import page

pytestmark = pytest.mark.django_db


# Measures


def measure_form(visit, **given):
    rows = [row.pk for row in visit.findings.all()]
    facts = {"kind": "stop", "scope": "冲压车间", "danger": "通道被堵", "basis": "安全生产法", "condition": "清出", "findings": rows}
    return {"client_id": str(uuid.uuid4()), **facts, **given}


@pytest.mark.req("R25")
def test_a_new_measure_is_drafted_once(people, sign_in):
    visit = course.recorded(people, p1={"disposal": "measure"})
    client = sign_in(people.inspector)
    url = reverse("measure_new", args=[visit.pk])
    assert "通道被堵" in page(client, "measure_new", visit.pk)
    form = measure_form(visit)
    first, second = client.post(url, form), client.post(url, form)
    row = OnsiteMeasure.objects.get()
    assert (first["Location"], second["Location"], row.findings.count()) == (row.get_absolute_url(), row.get_absolute_url(), 1)
    assert client.post(url, measure_form(visit)).status_code == 422, "its problem has a measure"


@pytest.mark.req("R65")
@pytest.mark.parametrize("kind", sorted(OnsiteMeasure.COERCIVE))
def test_coercion_is_refused_with_its_rule_and_the_way_to_a_transfer(people, sign_in, kind):
    visit = course.recorded(people, p1={"disposal": "measure"})
    response = sign_in(people.inspector).post(reverse("measure_new", args=[visit.pk]), measure_form(visit, kind=kind))
    text = response.content.decode()
    assert (response.status_code, OnsiteMeasure.objects.exists()) == (422, False)
    assert "行政强制法第17条" in text
    assert reverse("transfer_new", args=[visit.pk]) in text
    assert 'value="冲压车间"' in text


@pytest.mark.parametrize("name", ["kind", "scope", "danger", "basis", "condition", "findings"])
def test_a_measure_without_one_of_its_facts_comes_back(people, sign_in, name):
    visit = course.recorded(people, p1={"disposal": "measure"})
    response = sign_in(people.inspector).post(reverse("measure_new", args=[visit.pk]), measure_form(visit, **{name: ""}))
    assert (response.status_code, OnsiteMeasure.objects.exists()) == (422, False)


@pytest.mark.req("R25")
def test_resumption_through_the_pages(people, sign_in):
    row = course.in_force(people)
    move = lambda name: reverse("measure_move", args=[row.pk, name])  # noqa: E731

    def send(who, name, **given):
        row.refresh_from_db()
        return sign_in(getattr(people, who)).post(move(name), {"version": row.version, **given}).status_code

    assert "未经审查同意不得恢复" in page(sign_in(people.principal), "measure_detail", row.pk)
    photo = str(course.photo(people.principal).uid)
    assert send("principal", "apply_release", report="已清出") == 422
    assert send("principal", "apply_release", report="已清出", photos_ids=photo) == 302
    assert send("inspector2", "sign_fit") == 409, "nobody has looked yet"
    assert send("inspector", "examine", passed="yes", opinion="畅通") == 302
    assert send("inspector", "sign_fit") == 409, "the same officer"
    assert "畅通" in page(sign_in(people.inspector2), "measure_move", row.pk, "sign_fit")
    assert send("leader", "release") == 409, "not examined by two"
    assert send("inspector2", "sign_fit") == 302
    assert send("inspector2", "release") == 403
    assert "畅通" in page(sign_in(people.leader), "measure_move", row.pk, "release")
    assert send("leader", "release") == 302
    row.refresh_from_db()
    assert row.state == "released"
    shown = page(sign_in(people.inspector), "measure_detail", row.pk)
    assert reverse("measure_resume_paper", args=[row.pk]) in shown
    assert "两人已签" in shown


def test_a_draft_of_a_measure_is_not_the_firms_to_read(people, sign_in):
    row = course.measure(people)
    assert sign_in(people.principal).get(row.get_absolute_url()).status_code == 404
    assert "还没有制发" in page(sign_in(people.inspector), "measure_detail", row.pk)


# Transfers and violations


def test_a_new_transfer_is_drafted_once_and_moves_by_its_answers(people, sign_in):
    visit = course.recorded(people, p0={"disposal": "transfer", "is_violation": True})
    client = sign_in(people.inspector)
    assert "区应急局" in page(client, "transfer_new", visit.pk)
    form = {"client_id": str(uuid.uuid4()), "to_organ": "区应急局", "reason": "镇无处罚权", "findings": [visit.findings.get().pk]}
    url = reverse("transfer_new", args=[visit.pk])
    first, second = client.post(url, form), client.post(url, form)
    row = Transfer.objects.get()
    assert (first["Location"], second["Location"]) == (row.get_absolute_url(),) * 2
    assert client.post(url, {**form, "client_id": str(uuid.uuid4())}).status_code == 422, "handed over already"
    assert reverse("transfer_paper", args=[row.pk]) in page(client, "transfer_detail", row.pk)
    course.sent(people, row)
    back = reverse("transfer_move", args=[row.pk, "come_back"])
    assert client.post(back, {"version": row.version, "note": "不属管辖"}).status_code == 302
    assert Violation.objects.get().state == "open"
    assert "没有了:已经退回或撤销" in page(client, "transfer_detail", row.pk)
    for who, status in (("principal", 403), ("village", 403), ("foreign", 404)):
        assert sign_in(getattr(people, who)).get(row.get_absolute_url()).status_code == status


@pytest.mark.req("R66")
def test_a_violation_says_what_may_be_done_and_why_not(people, sign_in):
    visit = course.recorded(people, p0={"is_violation": True, "note": "没有台账"}, p1={"is_violation": True})
    finable, later_only = Violation.objects.order_by("pk")
    client = sign_in(people.inspector)
    shown = page(client, "violation_detail", finable.pk)
    assert ("首查必罚" in shown, "《安全生产法》(2021)第41条" in shown, "处罚权由区县(区应急局)行使" in shown) == (True, True, True)
    assert reverse("violation_move", args=[finable.pk, "order_first"]) not in shown
    assert reverse("transfer_new", args=[visit.pk]) in shown
    assert "还没有对它下达" in page(client, "violation_detail", later_only.pk)
    course.issued(people, course.drafted(people, visit))
    move = reverse("violation_move", args=[later_only.pk, "order_first"])
    assert move in page(client, "violation_detail", later_only.pk)
    assert client.post(move, {"version": later_only.version, "note": "首次"}).status_code == 302
    assert client.post(reverse("violation_move", args=[finable.pk, "order_first"]), {"version": 0, "note": "首次"}).status_code == 409
    for who, status in (("principal", 403), ("village", 403), ("foreign", 404)):
        assert sign_in(getattr(people, who)).get(finable.get_absolute_url()).status_code == status


def test_violations_are_filtered_by_state_and_article(people, sign_in):
    course.recorded(people, p0={"is_violation": True, "note": "没有台账"}, p1={"is_violation": True})
    first, second = Violation.objects.order_by("pk")
    Violation.objects.filter(pk=second.pk).update(articles="《安全生产法》(2021)第36条")
    client = sign_in(people.leader)
    found = lambda **query: list(client.get(reverse("violation_list"), query).context["object_list"])  # noqa: E731
    assert found() == [second, first]
    assert (found(article="第36条"), found(q="台账"), found(state="ordered"), found(enterprise=people.factory.pk)) == (
        [second],
        [first],
        [],
        [second, first],
    )


def test_a_violation_without_a_visit_says_where_its_outcome_comes_from(people, sign_in):
    course.law()
    row = Violation.note(people.factory, by=people.inspector, on=TODAY, description="未验收投产", origin="三同时")
    shown = page(sign_in(people.inspector), "violation_detail", row.pk)
    assert "它的处理结果在行政执法办案中登记" in shown
    assert "可以怎样处理" not in shown
    assert "拟制移送" not in shown
