"""The five-fix plan of a major hazard, in versions, and its weekly progress (R24, workflows §2)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.roles import ENTERPRISE_ROLES, MANAGERS, Role
from core import clock, moment
from core.models import Attachment, Move, Stateful
from enterprises.models import Enterprise, KeyPerson
from hazards import completeness

ENGINEER_TRAITS = ("METAL_SMELTING", "ABOVE_SCALE")
WRITTEN = ("person", "person_post", "goal", "measures", "funds_amount", "funds_source", "due_on", "emergency_plan")
ENGINEERS = ("engineer", "engineer_opinion", "engineer_on")


class FiveFixPlanQuerySet(models.QuerySet["FiveFixPlan"]):
    """Scope, and which count."""

    def for_user(self, user: Any) -> FiveFixPlanQuerySet:
        """Of the hazards this user may see."""
        hazards = self.model._meta.get_field("hazard").related_model
        return self.filter(hazard__in=hazards.objects.for_user(user))

    def for_list(self) -> FiveFixPlanQuerySet:
        """With what a list shows, the newest first."""
        return self.select_related("hazard__enterprise", "person").order_by("-pk")

    def living(self) -> FiveFixPlanQuerySet:
        """Neither replaced by a newer version nor ended."""
        return self.exclude(state__in=(FiveFixPlan.State.AMENDED, FiveFixPlan.State.ENDED))

    def open(self) -> FiveFixPlanQuerySet:
        """Being written or waiting for the town's answer."""
        return self.filter(state__in=FiveFixPlan.OPEN)

    def progress_owed(self, today: datetime.date) -> FiveFixPlanQuerySet:
        """In progress, and the week's report is past its day."""
        return self.filter(state=FiveFixPlan.State.IN_PROGRESS, progress_by_on__lt=today)


