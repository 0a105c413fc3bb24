"""Pages of a month's papers and of many orders: what is issued is what was looked at, all of it; nothing is issued of nothing."""

import uuid

import pytest
from django.urls import reverse

from core.models import Job, Submission
from documents import catalogue
from documents.models import Document
from hazards.models import Hazard
from tests import factories as f
from tests.hazards import course
from tests.hazards.test_papers import THIS, TODAY, assigned, form_of

pytestmark = [pytest.mark.django_db, pytest.mark.req("R23")]


@pytest.fixture(autouse=True)
def kinds(db):
    course.rules()
    catalogue.load()


@pytest.fixture
def long_month(people):
    """A month of two parts: 500 hazards and one."""
    rows = [f.HazardFactory.build(enterprise=people.factory, found_by=people.team, found_on=TODAY) for _ in range(501)]
    return Hazard.objects.bulk_create(rows)


def texts(response):
    return response.content.decode()


@pytest.mark.parametrize("name", ["hazard_ledger_month", "hazard_publicity_month"])
def test_a_change_in_a_later_part_is_shown_before_anything_is_issued(people, sign_in, long_month, name):
    client, url = sign_in(people.safety), reverse(name, args=[people.factory.pk, *THIS])
    form = form_of(client, url)
    Hazard.objects.filter(pk=long_month[-1].pk).update(place="新位置")
    refused = client.post(url, form)
    assert (refused.status_code, "要印的内容变了" in texts(refused)) == (409, True)
    assert not Document.objects.exists()
    again = client.post(url, {**form, "seen": refused.context["form"]["seen"].value()})
    assert again.status_code == 302
    papers = list(Document.objects.order_by("pk"))
    assert [(paper.facts["part"], paper.facts["rows"][-1]["place"]) for paper in papers] == [(1, "2号冲床"), (2, "新位置")]


def test_a_part_corrected_alone_is_compared_alone(people, sign_in, long_month):
    client, url = sign_in(people.safety), reverse("hazard_ledger_month", args=[people.factory.pk, *THIS])
    client.post(url, form_of(client, url))
    second = Document.objects.latest("pk")
    form = form_of(client, f"{url}?replaces={second.pk}", replaces=second.pk)
    Hazard.objects.filter(pk=long_month[0].pk).update(place="新位置")
    assert client.post(url, form).status_code == 302, "the first part changed, the second is what was looked at"
    newer = Document.objects.latest("pk")
    form = form_of(client, f"{url}?replaces={newer.pk}", replaces=newer.pk)
    Hazard.objects.filter(pk=long_month[-1].pk).update(place="又一处")
    assert client.post(url, form).status_code == 409


def test_a_month_is_read_once_a_request(people, sign_in, monkeypatch):
    """The parts compared are the parts issued: nothing can change between."""
    from hazards.views import ledgers

    made = []
    facts_of = ledgers.LedgerPaper.facts_of
    monkeypatch.setattr(ledgers.LedgerPaper, "facts_of", staticmethod(lambda *args: made.append(1) or facts_of(*args)))
    client, url = sign_in(people.safety), reverse("hazard_ledger_month", args=[people.factory.pk, *THIS])
    form = form_of(client, url)
    made.clear()
    assert client.post(url, form).status_code == 302
    assert len(made) == 1


def test_orders_of_an_empty_filter_are_refused_with_a_sentence(people, sign_in):
    client = sign_in(people.safety)
    url = reverse("hazard_notices", query={"q": "没有这样的"})
    response = client.post(url, {"client_id": str(uuid.uuid4())})
    assert (response.status_code, "没有要出通知单的隐患,没有制发" in texts(response)) == (409, True)
    assert (Job.objects.count(), Submission.objects.count()) == (0, 0)


def test_the_second_sending_of_a_batch_that_took_all_is_the_same_job(people, sign_in):
    from core.work import run_one

    assigned(people)
    client, url, form = sign_in(people.safety), reverse("hazard_notices"), {"client_id": str(uuid.uuid4())}
    first = client.post(url, form)
    job = Job.objects.get()
    assert run_one(Job, job.pk)
    assert client.post(url, form)["Location"] == first["Location"]
    assert client.post(url, {"client_id": str(uuid.uuid4())}).status_code == 409, "nothing is left to issue"
    assert Job.objects.count() == 1
