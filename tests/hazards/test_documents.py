"""Facts of the papers: whole, in words, the same after a trip through JSON."""

import datetime
import json

import pytest
from django.utils import timezone

from core import moment
from core.models import Attachment, MoveRefused
from hazards import documents
from hazards.models import Check, Hazard
from tests import factories as f
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 10, 20)
AT = datetime.datetime(2026, 10, 20, 8, 5, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def rules(db):
    for code, value, unit in (("hazard.decide", 1, "W"), ("hazard.accept", 2, "W"), ("hazard.general.normal", 7, "C")):
        f.DeadlineRuleFactory(code=code, value=value, unit=unit)


def submitted(people):
    """Team A's list of the day: the second item failed, with a photo."""
    occurrence = f.OccurrenceFactory(unit=people.team_a, on=DAY)
    check = f.CheckFactory(unit=people.team_a, holder=people.team, window_start=DAY, occurrence=occurrence)
    photo = Attachment.take_in(jpeg(), by=people.team)
    failed = {"result": "fail", "note": "防护罩缺失", "level": "normal", "due_on": "", "photos": [str(photo.uid)]}
    with moment.at(AT):
        check.submit(by=people.team, on=DAY, content={0: {"result": "pass"}, 1: failed, 2: {"result": "na"}})
    return Check.objects.get(pk=check.pk), photo


def found(people, on, **facts):
    facts = {"description": "防护罩缺失", "place": "2号冲床", "unit": people.team_a, "source": "snap", **facts}
    return Hazard.report(by=people.employee, on=on, enterprise=people.factory, **facts)


def assigned(people, on=DAY, due=datetime.timedelta(days=7), **facts):
    hazard = found(people, on, **facts)
    hazard.assign(by=people.safety, on=on, rectifier=people.head, due_on=on + due, level=hazard.level, note="先停机再整改")
    return hazard


def closed(people, on, **facts):
    hazard = assigned(people, on, **facts)
    hazard.submit_fix(by=people.head, on=on, measures="已装回", photos=[Attachment.take_in(jpeg(), by=people.head)])
    hazard.accept_fix(by=people.safety, on=on)
    return hazard


FIRM = {"name": "重庆石角机械厂", "address": "", "area": "刘罗坪村", "sector": "机械行业"}


@pytest.mark.req("R20")
def test_check_record_holds_each_item_with_its_result_hazard_and_photo(people):
    check, photo = submitted(people)
    facts = documents.check_facts(check)
    hazard = Hazard.objects.get()
    words = {"hazard_if": "不符合", "basis": "安全生产法", "note": "", "level": "", "hazard": "", "photos": [], "failed": False}
    assert facts == {
        "firm": {**FIRM, "credit_code": people.factory.credit_code},
        "unit": "甲班",
        "checklist": "班组日排查表",
        "edition": "2019",
        "frequency": "日",
        "window": "2026年10月20日",
        "receipt": f"JC20261020-{check.pk:06d}",
        "submitted_by": "甲班长",
        "submitted_at": "2026年10月20日 8时05分",
        "participants": [],
        "is_late": False,
        "counts": [["合格", 1], ["不合格", 1], ["不适用", 1]],
        "sections": [
            {"name": "人员", "rows": [{**words, "number": 1, "name": "第1项", "result": "合格"}]},
            {
                "name": "设备",
                "rows": [
                    {
                        **words,
                        "number": 2,
                        "name": "第2项",
                        "result": "不合格",
                        "failed": True,
                        "note": "防护罩缺失",
                        "level": "一般",
                        "hazard": hazard.number,
                        "photos": [{"pk": photo.pk, "sha256": photo.sha256, "caption": "第2项"}],
                    },
                    {**words, "number": 3, "name": "第3项", "result": "不适用"},
                ],
            },
        ],
        "samples": [],
    }
    assert json.loads(json.dumps(facts)) == facts


def test_open_check_makes_no_record(people):
    with pytest.raises(MoveRefused, match="已提交的检查"):
        documents.check_facts(f.a_check(people))


@pytest.mark.req("R23")
def test_notice_names_who_must_do_what_until_when(people):
    hazard = assigned(people, basis="《机械安全》第3条")
    photo = Attachment.take_in(jpeg(), by=people.employee)
    Attachment.attach([photo], hazard, purpose="before", by=people.employee)
    facts = documents.notice_facts(Hazard.objects.get())
    assert facts == {
        "firm": {**FIRM, "credit_code": people.factory.credit_code},
        "hazard": "YH2026-000001",
        "unit": "甲班",
        "place": "2号冲床",
        "description": "防护罩缺失",
        "level": "一般",
        "source": "随手拍",
        "basis": "《机械安全》第3条",
        "found_on": "2026年10月20日",
        "found_by": "员工",
        "rectifier": "车间主任",
        "rectifier_unit": "冲压车间",
        "due_on": "2026年10月27日",
        "state": "待整改",
        "requirement": "先停机再整改",
        "assigned_by": "安全员",
        "assigned_on": "2026年10月20日",
        "photos": [{"pk": photo.pk, "sha256": photo.sha256, "caption": "整改前"}],
    }
    assert json.loads(json.dumps(facts)) == facts


def test_notice_is_refused_before_assignment_and_after_the_fix(people):
    with pytest.raises(MoveRefused, match="待受理"):
        documents.notice_facts(found(people, DAY))
    with pytest.raises(MoveRefused, match="已销案"):
        documents.notice_facts(closed(people, DAY))


@pytest.mark.req("R23")
def test_ledger_holds_the_months_hazards_and_what_was_left_of_earlier_months(people):
    before, after = datetime.date(2026, 9, 1), datetime.date(2026, 11, 2)
    closed(people, before, description="九月已销案")
    left = assigned(people, before, description="九月遗留")
    here = closed(people, DAY, description="十月已销案")
    found(people, after, description="十一月")
    found(people, DAY, description="不是隐患").reject(by=people.safety, on=DAY, note="看错了")
    f.HazardFactory(enterprise=people.neighbour, found_on=DAY)
    submitted(people)
    [facts] = documents.ledger_facts(people.factory, DAY, after)
    fail = Hazard.objects.get(source="team")
    assert [(row["number"], row["hazard"]) for row in facts["rows"]] == [(1, left.number), (2, here.number), (3, fail.number)]
    assert facts["rows"][0] == {
        "number": 1,
        "hazard": left.number,
        "unit": "甲班",
        "place": "2号冲床",
        "description": "九月遗留",
        "level": "一般",
        "source": "随手拍",
        "basis": "",
        "found_on": "2026-09-01",
        "found_by": "员工",
        "rectifier": "车间主任",
        "due_on": "2026-09-08",
        "state": "待整改",
        "measures": "",
        "fixed_on": "",
        "closed_on": "",
        "closed_by": "",
        "overdue": True,
    }
    assert {name: value for name, value in facts.items() if name not in ("rows", "firm")} == {
        "month": "2026年10月",
        "period": "2026-10",
        "as_of": "2026年11月2日",
        "duties": [{"level": "班组", "total": 1, "done": 1, "missed": 0, "late": 0, "exempt": 0, "due": 0}],
        "counts": {"total": 3, "found": 2, "major": 0, "closed": 1, "open": 2, "overdue": 1},
        "rejected": 1,
        "part": 1,
        "parts": 1,
    }
    assert json.loads(json.dumps(facts)) == facts


def test_ledger_of_a_month_to_come_is_refused(people):
    with pytest.raises(MoveRefused, match="还没有开始"):
        documents.ledger_facts(people.factory, datetime.date(2026, 11, 1), DAY)


def test_ledger_without_hazards_is_one_empty_paper(people):
    [facts] = documents.ledger_facts(people.factory, DAY, DAY)
    assert (facts["rows"], facts["counts"]["total"], facts["part"], facts["parts"]) == ([], 0, 1, 1)


def test_large_ledger_is_split_with_running_numbers(people):
    rows = [f.HazardFactory.build(enterprise=people.factory, found_by=people.team, found_on=DAY) for _ in range(1001)]
    Hazard.objects.bulk_create(rows)
    papers = documents.ledger_facts(people.factory, DAY, DAY)
    assert [(p["part"], p["parts"], len(p["rows"]), p["rows"][0]["number"]) for p in papers] == [
        (1, 3, 500, 1),
        (2, 3, 500, 501),
        (3, 3, 1, 1001),
    ]
    assert {p["counts"]["total"] for p in papers} == {1001}


def test_wordy_ledger_is_split_before_it_is_refused(people):
    rows = [
        f.HazardFactory.build(enterprise=people.factory, found_by=people.team, found_on=DAY, description="长" * 500) for _ in range(300)
    ]
    Hazard.objects.bulk_create(rows)
    papers = documents.ledger_facts(people.factory, DAY, DAY)
    assert [len(p["rows"]) for p in papers] == [219, 81]


def test_publicity_does_not_say_who_reported(people):
    closed(people, DAY, description="已整改")
    [facts] = documents.publicity_facts(people.factory, DAY, DAY)
    assert facts["rows"] == [
        {
            "number": 1,
            "hazard": "YH2026-000001",
            "place": "2号冲床",
            "description": "已整改",
            "level": "一般",
            "measures": "已装回",
            "rectifier": "车间主任",
            "due_on": "2026-10-27",
            "fixed_on": "2026-10-20",
            "closed_on": "2026-10-20",
            "state": "已销案",
        }
    ]
