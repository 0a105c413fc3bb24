"""Checking the rows of a roster: which can be taken, which were mended and how, which a person must look at."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.utils import timezone

from accounts.models import Area, Department, Sector
from accounts.models.areas import within
from core.fields import masked
from enterprises.models import HazardTrait
from enterprises.roster import cells
from enterprises.roster.cells import MENDED, REFUSED, WARNED, Cell
from enterprises.roster.columns import catalogue, labels, text_of
from enterprises.roster.sheets import Value

SECTOR_END = re.compile(r"(行业|类|业)$")
VILLAGE_END = re.compile(r"(村委会|居委会|村|社区|居)$")
KINDS = {"principal": "manager", "legal": "legal", "safety": "safety"}
PHONES = {"principal_phone", "safety_phone"}
COPIED = ("sector", "industry_code", "area", "address", "scale", "traits", "status", "lead_department", "founded_on")


class Lookups:
    """What words may mean in one area: villages, sectors, traits, departments; read once per import."""

    def __init__(self, area: Area) -> None:
        today = timezone.localdate()
        places = [place for place in Area.objects.filter(within("code", area.code)) if len(place.code) == 12]
        self.today: datetime.date = today
        self.town = area.name
        self.villages = {place.name: place.code for place in places}
        self.short_villages = _only_one((VILLAGE_END.sub("", place.name), place.code) for place in places)
        self.sectors = {SECTOR_END.sub("", s.name): s for s in Sector.objects.all()}
        self.departments = {d.name: d.pk for d in Department.objects.filter(within("area_id", area.code))}
        in_force = [t for t in HazardTrait.objects.all() if t.effective_to is None or t.effective_to >= today]
        self.trait_names = {trait.name: trait.pk for trait in in_force}
        codes = {trait.code: trait.pk for trait in in_force}
        self.trait_words = {w: pk for w, cs in catalogue()["traits"].items() if (pk := next((codes[c] for c in cs if c in codes), None))}

    def village(self, value: Value) -> Cell:
        """The code of a village of this area; an unknown one is refused with the names we know."""
        text = "".join(text_of(value).split())
        if text in self.villages:
            return Cell(self.villages[text])
        short = text.removeprefix(self.town)
        code = self.villages.get(short) or self.short_villages.get(VILLAGE_END.sub("", short))
        if code:
            name = next(name for name, known in self.villages.items() if known == code)
            return Cell(code, MENDED, f"“{text}”按“{name}”")
        known = "、".join(list(self.villages)[:30]) or "(还没有设置村、社区)"
        return Cell(None, REFUSED, f"{f'没有“{text[:20]}”这个村(社区)' if text else '没有填村(社区)'},请改成:{known}")

    def sector(self, value: Value) -> Cell:
        """One of the sectors, with or without 行业, 类."""
        text = text_of(value)
        if cells.is_none(text):
            return Cell()
        found = self.sectors.get(SECTOR_END.sub("", text))
        return Cell(found.pk) if found else Cell(None, WARNED, f"“{text[:20]}”不是工贸行业之一,未采用")

    def department(self, value: Value) -> Cell:
        """A department of this area by its name."""
        text = text_of(value)
        if cells.is_none(text):
            return Cell()
        found = self.departments.get(text)
        return Cell(found) if found else Cell(None, WARNED, f"没有“{text[:20]}”这个部门,未采用")

    def traits(self, value: Value) -> Cell:
        """The traits named in a list; unknown words are left out and said."""
        text = text_of(value)
        if cells.is_none(text):
            return Cell()
        whole = self.trait_names.get(text) or self.trait_words.get(text)
        words = [text] if whole else [word for word in cells.split(text) if not cells.is_none(word)]
        known = sorted({pk for word in words if (pk := self.trait_names.get(word) or self.trait_words.get(word))})
        unknown = [w for w in words if not (self.trait_names.get(w) or self.trait_words.get(w))]
        return Cell(known or None, WARNED, f"“{'、'.join(unknown)[:40]}”不认识,未采用") if unknown else Cell(known or None)


def _only_one(pairs: Any) -> dict[str, str]:
    """Short name → code, without names that two places share."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for name, code in pairs:
        twice.update({name} if name in found else ())
        found[name] = code
    return {name: code for name, code in found.items() if name not in twice}


class Row:
    """One row being read: its cells by field, what comes out, what there is to say."""

    def __init__(self, columns: list[str], headings: list[str], raw: list[Value], above: dict[str, Value]) -> None:
        self.places = {field: index for index, field in enumerate(columns) if field}
        self.headings = headings
        self.values: dict[str, Value] = {field: raw[i] if i < len(raw) else None for field, i in self.places.items()}
        self.cleaned: dict[str, Any] = {}
        self.messages: list[dict[str, str]] = []
        self._resolve_same(above)

    def _resolve_same(self, above: dict[str, Value]) -> None:
        for field, value in self.values.items():
            text = text_of(value)
            if text and text in {text_of(word) for word in catalogue()["same_as_above"]}:
                self.values[field] = above.get(field) if field in COPIED else None
                if text_of(self.values[field]):
                    self.say(field, MENDED, f"“{text}”按上一行填为“{text_of(self.values[field])}”", found=text)

    def say(self, field: str, kind: str, text: str, *, found: str | None = None) -> None:
        """Note a finding with its column, heading and what stood there (phones masked)."""
        index = self.places.get(field)
        value = text_of(self.values.get(field)) if found is None else found
        self.messages.append(
            {
                "column": "" if index is None else _letter(index),
                "heading": labels().get(field, "") if index is None else self.headings[index],
                "found": masked(re.sub(r"\s+", "", value)) if field in PHONES else value[:60],
                "kind": kind,
                "text": text,
            }
        )

    def take(self, field: str, cell: Cell, key: str = "") -> Any:
        """Keep a cleaned value under its name in the enterprise file, and say what was done."""
        if cell.kind:
            self.say(field, cell.kind, cell.text)
        if cell.value is not None and key:
            self.cleaned[key] = cell.value
        return cell.value

    @property
    def verdict(self) -> str:
        """refused, mended or taken."""
        kinds = {message["kind"] for message in self.messages}
        return REFUSED if REFUSED in kinds else MENDED if MENDED in kinds else "taken"


