"""What the town may order: of whose powers, point by point, in whose name, until when at the latest (handbook §0.2)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable

from core import clock
from core.models import MoveRefused
from documents.models import Organ
from hazards.models import Hazard
from inspections.models.days import check_ahead
from inspections.models.findings import Finding
from inspections.models.law import PowerItem


def powers_over(on: datetime.date, findings: Iterable[Finding]) -> list[tuple[PowerItem, list[Finding]]]:
    """[(who holds the power to order on that day, which findings it is about)]; without findings that over all points."""
    named: dict[str, list[Finding]] = {}
    for row in findings:
        named.setdefault(row.item.point.code if row.item and row.item.point else "", []).append(row)
    return [(PowerItem.objects.holder_of(PowerItem.Kind.ORDER, on, code), rows) for code, rows in (named or {"": []}).items()]


def not_the_towns(on: datetime.date, findings: Iterable[Finding] = ()) -> str:
    """Which of these the town may not order, and to whom they are handed over, as a sentence; "" when it may order all."""
    held: dict[str, list[str]] = {}
    for power, rows in powers_over(on, findings):
        if power.holder == PowerItem.Holder.DISTRICT:
            held.setdefault(power.organ_name or "区县主管部门", []).extend(str(row) for row in rows)
    ways = [f"请移送{organ}{':' if names else ''}{'、'.join(names)}" for organ, names in held.items()]
    return f"镇没有责令改正的权限,{';'.join(ways)}。" if ways else ""


def town_may_order(on: datetime.date, findings: Iterable[Finding] = ()) -> Organ | None:
    """In whose name the town orders these on that day (None: its own); MoveRefused where the district holds the power, or two organs do."""
    rows = list(findings)
    if refused := not_the_towns(on, rows):
        raise MoveRefused(refused)
    organs = {power.organ for power, _ in powers_over(on, rows)}
    if len(organs) > 1:
        names = "、".join(sorted(organ.name if organ else "镇" for organ in organs))
        raise MoveRefused(f"这些问题的责令权限分属{names},一份文书只能用一个机关的名义,请分开拟制。")
    return organs.pop()


def organ_over(on: datetime.date, findings: Iterable[Finding]) -> Organ | None:
    """In whose name a paper about these is issued, which one power covers (`town_may_order`)."""
    return powers_over(on, findings)[0][0].organ


def check_day(on: datetime.date, due_on: datetime.date, findings: Collection[Finding]) -> None:
    """MoveRefused when the day is past or cannot be meant, or beyond the cap for general hazards (workflows §7); major ones follow their plan."""
    if due_on < on:
        raise MoveRefused("整改期限不能早于今天。")
    last = clock.due_on("inspection.order.max", on)
    if due_on > last and any(finding.hazard.level != Hazard.Level.MAJOR for finding in findings):
        raise MoveRefused(f"一般隐患的整改期限最长到 {last:%Y-%m-%d},请改短,或由企业到时申请延期。")
    check_ahead(due_on, on)
