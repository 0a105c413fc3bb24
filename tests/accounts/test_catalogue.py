"""Areas, sectors, departments: loaded once, never over what an administrator changed."""

import datetime

import pytest

from accounts.catalogue import load
from accounts.models import Area, Department, Sector
from core.catalogue import load_rows

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


def test_an_open_row_the_file_ends_by_now_is_ended_and_nothing_else_of_it_changes(db):
    first = {"code": "X", "name": "旧行业", "edition": "2019", "effective_from": datetime.date(2019, 1, 1)}
    load_rows(Sector, [first])
    ended = {**first, "name": "改过的名字", "effective_to": datetime.date(2026, 6, 30)}
    for retired in (1, 0):
        result = load_rows(Sector, [ended])
        assert (result.added, result.retired, result.differing) == (0, retired, ["旧行业"])
    row = Sector.objects.get(code="X")
    assert (row.name, row.effective_to) == ("旧行业", datetime.date(2026, 6, 30))
