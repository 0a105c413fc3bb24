"""The course of a construction project from its evaluation to its use, each stage left with its paper (R78, workflows §11)."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.roles import Role
from core import clock, moment
from core.models import Attachment, MoveRefused, Stateful
from enterprises.models.project_machine import State
from enterprises.models.project_papers import ProjectPaper, ProjectRequirement

PAPER = {"name": "名称", "number": "文号", "organ": "出具单位", "dated_on": "日期"}
BY_AUTHORITY = "金属冶炼、危险物品项目的设计审查由主管部门决定,请由执法人员登记。"
BY_BUILDER = "一般项目的安全设施设计由建设单位自己组织审查,不用向主管部门申请。"


def in_order(day: datetime.date, first: datetime.date | None, last: datetime.date, words: str) -> None:
    """MoveRefused unless the day lies between both, both included."""
    if day > last:
        raise MoveRefused(f"{words}不能晚于今天。")
    if first and day < first:
        raise MoveRefused(f"{words}不能早于 {first:%Y-%m-%d}。")


class ProjectCourse(Stateful):
    """What happens to a project between its registration and its use."""

    is_special: Any
    approved_on: Any

    design_applied_on = models.DateField("申请设计审查日期", null=True, blank=True)
    design_accept_by_on = models.DateField("受理期限", null=True, blank=True)
    design_accepted_on = models.DateField("受理日期", null=True, blank=True)
    design_decide_by_on = models.DateField("决定期限", null=True, blank=True)
    design_extended_on = models.DateField("延长决定期限日期", null=True, blank=True)
    trial_started_on = models.DateField("试运行开始日期", null=True, blank=True)
    trial_ended_on = models.DateField("试运行结束日期", null=True, blank=True)
    accepted_on = models.DateField("竣工验收通过日期", null=True, blank=True)
    in_use_on = models.DateField("投入使用日期", null=True, blank=True)

    class Meta:
        abstract = True

    # Facts

    def requirement(self, on: datetime.date, stage: str = "") -> ProjectRequirement | None:
        """What this project must show to leave its stage (or the one named), by the law of that day."""
        return ProjectRequirement.of(stage or self.state, self.is_special, on)

    def asked(self, on: datetime.date, stage: str = "") -> ProjectRequirement:
        """The same where there must be one, for a day older than the oldest edition by the law of today; else NoRule."""
        found = self.requirement(on, stage) or self.requirement(timezone.localdate(moment.now()), stage)
        if found is None:
            raise clock.NoRule(f"{on} 没有有效的三同时材料要求 {stage or self.state},请运行 load_catalogue")
        return found

    def design_due(self) -> tuple[str, datetime.date] | None:
        """(which period, its last day) of the authority's review that runs now."""
        if self.state != State.DESIGN_REVIEW or self.design_applied_on is None:
            return None
        by_on = self.design_decide_by_on or self.design_accept_by_on
        return ("决定期限" if self.design_accepted_on else "受理期限", by_on) if by_on else None

    def is_design_late(self, today: datetime.date | None = None) -> bool:
        """The authority's review is past the last day of its period."""
        due = self.design_due()
        return due is not None and due[1] < (today or timezone.localdate())

    def trial_span(self, started_on: datetime.date | None = None) -> tuple[datetime.date, datetime.date] | None:
        """(first, last) day on which a trial begun then may end (DeadlineRule); None before it, or where the law sets no limits.

        Both are spans of calendar days, the first day not counted: a trial is no act that waits for a working day.
        """
        start = started_on or self.trial_started_on
        if start is None or not self.asked(start, State.TRIAL_RUN).is_timed:
            return None
        least, most = (clock.rule_on(f"project.trial.{end}", start).value for end in ("min", "max"))
        return start + datetime.timedelta(days=least), start + datetime.timedelta(days=most)

    def is_trial_late(self, today: datetime.date | None = None) -> bool:
        """In trial run past the last day on which it may end."""
        span = self.trial_span() if self.state == State.TRIAL_RUN else None
        return span is not None and span[1] < (today or timezone.localdate())

    # Who may not

    def guard_start_evaluation(self, by: Any) -> str:
        """Approved or filed before anything else."""
        if self.approved_on:
            return ""
        asked = self.requirement(timezone.localdate(moment.now()))
        return f"还缺{asked or '项目批准文件'}:请批准的部门或执法人员“补登批准文件”。"

    def _guard_authority(self) -> str:
        return "" if self.is_special else BY_BUILDER

    def guard_apply_design(self, by: Any) -> str:
        """Special projects only, one application at a time."""
        return self._guard_authority() or ("已经申请,等主管部门答复。" if self.design_applied_on else "")

    def guard_accept_design(self, by: Any) -> str:
        """An application that was not accepted yet."""
        return self._guard_authority() or self._guard_applied() or ("已经登记受理。" if self.design_accepted_on else "")

    def _guard_applied(self) -> str:
        return "" if self.design_applied_on else "企业还没有申请设计审查。"

    def guard_extend_design(self, by: Any) -> str:
        """Once, and before the period is over."""
        if lacking := self._guard_authority() or self._guard_accepted():
            return lacking
        assert self.design_decide_by_on is not None  # noqa: S101 - set with the acceptance
        if self.design_extended_on:
            return "决定期限只能延长一次。"
        past = self.design_decide_by_on < timezone.localdate(moment.now())
        return f"决定期限 {self.design_decide_by_on:%Y-%m-%d} 已过,不能再延长。" if past else ""

    def _guard_accepted(self) -> str:
        return self._guard_applied() or ("" if self.design_accepted_on else "主管部门还没有受理。")

    def guard_refuse_design(self, by: Any) -> str:
        """An application that waits."""
        return self._guard_authority() or self._guard_applied()

    def guard_approve_design(self, by: Any) -> str:
        """Special: the authority's decision, recorded by an inspector; ordinary: the builder's own review."""
        if self.is_special:
            return self._guard_accepted() if by.role == Role.INSPECTOR else BY_AUTHORITY
        return "一般项目的设计审查由建设单位登记。" if by.role == Role.INSPECTOR else ""

    def guard_record_acceptance(self, by: Any) -> str:
        """Until one has passed."""
        return f"竣工验收已于 {self.accepted_on:%Y-%m-%d} 通过。" if self.accepted_on else ""

    def guard_put_in_use(self, by: Any) -> str:
        """Only after a passed acceptance (安全生产法2014 §31, 2021 §34)."""
        if self.accepted_on:
            return ""
        asked = self.requirement(timezone.localdate(moment.now()), State.ACCEPTANCE)
        return f"还没有通过安全设施竣工验收,不得投入使用:还缺{asked or '竣工验收报告'}。"

    # Verbs

    def _leave(
        self, move: str, *, by: Any, on: datetime.date, paper: dict[str, Any], fields: dict[str, Any] | None = None, lines: Any = ()
    ) -> None:
        """Take an arrow with the paper of the stage that is left: `paper` holds its facts, its photos, and a note of the move."""
        facts, note, photos = dict(paper), paper.get("note", ""), paper.get("photos") or []
        for name in ("note", "photos"):
            facts.pop(name, None)
        offered = by.role in self.MOVES[move].roles and self.state in self.MOVES[move].sources and not self.guard(move, by)
        requirement = self._answered(facts, on) if offered else None
        with transaction.atomic():
            kept = ProjectPaper.keep(self, requirement, by=by, **facts) if requirement else None
            told = [*(kept.lines if kept else []), *lines]
            self._move(move, by=by, on=on, note=note, data={"lines": told}, **(fields or {}))
            Attachment.attach(photos, self, purpose=kept.purpose if kept else "", by=by)

    def _answered(self, facts: dict[str, Any], on: datetime.date) -> ProjectRequirement:
        """The requirement of the paper's own day; MoveRefused names what the paper lacks, and the article."""
        asked = self.asked(on)
        needed = [name for name in PAPER if name != "number" or asked.needs_number]
        lacking = [PAPER[name] for name in needed if not facts.get(name)]
        if len(lacking) == len(needed):
            raise MoveRefused(f"还缺{asked}。")
        if lacking:
            raise MoveRefused(f"{asked}还缺{'、'.join(lacking)}。")
        in_order(facts["dated_on"], None, on, "材料日期")
        return self.asked(facts["dated_on"])

    def start_evaluation(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The safety evaluation begins; refused without the approval of the project."""
        self._move("start_evaluation", by=by, on=on, note=note)

    def finish_evaluation(self, *, by: Any, on: datetime.date, **paper: Any) -> None:
        """Evaluated (special) or analysed (ordinary): with the report (安全生产法2014 §29, 2021 §32)."""
        self._leave("finish_evaluation", by=by, on=on, paper=paper)

    def apply_design(
        self, *, by: Any, on: datetime.date, organ: str, applied_on: datetime.date, note: str = "", photos: list[Attachment] | None = None
    ) -> None:
        """The builder asks the authority to review the design: its period to accept runs from that day (DeadlineRule)."""
        in_order(applied_on, self.approved_on, on, "申请日期")
        due = clock.due_on("project.design.accept", applied_on)
        lines = {"lines": [f"审查部门:{organ}", f"申请日期:{applied_on:%Y-%m-%d}", f"受理期限:{due:%Y-%m-%d}"]}
        with transaction.atomic():
            dates: dict[str, Any] = {"design_applied_on": applied_on, "design_accept_by_on": due}
            event = self._move("apply_design", by=by, on=on, note=note, data=lines, **dates)
            Attachment.attach(photos or [], self, purpose=f"design-{event.pk}", by=by)

    def accept_design(self, *, by: Any, on: datetime.date, accepted_on: datetime.date, note: str = "") -> None:
        """The authority has accepted the application: its period to decide runs from that day (DeadlineRule)."""
        in_order(accepted_on, self.design_applied_on, on, "受理日期")
        due = clock.due_on("project.design.decide", accepted_on)
        lines = {"lines": [f"受理日期:{accepted_on:%Y-%m-%d}", f"决定期限:{due:%Y-%m-%d}"]}
        self._move("accept_design", by=by, on=on, note=note, data=lines, design_accepted_on=accepted_on, design_decide_by_on=due)

    def extend_design(self, *, by: Any, on: datetime.date, note: str) -> None:
        """The authority takes more time, once: from the last day of its period on (DeadlineRule)."""
        due = clock.due_on("project.design.extend", self.design_decide_by_on or on)
        lines = {"lines": [f"决定期限延长到:{due:%Y-%m-%d}"]}
        self._move("extend_design", by=by, on=on, note=note, data=lines, design_extended_on=on, design_decide_by_on=due)

    def refuse_design(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Not accepted or not approved, with the reason: the builder may mend the design and apply again."""
        names = ("design_applied_on", "design_accept_by_on", "design_accepted_on", "design_decide_by_on", "design_extended_on")
        begun_anew: dict[str, Any] = dict.fromkeys(names)
        self._move("refuse_design", by=by, on=on, note=note, **begun_anew)

    def approve_design(self, *, by: Any, on: datetime.date, **paper: Any) -> None:
        """Reviewed and approved, with the decision or the builder's own opinion: may be built (安全生产法2014 §30, 2021 §33)."""
        if self.design_accepted_on and paper.get("dated_on"):
            in_order(paper["dated_on"], self.design_accepted_on, on, "批准日期")
        self._leave("approve_design", by=by, on=on, paper=paper)

    def start_trial(self, *, by: Any, on: datetime.date, started_on: datetime.date, **paper: Any) -> None:
        """Built by the approved design, with the report of completion: the trial run begins on that day."""
        in_order(started_on, self.approved_on, on, "试运行开始日期")
        lines = self._span_lines(started_on)
        self._leave("start_trial", by=by, on=on, paper=paper, fields={"trial_started_on": started_on}, lines=lines)

    def restart_trial(self, *, by: Any, on: datetime.date, started_on: datetime.date, note: str) -> None:
        """A trial that was broken off or lasted too long begins anew, as an inspector has seen, with the reason."""
        in_order(started_on, self.trial_started_on, on, "试运行开始日期")
        self._move("restart_trial", by=by, on=on, note=note, data={"lines": self._span_lines(started_on)}, trial_started_on=started_on)

    def _span_lines(self, started_on: datetime.date) -> list[str]:
        span = self.trial_span(started_on)
        began = f"试运行自 {started_on:%Y-%m-%d}"
        return [f"{began},应在 {span[0]:%Y-%m-%d} 至 {span[1]:%Y-%m-%d} 之间结束" if span else began]

    def end_trial(self, *, by: Any, on: datetime.date, ended_on: datetime.date, **paper: Any) -> None:
        """The trial run is over, with its report; refused when it was shorter or longer than the law allows (DeadlineRule)."""
        start, span = self.trial_started_on, self.trial_span()
        if self.state == State.TRIAL_RUN:
            in_order(ended_on, start, on, "试运行结束日期")
            if start and span and not span[0] <= ended_on <= span[1]:
                limits = f"{(span[0] - start).days} 至 {(span[1] - start).days} 日"
                within = f"应在 {span[0]:%Y-%m-%d} 至 {span[1]:%Y-%m-%d} 之间结束"
                raise MoveRefused(f"试运行期限是 {limits}:从 {start:%Y-%m-%d} 开始,{within},不能是 {ended_on:%Y-%m-%d}。")
        lines = [f"试运行 {start:%Y-%m-%d} 至 {ended_on:%Y-%m-%d}"] if start else []
        self._leave("end_trial", by=by, on=on, paper=paper, fields={"trial_ended_on": ended_on}, lines=lines)

    def record_acceptance(self, *, by: Any, on: datetime.date, passed: bool, **paper: Any) -> None:
        """The builder's acceptance of the safety facilities, with its report; one that failed is repeated (安全生产法2014 §31, 2021 §34)."""
        if paper.get("dated_on"):
            in_order(paper["dated_on"], self.trial_ended_on, on, "验收日期")
        fields = {"accepted_on": paper.get("dated_on")} if passed else {}
        self._leave("record_acceptance", by=by, on=on, paper={**paper, "passed": passed}, fields=fields)

    def put_in_use(self, *, by: Any, on: datetime.date, in_use_on: datetime.date | None = None, note: str = "") -> None:
        """In use from that day on; refused without a passed acceptance."""
        day = in_use_on or on
        if self.accepted_on:
            in_order(day, self.accepted_on, on, "投用日期")
        lines = {"lines": [f"投用日期:{day:%Y-%m-%d}"]}
        self._move("put_in_use", by=by, on=on, note=note, data=lines, in_use_on=day)
