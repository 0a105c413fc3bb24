"""The roster import: the sample, other files, the way back."""

import datetime
import io
import time

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from core.models import Event, Job, MoveRefused
from enterprises.models import Enterprise, KeyPerson, RosterImport, RosterRow
from enterprises.roster.parts import RosterRefused
from enterprises.roster.refused import refused_xlsx
from tests import factories as f
from tests.enterprises import roster as r

REFUSED_IN_SAMPLE = {11, 31, 34, 45, 48, 57}
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def data(people):
    r.reference_data()


def test_the_sample_row_by_row(people):
    roster = r.reviewed(people, r.SAMPLE.read_bytes(), "roster-sample.xlsx")
    found = r.verdicts(roster)
    assert sorted(found) == list(range(4, 68))
    assert {n for n, v in found.items() if v == "refused"} == REFUSED_IN_SAMPLE
    assert roster.layout["ignored"] == [{"name": "填表说明", "why": "没有找到“企业名称”“统一社会信用代码”这样的标题行,没有读取"}]
    assert roster.layout["skipped"] == [{"sheet": "工贸企业台账", "number": 68, "why": "合计行,跳过"}]
    assert roster.layout["sheets"][0]["columns"] == [
        "number", "name", "credit_code", "sector", "industry_code", "area", "address", "principal", "principal_phone", "safety",
        "safety_phone", "headcount", "parts", "scale", "traits", "founded_on", "remark",
    ]  # fmt: skip


def test_the_sample_says_what_was_mended(people):
    roster = r.reviewed(people, r.SAMPLE.read_bytes())
    row = roster.rows.get(number=23)
    assert (row.verdict, r.texts(row)) == (
        "mended",
        [
            "代码 2030 不属于机械行业,照原样采用,请核对",
            "去掉多余符号,改为 138****1395",
            "“约40”按 40 人",
            "只写了 6,按派遣 6 人,请核对",
            "“2011-03”只有年月,按 2011-03-01",
            "备注写明“停产”,状态记为停产",
        ],
    )
    assert [(m["column"], m["found"]) for m in row.messages][1] == ("I", "+86*******1395")
    assert r.texts(roster.rows.get(number=35))[2:4] == ["“同上”按上一行填为“塘岗村”", "去掉多余符号,改为 138****5631"]


def test_the_sample_says_why_it_was_refused(people):
    roster = r.reviewed(people, r.SAMPLE.read_bytes())
    said = {row.number: [m["text"] for m in row.messages if m["kind"] == "refused"] for row in roster.rows.filter(verdict="refused")}
    assert said == {
        11: ["“91500110MAUHKBD769”校验位不符,请对照营业执照逐位核对"],
        31: ["没有企业名称,请补上"],
        34: ["“91500110MAN6DWLG7E”校验位不符,请对照营业执照逐位核对"],
        45: ["信用代码与工贸企业台账第 44 行“重庆通达钢结构型材制造有限公司”重复而内容不同,请核对哪一行是对的"],
        48: ["名称以 = + - @ 开头,是公式不是名称,请改成文字"],
        57: ["“91500110MAYPJXQL25”校验位不符,请对照营业执照逐位核对"],
    }


def test_nothing_is_written_before_it_is_confirmed(people):
    before = Enterprise.objects.count()
    roster = r.reviewed(people, r.SAMPLE.read_bytes())
    assert Enterprise.objects.count() == before
    roster.apply(by=people.inspector, on=TODAY)
    r.run_job(roster)
    assert Enterprise.objects.count() == before + 64 - len(REFUSED_IN_SAMPLE)


@pytest.mark.req("R6")
def test_a_written_row_is_whole(people):
    r.applied(people, r.SAMPLE.read_bytes())
    firm = Enterprise.objects.get(credit_code="91500110MA14ABAJ68")
    assert (firm.name, firm.initials, firm.area.name, firm.sector.code) == ("重庆金山齿轮有限公司", "cqjsclyxgs", "刘罗坪村", "MACHINERY")
    assert (firm.headcount, firm.dispatched, firm.interns, firm.status, firm.scale) == (40, 6, None, "stopped", "below")
    assert firm.founded_on == datetime.date(2011, 3, 1)
    assert [t.code for t in firm.traits.all()] == ["CONFINED_SPACE_2024"]
    people_now = [(p.kind, p.name, p.phone, p.confirmed_on) for p in firm.key_people.all()]
    assert people_now == [("manager", "王德明", "13800001395", None), ("safety", "曾志远", "13800009149", None)]
    entry = firm.history.get()
    assert (entry.history_user, entry.history_type, entry.history_change_reason.startswith("名册导入")) == (people.inspector, "+", True)
    assert firm.is_incomplete


