"""Pages of the enterprise file: list, tabs, roles, edits, people, stops."""

import io
import uuid

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import Event
from enterprises.models import Enterprise, KeyPerson, RosterImport, StopPeriod, Unit
from tests import factories as f
from tests.enterprises import roster as r

TODAY = timezone.localdate()


def names(answer):
    return [row.name for row in answer.context["object_list"]]


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def facts(enterprise, **changed):
    """The edit form's fields as the page shows them."""
    return {
        "seen": enterprise.history.first().history_id,
        "name": enterprise.name,
        "credit_code": enterprise.credit_code,
        "area": enterprise.area_id,
        "sector": enterprise.sector_id or "",
        "lead_department": enterprise.lead_department_id or "",
        "industry_code": enterprise.industry_code,
        "status": enterprise.status,
        "headcount": enterprise.headcount or "",
        **changed,
    }


def seen(row):
    """What the edit form of a part carries."""
    return row.history.first().history_id


@pytest.fixture
def firms(people):
    trait = f.HazardTraitFactory()
    one = f.EnterpriseFactory(name="重庆山河服饰厂", sector=None, lead_department=None, status="stopped", scale="micro", is_crowded=True)
    one.traits.add(trait)
    f.KeyPersonFactory(enterprise=people.factory, phone="13812345678", confirmed_on=TODAY, confirmed_by=people.inspector)
    return one


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["重庆山河服饰厂", "重庆石角机械厂", "重庆邻家纺织厂"]),
        ({"q": "cqsj"}, ["重庆石角机械厂"]),
        ({"q": "山河"}, ["重庆山河服饰厂"]),
        ({"status": "stopped"}, ["重庆山河服饰厂"]),
        ({"scale": "micro"}, ["重庆山河服饰厂"]),
        ({"is_crowded": "true"}, ["重庆山河服饰厂"]),
        ({"is_scattered": "true"}, []),
        ({"no_lead": "false"}, ["重庆石角机械厂"]),
        ({"incomplete": "false"}, ["重庆石角机械厂"]),
        ({"incomplete": "true"}, ["重庆山河服饰厂", "重庆邻家纺织厂"]),
        ({"area": "500110111202"}, ["重庆邻家纺织厂"]),
    ],
)
@pytest.mark.req("R6", "R59", "R82")
def test_the_list_filters_by_url(people, firms, sign_in, query, expected):
    assert names(page(sign_in(people.inspector), "enterprise_list", **query)) == sorted(expected)


def test_the_list_finds_a_code_however_it_is_typed(people, sign_in):
    code = people.factory.credit_code
    typed = f" {code[:2]} {code[2:8].lower()} {code[8:].lower()} "
    assert names(page(sign_in(people.inspector), "enterprise_list", q=typed)) == [people.factory.name]


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("inspector", ["重庆石角机械厂", "重庆邻家纺织厂"]),
        ("department", ["重庆石角机械厂"]),
        ("village", ["重庆石角机械厂"]),
        ("principal", ["重庆石角机械厂"]),
        ("outsider", ["重庆邻家纺织厂"]),
        ("foreign", ["邻镇机械厂"]),
    ],
)
def test_the_list_shows_ones_own_scope(people, sign_in, who, expected):
    assert names(page(sign_in(getattr(people, who)), "enterprise_list")) == expected


@pytest.mark.parametrize("who", ["head", "team", "employee"])
def test_workers_do_not_open_the_file(people, sign_in, who):
    client = sign_in(getattr(people, who))
    assert page(client, "enterprise_list").status_code == 403
    assert page(client, "enterprise_detail", people.factory.pk).status_code == 403


