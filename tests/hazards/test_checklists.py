"""Checklists: which a unit owes, windows, frozen versions, the catalogue."""

import datetime

import pytest
from django.core.management import call_command

from hazards.models import Checklist, ChecklistItem, ChecklistVersion
from hazards.setup import proposals
from tests import factories as f

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 24)


@pytest.fixture
def ladder():
    for code, frequency, level in (("D", "day", "team"), ("W", "week", "department"), ("M", "month", "plant")):
        f.ChecklistFactory(code=code, frequency=frequency, level=level, name=code)


def duties():
    """The three duties of the ladder."""
    for code, frequency, level in (
        ("TEAM-DAILY", "day", "team"),
        ("DEPT-WEEKLY", "week", "department"),
        ("PLANT-MONTHLY", "month", "plant"),
    ):
        f.DutyFactory(code=code, frequency=frequency, level=level)


def owed(unit):
    """The lists that the set-up page offers one unit."""
    return [one.checklist.code for one in proposals(unit.enterprise, DAY) if one.unit == unit]


@pytest.mark.req("R20", "R21", "R22")
def test_each_level_owes_its_own_list_and_those_of_missing_levels(people, ladder):
    duties()
    codes = owed
    assert codes(people.team_a) == ["D"]
    assert codes(people.workshop) == ["W"]
    assert codes(people.plant) == ["M"]
    assert codes(people.neighbour_plant) == ["D", "W", "M"]
    people.team_a.closed_on = people.team_b_unit.closed_on = DAY
    people.team_a.save()
    people.team_b_unit.save()
    assert codes(people.workshop) == ["D", "W"]
    assert codes(people.plant) == ["M"]
    people.workshop.closed_on = DAY
    people.workshop.save()
    assert codes(people.plant) == ["D", "W", "M"]
    f.UnitFactory(enterprise=people.factory, kind="team", name="直属班", parent=people.plant)
    assert codes(people.plant) == ["W", "M"]


def test_list_of_the_sector_comes_before_a_general_one(people, ladder):
    f.ChecklistFactory(code="D-TEX", level="team", applies_to={"industry": ["TEXTILE"]})
    f.ChecklistFactory(code="D-NEW", level="team", applies_to={"industry": ["LIGHT"]}, effective_from="2020-01-01")
    duties()
    assert owed(people.team_a) == ["D"]
    assert owed(people.neighbour_plant)[0] == "D-TEX"


def test_version_is_frozen_and_shared_until_words_change(people):
    checklist = f.ChecklistFactory()
    first = checklist.freeze(people.factory, DAY)
    assert checklist.freeze(people.neighbour, DAY) == first
    ChecklistItem.objects.filter(code="D-01").update(name="改过的名称")
    second = checklist.freeze(people.factory, DAY)
    first.refresh_from_db()
    assert (first.items[0]["name"], second.items[0]["name"]) == ("第1项", "改过的名称")
    assert ChecklistVersion.objects.count() == 2


def test_own_items_are_appended_for_their_enterprise_only(people):
    checklist = f.ChecklistFactory()
    f.OwnItemFactory(enterprise=people.factory, added_on=DAY, name="查油压")
    f.OwnItemFactory(enterprise=people.factory, added_on=DAY, retired_on=DAY, name="停用的")
    f.OwnItemFactory(enterprise=people.factory, added_on=DAY + datetime.timedelta(days=1), name="明天起")
    mine, other = checklist.freeze(people.factory, DAY), checklist.freeze(people.neighbour, DAY)
    assert [i["name"] for i in mine.items] == ["第1项", "第2项", "第3项", "查油压"]
    assert (mine.items[3]["section"], mine.enterprise) == ("本企业", people.factory)
    assert [i["name"] for i in other.items] == ["第1项", "第2项", "第3项"]


def test_catalogue_loads_once_and_never_changes_a_row_in_use():
    call_command("load_catalogue", verbosity=0)
    counts = (Checklist.objects.count(), ChecklistItem.objects.count())
    assert counts == (6, 119)
    item = ChecklistItem.objects.get(code="D-01")
    ChecklistItem.objects.filter(pk=item.pk).update(name="使用中的旧名")
    call_command("load_catalogue", verbosity=0)
    item.refresh_from_db()
    assert (Checklist.objects.count(), ChecklistItem.objects.count()) == counts
    assert item.name == "使用中的旧名"
    assert ChecklistItem.objects.filter(verify=True).exists()