def test_cells_are_encrypted_at_rest(people):
    roster = r.reviewed(people, r.SAMPLE.read_bytes())
    with connection.cursor() as cursor:
        cursor.execute("SELECT raw, cleaned, messages FROM enterprises_rosterrow WHERE roster_id = %s", [roster.pk])
        stored = str(cursor.fetchall())
    assert "13800006089" not in stored and "138-0000-8294" not in stored and "13800008294" not in stored


def test_the_same_file_again_changes_nothing(people):
    r.applied(people, r.SAMPLE.read_bytes())
    entries = Enterprise.history.count(), KeyPerson.history.count(), Enterprise.objects.count()
    again = r.reviewed(people, r.SAMPLE.read_bytes())
    assert {v for n, v in r.verdicts(again).items() if n not in REFUSED_IN_SAMPLE} == {"unchanged"}
    assert again.guard_apply(people.inspector) == "没有可以写入的行。"
    with pytest.raises(MoveRefused):
        again.apply(by=people.inspector, on=TODAY)
    assert (Enterprise.history.count(), KeyPerson.history.count(), Enterprise.objects.count()) == entries


def test_undo_takes_all_of_it_back(people):
    before = Enterprise.objects.count(), KeyPerson.objects.count()
    roster = r.applied(people, r.SAMPLE.read_bytes())
    assert Enterprise.objects.count() > before[0]
    roster = r.undone(people, roster)
    assert (roster.state, Enterprise.objects.count(), KeyPerson.objects.count()) == ("undone", *before)


def test_undo_restores_what_was_changed(people):
    r.applied(people, r.workbook([[*r.HEAD, "从业人员", "主要负责人", "联系电话"], [*r.firm(1), 10, "王一", "13800000001"]]))
    firm = Enterprise.objects.get(name="名册第1厂")
    roster = r.applied(
        people,
        r.workbook(
            [[*r.HEAD, "从业人员", "主要负责人", "联系电话", "涉及重点领域"], [*r.firm(1, "塘岗村"), 20, "王一", "13800000002", "粉尘"]]
        ),
    )
    firm.refresh_from_db()
    assert (firm.area.name, firm.headcount, firm.key_people.get().phone, firm.traits.count()) == ("塘岗村", 20, "13800000002", 1)
    assert roster.rows.get().effect == "changed"
    roster = r.undone(people, roster)
    firm = Enterprise.objects.get(pk=firm.pk)
    assert (firm.area.name, firm.headcount, firm.key_people.get().phone, firm.traits.count()) == ("刘罗坪村", 10, "13800000001", 0)


def test_undo_is_refused_when_something_hangs_on_it(people):
    roster = r.applied(people, r.workbook([r.HEAD, r.firm(1), r.firm(2)]))
    firm = Enterprise.objects.get(name="名册第1厂")
    f.MembershipFactory(enterprise=firm)
    assert roster.guard_undo(people.inspector) == "新建的企业已有 1 条“岗位”"
    with pytest.raises(MoveRefused, match="岗位"):
        roster.undo(by=people.inspector, on=TODAY)
    assert Enterprise.objects.filter(name__startswith="名册第").count() == 2


def test_undo_is_refused_after_an_edit(people):
    roster = r.applied(people, r.workbook([r.HEAD, r.firm(1)]))
    firm = Enterprise.objects.get(name="名册第1厂")
    firm.remark = "改过"
    firm.save()
    assert roster.guard_undo(people.inspector) == "写入后“企业”又改过 1 次"


