"""Several people at one enterprise's file: nothing overwritten silently, every change told once."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from core.models import Event
from enterprises.forms.parts import StopForm
from enterprises.models import KeyPerson, StopPeriod
from tests import factories as f
from tests.enterprises.test_views import facts, page, seen

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def moves(enterprise):
    return list(Event.objects.of(enterprise).values_list("move", "note"))


def test_two_people_change_one_unit(people, sign_in):
    client, unit = sign_in(people.safety), people.team_a
    url = reverse("unit_edit", args=[people.factory.pk, unit.pk])
    mine = {"client_id": uuid.uuid4(), "kind": "team", "name": "我的班", "parent": people.workshop.pk, "seen": seen(unit)}
    unit.name = "别人的班"
    unit.save()
    answer = client.post(url, mine)
    assert (answer.status_code, answer.context["differences"]) == (409, [("名称", "别人的班", "我的班")])
    unit.refresh_from_db()
    assert unit.name == "别人的班"
    again = client.post(url, {**mine, "seen": answer.context["seen"]})
    unit.refresh_from_db()
    assert (again.status_code, unit.name) == (302, "我的班")


def test_an_invalid_part_keeps_the_state_it_was_opened_with(people, sign_in):
    client, unit = sign_in(people.safety), people.team_a
    old = str(seen(unit))
    unit.name = "别人的班"
    unit.save()
    form = {"client_id": uuid.uuid4(), "kind": "team", "name": "", "parent": people.workshop.pk, "seen": old}
    answer = client.post(reverse("unit_edit", args=[people.factory.pk, unit.pk]), form)
    assert (answer.status_code, answer.context["seen"]) == (422, old)


def test_two_people_end_one_stop(people, sign_in):
    stop = f.StopPeriodFactory(enterprise=people.factory, starts_on=TODAY)
    url, client = reverse("stop_end", args=[people.factory.pk, stop.pk]), sign_in(people.safety)
    other = TODAY + timedelta(1)
    answers = [client.post(url, {"ends_on": day.isoformat(), "seen": "open"}).status_code for day in (TODAY, other, TODAY)]
    stop.refresh_from_db()
    assert (answers, stop.ends_on, moves(people.factory)) == ([302, 409, 302], TODAY, [("resume", f"停产至 {TODAY}")])


def test_a_key_person_read_before_the_other_acted_is_confirmed_and_ended_once(people):
    person = f.KeyPersonFactory(enterprise=people.factory)
    first, second = (KeyPerson.objects.get(pk=person.pk) for _ in range(2))
    first.confirm(by=people.inspector, on=TODAY)
    second.confirm(by=people.admin, on=TODAY)
    first.end(by=people.inspector, on=TODAY)
    second.end(by=people.admin, on=TODAY - timedelta(1))
    person.refresh_from_db()
    assert (person.confirmed_by, person.ended_on) == (people.inspector, TODAY)
    assert [move for move, _ in moves(people.factory)] == ["confirm_key_person", "end_key_person"]
    assert [h.ended_on for h in person.history.all()] == [TODAY, None, None]


def test_the_form_of_a_key_person_never_shows_the_phone_and_empty_leaves_it(people, sign_in):
    person = f.KeyPersonFactory(enterprise=people.factory, phone="13812345678")
    client, url = sign_in(people.safety), reverse("key_person_edit", args=[people.factory.pk, person.pk])
    html = client.get(url).content.decode()
    assert ("13812345678" in html, 'placeholder="138****5678"' in html) == (False, True)
    form = {"client_id": uuid.uuid4(), "kind": person.kind, "name": person.name, "scope": "全厂", "phone": ""}
    client.post(url, {**form, "seen": seen(person)})
    person.refresh_from_db()
    assert (person.scope, person.phone) == ("全厂", "13812345678")
    client.post(url, {**form, "phone": "13900001111", "seen": seen(person)})
    person.refresh_from_db()
    assert person.phone == "13900001111"


def test_changed_traits_are_told_with_before_and_after(people, sign_in):
    one, two = f.HazardTraitFactory(code="dust", name="粉尘"), f.HazardTraitFactory(code="space", name="有限空间")
    people.factory.traits.add(one)
    client, url = sign_in(people.inspector), reverse("enterprise_edit", args=[people.factory.pk])
    for _ in range(2):
        assert client.post(url, facts(people.factory, traits=[one.pk, two.pk])).status_code == 302
    assert set(people.factory.traits.all()) == {one, two}
    assert moves(people.factory) == [("change_traits", "粉尘 → 粉尘、有限空间")]
    assert "粉尘 → 粉尘、有限空间" in page(client, "enterprise_history", people.factory.pk).content.decode()


def test_two_stop_forms_checked_together_are_saved_once(people):
    def form():
        data = {"client_id": uuid.uuid4(), "starts_on": TODAY, "ends_on": TODAY + timedelta(3), "reason": "检修"}
        return StopForm(data, user=people.safety, instance=StopPeriod(enterprise=people.factory, by=people.safety))

    first, second = form(), form()
    assert (first.is_valid(), second.is_valid()) == (True, True)
    first.save()
    with pytest.raises(ValidationError):
        second.save()
    assert StopPeriod.objects.count() == 1


def test_a_stop_cannot_be_lengthened_into_the_next(people, sign_in):
    stop = f.StopPeriodFactory(enterprise=people.factory, starts_on=TODAY, ends_on=TODAY + timedelta(1))
    f.StopPeriodFactory(enterprise=people.factory, starts_on=TODAY + timedelta(3))
    f.StopPeriodFactory(enterprise=people.neighbour, starts_on=TODAY)
    url, data = reverse("stop_end", args=[people.factory.pk, stop.pk]), {"seen": str(stop.ends_on)}
    client = sign_in(people.safety)
    days = [TODAY + timedelta(5), TODAY + timedelta(2)]
    assert [client.post(url, {**data, "ends_on": day.isoformat()}).status_code for day in days] == [422, 302]


def test_names_are_stored_without_invisible_characters(people, sign_in):
    client = sign_in(people.inspector)
    firm = facts(people.factory, name="重庆\u202e石角\u200b厂")
    assert client.post(reverse("enterprise_edit", args=[people.factory.pk]), firm).status_code == 302
    people.factory.refresh_from_db()
    unit = {"client_id": uuid.uuid4(), "kind": "team", "name": "丙\u202d班", "parent": people.workshop.pk}
    client.post(reverse("unit_new", args=[people.factory.pk]), unit)
    person = {"client_id": uuid.uuid4(), "kind": "safety", "name": "赵\u2066安全", "phone": ""}
    client.post(reverse("key_person_new", args=[people.factory.pk]), person)
    assert people.factory.name == "重庆石角厂"
    assert people.factory.units.filter(name="丙班").exists()
    assert people.factory.key_people.get().name == "赵安全"
    only = client.post(reverse("unit_new", args=[people.factory.pk]), {**unit, "client_id": uuid.uuid4(), "name": "\u202e\u200b"})
    assert (only.status_code, only.context["form"].errors["name"]) == (422, ["名称里没有看得见的字,请重新填写。"])


def test_the_tree_offers_closing_only_where_it_works(people, sign_in):
    empty = f.UnitFactory(enterprise=people.factory, kind="team", name="空班", parent=people.workshop)
    answer = page(sign_in(people.safety), "enterprise_units", people.factory.pk)
    offered = [unit for _, unit, _ in answer.context["lines"] if unit.can_close]
    assert offered == [empty]
    html = answer.content.decode()
    assert (html.count('aria-label="撤销'), "“厂”不能撤销" in html) == (1, True)
