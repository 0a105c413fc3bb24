"""Areas, sectors, departments: loaded once, never over what an administrator changed."""

import pytest

from accounts.catalogue import load
from accounts.models import Area, Department, Sector

pytestmark = pytest.mark.django_db


@pytest.mark.req("R59")
def test_loading_twice_adds_once(db):
    assert [(r.name, r.added) for r in load()] == [("区域", 14), ("行业", 8), ("部门", 6)]
    assert [(r.added, r.retired, r.differing) for r in load()] == [(0, 0, [])] * 3
    assert sorted({len(a.code) for a in Area.objects.all()}) == [6, 9, 12]
    assert Sector.objects.get(code="BUILDING_MATERIALS").covers("3021")
    assert not Sector.objects.get(code="BUILDING_MATERIALS").covers("3051")


@pytest.mark.req("R59")
def test_every_sector_has_exactly_one_department(db):
    load()
    assert {sector.code: sector.departments.count() for sector in Sector.objects.all()} == dict.fromkeys(
        ["METALLURGY", "NONFERROUS", "BUILDING_MATERIALS", "MACHINERY", "LIGHT_INDUSTRY", "TEXTILE", "TOBACCO", "COMMERCE"], 1
    )


def test_what_an_administrator_changed_stays(db):
    load()
    office = Department.objects.get(code="ECONOMY")
    office.sectors.clear()
    Department.objects.filter(pk=office.pk).update(name="经济发展办")
    results = {r.name: r for r in load()}
    assert results["部门"].differing == ["经济发展办"]
    assert office.sectors.count() == 0
