"""Pools by rule, grades, officers, and who keeps out for a while."""

import io
import uuid

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.models import Event, MoveRefused
from inspections import tasks
from inspections.models import Absence, Avoidance, Exclusion, FirmGrade, OfficerEntry, Pool
from tests import factories as f
from tests.inspections import drawn
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import page

pytestmark = pytest.mark.django_db


def send(people, **changes):
    """What the pool's form sends."""
    return {"client_id": str(uuid.uuid4()), "version": "0", "name": "机械库", **changes}


@pytest.mark.req("R49")
def test_a_pool_is_kept_by_its_rule_and_each_in_and_out_is_told(people):
    textile = people.neighbour.sector
    pool = f.a_pool(people, rule={"sectors": [textile.pk]})
    assert list(pool.members()) == [people.neighbour]
    more = f.EnterpriseFactory(name="又一家", area=people.village_area, sector=textile)
    people.neighbour.status = "closed"
    people.neighbour.save()
    assert pool.refresh(by=people.inspector, on=TODAY) == (1, 1)
    assert pool.refresh(by=people.inspector, on=TODAY) == (0, 0)
    assert list(pool.members()) == [more]
    told = [(row.move, row.note, row.audience) for row in Event.objects.of(people.neighbour) if row.move.startswith("pool")]
    assert told == [("pool_in", pool.name, "town"), ("pool_out", pool.name, "town")]
    assert people.abroad not in pool.members()


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"villages": ["500110111202"]}, {"重庆邻家纺织厂"}),
        ({"grades": ["major"]}, {"重庆石角机械厂"}),
        ({"grades": ["none"]}, {"重庆邻家纺织厂"}),
        ({"grades": ["major", "none"]}, {"重庆石角机械厂", "重庆邻家纺织厂"}),
        ({"grades": ["low"]}, set()),
        ({}, {"重庆石角机械厂", "重庆邻家纺织厂"}),
    ],
)
def test_rules_by_village_and_grade(people, rule, names):
    FirmGrade.give(people.factory, by=people.inspector, on=TODAY, grade="major", reason="粉尘")
    assert set(f.a_pool(people, rule=rule).members().values_list("name", flat=True)) == names


def test_rule_by_trait_counts_a_firm_once(people):
    traits = [f.HazardTraitFactory(code=f"T{n}", name=f"特性{n}") for n in range(2)]
    people.factory.traits.set(traits)
    pool = f.a_pool(people, rule={"traits": [row.pk for row in traits]})
    assert list(pool.members()) == [people.factory]


def test_the_daily_task_refreshes_all_and_run_twice_changes_nothing(people):
    pool = f.a_pool(people)
    f.EnterpriseFactory(area=people.village_area)
    assert tasks.refresh_pools(TODAY) == 3
    assert tasks.refresh_pools(TODAY) == 0
    assert pool.members().count() == 3
    people.inspector2.certificates.update(valid_to=later(-1))
    assert tasks.refresh_pools(TODAY) == 1
    assert list(OfficerEntry.objects.filter(left_on=None)) == [OfficerEntry.objects.get(user=people.inspector)]
    moves = Event.objects.filter(subject_model="inspections.officerentry").order_by("pk").values_list("label", "note")
    assert list(moves)[-1] == ("移出检查人员名录", people.inspector2.name)


def test_a_department_keeps_pools_of_the_firms_it_leads(people, sign_in):
    client = sign_in(people.department)
    client.post(reverse("pool_new"), send(people, name="经发办库"))
    pool = Pool.objects.get()
    assert (pool.department, pool.area, list(pool.members())) == (people.office, people.town, [people.factory])
    town = f.a_pool(people, name="镇库")
    assert client.get(town.get_absolute_url()).status_code == 404
    assert sign_in(people.inspector).get(pool.get_absolute_url()).status_code == 200


