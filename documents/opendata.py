"""Open data: the published rows as CSV, each column with its meaning."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from documents.models import Publication

# What a spreadsheet would read as a formula, wide forms included.
FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


class Column(NamedTuple):
    """A column of the open data: heading, meaning, and how it is read from a row."""

    name: str
    meaning: str
    read: Callable[[Publication], Any]


def shown(read: Callable[[Publication], Any]) -> Callable[[Publication], Any]:
    """Of what was withdrawn nothing but its number, kind, days and explanation."""
    return lambda row: read(row) if row.state == Publication.State.PUBLISHED else ""


COLUMNS = (
    Column("公示号", "本站给每条公示的编号,年份加五位流水号,不变、不重复", lambda p: p.number),
    Column("种类", "公示的种类,例如“行政处罚”", lambda p: p.get_kind_display()),
    Column("状态", "“公示中”或“已撤下”;到期的不再列出", lambda p: p.state_label),
    Column("标题", "公示的标题;已撤下的为空", shown(lambda p: p.title)),
    Column("当事人", "单位名称,个人的名字已隐去;没有当事人或已撤下的为空", shown(lambda p: p.party)),
    Column("文号", "依据的文书的编号,可在“文书查验”核对;没有文书或已撤下的为空", shown(lambda p: p.document.number if p.document else "")),
    Column("检查日期", "检查结果的检查日期,年-月-日;其他种类和已撤下的为空", shown(lambda p: p.inspected_on)),
    Column("公示日期", "开始公示的日期,年-月-日", lambda p: p.published_on),
    Column("公示到", "公示的最后一天,年-月-日", lambda p: p.expires_on),
    Column("正文", "公示的正文,个人信息已隐去;已撤下的为空", shown(lambda p: p.body)),
    Column("撤下日期", "撤下的日期,年-月-日;没有撤下的为空", lambda p: p.withdrawn_on),
    Column("撤下说明", "为什么撤下;没有撤下的为空", lambda p: p.explanation),
    Column("更正", "这一条更正的是哪一条,公示号;不是更正的为空", lambda p: p.corrects.number if p.corrects else ""),
    Column(
        "已由更正",
        "哪一条更正了这一条,公示号;没有更正的、更正又撤下的为空",
        lambda p: "、".join(one.number or "" for one in p.published_corrections if one.state != Publication.State.WITHDRAWN),
    ),
)


def cell(value: Any) -> str:
    """Text of one cell: never a formula."""
    text = value.isoformat() if isinstance(value, datetime.date) else str(value or "")
    return f"'{text}" if text.startswith(FORMULA) else text


class Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def csv_lines(rows: Iterable[Publication]) -> Iterator[str]:
    """The CSV line by line, with a byte order mark for spreadsheets."""
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + writer.writerow([column.name for column in COLUMNS])
    for row in rows:
        yield writer.writerow([cell(column.read(row)) for column in COLUMNS])