def test_undo_is_refused_after_a_later_import(people):
    head = [*r.HEAD, "从业人员"]
    first = r.applied(people, r.workbook([head, [*r.firm(1), 5]]))
    r.applied(people, r.workbook([head, [*r.firm(1), 6]]))
    assert "后来的另一次导入又改过这些企业" in first.guard_undo(people.inspector)


def test_a_tie_that_appears_while_the_undo_waits_keeps_all(people):
    roster = r.applied(people, r.workbook([r.HEAD, r.firm(1)]))
    roster.undo(by=people.inspector, on=TODAY)
    f.MembershipFactory(enterprise=Enterprise.objects.get(name="名册第1厂"))
    roster = r.run_job(roster)
    assert (roster.state, Event.objects.of(roster).last().note) == ("applied", "新建的企业已有 1 条“岗位”")
    assert Enterprise.objects.filter(name="名册第1厂").exists()


def test_work_started_twice_is_done_once(people):
    roster = r.applied(people, r.workbook([r.HEAD, r.firm(1)]))
    job = roster.job
    Job.objects.filter(pk=job.pk).update(state="pending")
    job.refresh_from_db()
    again = r.run_job(roster)
    assert (again.job.message, Enterprise.objects.filter(name="名册第1厂").count()) == ("已经写入过", 1)