def test_a_pool_is_made_once_changed_with_care_and_looked_at_before(people, sign_in):
    client, data = sign_in(people.inspector), send(people, sectors=[people.sector.pk])
    response = client.post(reverse("pool_new"), {**data, "preview": "1"})
    assert "按这个规则有 1 家企业" in response.content.decode()
    assert Pool.objects.count() == 0
    first, second = client.post(reverse("pool_new"), data), client.post(reverse("pool_new"), data)
    pool = Pool.objects.get()
    assert first.url == second.url == pool.get_absolute_url()
    assert client.post(reverse("pool_new"), {**data, "name": "另一个"}).status_code == 409
    assert "已经有这个名称的库" in client.post(reverse("pool_new"), send(people)).content.decode()
    url = reverse("pool_edit", args=[pool.pk])
    assert client.get(url).context["form"]["sectors"].initial == [people.sector.pk]
    assert client.post(url, send(people, version=pool.version)).status_code == 302
    assert client.post(url, send(people, version=pool.version, name="机械库二")).status_code == 409
    pool.refresh_from_db()
    assert (pool.name, pool.version, pool.members().count()) == ("机械库", 1, 2)
    lines = Event.objects.of(pool).last().data["lines"]
    assert lines == ["村(社区):不限", "行业:不限", "危险特性:不限", "风险等级:不限"]


def test_a_pools_page_lists_filters_exports_and_refreshes(people, sign_in):
    pool = f.a_pool(people)
    people.neighbour.status = "closed"
    people.neighbour.save()
    client = sign_in(people.inspector)
    assert client.post(reverse("pool_refresh", args=[pool.pk])).url == pool.get_absolute_url()
    names = lambda **query: [row.enterprise for row in client.get(pool.get_absolute_url(), query).context["object_list"]]  # noqa: E731
    assert names() == [people.factory, people.neighbour]
    assert names(view="in") == names(q="石角") == [people.factory]
    assert names(view="out") == [people.neighbour]
    FirmGrade.give(people.factory, by=people.inspector, on=TODAY, grade="major", reason="粉尘")
    data = client.get(pool.get_absolute_url(), {"export": "xlsx"}).content
    sheet = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
    grades = {row[0]: row[sheet[0].index("风险等级")] for row in sheet[1:]}
    assert grades == {people.factory.name: "重大风险", people.neighbour.name: "未评定"}
    assert "建库" in page(client, "pool_detail", pool.pk)
    assert client.get(reverse("pool_list"), {"export": "xlsx"}).status_code == 200


def test_pools_are_found_by_name_and_unit(people, sign_in):
    mine, theirs = f.a_pool(people), f.a_pool(people, by=people.department, name="经发办库")
    client = sign_in(people.inspector)
    rows = lambda **query: list(client.get(reverse("pool_list"), query).context["object_list"])  # noqa: E731
    assert rows(q="经发") == rows(unit=people.office.pk) == [theirs]
    assert rows(unit="town") == [mine]
    assert len(rows()) == 2


# Grades


def test_a_grade_is_given_with_its_reason_and_the_older_one_stays(people, sign_in):
    FirmGrade.give(people.factory, by=people.inspector, on=later(-9), grade="low", reason="小")
    client = sign_in(people.inspector)
    url = f"{reverse('firm_grade_new')}?enterprise={people.factory.pk}"
    data = {"client_id": str(uuid.uuid4()), "enterprise": people.factory.pk, "grade": "major", "reason": "新增除尘系统"}
    assert client.post(url, {**data, "reason": ""}).status_code == 422
    first, second = client.post(url, data), client.post(url, data)
    assert first.url == second.url == reverse("enterprise_inspections", args=[people.factory.pk])
    rows = FirmGrade.objects.order_by("pk").values_list("grade", "since", "until")
    assert list(rows) == [("low", later(-9), later(-1)), ("major", TODAY, None)]
    with pytest.raises(MoveRefused, match="现在就是"):
        FirmGrade.give(people.factory, by=people.inspector, on=later(1), grade="major", reason="x")
    with pytest.raises(MoveRefused, match="同一天不能再改"):
        FirmGrade.give(people.factory, by=people.inspector, on=TODAY, grade="low", reason="x")
    assert "重大风险" in page(client, "enterprise_inspections", people.factory.pk)
    for who in ("principal", "village"):
        text = page(sign_in(getattr(people, who)), "enterprise_inspections", people.factory.pk)
        assert "重大风险" not in text
        assert "风险等级" not in text
        assert "新增除尘系统" not in page(sign_in(getattr(people, who)), "enterprise_history", people.factory.pk)


