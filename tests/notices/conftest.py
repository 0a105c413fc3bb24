"""Rules of the catalogue, a fake robot server on 127.0.0.1, and a cache of its own for counted tries."""

import datetime
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from django.utils import timezone

from notices import catalogue, outside
from notices.models import Channel

KEYS = {"wecom": "693a91f6-7aac-4bc4-97a0-0ec2sifa5aaa", "dingtalk": "f" * 64, "feishu": "4a4c5d5e-1111-2222-3333-444455556666"}
WEDNESDAY = datetime.date(2026, 11, 25)


def clock(hour=9, minute=0, *, days=0):
    """That time here on WEDNESDAY, or some days later."""
    return timezone.make_aware(datetime.datetime.combine(WEDNESDAY + datetime.timedelta(days=days), datetime.time(hour, minute)))


@pytest.fixture(autouse=True)
def no_tries_yet(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}}


@pytest.fixture
def rules(db):
    """The rules as delivered."""
    return catalogue.load()


@pytest.fixture
def robots(monkeypatch):
    """A server that plays the three robots: `got` holds (path, payload); `answers` what it says next, by default that all is well."""
    seen = SimpleNamespace(got=[], answers=[], headers={})

    class Robot(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.got.append((self.path, json.loads(body)))
            status, answer = seen.answers.pop(0) if seen.answers else (200, {"errcode": 0, "code": 0})
            self.send_response(status)
            for name, value in seen.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Robot)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    seen.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(outside, "HOSTS", dict.fromkeys(outside.HOSTS, seen.url))
    yield seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def channel(db):
    """channel(user, kind) → switched on long ago."""

    def make(user, kind="wecom", **facts):
        address = facts.pop("address", None) or KEYS.get(kind, "a.person@example.com")
        return Channel.objects.create(user=user, kind=kind, address=address, on_since=clock(days=-30), **facts)

    return make
