"""The admin site: for the administrator alone, records only shown, parameters kept with an Event."""

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import Sector, User
from core.admin_pages import CatalogueAdmin, ReadOnlyAdmin
from core.models import DeadlineRule, Event, Stateful, Submission
from tests import factories as f

pytestmark = pytest.mark.django_db


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def test_only_the_role_opens_it_flags_of_the_account_do_not(people):
    User.objects.filter(pk=people.inspector.pk).update(is_staff=True, is_superuser=True)
    assert {as_(u).get("/admin/").status_code for u in (people.inspector, people.leader, people.safety)} == {302}
    assert {as_(u).get("/admin/", follow=True).status_code for u in (people.inspector, people.leader, people.safety)} == {403}
    assert as_(people.admin).get("/admin/").status_code == 200
    stranger = Client()
    assert stranger.get("/admin/", follow=True).redirect_chain[-1] == ("/login/?next=%2Fadmin%2F", 302)
    answer = stranger.post("/login/", {"username": "admin", "password": "shijiao-demo", "next": "/admin/"}, follow=True)
    assert (answer.redirect_chain, answer.status_code) == ([("/admin/", 302)], 200)
    assert as_(people.admin).get("/admin/login/")["Location"] == "/admin/"


def test_needs_the_second_factor_when_required_or_set_up(people, settings):
    device = people.admin.totpdevice_set.create(name="x", confirmed=True)
    assert as_(people.admin).get("/admin/")["Location"].startswith("/login/code/")
    device.delete()
    settings.SECOND_FACTOR_REQUIRED = True
    assert as_(people.admin).get("/admin/")["Location"] == "/account/second-factor/"


def test_records_are_read_only_and_secrets_have_no_page(people):
    pages = {model.__name__: page for model, page in admin.site._registry.items()}
    assert all(isinstance(page, ReadOnlyAdmin | CatalogueAdmin) for page in pages.values())
    kept = sorted(name for name, page in pages.items() if isinstance(page, CatalogueAdmin))
    parameters = {"Area", "DeadlineRule", "Department", "Duty", "HazardTrait", "NoticeRule", "Sector", "WorkdayOverride"}
    law = {"InspectionPoint", "PenaltyScheme", "PointBasis", "PowerItem", "VisitLimit", "ResultRule", "GradeWeight", "KeyRule", "PlanLimit"}
    assert kept == sorted(parameters | law)
    stateful = {model.__name__ for model in admin.site._registry if issubclass(model, Stateful)}
    assert {"Hazard", "Check", "RosterImport"} <= stateful
    assert {"Event", "Submission", "Attachment", "Membership", "User"} <= set(pages)
    assert not {"OneTimeCode", "SignInSession", "TOTPDevice", "StaticDevice", "Group", "Session"} & set(pages)


def test_every_list_and_add_page_answers(people):
    f.a_hazard(people)
    client = as_(people.admin)
    for model, page in admin.site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(base).status_code == 200, base
        assert client.get(f"{base}add/").status_code == (403 if type(page) is ReadOnlyAdmin else 200), base
        row = model.objects.first()
        if row is not None:
            assert client.get(f"{base}{row.pk}/change/").status_code == 200, base
            assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403, base


def test_posting_to_a_record_changes_nothing(people):
    hazard = f.a_hazard(people)
    assert as_(people.admin).post(f"/admin/hazards/hazard/{hazard.pk}/change/", {"state": "closed"}).status_code == 403
    hazard.refresh_from_db()
    assert hazard.state != "closed"


def test_no_phone_or_hash_on_the_page_of_a_person(people):
    people.safety.phone = "13987654321"
    people.safety.save()
    text = as_(people.admin).get(f"/admin/accounts/user/{people.safety.pk}/change/").content.decode()
    assert people.safety.username in text
    assert "13987654321" not in text
    assert people.safety.password not in text


def test_change_of_a_period_is_an_event_with_old_and_new(people):
    rule = f.DeadlineRuleFactory(value=7)
    facts = {"code": rule.code, "name": rule.name, "unit": "C", "starts_from": "", "edition": rule.edition, "effective_from": "2019-01-01"}
    data = {**facts, "effective_to": "", "source": "", "value": "9"}
    assert as_(people.admin).post(f"/admin/core/deadlinerule/{rule.pk}/change/", data).status_code == 302
    rule.refresh_from_db()
    assert rule.value == 9
    event = Event.objects.of(rule).get()
    assert (event.by, event.label, event.data, event.audience) == (people.admin, "修改时限规则", {"lines": ["数值:7 → 9"]}, "town")
    as_(people.admin).post(f"/admin/core/deadlinerule/{rule.pk}/change/", data)
    assert Event.objects.of(rule).count() == 1


def test_added_row_is_an_event_and_sectors_of_an_office_are_told(people):
    client = as_(people.admin)
    client.post("/admin/core/workdayoverride/add/", {"day": "2026-10-10", "is_workday": "on", "source": "国办通知"})
    assert [e.label for e in Event.objects.filter(subject_model="core.workdayoverride")] == ["新增调休"]
    textile = Sector.objects.get(code="TEXTILE")
    data = {"code": "economy", "name": people.office.name, "area": people.town.pk, "sectors": [textile.pk]}
    assert client.post(f"/admin/accounts/department/{people.office.pk}/change/", data).status_code == 302
    assert list(people.office.sectors.all()) == [textile]
    assert Event.objects.of(people.office).get().data == {"lines": ["负责的行业:机械行业 → 纺织行业"]}


def test_own_pages_for_password_and_sign_out(people):
    client = as_(people.admin)
    assert client.get("/admin/password_change/")["Location"] == "/account/password/"
    assert client.post("/admin/logout/")["Location"] == "/account/"
    assert DeadlineRule.objects.count() + Submission.objects.count() == 0


@pytest.mark.parametrize("lookup", ["password__startswith", "codes__hash__startswith", "is_superuser"])
def test_nobody_asks_a_list_by_a_secret(people, lookup):
    client = as_(people.admin)
    assert client.get("/admin/accounts/user/?username__startswith=ad").status_code in (200, 302)
    assert client.get(f"/admin/accounts/user/?{lookup}=1").status_code == 400


def test_the_page_carries_the_sites_name_and_picture(people, settings):
    html = as_(people.admin).get("/admin/").content.decode()
    assert f"{settings.SITE_NAME} · 参数和目录管理" in html
    assert '<link rel="icon" href="/static/img/mark.svg"' in html
    assert [words for words in ("Model name", "Add link", "Change or view list link") if words in html] == []
