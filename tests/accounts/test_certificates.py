"""Officers' certificates: who holds a valid one on a day, who sees them, how they are added and revoked."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OfficerCertificate
from core.models import Event
from tests import factories as f

pytestmark = pytest.mark.django_db
D = datetime.date
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)
WARN = {"code": "officer.certificate.warn", "name": "执法证到期提醒", "value": 60, "unit": "C"}


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def form(**changes):
    facts = {"number": "渝綦执-900001", "organ": "重庆市綦江区人民政府", "scope": "安全生产,石角镇"}
    return {"client_id": str(uuid.uuid4()), **facts, "valid_from": "2026-01-01", "valid_to": "2028-12-31", **changes}


def add(user):
    return reverse("staff_certificate_new", args=[user.pk])


def revoke(row):
    return reverse("staff_certificate_revoke", args=[row.user_id, row.pk])


def page(user):
    return reverse("staff_detail", args=[user.pk])


def story(user):
    return [(event.move, event.label, event.note) for event in Event.objects.of(user)]


@pytest.fixture
def officer(people):
    """An inspector who holds no certificate yet."""
    people.inspector.certificates.all().delete()
    return people.inspector


# Valid on a day


@pytest.mark.parametrize(
    ("day", "revoked_on", "standing"),
    [
        (D(2025, 12, 31), None, "未生效"),
        (D(2026, 1, 1), None, "有效"),
        (D(2026, 6, 30), None, "有效"),
        (D(2026, 12, 31), None, "有效"),
        (D(2027, 1, 1), None, "已过期"),
        (D(2026, 6, 29), D(2026, 6, 30), "有效"),
        (D(2026, 6, 30), D(2026, 6, 30), "已吊销"),
        (D(2027, 1, 1), D(2026, 6, 30), "已吊销"),
        (D(2025, 12, 31), D(2025, 12, 31), "已吊销"),
    ],
)
def test_a_certificate_counts_from_its_first_day_to_its_last_until_it_is_revoked(people, officer, day, revoked_on, standing):
    facts = {"revoked_on": revoked_on, "revoked_by": people.admin, "revoke_reason": "调离"} if revoked_on else {}
    row = f.certificate(officer, valid_from=D(2026, 1, 1), valid_to=D(2026, 12, 31), **facts)
    assert row.standing(day).label == standing
    assert list(OfficerCertificate.objects.valid_on(day)).count(row) == (standing == "有效")
    assert officer.certificate_on(day) == (row if standing == "有效" else None)


def test_of_several_the_one_that_ends_last_counts_and_they_may_overlap(officer):
    old = f.certificate(officer, valid_from=D(2024, 1, 1), valid_to=D(2026, 6, 30))
    new = f.certificate(officer, valid_from=D(2026, 6, 1), valid_to=D(2029, 5, 31))
    days = (D(2023, 12, 31), D(2026, 5, 31), D(2026, 6, 15), D(2026, 7, 1), D(2029, 6, 1))
    assert [officer.certificate_on(day) for day in days] == [None, old, new, new, None]


@pytest.mark.parametrize(
    ("left", "warn", "words"),
    [
        (60, 60, ""),
        (59, 60, "还有 59 天到期,请及时换证"),
        (1, 60, "还有 1 天到期,请及时换证"),
        (0, 60, "今天到期,请马上换证"),
        (-1, 60, ""),
        (30, 30, ""),
    ],
)
def test_the_last_days_are_said_in_words_by_the_rule(officer, left, warn, words):
    f.DeadlineRuleFactory(**{**WARN, "value": warn})
    assert f.certificate(officer, valid_to=TODAY + left * DAY).warning() == words


def test_without_a_rule_nobody_is_warned_and_a_revoked_one_never(people, officer):
    assert f.certificate(officer, valid_to=TODAY + DAY).warning() == ""
    f.DeadlineRuleFactory(**WARN)
    row = f.certificate(officer, valid_to=TODAY + DAY, revoked_on=TODAY, revoked_by=people.admin, revoke_reason="遗失")
    assert row.warning() == ""


@pytest.mark.parametrize(
    "facts",
    [
        {"valid_from": D(2026, 2, 1), "valid_to": D(2026, 1, 31)},
        {"revoked_on": D(2026, 2, 1)},
        {"revoke_reason": "调离"},
        {"number": "渝綦执-000777"},
    ],
)
def test_the_database_refuses_what_cannot_be(officer, facts):
    f.certificate(officer, number="渝綦执-000777")
    with pytest.raises(IntegrityError), transaction.atomic():
        f.certificate(officer, **facts)


# Scope


def test_everybody_sees_his_own_and_the_town_those_of_its_area(people):
    own = {who: f.certificate(getattr(people, who)) for who in ("department", "village", "foreign")}
    li, wang = people.inspector.certificates.get(), people.inspector2.certificates.get()
    here = {li, wang, own["department"], own["village"]}
    seen = {
        **dict.fromkeys(("admin", "leader", "inspector", "inspector2", "reviewer"), here),
        "department": {own["department"]},
        "village": {own["village"]},
        "foreign": {own["foreign"]},
        **dict.fromkeys(("principal", "safety", "head", "team", "employee", "outsider"), set()),
    }
    assert {who: set(OfficerCertificate.objects.for_user(getattr(people, who))) for who in seen} == seen


# The person's page


def test_the_administrator_adds_one_and_the_persons_story_tells_it(people, officer):
    client = as_(people.admin)
    sent = form(number=" 渝綦执 -9000\u200b01 ")
    for _ in range(2):
        assert client.post(add(officer), sent)["Location"] == page(officer)
    row = OfficerCertificate.objects.get(user=officer)
    assert (row.number, row.organ, row.scope, row.period) == (
        "渝綦执-900001",
        "重庆市綦江区人民政府",
        "安全生产,石角镇",
        "2026-01-01 至 2028-12-31",
    )
    note = "渝綦执-900001,重庆市綦江区人民政府,安全生产,石角镇,2026-01-01 至 2028-12-31"
    assert story(officer) == [("add_certificate", "登记执法证", note)]
    text = client.get(page(officer)).content.decode()
    assert ("渝綦执-900001" in text, "登记执法证" in text, revoke(row) in text) == (True, True, True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": ""}, "证号"),
        ({"number": "渝綦执-000777"}, "这个证号已经登记过。"),
        ({"number": "\u200b"}, "请填写证号。"),
        ({"organ": "\u202e"}, "请填写发证机关。"),
        ({"scope": " "}, "执法类别、区域"),
        ({"valid_to": "2025-12-31"}, "有效期的结束日期不能早于开始日期。"),
        ({"valid_to": "2126-12-31"}, "有效期超过十年,请核对年份。"),
        ({"valid_from": "9990-01-01", "valid_to": "9999-12-31"}, "有效期的结束日期离今天超过十年,请核对年份。"),
        ({"valid_from": "不知道"}, "有效期自"),
    ],
)
def test_bad_input_is_said_and_what_was_typed_is_kept(people, officer, changes, words):
    f.certificate(people.reviewer, number="渝綦执-000777")
    sent = form(organ="某某机关", **changes) if "organ" not in changes else form(**changes)
    answer = as_(people.admin).post(add(officer), sent)
    text = answer.content.decode()
    assert (answer.status_code, words in text, sent["scope"].strip() in text) == (422, True, True)
    assert not officer.certificates.exists()
    assert story(officer) == []


def test_other_content_under_the_same_id_is_refused(people, officer):
    client, sent = as_(people.admin), form()
    client.post(add(officer), sent)
    answer = client.post(add(officer), {**sent, "number": "渝綦执-900002"})
    assert (answer.status_code, "渝綦执-900002" in answer.content.decode()) == (409, True)
    assert [row.number for row in officer.certificates.all()] == ["渝綦执-900001"]


def test_nobody_registers_his_own_and_only_the_towns_people_hold_one(people):
    client = as_(people.admin)
    for person in (people.admin, people.safety):
        assert client.get(add(person))["Location"] == page(person)
        assert client.post(add(person), form())["Location"] == page(person)
        assert not person.certificates.exists()
    assert client.get(add(people.foreign)).status_code == 404
    assert as_(people.foreign).get(add(people.inspector)).status_code == 403


def test_revoked_once_with_a_reason_and_only_by_the_administrator(people):
    row = people.inspector.certificates.get()
    client, sent = as_(people.admin), {"revoked_on": str(TODAY), "reason": "调离执法岗位"}
    for user in (people.leader, people.inspector, people.inspector2, people.reviewer, people.safety):
        assert as_(user).post(revoke(row), sent).status_code == 403
    assert client.get(revoke(row)).status_code == 200
    for _ in range(2):
        assert client.post(revoke(row), sent)["Location"] == page(people.inspector)
    row.refresh_from_db()
    assert (row.revoked_on, row.revoked_by, row.revoke_reason, row.standing().label) == (TODAY, people.admin, "调离执法岗位", "已吊销")
    assert people.inspector.certificate_on(TODAY) is None
    assert people.inspector.certificate_on(TODAY - DAY) == row
    note = f"{row.number},自 {TODAY:%Y-%m-%d} 起吊销:调离执法岗位"
    assert story(people.inspector) == [("revoke_certificate", "吊销执法证", note)]
    row.revoke(by=people.admin, on=TODAY, revoked_on=TODAY - DAY, reason="再次")
    row.refresh_from_db()
    assert (row.revoked_on, len(story(people.inspector))) == (TODAY, 1)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"revoked_on": str(TODAY), "reason": ""}, "请写明原因。"),
        ({"revoked_on": str(TODAY + DAY), "reason": "调离岗位"}, "吊销日期不能晚于今天。"),
        ({"revoked_on": "2018-12-31", "reason": "调离岗位"}, "吊销日期不能早于有效期的开始日期 2019-01-01。"),
    ],
)
def test_a_revocation_needs_its_reason_and_a_possible_day(people, sent, words):
    row = people.inspector.certificates.get()
    answer = as_(people.admin).post(revoke(row), sent)
    text = answer.content.decode()
    assert (answer.status_code, words in text, sent["reason"] in text) == (422, True, True)
    row.refresh_from_db()
    assert row.revoked_on is None


def test_a_certificate_of_another_person_is_not_found_under_this_one(people):
    row = people.inspector.certificates.get()
    assert as_(people.admin).get(reverse("staff_certificate_revoke", args=[people.inspector2.pk, row.pk])).status_code == 404


# My own


def test_officers_see_their_own_with_the_days_left(people, officer):
    client = as_(officer)
    assert "没有登记执法证" in client.get("/account/").content.decode()
    f.DeadlineRuleFactory(**WARN)
    f.certificate(officer, number="渝綦执-000123", valid_to=TODAY + 41 * DAY)
    text = client.get("/account/").content.decode()
    assert [words in text for words in ("渝綦执-000123", "有效", "还有 41 天到期,请及时换证")] == [True] * 3
    assert [people.inspector2.certificates.get().number in text, "吊销" in text] == [False, False]


def test_whoever_holds_none_and_needs_none_is_not_told(people):
    f.certificate(people.department, number="渝綦执-000217")
    texts = {who: as_(getattr(people, who)).get("/account/").content.decode() for who in ("department", "leader", "safety", "employee")}
    assert {who: "我的执法证" in text for who, text in texts.items()} == {
        "department": True,
        "leader": False,
        "safety": False,
        "employee": False,
    }
