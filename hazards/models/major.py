"""The finding that a hazard is major: proposed, signed by two, reported, made safe at once, downgraded by another (R24, R25)."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db import models, transaction

from accounts.roles import Role
from core import clock, moment
from core.models import Attachment, Event, MoveRefused, Signature, Stateful
from core.models.events import subject_key
from documents.models import Document
from enterprises.models import Membership
from hazards.models import machine
from hazards.models.criteria import HazardCriterion, MajorCriterion
from hazards.models.measures import InterimMeasure
from hazards.models.plans import FiveFixPlan
from hazards.models.reports import MajorReport

FIRM, TOWN = "firm", "town"
COMPLEMENT = {Role.SAFETY_MANAGER: Role.PRINCIPAL, Role.PRINCIPAL: Role.SAFETY_MANAGER}


class MajorFinding(Stateful):
    """What a hazard has and does when it may be, or is, major; the general course is the hazard's own."""

    enterprise: Any
    source: Any
    level: Any
    found_on: Any

    round = models.PositiveIntegerField("认定轮次", default=0)
    other_standard = models.CharField("其他判定标准", max_length=300, blank=True)
    major_on = models.DateField("确认重大日期", null=True, blank=True)
    plan_by_on = models.DateField("方案提交期限", null=True, blank=True)
    downgraded_on = models.DateField("降级日期", null=True, blank=True)

    class Meta:
        abstract = True

    # Facts

    @property
    def is_major(self) -> bool:
        """Confirmed as major, and not downgraded since."""
        return self.major_on is not None

    @property
    def is_suspected(self) -> bool:
        """Proposed as major, and neither confirmed nor graded otherwise."""
        return self.level == machine.Level.MAJOR and not self.is_major

    def has_member(self, person: Any, on: datetime.date) -> bool:
        """Whether somebody holds a post in the firm on that day."""
        return Membership.objects.on(on).filter(enterprise=self.enterprise, user=person).exists()

    def signers(self, side: str) -> list[Any]:
        """Who of the firm or of the town has signed this finding."""
        model, pk = subject_key(self)
        key = {"subject_model": model, "subject_pk": pk, "move": f"confirm_major.{side}", "round": self.round}
        return [row.by for row in Signature.objects.filter(**key).select_related("by").order_by("pk")]

    @property
    def confirmers(self) -> list[Any]:
        """Everybody who has signed this finding."""
        return [*self.signers(FIRM), *self.signers(TOWN)]

    # Who may not

    def guard(self, name: str, by: Any) -> str:
        """A confirmed major hazard leaves the general course; what belongs to the major one needs it."""
        if self.is_major and name in machine.GENERAL_MOVES | machine.TO_CONFIRM | machine.ORDERED_MOVES:
            return "已确认为重大隐患,按五定方案整改,不走一般隐患的步骤。"
        if not self.is_major and name in machine.MAJOR_MOVES:
            return "这不是已确认的重大隐患。"
        return super().guard(name, by)

    def guard_propose_major(self, by: Any) -> str:
        """Once."""
        return "已经是疑似重大隐患,等认定。" if self.is_suspected else ""

    def guard_sign_major(self, by: Any) -> str:
        """The firm confirms what it found itself; what the town found, or has signed, is the town's."""
        if not by.is_town and self.source == machine.Source.INSPECTION:
            return "镇村发现的隐患由两名执法人员认定是否重大。"
        if not by.is_town and self.signers(TOWN):
            return "镇执法人员已先签名认定,由另一名执法人员会签。"
        return ""

    def guard_confirm_major(self, by: Any) -> str:
        """Another person than the first signer; in the firm the safety manager and the principal, each once."""
        first = self.signers(side_of(by))
        if not first or not self.is_suspected:
            return "还没有第一个人选定判定条目并签名。"
        if by in first:
            return "认定重大要两个人签名,您已经签过,请另一位签。"
        if by.is_town:
            return ""
        held = Membership.objects.current().filter(enterprise=self.enterprise, user=first[0], role=COMPLEMENT.get(by.role, ""))
        return "" if held.exists() else "企业自己认定,要安全管理员和主要负责人各签一次。"

    def guard_make_report(self, by: Any) -> str:
        """Something is owed, by this side."""
        owed = [row for row in self.reports.owed() if row.is_owed_by(by)]  # type: ignore[attr-defined]
        return "" if owed else "没有等您登记的上报。"

    def guard_downgrade(self, by: Any) -> str:
        """Another person than those who confirmed it."""
        return "确认重大的人不能自己降级,请另一名镇审核或执法人员复核。" if by in self.confirmers else ""

    def guard_take_measure(self, by: Any) -> str:
        """For hazards that are, or may be, major."""
        return "" if self.level == machine.Level.MAJOR else "只有重大(含疑似)隐患登记临时措施。"

    def guard_lift_measure(self, by: Any) -> str:
        """Something is in force."""
        return "" if self.interim_measures.in_force().exists() else "没有在执行的临时措施。"  # type: ignore[attr-defined]

    # Verbs: whether it is major

    def propose_major(
        self, *, by: Any, on: datetime.date, note: str, criteria: Collection[MajorCriterion] = (), other_standard: str = ""
    ) -> None:
        """Say that it may be major, and why; the firm alone cannot take that back."""
        self._check_edition(criteria)
        with transaction.atomic():
            facts: dict[str, Any] = {"level": machine.Level.MAJOR, "round": self.round + 1, "other_standard": other_standard}
            self._move("propose_major", by=by, on=on, note=note, data=self._lines(criteria), **facts)
            self._choose(criteria, by=by)

    def sign_major(
        self,
        *,
        by: Any,
        on: datetime.date,
        criteria: Collection[MajorCriterion] = (),
        other_standard: str = "",
        kinds: Collection[str] = (),
        text: str = "",
        note: str = "",
    ) -> None:
        """Sign first: which items of the edition of the day it was found it meets, or which other standard; measures at once."""
        chosen = list(criteria)
        if not chosen and not other_standard:
            raise MoveRefused("请至少选一个判定条目,或写明其他判定标准。")
        self._check_edition(chosen)
        check_text(kinds, text)
        with transaction.atomic():
            facts: dict[str, Any] = {"level": machine.Level.MAJOR, "round": self.round + 1, "other_standard": other_standard}
            self._move("sign_major", by=by, on=on, note=note, data=self._lines(chosen, other_standard), **facts)
            self._choose(chosen, by=by)
            self._take(kinds, text, by=by, on=on)
            Signature.collect(self, move=f"confirm_major.{side_of(by)}", by=by, needed=2, round=self.round)

    def confirm_major(self, *, by: Any, on: datetime.date, kinds: Collection[str] = (), text: str = "", note: str = "") -> None:
        """Sign second: it is major from now on; the clocks of the reports and of the plan start (DeadlineRule)."""
        check_text(kinds, text)
        with transaction.atomic():
            due = clock.due_on("hazard.plan.submit", on)
            lines = self._lines(self.criteria.standing(), self.other_standard)  # type: ignore[attr-defined]
            self._move("confirm_major", by=by, on=on, note=note, data=lines, major_on=on, plan_by_on=due, downgraded_on=None)
            Signature.collect(self, move=f"confirm_major.{side_of(by)}", by=by, needed=2, round=self.round)
            self._take(kinds, text, by=by, on=on)
            self.extensions.open().update(answer="void", decided_by=by, decided_at=moment.now())  # type: ignore[attr-defined]
            self._owe_reports(side_of(by))
            FiveFixPlan.draft(self, by=by, on=on)

    def add_criteria(self, *, by: Any, on: datetime.date, criteria: Collection[MajorCriterion], note: str = "") -> None:
        """Note further items it meets, of today's edition; those it was confirmed under stay."""
        known = set(self.criteria.standing().values_list("criterion_id", flat=True))  # type: ignore[attr-defined]
        new = [row for row in criteria if row.pk not in known]
        if not new:
            raise MoveRefused("所选条目都已经在判定条目里。")
        with transaction.atomic():
            self._move("add_criteria", by=by, on=on, note=note, data=self._lines(new))
            for row in new:
                HazardCriterion.keep(self, row, by=by, is_added=True)

    def downgrade(self, *, by: Any, on: datetime.date, level: str, note: str) -> None:
        """No major hazard after all, as another person found, and why; it begins again as a general one, history kept."""
        if level == machine.Level.MAJOR:
            raise MoveRefused("降级后的级别不能是重大。")
        cleared = dict.fromkeys(("major_on", "plan_by_on", "recheck_by_on", "fixed_on"))
        with transaction.atomic():
            decide = clock.due_on("hazard.decide", on)
            lines = {"lines": [f"级别:重大 → {machine.Level(level).label}"]}
            facts: dict[str, Any] = {"level": level, "downgraded_on": on, "decide_by_on": decide, "round": self.round + 1, **cleared}
            plans = list(self.plans.living())  # type: ignore[attr-defined]
            self._move("downgrade", by=by, on=on, note=note, data=lines, **facts)
            self.drop_finding()
            self.reports.owed().update(void=True)  # type: ignore[attr-defined]
            self.rechecks.open().update(replaced_at=moment.now())  # type: ignore[attr-defined]
            for plan in plans:
                plan.end(by=by, on=on, note=note)

    def drop_finding(self) -> None:
        """The items chosen hold no longer; the rows stay as history."""
        self.criteria.standing().update(dropped_at=moment.now())  # type: ignore[attr-defined]

    # Verbs: measures and reports

    def take_measure(
        self, *, by: Any, on: datetime.date, kinds: Collection[str], text: str, note: str = "", photos: list[Attachment] | None = None
    ) -> None:
        """Stop, evacuate, remove at once, warn or watch: recorded at any time, before any plan (R25)."""
        check_text(kinds, text)
        with transaction.atomic():
            lines = {"lines": [f"{InterimMeasure.Kind(kind).label}:{text}" for kind in kinds]}
            event = self._move("take_measure", by=by, on=on, note=note, data=lines)
            self._take(kinds, text, by=by, on=on)
            Attachment.attach(photos or [], self, purpose=f"interim-{event.pk}", by=by)

    def lift_measure(self, *, by: Any, on: datetime.date, measure: InterimMeasure, note: str) -> None:
        """The town has examined it and consents; nobody else lifts a measure (R25)."""
        with transaction.atomic():
            self._move("lift_measure", by=by, on=on, note=note, data={"lines": [str(measure)]})
            rows = InterimMeasure.objects.in_force().filter(pk=measure.pk, hazard_id=self.pk)
            if not rows.update(lifted_on=on, lifted_by=by, lift_reason=note):
                raise MoveRefused("这项临时措施已经解除。")

    def make_report(
        self, *, by: Any, on: datetime.date, report: MajorReport, how: str, note: str = "", document: Document | None = None
    ) -> None:
        """The report is made: when, by whom, how, with which paper; late is noted, never punished by this."""
        if not report.is_owed_by(by):
            raise MoveRefused(f"“{report}”不由您登记。")
        with transaction.atomic():
            lines = {"lines": [f"{report}({MajorReport.How(how).label})"]}
            audience = Event.Audience.TOWN if report.to == MajorReport.To.DISTRICT else Event.Audience.ALL
            self._move("make_report", by=by, on=on, note=note, data=lines, audience=audience)
            made = {"made_at": moment.now(), "made_by": by, "how": how, "note": note, "document": document}
            if not MajorReport.objects.owed().filter(pk=report.pk, hazard_id=self.pk).update(**made):
                raise MoveRefused(f"“{report}”已经登记过。")

    def report_by_paper(self, *, by: Any, on: datetime.date, to: str, document: Document, note: str = "") -> None:
        """A report issued as a paper: made by it when still owed, else put to what was made before without a paper that stands."""
        report = self.reports.filter(to=to, void=False).last()  # type: ignore[attr-defined]
        if report is not None and report.made_at is None:
            self.make_report(by=by, on=on, report=report, how=MajorReport.How.PAPER, note=note, document=document)
        elif report is not None and (report.document is None or not report.document.is_valid):
            MajorReport.objects.filter(pk=report.pk).update(document=document)

    def _owe_reports(self, side: str) -> None:
        now, to = moment.now(), MajorReport.To
        for target in (to.TOWN, to.CONGRESS, to.DISTRICT) if side == FIRM else (to.CONGRESS, to.DISTRICT):
            due = clock.due_at(MajorReport.RULES[target], now)
            MajorReport.objects.create(hazard_id=self.pk, to=target, round=self.round, due_at=due)

    def _take(self, kinds: Collection[str], text: str, *, by: Any, on: datetime.date) -> None:
        for kind in kinds:
            InterimMeasure.objects.create(hazard_id=self.pk, kind=kind, text=text, since=on, by=by)

    def _check_edition(self, criteria: Collection[MajorCriterion]) -> None:
        on = self.found_on
        if any(row.effective_from > on or (row.effective_to or on) < on for row in criteria):
            raise MoveRefused(f"请选发现日期({on:%Y-%m-%d})有效的判定条目。")

    def _choose(self, criteria: Collection[MajorCriterion], *, by: Any) -> None:
        chosen = {row.pk: row for row in criteria}
        standing = self.criteria.standing()  # type: ignore[attr-defined]
        standing.exclude(criterion__in=chosen).update(dropped_at=moment.now())
        known = set(standing.values_list("criterion_id", flat=True))
        for pk, row in chosen.items():
            if pk not in known:
                HazardCriterion.keep(self, row, by=by)

    def _lines(self, criteria: Collection[MajorCriterion | HazardCriterion], other: str = "") -> dict[str, list[str]]:
        return {"lines": [*(f"{row}({row.edition}版)" for row in criteria), *([f"其他标准:{other}"] if other else [])]}


def side_of(by: Any) -> str:
    """For whom a person signs."""
    return TOWN if by.is_town else FIRM


def check_text(kinds: Collection[str], text: str) -> None:
    """MoveRefused when a measure is named without saying what exactly is done."""
    if kinds and not text:
        raise MoveRefused("请写明临时措施的内容。")
