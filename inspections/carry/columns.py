"""Which sheet holds what, and which column means what; by the catalogue's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.catalogue import read_yaml
from enterprises.roster.columns import text_of
from enterprises.roster.parts import RosterRefused
from enterprises.roster.sheets import Sheet

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "carry_columns.yaml"
HEADER_WITHIN = 10
PUNCTUATION = re.compile(r"[\s()\[\]【】、,,;;::.。*★\-_]+")
KINDS = ("inspection", "order", "hazard")


@dataclass(frozen=True)
class Layout:
    """A recognised sheet: what it holds, its header row (1-based), and the index of each field's column."""

    what: str
    sheet: Sheet
    header: int
    columns: dict[str, int]
    headings: list[str]


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Any]:
    """The words, as data."""
    return read_yaml(CATALOGUE)


def fields(what: str) -> list[dict[str, Any]]:
    """The columns of a kind, in the order of its template."""
    found: list[dict[str, Any]] = catalogue()[what]["fields"]
    return found


def labels(what: str) -> list[str]:
    """The headings of the template."""
    return [field["label"] for field in fields(what)]


def meaning(table: str, text: str) -> str:
    """Our code for a word, "" for one we do not know."""
    return next((code for code, words in catalogue()["words"][table].items() if text in words), "")


def recognise(sheets: list[Sheet]) -> tuple[list[Layout], list[dict[str, str]]]:
    """(the sheets that hold something, those left out and why); RosterRefused when none does."""
    found, ignored = [], []
    for sheet in sheets:
        layout, lacking = _best(sheet)
        if layout is not None:
            found.append(layout)
        elif any(text_of(value) for row in sheet.rows for value in row):
            why = f"缺少列:{'、'.join(lacking)}" if lacking else "没有找到标题行"
            ignored.append({"name": sheet.name, "why": f"{why},没有读取"})
    if not found:
        why = ";".join(f"工作表“{one['name']}”{one['why']}" for one in ignored) or "文件里没有内容"
        raise RosterRefused(f"没有可以补录的工作表:{why}。请下载模板,按模板的列填写。")
    return found, ignored


def _best(sheet: Sheet) -> tuple[Layout | None, list[str]]:
    """The kind and row that fit the sheet's headings best; else what the nearest kind lacks."""
    best: tuple[int, list[str]] = (1, [])
    for index, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        headings = [text_of(value) for value in row]
        layouts = [(what, _columns(what, headings)) for what in KINDS]
        whole = [(len(columns), what, columns) for what, columns in layouts if not _lacking(what, columns)]
        if whole:
            _, what, columns = max(whole, key=lambda one: one[0])
            return Layout(what, sheet, index + 1, columns, headings), []
        what, columns = max(layouts, key=lambda one: len(one[1]))
        if len(columns) > best[0]:
            best = (len(columns), _lacking(what, columns))
    return None, best[1]


def _columns(what: str, headings: list[str]) -> dict[str, int]:
    known = {_key(word): field["field"] for field in fields(what) for word in [*field["headings"], field["label"]]}
    found: dict[str, int] = {}
    for index, heading in enumerate(headings):
        if field := known.get(_key(heading)):
            found.setdefault(field, index)
    return found


def _lacking(what: str, columns: dict[str, int]) -> list[str]:
    lacking = [field["label"] for field in fields(what) if field.get("required") and field["field"] not in columns]
    return lacking if {"firm", "code"} & set(columns) else ["企业名称或统一社会信用代码", *lacking]


def _key(text: str) -> str:
    return PUNCTUATION.sub("", text)