def test_the_export_is_exactly_the_filter_with_masked_phones_and_no_formulas(people, firms, sign_in):
    f.EnterpriseFactory(name="重庆石角丙厂", remark="=1+1", area=people.village_area)
    f.KeyPersonFactory(enterprise=Enterprise.objects.get(name="重庆石角丙厂"), kind="safety", name="@李", phone="13900001111")
    answer = page(sign_in(people.inspector), "enterprise_list", q="石角", export="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [dict(zip([c.value for c in sheet[1]], [c.value for c in row], strict=True)) for row in sheet.iter_rows(min_row=2)]
    assert [row["企业名称"] for row in rows] == ["重庆石角丙厂", "重庆石角机械厂"]
    assert [(row["联系电话"], row["安全员电话"]) for row in rows] == [(None, "139****1111"), ("138****5678", None)]
    assert [row["备注"] for row in rows] == ["=1+1", None]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)} == {"s"}


def test_the_list_asks_the_same_however_many_rows(people, sign_in, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in(people.inspector)
    page(client, "enterprise_list")
    with CaptureQueriesContext(connection) as few:
        page(client, "enterprise_list")
    for _ in range(25):
        firm = f.EnterpriseFactory(area=people.village_area)
        f.KeyPersonFactory(enterprise=firm)
    with CaptureQueriesContext(connection) as many:
        page(client, "enterprise_list")
    assert len(few) == len(many)


OF_A_FIRM = [
    "enterprise_detail",
    "enterprise_edit",
    "enterprise_units",
    "unit_new",
    "key_person_new",
    "enterprise_stops",
    "stop_new",
    "enterprise_history",
]


@pytest.mark.parametrize("name", OF_A_FIRM)
def test_the_neighbours_file_does_not_exist(people, sign_in, name):
    assert page(sign_in(people.inspector), name, people.factory.pk).status_code == 200
    expected = 403 if name == "enterprise_edit" else 404
    assert page(sign_in(people.outsider), name, people.factory.pk).status_code == expected
    assert page(sign_in(people.foreign), name, people.factory.pk).status_code == 404


@pytest.mark.parametrize(
    "name", ["unit_edit", "unit_close", "key_person_edit", "key_person_confirm", "key_person_end", "key_person_phone", "stop_end"]
)
def test_a_row_of_another_firm_does_not_exist_under_ones_own(people, sign_in, name):
    rows = {
        "unit": people.workshop,
        "key": f.KeyPersonFactory(enterprise=people.factory),
        "stop": f.StopPeriodFactory(enterprise=people.factory),
    }
    part = rows[name.partition("_")[0]].pk
    assert sign_in(people.inspector).post(reverse(name, args=[people.neighbour.pk, part])).status_code == 404
    outsider = sign_in(people.outsider).post(reverse(name, args=[people.factory.pk, part]))
    assert outsider.status_code == (403 if name == "key_person_confirm" else 404)


def test_the_tabs_are_those_of_the_list(people, sign_in):
    html = page(sign_in(people.safety), "enterprise_units", people.factory.pk).content.decode()
    for label in ("概况", "部门班组", "停产", "记录"):
        assert label in html
    assert html.count('aria-current="page"') >= 1


@pytest.mark.req("R6")
def test_a_key_person_is_confirmed_by_the_town_once(people, sign_in):
    person = f.KeyPersonFactory(enterprise=people.factory)
    url = reverse("key_person_confirm", args=[people.factory.pk, person.pk])
    assert sign_in(people.safety).post(url).status_code == 403
    assert people.factory.is_incomplete
    client = sign_in(people.inspector)
    client.post(url)
    client.post(url)
    person.refresh_from_db()
    assert (person.confirmed_on, person.confirmed_by) == (TODAY, people.inspector)
    assert list(Event.objects.of(people.factory).values_list("move", "by")) == [("confirm_key_person", people.inspector.pk)]
    assert not Enterprise.objects.get(pk=people.factory.pk).is_incomplete


def test_a_phone_is_masked_until_opened_and_the_opening_is_an_event(people, sign_in):
    person = f.KeyPersonFactory(enterprise=people.factory, phone="13812345678")
    client = sign_in(people.leader)
    html = page(client, "enterprise_detail", people.factory.pk).content.decode()
    assert ("138****5678" in html, "13812345678" in html) == (True, False)
    answer = client.post(reverse("key_person_phone", args=[people.factory.pk, person.pk]))
    assert "13812345678" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    event = Event.objects.of(people.factory).get()
    assert (event.move, event.by, event.data, "13812345678" in event.note) == (
        "open_phone",
        people.leader,
        {"key_person": person.pk},
        False,
    )


def test_a_firm_changes_only_the_unconfirmed(people, sign_in):
    person = f.KeyPersonFactory(enterprise=people.factory, confirmed_on=TODAY, confirmed_by=people.inspector)
    client = sign_in(people.safety)
    assert page(client, "key_person_edit", people.factory.pk, person.pk).status_code == 403
    client.post(reverse("key_person_end", args=[people.factory.pk, person.pk]))
    person.refresh_from_db()
    assert person.ended_on is None


def test_a_key_person_sent_twice_is_one_and_the_phone_is_not_kept_in_the_clear(people, sign_in):
    from core.models import Submission

    client = sign_in(people.safety)
    form = {"client_id": uuid.uuid4(), "kind": "safety", "name": "赵安全", "phone": "+86 138-0000-1111"}
    for _ in range(2):
        answer = client.post(reverse("key_person_new", args=[people.factory.pk]), form)
        assert answer.status_code == 302
    person = KeyPerson.objects.get()
    assert (person.name, person.phone, person.confirmed_on) == ("赵安全", "13800001111", None)
    assert "138" not in str(Submission.objects.get().content)


def test_a_bad_phone_is_said_beside_the_field(people, sign_in):
    form = {"client_id": uuid.uuid4(), "kind": "safety", "name": "赵安全", "phone": "12345"}
    answer = sign_in(people.safety).post(reverse("key_person_new", args=[people.factory.pk]), form)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"phone": ["请填 11 位手机号,或带区号的固定电话。"]})
    assert 'value="赵安全"' in answer.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("inspector", 200), ("admin", 200), ("department", 200), ("leader", 403), ("village", 403), ("safety", 403)]
)
def test_who_edits_the_facts(people, sign_in, who, status):
    assert page(sign_in(getattr(people, who)), "enterprise_edit", people.factory.pk).status_code == status


