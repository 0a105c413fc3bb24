"""Matters begun on paper: read within limits, looked at first, written whole or not at all, once; their clocks go on."""

import datetime
import io
import uuid

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import DeadlineRule, Event, Job, MoveRefused
from core.work import sweep
from documents.models import Document
from enterprises.roster.parts import RosterRefused
from hazards.models import Hazard
from inspections.carry import work
from inspections.carry.columns import labels
from inspections.carry.facts import HazardFacts
from inspections.models import CarryImport, Inspection, Order
from inspections.models.guard import known_of
from inspections.tasks import fall_due
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later

pytestmark = [pytest.mark.django_db, pytest.mark.req("R43")]


@pytest.fixture(autouse=True)
def law(db):
    course.law()


def book(**sheets):
    """A workbook: {sheet: rows}."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, datetime.date):
                        page.write_datetime(
                            number, column, datetime.datetime.combine(value, datetime.time()), made.add_format({"num_format": "yyyy-mm-dd"})
                        )
                    elif value is not None:
                        page.write(number, column, value)
    return out.getvalue()


VISITS = ["企业名称", "检查编号", "检查日期", "执法人员", "类型", "检查情况"]
ORDERS = ["企业", "文号", "制发日期", "送达日期", "整改期限", "存在问题", "整改要求", "复查日期", "复查结果"]
HAZARDS = ["统一社会信用代码", "隐患编号", "发现日期", "整改期限", "部位", "隐患描述", "等级", "责令整改文号"]


def whole(people):
    """A file with all three kinds; the order has two lines, one of them a hazard."""
    name, code = people.factory.name, people.factory.credit_code
    order = [name, "綦石责改〔2026〕7号", later(-20), later(-19), later(-3)]
    return book(
        检查=[["石角镇检查台账"], VISITS, [name, "检2026-7", later(-20), "李敏、王磊", "专项检查", "通道堆物"]],
        指令=[ORDERS, [*order, "通道堆物", "清出"], [*order, "配电箱无门", "装门"]],
        隐患=[
            HAZARDS,
            [code, "隐-31", later(-20), later(-3), "南通道", "通道堆物", "较重", "綦石责改〔2026〕7号"],
            [code, "隐-32", later(-9), later(9), "库房", "没有灭火器", None, None],
        ],
        说明=[["照此填写"]],
    )


def taken(people, data, name="台账.xlsx"):
    return work.take_in(data, name, by=people.inspector, area=people.town, today=TODAY)


def applied(people, carry):
    carry.apply(by=people.inspector, on=TODAY)
    sweep()
    carry.refresh_from_db()
    return carry


def test_a_whole_file_comes_in_with_its_numbers_and_dates(people):
    carry = taken(people, whole(people))
    assert ([row.verdict for row in carry.rows.order_by("pk")], Inspection.objects.count(), Order.objects.count()) == (["taken"] * 5, 0, 0)
    assert [left["name"] for left in carry.ignored] == ["说明"]
    applied(people, carry)
    assert carry.state == "applied"
    visit, order = Inspection.objects.get(), Order.objects.get()
    assert (visit.paper_number, visit.is_carried, visit.state, visit.visited_on, visit.kind) == (
        "检2026-7",
        True,
        "closed",
        later(-20),
        "campaign",
    )
    assert "李敏、王磊" in visit.basis
    assert (order.printed_number, order.is_carried, order.state, order.due_on, order.served_on) == (
        "綦石责改〔2026〕7号",
        True,
        "served",
        later(-3),
        later(-19),
    )
    assert [line.description for line in order.lines.all()] == ["通道堆物", "配电箱无门"]
    first, second = Hazard.objects.order_by("pk")
    assert (first.paper_number, first.found_on, first.due_on, first.ordered_by, first.level) == (
        "隐-31",
        later(-20),
        later(-3),
        order.paper_number,
        "serious",
    )
    assert (first.state, first.is_overdue(), order.lines.get(position=0).hazard) == ("assigned", True, first)
    assert (second.state, second.due_on, second.rectifier, second.is_ordered) == ("assigned", later(9), people.principal, False)
    assert Document.objects.count() == 0, "never numbered by us as a paper"
    assert {
        event.label for event in Event.objects.filter(move="open", subject_model__in=("inspections.inspection", "inspections.order"))
    } == {"由纸质档案补录"}
    assert all(row.made and row.made_url for row in carry.rows.order_by("pk"))


@pytest.mark.req("B7")
def test_what_came_from_paper_counts_among_the_visits_of_the_year(people):
    applied(people, taken(people, whole(people)))
    known = known_of(people.factory, TODAY, "planned")
    assert (known.this_year, [row.paper_number for row in known.visits], len(known.open_orders)) == (
        later(-20).year == TODAY.year and 1 or 0,
        ["检2026-7"],
        1,
    )


@pytest.mark.req("R70")
def test_an_order_from_paper_falls_due_and_is_rechecked_like_any_other(people):
    applied(people, taken(people, whole(people)))
    order = Order.objects.get()
    assert (fall_due(), fall_due()) == (1, 0)
    order.refresh_from_db()
    assert (order.state, order.recheck_by_on) == ("pending_recheck", later(7))
    visit = order.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    assert [item.name for item in visit.items.all()] == ["通道堆物", "配电箱无门"]
    for item in visit.items.all():
        item.result = "pass"
        item.by, item.at = people.inspector, course.timezone.now()
        item.save()
    order.conclude(visit, by=people.inspector, on=TODAY)
    assert (order.state, Hazard.objects.get(paper_number="隐-31").state) == ("passed", "closed")


def test_the_second_application_finds_it_done(people):
    carry = taken(people, whole(people))
    carry.apply(by=people.inspector, on=TODAY)
    job = carry.job
    sweep()
    assert work.apply(job) == "已经写入过"
    with pytest.raises(MoveRefused):
        CarryImport.objects.get().apply(by=people.inspector, on=TODAY)
    assert (Order.objects.count(), Inspection.objects.count(), Hazard.objects.count()) == (1, 1, 2)


def test_the_same_file_twice_is_one_import(people):
    data = whole(people)
    assert taken(people, data) == taken(people, data)
    carry = CarryImport.objects.get()
    carry.drop(by=people.inspector, on=TODAY)
    assert taken(people, data) != carry


def test_all_or_nothing_when_something_changed_meanwhile(people):
    carry = taken(people, whole(people))
    other = taken(
        people, book(指令=[ORDERS, [people.factory.name, "綦石责改〔2026〕7号", later(-20), later(-19), later(-3), "别的"]]), "另一份.xlsx"
    )
    applied(people, other)
    before = (Order.objects.count(), Inspection.objects.count(), Hazard.objects.count())
    applied(people, carry)
    assert carry.state == "reviewed"
    assert before == (Order.objects.count(), Inspection.objects.count(), Hazard.objects.count()) == (1, 0, 0)
    assert {row.sheet for row in carry.rows.refused()} == {"指令"}
    assert "已经补录过" in carry.rows.refused().first().messages[0]["text"]
    with pytest.raises(MoveRefused, match="行不能写入"):
        carry.apply(by=people.inspector, on=TODAY)


def test_a_failure_half_way_writes_nothing(people, monkeypatch):
    carry = taken(people, whole(people))

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("inspections.carry.facts.HazardFacts.carry_in", broken)
    carry.apply(by=people.inspector, on=TODAY)
    sweep()
    job = Job.objects.get(kind="carry_apply")
    assert (job.state, Order.objects.count(), Inspection.objects.count(), CarryImport.objects.get().state) == ("pending", 0, 0, "applying")


def wrong(people, **changes):
    """An order's row with these columns changed."""
    given = dict(zip(ORDERS, [people.factory.name, "改1", later(-9), later(-8), later(-1), "堆物", "清出", None, None], strict=True))
    return book(指令=[ORDERS, list({**given, **changes}.values())])


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"企业": "没有这家厂"}, "A", "企业档案里没有"),
        ({"企业": None}, "A", "没有填企业"),
        ({"文号": None}, "B", "没有填“指令书文号”"),
        ({"文号": "=1+1"}, "B", "是公式"),
        ({"文号": "号" * 81}, "B", "超过 80 个字"),
        ({"制发日期": "去年"}, "C", "不是日期"),
        ({"制发日期": "2026-02-30"}, "C", "不是日期"),
        ({"制发日期": "1987-01-01"}, "C", "太早"),
        ({"送达日期": None}, "D", "没有填“送达日期”"),
        ({"送达日期": later(1)}, "D", "不能晚于今天"),
        ({"送达日期": later(-10)}, "D", "早于制发日期"),
        ({"整改期限": later(-9)}, "E", "晚于整改期限"),
        ({"复查日期": later(-1)}, "H", "要么都填"),
        ({"复查结果": "大概合格"}, "I", "不认识"),
        ({"复查日期": later(2), "复查结果": "合格"}, "H", "复查日期不能晚于今天"),
        ({"整改期限": "9999-12-31"}, "E", "日期太远"),
        ({"制发日期": "2015-01-02", "送达日期": "2015-01-05", "整改期限": later(9)}, "D", "最早可以补录 2019-01-01 的"),
    ],
)
def test_each_mistake_is_named_with_sheet_row_and_column(people, changes, column, words):
    carry = taken(people, wrong(people, **changes))
    row = carry.rows.get()
    assert (row.sheet, row.number, row.verdict) == ("指令", 2, "refused")
    assert [(m["column"], words in m["text"]) for m in row.messages] == [(column, True)]
    with pytest.raises(MoveRefused, match="1 行不能写入"):
        carry.apply(by=people.inspector, on=TODAY)
    assert Order.objects.count() == 0


