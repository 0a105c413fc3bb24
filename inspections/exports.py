"""What a system of the district may be given: fields by code, each with our own heading and how it is read from a row."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from hazards.models import Hazard
from inspections.models import ExportLayout, Inspection, Order, machine

What = ExportLayout.What


@dataclass(frozen=True)
class Field:
    """One thing that can be a column."""

    code: str
    label: str
    read: Callable[[Any], Any]


def firm(path: str = "enterprise") -> tuple[Field, ...]:
    """The enterprise's own facts."""

    def of(row: Any) -> Any:
        return getattr(row, path)

    return (
        Field("firm", "企业名称", lambda row: of(row).name),
        Field("credit_code", "统一社会信用代码", lambda row: of(row).credit_code),
        Field("village", "村(社区)", lambda row: of(row).area.name),
        Field("address", "地址", lambda row: of(row).address),
        Field("sector", "行业", lambda row: of(row).sector.name if of(row).sector else ""),
    )


def officers(row: Any) -> str:
    """Names, the leading one first."""
    return "、".join(officer.user.name for officer in row.officers.all())


def certificates(row: Any) -> str:
    """The numbers shown when it began."""
    return "、".join(officer.certificate for officer in row.officers.all() if officer.certificate)


def lines(row: Order) -> str:
    """The order's lines, one under the other."""
    return "\n".join(f"{line.position + 1}. {line.description}" for line in row.lines.all())  # type: ignore[attr-defined]


FIELDS: dict[str, tuple[Field, ...]] = {
    What.INSPECTIONS: (
        Field("number", "检查编号", lambda row: row.paper_number or row.number),
        *firm(),
        Field("kind", "检查类型", lambda row: row.get_kind_display()),
        Field("organ", "检查单位", lambda row: row.organ_name),
        Field("basis", "检查依据和来由", lambda row: row.basis),
        Field("planned_on", "计划日期", lambda row: row.planned_on),
        Field("visited_on", "检查日期", lambda row: row.visited_on),
        Field("officers", "检查人员", officers),
        Field("certificates", "执法证号", certificates),
        Field("place", "检查场所", lambda row: row.place),
        Field("party", "现场负责人", lambda row: row.party_name),
        Field("findings", "发现问题数", lambda row: len(row.findings.all())),
        Field("orders", "下达指令数", lambda row: len(row.orders.all())),
        Field("state", "状态", lambda row: row.state_label),
        Field("reported_on", "报区日期", lambda row: row.reported_on),
        Field("closed_on", "办结日期", lambda row: row.closed_on),
        Field("is_carried", "纸质补录", lambda row: row.is_carried),
    ),
    What.ORDERS: (
        Field("number", "指令书文号", lambda row: row.printed_number),
        *firm(),
        Field("inspection", "检查编号", lambda row: row.inspection.number if row.inspection else ""),
        Field("issued_on", "制发日期", lambda row: row.issued_on),
        Field("served_on", "送达日期", lambda row: row.served_on),
        Field("lines", "责令整改内容", lines),
        Field("line_count", "整改项数", lambda row: len(row.lines.all())),
        Field("first_due_on", "原定期限", lambda row: row.first_due_on),
        Field("due_on", "整改期限", lambda row: row.due_on),
        Field("applied_on", "申请复查日期", lambda row: row.applied_on),
        Field("closed_on", "复查日期", lambda row: row.closed_on),
        Field("state", "状态", lambda row: row.state_label),
        Field("is_overdue", "是否逾期", lambda row: row.is_overdue()),
        Field("is_carried", "纸质补录", lambda row: row.is_carried),
    ),
    What.HAZARDS: (
        Field("number", "隐患编号", lambda row: row.number),
        Field("paper_number", "原纸质编号", lambda row: row.paper_number),
        *firm(),
        Field("inspection", "检查编号", lambda row: row.finding.inspection.number if hasattr(row, "finding") else ""),
        Field("found_on", "发现日期", lambda row: row.found_on),
        Field("found_by", "发现人", lambda row: row.found_by.name),
        Field("place", "位置", lambda row: row.place),
        Field("description", "情况描述", lambda row: row.description),
        Field("level", "级别", lambda row: row.get_level_display()),
        Field("basis", "依据", lambda row: row.basis),
        Field("due_on", "整改期限", lambda row: row.due_on),
        Field("ordered_by", "责令凭据", lambda row: row.ordered_by),
        Field("state", "状态", lambda row: row.state_label),
        Field("is_overdue", "是否逾期", lambda row: row.is_overdue()),
        Field("closed_on", "销案日期", lambda row: row.closed_on),
    ),
}
# The day by which rows are asked for.
DAY = {What.INSPECTIONS: "visited_on", What.ORDERS: "issued_on", What.HAZARDS: "found_on"}


def rows(what: str, user: Any, first: datetime.date | None, last: datetime.date | None) -> QuerySet[Any]:
    """What this user may see of it, made, issued or found in these days, the oldest first; in a fixed number of queries."""
    near = ("enterprise__area", "enterprise__sector")
    found: QuerySet[Any]
    if what == What.INSPECTIONS:
        found = Inspection.objects.for_user(user).filter(state__in=machine.VISITED).select_related(*near, "department")
        found = found.prefetch_related("officers__user", "findings", "orders")
    elif what == What.ORDERS:
        found = (
            Order.objects.for_user(user)
            .filter(issued_on__isnull=False)
            .select_related(*near, "document", "inspection")
            .prefetch_related("lines")
        )
    else:
        found = (
            Hazard.objects.for_user(user).filter(source=Hazard.Source.INSPECTION).select_related(*near, "found_by", "finding__inspection")
        )
    day = DAY[What(what)]
    if first:
        found = found.filter(**{f"{day}__gte": first})
    if last:
        found = found.filter(**{f"{day}__lte": last})
    return found.order_by(F(day).asc(), "pk")


def default_columns(what: str) -> list[list[str]]:
    """Every field under our own heading."""
    return [[field.code, field.label] for field in FIELDS[what]]


def readers(layout: ExportLayout) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """(heading, reader) of each column of a layout; a field that no longer exists is left out."""
    known = {field.code: field for field in FIELDS[layout.what]}
    return tuple((heading, known[code].read) for code, heading in layout.columns if code in known)