@pytest.mark.req("R59")
def test_a_department_only_reads_what_another_leads(people, sign_in):
    other = f.EnterpriseFactory(area=people.village_area, sector=people.sector, lead_department=f.DepartmentFactory(area=people.town))
    client = sign_in(people.department)
    assert page(client, "enterprise_detail", other.pk).status_code == 200
    assert page(client, "enterprise_edit", other.pk).status_code == 403


def test_an_edit_is_saved_and_told(people, sign_in):
    client = sign_in(people.inspector)
    code = people.factory.credit_code
    typed = f"{code[:6].lower()} {code[6:]}"
    answer = client.post(reverse("enterprise_edit", args=[people.factory.pk]), facts(people.factory, headcount=31, credit_code=typed))
    assert answer.status_code == 302, answer.context["form"].errors
    people.factory.refresh_from_db()
    assert (people.factory.headcount, people.factory.credit_code) == (31, code)
    change = page(client, "enterprise_history", people.factory.pk).context["changes"][0]
    assert (change.what, change.by, change.lines) == ("修改企业", "李执法", ["从业人员:30 → 31"])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"credit_code": "91500110MA0000000X"}, "credit_code"),
        ({"headcount": 5, "dispatched": 4, "interns": 2}, "__all__"),
        ({"name": ""}, "name"),
        ({"area": "500110112201"}, "area"),
    ],
)
def test_an_edit_against_a_rule_keeps_what_was_typed(people, sign_in, changed, field):
    answer = sign_in(people.inspector).post(
        reverse("enterprise_edit", args=[people.factory.pk]), facts(people.factory, remark="打的字", **changed)
    )
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert "打的字" in answer.content.decode()