def test_dates_as_people_write_them(people):
    carry = taken(people, wrong(people, 制发日期="2026年1月5日", 送达日期="2026.1.6", 整改期限="20260120"))
    assert carry.rows.get().cleaned == {
        "number": "改1",
        "issued_on": "2026-01-05",
        "served_on": "2026-01-06",
        "due_on": "2026-01-20",
        "text": "堆物",
        "requirement": "清出",
    }


def test_orders_already_rechecked_come_in_closed(people):
    for number, (result, state) in enumerate((("合格", "passed"), ("不合格", "failed"))):
        applied(people, taken(people, wrong(people, 文号=f"改{number}", 复查日期=later(-1), 复查结果=result)))
        assert Order.objects.get(paper_number=f"改{number}").state == state
    assert fall_due() == 0


def test_rows_that_contradict_each_other_are_refused(people):
    name = people.factory.name
    first = [name, "改1", later(-9), later(-8), later(-1), "堆物"]
    rows = [first, [name, "改1", later(-9), later(-8), later(-2), "另一项"], first]
    carry = taken(people, book(指令=[ORDERS, *rows]))
    assert [row.verdict for row in carry.rows.order_by("pk")] == ["taken", "refused", "refused"]
    hazard = [people.factory.credit_code, "隐1", later(-9), later(9), "库房", "没有灭火器", None]
    carry = taken(people, book(隐患=[HAZARDS, [*hazard, None], [*hazard, None], [*hazard[:5], "没有灯", None, "没有的文号"]]))
    found = [(row.verdict, row.messages[0]["text"] if row.messages else "") for row in carry.rows.order_by("pk")]
    assert found == [
        ("taken", ""),
        ("refused", "与隐患 第2行重复。"),
        ("refused", "没有文号“没有的文号”的在办指令,请先补录指令,或把文号留空。"),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"\xd0\xcf\x11\xe0xx", "旧格式"),
        (b"PK\x03\x04xx", "不是完好的"),
        (book(表=[["甲", "乙"], [1, 2]]), "没有可以补录的工作表"),
        (book(指令=[ORDERS]), "没有内容"),
        (b"%PDF-1.7\n1 0 obj", "文件不是 xlsx"),
    ],
    # A workbook holds the second it was made in: two processes would name it differently.
    ids=("empty", "old", "broken", "other sheet", "no rows", "pdf"),
)
def test_a_file_out_of_bounds_is_refused_before_it_is_kept(people, client, data, words):
    client.force_login(people.inspector)
    answer = client.post(reverse("carry_in"), {"file": io.BytesIO(data)})
    assert (answer.status_code, CarryImport.objects.count()) == (422, 0)
    assert words in answer.content.decode()


