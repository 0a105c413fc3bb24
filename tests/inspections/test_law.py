"""The law of inspections: by date, for the firm, never changed by a reload; who may act, how often."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from documents.models import Organ
from inspections import catalogue
from inspections.models import InspectionPoint, PenaltyScheme, PointBasis, PowerItem, VisitLimit
from tests import factories as f

pytestmark = pytest.mark.django_db
D = datetime.date
PLANS_AND_DRAWS = [("结果公示规则", 6, []), ("抽取权重", 4, []), ("重点企业规则", 5, []), ("计划规则", 3, [])]
BUREAU = Organ("500110-emergency", "重庆市綦江区应急管理局", "綦")


@pytest.fixture
def law(db):
    return catalogue.load()


def point(code):
    return InspectionPoint.objects.get(code=code)


# The catalogue


def test_the_catalogue_is_loaded_once_and_a_reload_changes_no_row_in_use(law):
    assert [(loaded.name, loaded.added, loaded.differing) for loaded in law] == [
        ("罚则", 33, []),
        ("检查要点", 45, []),
        ("检查要点的依据", 94, []),
        ("执法权限事项", 8, []),
        ("检查频次规则", 2, []),
        *PLANS_AND_DRAWS,
    ]
    InspectionPoint.objects.filter(code="INSP-005").update(name="镇自己的说法")
    PenaltyScheme.objects.filter(code="L2021-94").update(first_max=60000)
    again = catalogue.load()
    assert [(loaded.added, loaded.retired, len(loaded.differing)) for loaded in again] == [
        (0, 0, 1),
        (0, 0, 1),
        *[(0, 0, 0)] * (3 + len(PLANS_AND_DRAWS)),
    ]
    assert (point("INSP-005").name, PenaltyScheme.objects.get(code="L2021-94").first_max) == ("镇自己的说法", 60000)


def test_a_scheme_is_in_force_as_long_as_the_basis_that_names_it(law):
    wrong = [
        str(row)
        for row in PointBasis.objects.exclude(scheme=None).select_related("scheme")
        if row.effective_from < row.scheme.effective_from
        or (row.scheme.effective_to and (row.effective_to is None or row.effective_to > row.scheme.effective_to))
    ]
    assert wrong == []


@pytest.mark.req("R66")
def test_a_point_has_its_basis_in_both_editions_or_says_why_not(law):
    silent = []
    for row in InspectionPoint.objects.prefetch_related("bases__scheme"):
        for day in (D(2019, 6, 3), D(2026, 11, 25)):
            bases = row.basis_on(day)
            if not bases and not row.caution:
                silent.append((row.code, day))
            told = bases and (any(one.scheme for one in bases) or any(one.note for one in bases))
            if bases and not told and row.code != "INSP-044":
                silent.append((row.code, day, "no scheme"))
    assert silent == []
    assert [row.code for row in InspectionPoint.objects.filter(is_policy=True)] == ["INSP-001"]


@pytest.mark.req("R71")
def test_the_focus_of_the_town_is_marked(law):
    """Principal's duty, all-staff responsibility, risk grading, hazard mechanism, major hazards."""
    focus = InspectionPoint.objects.filter(is_focus=True).values_list("section", flat=True)
    assert {"主要负责人履职", "责任制", "双预防", "重大隐患"} <= set(focus)
    assert len(focus) == 20


# By the date of the fact