# Who keeps out


@pytest.mark.parametrize(
    ("name", "model", "facts", "lists"),
    [
        ("exclusion", Exclusion, {"reason": "整体搬迁"}, "exclusion_list"),
        ("avoidance", Avoidance, {"reason": "relative", "officer": "inspector2"}, "avoidance_list"),
        ("absence", Absence, {"reason": "leave", "officer": "inspector"}, "absence_list"),
    ],
)
def test_it_is_registered_once_listed_and_lifted_with_a_reason(people, sign_in, name, model, facts, lists):
    client = sign_in(people.inspector)
    given = {key: getattr(people, value).pk if key == "officer" else value for key, value in facts.items()}
    data = {"client_id": str(uuid.uuid4()), "since": TODAY.isoformat(), "until": later(9).isoformat(), **given}
    url = reverse(f"{name}_new")
    if name != "absence":
        data["enterprise"] = people.factory.pk
        url += f"?enterprise={people.factory.pk}"
    assert client.post(url, {**data, "until": later(-1).isoformat()}).status_code == 422
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    assert client.post(url, {**data, "until": later(8).isoformat()}).status_code in (409, 422)
    row = model.objects.get()
    assert (row.standing_today, Event.objects.of(row).get().audience) == ("有效", "town")
    assert list(client.get(reverse(lists), {"view": "now"}).context["object_list"]) == [row]
    assert client.get(reverse(lists), {"export": "xlsx"}).status_code == 200
    lift = reverse("out_lift", args=[name, row.pk])
    assert client.post(lift, {"note": ""}).status_code == 422
    assert [client.post(lift, {"note": "已回岗"}).status_code for _ in range(2)] == [302, 302]
    row.refresh_from_db()
    assert (row.lifted_on, row.standing_today, Event.objects.of(row).count()) == (TODAY, "已解除", 2)
    assert list(client.get(reverse(lists), {"view": "now"}).context["object_list"]) == []
    assert list(client.get(reverse(lists), {"view": "over"}).context["object_list"]) == [row]


