"""What stands with us already beside the matters of a file: read in a few queries, however many they are."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from accounts.roles import MANAGERS
from core.models import DeadlineRule
from enterprises.models import Membership
from hazards.models import Hazard
from inspections.models import Inspection, Order, machine

Span = tuple[datetime.date, datetime.date | None]
Number = tuple[int, str]
STANDING = (Order.State.SERVED, Order.State.PENDING_RECHECK)
# The clocks that start on a day of a paper: the firm's request for more time and how much it may ask for, the re-check, the answer to a hazard.
ASK, MORE, RECHECK, DECIDE = "inspection.order.extend.before", "inspection.order.max", "inspection.recheck", "hazard.decide"


@dataclass(frozen=True)
class Ledger:
    """(firm, paper number) of what came in before, which of the orders stand or are about to be re-checked, who has an account, which rules there are."""

    visits: set[Number]
    orders: set[Number]
    standing: set[Number]
    rechecking: set[Number]
    hazards: set[tuple[int, str, str]]
    manned: set[int]
    rules: dict[str, list[Span]]

    @classmethod
    def of(cls, matters: Collection[Any]) -> Ledger:
        """Beside these matters."""
        firms = {one.enterprise.pk for one in matters}
        numbers = {one.number for one in matters} | {getattr(one, "order", "") for one in matters} - {""}
        here: dict[str, Any] = {"enterprise__in": firms, "paper_number__in": numbers}
        pair = ("enterprise_id", "paper_number")
        orders = list(Order.objects.filter(is_carried=True, **here).values_list(*pair, "state", "pk"))
        known = {pk: (firm, number) for firm, number, _, pk in orders}
        planned = Inspection.objects.filter(order__in=known, state__in=(*machine.BEFORE, machine.State.IN_PROGRESS))
        held = Membership.objects.current().filter(enterprise__in=firms, role__in=sorted(MANAGERS))
        rules: dict[str, list[Span]] = {}
        for code, first, last in DeadlineRule.objects.filter(code__in=(ASK, MORE, RECHECK, DECIDE)).values_list(
            "code", "effective_from", "effective_to"
        ):
            rules.setdefault(code, []).append((first, last))
        return cls(
            visits=set(Inspection.objects.filter(is_carried=True, **here).values_list(*pair)),
            orders=set(known.values()),
            standing={(firm, number) for firm, number, state, _ in orders if state in STANDING},
            rechecking={known[pk] for pk in planned.values_list("order", flat=True) if pk in known},
            hazards=set(Hazard.objects.filter(**here).values_list(*pair, "description")),
            manned=set(held.values_list("enterprise", flat=True)),
            rules=rules,
        )

    def why_no_clock(self, code: str, day: datetime.date) -> str:
        """Why no period of this rule can start on that day, with the first day that can; "" when one can."""
        spans = self.rules.get(code, [])
        if any(first <= day and (last is None or day <= last) for first, last in spans):
            return ""
        later = [first for first, _ in spans if first > day]
        if later:
            return f"{day.isoformat()} 太早,那时还没有计时的规则,最早可以补录 {min(later):%Y-%m-%d} 的。"
        return f"{day.isoformat()} 没有计时的规则,请管理员先补充时限规则。"
