"""People of an enterprise: who may look and act, inviting to the first sign-in, codes, ending, standing in."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import OneTimeCode, User
from core.models import Event
from enterprises.models import Enterprise, Membership
from tests import factories as f

pytestmark = pytest.mark.django_db
NEW = "a-quite-new-secret-7"
CODE = r"[A-Z2-9]{5}-[A-Z2-9]{5}"


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def url(people, tail="", firm=None):
    return f"/enterprises/{(firm or people.factory).pk}/people/{tail}"


def held(user):
    return user.memberships.order_by("pk").first()


def form(**changes):
    facts = {"name": "新工人", "username": "xingong", "phone": "13812345678", "email": "", "role": "employee", "unit": ""}
    return {"client_id": str(uuid.uuid4()), **facts, "starts_on": str(timezone.localdate()), **changes}


def told(enterprise):
    return [(e.label, e.by.username) for e in Event.objects.of(enterprise).order_by("pk")]


@pytest.mark.req("R59")
def test_who_opens_the_list(people):
    opens = {u: as_(getattr(people, u)).get(url(people)).status_code for u in vars(people) if isinstance(getattr(people, u), User)}
    assert opens == {
        **dict.fromkeys(("admin", "inspector", "inspector2", "principal", "safety"), 200),
        **dict.fromkeys(("leader", "reviewer", "department", "village", "head", "team", "team_b", "employee"), 403),
        **dict.fromkeys(("outsider", "foreign"), 404),
    }


def test_inspectors_read_but_do_not_act(people):
    client = as_(people.inspector)
    assert "邀请人员" not in client.get(url(people)).content.decode()
    tails = ["invite/", "add/", *[f"{held(people.team).pk}/{what}/" for what in ("code", "end", "delegate")]]
    assert {client.post(url(people, tail)).status_code for tail in tails} == {403}


def test_a_neighbours_manager_finds_nothing_in_either_firm(people):
    client, own = as_(people.outsider), as_(people.safety)
    for tail in ("", "invite/"):
        assert client.get(url(people, tail)).status_code == 404
    for what in ("code", "end", "delegate"):
        tail = f"{held(people.team).pk}/{what}/"
        assert client.post(url(people, tail)).status_code == 404
        assert client.post(url(people, tail, people.neighbour)).status_code == 404
        assert own.post(url(people, f"{held(people.outsider).pk}/{what}/")).status_code == 404
    assert held(people.team).ends_on is None
    assert not OneTimeCode.objects.exists()


def test_list_shows_this_firm_alone_masks_phones_and_folds_the_ended(people):
    User.objects.filter(pk=people.team.pk).update(phone="")
    people.team.phone = "13987654321"
    people.team.save()
    held(people.team_b).end(timezone.localdate())
    page = as_(people.safety).get(url(people))
    assert [m.user.name for m in page.context["object_list"]] == sorted(["厂长", "安全员", "车间主任", "甲班长", "员工"])
    assert [m.user.name for m in page.context["ended"]] == ["乙班长"]
    text = page.content.decode()
    assert "139****4321" in text
    assert "13987654321" not in text
    assert "邻厂安全员" not in text
    found = as_(people.safety).get(url(people, "?role=team_leader&q=甲"))
    assert [m.user.name for m in found.context["object_list"]] == ["甲班长"]
    assert as_(people.safety).get(url(people, "?export=xlsx")).status_code == 200


def test_invited_person_activates_and_signs_in(people):
    response = as_(people.safety).post(url(people, "invite/"), form(role="team_leader", unit=people.team_a.pk, username="XinGong"))
    assert response.status_code == 200
    code = re.search(CODE, response.content.decode())[0]
    user = User.objects.get(username="xingong")
    got = user.memberships.get()
    assert (got.role, got.enterprise, got.unit, user.has_usable_password(), user.phone) == (
        "team_leader",
        people.factory,
        people.team_a,
        False,
        "13812345678",
    )
    assert told(people.factory) == [("邀请人员", "safety")]
    client = Client()
    assert client.post("/login/", {"username": "xingong", "password": "!"}).status_code == 422
    data = {"username": "xingong", "code": code, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/account/activate/", data)["Location"] == "/login/"
    assert client.post("/login/", {"username": "xingong", "password": NEW})["Location"] == "/"
    assert "石角机械厂" in client.get("/account/").content.decode()


def test_invitation_sent_twice_is_one_person_and_the_same_code(people):
    client, data = as_(people.safety), form()
    codes = [re.search(CODE, client.post(url(people, "invite/"), data).content.decode())[0] for _ in range(2)]
    assert codes[0] == codes[1]
    assert (User.objects.filter(username="xingong").count(), OneTimeCode.objects.count()) == (1, 1)
    assert told(people.factory) == [("邀请人员", "safety")]
    other = client.post(url(people, "invite/"), {**data, "name": "别人"})
    assert other.status_code == 409
    assert "别人" in other.content.decode()
    assert User.objects.get(username="xingong").name == "新工人"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "TEAM"}, "用户名“team”已经有人用"),
        ({"username": "系统"}, "用户名用 3 至 30 个"),
        ({"username": "system"}, "已经有人用"),
        ({"role": "unit_head"}, "部门负责人和班组长要选"),
        ({"role": "inspector"}, "岗位:请从列表里选择。"),
        ({"phone": "123"}, "手机号是 1 开头"),
        ({"name": ""}, "姓名:请填写。"),
    ],
)
def test_invitation_refused_says_why_and_makes_nobody(people, changes, words):
    User.objects.system()
    before = User.objects.count()
    response = as_(people.safety).post(url(people, "invite/"), form(**changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert (User.objects.count(), told(people.factory)) == (before, [])


def test_units_of_others_and_closed_ones_cannot_be_chosen(people):
    closed = f.UnitFactory(enterprise=people.factory, kind="team", name="旧班", parent=people.workshop, closed_on=timezone.localdate())
    alien = f.UnitFactory(enterprise=people.neighbour, kind="team", name="邻班", parent=people.neighbour_plant)
    for unit in (closed, alien):
        assert as_(people.safety).post(url(people, "invite/"), form(role="team_leader", unit=unit.pk)).status_code == 422


def test_extra_fields_are_ignored(people):
    as_(people.safety).post(url(people, "invite/"), form(enterprise=people.neighbour.pk, is_superuser="1", is_staff="1"))
    user = User.objects.get(username="xingong")
    assert (user.memberships.get().enterprise, user.is_superuser, user.is_staff) == (people.factory, False, False)


def test_only_the_administrator_adds_an_existing_account(people):
    data = {"username": "Outsider", "role": "safety_manager", "unit": "", "starts_on": str(timezone.localdate())}
    assert as_(people.safety).post(url(people, "add/"), data).status_code == 403
    for _ in range(2):
        assert as_(people.admin).post(url(people, "add/"), data)["Location"] == url(people)
    assert sorted(str(m) for m in people.outsider.memberships.all()) == sorted(["重庆石角机械厂 安全管理员", "重庆邻家纺织厂 安全管理员"])
    assert told(people.factory) == [("增加岗位", "admin")]
    assert as_(people.admin).post(url(people, "add/"), {**data, "username": "nobody"}).status_code == 422


def test_reset_code_for_ones_own_people_once_per_press(people):
    client, tail = as_(people.safety), f"{held(people.team).pk}/code/"
    assert client.get(url(people, tail)).status_code == 200
    data = {"client_id": str(uuid.uuid4())}
    codes = [re.search(CODE, client.post(url(people, tail), data).content.decode())[0] for _ in range(2)]
    assert codes[0] == codes[1]
    assert told(people.factory) == [("签发一次性代码", "safety")]
    answer = {"username": "team", "code": codes[0], "new_password1": NEW, "new_password2": NEW}
    assert Client().post("/account/activate/", answer).status_code == 302
    assert User.objects.get(username="team").check_password(NEW)


def test_no_code_for_oneself_or_for_whoever_also_belongs_elsewhere(people):
    f.MembershipFactory(user=people.team, role="employee", enterprise=people.neighbour)
    f.MembershipFactory(user=people.head, role="village", enterprise=None, area=people.village_area)
    for user in (people.safety, people.team, people.head):
        tail = f"{user.memberships.get(enterprise=people.factory).pk}/code/"
        assert as_(people.safety).post(url(people, tail), {"client_id": str(uuid.uuid4())})["Location"] == url(people)
    assert not OneTimeCode.objects.exists()
    tail = f"{people.team.memberships.get(enterprise=people.factory).pk}/code/"
    assert as_(people.admin).post(url(people, tail), {"client_id": str(uuid.uuid4())}).status_code == 200
    assert OneTimeCode.objects.count() == 1


def test_ending_a_role_asks_first_acts_at_once_and_is_told_once(people):
    team = as_(people.team)
    assert team.get("/checks/").status_code == 200
    client, tail = as_(people.safety), f"{held(people.team).pk}/end/"
    assert client.get(url(people, tail)).status_code == 200
    assert held(people.team).ends_on is None
    for _ in range(2):
        assert client.post(url(people, tail))["Location"] == url(people)
    assert told(people.factory) == [("结束岗位", "safety")]
    assert Enterprise.objects.for_user(User.objects.get(pk=people.team.pk)).count() == 0
    assert "没有在用的岗位" in team.get("/account/").content.decode()


def test_nobody_ends_his_own_role(people):
    as_(people.safety).post(url(people, f"{held(people.safety).pk}/end/"))
    assert held(people.safety).ends_on is None


def absence(to, start, end, reason="出差"):
    today = timezone.localdate()
    return {"to": to.pk, "starts_on": str(today + timedelta(start)), "ends_on": str(today + timedelta(end)), "reason": reason}


def test_stand_in_may_do_what_the_replaced_may_and_only_in_the_period(people):
    own = held(people.safety)
    for _ in range(2):
        assert as_(people.safety).post(url(people, f"{own.pk}/delegate/"), absence(people.team, 0, 3))["Location"] == url(people)
    stand_in = people.team.memberships.get(stands_in_for=own)
    assert told(people.factory) == [("委托代理", "safety")]
    client = as_(people.team)
    assert client.get(url(people)).status_code == 403
    text = client.get("/account/membership/").content.decode()
    assert "班组长" in text
    assert "安全管理员(代)" in text
    client.post("/account/membership/", {"membership": stand_in.pk})
    assert client.get(url(people)).status_code == 200
    assert client.post(url(people, "invite/"), form()).status_code == 200
    assert told(people.factory)[-1] == ("邀请人员", "team")
    today = timezone.localdate()
    for start, end in ((today - timedelta(4), today - timedelta(1)), (today + timedelta(1), today + timedelta(4))):
        Membership.objects.filter(pk=stand_in.pk).update(starts_on=start, ends_on=end)
        assert client.get(url(people)).status_code == 403
    own.end(today)
    assert Membership.objects.get(pk=stand_in.pk).is_over
    assert stand_in not in Membership.objects.lasting()
    assert stand_in in Membership.objects.ended()


def test_delegation_refused_says_why(people):
    own, principal = held(people.safety), held(people.principal)
    client = as_(people.safety)
    refused = [
        (own, absence(people.outsider, 0, 3)),
        (own, absence(people.safety, 0, 3)),
        (own, absence(people.team, 3, 0)),
        (own, absence(people.team, -5, -1)),
        (own, absence(people.team, 0, 3, "")),
    ]
    assert [client.post(url(people, f"{m.pk}/delegate/"), data).status_code for m, data in refused] == [422] * 5
    as_(people.admin).post(url(people, f"{principal.pk}/delegate/"), absence(people.outsider, 0, 3))
    assert not Membership.objects.exclude(stands_in_for=None).exists()
    stand_in = own.delegate(people.team, starts_on=timezone.localdate(), ends_on=timezone.localdate(), reason="假")
    client.post(url(people, f"{stand_in.pk}/delegate/"), absence(people.head, 0, 3))
    assert Membership.objects.exclude(stands_in_for=None).count() == 1
