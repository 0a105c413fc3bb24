"""The client's address: a forwarded one is believed of our own proxies alone."""

import pytest
from django.test import Client, RequestFactory

from accounts.address import client_address
from accounts.models import SignInSession


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        ([], "10.0.0.9", "", "10.0.0.9"),
        ([], "10.0.0.9", "1.2.3.4", "10.0.0.9"),
        (["127.0.0.1"], "10.0.0.9", "1.2.3.4", "10.0.0.9"),
        (["127.0.0.1"], "127.0.0.1", "", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", "6.6.6.6, 1.2.3.4, 10.1.1.1", "1.2.3.4"),
        (["127.0.0.1"], "127.0.0.1", "1.2.3.4, nonsense", "127.0.0.1"),
        (["::1"], "::1", "2001:db8::7", "2001:db8::7"),
        (["unix"], "", "1.2.3.4", "1.2.3.4"),
        ([], "", "1.2.3.4", ""),
    ],
)
def test_the_address_behind_and_without_a_proxy(settings, proxies, remote, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == expected


def wrong(client, forwarded):
    data = {"username": "inspector", "password": "not-it"}
    return client.post("/login/", data, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded).status_code


@pytest.mark.django_db
def test_a_spoofed_header_does_not_escape_the_lock(people):
    answers = [wrong(Client(), f"1.2.3.{n}") for n in range(6)]
    assert (answers[0], answers[-1]) == (422, 429)


@pytest.mark.django_db
def test_behind_our_proxy_one_persons_lock_is_not_his_neighbours(people, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    answers = [wrong(Client(), f"6.6.6.{n}, 1.2.3.4") for n in range(6)]
    assert (answers[-1], wrong(Client(), "1.2.3.5")) == (429, 422)
    client = Client()
    client.force_login(people.inspector)
    client.get("/account/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 1.2.3.4")
    assert SignInSession.objects.for_user(people.inspector).get().address == "1.2.3.4"
