"""deploy/nginx: accepted by nginx, and doing what it promises in front of a server that tells what reached it."""

import http.client
import http.server
import json
import re
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings

from tests.deploy.tools import HOST, free_port, nginx, render_site, run, server, text

OURS = {"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=1", "Content-Security-Policy": "default-src 'none'"}


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the request headers it got, under the security headers of Django."""

    def do_GET(self):
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        for name, value in {**OURS, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *args):
        """Silent."""


@contextmanager
def echo():
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=upstream.serve_forever)
    thread.start()
    try:
        yield upstream.server_port
    finally:
        upstream.shutdown()
        upstream.server_close()
        thread.join()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def ports(folder):
    """(http, https) of an nginx with our site in front of the echo."""
    plain, tls = free_port(), free_port()
    (folder / "static").mkdir()
    for name in ("app.0123456789ab.css", "app.css", "tabler.min.css.0123456789ab.map"):
        (folder / "static" / name).write_text("body{}")
    (folder / "static" / "app.0123456789ab.css.gz").write_bytes(b"\x1f\x8bpacked")
    with echo() as upstream:
        main = render_site("shijiao.conf", folder, upstream=f"127.0.0.1:{upstream}", http=plain, https=tls)
        with server([nginx(), "-e", "stderr", "-c", main], tls):
            yield plain, tls


def ask(port, path, method="GET", *, body=None, **headers):
    trust = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=20)
    sent = {"Host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body=body, headers=sent)
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("site", ["shijiao.conf", "compose.conf"])
def test_nginx_accepts_the_site(tmp_path, site):
    ended = run(nginx(), "-e", "stderr", "-t", "-c", render_site(site, tmp_path, upstream="127.0.0.1:8000"))
    assert ended.returncode == 0, ended.stderr
    assert "[warn]" not in ended.stderr


def test_nginx_names_what_is_wrong(tmp_path):
    main = render_site("shijiao.conf", tmp_path, upstream="127.0.0.1:8000")
    inside = tmp_path / "shijiao-server.inc"
    inside.write_text(inside.read_text(encoding="utf-8").replace("client_max_body_size", "client_max_size"), encoding="utf-8")
    ended = run(nginx(), "-e", "stderr", "-t", "-c", main)
    assert ended.returncode == 1
    assert "client_max_size" in ended.stderr


def test_the_proxy_says_who_asked_and_drops_what_the_client_says(ports):
    answer = ask(
        ports[1],
        "/hazards/",
        X_Forwarded_For="203.0.113.9",
        X_Forwarded_Proto="http",
        X_Forwarded_Host="evil.example",
        Forwarded="for=1.1.1.1",
    )
    reached = {name.lower(): value for name, value in json.loads(answer.body)}
    told = {name: value for name, value in reached.items() if "forwarded" in name or name in {"host", "x-real-ip"}}
    assert told == {"host": HOST, "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}
    health = {name.lower(): value for name, value in json.loads(ask(ports[1], "/healthz/", X_Forwarded_For="203.0.113.9").body)}
    assert (health["host"], health["x-forwarded-for"], health["x-forwarded-proto"]) == (HOST, "127.0.0.1", "https")


def test_security_headers_come_once(ports):
    answer = ask(ports[1], "/")
    assert {name: answer.headers.get_all(name) for name in OURS} == {name: [value] for name, value in OURS.items()}


def test_plain_http_leads_to_https(ports):
    connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=20)
    connection.request("GET", "/hazards/?q=1", headers={"Host": HOST})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/hazards/?q=1")


@pytest.mark.parametrize(
    ("name", "cache"),
    [
        ("app.0123456789ab.css", "public, max-age=31536000, immutable"),
        ("tabler.min.css.0123456789ab.map", "public, max-age=31536000, immutable"),
        ("app.css", "public, max-age=300"),
    ],
)
def test_static_files_with_a_hash_never_change(ports, name, cache):
    answer = ask(ports[1], f"/static/{name}")
    assert (answer.status, answer.body) == (200, b"body{}")
    assert answer.headers.get_all("Cache-Control") == [cache]
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]


def test_static_files_go_out_packed_and_alone(ports):
    assert ask(ports[1], "/static/app.0123456789ab.css", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    assert ask(ports[1], "/static/").status == 403
    assert ask(ports[1], "/static/../main.conf").status == 200, "nginx folds the path, so Django answers it"
    assert ask(ports[1], "/static../main.conf").headers["Strict-Transport-Security"], "no file outside: Django answers"


def test_media_have_no_location():
    """Photos go through Django, which asks who may see them."""
    everything = "".join(text(f"deploy/nginx/{name}") for name in ("shijiao.conf", "compose.conf", "shijiao-server.inc"))
    assert re.findall(r"(?:alias|root) ([^;]+);", everything) == ["/var/lib/shijiao/static/"]
    assert "media" not in everything


def test_what_the_application_takes_the_proxy_lets_through(ports):
    """Nine photos in one form at the most; a roster is smaller."""
    size = int(re.search(r"client_max_body_size (\d+)m;", text("deploy/nginx/shijiao-server.inc"))[1]) * 1024 * 1024
    assert size > 9 * settings.UPLOAD_MAX_BYTES
    assert size > settings.ROSTER_MAX_BYTES
    assert ask(ports[1], "/files/", "POST", body=b"x" * settings.UPLOAD_MAX_BYTES).status == 200


def test_too_large_is_said_in_chinese(ports):
    answer = ask(ports[1], "/files/", "POST", Content_Length=str(300 * 1024 * 1024))
    assert (answer.status, answer.headers["Content-Type"]) == (413, "text/plain; charset=utf-8")
    assert "上传的内容太大" in answer.body.decode()


def test_without_the_application_a_sentence_and_a_time_to_come_back(tmp_path):
    tls = free_port()
    main = render_site("shijiao.conf", tmp_path, upstream=f"127.0.0.1:{free_port()}", https=tls)
    with server([nginx(), "-e", "stderr", "-c", main], tls):
        answer = ask(tls, "/hazards/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert "一分钟后再试" in answer.body.decode()


def test_the_log_keeps_no_search_words(ports, folder):
    """nginx writes the line after the answer has gone out: it is waited for."""
    ask(ports[1], "/enterprises/?q=13800000000")
    log, until = folder / "access.log", time.monotonic() + 20
    while '"GET /enterprises/" 200' not in (logged := log.read_text(encoding="utf-8")) and time.monotonic() < until:
        time.sleep(0.05)
    assert '"GET /enterprises/" 200' in logged
    assert "13800000000" not in logged
