"""Health, error pages, the components page, headers."""

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Job
from core.work import sweep

pytestmark = pytest.mark.django_db


def test_healthz_answers_without_signing_in(client):
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "cache": True, "ticker": "unknown"})


def test_a_page_that_is_not_there_says_what_happened(people, sign_in):
    page = sign_in(people.inspector).get("/nothing/here/")
    assert page.status_code == 404
    assert "您之前提交的内容不受影响" in page.content.decode()


def test_a_wrong_role_is_told_that_nothing_was_saved(people, sign_in):
    page = sign_in(people.employee).get("/ops/")
    assert page.status_code == 403
    assert "您的岗位不能打开这个页面" in page.content.decode()
    assert "没有保存任何内容" in page.content.decode()


def test_an_error_of_ours_shows_a_page_that_needs_nothing(people, settings, monkeypatch):
    from core.views import ops

    settings.DEBUG = False
    monkeypatch.setattr(ops.Operations, "template_name", "core/there_is_no_such_template.html")
    client = Client(raise_request_exception=False)
    client.force_login(people.admin)
    page = client.get("/ops/")
    assert page.status_code == 500
    assert "系统出错了" in page.content.decode()
    assert "同一份提交重发不会重复" in page.content.decode()


def test_a_dead_token_keeps_what_was_typed(people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.employee)
    typed = {"place": '2号冲床 "甲"', "description": ["一", "二"], "password": "secret-word", "csrfmiddlewaretoken": "dead"}
    page = client.post("/hazards/report/", typed)
    text = page.content.decode()
    assert page.status_code == 403
    assert '<input type="hidden" name="place" value="2号冲床 &quot;甲&quot;">' in text
    assert [f'name="description" value="{value}"' in text for value in "一二"] == [True, True]
    assert "secret-word" not in text
    assert "dead" not in text
    assert client.cookies["csrftoken"].value
    assert text.count("csrfmiddlewaretoken") == 1


def test_a_stranger_with_a_dead_token_is_shown_the_way_to_sign_in():
    page = Client(enforce_csrf_checks=True).post(reverse("login"), {"username": "x", "password": "y"})
    assert page.status_code == 403
    assert reverse("login") in page.content.decode()


def test_the_components_page_draws_each_component(people, sign_in):
    page = sign_in(people.admin).get("/ops/components/")
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<h1") == 1
    assert text.count("btn btn-primary") == 1
    parts = ("badge tone-red", "figure-tile", 'class="tabs"', "move-buttons", "filter-bar", 'class="list"', "pager", "story", "empty-note")
    assert [part for part in (*parts, "data-uploader", "error-summary", "aria-invalid") if part not in text] == []
    assert "style=" not in text
    assert sign_in(people.leader).get("/ops/components/").status_code == 403


def test_signed_in_pages_are_strict_and_never_stored(people, sign_in):
    page = sign_in(people.admin).get("/ops/")
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page["Cache-Control"] == "private, no-store"
    assert "HX-Request" in page["Vary"]
    assert (page["X-Frame-Options"], page["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_an_export_too_long_for_a_page_becomes_a_job(people, sign_in, settings):
    """The rows are those of the asker's filter and scope, whoever sweeps."""
    settings.EXPORT_DIRECT_ROWS = 0
    client = sign_in(people.department)
    answer = client.get("/enterprises/?export=xlsx")
    job = Job.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/account/downloads/{job.pk}/"
    assert client.get(answer["Location"]).status_code == 200
    assert sweep() == 1
    job.refresh_from_db()
    assert (job.state, job.message, job.last_error) == ("done", "共 1 行", "")
    download = client.get(f"/account/downloads/{job.pk}/file/")
    assert download.status_code == 200
    assert download.content[:2] == b"PK"
    assert download["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