def test_too_many_rows_are_refused(people, monkeypatch):
    monkeypatch.setattr("inspections.carry.reading.MOST_ROWS", 1)
    with pytest.raises(RosterRefused, match="最多补录 1 行"):
        taken(people, whole(people))


def test_a_firm_of_another_town_or_a_wrong_pair_is_not_found(people):
    assert "企业档案里没有" in taken(people, wrong(people, 企业=people.abroad.name)).rows.get().messages[0]["text"]
    rows = [[people.factory.credit_code, people.neighbour.name, "检1", TODAY, "李敏"]]
    carry = taken(people, book(检查=[["信用代码", "企业名称", "编号", "日期", "检查人"], *rows]))
    assert "请核对" in carry.rows.get().messages[0]["text"]


def test_pages_from_upload_to_written(people, client):
    client.force_login(people.inspector)
    for what in ("inspection", "order", "hazard"):
        assert client.get(reverse("carry_template", args=[what]))["Content-Disposition"].endswith(".xlsx")
        assert labels(what)[0] == "企业名称"
    assert client.get(reverse("carry_template", args=["other"])).status_code == 404
    upload = io.BytesIO(whole(people))
    upload.name = "台账.xlsx"
    answer = client.post(reverse("carry_in"), {"file": upload})
    carry = CarryImport.objects.get()
    assert answer.url == carry.get_absolute_url()
    page = client.get(answer.url)
    assert [(label, number) for _, label, number in page.context["counts"]] == [("可以写入", 5), ("请核对", 0), ("需改正", 0)]
    move = reverse("carry_move", args=[carry.pk, "apply"])
    for _ in range(2):
        assert client.post(move, {"version": 0}).status_code in (302, 409)
    carry.refresh_from_db()
    assert (carry.state, Order.objects.count()) == ("applied", 1)
    page = client.get(answer.url).content.decode()
    assert Order.objects.get().get_absolute_url() in page
    client.force_login(people.foreign)
    assert client.get(answer.url).status_code == 404
    client.force_login(people.leader)
    assert client.get(answer.url).status_code == 403


