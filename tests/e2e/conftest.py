"""A real headless Chromium against a live server; every page is watched for CSP violations and script errors."""

import os
import threading
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import Client, testcases

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WATCH = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
PHONE, DESKTOP = (360, 740), (1440, 900)


class OneAtATime(WSGIHandler):
    """A database in memory has one connection for all threads of the live server: two requests at once would end each other's transaction."""

    lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            return super().__call__(environ, start_response)


if connection.vendor == "sqlite":
    testcases.WSGIHandler = OneAtATime


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, never a downloaded one."""
    return {**browser_type_launch_args, "executable_path": os.environ.get("CHROMIUM_PATH", "/usr/bin/chromium"), "args": LAUNCH}


@pytest.fixture
def catalogue(transactional_db):
    """The reference data."""
    call_command("load_catalogue", verbosity=0)


@pytest.fixture
def visit(browser, live_server, transactional_db):
    """visit(user, size) → a page of its own browser context, signed in; script errors and CSP violations fail the test."""
    contexts, troubles = [], []

    def enter(user=None, size=DESKTOP, **options):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=size[0] < 600,
            base_url=live_server.url,
            **options,
        )
        contexts.append(context)
        context.add_init_script(WATCH)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.on(
            "console",
            lambda message: troubles.append(f"{page.url}: {message.text}") if message.type == "error" and is_trouble(message) else None,
        )
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        return page

    yield enter
    for context in contexts:
        context.close()
    assert troubles == []


def is_trouble(message):
    """Answers 4xx that a test provokes are no trouble; everything else is."""
    provoked = (
        "the server responded with a status of 4",
        "net::ERR_FAILED",
        "net::ERR_INTERNET_DISCONNECTED",
        "htmx:afterRequest",
        "htmx:sendError",
        "Response Status Error Code 4",
    )
    return not any(text in message.text for text in provoked)


def serious(page):
    """axe's serious and critical findings on the page as it is."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{v['id']}: {v['nodes'][0]['target']} {v['nodes'][0]['failureSummary']}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def overflow(page):
    """Pixels by which the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
