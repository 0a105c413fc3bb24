"""xlsx out: user text is always text, never a formula."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_YEAR = 1900  # a spreadsheet counts its days from then on; an earlier day is text
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_xlsx(headings: Iterable[str], rows: Iterable[Iterable[Any]], *, sheet: str = "Sheet1") -> bytes:
    """A workbook with one sheet: a bold frozen heading row and the rows beneath it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        page = book.add_worksheet(sheet[:31])
        formats = {"date": book.add_format({"num_format": "yyyy-mm-dd"}), "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"})}
        bold = book.add_format({"bold": True})
        headings = list(headings)
        for column, heading in enumerate(headings):
            page.write_string(0, column, heading, bold)
            page.set_column(column, column, max(10, min(40, len(heading) * 2 + 4)))
        page.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(page, number, column, value, formats)
        if headings:
            page.autofilter(0, 0, 0, len(headings) - 1)
    return out.getvalue()


def _write(page: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(row, column, "是" if value else "否")
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    elif isinstance(value, datetime.datetime):
        page.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None), formats["time"])
    elif isinstance(value, datetime.date) and value.year >= FIRST_YEAR:
        page.write_datetime(row, column, value, formats["date"])
    else:
        page.write_string(row, column, str(value)[:32000])


def xlsx_response(name: str, columns: Iterable[tuple[str, Callable[[Any], Any]]], rows: Iterable[Any]) -> HttpResponse:
    """A download of rows under named columns."""
    columns = tuple(columns)
    data = write_xlsx([heading for heading, _ in columns], ([read(row) for _, read in columns] for row in rows))
    return file_response(data, f"{name}.xlsx")


def file_response(data: bytes, name: str, media_type: str = MEDIA_TYPE) -> HttpResponse:
    """Bytes as a download with a Chinese file name."""
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response
