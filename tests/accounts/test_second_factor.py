"""The second factor: set up, asked for, recovery codes used once, required for the town's staff."""

import re
import uuid

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken

from accounts import second_factor
from core.models import Event

pytestmark = pytest.mark.django_db
URL = "/account/second-factor/"
PASSWORD = "shijiao-demo"
RECOVERY = r"<code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>"
NONCE = "6f1c9f3e-0000-4000-8000-000000000001"


def token_of(user, drift=0):
    device = user.totpdevice_set.get()
    return f"{totp(device.bin_key, drift=drift):06d}"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def set_up(user):
    """A client that has set the second factor up, and its recovery codes."""
    client = signed_in(user)
    assert client.post(URL, {"action": "begin", "password": PASSWORD, "nonce": NONCE})["Location"] == URL
    response = client.post(URL, {"action": "confirm", "token": token_of(user, -1), "nonce": NONCE})
    return client, re.findall(RECOVERY, response.content.decode())


def test_setting_up_asks_for_the_password_shows_the_secret_and_ends_with_ten_codes(people):
    client = signed_in(people.safety)
    wrong = client.post(URL, {"action": "begin", "password": "not-it", "nonce": NONCE})
    assert (wrong.status_code, people.safety.totpdevice_set.count()) == (422, 0)
    client.post(URL, {"action": "begin", "password": PASSWORD, "nonce": NONCE})
    page = client.get(URL).content.decode()
    device = people.safety.totpdevice_set.get()
    assert second_factor.secret(device) in page
    assert 'src="data:image/svg+xml' in page
    assert not device.confirmed
    assert client.post(URL, {"action": "confirm", "token": "000000", "nonce": NONCE}).status_code == 422
    assert not people.safety.has_second_factor


def test_confirming_twice_shows_the_same_codes(people):
    client, codes = set_up(people.safety)
    assert len(set(codes)) == 10
    again = client.post(URL, {"action": "confirm", "token": "123456", "nonce": NONCE})
    assert re.findall(RECOVERY, again.content.decode()) == codes
    assert [e.label for e in Event.objects.of(people.safety)] == ["启用第二步验证", "生成恢复码"]
    assert not set(StaticToken.objects.values_list("token", flat=True)) & {c.replace("-", "") for c in codes}


def test_every_later_sign_in_is_asked_and_reaches_nothing_before(people):
    set_up(people.safety)
    client = signed_in(people.safety)
    for url in ("/", "/account/", "/account/password/", f"/enterprises/{people.factory.pk}/people/"):
        assert client.get(url)["Location"].startswith("/login/code/?next=")
    assert client.get(URL)["Location"] == "/login/code/"
    assert client.post(URL, {"action": "remove", "password": PASSWORD, "nonce": NONCE})["Location"] == "/login/code/"
    assert client.post("/account/password/", {})["Location"] == "/login/code/"
    assert people.safety.has_second_factor
    wrong = client.post("/login/code/", {"token": "000000"})
    assert wrong.status_code == 422


def test_right_code_opens_and_the_same_code_not_again(people):
    set_up(people.safety)
    token = token_of(people.safety)
    client = signed_in(people.safety)
    assert client.post("/login/code/?next=/account/", {"token": f"{token[:3]} {token[3:]}", "next": "/account/"})["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    other = signed_in(people.safety)
    assert other.post("/login/code/", {"token": token}).status_code == 422
    assert other.get("/account/").status_code == 302


def test_wrong_codes_are_slowed_down(people):
    set_up(people.safety)
    client = signed_in(people.safety)
    client.post("/login/code/", {"token": "000000"})
    response = client.post("/login/code/", {"token": token_of(people.safety)})
    assert response.status_code == 422
    assert re.search(r"请等 \d+ 秒再试", response.content.decode())


def test_recovery_code_works_once_and_says_how_many_are_left(people):
    _, codes = set_up(people.safety)
    client = signed_in(people.safety)
    response = client.post("/login/code/", {"token": codes[3].lower(), "next": "/account/"}, follow=True)
    assert response.status_code == 200
    assert "还剩 9 个" in response.content.decode()
    assert signed_in(people.safety).post("/login/code/", {"token": codes[3]}).status_code == 422
    assert second_factor.recovery_left(people.safety) == 9


def test_anothers_recovery_code_opens_nothing(people):
    _, codes = set_up(people.safety)
    set_up(people.outsider)
    second_factor.recovery_codes(people.outsider, uuid.uuid4())
    client = signed_in(people.outsider)
    assert client.post("/login/code/", {"token": codes[0]}).status_code == 422
    assert second_factor.recovery_left(people.safety) == 10


def test_new_recovery_codes_kill_the_old_ones_and_ask_for_the_password(people):
    client, old = set_up(people.safety)
    assert client.post(URL, {"action": "codes", "password": "not-it", "nonce": NONCE}).status_code == 422
    other = NONCE.replace("0001", "0002")
    new = re.findall(RECOVERY, client.post(URL, {"action": "codes", "password": PASSWORD, "nonce": other}).content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)
    assert signed_in(people.safety).post("/login/code/", {"token": old[0]}).status_code == 422


def test_removing_asks_for_the_password_and_leaves_nothing(people):
    client, _ = set_up(people.safety)
    for _ in range(2):
        assert client.post(URL, {"action": "remove", "password": PASSWORD, "nonce": NONCE})["Location"] == URL
    assert not people.safety.has_second_factor
    assert second_factor.recovery_left(people.safety) == 0
    assert signed_in(people.safety).get("/account/").status_code == 200
    assert Event.objects.of(people.safety).filter(label="解除第二步验证").count() == 1


def test_town_staff_must_set_it_up_when_required_others_need_not(people, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    for user in (people.admin, people.leader, people.inspector, people.reviewer, people.department, people.village):
        client = signed_in(user)
        assert client.get("/account/")["Location"] == URL
        assert client.get(URL).status_code == 200
        assert client.post("/logout/")["Location"] == "/login/"
    assert signed_in(people.safety).get("/account/").status_code == 200
    client, codes = set_up(people.inspector)
    assert len(codes) == 10
    assert client.get("/account/").status_code == 200


def test_own_password_is_asked_at_most_ten_times_a_quarter_of_an_hour(people):
    client = signed_in(people.safety)
    for _ in range(10):
        client.post(URL, {"action": "begin", "password": "not-it", "nonce": NONCE})
    response = client.post(URL, {"action": "begin", "password": PASSWORD, "nonce": NONCE})
    assert (response.status_code, people.safety.totpdevice_set.count()) == (422, 0)
    assert "试得太多" in response.content.decode()


def test_unknown_action_is_refused(people):
    assert signed_in(people.safety).post(URL, {"action": "dispatch"}).status_code == 400