def test_a_sector_that_does_not_fit_is_a_hint_not_an_error(people, sign_in):
    client = sign_in(people.inspector)
    answer = client.post(reverse("enterprise_edit", args=[people.factory.pk]), facts(people.factory, industry_code="1711"))
    assert answer.status_code == 302
    assert (
        "国民经济行业代码 1711 不属于“机械行业”,请核对行业或代码。" in page(client, "enterprise_detail", people.factory.pk).content.decode()
    )


def test_two_people_edit_one_file(people, sign_in):
    mine = facts(people.factory, remark="我的备注")
    people.factory.headcount = 99
    people.factory.save()
    client = sign_in(people.inspector)
    url = reverse("enterprise_edit", args=[people.factory.pk])
    answer = client.post(url, mine)
    assert answer.status_code == 409
    assert answer.context["differences"] == [("从业人员", "99", "30"), ("备注", "", "我的备注")]
    people.factory.refresh_from_db()
    assert (people.factory.headcount, people.factory.remark) == (99, "")
    again = client.post(url, {**mine, "seen": answer.context["fresh"], "headcount": 99})
    people.factory.refresh_from_db()
    assert (again.status_code, people.factory.headcount, people.factory.remark) == (302, 99, "我的备注")


def test_an_edit_sent_twice_is_one_entry(people, sign_in):
    client = sign_in(people.inspector)
    form = facts(people.factory, headcount=31)
    before = people.factory.history.count()
    assert [client.post(reverse("enterprise_edit", args=[people.factory.pk]), form).status_code for _ in range(2)] == [302, 302]
    assert people.factory.history.count() == before + 1


def test_a_new_enterprise_sent_twice_is_one(people, sign_in):
    client = sign_in(people.inspector)
    form = {
        "client_id": uuid.uuid4(),
        "name": "新厂",
        "credit_code": f.credit_code(777),
        "area": people.village_area.pk,
        "status": "active",
    }
    answers = [client.post(reverse("enterprise_new"), form) for _ in range(2)]
    made = Enterprise.objects.get(name="新厂")
    assert [(a.status_code, a.url) for a in answers] == [(302, made.get_absolute_url())] * 2
    assert list(Event.objects.of(made).values_list("label", flat=True)) == ["建档"]
    assert sign_in(people.leader).get(reverse("enterprise_new")).status_code == 403


def test_units_are_added_renamed_and_closed(people, sign_in):
    client = sign_in(people.safety)
    form = {"client_id": uuid.uuid4(), "kind": "team", "name": "丙班", "parent": people.workshop.pk}
    for _ in range(2):
        assert client.post(reverse("unit_new", args=[people.factory.pk]), form).status_code == 302
    unit = Unit.objects.get(name="丙班")
    client.post(
        reverse("unit_edit", args=[people.factory.pk, unit.pk]), {**form, "name": "丁班", "client_id": uuid.uuid4(), "seen": seen(unit)}
    )
    unit.refresh_from_db()
    assert unit.name == "丁班"
    client.post(reverse("unit_close", args=[people.factory.pk, unit.pk]))
    unit.refresh_from_db()
    assert unit.closed_on == TODAY
    client.post(reverse("unit_close", args=[people.factory.pk, people.team_a.pk]))
    people.team_a.refresh_from_db()
    assert people.team_a.closed_on is None
    lines = [
        (depth, u.name, [m.user.name for m in held])
        for depth, u, held in page(client, "enterprise_units", people.factory.pk).context["lines"]
    ]
    assert lines == [(0, "全厂", ["厂长", "安全员"]), (1, "冲压车间", ["车间主任"]), (2, "乙班", ["乙班长"]), (2, "甲班", ["甲班长"])]