def test_a_pair_is_registered_once_at_a_time(people, sign_in):
    facts = {"enterprise": people.factory, "user": people.inspector, "reason": "relative", "since": TODAY}
    Avoidance.log(by=people.inspector, on=TODAY, **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Avoidance.objects.create(by=people.inspector, **facts)
    with pytest.raises(MoveRefused, match="已经登记过"):
        Avoidance.log(by=people.inspector, on=TODAY, **facts)
    client = sign_in(people.inspector)
    data = {"client_id": str(uuid.uuid4()), "enterprise": people.factory.pk, "since": TODAY.isoformat()}
    response = client.post(
        f"{reverse('avoidance_new')}?enterprise={people.factory.pk}", {**data, "officer": people.inspector.pk, "reason": "interest"}
    )
    assert response.status_code == 422
    assert "已经登记过" in response.content.decode()


def test_whom_it_keeps_away_does_not_lift_it(people, sign_in):
    row = Avoidance.log(by=people.inspector, on=TODAY, enterprise=people.factory, user=people.inspector, reason="relative", since=TODAY)
    with pytest.raises(MoveRefused, match="不能由本人解除"):
        row.lift(by=people.inspector, on=TODAY, note="已无关系")
    lift = reverse("out_lift", args=["avoidance", row.pk])
    client = sign_in(people.inspector)
    assert lift not in page(client, "avoidance_list")
    answer = client.post(lift, {"note": "已无关系"})
    assert answer.status_code == 403
    assert "回避不由本人解除" in answer.content.decode()
    assert sign_in(people.inspector2).post(lift, {"note": "已无关系"}).status_code == 302
    row.refresh_from_db()
    assert row.lifted_on == TODAY


def test_officers_list_shows_certificate_unit_and_absence(people, sign_in):
    drawn.officers(people, 3)
    client = sign_in(people.inspector)
    assert client.post(reverse("officer_refresh")).url == reverse("officer_list")
    Absence.log(by=people.inspector, on=TODAY, area=people.town, user=people.inspector2, reason="training", since=TODAY, until=later(3))
    text = page(client, "officer_list")
    for words in (people.inspector.certificates.get().number, "镇应急办", "培训学习", people.inspector.staff_number):
        assert words in text
    assert client.get(reverse("officer_list"), {"export": "xlsx", "view": "in"}).status_code == 200
    assert len(client.get(reverse("officer_list"), {"q": people.inspector.name}).context["object_list"]) == 1


def test_odd_kinds_and_rows_are_not_found(people, sign_in):
    client = sign_in(people.inspector)
    assert client.get(reverse("out_lift", args=["nothing", 1])).status_code == 404
    assert client.get(reverse("out_lift", args=["absence", 999999])).status_code == 404


@pytest.mark.req("R59")
def test_a_department_acts_only_for_firms_it_leads_and_keeps_only_itself_out(people, sign_in):
    read = f.EnterpriseFactory(name="只读厂", area=people.village_area, sector=people.sector, lead_department=None)
    people.office.sectors.add(people.sector)
    client = sign_in(people.department)
    days = {"since": TODAY.isoformat(), "until": ""}
    forms = {
        "firm_grade": (FirmGrade, {"grade": "low", "reason": "小"}),
        "exclusion": (Exclusion, {**days, "reason": "搬迁"}),
        "avoidance": (Avoidance, {**days, "reason": "relative", "officer": people.inspector.pk}),
    }
    for name, (model, data) in forms.items():
        for firm, status, count in ((read, 422, 0), (people.factory, 302, 1)):
            sent = {"client_id": str(uuid.uuid4()), "enterprise": firm.pk, **data}
            assert client.post(f"{reverse(f'{name}_new')}?enterprise={firm.pk}", sent).status_code == status, name
            assert model.objects.count() == count
    found = client.get(reverse("exclusion_new")).content.decode()
    assert people.factory.name in found
    assert read.name not in found
    theirs = Exclusion.log(by=people.inspector, on=TODAY, enterprise=read, reason="搬迁", since=TODAY)
    lift = reverse("out_lift", args=["exclusion", theirs.pk])
    text = page(client, "exclusion_list")
    assert read.name in text
    assert lift not in text
    assert client.post(lift, {"note": "回来了"}).status_code == 403
    for person, status in ((people.inspector, 422), (people.department, 302)):
        sent = {"client_id": str(uuid.uuid4()), **days, "officer": person.pk, "reason": "leave"}
        assert client.post(reverse("absence_new"), sent).status_code == status
    assert [row.user for row in Absence.objects.all()] == [people.department]


@pytest.mark.req("R59")
def test_a_pool_is_kept_by_its_own_unit(people, sign_in):
    theirs = f.a_pool(people, by=people.department, name="经发办库")
    client = sign_in(people.inspector)
    assert client.get(reverse("pool_edit", args=[theirs.pk])).status_code == 403
    assert client.post(reverse("pool_edit", args=[theirs.pk]), send(people, name="镇库")).status_code == 403
    assert reverse("pool_edit", args=[theirs.pk]) not in page(client, "pool_detail", theirs.pk)
    assert sign_in(people.department).get(reverse("pool_edit", args=[theirs.pk])).status_code == 200


def test_two_who_choose_one_name_at_once_are_told_and_an_old_reading_keeps_no_old_rule(people):
    pool = f.a_pool(people)
    with pytest.raises(MoveRefused, match="已经有这个名称的库"):
        f.a_pool(people)
    stale = Pool.objects.get(pk=pool.pk)
    rule = {"villages": [], "sectors": [], "traits": [], "grades": ["major"]}
    Pool.keep(by=people.inspector, on=TODAY, name=pool.name, rule=rule, pool=pool, version=pool.version)
    assert stale.refresh(by=people.inspector, on=TODAY) == (0, 0)
    assert not pool.members().exists()
