"""The answer is cut off after the server has worked; the phone sends again. A form cut short is no form."""

import socket
import time
import uuid
from urllib.parse import quote, urlencode, urlparse

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from core import middleware
from core.models import Attachment, Submission
from hazards.models import Hazard
from tests import factories as f
from tests.people import township
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db(transaction=True)
HALF = "地面上到处"


@pytest.fixture
def people(transactional_db):
    f.DeadlineRuleFactory(code="hazard.decide", value=1, unit="W")
    return township()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def post_and_hang_up(server, client, path, data):
    """Send a whole POST over a bare socket and close it without reading the answer."""
    page = client.get(path).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    body = urlencode({**data, "csrfmiddlewaretoken": token})
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    address = urlparse(server.url)
    head = f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((address.hostname, address.port)) as wire:
        wire.sendall((head + body).encode())
        wire.shutdown(socket.SHUT_WR)


def wait_for(count, rows):
    for _ in range(100):
        if rows.count() >= count:
            return
        time.sleep(0.05)


@pytest.mark.parametrize(("same_id", "hazards"), [(True, 1), (False, 2)], ids=["protected", "control: a new id each time doubles it"])
def test_answer_cut_off_and_sent_again(people, live_server, same_id, hazards):
    client, path = signed_in(people.employee), reverse("hazard_report")
    photo = Attachment.take_in(jpeg(), by=people.employee)
    data = {"client_id": str(uuid.uuid4()), "place": "门口", "description": "地面有油", "photos_ids": str(photo.uid)}
    post_and_hang_up(live_server, client, path, data)
    wait_for(1, Submission.objects.exclude(receipt=""))
    fresh = {"client_id": str(uuid.uuid4()), "photos_ids": str(Attachment.take_in(jpeg(), by=people.employee).uid)}
    again = client.post(path, data if same_id else {**data, **fresh})
    assert again.status_code == 302
    assert Hazard.objects.count() == hazards
    if same_id:
        assert again.url == Hazard.objects.get().get_absolute_url()


def words_cut(server, client, path, data, kind):
    """Send a form up to the middle of its last words, end the line, and give the status of the answer."""
    page = client.get(path).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    given = {"csrfmiddlewaretoken": token, **data}
    body = encode_multipart(BOUNDARY, given) if kind == MULTIPART_CONTENT else urlencode(given).encode()
    arrives = HALF.encode() if kind == MULTIPART_CONTENT else quote(HALF).encode()
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    address = urlparse(server.url)
    head = f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((address.hostname, address.port)) as wire:
        wire.sendall(head.encode() + body[: body.index(arrives) + len(arrives)])
        wire.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    return int(answer.split()[1])


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", MULTIPART_CONTENT], ids=["plain", "with files"])
@pytest.mark.parametrize("is_watched", [True, False], ids=["protected", "control: half a form is taken for a whole one"])
def test_request_cut_in_the_middle_leaves_nothing(people, live_server, monkeypatch, kind, is_watched):
    if not is_watched:
        monkeypatch.setattr(middleware, "WholeStream", lambda stream, length: stream)
    client, path = signed_in(people.employee), reverse("hazard_report")
    photo = Attachment.take_in(jpeg(), by=people.employee)
    data = {"client_id": str(uuid.uuid4()), "photos_ids": str(photo.uid), "place": "门口", "description": f"{HALF}有油,已经清理"}
    status = words_cut(live_server, client, path, data, kind)
    found = (status, list(Hazard.objects.values_list("description", flat=True)), Submission.objects.count())
    assert found == ((400, [], 0) if is_watched else (302, [HALF], 1))
