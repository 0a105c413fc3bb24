"""An administrator ends at his area, a safety manager at the principal; codes that died are noticed."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.mail import ask_for_code, send_code
from accounts.models import OneTimeCode, User
from accounts.models.codes import MAX_TRIES
from enterprises import actions_people as act
from enterprises.models import Membership
from enterprises.views.people import Invite
from tests import factories as f

pytestmark = pytest.mark.django_db
ACTS = ("code/", "active/", "second-factor/")


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def sent(**changes):
    return {"client_id": str(uuid.uuid4()), "active": "0", **changes}


def invitation(**changes):
    facts = {"name": "新同事", "username": "xintongshi", "role": "inspector", "area": "", "department": ""}
    return {"client_id": str(uuid.uuid4()), **facts, "starts_on": str(timezone.localdate()), **changes}


def absence(to, days=3):
    today = timezone.localdate()
    return {"to": to.pk, "starts_on": str(today), "ends_on": str(today + timedelta(days)), "reason": "出差"}


def held(user):
    return user.memberships.order_by("pk").first()


def test_another_towns_person_does_not_exist(people):
    client, pk = as_(people.admin), people.foreign.pk
    abroad = f.UserFactory(username="abroad")
    f.MembershipFactory(user=abroad, role="employee", enterprise=people.abroad)
    for person in (people.foreign, abroad):
        assert {client.get(f"/account/staff/{person.pk}/{tail}").status_code for tail in ("", "role/")} == {404}
        assert {client.post(f"/account/staff/{person.pk}/{tail}", sent()).status_code for tail in ACTS} == {404}
        assert person not in User.objects.for_user(people.admin)
    assert client.post(f"/account/staff/{pk}/role/{held(people.foreign).pk}/end/").status_code == 404
    assert (OneTimeCode.objects.count(), User.objects.get(pk=pk).is_active) == (0, True)
    assert client.get(f"/account/staff/{people.employee.pk}/").status_code == 200


def test_whoever_also_works_elsewhere_is_not_this_administrators(people):
    f.MembershipFactory(user=people.foreign, role="village", enterprise=None, area=people.village_area)
    f.MembershipFactory(user=people.foreign, role="employee", enterprise=people.factory)
    client, pk = as_(people.admin), people.foreign.pk
    assert client.get(f"/account/staff/{pk}/").status_code == 200
    for tail in ACTS:
        assert client.post(f"/account/staff/{pk}/{tail}", sent())["Location"] == f"/account/staff/{pk}/"
    inside = people.foreign.memberships.get(enterprise=people.factory)
    client.post(f"/enterprises/{people.factory.pk}/people/{inside.pk}/code/", sent())
    assert (OneTimeCode.objects.count(), User.objects.get(pk=pk).is_active) == (0, True)
    held(people.foreign).end(timezone.localdate())
    assert client.post(f"/account/staff/{pk}/code/", sent()).status_code == 200
    assert OneTimeCode.objects.get().user == people.foreign


def test_a_role_without_a_place_is_in_ones_own_area_never_beyond(people):
    other = f.UserFactory(username="admin2")
    f.MembershipFactory(user=other, role="admin", enterprise=None, area_id="500110112")
    client = as_(other)
    assert client.post("/account/staff/invite/", invitation()).status_code == 200
    assert User.objects.get(username="xintongshi").memberships.get().area_id == "500110112"
    for place in ({"area": people.town.pk}, {"role": "department", "department": people.office.pk}):
        assert client.post("/account/staff/invite/", invitation(username="other", **place)).status_code == 422
        assert client.post(f"/account/staff/{people.foreign.pk}/role/", invitation(**place)).status_code == 422
    assert people.foreign.memberships.count() == 1


def test_a_principal_is_above_the_safety_manager(people):
    base, own = f"/enterprises/{people.factory.pk}/people/", held(people.principal)
    client = as_(people.safety)
    page = client.get(base).content.decode()
    assert (f"{base}{own.pk}/code/" in page, f"{base}{held(people.team).pk}/code/" in page) == (False, True)
    assert "主要负责人" not in str(client.get(f"{base}invite/").context["form"]["role"])
    assert client.post(f"{base}invite/", invitation(role="principal", unit="")).status_code == 422
    for what, data in (("code", sent()), ("end", sent()), ("delegate", absence(people.team))):
        answer = client.post(f"{base}{own.pk}/{what}/", data, follow=True)
        assert "只能由主要负责人或镇系统管理员处理" in answer.content.decode()
    own.delegate(people.head, starts_on=timezone.localdate(), ends_on=timezone.localdate(), reason="假")
    client.post(f"{base}{held(people.head).pk}/code/", sent())
    assert (OneTimeCode.objects.count(), Membership.objects.filter(role="principal").lasting().count()) == (0, 2)


def test_a_principal_and_the_administrator_act_on_a_principal(people):
    base = f"/enterprises/{people.factory.pk}/people/"
    assert as_(people.principal).post(f"{base}invite/", invitation(role="principal", unit="")).status_code == 200
    second = User.objects.get(username="xintongshi")
    assert as_(people.admin).post(f"{base}{held(people.principal).pk}/code/", sent()).status_code == 200
    as_(people.principal).post(f"{base}{held(second).pk}/end/", sent())
    assert held(second).is_over
    as_(people.admin).post(f"{base}{held(people.principal).pk}/delegate/", absence(people.head))
    assert people.head.memberships.filter(role="principal", stands_in_for=held(people.principal)).exists()


def test_the_owner_sees_who_issued_codes_for_him(people):
    OneTimeCode.issue(people.team, purpose="reset", by=people.principal)
    OneTimeCode.issue(people.head, purpose="reset", by=people.safety)
    html = as_(people.team).get("/account/").content.decode()
    assert ("厂长 签发" in html, "安全员 签发" in html) == (True, False)
    assert "为我签发的一次性代码" not in as_(people.employee).get("/account/").content.decode()


def test_a_dead_code_is_noticed_until_it_is_replaced_or_needless(people):
    base = f"/enterprises/{people.factory.pk}/people/"
    locked = OneTimeCode.issue(people.team, purpose="reset", by=people.safety)
    expired = OneTimeCode.issue(people.head, purpose="reset", by=people.safety)
    alive = OneTimeCode.issue(people.employee, purpose="reset", by=people.safety)
    OneTimeCode.objects.filter(pk=locked.pk).update(tries=MAX_TRIES)
    past = timezone.now() - timedelta(8)
    OneTimeCode.objects.filter(pk=expired.pk).update(issued_at=past, expires_at=past + timedelta(7))
    assert set(OneTimeCode.objects.dead()) == {locked, expired}
    html = as_(people.safety).get(base).content.decode()
    assert ("代码输错 8 次,已锁定,请重新签发" in html, "代码未使用,已过期,请重新签发" in html) == (True, True)
    assert "已锁定" not in as_(people.inspector).get(base).content.decode()
    assert "输错 8 次,已锁定" in as_(people.admin).get(f"/account/staff/{people.team.pk}/").content.decode()
    OneTimeCode.issue(people.team, purpose="reset", by=people.safety)
    send_code(mailed := ask(people.head))
    assert mailed and set(OneTimeCode.objects.dead()) == {expired}
    OneTimeCode.objects.for_user(people.head).first().use("a-quite-new-secret-7")
    assert set(OneTimeCode.objects.dead()) == set()
    assert alive.state_label == "未使用"


def ask(user):
    user.email = "a@example.com"
    user.save()
    return ask_for_code(user.username)


def test_forgetting_by_mail_ends_earlier_mails_but_no_code_on_paper(people):
    paper = OneTimeCode.issue(people.team, purpose="invite", by=people.safety)
    for _ in range(2):
        send_code(ask(people.team))
    states = [code.state_label for code in OneTimeCode.objects.for_user(people.team)]
    assert states == ["未使用", "未使用,已作废", "未使用"]
    assert OneTimeCode.redeem("team", paper.text) == paper
    assert OneTimeCode.redeem("team", "AAAAABBBBB") is None
    assert [code.tries for code in OneTimeCode.objects.for_user(people.team)] == [1, 0, 1]
    assert paper.use("a-quite-new-secret-7")
    assert [code.state_label for code in OneTimeCode.objects.for_user(people.team)] == ["未使用,已作废", "未使用,已作废", "已使用"]


def test_a_town_role_is_stood_in_for_and_switched_to(people):
    own = held(people.inspector)
    url, client = f"/account/staff/{people.inspector.pk}/role/{own.pk}/delegate/", as_(people.admin)
    assert url in client.get(f"/account/staff/{people.inspector.pk}/").content.decode()
    refused = [
        absence(people.foreign),
        absence(people.safety),
        absence(people.inspector),
        absence(people.admin),
        absence(people.village, 91),
    ]
    assert [client.post(url, data).status_code for data in refused] == [422] * 5
    for _ in range(2):
        assert client.post(url, absence(people.village, 90))["Location"] == f"/account/staff/{people.inspector.pk}/"
    stand_in = people.village.memberships.get(stands_in_for=own)
    theirs = as_(people.village)
    assert theirs.get("/enterprises/import/").status_code == 403
    theirs.post("/account/membership/", {"membership": stand_in.pk})
    assert theirs.get("/enterprises/import/").status_code == 200
    for person, row in ((people.village, stand_in), (people.employee, held(people.employee)), (people.foreign, held(people.foreign))):
        assert client.post(f"/account/staff/{person.pk}/role/{row.pk}/delegate/", absence(people.leader)).status_code == 404


def test_two_invitations_of_one_name_checked_together_make_one_person(people, rf):
    request = rf.post("/", {**invitation(role="employee"), "unit": ""})
    request.user = people.safety
    view = Invite()
    view.setup(request, pk=people.factory.pk)
    form = view.get_form()
    assert form.is_valid()
    facts = {"name": "先来的", "username": "xintongshi", "phone": "", "email": "", "role": "employee", "starts_on": timezone.localdate()}
    act.invite(by=people.principal, nonce=uuid.uuid4(), enterprise=people.factory, unit=None, **facts)
    answer = view.form_valid(form)
    assert (answer.status_code, form.errors["username"]) == (422, ["这个用户名刚刚被别人用了,请换一个。"])
    assert User.objects.get(username="xintongshi").name == "先来的"
