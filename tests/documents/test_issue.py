"""The base of issuing pages: what is issued is what was looked at, once."""

import re
import uuid

import pytest

from core.models import Event
from documents.models import Document
from documents.papers import PAPERS, Paper
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.documents.urls"), pytest.mark.req("B10")]


@pytest.fixture
def page(people, sign_in):
    """(client of the safety manager, URL of the issuing page)."""
    f.DocumentKindFactory(code="PLAIN")
    return sign_in(people.safety), f"/issue/{people.factory.pk}/"


def seen(response):
    return re.search(r'name="seen" value="(\w+)"', response.content.decode()).group(1)


def form_of(client, url):
    return {"client_id": str(uuid.uuid4()), "seen": seen(client.get(url))}


def test_the_page_shows_what_will_be_printed(page):
    client, url = page
    text = client.get(url).content.decode()
    assert "<dt>企业</dt><dd>重庆石角机械厂</dd><dt>人数</dt><dd>30</dd>" in text
    assert Document.objects.count() == 0


def test_preview_is_a_pdf_without_number_kept_nowhere(page):
    client, url = page
    response = client.get(f"{url}?preview=1")
    assert (response.status_code, response["Content-Type"], response.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert response["Content-Disposition"].startswith("inline")
    assert Document.objects.count() == 0


def test_issue_freezes_the_facts_and_goes_to_the_paper(people, page):
    client, url = page
    response = client.post(url, form_of(client, url))
    paper = Document.objects.get()
    assert response["Location"] == paper.get_absolute_url()
    assert (paper.number, paper.facts, paper.enterprise, paper.issued_by, paper.state) == (
        f"整改通知〔{paper.year}〕1号",
        {"企业": "重庆石角机械厂", "人数": 30},
        people.factory,
        people.safety,
        "pending",
    )
    event = Event.objects.of(people.factory).get()
    assert (event.move, event.data) == ("issue_paper", {"document": paper.pk})


def test_the_same_form_sent_twice_is_one_paper(page):
    client, url = page
    form = form_of(client, url)
    first, second = client.post(url, form), client.post(url, form)
    assert first["Location"] == second["Location"]
    assert Document.objects.count() == 1


def test_facts_that_changed_since_the_look_are_shown_again(people, page):
    client, url = page
    form = form_of(client, url)
    people.factory.headcount = 31
    people.factory.save()
    response = client.post(url, form)
    assert response.status_code == 409
    assert "要印的内容变了" in response.content.decode()
    assert "<dd>31</dd>" in response.content.decode()
    assert Document.objects.count() == 0
    assert client.post(url, {**form, "seen": seen(response)}).status_code == 302
    assert Document.objects.get().facts["人数"] == 31


def test_what_may_not_be_issued_now_is_refused_on_the_page_and_by_post(people, page):
    client, url = page
    form = form_of(client, url)
    people.factory.status = "closed"
    people.factory.save()
    assert client.get(url).status_code == 302
    response = client.post(url, form)
    assert response.status_code == 409
    assert "已关闭的企业不制发文书。" in response.content.decode()
    assert Document.objects.count() == 0


def test_other_content_under_the_same_id_is_asked_about(page):
    client, url = page
    url += "remark/"
    form = form_of(client, url) | {"remark": "甲"}
    client.post(url, form)
    response = client.post(url, {**form, "remark": "乙"})
    assert response.status_code == 409
    assert "乙" in response.content.decode()
    assert [paper.facts["说明"] for paper in Document.objects.all()] == ["甲"]


def test_what_is_too_long_is_refused_and_kept_typed(page):
    client, url = page
    url += "remark/"
    long = "长" * 200_100
    response = client.post(url, form_of(client, url) | {"remark": long})
    assert response.status_code == 422
    assert "超过 200000 字,没有生成" in response.content.decode()
    assert long in response.content.decode()
    assert Document.objects.count() == 0


def test_preview_of_a_form_prints_what_was_typed(page):
    client, url = page
    url += "remark/"
    assert client.post(url, form_of(client, url) | {"remark": "甲", "preview": "1"}).content[:5] == b"%PDF-"
    response = client.post(url, form_of(client, url) | {"remark": "", "preview": "1"})
    assert response.status_code == 422


def test_a_correction_names_and_voids_the_old_paper(people, page, monkeypatch):
    monkeypatch.setitem(PAPERS, "PLAIN", Paper(issue_url="test_issue"))
    client, url = page
    client.post(url, form_of(client, url))
    old = Document.objects.get()
    detail = client.get(old.get_absolute_url()).content.decode()
    assert f"{url}?replaces={old.pk}" in detail
    asked = client.get(f"{url}?replaces={old.pk}")
    assert f'name="replaces" value="{old.pk}"' in asked.content.decode()
    form = {"client_id": str(uuid.uuid4()), "seen": seen(asked), "replaces": old.pk}
    client.post(url, form)
    client.post(url, form)
    new = Document.objects.exclude(pk=old.pk).get()
    old.refresh_from_db()
    assert (new.replaces, new.serial, old.is_valid) == (old, 2, False)
    assert old.void_reason == f"更正,由 {new.number} 代替"
    assert new.number in client.get(old.get_absolute_url()).content.decode()


def test_a_voided_paper_cannot_be_corrected_and_anothers_does_not_exist(people, page):
    client, url = page
    foreign = f.a_document(people.neighbour, people.outsider, kind="PLAIN")
    own = f.a_document(people.factory, people.safety, kind="PLAIN")
    own.void(by=people.safety, on=own.issued_on, reason="写错")
    assert [client.get(f"{url}?replaces={pk}").status_code for pk in (foreign.pk, own.pk, "x", "9" * 30)] == [404, 404, 404, 404]


def test_roles_and_scope(people, page, sign_in):
    _, url = page
    assert sign_in(people.outsider).get(url).status_code == 404
    assert sign_in(people.head).get(url).status_code == 403
    assert sign_in(people.outsider).post(url, {}).status_code == 404