ON = [
    # point, day, [(law, edition, article, scheme, item)]
    ("INSP-002", D(2019, 6, 3), [("安全生产法", "2014", "第24条", "L2014-94", "")]),
    ("INSP-002", D(2021, 8, 31), [("安全生产法", "2014", "第24条", "L2014-94", "")]),
    ("INSP-002", D(2021, 9, 1), [("安全生产法", "2021", "第27条", "L2021-97", "")]),
    ("INSP-016", D(2019, 6, 3), [("安全生产法", "2014", "第27条", "L2014-94", "第(七)项")]),
    (
        "INSP-012",
        D(2019, 6, 3),
        [("安全生产法", "2014", "第18条第(二)项", "L2014-91", ""), ("重庆市安全生产条例", "2015", "第14条", "CQ2015-50", "")],
    ),
    (
        "INSP-012",
        D(2024, 6, 30),
        [("安全生产法", "2021", "第21条第(二)项", "L2021-94", ""), ("重庆市安全生产条例", "2015", "第14条", "CQ2015-50", "")],
    ),
    ("INSP-012", D(2024, 7, 1), [("安全生产法", "2021", "第21条第(二)项", "L2021-94", "")]),
    ("INSP-017", D(2021, 8, 31), []),
    ("INSP-017", D(2021, 9, 1), [("安全生产法", "2021", "第41条第1款", "L2021-101", "第(四)项")]),
    ("INSP-037", D(2021, 8, 31), [("工贸行业重大生产安全事故隐患判定标准", "2017", "", "L2014-99", "")]),
    ("INSP-037", D(2023, 5, 14), [("工贸行业重大生产安全事故隐患判定标准", "2017", "", "L2021-102", "")]),
    ("INSP-037", D(2023, 5, 15), [("工贸企业重大事故隐患判定标准", "应急管理部令第10号", "", "L2021-102", "")]),
    ("INSP-041", D(2019, 6, 3), [("安全生产法", "2014", "第48条", None, "")]),
    ("INSP-001", D(2026, 11, 25), []),
]


@pytest.mark.req("R66", "R70")
@pytest.mark.parametrize(("code", "day", "bases"), ON)
def test_articles_and_schemes_are_those_in_force_that_day(law, code, day, bases):
    found = point(code).basis_on(day)
    got = [(row.law, row.edition, row.article, row.scheme.code if row.scheme else None, row.scheme_item) for row in found]
    assert got == bases


@pytest.mark.req("R66")
def test_what_the_law_says_first_and_after_the_period(law):
    words = {
        code: [PenaltyScheme.objects.get(code=code).words(phase) for phase in ("first", "overdue")]
        for code in ("L2014-91", "L2014-94", "L2021-94")
    }
    assert words == {
        "L2014-91": ["责令限期改正", "逾期未改正,处2万元以上5万元以下罚款,并责令停产停业整顿"],
        "L2014-94": ["责令限期改正,可以处5万元以下罚款", "逾期未改正,处5万元以上10万元以下罚款,责令停产停业整顿"],
        "L2021-94": ["责令限期改正,处2万元以上5万元以下罚款", "逾期未改正,处5万元以上10万元以下罚款,责令停产停业整顿"],
    }
    finable = {
        code: PenaltyScheme.objects.get(code=code).first_offence_finable for code in ("L2014-91", "L2014-99", "L2021-94", "L2021-102")
    }
    assert finable == {"L2014-91": False, "L2014-99": False, "L2021-94": True, "L2021-102": True}


def test_the_words_of_a_point_are_whole(law):
    row = point("INSP-026")
    words = row.words(D(2019, 6, 3))
    assert [(one["basis"], one["scheme"], one["penalty"], one["is_finable"], one["verify"]) for one in words.pop("bases")] == [
        ("《安全生产法》(2014)第39条", "L2014-102", "《安全生产法》(2014)第102条", True, True),
        ("《重庆市安全生产条例》(2015)第20条", "CQ2015-53", "《重庆市安全生产条例》(2015)第53条", True, False),
    ]
    assert words == {
        "row": row.pk,
        "code": "INSP-026",
        "section": "现场",
        "name": "场所布局和疏散",
        "how_to_check": "看通道和出口是否畅通,宿舍是否与车间、仓库同楼",
        "is_focus": False,
        "is_policy": False,
        "caution": "",
        "edition": "2019",
        "source": "安全生产法;重庆市安全生产条例",
        "verify": False,
    }


@pytest.mark.parametrize(
    "facts",
    [
        {"first_min": None},
        {"first_max": None, "first_min": 0, "first_offence_finable": False},
        {"first_min": 60_000},
        {"overdue_max": 10_000},
        {"first_offence_finable": False},
        {"first_min": None, "first_max": None},
        {"effective_to": D(2021, 8, 31)},
    ],
)
def test_half_a_fine_and_dates_in_disorder_are_refused(facts):
    f.PenaltySchemeFactory(code="WHOLE")
    with pytest.raises(IntegrityError), transaction.atomic():
        f.PenaltySchemeFactory(code="HALF", **facts)


# For a firm


