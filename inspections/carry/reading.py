"""From a sheet's rows to what can be written: each cell looked at, each doubt a sentence with its sheet, row and column."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts.models import User
from enterprises.models import Enterprise
from enterprises.roster.cells import COMPACT, DAY, EPOCH
from enterprises.roster.columns import text_of
from enterprises.roster.parts import RosterRefused
from enterprises.roster.sheets import Sheet, Value
from inspections.carry.columns import Layout, fields, meaning
from inspections.carry.facts import Doubt, HazardFacts, OrderFacts, VisitFacts, why_not_day, why_not_text
from inspections.carry.ledger import Ledger
from inspections.models import CarryRow

MOST_ROWS = 2000
LONGEST = {"number": 80, "officers": 100, "text": 500, "requirement": 500, "place": 100, "note": 150, "order": 80}
DAYS = ("done_on", "issued_on", "served_on", "due_on", "found_on", "rechecked_on")
WORDS = {"kind": "kinds", "level": "levels", "result": "results"}
CELL, SERIAL_DIGITS = 100, 5


class Reader:
    """Cleans the cells of one row into its place in the result table."""

    def __init__(self, layout: Layout, number: int, raw: list[Value]) -> None:
        self.layout = layout
        self.values: dict[str, Value] = {name: raw[index] if index < len(raw) else None for name, index in layout.columns.items()}
        cells = {name: [letter(index), layout.headings[index], text_of(self.values[name])[:CELL]] for name, index in layout.columns.items()}
        taken = CarryRow.Verdict.TAKEN.value
        self.row = CarryRow(what=layout.what, sheet=layout.sheet.name, number=number, cells=cells, cleaned={}, messages=[], verdict=taken)

    def read(self, firms: Firms) -> CarryRow:
        """Every cell by itself, then the firm."""
        for field in fields(self.layout.what):
            name = field["field"]
            if name in ("firm", "code") or name not in self.values:
                continue
            text = text_of(self.values[name])
            if text and (value := self._clean(name, text)):
                self.row.cleaned[name] = value
            elif not text and field.get("required"):
                self.row.say(name, f"没有填“{field['label']}”")
        self.row.enterprise = firms.find(self.row, text_of(self.values.get("code")), text_of(self.values.get("firm")))
        return self.row

    def _clean(self, name: str, text: str) -> str:
        if name in DAYS:
            return self._day(name, text)
        if why := why_not_text(text):
            self.row.say(name, why)
            return ""
        if name in WORDS:
            code = meaning(WORDS[name], text)
            if not code:
                self.row.say(name, f"“{text[:20]}”不认识")
            return code
        if len(text) > LONGEST[name]:
            self.row.say(name, f"超过 {LONGEST[name]} 个字")
            return ""
        return text

    def _day(self, name: str, text: str) -> str:
        day = day_of(text)
        if day is None:
            self.row.say(name, f"“{text[:20]}”不是日期,请写成 2026-11-25 这样")
        elif why := why_not_day(day, timezone.localdate()):
            self.row.say(name, why)
        else:
            return day.isoformat()
        return ""


def day_of(text: str) -> datetime.date | None:
    """A whole date as people write it, or a spreadsheet's running number; None for anything else."""
    found = DAY.match(text) or COMPACT.match(text)
    try:
        if found:
            return datetime.date(*(int(part) for part in found.groups()))
        if text.isascii() and text.isdecimal() and len(text) == SERIAL_DIGITS:
            return EPOCH + datetime.timedelta(days=int(text))
    except ValueError:
        return None
    return None


Facts = VisitFacts | OrderFacts | HazardFacts
KINDS: dict[str, Any] = {"inspection": VisitFacts, "order": OrderFacts, "hazard": HazardFacts}