def test_other_headings_are_understood(people):
    head = ["序", "单位名称", "组织机构代码", "镇街/村社", "法人", "手机", "安全管理人员", "职工人数", "企业规模"]
    name, code, village = r.firm(1)
    title = ["某镇企业名录"]
    roster = r.applied(
        people, r.workbook([head, [1, name, code, village, "李四", 13900000001, "赵五", "23人", "规模以上"]], lead=[title, [], title])
    )
    assert roster.layout["sheets"][0]["header"] == 4
    firm = Enterprise.objects.get(credit_code=code)
    assert (firm.name, firm.headcount, firm.scale) == (name, 23, "above")
    assert [(p.kind, p.name, p.phone) for p in firm.key_people.all()] == [("legal", "李四", "13900000001"), ("safety", "赵五", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_any_of_our_encodings(people, encoding):
    lines = [r.HEAD, r.firm(1, name="重庆堃赟机械厂")]
    roster = r.applied(people, "\r\n".join(",".join(line) for line in lines).encode(encoding), "名册.csv")
    assert roster.state == "applied"
    assert Enterprise.objects.filter(name="重庆堃赟机械厂").exists()


def test_bad_rows_come_back_in_their_layout_and_can_be_sent_again(people):
    bad = [*r.firm(2)]
    bad[2] = "没有的村"
    roster = r.applied(people, r.workbook([r.HEAD, r.firm(1), bad, ["=1+1", *r.firm(3)[1:]]], lead=[["名册"]]))
    book = openpyxl.load_workbook(io.BytesIO(refused_xlsx(roster)))
    page = book["名册"]
    assert [c.value for c in page[2]] == [*r.HEAD, "原因"]
    assert page.max_row == 4
    assert page["D3"].value.startswith("所在村(社区):没有“没有的村”这个村(社区),请改成:")
    assert (page["A4"].value, page["A4"].data_type) == ("=1+1", "s")
    page["C3"], page["A4"] = "塘岗村", "名册第3厂"
    out = io.BytesIO()
    book.save(out)
    again = r.applied(people, out.getvalue())
    assert r.verdicts(again) == {3: "taken", 4: "taken"}
    assert sorted(Enterprise.objects.filter(name__startswith="名册第").values_list("name", flat=True)) == [
        "名册第1厂",
        "名册第2厂",
        "名册第3厂",
    ]


def test_duplicates_that_agree_are_one(people):
    roster = r.applied(people, r.workbook([r.HEAD, r.firm(1), r.firm(1)]))
    assert r.verdicts(roster) == {2: "taken", 3: "mended"}
    assert r.texts(roster.rows.get(number=3)) == ["与名册第 2 行相同,并为一条"]
    assert Enterprise.objects.filter(name="名册第1厂").count() == 1


def test_an_enterprise_of_another_town_is_not_touched(people):
    roster = r.reviewed(people, r.workbook([r.HEAD, ["新名字", people.abroad.credit_code, "刘罗坪村"]]))
    row = roster.rows.get()
    assert (row.verdict, row.enterprise, r.texts(row)) == ("refused", None, ["这个信用代码已登记在别的镇街,请核对"])


def test_empty_cells_erase_nothing(people):
    firm = people.factory
    r.applied(people, r.workbook([[*r.HEAD, "从业人员", "备注"], [firm.name, firm.credit_code, "刘罗坪村", "", "新备注"]]))
    firm.refresh_from_db()
    assert (firm.headcount, firm.remark) == (30, "新备注")


def test_more_dispatched_than_people_are_left_out(people):
    roster = r.applied(people, r.workbook([[*r.HEAD, "从业人员", "派遣/实习"], [*r.firm(1), 3, "派遣5实习2"]]))
    firm = Enterprise.objects.get(name="名册第1厂")
    assert (firm.headcount, firm.dispatched, firm.interns) == (3, None, None)
    assert r.texts(roster.rows.get()) == ["派遣和实习 7 人,多于从业人员 3 人,派遣和实习人数未采用,请核对"]


def test_merged_data_rows_are_warned_of(people):
    roster = r.reviewed(people, r.workbook([r.HEAD, r.firm(1), ["名册第2厂", r.firm(2)[1], ""]], merge=["C2:C3"]))
    assert "这一行有合并的单元格,只有左上角有值,请核对" in r.texts(roster.rows.get(number=3))
    assert r.verdicts(roster)[3] == "refused"


def test_the_command_is_a_dry_run_unless_told(people, capsys):
    before = Enterprise.objects.count()
    call_command("import_enterprises", str(r.SAMPLE))
    out = capsys.readouterr().out
    assert "共 64 行:采用 15,已修正 43,不变 0,需人工 6" in out
    assert "工贸企业台账\t第57行\t需人工\t重庆丁山摩配有限公司" in out
    assert "没有写入" in out
    assert (Enterprise.objects.count(), RosterImport.objects.count(), RosterRow.objects.count(), Job.objects.count()) == (before, 0, 0, 0)
    call_command("import_enterprises", str(r.SAMPLE), "--apply")
    assert "新建 58 家" in capsys.readouterr().out
    assert Enterprise.objects.count() == before + 58
    call_command("import_enterprises", str(r.SAMPLE), "--apply")
    assert "档案没有变化" in capsys.readouterr().out
    assert Enterprise.objects.count() == before + 58


def test_ten_thousand_rows_are_a_job_with_progress(people):
    """10,000 firms with people and traits; the bound is generous for a busy machine."""
    head = [*r.HEAD, "主要负责人", "联系电话", "安全管理员", "安全员电话", "涉及重点领域"]
    rows = [[*r.firm(n, r.VILLAGES[n % 12]), f"王{n}", f"138{n:08d}", f"李{n}", f"139{n:08d}", "粉尘"] for n in range(10_000)]
    data = r.workbook([head, *rows])
    took = {}

    def step(name, act):
        begin = time.monotonic()
        result = act()
        took[name] = round(time.monotonic() - begin, 1)
        return result

    roster = step("upload", lambda: r.taken_in(people, data))
    roster.review(by=people.inspector, on=TODAY)
    assert (roster.is_small, roster.job.total) == (False, 10_000)
    roster = step("review", lambda: r.run_job(roster))
    roster.apply(by=people.inspector, on=TODAY)
    roster = step("apply", lambda: r.run_job(roster))
    assert roster.job.done == 10_000
    assert (Enterprise.objects.filter(name__startswith="名册第").count(), KeyPerson.objects.count()) == (10_000, 20_000)
    roster = step("undo", lambda: r.undone(people, roster))
    assert not Enterprise.objects.filter(name__startswith="名册第").exists()
    assert took["upload"] + took["review"] + took["apply"] < 60


@pytest.mark.parametrize("missing", [[["甲", "乙"], [1, 2]], [["企业名称"], ["某厂"]], [r.HEAD]])
def test_a_file_without_headings_or_rows_is_refused(people, missing):
    with pytest.raises(RosterRefused):
        r.taken_in(people, r.workbook(missing))
    assert RosterImport.objects.count() == 0