def typed(people, what, **facts):
    common = {"client_id": str(uuid.uuid4()), "enterprise": people.factory.pk, "number": "旧-1"}
    own = {
        "inspection": {"done_on": f"{later(-9)}", "officers": "李敏、王磊", "kind_of": "planned", "note": ""},
        "order": {
            "issued_on": f"{later(-9)}",
            "served_on": f"{later(-8)}",
            "due_on": f"{later(3)}",
            "texts": "堆物\n\n缺灯\n",
            "result": "",
        },
        "hazard": {"found_on": f"{later(-9)}", "due_on": f"{later(3)}", "place": "库房", "text": "缺灯", "level": "normal"},
    }
    return {**common, **own[what], **facts}


@pytest.mark.parametrize(("what", "model"), [("inspection", Inspection), ("order", Order), ("hazard", Hazard)])
def test_one_matter_typed_in_comes_in_once(people, client, what, model):
    client.force_login(people.inspector)
    url, data = reverse("carry_new", args=[what]), typed(people, what)
    assert client.get(f"{url}?enterprise={people.factory.pk}").status_code == 200
    first, second = client.post(url, data), client.post(url, data)
    row = model.objects.get()
    assert (first.status_code, first.url, second.url) == (302, row.get_absolute_url(), row.get_absolute_url())
    assert row.paper_number == "旧-1"
    again = client.post(url, {**data, "client_id": str(uuid.uuid4())})
    assert (again.status_code, "已经补录过" in again.content.decode()) == (422, True)
    if what == "order":
        assert [line.description for line in row.lines.all()] == ["堆物", "缺灯"]


def test_a_typed_mistake_is_said_and_kept(people, client):
    client.force_login(people.inspector)
    answer = client.post(reverse("carry_new", args=["order"]), typed(people, "order", served_on=f"{later(-20)}"))
    assert (answer.status_code, "早于制发日期" in answer.content.decode(), "缺灯" in answer.content.decode()) == (422, True, True)
    answer = client.post(reverse("carry_new", args=["hazard"]), typed(people, "hazard", order="没有的"))
    assert (answer.status_code, "没有文号" in answer.content.decode()) == (422, True)
    assert client.get(reverse("carry_new", args=["other"])).status_code == 404