def test_stops_do_not_overlap_and_end(people, sign_in):
    client = sign_in(people.principal)
    form = {"client_id": uuid.uuid4(), "starts_on": TODAY.isoformat(), "reason": "检修"}
    for _ in range(2):
        assert client.post(reverse("stop_new", args=[people.factory.pk]), form).status_code == 302
    stop = StopPeriod.objects.get()
    assert client.post(reverse("stop_new", args=[people.factory.pk]), {**form, "client_id": uuid.uuid4()}).status_code == 422
    for _ in range(2):
        client.post(reverse("stop_end", args=[people.factory.pk, stop.pk]), {"ends_on": TODAY.isoformat(), "seen": "open"})
    stop.refresh_from_db()
    assert (stop.ends_on, stop.by) == (TODAY, people.principal)
    assert list(Event.objects.of(people.factory).values_list("label", flat=True)) == ["登记停产", "登记复产"]


@pytest.mark.parametrize(("who", "status"), [("inspector", 200), ("admin", 200), ("leader", 403), ("department", 403), ("safety", 403)])
def test_who_imports(people, sign_in, who, status):
    assert page(sign_in(getattr(people, who)), "roster_import").status_code == status


def test_a_roster_sent_twice_is_one_import(people, sign_in):
    r.reference_data()
    client, data = sign_in(people.inspector), r.workbook([r.HEAD, r.firm(1)])
    urls = set()
    for _ in range(2):
        upload = io.BytesIO(data)
        upload.name = "名册.xlsx"
        urls.add(client.post(reverse("roster_import"), {"file": upload}).url)
    assert (len(urls), RosterImport.objects.count()) == (1, 1)


def test_the_import_by_its_pages(people, sign_in):
    r.reference_data()
    client = sign_in(people.inspector)
    upload = io.BytesIO(r.workbook([[*r.HEAD[:2], "坐落"], r.firm(1), r.firm(2, "没有的村")]))
    upload.name = "名册.xlsx"
    roster = RosterImport.objects.get(pk=client.post(reverse("roster_import"), {"file": upload}).url.rstrip("/").split("/")[-1])
    columns = {"version": roster.version, "s0c0": "name", "s0c1": "credit_code", "s0c2": ""}
    answer = client.post(reverse("roster_columns", args=[roster.pk]), columns)
    assert (answer.status_code, "所在村(社区)" in str(answer.context["form"].errors)) == (422, True)
    for _ in range(2):
        assert client.post(reverse("roster_columns", args=[roster.pk]), {**columns, "s0c2": "area"}).status_code == 302
    roster.refresh_from_db()
    assert (roster.state, r.verdicts(roster)) == ("reviewed", {2: "taken", 3: "refused"})
    shown = page(client, "roster_detail", roster.pk, verdict="refused")
    assert names(shown) == ["名册第2厂"]
    assert page(client, "roster_refused", roster.pk)["Content-Type"].endswith("sheet")
    for _ in range(2):
        client.post(reverse("roster_move", args=[roster.pk, "apply"]), {"version": roster.version})
    roster.refresh_from_db()
    assert (roster.state, Enterprise.objects.filter(name__startswith="名册第").count()) == ("applied", 1)
    client.post(reverse("roster_move", args=[roster.pk, "undo"]), {"version": roster.version})
    roster.refresh_from_db()
    assert (roster.state, Enterprise.objects.filter(name__startswith="名册第").exists()) == ("undone", False)


@pytest.mark.parametrize("name", ["roster_detail", "roster_refused"])
def test_another_towns_import_does_not_exist(people, sign_in, name):
    r.reference_data()
    roster = r.reviewed(people, r.workbook([r.HEAD, r.firm(1, "没有的村")]))
    assert page(sign_in(people.inspector2), name, roster.pk).status_code == 200
    assert page(sign_in(people.foreign), name, roster.pk).status_code == 404
