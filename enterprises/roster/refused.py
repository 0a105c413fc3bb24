"""The rows that were refused, as a workbook in the layout they came in, with the reasons: to be corrected and sent again."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from core.xlsx import OPTIONS
from enterprises.models import RosterImport, RosterRow

REASON = "原因"


def refused_xlsx(roster: RosterImport) -> bytes:
    """Lead rows, headings and 原因, then the refused rows with their original cells; user text is never a formula."""
    out = io.BytesIO()
    rows = list(roster.rows.filter(verdict=RosterRow.Verdict.REFUSED).order_by("pk"))
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        for part in roster.layout["sheets"]:
            mine = [row for row in rows if row.sheet == part["name"]]
            if mine:
                _write(book.add_worksheet(part["name"][:31]), part, mine)
    return out.getvalue()


def _write(page: Any, part: dict[str, Any], rows: list[RosterRow]) -> None:
    width = len(part["headings"])
    for number, values in enumerate(part["lead"]):
        _line(page, number, values)
    header = part["header"] - 1
    _line(page, header, [*part["headings"], REASON])
    page.set_column(0, width - 1, 14)
    page.set_column(width, width, 60)
    for number, row in enumerate(rows, start=header + 1):
        reasons = [f"{m['heading']}:{m['text']}" for m in row.messages if m["kind"] == "refused"]
        _line(page, number, [*row.raw[:width], *[None] * (width - len(row.raw)), ";".join(reasons)])


def _line(page: Any, number: int, values: list[Any]) -> None:
    for column, value in enumerate(values):
        if isinstance(value, int | float) and not isinstance(value, bool):
            page.write_number(number, column, value)
        elif value not in (None, ""):
            page.write_string(number, column, str(value)[:32000])
