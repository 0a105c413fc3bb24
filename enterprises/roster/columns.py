"""Which sheet is a roster, where its headings stand, and which column means what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.catalogue import read_yaml
from enterprises.roster.parts import RosterRefused
from enterprises.roster.sheets import Sheet, Value

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "roster_columns.yaml"
HEADER_WITHIN = 30
LEAST_HEADINGS = 2
PUNCTUATION = re.compile(r"[\s()\[\]【】、,,;;::.。*★\-_]+")
REMARK = re.compile(r"\([^()]*\)")


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Any]:
    """The synonyms rosters use, as data."""
    return read_yaml(CATALOGUE)


def text_of(value: Value) -> str:
    """A cell as text: full width made half, edges trimmed, whole numbers without a point."""
    if value is None:
        return ""
    return unicodedata.normalize("NFKC", str(value)).strip()


def labels() -> dict[str, str]:
    """Field → its name on the page."""
    return {column["field"]: column["label"] for column in catalogue()["columns"]}


def _key(text: str) -> str:
    return PUNCTUATION.sub("", text)


@lru_cache(maxsize=1)
def _headings() -> dict[str, str]:
    pairs = [(text_of(h), c["field"]) for c in catalogue()["columns"] for h in [*c["headings"], c["label"]]]
    return {_key(heading): field for heading, field in pairs}


def field_of(heading: Value) -> str:
    """The field a heading means, "" when it is none we know."""
    text = text_of(heading)
    return _headings().get(_key(text)) or _headings().get(_key(REMARK.sub("", text)), "")


def recognise(sheets: Iterable[Sheet]) -> dict[str, Any]:
    """The layout of a file: for each roster sheet its header row, headings and columns; and the sheets left out, with why.

    Raises RosterRefused when no sheet has headings we know.
    """
    found, ignored = [], []
    for sheet in sheets:
        header = _header_row(sheet)
        if header is None:
            ignored.append({"name": sheet.name, "why": "没有找到“企业名称”“统一社会信用代码”这样的标题行,没有读取"})
        else:
            found.append(_layout(sheet, header))
    if not found:
        raise RosterRefused("没有找到标题行:前 30 行里要有一行写明“企业名称”“统一社会信用代码”等列名。请补上标题行后再上传。")
    return {"sheets": found, "ignored": ignored}


def _header_row(sheet: Sheet) -> int | None:
    best, place = 0, None
    for index, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        fields = {field_of(value) for value in row} - {""}
        if len(fields) > best and len(fields) >= LEAST_HEADINGS and fields & {"name", "credit_code"}:
            best, place = len(fields), index
    return place


def _layout(sheet: Sheet, header: int) -> dict[str, Any]:
    columns, seen = [], set()
    for heading in sheet.rows[header]:
        field = field_of(heading)
        columns.append("" if field in seen else field)
        seen.add(field)
    return {
        "name": sheet.name[:60],
        "header": header + 1,
        "lead": sheet.rows[:header],
        "headings": [text_of(heading) for heading in sheet.rows[header]],
        "columns": columns,
        "merged": sorted(n for n in sheet.merged if n > header + 1),
    }


def missing(columns: Iterable[str]) -> list[str]:
    """The names of the columns without which no row can be taken."""
    there = set(columns)
    return [labels()[field] for field in catalogue()["required"] if field not in there]
