"""Files of the yearly plan: items from a sheet, the district's list from a sheet; each row looked at, each doubt a sentence with its column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from enterprises.roster.columns import text_of
from enterprises.roster.parts import RosterRefused
from enterprises.roster.sheets import Sheet, read_sheets
from inspections.carry.columns import HEADER_WITHIN, PUNCTUATION
from inspections.carry.reading import MOST_ROWS, Firms, letter, rows_of
from inspections.models import InspectionPlan, PlanItem
from inspections.models.plan_items import ItemFacts
from inspections.models.plan_keys import Must, firms_of

FIRM = ("firm", "企业名称", ("企业", "单位名称", "被检查单位"))
CODE = ("code", "统一社会信用代码", ("信用代码", "社会信用代码"))
ITEM_COLUMNS = (
    FIRM,
    CODE,
    ("segment", "类别", ("分类",)),
    ("from_month", "起月", ("检查月份", "计划月份", "月份")),
    ("to_month", "止月", ()),
    ("count", "次数", ("检查次数", "户数")),
    ("why", "列入理由", ("理由", "备注")),
)
LIST_COLUMNS = (FIRM, CODE)
LONGEST_WHY, MOST_COUNT = 300, 2_000
Columns = tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass
class Line:
    """One row of a file: where it stands, what it says, what speaks against it."""

    sheet: str
    number: int
    cells: dict[str, tuple[str, str, str]]
    messages: list[str] = field(default_factory=list)
    enterprise: Any = None
    facts: ItemFacts | None = None

    def text(self, name: str) -> str:
        """The cell of a field, "" without one."""
        return self.cells.get(name, ("", "", ""))[2]

    def say(self, name: str, words: str, *, refused: bool = True) -> None:
        """Note a doubt at its column."""
        column, heading, _ = self.cells.get(name, ("", "", ""))
        self.messages.append(f"{column} 列“{heading}”:{words}" if column else words)


def headings(columns: Columns) -> list[str]:
    """The headings of the template."""
    return [label for _, label, _ in columns]


def read(data: bytes, name: str, columns: Columns, needed: str = "") -> tuple[list[Line], list[str]]:
    """(the rows of every sheet with a known heading row, the names of other sheets that hold something).

    RosterRefused when there is no such row, or nothing beneath it, or too much.
    """
    lines: list[Line] = []
    ignored: list[str] = []
    for sheet in read_sheets(data, name):
        places = _places(sheet, columns, needed)
        lines += _lines(sheet, *places) if places else []
        if not places and any(text_of(value) for row in sheet.rows for value in row):
            ignored.append(sheet.name)
    if not lines:
        wanted = "、".join(headings(columns))
        raise RosterRefused(f"没有找到可以导入的行。请下载模板,第一行是列名({wanted}),企业名称和信用代码至少有一列。")
    if len(lines) > MOST_ROWS:
        raise RosterRefused(f"共 {len(lines)} 行,一次最多导入 {MOST_ROWS} 行,请拆成几份再上传。")
    return lines, ignored


def _places(sheet: Sheet, columns: Columns, needed: str) -> tuple[int, list[str], dict[str, int]] | None:
    """(the heading row, what stands in it, the place of each known column); None without such a row."""
    known = {PUNCTUATION.sub("", word): code for code, label, others in columns for word in (label, *others)}
    for header, row in enumerate(sheet.rows[:HEADER_WITHIN], start=1):
        names = [text_of(value) for value in row]
        places: dict[str, int] = {}
        for index, heading in enumerate(names):
            if code := known.get(PUNCTUATION.sub("", heading)):
                places.setdefault(code, index)
        if {"firm", "code"} & set(places) and (not needed or needed in places):
            return header, names, places
    return None


def _lines(sheet: Sheet, header: int, names: list[str], places: dict[str, int]) -> Iterator[Line]:
    for number, raw in rows_of(sheet, header):
        cells = {code: (letter(index), names[index], text_of(raw[index]) if index < len(raw) else "") for code, index in places.items()}
        yield Line(sheet.name, number, cells)


def read_items(data: bytes, name: str, plan: InspectionPlan, user: Any, musts: list[Must]) -> tuple[list[Line], list[str]]:
    """(items for this plan, each with its facts where nothing speaks against it; the sheets that were not read)."""
    lines, ignored = read(data, name, ITEM_COLUMNS, "from_month")
    firms, own = Firms(user), set(firms_of(plan.area_id, plan.department).values_list("pk", flat=True))
    must = {one.enterprise.pk: one for one in musts}
    seen: dict[tuple[int, int], int] = {}
    held = plan.items.live().exclude(enterprise=None)  # type: ignore[attr-defined]
    known = set(held.values_list("enterprise", "from_month"))
    for line in lines:
        _read_item(line, firms, own, must)
        if line.facts is None or line.facts.enterprise is None:
            continue
        key = (line.facts.enterprise.pk, line.facts.from_month)
        if key in known:
            line.say("firm", "已经在计划里(同一起月)")
        elif key in seen:
            line.say("firm", f"与第 {seen[key]} 行重复(同一起月)")
        seen.setdefault(key, line.number)
    return lines, ignored


def _read_item(line: Line, firms: Firms, own: set[int], must: dict[int, Must]) -> None:
    segment = _segment(line)
    first = _month(line, "from_month")
    if not line.text("from_month"):
        line.say("from_month", "没有填起月")
    last = _month(line, "to_month") if line.text("to_month") else first
    if first and last and last < first:
        line.say("to_month", "止月早于起月")
    count = _count(line, segment)
    if segment != PlanItem.Segment.RANDOM:
        line.enterprise = firms.find(line, line.text("code"), line.text("firm"))  # type: ignore[arg-type]
        if line.enterprise is not None and line.enterprise.pk not in own:
            line.say("firm", "不是本单位负责的在营企业")
    elif line.text("code") or line.text("firm"):
        line.say("segment", "随机抽查不写企业,只写次数")
    why = line.text("why")
    if len(why) > LONGEST_WHY:
        line.say("why", f"超过 {LONGEST_WHY} 个字")
    if line.messages:
        return
    held = must.get(line.enterprise.pk) if line.enterprise else None
    segment = segment or (held.segment if held else PlanItem.Segment.CANDIDATE)
    line.facts = ItemFacts(line.enterprise, segment, first, last, why or (held.why if held else ""), count)


def _segment(line: Line) -> str:
    text = line.text("segment")
    found = next((value for value, label in PlanItem.Segment.choices if text == label), "")
    if text and not found:
        line.say("segment", f"“{text[:20]}”不认识,请写{'、'.join(PlanItem.Segment.labels)}")
    return found


def _number(text: str) -> int:
    """A whole number of at most nine digits, -1 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _month(line: Line, name: str) -> int:
    text = line.text(name).removesuffix("月").strip()
    if not text:
        return 0
    if not 1 <= _number(text) <= 12:
        line.say(name, f"“{text[:20]}”不是月份,请写 1 到 12")
        return 0
    return int(text)


def _count(line: Line, segment: str) -> int:
    text = line.text("count")
    if not text:
        if segment == PlanItem.Segment.RANDOM:
            line.say("count", "随机抽查要写次数")
        return 1
    if not 1 <= _number(text) <= MOST_COUNT:
        line.say("count", f"“{text[:20]}”不是次数,请写 1 到 {MOST_COUNT}")
        return 1
    if segment != PlanItem.Segment.RANDOM and int(text) != 1:
        line.say("count", "一家企业一行只记一次;多次检查请按不同的起月分行写")
    return int(text)


def read_firms(data: bytes, name: str, user: Any) -> tuple[list[Line], list[str]]:
    """(firms of the district's list, the sheets that were not read)."""
    (lines, ignored), firms = read(data, name, LIST_COLUMNS), Firms(user)
    seen: dict[int, int] = {}
    for line in lines:
        line.enterprise = firms.find(line, line.text("code"), line.text("firm"))  # type: ignore[arg-type]
        if line.enterprise is not None and seen.setdefault(line.enterprise.pk, line.number) != line.number:
            line.say("firm", f"与第 {seen[line.enterprise.pk]} 行重复")
    return lines, ignored