def read_row(columns: list[str], headings: list[str], raw: list[Value], above: dict[str, Value], lookups: Lookups) -> Row:
    """Read one row; empty cells are left out of `cleaned`, so that they erase nothing."""
    row = Row(columns, headings, raw, above)
    row.take("name", cells.clean_name(row.values.get("name")), "name")
    row.take("credit_code", cells.clean_code(row.values.get("credit_code")), "credit_code")
    row.take("area", lookups.village(row.values.get("area")), "area_id")
    _facts(row, lookups)
    _sector(row, lookups)
    _headcount(row)
    _status(row)
    _people(row)
    return row


def _facts(row: Row, lookups: Lookups) -> None:
    value = row.values.get
    row.take("address", cells.clean_text(value("address"), 200), "address")
    row.take("scale", cells.clean_word(value("scale"), "scales"), "scale")
    row.take("traits", lookups.traits(value("traits")), "traits")
    row.take("founded_on", cells.clean_date(value("founded_on"), lookups.today), "founded_on")
    row.take("lead_department", lookups.department(value("lead_department")), "lead_department_id")
    row.take("remark", cells.clean_text(value("remark"), 300), "remark")


def _sector(row: Row, lookups: Lookups) -> None:
    sector = row.take("sector", lookups.sector(row.values.get("sector")), "sector_id")
    code = row.take("industry_code", cells.clean_industry_code(row.values.get("industry_code")), "industry_code")
    found = next((s for s in lookups.sectors.values() if s.pk == sector), None)
    if found and code and not found.covers(code):
        row.say("industry_code", WARNED, f"代码 {code} 不属于{found.name},照原样采用,请核对")


def _headcount(row: Row) -> None:
    total = row.take("headcount", cells.clean_number(row.values.get("headcount")), "headcount")
    parts = row.take("parts", cells.clean_parts(row.values.get("parts"))) or (None, None)
    dispatched = row.take("dispatched", cells.clean_number(row.values.get("dispatched")))
    interns = row.take("interns", cells.clean_number(row.values.get("interns")))
    found = {"dispatched": parts[0] if dispatched is None else dispatched, "interns": parts[1] if interns is None else interns}
    there = {key: number for key, number in found.items() if number is not None}
    if total is not None and sum(there.values()) > total:
        field = "parts" if any(part is not None for part in parts) else next(iter(there))
        row.say(field, WARNED, f"派遣和实习 {sum(there.values())} 人,多于从业人员 {total} 人,派遣和实习人数未采用,请核对")
        return
    row.cleaned.update(there)


def _status(row: Row) -> None:
    status = row.take("status", cells.clean_word(row.values.get("status"), "statuses"), "status")
    remark = text_of(row.values.get("remark"))
    if status or not remark:
        return
    for code, words in catalogue()["statuses"].items():
        if code != "active" and any(word in remark for word in words):
            row.cleaned["status"] = code
            row.say("remark", MENDED, f"备注写明“{remark[:20]}”,状态记为{'停产' if code == 'stopped' else '已关闭'}")
            return


def _people(row: Row) -> None:
    phones = {field: row.take(field, cells.clean_phone(row.values.get(field))) for field in sorted(PHONES)}
    people: list[dict[str, str]] = []
    for field, kind in KINDS.items():
        names = row.take(field, cells.clean_text(row.values.get(field), 40))
        for name in cells.split(_joined(names or "")):
            people.append({"kind": kind, "name": name, "phone": ""})
    _give_phone(row, people, ("manager", "legal"), phones, "principal_phone")
    _give_phone(row, people, ("safety",), phones, "safety_phone")
    if people:
        row.cleaned["people"] = people


def _joined(name: str) -> str:
    """张 三 is 张三; a list of names stays a list."""
    return "" if cells.is_none(name) else re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff]$)", "", name)


def _give_phone(row: Row, people: list[dict[str, str]], kinds: tuple[str, ...], phones: dict[str, Any], field: str) -> None:
    if not phones[field]:
        return
    for kind in kinds:
        if holder := next((person for person in people if person["kind"] == kind), None):
            holder["phone"] = phones[field]
            return
    row.say(field, WARNED, "有电话没有姓名,未采用")


def _letter(index: int) -> str:
    return chr(65 + index) if index < 26 else chr(64 + index // 26) + chr(65 + index % 26)
