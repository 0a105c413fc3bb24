"""The desk: each count is its rows, for everybody; the map and the day sheet."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Event
from inspections import desk, schematic
from inspections.models import Draw, Inspection, OnsiteMeasure, Order
from tests import factories as f
from tests.inspections import course, drawn
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db
BOTH = ("inspector", "inspector2")


def both(people):
    return [getattr(people, name) for name in BOTH]


def visit(people, **facts):
    """A planned visit of a firm of its own, so that the guard has nothing to say."""
    firm = facts.pop("enterprise", None) or f.EnterpriseFactory(
        area=people.village_area, lead_department=people.office, sector=people.sector
    )
    return course.planned(people, enterprise=firm, **facts)


def put(row, **facts):
    """The row as time has left it."""
    type(row)._base_manager.filter(pk=row.pk).update(**facts)
    row.refresh_from_db()
    return row


@pytest.fixture
def everything(people):
    """At least one row in every pile, in three firms' scopes."""
    visit(people)
    course.approved(people, visit(people))
    course.noticed(people, course.approved(people, visit(people, planned_on=later(1))))
    course.approved(people, visit(people), is_unannounced=True, unannounced_reason="举报")
    visit(people, planned_on=TODAY).submit_scheme(by=people.inspector, on=TODAY)
    put(course.noticed(people, course.approved(people, visit(people))), planned_on=later(-2))
    ready = course.noticed(people, course.approved(people, visit(people, planned_on=later(2), enterprise=people.factory)))
    ready.say_ready(by=people.principal, on=TODAY)
    put(ready, state="closed", visited_on=later(-40), closed_on=later(-30), publish_by_on=later(-2), ready_at=None)
    put(course.noticed(people, course.approved(people, visit(people))), ready_at=course.timezone.now())
    course.begun(people, course.noticed(people, course.approved(people, visit(people))))
    visit(people, kind="complaint", return_by_on=later(2))
    put(visit(people, kind="complaint", return_by_on=later(2)), return_by_on=later(-1))
    late = course.recorded(people, begun(people), p0={"disposal": "transfer", "is_violation": True})
    put(late, report_by_on=later(-1))
    course.recorded(people, begun(people), p0={"disposal": "transfer", "is_violation": True})
    orders(people)
    measures(people)
    draws(people)
    course.planned(people, enterprise=people.neighbour)
    f.EnterpriseFactory(area_id="500110112201")


def draws(people):
    """One to confirm, one with a change asked for, one to publish, and late."""
    drawn.law()
    drawn.firms(people, 6)
    drawn.officers(people)
    drawn.drawn(people)
    asked = drawn.drawn(people)
    asked.ask_change(by=people.inspector, on=TODAY, object=asked.standing().first().listed.key, note="搬迁")
    put(drawn.drawn(people), state="results_in", results_in_on=later(-60), publish_by_on=later(-1))


def begun(people):
    return course.begun(people, course.noticed(people, course.approved(people, visit(people))))


def orders(people):
    """One in each state, two of them late, one waiting for the leader."""
    an_order = lambda: course.drafted(people, course.recorded(people, begun(people), p1={}))  # noqa: E731
    course.issued(people, an_order())
    course.served(people, course.issued(people, an_order()))
    put(course.served(people, course.issued(people, an_order())), issued_on=later(-20), due_on=later(-1), first_due_on=later(-1))
    asked = course.served(people, course.issued(people, an_order()))
    asked.ask_extension(
        by=f.MembershipFactory(enterprise=asked.enterprise, role="principal").user, on=TODAY, until=later(20), note="缺件", measures="停用"
    )
    waiting = course.served(people, course.issued(people, an_order()))
    put(waiting, state="pending_recheck", applied_on=TODAY, recheck_by_on=later(3))
    again = course.served(people, course.issued(people, an_order()))
    put(again, state="pending_recheck", applied_on=later(-20), recheck_by_on=later(-1))


def measures(people):
    """One in each state."""
    a_measure = lambda: course.measure(people, course.recorded(people, begun(people), p1={"disposal": "measure"}))  # noqa: E731
    row = a_measure()
    row.issue(by=people.inspector, on=TODAY, document=course.paper("ONSITE_MEASURE", row, people.inspector))
    course.in_force(people, a_measure())
    put(course.in_force(people, a_measure()), state="release_applied", applied_on=TODAY, examine_by_on=later(3))
    put(course.in_force(people, a_measure()), state="examined")


