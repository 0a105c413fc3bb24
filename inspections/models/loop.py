"""The three-part loop: 检查诊断 → 行政处罚 → 整改复查 on one page, closed when each part is complete or expressly not applicable (R70)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from core import clock
from core.models import Event, MoveRefused, Stateful
from hazards.models import Hazard
from inspections.models import machine
from inspections.models.findings import Finding, Violation


@dataclass(frozen=True)
class Part:
    """One of the three parts: how it stands, in a word and a sentence."""

    code: str
    name: str
    is_complete: bool
    words: str
    is_waived: bool = False


class Loop(Stateful):
    """What follows a recorded visit, until it is closed."""

    number: Any
    recorded_on: Any

    report_by_on = models.DateField("报区期限", null=True, blank=True)
    reported_on = models.DateField("报区日期", null=True, blank=True)
    report_how = models.CharField("报区方式", max_length=100, blank=True)
    penalty_waiver = models.CharField("不涉及处罚的理由", max_length=300, blank=True)
    recheck_waiver = models.CharField("不需要复查的理由", max_length=300, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)

    class Meta:
        abstract = True

    # The three parts

    def parts(self) -> list[Part]:
        """The three parts in their order."""
        return [self._diagnosis(), self._penalty(), self._recheck()]

    def _diagnosis(self) -> Part:
        if self.recorded_on is None:
            return Part("diagnosis", "检查诊断", False, "检查记录还没有签完。")
        rows = Finding.objects.filter(inspection_id=self.pk)
        open_ones, total = rows.undisposed().count(), rows.count()
        if open_ones:
            return Part("diagnosis", "检查诊断", False, f"还有 {open_ones} 个问题没有处置。")
        # Sent, it may come back, and its problems then need another disposal: only the receipt ends it.
        if waiting := [f"{row}({row.state_label})" for row in self.transfers.filter(state__in=("draft", "sent"))]:  # type: ignore[attr-defined]
            return Part("diagnosis", "检查诊断", False, f"{'、'.join(waiting)}:对方登记接收以后才能办结。")
        return Part("diagnosis", "检查诊断", True, f"发现 {total} 个问题,都有处置。" if total else "没有发现问题。")

    def _penalty(self) -> Part:
        rows = Violation.objects.filter(finding__inspection_id=self.pk)
        open_ones, total = rows.open().count(), rows.count()
        if open_ones:
            return Part("penalty", "行政处罚", False, f"{open_ones} 个违法行为还没有处理结果。")
        if total:
            return Part("penalty", "行政处罚", True, f"{total} 个违法行为都有处理结果。")
        if not Finding.objects.filter(inspection_id=self.pk).exists():
            return Part("penalty", "行政处罚", self.recorded_on is not None, "没有发现问题,不涉及处罚。", is_waived=True)
        if self.penalty_waiver:
            return Part("penalty", "行政处罚", True, f"不适用:{self.penalty_waiver}", is_waived=True)
        return Part("penalty", "行政处罚", False, "发现了问题但没有登记违法行为,请注明不涉及处罚的理由。")

    def _recheck(self) -> Part:
        orders = [row for row in self.orders.all() if row.state != machine.OrderState.CANCELLED]  # type: ignore[attr-defined]
        measures = [row for row in self.measures.all() if row.state != machine.MeasureState.CANCELLED]  # type: ignore[attr-defined]
        waiting = [row for row in orders if not row.is_settled] + [row for row in measures if row.state != machine.MeasureState.RELEASED]
        if waiting:
            return Part("recheck", "整改复查", False, f"还有 {len(waiting)} 件没有办完:{'、'.join(str(row) for row in waiting[:3])}。")
        if orders or measures:
            return Part("recheck", "整改复查", True, f"{len(orders)} 份指令、{len(measures)} 项现场措施都已办完。")
        findings = Finding.objects.filter(inspection_id=self.pk)
        if not findings.exclude(disposal="on_spot").exists():
            words = "问题都已当场改正并拍照。" if findings.exists() else "没有发现问题,不需要复查。"
            return Part("recheck", "整改复查", self.recorded_on is not None, words, is_waived=True)
        if self.recheck_waiver:
            return Part("recheck", "整改复查", True, f"不适用:{self.recheck_waiver}", is_waived=True)
        return Part("recheck", "整改复查", False, "有问题没有责令整改,请注明不需要复查的理由。")

    # Who may not

    def guard_dispose(self, by: Any) -> str:
        """Every problem has gone somewhere."""
        rows = Finding.objects.filter(inspection_id=self.pk).undisposed()
        names = [str(row) for row in rows.order_by("number")[:3]]
        return f"还有问题没有处置:{'、'.join(names)}。" if names else ""

    def guard_report_district(self, by: Any) -> str:
        """Something is owed, once."""
        if self.report_by_on is None:
            return "没有需要报区的违法行为或重大隐患。"
        return "已经登记过报区。" if self.reported_on else ""

    def guard_close(self, by: Any) -> str:
        """Each part complete or expressly not applicable, and the district told."""
        open_parts = [f"{part.name}:{part.words}" for part in self.parts() if not part.is_complete]
        if open_parts:
            return f"三部曲还没有走完。{''.join(open_parts)}"
        return "还没有报区。" if self.report_by_on and not self.reported_on else ""

    # Verbs

    def owe_district_report(self, on: datetime.date) -> None:
        """Start the district's clock when the record holds a violation or what may be a major hazard (渝条例2015 §35); in the caller's transaction."""
        found = Finding.objects.filter(inspection_id=self.pk)
        if found.filter(models.Q(hazard__level=Hazard.Level.MAJOR) | models.Q(violation__isnull=False)).exists():
            self.report_by_on = clock.due_on("inspection.report.district", on)
            type(self)._base_manager.filter(pk=self.pk).update(report_by_on=self.report_by_on)

    def dispose(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Every problem has its disposal; with an order or a measure standing the visit goes on to the follow-up."""
        with transaction.atomic():
            self._move("dispose", by=by, on=on, note=note)
            if self.orders.exclude(state="cancelled").exists() or self.measures.exclude(state="cancelled").exists():  # type: ignore[attr-defined]
                self.follow_up(by=by, on=on)

    def follow_up(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows `dispose` where an order or a measure stands."""
        self._move("follow_up", by=by, on=on, note=note)

    def report_district(self, *, by: Any, on: datetime.date, how: str, note: str = "", reported_on: datetime.date | None = None) -> None:
        """The district was told: how, and when (渝条例2015 §35); late is seen from the dates. A corrected report keeps its first day."""
        told: dict[str, Any] = {"data": {"lines": [how]}, "audience": Event.Audience.TOWN}
        self._move("report_district", by=by, on=on, note=note, **told, reported_on=reported_on or on, report_how=how)

    def lose_report(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The report's paper was voided: the district is still to be told."""
        self._move("lose_report", by=by, on=on, note=note, audience=Event.Audience.TOWN, reported_on=None, report_how="")

    def waive_part(self, *, by: Any, on: datetime.date, part: str, note: str) -> None:
        """Say expressly that a part does not apply, and why; not against what stands in the record."""
        if part not in ("penalty", "recheck"):
            raise MoveRefused("检查诊断不能注明不适用。")
        now = next(one for one in self.parts() if one.code == part)
        has_rows = (
            Violation.objects.filter(finding__inspection_id=self.pk).exists()
            if part == "penalty"
            else self.orders.exclude(state="cancelled").exists() or self.measures.exclude(state="cancelled").exists()  # type: ignore[attr-defined]
        )
        if has_rows or now.is_complete:
            raise MoveRefused(f"“{now.name}”不能注明不适用:{now.words}")
        lines = [f"{now.name}不适用"]
        self._move(
            "waive_part", by=by, on=on, note=note, data={"lines": lines}, audience=Event.Audience.TOWN, **{f"{part}_waiver": note[:300]}
        )

    def close(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Done: the loop is whole (R70)."""
        self._move("close", by=by, on=on, note=note, closed_on=on)
