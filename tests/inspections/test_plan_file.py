"""Files of the yearly plan: a template, items and the district's list from a sheet, all of it or none, once."""

import io
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.xlsx import write_xlsx
from inspections import plan_file
from inspections.models import DistrictListEntry, PlanItem
from tests import factories as f
from tests.inspections import plan_course
from tests.inspections.course import TODAY
from tests.inspections.visit_forms import page

pytestmark = [pytest.mark.django_db, pytest.mark.req("R48")]
HEADINGS = plan_file.headings(plan_file.ITEM_COLUMNS)


@pytest.fixture(autouse=True)
def rules(db):
    plan_course.rules()


def send(client, url, rows, headings=HEADINGS, **data):
    """Post a sheet."""
    file = SimpleUploadedFile("计划.xlsx", write_xlsx(headings, rows))
    return client.post(url, {"client_id": str(uuid.uuid4()), "file": file, **data})


@pytest.fixture
def draft(people, sign_in):
    """(a client of the inspector, an empty plan, its upload's URL)."""
    plan = f.a_year_plan(people)
    return sign_in(people.inspector), plan, reverse("year_plan_file", args=[plan.pk])


def test_the_template_has_the_columns_that_are_read(people, sign_in):
    client = sign_in(people.inspector)
    for query, headings in (({}, HEADINGS), ({"what": "district"}, ["企业名称", "统一社会信用代码"])):
        sheet = openpyxl.load_workbook(io.BytesIO(client.get(reverse("year_plan_template"), query).content)).active
        assert [cell.value for cell in sheet[1]] == headings


def test_a_sheet_becomes_items_with_segments_of_their_own(people, draft):
    people.neighbour.traits.add(f.HazardTraitFactory())
    client, plan, url = draft
    rows = [
        [people.factory.name, "", "", 3, 5, "", "去年问题多"],
        ["", people.neighbour.credit_code, "", "4月", "", 1, ""],
        [people.factory.name, people.factory.credit_code, "重点企业", 9, 9, "", "复查"],
        ["", "", "随机抽查", 1, 12, 20, "一般企业"],
    ]
    answer = send(client, url, rows)
    assert answer.status_code == 302, answer.content.decode()
    found = list(plan.items.order_by("pk").values_list("enterprise__name", "segment", "from_month", "to_month", "count", "why"))
    assert found == [
        (people.factory.name, "candidate", 3, 5, 1, "去年问题多"),
        (people.neighbour.name, "key", 4, 4, 1, "涉爆粉尘"),
        (people.factory.name, "key", 9, 9, 1, "复查"),
        (None, "random", 1, 12, 20, "一般企业"),
    ]


def test_one_row_that_cannot_be_taken_keeps_all_of_it_out(people, draft):
    client, plan, url = draft
    plan.add_items([plan_course.facts(people.neighbour)], by=people.inspector, on=TODAY)
    rows = [
        [people.factory.name, "", "", 3, 5, "", ""],
        ["没有这家厂", "", "", 3, "", "", ""],
        [people.abroad.name, people.abroad.credit_code, "", 3, "", "", ""],
        [people.neighbour.name, people.factory.credit_code, "", 6, "", "", ""],
        [people.neighbour.name, "", "", 1, 2, "", ""],
        [people.factory.name, "", "", 3, 9, "", ""],
        [people.factory.name, "", "别的", 13, "", "", ""],
        [people.factory.name, "", "", 9, 2, 3, ""],
        [people.factory.name, "", "", "", "", "", "字" * 301],
        ["", "", "随机抽查", 1, "", "", ""],
    ]
    answer = send(client, url, rows)
    assert answer.status_code == 422
    assert "10 行里有 9 行不能写入,什么也没有写" in answer.content.decode()
    said = {line.number: line.messages for line in answer.context["lines"]}
    assert said == {
        3: ["A 列“企业名称”:企业档案里没有“没有这家厂”"],
        4: [f"B 列“统一社会信用代码”:企业档案里没有信用代码“{people.abroad.credit_code}”"],
        5: [f"A 列“企业名称”:信用代码是“{people.factory.name}”的,名称写的是“{people.neighbour.name}”,请核对"],
        6: ["A 列“企业名称”:已经在计划里(同一起月)"],
        7: ["A 列“企业名称”:与第 2 行重复(同一起月)"],
        8: ["C 列“类别”:“别的”不认识,请写重点企业、市属及以上、风险提示、随机抽查", "D 列“起月”:“13”不是月份,请写 1 到 12"],
        9: ["E 列“止月”:止月早于起月", "F 列“次数”:一家企业一行只记一次;多次检查请按不同的起月分行写"],
        10: ["D 列“起月”:没有填起月", "G 列“列入理由”:超过 300 个字"],
        11: ["F 列“次数”:随机抽查要写次数"],
    }
    assert plan.items.count() == 1


def test_the_same_file_sent_twice_is_one_import(people, draft):
    client, plan, url = draft
    data = write_xlsx(HEADINGS, [[people.factory.name, "", "", 3, 5, "", ""]])
    sent = str(uuid.uuid4())
    for _ in range(2):
        answer = client.post(url, {"client_id": sent, "file": SimpleUploadedFile("计划.xlsx", data)})
        assert answer.status_code == 302
    assert plan.items.count() == 1
    anew = client.post(url, {"client_id": str(uuid.uuid4()), "file": SimpleUploadedFile("计划.xlsx", data)})
    assert (anew.status_code, "已经在计划里" in anew.content.decode()) == (422, True)