@pytest.mark.parametrize(
    ("what", "facts", "field", "words"),
    [
        ("inspection", {"done_on": "1999-12-31"}, "done_on", "日期太早"),
        ("inspection", {"done_on": f"{later(1)}"}, "done_on", "不能晚于今天"),
        ("inspection", {"officers": "=1+1"}, "officers", "是公式"),
        ("order", {"texts": "堆物\n@缺灯"}, "texts", "是公式"),
        ("order", {"due_on": "9999-12-31"}, "due_on", "日期太远"),
        ("order", {"issued_on": "2015-03-01", "served_on": "2015-03-02"}, "served_on", "最早可以补录 2019-01-01 的"),
        ("hazard", {"found_on": "2018-12-31"}, "found_on", "最早可以补录 2019-01-01 的"),
        ("hazard", {"due_on": "2200-01-01"}, "due_on", "日期太远"),
        ("hazard", {"number": "-1"}, "number", "是公式"),
    ],
)
def test_what_the_file_refuses_the_page_refuses(people, client, what, facts, field, words):
    client.force_login(people.inspector)
    answer = client.post(reverse("carry_new", args=[what]), typed(people, what, **facts))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert words in answer.context["form"].errors[field][0]


def test_an_old_order_that_was_rechecked_needs_no_clock(people):
    old = {"制发日期": "2012-03-01", "送达日期": "2012-03-02", "整改期限": "2012-03-15", "复查日期": "2012-03-16", "复查结果": "合格"}
    applied(people, taken(people, wrong(people, **old)))
    assert Order.objects.get().state == "passed"


def test_one_order_without_a_rule_leaves_the_others_their_clock(people):
    name = people.factory.name
    rows = [[name, f"改{days}", later(-30), later(-29), later(-days), "堆物"] for days in (9, 5, 2)]
    applied(people, taken(people, book(指令=[ORDERS, *rows])))
    DeadlineRule.objects.filter(code="inspection.recheck").update(effective_from=later(-6))
    assert fall_due() == 2
    assert [row.state for row in Order.objects.order_by("due_on")] == ["served", "pending_recheck", "pending_recheck"]
    assert Order.objects.overdue(TODAY).count() == 3


def test_a_hazard_does_not_come_under_an_order_about_to_be_rechecked(people, client):
    applied(people, taken(people, wrong(people)))
    order, both = Order.objects.get(), [people.inspector, people.inspector2]
    visit = order.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=both)
    client.force_login(people.inspector)
    answer = client.post(reverse("carry_new", args=["hazard"]), typed(people, "hazard", order="改1"))
    assert (answer.status_code, "已经安排了复查" in answer.text) == (422, True)
    row = [people.factory.credit_code, "隐1", later(-9), later(9), "库房", "没有灭火器", None, "改1"]
    carry = taken(people, book(隐患=[HAZARDS, row]))
    assert "已经安排了复查" in carry.rows.get().messages[0]["text"]
    with pytest.raises(MoveRefused, match="已经安排了复查"):
        facts = HazardFacts(people.factory, "隐1", later(-9), later(9), "库房", "没有灭火器", order="改1")
        facts.carry_in(by=people.inspector, on=TODAY)
    visit.abort(by=people.inspector, on=TODAY, note="改期")
    assert client.post(reverse("carry_new", args=["hazard"]), typed(people, "hazard", order="改1")).status_code == 302
    assert Hazard.objects.get().order_lines.get().order == order


def test_thirty_rows_ask_as_much_as_one(people):
    firms = [f.EnterpriseFactory(area=people.village_area) for _ in range(30)]

    def asked(count):
        rows = [[firm.credit_code, f"隐{n}", later(-9), later(9), "库房", f"没有灭火器{count}", None, None] for n, firm in enumerate(firms)]
        orders = [[firm.name, f"改{count}", later(-9), later(-8), later(9), "堆物"] for firm in firms]
        visits = [[firm.name, f"检{count}", later(-9), "李敏"] for firm in firms]
        with CaptureQueriesContext(connection) as queries:
            data = book(隐患=[HAZARDS, *rows[:count]], 指令=[ORDERS, *orders[:count]], 检查=[VISITS[:4], *visits[:count]])
            carry = taken(people, data, f"{count}.xlsx")
        assert carry.total == 3 * count
        return len(queries)

    asked(2)  # what is read once a process
    assert asked(1) == asked(30)


def test_a_hazard_of_a_firm_without_accounts_waits_for_it(people):
    firm = f.EnterpriseFactory(area=people.village_area)
    carry = taken(people, book(隐患=[HAZARDS, [firm.credit_code, "隐1", later(-9), later(9), "库房", "没有灭火器", None, None]]))
    assert [row.verdict for row in carry.rows.order_by("pk")] == ["warned"]
    applied(people, carry)
    row = Hazard.objects.get()
    assert (row.state, row.proposed_due_on, row.due_on) == ("reported", later(9), None)
