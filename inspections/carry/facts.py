"""What one matter from paper says, whether it can stand, and the record it becomes: never numbered by us as a paper, clocks by its own dates."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import transaction

from accounts.roles import Role
from core.models import Counter, Event, MoveRefused
from enterprises.models import Enterprise
from enterprises.roster.cells import FORMULA
from hazards.models import Hazard
from inspections.carry.ledger import ASK, DECIDE, MORE, RECHECK, STANDING, Ledger
from inspections.models import Inspection, Order, OrderLine
from inspections.models.days import why_too_far
from inspections.models.orders import responsible_for

LABEL = "由纸质档案补录"
BASIS = 300
FIRST_YEAR = 2000


class Doubt(MoveRefused):
    """What speaks against a matter, and which of its fields says it."""

    def __init__(self, about: str, message: str) -> None:
        super().__init__(message)
        self.about = about


def why_not_day(day: datetime.date, today: datetime.date) -> str:
    """Why a day cannot be meant, in the file as on the page; "" when it can."""
    return "日期太早,请核对年份。" if day.year < FIRST_YEAR else why_too_far(day, today)


def why_not_text(text: str) -> str:
    """Why a text is none, in the file as on the page; "" when it is one."""
    return f"“{text[:20]}”以 = + - @ 开头,是公式不是文字。" if text.startswith(FORMULA) else ""


def check_fields(facts: Any, today: datetime.date) -> None:
    """Doubt at a field that cannot be meant, whichever door it came in by."""
    for name, value in ((one.name, getattr(facts, one.name)) for one in fields(facts)):
        if isinstance(value, datetime.date) and (why := why_not_day(value, today)):
            raise Doubt(name, why)
        if isinstance(value, str) and (why := why_not_text(value)):
            raise Doubt(name, why)


def not_after(day: datetime.date, last: datetime.date, about: str, words: str) -> None:
    """Doubt unless the days stand in this order."""
    if day > last:
        raise Doubt(about, words)


def check_clock(ledger: Ledger, code: str, day: datetime.date, about: str) -> None:
    """Doubt when no rule was in force that day: the clock could never be counted, and the pages of the record not be shown."""
    if why := ledger.why_no_clock(code, day):
        raise Doubt(about, why)


def alone(enterprise: Enterprise) -> None:
    """One writer of a firm's matters at a time: two who look at once would both find the number free. In the caller's transaction."""
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)


def story(row: Any, *, by: Any, on: datetime.date, lines: list[str]) -> None:
    """Its first entry."""
    Event.record(row, by=by, on=on, move="open", label=LABEL, states=("", row.state), data={"lines": lines})


@dataclass
class VisitFacts:
    """An inspection done on paper."""

    enterprise: Enterprise
    number: str
    done_on: datetime.date
    officers: str
    kind: str = Inspection.Kind.PLANNED.value
    note: str = ""

    @classmethod
    def of(cls, enterprise: Enterprise, given: dict[str, Any]) -> VisitFacts:
        """From cleaned cells."""
        return cls(enterprise, **given)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it the one and only."""
        return "inspection", self.enterprise.pk, self.number

    def check(self, today: datetime.date, ledger: Ledger) -> None:
        """Doubt when it lies ahead, or came in before."""
        check_fields(self, today)
        not_after(self.done_on, today, "done_on", "检查日期不能晚于今天;还没有去的,请直接安排检查。")
        if (self.enterprise.pk, self.number) in ledger.visits:
            raise Doubt("number", f"编号“{self.number}”的检查已经补录过。")

    def warning(self, ledger: Ledger) -> str:
        """Nothing to be said."""
        return ""

    def carry_in(self, *, by: Any, on: datetime.date) -> Inspection:
        """Done and closed on its day; it counts among the firm's visits of that year (R72)."""
        words = f"{self.note or '纸质检查'};检查人员:{self.officers}"[:BASIS]
        with transaction.atomic():
            alone(self.enterprise)
            self.check(on, Ledger.of([self]))
            row = Inspection.objects.create(
                number=f"BJ{on.year}-{Counter.take(f'carried-inspection:{on.year}'):06d}",
                enterprise=self.enterprise,
                department=by.membership.department if by.role == Role.DEPARTMENT else None,
                kind=self.kind,
                basis=words,
                planned_on=self.done_on,
                planned_by=by,
                visited_on=self.done_on,
                recorded_on=self.done_on,
                closed_on=self.done_on,
                state=Inspection.State.CLOSED,
                is_carried=True,
                paper_number=self.number,
            )
            story(row, by=by, on=on, lines=[f"原编号:{self.number}", f"检查日期:{self.done_on:%Y-%m-%d}", f"检查人员:{self.officers}"])
        return row