@pytest.mark.req("B10")
def test_each_count_opens_to_exactly_its_rows(people, everything, client):
    empty = []
    for name in ("inspector", "leader", "department"):
        client.force_login(getattr(people, name))
        for mine in ("", "&mine=1"):
            groups = client.get(reverse("inspection_desk") + f"?{mine}").context["groups"]
            for pile, number in (one for _, piles in groups for one in piles):
                page = client.get(reverse("inspection_desk") + f"?pile={pile.code}{mine}")
                rows = list(page.context["object_list"])
                assert (len(rows), page.context["page_obj"].paginator.count) == (number, number), (name, pile.code, mine)
                assert {type(row) for row in rows} <= {pile.model}
                if name == "inspector" and not mine and not number:
                    empty.append(pile.code)
    assert empty == [], "every pile was tried with something in it"


def test_what_is_ready_needs_paper_and_certificates(people):
    course.law()
    rows = {
        "planned": visit(people),
        "approved": course.approved(people, visit(people)),
        "noticed": course.noticed(people, course.approved(people, visit(people))),
        "unannounced": course.approved(people, visit(people), is_unannounced=True, unannounced_reason="举报"),
        "accident": visit(people, kind="accident"),
    }
    alone = course.noticed(people, course.approved(people, visit(people)))
    alone.officers.filter(user=people.inspector2).delete()
    ready = lambda: {name for name, row in rows.items() if row in desk.BY_CODE["ready"].rows(people.inspector, TODAY)}  # noqa: E731
    assert ready() == {"noticed", "unannounced", "accident"}
    assert alone not in desk.BY_CODE["ready"].rows(people.inspector, TODAY)
    for row in rows.values():
        if row.state in ("noticed", "scheme_approved", "planned"):
            assert (row in desk.BY_CODE["ready"].rows(people.inspector, TODAY)) is (row.why_not_begin(TODAY) == ""), row.state
    people.inspector2.certificates.update(valid_to=later(-1))
    assert ready() == set()


def test_days_are_told_apart(people):
    days = {n: put(visit(people, planned_on=later(max(n, 0))), planned_on=later(n)) for n in (-1, 0, 1, 6, 7)}
    found = {
        code: [n for n, row in days.items() if row in desk.BY_CODE[code].rows(people.inspector, TODAY)]
        for code in ("today", "tomorrow", "overdue")
    }
    assert found == {"today": [0], "tomorrow": [1], "overdue": [-1]}
    monday = TODAY - datetime.timedelta(days=TODAY.weekday())
    week = {n: put(visit(people), planned_on=monday + datetime.timedelta(days=n)) for n in (0, 6, 7)}
    assert [n for n, row in week.items() if row in desk.BY_CODE["week"].rows(people.inspector, monday)] == [0, 6]


def test_only_mine_leaves_out_where_others_go(people):
    course.law()
    third = f.MembershipFactory(role="inspector", enterprise=None, area=people.town).user
    mine, other = visit(people), visit(people)
    other.officers.filter(user=people.inspector).update(user=third)
    rows = lambda **facts: set(desk.BY_CODE["today"].rows(people.inspector, TODAY, **facts))  # noqa: E731
    assert (rows(), rows(mine=True)) == ({mine, other}, {mine})


def test_the_desk_exports_what_it_shows_and_is_closed_to_others(people, everything, client):
    client.force_login(people.inspector)
    answer = client.get(reverse("inspection_desk"), {"pile": "serve", "export": "xlsx"})
    assert answer["Content-Disposition"].endswith(".xlsx")
    for name in ("village", "principal"):
        client.force_login(getattr(people, name))
        assert client.get(reverse("inspection_desk")).status_code == 403


def test_the_desk_needs_as_many_queries_for_many_rows(people, client):
    client.force_login(people.inspector)
    visit(people)

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("inspection_desk"), {"pile": "today"}).status_code == 200
            assert client.get(reverse("inspection_day_sheet")).status_code == 200
        return len(caught)

    count()
    one = count()
    for _ in range(12):
        visit(people)
    assert count() == one


# The map


def test_the_map_is_the_same_for_the_same_villages_and_numbers_as_the_list(people, client):
    firms = [f.EnterpriseFactory(area=area) for area in (people.village_area, people.neighbour.area, people.village_area)]
    course.law()
    rows = [visit(people, enterprise=firm) for firm in firms]
    client.force_login(people.inspector)
    page = client.get(reverse("inspection_desk"))
    picture, again = (client.get(reverse("inspection_desk")).context["picture"] for _ in range(2))
    assert picture == again
    assert [mark.number for mark in picture.marks] == [1, 2, 3]
    assert {mark.visit.pk for mark in picture.marks} == {row.pk for row in rows}
    assert [box.name for box in picture.boxes] == ["刘罗坪村", "高石坎村"]
    assert [len(box.marks) for box in picture.boxes] == [2, 1]
    for box in picture.boxes:
        for mark in box.marks:
            assert box.x <= mark.x - schematic.RADIUS and mark.x + schematic.RADIUS <= box.x + box.width
            assert box.y <= mark.y - schematic.RADIUS and mark.y + schematic.RADIUS <= box.y + box.height
    assert "style=" not in page.content.decode().split("<main")[1]


