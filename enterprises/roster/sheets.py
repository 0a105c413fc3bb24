"""Reading a roster file into sheets of plain values, within bounds."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from python_calamine import CalamineError, CalamineWorkbook

from enterprises.roster.parts import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    RosterRefused,
    safe_workbook,
    too_long_cell,
    too_many_columns,
    too_many_rows,
)

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")
NO_TABLE = "文件不是 xlsx,也不是文本表格(CSV)。请用 Excel 另存为“Excel 工作簿(.xlsx)”后再上传。"
UNSEEN = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
Value = str | int | float | bool | None


@dataclass
class Sheet:
    """One sheet: rows of values (dates as ISO text), and which rows lie in merged cells (1-based)."""

    name: str
    rows: list[list[Value]]
    merged: set[int] = field(default_factory=set)


def read_sheets(data: bytes, name: str) -> list[Sheet]:
    """All sheets of an xlsx or CSV; RosterRefused with a Chinese sentence for everything else."""
    if len(data) > settings.ROSTER_MAX_BYTES:
        raise RosterRefused(f"文件超过 {settings.ROSTER_MAX_BYTES // 1024 // 1024} MB,没有导入。请拆成几份再上传。")
    if not data:
        raise RosterRefused("文件是空的(0 字节)。")
    if data.startswith(OLD_EXCEL):
        raise RosterRefused("这是旧格式(.xls)或加了密码的工作簿。请用 Excel 或 WPS 另存为不加密的“Excel 工作簿(.xlsx)”后再上传。")
    if data.startswith(b"PK") or name.lower().endswith(".xlsx"):
        return _read_xlsx(data)
    if data.startswith(OTHERS):
        raise RosterRefused(NO_TABLE)
    return [_read_csv(data)]


def _read_xlsx(data: bytes) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_filelike(safe_workbook(data))
        return [_sheet(book, index, name) for index, name in enumerate(_told_apart(book.sheet_names))]
    except CalamineError as error:
        raise RosterRefused("工作簿打不开。请用 Excel 或 WPS 打开后另存为“Excel 工作簿(.xlsx)”再上传。") from error


def _told_apart(names: list[str]) -> list[str]:
    """The sheets' names, at most 60 characters, those used before with a number: a damaged workbook may use one twice."""
    found: list[str] = []
    for name in names:
        short, number = name[:60], 2
        while short in found:
            short, number = f"{name[:50]}({number})", number + 1
        found.append(short)
    return found


def _sheet(book: CalamineWorkbook, index: int, name: str) -> Sheet:
    sheet = book.get_sheet_by_index(index)
    rows = [[_plain(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    merged: set[int] = set()
    for (top, _left), (bottom, _right) in sheet.merged_cell_ranges or ():
        merged.update(range(top + 1, min(bottom + 1, len(rows)) + 1))
    return Sheet(name, rows, merged)


def _plain(value: Any) -> Value:
    """A value JSON and the database can hold: dates as ISO text, whole floats as int, text without control characters (a sheet writes them _x0000_)."""
    if isinstance(value, str):
        return value.translate(UNSEEN)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value if isinstance(value, int | float | bool) else None


def _read_csv(data: bytes) -> Sheet:
    text = _decoded(data)
    if "\0" in text:
        raise RosterRefused(NO_TABLE)
    rows: list[list[Value]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t" if text.split("\n", 1)[0].count("\t") > 2 else ","):
            _check_csv_row(row, len(rows))
            rows.append(list(row))
    except csv.Error as error:
        raise RosterRefused(f"CSV 第 {len(rows) + 1} 行读不懂,没有导入。请用 Excel 打开检查后另存为 xlsx 再上传。") from error
    return Sheet("CSV", rows)


def _check_csv_row(row: list[str], before: int) -> None:
    if before >= settings.ROSTER_MAX_ROWS + 100:
        raise too_many_rows()
    if len(row) > MAX_COLUMNS:
        raise too_many_columns()
    if any(len(value) > MAX_CELL_CHARS for value in row):
        raise too_long_cell()


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterRefused("文件不是 xlsx,文字编码也不是 UTF-8 或 GB18030。请用 Excel 另存为“Excel 工作簿(.xlsx)”后再上传。")