class FiveFixPlan(Stateful):
    """One version of the plan: person, measures, funds with source, time limit, emergency plan; the firm stays responsible."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "待镇接收"
        RETURNED = "returned", "已退回"
        APPROVED = "approved", "镇已接收"
        IN_PROGRESS = "in_progress", "实施中"
        COMPLETED = "completed", "已完成,待复查"
        VERIFIED = "verified", "复查通过"
        AMENDED = "amended", "已变更(旧版)"
        ENDED = "ended", "已终止"

    OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
    WRITABLE = (State.DRAFT, State.RETURNED)
    IN_FORCE = (State.APPROVED, State.IN_PROGRESS, State.COMPLETED)
    TONES = {
        State.DRAFT: "blue",
        State.SUBMITTED: "orange",
        State.RETURNED: "red",
        State.APPROVED: "blue",
        State.IN_PROGRESS: "blue",
        State.COMPLETED: "orange",
        State.VERIFIED: "green",
    }
    MOVES = {
        "write": Move("填写方案", WRITABLE, None, MANAGERS, "hazards.forms.PlanForm", "primary"),
        "submit": Move("提交方案", WRITABLE, State.SUBMITTED, {Role.PRINCIPAL}, "core.forms.NoteForm", "primary", "提交后由镇接收或退回。"),
        "receive": Move(
            "接收方案",
            {State.SUBMITTED},
            State.APPROVED,
            {Role.INSPECTOR},
            "core.forms.NoteForm",
            "primary",
            "接收表示五项齐全;整改责任仍在企业。",
        ),
        "consent": Move("同意变更", {State.SUBMITTED}, State.IN_PROGRESS, {Role.INSPECTOR}, "core.forms.NoteForm", "primary"),
        "hand_back": Move("退回方案", {State.SUBMITTED}, State.RETURNED, {Role.INSPECTOR}, "core.forms.ReasonForm", "danger"),
        "start": Move("开始实施", {State.APPROVED}, State.IN_PROGRESS, {Role.PRINCIPAL}, "core.forms.NoteForm", "primary"),
        "report_progress": Move("报本周进展", {State.IN_PROGRESS}, None, ENTERPRISE_ROLES, "hazards.forms.ProgressForm", "primary"),
        "amend": Move(
            "变更方案", {State.IN_PROGRESS}, None, MANAGERS, "core.forms.ReasonForm", "secondary", "生成新的一版,镇同意以前旧版继续有效。"
        ),
        "complete": Move("方案完成", {State.IN_PROGRESS}, State.COMPLETED, ENTERPRISE_ROLES),
        "verify": Move("方案经复查通过", {State.IN_PROGRESS, State.COMPLETED}, State.VERIFIED, {Role.INSPECTOR}),
        "reopen": Move("方案继续实施", {State.COMPLETED}, State.IN_PROGRESS, {Role.INSPECTOR}),
        "give_way": Move("由新版替代", {State.IN_PROGRESS}, State.AMENDED, {Role.INSPECTOR}),
        "end": Move("方案终止", {*OPEN, *IN_FORCE}, State.ENDED, {Role.REVIEWER, Role.INSPECTOR}),
    }

    hazard = models.ForeignKey("hazards.Hazard", models.PROTECT, related_name="plans", verbose_name="隐患")
    number = models.PositiveSmallIntegerField("第几版", default=1)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="successor", verbose_name="变更自")
    amend_reason = models.CharField("变更理由", max_length=500, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任人")
    person_post = models.CharField("职务", max_length=40, blank=True)
    goal = models.TextField("治理目标和任务", blank=True)
    measures = models.TextField("整改措施", blank=True, help_text="一行一条。")
    funds_amount = models.DecimalField("资金(元)", max_digits=12, decimal_places=2, null=True, blank=True)
    funds_source = models.CharField("资金来源", max_length=100, blank=True)
    due_on = models.DateField("完成期限", null=True, blank=True)
    emergency_plan = models.TextField("应急预案", blank=True)
    engineer = models.ForeignKey(KeyPerson, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="总工程师")
    engineer_opinion = models.CharField("总工程师意见", max_length=500, blank=True)
    engineer_on = models.DateField("总工程师签署日期", null=True, blank=True)
    submitted_on = models.DateField("提交日期", null=True, blank=True)
    received_on = models.DateField("镇接收日期", null=True, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="接收人"
    )
    started_on = models.DateField("开始实施日期", null=True, blank=True)
    progress_by_on = models.DateField("下次报进展期限", null=True, blank=True)
    completed_on = models.DateField("完成日期", null=True, blank=True)

    objects = FiveFixPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "五定整改方案"
        ordering = ["hazard", "number"]
        constraints = [
            models.UniqueConstraint(fields=["hazard", "number"], name="plan_number_once"),
            models.UniqueConstraint(
                fields=["hazard"], condition=models.Q(state__in=("draft", "submitted", "returned")), name="plan_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "returned", "ended"))
                | models.Q(person__isnull=False, due_on__isnull=False, funds_amount__isnull=False, funds_amount__gt=0)
                & ~models.Q(funds_source="")
                & ~models.Q(measures="")
                & ~models.Q(emergency_plan=""),
                name="plan_five_fixed",
            ),
            models.CheckConstraint(
                condition=models.Q(received_on=None, received_by=None) | models.Q(received_on__isnull=False, received_by__isnull=False),
                name="plan_received_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hazard.number} 五定方案第 {self.number} 版"

    def get_absolute_url(self) -> str:
        """The plan's page."""
        return reverse("fix_plan_detail", args=[self.pk])

    @classmethod
    def draft(cls, hazard: Any, *, by: Any, on: datetime.date) -> FiveFixPlan:
        """The empty next version of a hazard just confirmed, to be written by the firm."""
        number = hazard.plans.count() + 1
        row = cls.objects.create(hazard=hazard, number=number, state=cls.State.DRAFT)
        row.opened(by=by, on=on)
        return row

    # Facts

    @property
    def enterprise(self) -> Enterprise:
        """The hazard's enterprise, for the scope columns."""
        return self.hazard.enterprise

    @property
    def measure_items(self) -> list[str]:
        """The measures one by one, as written on lines of their own."""
        return [line.strip() for line in self.measures.splitlines() if line.strip()]

    @property
    def needs_engineer(self) -> bool:
        """Whether the firm must have a chief engineer, who then has to agree (R29, R31)."""
        return any(trait.code in ENGINEER_TRAITS for trait in self.enterprise.traits.all())

    def engineers(self) -> list[KeyPerson]:
        """The firm's chief engineers in post."""
        return list(KeyPerson.objects.current().filter(enterprise=self.enterprise, kind=KeyPerson.Kind.ENGINEER))

    def cards(self, today: datetime.date | None = None) -> list[completeness.Card]:
        """The five cards, each with what it lacks; once submitted, with what it lacked on that day."""
        asked = None if self.state in self.WRITABLE else self.submitted_on
        return completeness.cards(self, today or asked or timezone.localdate())

    def is_progress_late(self, today: datetime.date | None = None) -> bool:
        """In progress, and the week's report is past its day."""
        today = today or timezone.localdate()
        return self.state == self.State.IN_PROGRESS and self.progress_by_on is not None and self.progress_by_on < today

    @property
    def open_amendment(self) -> FiveFixPlan | None:
        """The newer version that is being written or waits for the town."""
        return self.hazard.plans.open().filter(number__gt=self.number).first()

    # Who may not

    def guard_submit(self, by: Any) -> str:
        """Whole, as of now (R24, R31); a change only while the hazard is being rectified."""
        if self.replaces_id and self.hazard.state not in ("rectifying", "returned"):
            return "隐患不在整改中,不能变更方案。"
        lacking = completeness.missing(self, timezone.localdate(moment.now()))
        return f"方案还缺 {len(lacking)} 项:{'、'.join(lacking)}。" if lacking else ""

    def guard_receive(self, by: Any) -> str:
        """The first version; a change is consented to."""
        return "这是变更后的新一版,请用“同意变更”。" if self.replaces_id else ""

    def guard_consent(self, by: Any) -> str:
        """Only a change of a plan in progress, while the hazard is being rectified."""
        if self.replaces is None:
            return "这是第一版方案,请用“接收方案”。"
        if self.hazard.state not in ("rectifying", "returned"):
            return "隐患不在整改中,不能变更方案。"
        return "" if self.replaces.state == self.State.IN_PROGRESS else "旧版已不在实施中,不能再变更。"

    def guard_start(self, by: Any) -> str:
        """Interim measures stand before rectification begins (R25)."""
        return "" if self.hazard.interim_measures.in_force().exists() else "请先登记临时措施(停产停用、撤离、警示、看守等),再开始整改。"

    def guard_report_progress(self, by: Any) -> str:
        """The person the plan names, or a manager."""
        return "" if by.role in MANAGERS or by == self.person else "由方案责任人或企业安全管理员报进展。"

    def guard_amend(self, by: Any) -> str:
        """One change at a time, while the hazard is being rectified."""
        if self.open_amendment:
            return "已有一版变更方案还没有答复。"
        return "" if self.hazard.state in ("rectifying", "returned") else "隐患不在整改中,不能变更方案。"

    def guard_complete(self, by: Any) -> str:
        """Follows the hazard's application for a re-check."""
        return "" if self.hazard.state == "pending_recheck" and self.hazard.fixed_on else "请在隐患页“申请复查”。"

    def guard_verify(self, by: Any) -> str:
        """Follows the hazard's re-check."""
        return "" if self.hazard.state == "closed" else "方案只随隐患复查通过而通过。"

    def guard_reopen(self, by: Any) -> str:
        """Follows a failed re-check."""
        return "" if self.hazard.state == "returned" else "方案只随隐患复查不通过而继续。"

    def guard_give_way(self, by: Any) -> str:
        """Follows the consent to the next version."""
        newer = getattr(self, "successor", None)
        return "" if newer and newer.state == self.State.IN_PROGRESS else "新版还没有得到镇的同意。"

    def guard_end(self, by: Any) -> str:
        """Follows the hazard's downgrade, or its closing while a change was open."""
        over = not self.hazard.is_major or (self.hazard.state == "closed" and self.state in self.OPEN)
        return "" if over else "方案只随隐患降级或销案而终止。"

    # Verbs

    def write(self, *, by: Any, on: datetime.date, note: str = "", **words: Any) -> None:
        """Save what is written so far, whole or not; the five pieces and the engineer's opinion by field name."""
        unknown = set(words) - {*WRITTEN, *ENGINEERS}
        if unknown:
            raise TypeError(f"unknown fields {sorted(unknown)}")
        changed = [str(self._meta.get_field(name).verbose_name) for name, value in words.items() if getattr(self, name) != value]
        self._move("write", by=by, on=on, note=note, data={"lines": [f"改动:{'、'.join(changed)}"]} if changed else None, **words)

    def submit(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Send it to the town; refused with the names of what is missing (R24, R31)."""
        with transaction.atomic():
            self._move("submit", by=by, on=on, note=note, submitted_on=on)
            if self.replaces_id is None:
                self.hazard.plan_in(by=by, on=on)

    def receive(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The town has it and it is whole; the firm remains responsible."""
        with transaction.atomic():
            self._move("receive", by=by, on=on, note=note, received_on=on, received_by=by)
            self.hazard.plan_received(by=by, on=on)

    def hand_back(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Back to the firm with the reason; a change leaves the old version in force."""
        with transaction.atomic():
            self._move("hand_back", by=by, on=on, note=note)
            if self.replaces_id is None:
                self.hazard.plan_back(by=by, on=on, note=note)

    def start(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Rectification begins, interim measures standing; the first weekly report is due (DeadlineRule)."""
        with transaction.atomic():
            due = clock.due_on("hazard.plan.progress", on)
            self._move("start", by=by, on=on, note=note, started_on=on, progress_by_on=due)
            self.hazard.plan_started(by=by, on=on)

    def report_progress(
        self, *, by: Any, on: datetime.date, text: str, percent: int = 0, photos: list[Attachment] | None = None
    ) -> PlanProgress:
        """How far it is; the next report is due a period later (DeadlineRule)."""
        answers = self.progress_by_on
        with transaction.atomic():
            due = clock.due_on("hazard.plan.progress", on)
            lines = {"lines": [f"完成 {percent}%"]}
            self._move("report_progress", by=by, on=on, note=text, data=lines, progress_by_on=due)
            row = PlanProgress.objects.create(plan=self, by=by, on=on, text=text, percent=percent, due_on=answers)
            Attachment.attach(photos or [], self, purpose=f"progress-{row.pk}", by=by)
        return row

    def amend(self, *, by: Any, on: datetime.date, note: str) -> FiveFixPlan:
        """A next version with the same words to be changed; this one stays in force until the town consents."""
        with transaction.atomic():
            self._move("amend", by=by, on=on, note=note)
            words = {name: getattr(self, name) for name in WRITTEN}
            newer = FiveFixPlan.objects.create(
                hazard=self.hazard, number=self.number + 1, replaces=self, amend_reason=note, state=self.State.DRAFT, **words
            )
            newer.opened(by=by, on=on, note=note)
        return newer

    def consent(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The change holds from now on: the old version gives way, the hazard takes the new day and person."""
        with transaction.atomic():
            due = clock.due_on("hazard.plan.progress", on)
            self._move("consent", by=by, on=on, note=note, received_on=on, received_by=by, started_on=on, progress_by_on=due)
            if self.replaces:
                self.replaces.give_way(by=by, on=on)
            if (self.due_on, self.person) != (self.hazard.due_on, self.hazard.rectifier):
                self.hazard.plan_changed(by=by, on=on)

    def complete(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Done as the firm says, with its application for a re-check."""
        self._move("complete", by=by, on=on, note=note, completed_on=on)

    def verify(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Done as two inspectors saw; only by the hazard's re-check."""
        self._move("verify", by=by, on=on, note=note)

    def reopen(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The re-check failed: the plan goes on, and so do the weekly reports."""
        self._move("reopen", by=by, on=on, note=note, completed_on=None, progress_by_on=clock.due_on("hazard.plan.progress", on))

    def give_way(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """A newer version is in force."""
        self._move("give_way", by=by, on=on, note=note)

    def end(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The hazard is no major one any more, or was closed before this change was answered."""
        self._move("end", by=by, on=on, note=note)


class PlanProgress(models.Model):
    """One weekly report: what was done, how far it is, and which day it was due; photos hang on the plan."""

    plan = models.ForeignKey(FiveFixPlan, models.CASCADE, related_name="progress", verbose_name="方案")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填报人")
    at = models.DateTimeField("填报时间", default=moment.now)
    on = models.DateField("日期")
    due_on = models.DateField("应报日期", null=True, blank=True)
    percent = models.PositiveSmallIntegerField("完成(%)", default=0)
    text = models.CharField("进展", max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = "整改进展"
        ordering = ["on", "pk"]
        constraints = [models.CheckConstraint(condition=models.Q(percent__lte=100), name="plan_progress_percent")]

    def __str__(self) -> str:
        return f"{self.on} {self.percent}%"

    @property
    def is_late(self) -> bool:
        """Reported after its day."""
        return self.due_on is not None and self.on > self.due_on
