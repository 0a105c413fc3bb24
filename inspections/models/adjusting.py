"""What stands in a plan, while it is drafted and, by adjustments, while it is executed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.db import models, transaction

from core.models import Event, MoveRefused, Stateful
from inspections.models.adjustments import PlanAdjustment, PlanChange
from inspections.models.plan_items import TOWN, ItemFacts, PlanItem
from inspections.models.plan_law import ADJUST, PlanLimit
from inspections.models.plan_machine import ItemState, PlanState

SHOWN_LINES = 8
NONE_WAITS = "没有待批准的调整。"
STALE = "在您填写的时候,这份计划已经变了,还没有保存。请刷新后再试。"


class Adjusting(Stateful):
    """A plan's items: written at once in a draft, collected in an adjustment later on."""

    items: Any
    adjustments: Any
    approved_visits: Any
    musts: Any
    why_not_mine: Any

    class Meta:
        abstract = True

    @property
    def can_change(self) -> bool:
        """Whether items may be added and taken out: at once, or by an adjustment."""
        return self.state in (PlanState.DRAFT, PlanState.FILED)

    @property
    def open_adjustment(self) -> PlanAdjustment | None:
        """The one being put together or waiting for the leader."""
        found: PlanAdjustment | None = self.adjustments.undecided().first()
        return found

    def changed(self, move: str, label: str, lines: Sequence[str], *, by: Any, on: datetime.date, states: Any = (PlanState.DRAFT,)) -> None:
        """Bump the version of the plan as it was read, and tell it; MoveRefused when somebody was faster. In the caller's transaction."""
        rows = type(self)._base_manager.filter(pk=self.pk, version=self.version, state__in=states)
        if not rows.update(version=models.F("version") + 1):
            self.refresh_from_db(fields=["state", "version"])
            raise MoveRefused(STALE if self.state in states else f"现在是“{self.state_label}”,不能改计划内容。")
        self.version += 1
        shown = [*lines[:SHOWN_LINES], *([f"……共 {len(lines)} 条"] if len(lines) > SHOWN_LINES else [])]
        Event.record(self, by=by, on=on, move=move, label=label, data={"lines": shown}, audience=TOWN)

    # Items

    def add_items(self, given: Sequence[ItemFacts], *, by: Any, on: datetime.date) -> int:
        """Into the draft at once, into an executing plan by the adjustment being put together; how many.

        MoveRefused with the names of firms that stand there already from the same month on.
        """
        lines = [f"{facts.name}({facts.months})" for facts in given]
        with transaction.atomic():
            if self.state == PlanState.FILED:
                self.changed("plan_change", "拟增加计划项", lines, by=by, on=on, states=(PlanState.FILED,))
                adjustment = self._collecting(by)
                self._refuse_known(given, adjustment)
                if bare := [facts.name for facts in given if not facts.why]:
                    raise MoveRefused(f"调整计划要写明理由:{'、'.join(bare[:3])}。")
                rows = [PlanChange(adjustment=adjustment, what=PlanChange.What.ADD, **facts.fields()) for facts in given]
                return len(PlanChange.objects.bulk_create(rows))
            self.changed("add_items", "加入计划项", lines, by=by, on=on)
            self._refuse_known(given, None)
            made = [PlanItem(plan_id=self.pk, state=ItemState.PLANNED, **facts.fields()) for facts in given]
            return len(PlanItem.open_many(made, by=by, on=on))

    def _collecting(self, by: Any) -> PlanAdjustment:
        found = self.open_adjustment
        return found or PlanAdjustment.objects.create(plan_id=self.pk, number=self.adjustments.count() + 1, proposed_by=by)

    def _refuse_known(self, given: Sequence[ItemFacts], adjustment: PlanAdjustment | None) -> None:
        changes: Any = adjustment.changes if adjustment else PlanChange.objects.none()  # type: ignore[attr-defined]
        rows = self.items.live().exclude(pk__in=changes.filter(what=PlanChange.What.CANCEL).values("item"))
        known = set(rows.exclude(enterprise=None).values_list("enterprise", "from_month"))
        known |= set(changes.filter(what=PlanChange.What.ADD).exclude(enterprise=None).values_list("enterprise", "from_month"))
        twice = []
        for facts in given:
            if facts.enterprise is None:
                continue
            key = (facts.enterprise.pk, facts.from_month)
            twice += [facts.name] if key in known else []
            known.add(key)
        if twice:
            raise MoveRefused(f"已经在计划里(同一起月):{'、'.join(twice[:5])}{f'等 {len(twice)} 家' if len(twice) > 5 else ''}。")

    def change_item(self, item: PlanItem, facts: ItemFacts, *, by: Any, on: datetime.date) -> None:
        """Other months, reasons or another count, in the draft."""
        with transaction.atomic():
            self.changed("change_item", "修改计划项", [f"{item} → {facts.name}({facts.months})"], by=by, on=on)
            if (
                item.enterprise_id
                and self.items.live().exclude(pk=item.pk).filter(enterprise=item.enterprise_id, from_month=facts.from_month).exists()
            ):
                raise MoveRefused(f"{item.name}已经有从 {facts.from_month} 月起的计划项。")
            PlanItem.objects.filter(pk=item.pk, plan=self.pk).update(**facts.fields(), version=models.F("version") + 1)

    def drop_item(self, item: PlanItem, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Out of the draft at once; of an executing plan its cancellation is put into the adjustment, with its reason."""
        with transaction.atomic():
            if self.state != PlanState.FILED:
                self.changed("drop_item", "移出计划项", [f"{item} {note}".strip()], by=by, on=on)
                PlanItem.objects.filter(pk=item.pk, plan=self.pk, state=ItemState.PLANNED).delete()
                return
            if item.state != ItemState.PLANNED:
                raise MoveRefused(f"{item.name}现在是“{item.state_label}”,不能取消。")
            if reason := item.guard("cancel", by):
                raise MoveRefused(reason)
            if not note:
                raise MoveRefused("取消计划项要写明理由。")
            self.changed("plan_change", "拟取消计划项", [f"{item}:{note}"], by=by, on=on, states=(PlanState.FILED,))
            adjustment = self._collecting(by)
            names = ("enterprise", "segment", "count", "from_month", "to_month")
            known = {name: getattr(item, name) for name in names}
            rows = PlanChange.objects.filter(adjustment=adjustment, item=item)
            if not rows.exists():
                PlanChange.objects.create(adjustment=adjustment, what=PlanChange.What.CANCEL, item=item, why=note, **known)

    def drop_change(self, change: PlanChange, *, by: Any, on: datetime.date) -> None:
        """Out of the adjustment being put together; not a cancellation that makes room for an item it adds from the same month on."""
        with transaction.atomic():
            self.changed("drop_change", "撤回拟调整内容", [change.words], by=by, on=on, states=(PlanState.FILED,))
            again = PlanChange.objects.filter(adjustment=change.adjustment_id, what=PlanChange.What.ADD, from_month=change.from_month)
            if change.what == PlanChange.What.CANCEL and change.enterprise_id and again.filter(enterprise=change.enterprise_id).exists():
                raise MoveRefused(f"{change.facts.name}在这次调整里又从 {change.from_month} 月起增加了一项,请先去掉增加的那一项。")
            PlanChange.objects.filter(pk=change.pk, adjustment__plan=self.pk, adjustment__proposed_on=None).delete()

    @property
    def refused_last(self) -> PlanAdjustment | None:
        """The newest adjustment when the leader did not agree to it and nothing is being put together since; else None."""
        now, last = self.open_adjustment, self.adjustments.exclude(decided_on=None).order_by("number").last()
        is_free = self.state == PlanState.FILED and (now is None or not now.changes.exists())  # type: ignore[attr-defined]
        return last if is_free and last is not None and last.is_refused else None

    def take_up_refused(self, *, by: Any, on: datetime.date) -> list[str]:
        """Its lines go into a new adjustment, to be changed and proposed again; gives the names of what was scheduled meanwhile and is left out.

        MoveRefused when there is none to take up.
        """
        with transaction.atomic():
            refused = self.refused_last
            if refused is None:
                raise MoveRefused("没有可以沿用的调整内容,请刷新后查看。")
            lines = list(refused.changes.select_related("enterprise", "item"))  # type: ignore[attr-defined]
            gone = [line for line in lines if line.what == PlanChange.What.CANCEL and line.item.state != ItemState.PLANNED]
            kept = [line for line in lines if line not in gone]
            self.changed("plan_change", "沿用没有批准的调整内容", [line.words for line in kept], by=by, on=on, states=(PlanState.FILED,))
            adjustment = self._collecting(by)
            for line in sorted(kept, key=lambda one: one.what == PlanChange.What.ADD):  # what is cancelled makes room first
                is_added = line.what == PlanChange.What.ADD
                if is_added:
                    self._refuse_known([line.facts], adjustment)
                item = None if is_added else line.item
                PlanChange.objects.create(adjustment=adjustment, what=line.what, item=item, **line.facts.fields())
        return [line.facts.name for line in gone]

    # Adjustments

    def changed_visits(self) -> int:
        """How many visits changed by adjustments in force since the leader approved last."""
        rows = self.adjustments.in_force()
        last = rows.filter(needs_approval=True).order_by("-number").values_list("number", flat=True).first() or 0
        found = PlanChange.objects.filter(adjustment__in=rows.filter(number__gt=last)).aggregate(n=models.Sum("count"))["n"]
        return int(found or 0)

    def weighed(self, adjustment: PlanAdjustment, on: datetime.date) -> tuple[int, int, bool]:
        """(visits changed since the approval with this one, the limit in percent, whether the leader must approve anew: past it, or without a firm that must be visited)."""
        own = adjustment.changes.aggregate(n=models.Sum("count"))["n"] or 0  # type: ignore[attr-defined]
        changed, limit = self.changed_visits() + own, PlanLimit.objects.value_on(ADJUST, on, 0)
        is_over = changed * 100 > limit * self.approved_visits
        return changed, limit, is_over or bool(self.dropped_musts(adjustment, on))

    def dropped_musts(self, adjustment: PlanAdjustment, on: datetime.date) -> list[str]:
        """The firms the plan must hold that no item would name any more: their last visit is not cancelled without the leader (R50, R64)."""
        changes: Any = adjustment.changes  # type: ignore[attr-defined]
        cancelled = changes.filter(what=PlanChange.What.CANCEL)
        gone = set(cancelled.exclude(enterprise=None).values_list("enterprise", flat=True))
        if not gone:
            return []
        gone -= set(self.items.live().exclude(pk__in=cancelled.values("item")).values_list("enterprise", flat=True))
        gone -= set(changes.filter(what=PlanChange.What.ADD).values_list("enterprise", flat=True))
        return [must.enterprise.name for must in self.musts(on) if must.enterprise.pk in gone]

    def guard_propose_adjustment(self, by: Any) -> str:
        """Its own unit, with something to change that can still be changed."""
        if reason := self.why_not_mine(by):
            return reason
        adjustment = self.open_adjustment
        if adjustment is None or not adjustment.changes.exists():  # type: ignore[attr-defined]
            return "还没有要调整的内容,请先增加或取消计划项。"
        return self._why_not_in_force(adjustment)

    def guard_approve_adjustment(self, by: Any) -> str:
        """Another person than who proposed it, and what is to be cancelled was not scheduled meanwhile."""
        adjustment = self.open_adjustment
        if adjustment is None:
            return NONE_WAITS
        if by == adjustment.proposed_by:
            return "计划调整不能由提出人自己批准。"
        return self._why_not_in_force(adjustment)

    def _why_not_in_force(self, adjustment: PlanAdjustment) -> str:
        rows = adjustment.changes.filter(what=PlanChange.What.CANCEL).exclude(item__state=ItemState.PLANNED)  # type: ignore[attr-defined]
        names = [change.facts.name for change in rows.select_related("enterprise")]
        what_now = "请先从调整里去掉。" if self.state == PlanState.FILED else "请不同意这次调整,由提出的单位改好后再提。"
        return f"要取消的计划项已经安排或办完:{'、'.join(names[:5])}。{what_now}" if names else ""

    def _proposed(self) -> PlanAdjustment:
        """The adjustment that waits; MoveRefused when there is none."""
        found: PlanAdjustment | None = self.adjustments.undecided().exclude(proposed_on=None).first()
        if found is None:
            raise MoveRefused(NONE_WAITS)
        return found

    def propose_adjustment(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Effective at once while `weighed` does not ask for the leader's approval, else for the leader to approve (workflows §5)."""
        adjustment = self.open_adjustment
        if adjustment is None or self.state not in self.MOVES["propose_adjustment"].sources:
            self._move("propose_adjustment", by=by, on=on, note=note, audience=TOWN)
            return
        changed, _, is_over = self.weighed(adjustment, on)
        facts = {"changed": changed, "approved": self.approved_visits, "needs_approval": is_over, "reason": note}
        with transaction.atomic():
            PlanAdjustment.objects.filter(pk=adjustment.pk).update(proposed_by=by, proposed_on=on, **facts)
            told: dict[str, Any] = {"data": {"lines": [str(adjustment), *adjustment.lines()]}, "audience": TOWN}
            self._move("propose_adjustment", by=by, on=on, note=note, **told)
            if not is_over:
                self.settle_adjustment(by=by, on=on)

    def settle_adjustment(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows `propose_adjustment` within the limit: effective at once."""
        with transaction.atomic():
            self._move("settle_adjustment", by=by, on=on, note=note, audience=TOWN)
            self._put_in_force(self._proposed(), by=by, on=on, answer="未超过规定比例,立即生效")

    def guard_settle_adjustment(self, by: Any) -> str:
        """Only within the limit."""
        adjustment = self.open_adjustment
        if adjustment is None or adjustment.proposed_on is None:
            return "没有待生效的调整。"
        return "超过规定比例的调整须由镇领导批准。" if adjustment.needs_approval else ""

    def approve_adjustment(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The leader agrees: it is effective, and later changes are counted from here."""
        with transaction.atomic():
            self._move("approve_adjustment", by=by, on=on, note=note, audience=TOWN)
            self._put_in_force(self._proposed(), by=by, on=on, answer=note)
            kept: dict[str, Any] = {"approved_visits": self.items.live().visits()}
            type(self)._base_manager.filter(pk=self.pk).update(**kept)
            self.approved_visits = kept["approved_visits"]

    def refuse_adjustment(self, *, by: Any, on: datetime.date, note: str) -> None:
        """The leader does not agree, and why: the plan stays as it is."""
        with transaction.atomic():
            self._move("refuse_adjustment", by=by, on=on, note=note, audience=TOWN)
            PlanAdjustment.objects.filter(pk=self._proposed().pk).update(decided_by=by, decided_on=on, is_refused=True, answer=note)

    def _put_in_force(self, adjustment: PlanAdjustment, *, by: Any, on: datetime.date, answer: str) -> None:
        if reason := self._why_not_in_force(adjustment):
            raise MoveRefused(reason)
        PlanAdjustment.objects.filter(pk=adjustment.pk).update(decided_by=by, decided_on=on, answer=answer)
        changes = adjustment.changes.select_related("enterprise", "item__plan", "adjustment__plan")  # type: ignore[attr-defined]
        for change in changes.order_by("-what", "pk"):  # what is cancelled makes room first
            change.take_effect(by=by, on=on)