@pytest.mark.req("R71")
def test_a_visit_looks_at_what_is_for_this_firm_focus_first(people):
    for code, facts in {
        "A": {"position": 3},
        "B": {"position": 2, "is_focus": True},
        "C": {"position": 1},
        "D": {"position": 4, "is_focus": True, "traits": ["DUST_EXPLOSION", "COATING"]},
        "E": {"position": 5, "traits": ["METAL_SMELTING"]},
        "F": {"position": 6, "sectors": ["MACHINERY"]},
        "G": {"position": 7, "sectors": ["TEXTILE"], "traits": ["DUST_EXPLOSION"]},
        "H": {"position": 8, "effective_from": D(2026, 1, 1)},
        "I": {"position": 9, "effective_to": D(2019, 12, 31)},
    }.items():
        f.InspectionPointFactory(code=code, **facts)
    people.factory.traits.add(f.HazardTraitFactory())

    def codes(firm, day):
        return "".join(row.code for row in InspectionPoint.objects.for_visit(firm, day))

    assert codes(people.factory, D(2019, 6, 3)) == "BDCAFI"
    assert codes(people.factory, D(2026, 6, 3)) == "BDCAFH"
    assert codes(people.neighbour, D(2026, 6, 3)) == "BCAH"
    people.neighbour.traits.add(f.HazardTraitFactory())
    assert codes(people.neighbour, D(2026, 6, 3)) == "BDCAGH"
    people.neighbour.sector = None
    assert codes(people.neighbour, D(2026, 6, 3)) == "BDCAH"


def test_a_visits_points_are_one_query_and_their_bases_another(people, law, django_assert_num_queries):
    with django_assert_num_queries(3):  # the firm's traits, the points, their bases with schemes
        rows = InspectionPoint.objects.for_visit(people.factory, D(2026, 11, 25))
        words = [row.words(D(2026, 11, 25)) for row in rows]
    assert len(words) == 38
    assert sum(row.is_focus for row in rows) == 16
    assert [row.is_focus for row in rows] == sorted((row.is_focus for row in rows), reverse=True)


# Who may act

HOLDERS = [
    ("check", D(2019, 6, 3), "town"),
    ("order", D(2019, 6, 3), "town"),
    ("penalty", D(2019, 6, 3), "delegated"),
    ("coercive", D(2019, 6, 3), "district"),
    ("check", D(2024, 6, 30), "town"),
    ("check", D(2024, 7, 1), "town"),
    ("order", D(2024, 7, 1), "town"),
    ("penalty", D(2024, 7, 1), "delegated"),
    ("penalty", D(2025, 6, 30), "delegated"),
    ("penalty", D(2025, 7, 1), "district"),
    ("check", D(2026, 11, 25), "town"),
    ("order", D(2026, 11, 25), "town"),
    ("penalty", D(2026, 11, 25), "district"),
    ("coercive", D(2026, 11, 25), "district"),
    ("check", D(2015, 1, 1), "district"),
]


@pytest.mark.req("R65")
@pytest.mark.parametrize(("kind", "day", "holder"), HOLDERS)
def test_who_holds_a_power_by_day(law, kind, day, holder):
    row = PowerItem.objects.holder_of(kind, day, "INSP-016")
    assert row.holder == holder
    assert row.organ == (BUREAU if holder == "delegated" else None)


@pytest.mark.req("R65")
def test_a_row_for_the_point_comes_before_one_for_all_and_the_youngest_first(law):
    day = D(2026, 11, 25)
    f.PowerItemFactory(kind="penalty", point="INSP-016", holder="town", effective_from=D(2025, 7, 1))
    f.PowerItemFactory(kind="penalty", point="INSP-027", holder="town", effective_from=D(2025, 7, 1), effective_to=D(2025, 12, 31))
    holders = [PowerItem.objects.holder_of("penalty", day, code).holder for code in ("INSP-016", "INSP-027", "INSP-030", "")]
    assert holders == ["town", "district", "district", "district"]
    assert PowerItem.objects.holder_of("penalty", D(2025, 6, 30), "INSP-016").holder == "delegated"
    f.PowerItemFactory(kind="penalty", point="INSP-016", holder="district", effective_from=D(2026, 1, 1))
    assert PowerItem.objects.holder_of("penalty", day, "INSP-016").holder == "district"


def test_without_any_row_the_district_holds_it():
    row = PowerItem.objects.holder_of("order", D(2026, 11, 25), "INSP-016")
    assert (row.pk, row.holder, row.organ) == (None, "district", None)


