"""The removal of a major hazard: by its plan, then re-checked by two inspectors, who close or return it (R24)."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models, transaction

from accounts.roles import MANAGERS
from core import clock, moment
from core.models import Attachment, MoveRefused, Signature
from hazards.models import machine
from hazards.models.major import MajorFinding
from hazards.models.measures import InterimMeasure
from hazards.models.plans import FiveFixPlan
from hazards.models.rechecks import Consequence, Recheck


class MajorRemoval(MajorFinding):
    """What happens between the plan and the closing of a confirmed major hazard."""

    rectifier: Any
    due_on: Any

    evaluation = models.CharField("评估单位或专家意见", max_length=300, blank=True)
    recheck_by_on = models.DateField("复查期限", null=True, blank=True)

    class Meta:
        abstract = True

    # Facts

    @property
    def plan(self) -> FiveFixPlan | None:
        """The version in force, or the first one while it is being written."""
        return self.plans.living().order_by("number").first()  # type: ignore[attr-defined]

    @property
    def open_recheck(self) -> Recheck | None:
        """What one inspector has filled in and another has not yet signed."""
        return self.rechecks.open().first()  # type: ignore[attr-defined]

    @property
    def recheck_words(self) -> list[str]:
        """What a re-check looks at one by one: each criterion it met and each measure of the plan."""
        plan = self.plan
        criteria = [str(row) for row in self.criteria.standing()]  # type: ignore[attr-defined]
        return [*criteria, *([self.other_standard] if self.other_standard else []), *(plan.measure_items if plan else [])]

    # Who may not

    def _guard_plan(self, *states: str, newer: bool = False) -> str:
        rows = self.plans.filter(state__in=states, replaces__isnull=not newer)  # type: ignore[attr-defined]
        return "" if rows.exists() else "这一步随五定方案走,请到方案页办理。"

    def guard_plan_in(self, by: Any) -> str:
        """Follows the plan's own move, as the next four do."""
        return self._guard_plan(FiveFixPlan.State.SUBMITTED)

    def guard_plan_back(self, by: Any) -> str:
        """Follows the plan's return."""
        return self._guard_plan(FiveFixPlan.State.RETURNED)

    def guard_plan_received(self, by: Any) -> str:
        """Follows the plan's receipt."""
        return self._guard_plan(FiveFixPlan.State.APPROVED)

    def guard_plan_started(self, by: Any) -> str:
        """Follows the plan's start."""
        return self._guard_plan(FiveFixPlan.State.IN_PROGRESS)

    def guard_plan_changed(self, by: Any) -> str:
        """Follows the consent to a newer version, until the hazard has its day and person."""
        plan = self.plan
        changed = plan is not None and plan.replaces_id and (plan.due_on, plan.person) != (self.due_on, self.rectifier)  # type: ignore[attr-defined]
        return "" if changed else "没有新同意的方案变更。"

    def guard_apply_recheck(self, by: Any) -> str:
        """A manager of the firm, or who rectifies it."""
        return "" if by.role in MANAGERS or by == self.rectifier else "由整改责任人或企业安全管理员申请复查。"

    def guard_record_recheck(self, by: Any) -> str:
        """Nobody re-checks what he rectified himself."""
        return "整改人不能复查自己的整改。" if by == self.rectifier else ""

    def _guard_second(self, by: Any, *, passed: bool) -> str:
        row = self.open_recheck
        if by == self.rectifier:
            return "整改人不能复查自己的整改。"
        if row is None:
            return "请先由一名执法人员逐项填写复查结果。"
        if row.by == by:
            return "复查要两名执法人员,您已填写结果,请另一名会签。"
        return "" if row.passed == passed else f"填写的复查结果是“{'通过' if row.passed else '不通过'}”,有不同意见请重新填写。"

    def guard_pass_recheck(self, by: Any) -> str:
        """The second inspector, when every item passed."""
        return self._guard_second(by, passed=True)

    def guard_fail_recheck(self, by: Any) -> str:
        """The second inspector, when an item failed."""
        return self._guard_second(by, passed=False)

    # Verbs: following the plan

    def plan_in(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows `FiveFixPlan.submit`."""
        self._move("plan_in", by=by, on=on, note=note)

    def plan_back(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows `FiveFixPlan.hand_back`: the period to submit starts again (DeadlineRule)."""
        self._move("plan_back", by=by, on=on, note=note, plan_by_on=clock.due_on("hazard.plan.submit", on))

    def plan_received(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows `FiveFixPlan.receive`."""
        self._move("plan_received", by=by, on=on, note=note)

    def plan_started(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows `FiveFixPlan.start`: the plan's person rectifies until the plan's day."""
        self._move("plan_started", by=by, on=on, note=note, **self._planned())

    def plan_changed(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows `FiveFixPlan.consent`: the newer version's person and day."""
        self._move("plan_changed", by=by, on=on, note=note, **self._planned())

    def _planned(self) -> dict[str, Any]:
        plan = self.plan
        return {"rectifier": plan.person, "due_on": plan.due_on} if plan else {}

    # Verbs: re-check

    def apply_recheck(
        self, *, by: Any, on: datetime.date, measures: str, photos: list[Attachment] | None = None, evaluation: str = ""
    ) -> None:
        """The firm says that it is removed, with its own acceptance, photos, and the evaluation where production was stopped."""
        self._refuse_bare_application(photos, evaluation, by)
        with transaction.atomic():
            facts: dict[str, Any] = {"measures": measures, "evaluation": evaluation, "fixed_on": on}
            due = clock.due_on("hazard.recheck", on)
            event = self._move("apply_recheck", by=by, on=on, note=measures, recheck_by_on=due, **facts)
            Attachment.attach(photos or [], self, purpose=f"after-{event.pk}", by=by)
            plan = self.plan
            if plan and plan.state == FiveFixPlan.State.IN_PROGRESS:
                plan.complete(by=by, on=on)

    def _refuse_bare_application(self, photos: list[Attachment] | None, evaluation: str, by: Any) -> None:
        if self.state not in self.MOVES["apply_recheck"].sources or self.guard("apply_recheck", by):
            return
        if not photos:
            raise MoveRefused("请至少拍一张整改后的照片。")
        stopped = self.interim_measures.in_force().filter(kind=InterimMeasure.Kind.STOP)  # type: ignore[attr-defined]
        if not evaluation and stopped.exists():
            raise MoveRefused("停产停用的重大隐患申请复查,要写明评估单位或专家的意见。")

    def recheck_due(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The plan's day has passed without an application: the town re-checks all the same (the system's move)."""
        self._move("recheck_due", by=by, on=on, note=note, recheck_by_on=clock.due_on("hazard.recheck", self.due_on or on))

    def record_recheck(
        self, *, by: Any, on: datetime.date, items: list[dict[str, Any]], opinion: str, photos: list[Attachment] | None = None
    ) -> None:
        """The first inspector writes what was seen, item by item ({words, passed, remark}); filling it in again replaces it."""
        if [item["words"] for item in items] != self.recheck_words:
            raise MoveRefused("复查项目已经变化,请刷新后逐项填写。")
        if any(not item["passed"] and not item["remark"] for item in items):
            raise MoveRefused("不通过的项目请写明情况。")
        passed = all(item["passed"] for item in items)
        with transaction.atomic():
            lines = [f"{'通过' if item['passed'] else '不通过'}:{item['words']} {item['remark']}".strip() for item in items]
            self._move("record_recheck", by=by, on=on, note=opinion, data={"lines": lines})
            self.rechecks.open().update(replaced_at=moment.now())  # type: ignore[attr-defined]
            row = Recheck.objects.create(hazard_id=self.pk, round=self.round, items=items, passed=passed, opinion=opinion, on=on, by=by)
            Attachment.attach(photos or [], self, purpose=f"recheck-{row.pk}", by=by)
            Signature.collect(self, move="recheck", by=by, needed=2, round=row.pk)

    def pass_recheck(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The second inspector signs: closed; measures still in force are to be examined within their period (DeadlineRule)."""
        row = self.open_recheck
        with transaction.atomic():
            self._move("pass_recheck", by=by, on=on, note=note, closed_on=on, closed_by=by)
            self._second(row, by)
            for plan in self.plans.living().order_by("number"):  # type: ignore[attr-defined]
                (plan.end if plan.state in plan.OPEN else plan.verify)(by=by, on=on)
            due = clock.due_on("hazard.resume", on)
            self.interim_measures.in_force().update(examine_by_on=due)  # type: ignore[attr-defined]

    def fail_recheck(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The second inspector signs: returned; what that means later is recorded, but never for what the firm found itself."""
        row = self.open_recheck
        with transaction.atomic():
            self._move("fail_recheck", by=by, on=on, note=note)
            self._second(row, by)
            plan = self.plan
            if plan and plan.state == FiveFixPlan.State.COMPLETED:
                plan.reopen(by=by, on=on)
            if self.source == machine.Source.INSPECTION:
                rows = [Consequence(hazard_id=self.pk, recheck=row, kind=kind, on=on) for kind in Consequence.Kind.values]
                Consequence.objects.bulk_create(rows)

    def _second(self, row: Recheck | None, by: Any) -> None:
        assert row is not None  # noqa: S101 - the guard asks for it
        Signature.collect(self, move="recheck", by=by, needed=2, round=row.pk)
        Recheck.objects.open().filter(pk=row.pk).update(second_by=by, second_at=moment.now())