def test_a_crowded_village_grows_and_no_box_covers_another(people):
    visits = [Inspection(enterprise=f.EnterpriseFactory.build(area=people.village_area, sector=None)) for _ in range(11)]
    for n in range(20):
        f.AreaFactory(code=f"500110111{300 + n}", name=f"{n}村")
    picture = schematic.draw("500110111", visits)
    assert (picture.width, len(picture.marks)) == (schematic.WIDTH, 11)
    places = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in picture.boxes]
    assert all(a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1] for a in places for b in places if a != b)
    assert max(place[2] for place in places) <= picture.width
    assert max(place[3] for place in places) <= picture.height


# The day sheet


def test_the_day_sheet_says_what_is_needed_on_the_way(people, client):
    f.KeyPersonFactory(enterprise=people.factory, phone="13812345678")
    order = course.served(people)
    put(order.inspection, visited_on=later(-60), planned_on=later(-60))
    row = visit(people, enterprise=people.factory, kind="accident")
    visit(people, planned_on=later(1))
    client.force_login(people.inspector)
    page = client.get(reverse("inspection_day_sheet")).content.decode()
    assert [entry["visit"] for entry in client.get(reverse("inspection_day_sheet")).context["rows"]] == [row]
    for words in (
        people.factory.name,
        "李执法(主办)、王执法",
        "王厂长(主要负责人)",
        "1 份",
        f"{row.items.count()} 项",
        "data:image/svg+xml",
    ):
        assert words in page, words
    assert "13812345678" not in page
    assert [e["visit"].planned_on for e in client.get(reverse("inspection_day_sheet"), {"day": f"{later(1)}"}).context["rows"]] == [
        later(1)
    ]
    assert client.get(reverse("inspection_day_sheet"), {"day": "2026-99-99"}).status_code == 200


def test_whole_phone_numbers_are_opened_on_purpose_and_told(people, client):
    person = f.KeyPersonFactory(enterprise=people.factory, phone="13812345678")
    visit(people, enterprise=people.factory)
    client.force_login(people.inspector)
    answer = client.post(reverse("inspection_day_sheet"))
    assert ("13812345678" in answer.content.decode(), answer["Cache-Control"]) == (True, "private, no-store")
    event = Event.objects.of(people.factory).get(move="open_phone")
    assert (event.by, event.data) == (people.inspector, {"key_person": person.pk})


def test_those_under_way_come_first_by_their_time(people, client):
    course.law()
    waiting = visit(people)
    first = begun(people)
    client.force_login(people.inspector)
    rows = [entry["visit"] for entry in client.get(reverse("inspection_day_sheet")).context["rows"]]
    assert rows == [first, waiting]


def test_models_of_the_piles_are_four():
    assert {pile.model for pile in desk.BY_CODE.values()} == {Draw, Inspection, Order, OnsiteMeasure}


# Homes


def test_the_homes_of_the_town_show_what_waits_and_open_to_it(people, everything, client):
    for name, codes in desk.HOME.items():
        who = getattr(people, name.value)
        client.force_login(who)
        piles = client.get(reverse("home")).context["piles"]
        assert [pile.code for pile, _ in piles] == [code for code in codes if desk.BY_CODE[code].rows(who, TODAY).exists()]
        for pile, number in piles:
            assert client.get(reverse("inspection_desk"), {"pile": pile.code}).context["page_obj"].paginator.count == number
    client.force_login(people.village)
    assert client.get(reverse("home")).context["piles"] == []


def test_the_firms_home_shows_visits_announced_orders_and_measures(people, client):
    order = course.served(people)
    put(order.inspection, visited_on=later(-60), planned_on=later(-60))
    order.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    visit(people, enterprise=people.factory, kind="accident")
    announced = course.noticed(people, course.approved(people, visit(people, enterprise=people.factory, planned_on=later(40))))
    client.force_login(people.principal)
    page = client.get(reverse("home"))
    assert (list(page.context["visits"]), list(page.context["orders"]), list(page.context["measures"])) == ([announced], [order], [])
    assert "等镇领导答复" in page.content.decode()
    order.refuse_extension(by=people.leader, on=TODAY, note="可以先清通道")
    assert "不同意" in client.get(reverse("home")).content.decode()
    client.force_login(people.employee)
    page = client.get(reverse("home"))
    assert (list(page.context["visits"]), list(page.context["orders"])) == ([], [])