@pytest.mark.req("R65")
@pytest.mark.parametrize("holder", ["town", "delegated"])
def test_coercion_is_the_districts_in_the_database_itself(holder):
    """行政强制法 §17."""
    with pytest.raises(IntegrityError), transaction.atomic():
        f.a_delegation(kind="coercive", holder=holder)
    assert f.PowerItemFactory(kind="coercive", holder="district").pk


@pytest.mark.parametrize("missing", ["organ_code", "organ_name", "organ_mark"])
def test_a_delegation_names_its_bureau_whole(missing):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.a_delegation(**{missing: ""})


def test_organs_that_delegate_on_some_day_of_the_year(law):
    def in_year(year):
        return PowerItem.objects.delegating(D(year, 1, 1), D(year, 12, 31))

    assert [in_year(year) for year in (2015, 2019, 2025, 2026)] == [[], [BUREAU], [BUREAU], []]


# How often


@pytest.mark.req("R72")
def test_the_window_of_30_days_and_the_cap_since_2025(law):
    window = VisitLimit.objects.window_on(D(2019, 6, 3))
    assert (window.value, window.unit, window.verify) == (30, "days", True)
    assert VisitLimit.objects.cap_on(D(2024, 12, 31)) is None
    cap = VisitLimit.objects.cap_on(D(2025, 1, 1))
    assert (cap.value, cap.unit, cap.edition, cap.verify) == (2, "visits", "国办发〔2024〕54号", True)
    for limit in (window, cap):
        assert not {"complaint", "accident", "recheck"} & set(limit.kinds)
        assert set(limit.kinds) == {"planned", "random", "campaign", "two_in_one"}


def test_a_newer_limit_holds_from_its_day(law):
    f.VisitLimitFactory(value=60, edition="镇2027", effective_from=D(2027, 1, 1))
    assert [VisitLimit.objects.window_on(day).value for day in (D(2026, 12, 31), D(2027, 1, 1))] == [30, 60]
    with pytest.raises(IntegrityError), transaction.atomic():
        f.VisitLimitFactory(value=0, edition="无")


# The administrator's pages


@pytest.mark.req("R65")
def test_an_administrator_gives_the_town_an_item_and_cannot_give_it_coercion(people, law, client):
    from core.models import Event

    client.force_login(people.admin)
    facts = {"kind": "penalty", "holder": "town", "point": "INSP-016", "edition": "镇街清单2025", "effective_from": "2025-07-01"}
    blank = {"effective_to": "", "source": "綦江府办〔2025〕34号第3项", "organ_code": "", "organ_name": "", "organ_mark": ""}
    assert client.post("/admin/inspections/poweritem/add/", {**facts, **blank}).status_code == 302
    row = PowerItem.objects.holder_of("penalty", D(2026, 11, 25), "INSP-016")
    assert (row.holder, Event.objects.of(row).get().label) == ("town", "新增执法权限事项")
    refused = client.post("/admin/inspections/poweritem/add/", {**facts, **blank, "kind": "coercive"})
    assert "行政强制措施权不得委托(行政强制法第17条),只能由区县行使。" in refused.content.decode()
    refused = client.post("/admin/inspections/poweritem/add/", {**facts, **blank, "point": "", "holder": "delegated"})
    assert "受委托的事项要写明委托机关的代码、名称和代字。" in refused.content.decode()
    assert PowerItem.objects.count() == 9


def test_lists_are_ticked_and_kept(people, law, client):
    client.force_login(people.admin)
    f.HazardTraitFactory(code="METAL_SMELTING", name="金属冶炼")
    f.HazardTraitFactory()
    row = point("INSP-011")
    page = client.get(f"/admin/inspections/inspectionpoint/{row.pk}/change/")
    assert page.context["adminform"].form["traits"].value() == ["METAL_SMELTING"]
    facts = {name: getattr(row, name) for name in ("code", "position", "section", "name", "how_to_check", "edition", "source", "caution")}
    data = {**facts, "effective_from": "2019-01-01", "effective_to": "", "traits": ["METAL_SMELTING", "DUST_EXPLOSION"]}
    assert client.post(f"/admin/inspections/inspectionpoint/{row.pk}/change/", data).status_code == 302
    row.refresh_from_db()
    assert (row.traits, row.sectors) == (["METAL_SMELTING", "DUST_EXPLOSION"], [])