def test_what_was_exported_can_be_taken_in_by_another_plan(people, draft):
    client, plan, _ = draft
    plan.add_items([plan_course.facts(people.factory, 2, 4), plan_course.facts(people.neighbour, 5, 6)], by=people.inspector, on=TODAY)
    data = client.get(reverse("year_plan_items", args=[plan.pk]), {"export": "xlsx"}).content
    other = f.a_year_plan(people, year=TODAY.year + 1)
    url = reverse("year_plan_file", args=[other.pk])
    assert client.post(url, {"client_id": str(uuid.uuid4()), "file": SimpleUploadedFile("a.xlsx", data)}).status_code == 302
    wanted = ("enterprise", "segment", "from_month", "to_month", "why")
    assert list(other.items.order_by("pk").values_list(*wanted)) == list(plan.items.order_by("pk").values_list(*wanted))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.4", "不是 xlsx"),
        (write_xlsx(["企业", "状态"], [["甲厂", "好"]]), "没有找到可以导入的行"),
        (write_xlsx(HEADINGS, []), "没有找到可以导入的行"),
        ("企业名称,起月\n".encode() + "重庆石角机械厂,3\n".encode() * 2001, "一次最多导入 2000 行"),
    ],
    # A workbook holds the second it was made in: two processes would name it differently.
    ids=("empty", "pdf", "other headings", "no rows", "too many"),
)
def test_files_that_are_no_plan_are_refused(people, draft, data, words):
    client, plan, url = draft
    answer = client.post(url, {"client_id": str(uuid.uuid4()), "file": SimpleUploadedFile("a.csv", data)})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not PlanItem.objects.exists()


def test_a_department_takes_in_only_firms_it_leads(people, sign_in):
    plan = f.a_year_plan(people, by=people.department)
    led = f.EnterpriseFactory(area=people.village_area, lead_department=None, sector=people.sector)
    answer = send(sign_in(people.department), reverse("year_plan_file", args=[plan.pk]), [[led.name, led.credit_code, "", 1, "", "", ""]])
    assert "不是本单位负责的在营企业" in answer.content.decode()


def test_a_plan_that_is_not_a_draft_takes_no_file(people, sign_in):
    plan = plan_course.filed(people)
    client, url = sign_in(people.inspector), reverse("year_plan_file", args=[plan.pk])
    assert client.get(url).status_code == 302
    assert send(client, url, [[people.neighbour.name, "", "", 1, "", "", ""]]).status_code == 409


def test_numbers_with_noughts_before_them_are_read_whole(people, draft):
    client, plan, url = draft
    rows = [[people.factory.name, "", "", "0012999", "", "", ""], ["", "", "随机抽查", "03", "012", "002000999", ""]]
    answer = send(client, url, rows)
    assert answer.status_code == 422
    assert {line.number: line.messages for line in answer.context["lines"]} == {
        2: ["D 列“起月”:“0012999”不是月份,请写 1 到 12"],
        3: ["F 列“次数”:“002000999”不是次数,请写 1 到 2000"],
    }


def test_characters_that_nobody_sees_are_left_out(people, draft):
    client, plan, url = draft
    book = openpyxl.Workbook()
    for row in (HEADINGS, [f"{people.factory.name}_x0000_", "", "", 3, 5, "", "粉尘_x0000__x0007_多"]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    sent = {"client_id": str(uuid.uuid4()), "file": SimpleUploadedFile("a.xlsx", data.getvalue())}
    assert client.post(url, sent).status_code == 302
    assert plan.items.get().why == "粉尘多"


def test_a_sheet_that_was_not_read_is_named(people, draft):
    client, plan, url = draft
    book = openpyxl.Workbook()
    book.active.title = "计划"
    for row in (HEADINGS, [people.factory.name, "", "", 3, 5, "", ""]):
        book.active.append(row)
    book.create_sheet("下半年").append(["厂名", "几月"])
    book["下半年"].append([people.neighbour.name, 9])
    book.create_sheet("空白")
    data = io.BytesIO()
    book.save(data)
    sent = {"client_id": str(uuid.uuid4()), "file": SimpleUploadedFile("a.xlsx", data.getvalue())}
    text = client.post(url, sent, follow=True).content.decode()
    assert "已写入 1 项" in text
    assert "工作表“下半年”没有认得的标题行,没有读取" in text
    assert "空白" not in text


# The district's list


def test_the_districts_list_is_taken_in_whole_or_not_at_all(people, sign_in):
    client, url = sign_in(people.inspector), reverse("district_list")
    given = {"headings": ["单位名称", "信用代码"], "year": TODAY.year, "source": "区应急局年度计划"}
    refused = send(client, url, [[people.factory.name, ""], ["外镇的厂", ""]], **given)
    assert (refused.status_code, "企业档案里没有“外镇的厂”" in refused.content.decode()) == (422, True)
    assert not DistrictListEntry.objects.exists()
    for _ in range(2):
        assert send(client, url, [[people.factory.name, ""], ["", people.neighbour.credit_code]], **given).status_code == 302
    assert DistrictListEntry.objects.count() == 2
    assert send(client, url, [[people.factory.name, ""]], headings=["单位名称"], year=TODAY.year, source="").status_code == 422
    rows = lambda **query: [row.enterprise for row in client.get(url, query).context["object_list"]]  # noqa: E731
    assert rows(q="邻家") == [people.neighbour]
    assert rows(year=TODAY.year - 1) == []
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url, {"export": "xlsx"}).content)).active
    assert [cell.value for cell in sheet[1]][:3] == ["年度", "企业名称", "统一社会信用代码"]
    assert "导入名单" not in page(sign_in(people.leader), "district_list")
    send(sign_in(people.leader), url, [[people.factory.name, ""]], **{**given, "source": "领导"})
    assert DistrictListEntry.objects.count() == 2
    assert people.neighbour.name not in page(sign_in(people.department), "district_list")