@dataclass
class OrderFacts:
    """An order issued and served on paper, standing or re-checked; its lines as (problem, requirement)."""

    enterprise: Enterprise
    number: str
    issued_on: datetime.date
    served_on: datetime.date
    due_on: datetime.date
    lines: list[tuple[str, str]] = field(default_factory=list)
    rechecked_on: datetime.date | None = None
    result: str = ""

    @classmethod
    def of(cls, enterprise: Enterprise, given: dict[str, Any]) -> OrderFacts:
        """From cleaned cells: one row is one line."""
        line = (given.pop("text"), given.pop("requirement", ""))
        return cls(enterprise, lines=[line], **given)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it the one and only."""
        return "order", self.enterprise.pk, self.number

    def check(self, today: datetime.date, ledger: Ledger) -> None:
        """Doubt when its dates contradict each other, one that stands began before its rules, or it came in before."""
        check_fields(self, today)
        for text in (text for line in self.lines for text in line):
            if why := why_not_text(text):
                raise Doubt("text", why)
        not_after(self.issued_on, self.served_on, "served_on", "送达日期早于制发日期。")
        not_after(self.served_on, today, "served_on", "送达日期不能晚于今天;还没有送达的,请先送达再补录。")
        not_after(self.served_on, self.due_on, "due_on", "送达日期晚于整改期限。")
        if bool(self.result) != bool(self.rechecked_on):
            raise Doubt("rechecked_on", "复查日期和复查结果要么都填,要么都不填。")
        if self.rechecked_on:
            not_after(self.served_on, self.rechecked_on, "rechecked_on", "复查日期早于送达日期。")
            not_after(self.rechecked_on, today, "rechecked_on", "复查日期不能晚于今天。")
        else:
            check_clock(ledger, ASK, self.served_on, "served_on")
            check_clock(ledger, RECHECK, self.due_on, "due_on")
            check_clock(ledger, MORE, self.due_on, "due_on")
        if (self.enterprise.pk, self.number) in ledger.orders:
            raise Doubt("number", f"文号“{self.number}”的指令已经补录过。")

    def agree(self, other: OrderFacts) -> None:
        """Take up another row of the same order as a line more; Doubt when the two contradict each other."""
        for name in ("issued_on", "served_on", "due_on", "rechecked_on", "result"):
            if getattr(self, name) != getattr(other, name):
                raise Doubt(name, f"与同一文号“{self.number}”前面的行日期或复查结果不一致。")
        if other.lines[0] in self.lines:
            raise Doubt("text", "与同一文号前面的行内容相同。")
        self.lines += other.lines

    def warning(self, ledger: Ledger) -> str:
        """A failed re-check wants another disposal."""
        return "复查不合格的指令写入后不再计时,请另行安排检查处理。" if self.result == "failed" else ""

    @property
    def state(self) -> str:
        """Where it stands: with the firm until its day, or re-checked."""
        return {"passed": Order.State.PASSED, "failed": Order.State.FAILED}.get(self.result, Order.State.SERVED).value

    def carry_in(self, *, by: Any, on: datetime.date) -> Order:
        """With its own number and days; past its day it falls due with all others (R43)."""
        with transaction.atomic():
            alone(self.enterprise)
            self.check(on, Ledger.of([self]))
            row = Order.objects.create(
                number=f"BZ{on.year}-{Counter.take(f'carried-order:{on.year}'):06d}",
                enterprise=self.enterprise,
                drafted_by=by,
                issued_on=self.issued_on,
                served_on=self.served_on,
                due_on=self.due_on,
                first_due_on=self.due_on,
                closed_on=self.rechecked_on,
                state=self.state,
                is_carried=True,
                paper_number=self.number,
            )
            result = {"passed": OrderLine.Result.DONE, "failed": OrderLine.Result.NOT}.get(self.result, "")
            rows = [
                OrderLine(order=row, position=position, description=text, requirement=wanted, result=result)
                for position, (text, wanted) in enumerate(self.lines)
            ]
            OrderLine.objects.bulk_create(rows)
            days = f"制发 {self.issued_on:%Y-%m-%d},送达 {self.served_on:%Y-%m-%d},期限 {self.due_on:%Y-%m-%d}"
            story(row, by=by, on=on, lines=[f"原文号:{self.number}", days, f"{len(rows)} 项"])
        return row


@dataclass
class HazardFacts:
    """A hazard standing on paper, under an order or by itself."""

    enterprise: Enterprise
    number: str
    found_on: datetime.date
    due_on: datetime.date
    place: str
    text: str
    level: str = Hazard.Level.NORMAL.value
    order: str = ""

    @classmethod
    def of(cls, enterprise: Enterprise, given: dict[str, Any]) -> HazardFacts:
        """From cleaned cells."""
        return cls(enterprise, **given)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it the one and only: a paper may hold several."""
        return "hazard", self.enterprise.pk, self.number, self.text

    def check(self, today: datetime.date, ledger: Ledger) -> None:
        """Doubt when its days contradict each other, it was found before its rule, or it came in before."""
        check_fields(self, today)
        not_after(self.found_on, today, "found_on", "发现日期不能晚于今天。")
        not_after(self.found_on, self.due_on, "due_on", "整改期限早于发现日期。")
        check_clock(ledger, DECIDE, self.found_on, "found_on")
        if (self.enterprise.pk, self.number, self.text) in ledger.hazards:
            raise Doubt("number", f"编号“{self.number}”的这条隐患已经补录过。")

    def check_order(self, ledger: Ledger, of_file: Collection[tuple[int, str]] = ()) -> None:
        """Doubt when the order it names neither stands with us nor in the same file, or is about to be re-checked: nothing would ever close it."""
        named = (self.enterprise.pk, self.order)
        if self.order and named not in of_file and named not in ledger.standing:
            raise Doubt("order", f"没有文号“{self.order}”的在办指令,请先补录指令,或把文号留空。")
        if named in ledger.rechecking:
            raise Doubt("order", f"文号“{self.order}”的指令已经安排了复查,复查里没有这一条。请先取消复查再补录,或把文号留空。")

    @property
    def order_row(self) -> Order | None:
        """The standing order from paper that it names."""
        rows = Order.objects.filter(enterprise=self.enterprise, is_carried=True, paper_number=self.order)
        return rows.filter(state__in=STANDING).first()

    def warning(self, ledger: Ledger) -> str:
        """Without an order and without anybody of the firm its day is a proposal only."""
        if self.order or self.enterprise.pk in ledger.manned:
            return ""
        return "没有责令整改文号,企业也没有账号:期限先作建议期限,企业受理后才计时。"

    def carry_in(self, *, by: Any, on: datetime.date) -> Hazard:
        """Found by the town on its day, the firm's to correct until its day; under an order it is closed by the order's re-check."""
        with transaction.atomic():
            alone(self.enterprise)
            ledger = Ledger.of([self])
            self.check(on, ledger)
            self.check_order(ledger)
            row = Hazard.report(
                by=by,
                on=self.found_on,
                enterprise=self.enterprise,
                source=Hazard.Source.INSPECTION,
                level=self.level,
                place=self.place,
                description=self.text,
                proposed_due_on=self.due_on,
                paper_number=self.number,
            )
            rectifier = responsible_for(self.enterprise)
            if self.order or rectifier:
                note = f"{LABEL},原编号 {self.number}"
                row.order_fix(by=by, on=on, due_on=self.due_on, ordered_by=self.order, rectifier=rectifier, note=note)
            self._hang_on_order(row)
        return row

    def _hang_on_order(self, row: Hazard) -> None:
        """Tie it to the line of its carried order that says the same, else as a line more, so that the re-check closes it."""
        order = self.order_row if self.order else None
        if order is None:
            return
        line = order.lines.filter(description=self.text, hazard=None).first()  # type: ignore[attr-defined]
        if line is None:
            order.lines.create(position=order.lines.count(), description=self.text, hazard=row)  # type: ignore[attr-defined]
        else:
            OrderLine.objects.filter(pk=line.pk).update(hazard=row)
