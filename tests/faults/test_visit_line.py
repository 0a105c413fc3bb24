"""The record of a visit on a bad line: cut at thirty seeded points, sent again, it arrives once and whole; and what happens without the protections."""

import random
import socket
import uuid
from urllib.parse import urlencode, urlparse

import pytest
from django.test import Client
from django.urls import reverse

from core import middleware
from core.models import Attachment, Event
from inspections.forms.answers import mark
from inspections.models import Finding, Inspection
from tests import factories as f
from tests.inspections import course
from tests.people import township

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = 30
OPINION = "以上情况属实,我们马上清出通道,并安排专人每天查看。"


@pytest.fixture
def people(transactional_db):
    found = township()
    course.law()
    return found


class Line:
    """One officer's phone on a line that is cut after so many bytes; the answer is lost in any case."""

    def __init__(self, server, user):
        self.address = urlparse(server.url)
        self.client = Client()
        self.client.force_login(user)

    def cut(self, path, data, share):
        """Send this share of the request (1 and more: all of it); True when the server had all of it."""
        page = self.client.get(path).content.decode()
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        body = urlencode({"csrfmiddlewaretoken": token, **data})
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self.client.cookies.items())
        kind = "application/x-www-form-urlencoded"
        lines = (f"POST {path} HTTP/1.1", f"Host: {self.address.netloc}", f"Cookie: {cookies}", f"Content-Type: {kind}")
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""])
        # Half of the points lie in the short body: a cut in the head never reaches a page.
        sent = (head + body).encode()[: int(len(head) + len(body) * share)]
        with socket.create_connection((self.address.hostname, self.address.port)) as wire:
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
            while wire.recv(65536):
                pass
        return share >= 1


def shares():
    """Thirty places, seeded: two thirds within the body, one third behind its end."""
    dice = random.Random(43)
    return [dice.uniform(-0.2, 1.4) for _ in range(POINTS)]


def visit_of(people, number):
    """A visit filled in, with one problem, of a firm of its own."""
    firm = f.EnterpriseFactory(name=f"第{number}厂", area=people.village_area, sector=people.sector)
    row = course.begun(people, course.noticed(people, course.approved(people, course.planned(people, firm))))
    course.filled(people, row, p1={})
    row.refresh_from_db()
    return row


def first(people, row):
    """The first signature as the page sends it, what the firm says last."""
    glass = str(course.photo(people.inspector).uid)
    words = {"party_name": "张厂长", "party_post": "厂长", "signature_ids": glass, "party_opinion": OPINION}
    return {"client_id": str(uuid.uuid4()), "version": row.version, **words}


def second(row):
    """The second signature."""
    row.refresh_from_db()
    return {"step": "countersign", "client_id": str(uuid.uuid4()), "version": row.version}


def moves(row, name):
    return Event.objects.of(row).filter(move=name).count()


@pytest.mark.req("R43")
def test_record_cut_at_thirty_points_arrives_once(people, live_server):
    li, wang = Line(live_server, people.inspector), Line(live_server, people.inspector2)
    whole = []
    for number, share in enumerate(shares()):
        row = visit_of(people, number)
        path = reverse("inspection_sign", args=[row.pk])
        data = first(people, row)
        whole.append(li.cut(path, data, share))
        assert [li.client.post(path, data).status_code for _ in range(2)] == [302, 302]
        data = second(row)
        wang.cut(path, data, share)
        assert [wang.client.post(path, data).status_code for _ in range(2)] == [302, 302]
        row.refresh_from_db()
        found = (row.state, row.party_opinion, moves(row, "sign_record"), moves(row, "record"))
        assert found == ("recorded", OPINION, 1, 1), share
        assert (Finding.objects.filter(inspection=row).count(), Attachment.objects.of(row).count()) == (1, 1)
    assert (len(whole), 5 < sum(whole) < 25) == (POINTS, True)


def test_control_with_a_new_id_each_time_what_had_arrived_is_signed_twice(people, live_server):
    li = Line(live_server, people.inspector)
    twice, arrived = 0, 0
    for number, share in enumerate(shares()):
        row = visit_of(people, number)
        path = reverse("inspection_sign", args=[row.pk])
        arrived += li.cut(path, first(people, row), share)
        again = first(people, Inspection.objects.get(pk=row.pk))
        li.client.post(path, again)
        twice += (moves(row, "sign_record"), Attachment.objects.of(row).count()) == (2, 2)
    assert (twice, arrived > 5) == (arrived, True)


def unwatched(monkeypatch):
    """The end of the line counts as the end of the form."""
    monkeypatch.setattr(middleware, "WholeStream", lambda stream, length: stream)


@pytest.mark.parametrize("is_watched", [True, False], ids=["protected", "control: half of the words are signed"])
def test_words_of_the_firm_are_signed_whole_or_not_at_all(people, live_server, monkeypatch, is_watched):
    if not is_watched:
        unwatched(monkeypatch)
    li = Line(live_server, people.inspector)
    halves = 0
    for number, share in enumerate(shares()):
        row = visit_of(people, number)
        path = reverse("inspection_sign", args=[row.pk])
        li.cut(path, first(people, row), share)
        row.refresh_from_db()
        halves += row.party_opinion not in ("", OPINION)
    assert halves == 0 if is_watched else halves > 0


@pytest.mark.parametrize("is_watched", [True, False], ids=["protected", "control: half of the note is kept"])
def test_an_answer_is_kept_whole_or_not_at_all(people, live_server, monkeypatch, is_watched):
    if not is_watched:
        unwatched(monkeypatch)
    li, row = Line(live_server, people.inspector), visit_of(people, 0)
    item = row.items.get(position=1)
    data = {"s-1": item.version, "o-1": mark(item.content()), "a-1": "fail", "x-1": "order", "n-1": OPINION}
    li.cut(reverse("inspection_fill", args=[row.pk]), data, 0.9)
    item.refresh_from_db()
    assert (item.note == "通道被堵", item.note == OPINION) == (is_watched, False)
