"""The town's own people: kept by its administrator alone."""

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts import second_factor
from accounts.models import OneTimeCode, User
from core.models import Event

pytestmark = pytest.mark.django_db
CODE = r"[A-Z2-9]{5}-[A-Z2-9]{5}"


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def form(**changes):
    facts = {"name": "新同事", "username": "xintongshi", "phone": "", "email": "", "role": "inspector", "area": "", "department": ""}
    return {"client_id": str(uuid.uuid4()), **facts, "starts_on": str(timezone.localdate()), **changes}


def labels(user):
    return [e.label for e in Event.objects.of(user).order_by("pk")]


def test_only_the_administrator_opens_the_pages(people):
    person = people.inspector.pk
    gets = ["", "invite/", f"{person}/", f"{person}/role/"]
    posts = ["invite/", f"{person}/role/", f"{person}/code/", f"{person}/active/", f"{person}/second-factor/"]
    posts.append(f"{person}/role/{people.inspector.memberships.get().pk}/end/")
    for user in (people.leader, people.inspector2, people.reviewer, people.department, people.village, people.safety, people.employee):
        client = as_(user)
        assert {client.get(f"/account/staff/{tail}").status_code for tail in gets} == {403}
        assert {client.post(f"/account/staff/{tail}").status_code for tail in posts} == {403}
    assert {as_(people.admin).get(f"/account/staff/{tail}").status_code for tail in gets} == {200}
    assert people.inspector.memberships.current().count() == 1


def test_list_names_the_towns_people_and_filters(people):
    names = lambda query: [u.username for u in as_(people.admin).get(f"/account/staff/{query}").context["object_list"]]  # noqa: E731
    assert sorted(names("")) == sorted(["admin", "leader", "inspector", "inspector2", "reviewer", "department", "village"])
    assert sorted(names("?role=inspector")) == ["inspector", "inspector2"]
    assert names("?q=李执") == ["inspector"]
    User.objects.filter(pk=people.reviewer.pk).update(is_active=False)
    assert names("?is_active=false") == ["reviewer"]


def test_invited_with_each_kind_of_place(people):
    client = as_(people.admin)
    places = {
        "a1x": {"role": "inspector"},
        "a2x": {"role": "village", "area": people.village_area.pk},
        "a3x": {"role": "department", "department": people.office.pk},
    }
    for username, place in places.items():
        response = client.post("/account/staff/invite/", form(username=username, **place))
        assert re.search(CODE, response.content.decode())
    got = [str(User.objects.get(username=name).memberships.get()) for name in places]
    assert got == ["石角镇 执法人员", "刘罗坪村 村(社区)安全员", "经济发展办公室 行业主管部门"]
    assert labels(User.objects.get(username="a1x")) == ["邀请人员"]
    for bad in ({"role": "village"}, {"role": "village", "area": people.town.pk}, {"role": "department"}, {"role": "principal"}):
        assert client.post("/account/staff/invite/", form(username="bad-one", **bad)).status_code == 422
    assert not User.objects.taken("bad-one")


def test_role_added_and_ended_once_each(people):
    client, today = as_(people.admin), str(timezone.localdate())
    data = {"role": "reviewer", "area": "", "department": "", "starts_on": today}
    for _ in range(2):
        assert client.post(f"/account/staff/{people.inspector.pk}/role/", data)["Location"] == f"/account/staff/{people.inspector.pk}/"
    added = people.inspector.memberships.get(role="reviewer")
    for _ in range(2):
        client.post(f"/account/staff/{people.inspector.pk}/role/{added.pk}/end/")
    assert [m.role for m in people.inspector.memberships.current()] == ["inspector"]
    assert labels(people.inspector) == ["增加岗位", "结束岗位"]
    alien = people.inspector2.memberships.get().pk
    assert client.post(f"/account/staff/{people.inspector.pk}/role/{alien}/end/").status_code == 404


def test_disabled_is_out_at_once_and_enabled_signs_in_again(people):
    theirs, client = as_(people.inspector), as_(people.admin)
    assert theirs.get("/account/").status_code == 200
    for _ in range(2):
        client.post(f"/account/staff/{people.inspector.pk}/active/", {"active": "0"})
    assert theirs.get("/account/").status_code == 302
    assert Client().post("/login/", {"username": "inspector", "password": "shijiao-demo"}).status_code == 422
    client.post(f"/account/staff/{people.inspector.pk}/code/", {"client_id": str(uuid.uuid4())})
    assert not OneTimeCode.objects.exists()
    client.post(f"/account/staff/{people.inspector.pk}/active/", {"active": "1"})
    assert Client().post("/login/", {"username": "inspector", "password": "shijiao-demo"}).status_code == 302
    assert labels(people.inspector) == ["停用账号", "启用账号"]


def test_code_and_second_factor_reset(people):
    client = as_(people.admin)
    response = client.post(f"/account/staff/{people.inspector.pk}/code/", {"client_id": str(uuid.uuid4())})
    assert re.search(CODE, response.content.decode())
    device = second_factor.begin(people.inspector)
    device.confirmed = True
    device.save()
    second_factor.recovery_codes(people.inspector, uuid.uuid4())
    assert people.inspector.has_second_factor
    for _ in range(2):
        client.post(f"/account/staff/{people.inspector.pk}/second-factor/")
    assert (people.inspector.has_second_factor, second_factor.recovery_left(people.inspector)) == (False, 0)
    assert labels(people.inspector) == ["签发一次性代码", "生成恢复码", "解除第二步验证"]


def test_nobody_does_it_to_himself(people):
    client, pk = as_(people.admin), people.admin.pk
    own = people.admin.memberships.get()
    for tail in (f"role/{own.pk}/end/", "active/", "code/", "second-factor/"):
        data = {"active": "0", "client_id": str(uuid.uuid4())}
        assert client.post(f"/account/staff/{pk}/{tail}", data)["Location"] == f"/account/staff/{pk}/"
    assert User.objects.get(pk=pk).is_active
    assert people.admin.memberships.get().ends_on is None
    assert not OneTimeCode.objects.exists()