class Firms:
    """The firms a person may carry something in for, by credit code and by name."""

    def __init__(self, user: User) -> None:
        self.by_code: dict[str, Enterprise] = {}
        self.by_name: dict[str, list[Enterprise]] = {}
        for row in Enterprise.objects.for_user(user).order_by("pk"):
            self.by_code[row.credit_code] = row
            self.by_name.setdefault(text_of(row.name), []).append(row)

    def find(self, row: CarryRow, code: str, name: str) -> Enterprise | None:
        """The firm of a row; a doubt is said, never guessed."""
        code = "".join(code.split()).upper()
        if code:
            found = self.by_code.get(code)
            if found is None:
                row.say("code", f"企业档案里没有信用代码“{code[:20]}”")
            elif name and text_of(found.name) != name:
                row.say("firm", f"信用代码是“{found.name}”的,名称写的是“{name[:40]}”,请核对")
            return found
        rows = self.by_name.get(name, []) if name else []
        if len(rows) == 1:
            return rows[0]
        row.say(
            "firm",
            f"有 {len(rows)} 家企业叫“{name[:40]}”,请填信用代码" if rows else f"企业档案里没有“{name[:40]}”" if name else "没有填企业",
        )
        return None


def read_rows(layouts: list[Layout], user: User) -> list[CarryRow]:
    """Every row with something in it, each looked at by itself, not saved; RosterRefused when there are none or too many."""
    firms = Firms(user)
    found = [Reader(layout, number, raw) for layout in layouts for number, raw in rows_of(layout.sheet, layout.header)]
    if not found:
        raise RosterRefused("标题行下面没有内容,没有导入。请检查是否选错了文件。")
    if len(found) > MOST_ROWS:
        raise RosterRefused(f"共 {len(found)} 行,一次最多补录 {MOST_ROWS} 行,请拆成几份再上传。")
    return [reader.read(firms) for reader in found]


def rows_of(sheet: Sheet, header: int) -> Iterator[tuple[int, list[Value]]]:
    """(row number, cells) of the rows below the headings that hold anything."""
    for number, raw in enumerate(sheet.rows[header:], start=header + 1):
        if any(text_of(value) for value in raw):
            yield number, raw


def facts_of(row: CarryRow) -> Facts:
    """What a row says, once nothing speaks against it."""
    given = {name: datetime.date.fromisoformat(value) if name in DAYS else value for name, value in row.cleaned.items()}
    found: Facts = KINDS[row.what].of(row.enterprise, given)
    return found


def judge(rows: list[CarryRow], today: datetime.date) -> dict[tuple[Any, ...], Facts]:
    """Look at each row as a whole and beside the others: dates in their order, nothing twice, nothing carried in before.

    Returns the matters, an order with the lines of all its rows.
    """
    found: dict[tuple[Any, ...], Facts] = {}
    where: dict[tuple[Any, ...], CarryRow] = {}
    told = [(row, facts_of(row)) for row in rows if row.verdict != CarryRow.Verdict.REFUSED]
    ledger = Ledger.of([facts for _, facts in told])
    for row, facts in told:
        try:
            facts.check(today, ledger)
            if (first := found.get(facts.key)) is None:
                found[facts.key], where[facts.key] = facts, row
            elif isinstance(first, OrderFacts) and isinstance(facts, OrderFacts):
                first.agree(facts)
            else:
                raise Doubt("number", f"与{where[facts.key]}重复。")
        except Doubt as doubt:
            say(row, doubt)
        else:
            if warning := facts.warning(ledger):
                row.say("number", warning, refused=False)
    _judge_orders(told, ledger, [facts for facts in found.values() if isinstance(facts, OrderFacts)])
    return found


def _judge_orders(told: list[tuple[CarryRow, Facts]], ledger: Ledger, orders: list[OrderFacts]) -> None:
    of_file = {(facts.enterprise.pk, facts.number) for facts in orders if not facts.result}
    for row, facts in told:
        if row.verdict == CarryRow.Verdict.REFUSED or not isinstance(facts, HazardFacts):
            continue
        try:
            facts.check_order(ledger, of_file)
        except Doubt as doubt:
            say(row, doubt)


def say(row: CarryRow, doubt: Doubt) -> None:
    """Note it at the column it is about; a sheet without that column has it at the number."""
    row.say(doubt.about if doubt.about in row.cells else "number", doubt.message)


def letter(index: int) -> str:
    """A column's letters as a spreadsheet shows them."""
    return chr(65 + index) if index < 26 else chr(64 + index // 26) + chr(65 + index % 26)
