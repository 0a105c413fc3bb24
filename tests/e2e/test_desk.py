"""The desk, its map and the day sheet in a real browser, on a phone and on a desk: nothing wider than the window, nothing a screen reader trips over."""

import pytest
from django.urls import reverse

from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.inspections import course
from tests.inspections.course import later
from tests.people import township

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db):
    people = township()
    course.served(people)
    for n, area in enumerate((people.village_area, people.neighbour.area, people.village_area)):
        course.planned(people, enterprise=f.EnterpriseFactory(name=f"重庆第{n}五金加工有限责任公司", area=area))
    course.planned(people, enterprise=f.EnterpriseFactory(area=people.village_area), planned_on=later(1))
    return people


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_fit_and_can_be_read_aloud(people, visit, size):
    page = visit(people.inspector, size)
    names = ("inspection_desk", "inspection_day_sheet", "patrol_list", "patrol_new", "outside_list", "district_export", "carry_in")
    for name in names:
        page.goto(reverse(name))
        assert (name, overflow(page), serious(page)) == (name, 0, [])
    page.goto(reverse("carry_new", args=["order"]) + f"?enterprise={people.factory.pk}")
    assert (overflow(page), serious(page)) == (0, [])


def test_a_number_opens_to_its_rows_and_the_sheet_prints_on_paper(people, visit):
    page = visit(people.inspector)
    page.goto(reverse("inspection_desk"))
    tile = page.locator(".figure-tile", has_text="今天")
    assert tile.locator(".figure-value").inner_text() == "3"
    tile.click()
    assert page.locator("#rows .rows > li").count() == 3
    assert page.locator(".town-mark").count() == 4
    page.goto(reverse("inspection_day_sheet"))
    page.emulate_media(media="print")
    assert page.locator(".day-entry").count() == 4
    assert [page.locator(name).first.is_visible() for name in (".topbar", ".no-print", ".print-only", ".day-code img")] == [
        False,
        False,
        True,
        True,
    ]
