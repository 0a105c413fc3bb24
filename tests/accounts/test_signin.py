"""Signing in: one text for every failure, the lock and its way out, sessions, and acts on the next request."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import OneTimeCode, SignInSession, User
from tests import factories as f

pytestmark = pytest.mark.django_db
PASSWORD = "shijiao-demo"
NEW = "a-quite-new-secret-7"


def try_in(username, password, client=None):
    return (client or Client()).post("/login/", {"username": username, "password": password})


def page_text(response):
    """What a person reads, without the name typed and the form's token."""
    text = re.sub(r'value="[^"]*"', "", response.content.decode())
    return re.sub(r"<[^>]+>|\s+", " ", text)


def at(client, url="/account/"):
    return client.get(url).status_code


def test_right_password_signs_in_and_next_stays_on_this_host(people):
    client = Client()
    response = client.post("/login/", {"username": "SAFETY ", "password": PASSWORD, "next": "/hazards/"})
    assert (response.status_code, response["Location"]) == (302, "/hazards/")
    response = try_in("safety", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    response = Client().post("/login/", {"username": "safety", "password": PASSWORD, "next": "https://evil.example/"})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_unknown_wrong_and_disabled_read_the_same(people):
    User.objects.filter(pk=people.head.pk).update(is_active=False)
    answers = [try_in("nobody-here", "x" * 12), try_in("safety", "x" * 12), try_in("head", PASSWORD)]
    assert [a.status_code for a in answers] == [422, 422, 422]
    assert len({page_text(a) for a in answers}) == 1
    assert "连续 5 次不对" in page_text(answers[0])


@pytest.mark.parametrize("username", ["safety", "nobody-here"])
def test_lock_after_five_failures_of_any_spelling_says_how_long_and_the_way_out(people, username):
    spellings = [username, username.upper(), f" {username}", username.title(), username]
    assert [try_in(name, "wrong-wrong").status_code for name in spellings] == [422, 422, 422, 422, 429]
    response = try_in(username, PASSWORD)
    assert response.status_code == 429
    text = page_text(response)
    assert "15 分钟" in text
    assert "重置成功即解锁" in text
    assert username not in text


def test_lock_text_is_the_same_for_known_and_unknown_names(people):
    for name in ("safety", "nobody-here"):
        for _ in range(5):
            try_in(name, "wrong-wrong")
    assert page_text(try_in("safety", "x")) == page_text(try_in("nobody-here", "x"))


def test_lock_is_of_one_name_at_one_address(people):
    for _ in range(5):
        try_in("safety", "wrong-wrong")
    assert try_in("safety", PASSWORD).status_code == 429
    assert try_in("principal", PASSWORD).status_code == 302
    assert Client(REMOTE_ADDR="10.1.2.3").post("/login/", {"username": "safety", "password": PASSWORD}).status_code == 302


def test_reset_code_ends_the_lock(people):
    for _ in range(5):
        try_in("Safety", "wrong-wrong")
    code = OneTimeCode.issue(people.safety, purpose="reset", by=people.principal).text
    data = {"username": "safety", "code": code, "new_password1": NEW, "new_password2": NEW}
    assert Client().post("/account/activate/", data)["Location"] == "/login/"
    assert try_in("safety", NEW).status_code == 302


def test_demo_accounts_are_named_only_in_the_demo_and_only_those_there(people, settings):
    User.objects.filter(username="inspector2").update(is_active=False)
    text = Client().get("/login/").content.decode()
    assert re.findall(r"<dt><code>(\w+)</code>", text) == [
        *("admin", "leader", "inspector", "reviewer", "department", "village"),
        *("principal", "safety", "head", "team", "employee", "outsider"),
    ]
    assert PASSWORD in text
    settings.DEMO = False
    assert PASSWORD not in Client().get("/login/").content.decode()


def test_every_page_but_the_public_ones_asks_for_the_sign_in(people):
    client = Client()
    for url in ("/account/", "/account/staff/", "/account/membership/", "/login/code/", f"/enterprises/{people.factory.pk}/people/"):
        assert client.get(url)["Location"] == f"/login/?next={url}"
    assert [client.get(url).status_code for url in ("/login/", "/account/activate/", "/account/forgot/")] == [200, 200, 200]


def test_sign_out_ends_the_row(people):
    client = Client()
    try_in("safety", PASSWORD, client)
    assert at(client) == 200
    assert SignInSession.objects.for_user(people.safety).live().count() == 1
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert SignInSession.objects.for_user(people.safety).live().count() == 0
    assert at(client) == 302


def two_browsers(user):
    clients = [
        Client(HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/120"),
        Client(HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 13) MicroMessenger"),
    ]
    for client in clients:
        client.force_login(user)
        assert at(client) == 200
    return clients


def test_sessions_are_listed_and_another_is_revoked_on_its_next_request(people):
    here, there = two_browsers(people.safety)
    text = page_text(here.get("/account/"))
    assert "Chrome · Windows" in text
    assert "微信 · 安卓" in text
    assert text.count("本浏览器") == 1
    row = SignInSession.objects.for_user(people.safety).get(browser__contains="MicroMessenger")
    for _ in range(2):
        assert here.post(f"/account/sessions/{row.pk}/revoke/").status_code == 302
    assert (at(there), at(here)) == (302, 200)


def test_somebody_elses_session_is_not_found_and_stays(people):
    (here, _), (other, _) = two_browsers(people.safety), two_browsers(people.outsider)
    row = SignInSession.objects.for_user(people.outsider).first()
    assert here.post(f"/account/sessions/{row.pk}/revoke/").status_code == 404
    assert at(other) == 200


def test_all_others_are_revoked_at_once(people):
    here, there = two_browsers(people.safety)
    here.post("/account/sessions/revoke/")
    assert (at(here), at(there)) == (200, 302)


def test_disabled_account_is_out_on_the_next_request(people):
    client = Client()
    client.force_login(people.safety)
    assert at(client) == 200
    User.objects.filter(pk=people.safety.pk).update(is_active=False)
    assert at(client) == 302


def test_ended_membership_acts_on_the_next_request(people):
    client = Client()
    client.force_login(people.inspector)
    url = f"/enterprises/{people.factory.pk}/people/"
    assert at(client, url) == 200
    people.inspector.memberships.get().end(timezone.localdate())
    assert at(client, url) == 403
    assert "没有在用的岗位" in page_text(client.get("/account/"))


def test_password_change_keeps_this_browser_ends_the_others_and_may_be_sent_twice(people):
    here, there = two_browsers(people.safety)
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    wrong = here.post("/account/password/", {**data, "old_password": "not-it-at-all"})
    assert wrong.status_code == 422
    assert "现在的密码不对" in page_text(wrong)
    assert here.post("/account/password/", {**data, "new_password2": "other-secret-9"}).status_code == 422
    for _ in range(2):
        assert here.post("/account/password/", data)["Location"] == "/account/"
    assert (at(here), at(there)) == (200, 302)
    assert SignInSession.objects.for_user(people.safety).live().count() == 1
    assert (try_in("safety", PASSWORD).status_code, try_in("safety", NEW).status_code) == (422, 302)


def test_several_roles_are_asked_for_and_the_choice_is_kept(people):
    second = f.MembershipFactory(user=people.safety, role="principal", enterprise=people.neighbour)
    client = Client()
    response = client.post("/login/", {"username": "safety", "password": PASSWORD, "next": "/account/"})
    assert response["Location"] == "/account/membership/?next=%2Faccount%2F"
    text = page_text(client.get(response["Location"]))
    assert "重庆石角机械厂 安全管理员" in text
    assert "重庆邻家纺织厂 主要负责人" in text
    response = client.post("/account/membership/", {"membership": second.pk, "next": "https://evil.example/"})
    assert response["Location"] == "/"
    assert at(client, f"/enterprises/{people.neighbour.pk}/people/") == 200
    assert at(client, f"/enterprises/{people.factory.pk}/people/") == 404
    alien = people.outsider.memberships.get()
    assert client.post("/account/membership/", {"membership": alien.pk})["Location"] == "/account/membership/"
    second.end(timezone.localdate())
    assert at(client, f"/enterprises/{people.factory.pk}/people/") == 200
    assert at(client, f"/enterprises/{people.neighbour.pk}/people/") == 404


def test_a_session_of_long_ago_is_not_listed(people):
    client = Client()
    client.force_login(people.safety)
    at(client)
    assert SignInSession.objects.for_user(people.safety).live().count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    assert SignInSession.objects.for_user(people.safety).live().count() == 0
