"""On-site measures: ordered by paper, in force once served, lifted only after an examination by two officers (R25, 安全生产法2021 §65)."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from accounts.roles import MANAGERS
from core import clock, moment
from core.models import Attachment, Counter, MoveRefused, Signature
from documents.models import Document
from enterprises.models import Enterprise
from inspections.models import machine
from inspections.models.findings import Finding
from inspections.models.inspection import Inspection
from inspections.models.law import PowerItem
from inspections.models.of_paper import Served, registered
from inspections.models.powers import town_may_order


class MeasureQuerySet(models.QuerySet["OnsiteMeasure"]):
    """Scope and what stands."""

    def for_user(self, user: Any) -> MeasureQuerySet:
        """Town: of visible enterprises. Managers: their firm's, once ordered."""
        rows = self.filter(enterprise__in=Enterprise.objects.for_user(user))
        if user.is_town:
            return rows
        return rows.exclude(ordered_on=None) if user.role in MANAGERS else rows.none()

    def for_list(self) -> MeasureQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "inspection", "document").order_by("-pk")

    def standing(self) -> MeasureQuerySet:
        """Ordered and not released."""
        return self.filter(state__in=machine.MEASURE_STANDING)

    def examine_overdue(self, today: datetime.date) -> MeasureQuerySet:
        """Release was applied for, and the examination's last day has passed."""
        return self.filter(state=machine.MeasureState.RELEASE_APPLIED, examine_by_on__lt=today)


class OnsiteMeasure(Served):
    """现场处理措施: evacuate, suspend, stop using, stop production, until what is dangerous is gone."""

    class Kind(models.TextChoices):
        EVACUATE = "evacuate", "撤出作业人员"
        SUSPEND = "suspend", "暂时停止作业"
        STOP_USE = "stop_use", "停止使用设施设备"
        STOP = "stop", "暂时停产停业"

    COERCIVE = {"seal": "查封场所、设施", "seize": "扣押物品", "power_cut": "停止供电"}

    State = machine.MeasureState
    TONES = machine.MEASURE_TONES
    MOVES = machine.MEASURE_MOVES
    ENDED = (State.RELEASED, State.CANCELLED)
    WHY_STANDS = "措施已经送达、正在执行,决定书不能作废:恢复要经两名执法人员现场审查和领导批准。"

    number = models.CharField("编号", max_length=20, unique=True)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="measures", verbose_name="检查")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="onsite_measures", verbose_name="企业")
    kind = models.CharField("措施", max_length=10, choices=Kind)
    scope = models.CharField("范围", max_length=300)
    danger = models.CharField("危险情形", max_length=500)
    basis = models.CharField("依据", max_length=300)
    condition = models.CharField("解除条件", max_length=300)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟制人")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定书")
    ordered_on = models.DateField("决定日期", null=True, blank=True)
    applied_on = models.DateField("申请恢复日期", null=True, blank=True)
    report = models.CharField("治理情况", max_length=500, blank=True)
    examine_by_on = models.DateField("审查期限", null=True, blank=True)
    released_on = models.DateField("解除日期", null=True, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现场处理措施"
        indexes = [models.Index(fields=["enterprise", "state"], name="measure_enterprise_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "cancelled")) | models.Q(ordered_on__isnull=False, document__isnull=False),
                name="measure_ordered_by_paper",
            ),
            models.CheckConstraint(
                condition=models.Q(state="released", released_on__isnull=False) | ~models.Q(state="released") & models.Q(released_on=None),
                name="measure_released_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.printed_number}"

    def get_absolute_url(self) -> str:
        """The measure's page."""
        return reverse("measure_detail", args=[self.pk])

    @property
    def printed_number(self) -> str:
        """The paper's number, or our own while there is none."""
        return self.document.number if self.document else self.number

    @property
    def open_examination(self) -> Examination | None:
        """What one officer has filled in and another has not yet signed."""
        return self.examinations.open().first()  # type: ignore[attr-defined]

    @classmethod
    def draft(cls, inspection: Inspection, *, by: Any, on: datetime.date, findings: Collection[Finding], **facts: Any) -> OnsiteMeasure:
        """What is to stop, and until what; nothing binds before the paper is issued. Coercion is not the town's (行政强制法 §17)."""
        if facts["kind"] in cls.COERCIVE:
            power = PowerItem.objects.holder_of(PowerItem.Kind.COERCIVE, on)
            to = power.organ_name or "区县主管部门"
            raise MoveRefused(f"“{cls.COERCIVE[facts['kind']]}”是行政强制措施,不得委托,镇不能实施(行政强制法第17条),请移送{to}。")
        town_may_order(on, findings)
        with transaction.atomic():
            number = f"XCL{on.year}-{Counter.take(f'measure:{on.year}'):06d}"
            row = cls.objects.create(
                number=number, inspection=inspection, enterprise=inspection.enterprise, drafted_by=by, state=cls.State.DRAFT, **facts
            )
            row.opened(by=by, on=on, note=row.danger)
            Finding.objects.filter(pk__in=[f.pk for f in findings], inspection=inspection).update(measure=row)
        return row

    # Who may not

    def _guard_second(self, by: Any, *, passed: bool) -> str:
        row = self.open_examination
        if row is None:
            return "请先由一名执法人员填写现场审查,未经审查不得恢复。"
        if row.by == by:
            return "审查要两名执法人员,您已填写,请另一名会签。"
        return "" if row.passed == passed else f"填写的审查结论是“{'合格' if row.passed else '不合格'}”,有不同意见请重新填写。"

    def guard_sign_fit(self, by: Any) -> str:
        """The second officer, when it was found fit."""
        return self._guard_second(by, passed=True)

    def guard_sign_unfit(self, by: Any) -> str:
        """The second officer, when it was found unfit."""
        return self._guard_second(by, passed=False)

    # Verbs

    def issue(self, *, by: Any, on: datetime.date, document: Document, note: str = "") -> None:
        """The decision is issued."""
        self._move("issue", by=by, on=on, note=note, document=document, ordered_on=on)

    def mark_served(self, *, by: Any, on: datetime.date, served_on: datetime.date, note: str = "") -> None:
        """Follows the service of its paper: in force."""
        self._move("mark_served", by=by, on=on, note=note, served_on=served_on)

    def apply_release(self, *, by: Any, on: datetime.date, report: str, photos: list[Attachment] | None = None) -> None:
        """The firm reports what it did and asks to resume: examined on the spot within its period (2008暂行规定 §23)."""
        if not photos:
            raise MoveRefused("请至少拍一张治理后的照片。")
        with transaction.atomic():
            due = clock.due_on("inspection.resume", on)
            facts: dict[str, Any] = {"data": {"lines": registered(by)}, "report": report, "applied_on": on, "examine_by_on": due}
            event = self._move("apply_release", by=by, on=on, note=report, **facts)
            Attachment.attach(photos, self, purpose=f"release-{event.pk}", by=by)

    def examine(self, *, by: Any, on: datetime.date, passed: bool, opinion: str, photos: list[Attachment] | None = None) -> None:
        """The first officer writes what was seen on the spot; filling it in again replaces it."""
        with transaction.atomic():
            self._move("examine", by=by, on=on, note=opinion, data={"lines": ["审查合格" if passed else "审查不合格"]})
            self.examinations.open().update(replaced_at=moment.now())  # type: ignore[attr-defined]
            row = Examination.objects.create(measure=self, passed=passed, opinion=opinion, on=on, by=by)
            Attachment.attach(photos or [], self, purpose=f"examine-{row.pk}", by=by)
            Signature.collect(self, move="examine", by=by, needed=2, round=row.pk)

    def sign_fit(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The second officer signs: fit; the leader may now approve."""
        row = self.open_examination
        with transaction.atomic():
            self._move("sign_fit", by=by, on=on, note=note)
            self._second(row, by)

    def sign_unfit(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The second officer signs: not fit; the measure stays in force."""
        row = self.open_examination
        with transaction.atomic():
            self._move("sign_unfit", by=by, on=on, note=note)
            self._second(row, by)

    def _second(self, row: Examination | None, by: Any) -> None:
        assert row is not None  # noqa: S101 - the guard asks for it
        Signature.collect(self, move="examine", by=by, needed=2, round=row.pk)
        Examination.objects.open().filter(pk=row.pk).update(second_by=by, second_at=moment.now())

    def release(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The leader approves what was examined: work may resume (安全生产法2021 §65(3))."""
        self._move("release", by=by, on=on, note=note, released_on=on)

    def refuse_release(self, *, by: Any, on: datetime.date, note: str) -> None:
        """The leader does not approve, and why."""
        self._move("refuse_release", by=by, on=on, note=note)

    def cancel(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Withdraw it before service; an issued paper is voided, its findings need another disposal."""
        with transaction.atomic():
            self._move("cancel", by=by, on=on, note=note)
            if self.document and self.document.is_valid:
                self.document.void(by=by, on=on, reason=note)
            self.let_go(by=by, on=on, note=note)

    def let_go(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Its findings need another disposal."""
        self.findings.update(measure=None)  # type: ignore[attr-defined]


class ExaminationQuerySet(models.QuerySet["Examination"]):
    """Which wait for the second officer."""

    def open(self) -> ExaminationQuerySet:
        """Filled in by one, neither signed by another nor replaced."""
        return self.filter(second_by=None, replaced_at=None)


class Examination(models.Model):
    """One look on the spot before work may resume; it counts once another officer has signed."""

    measure = models.ForeignKey(OnsiteMeasure, models.CASCADE, related_name="examinations", verbose_name="现场处理措施")
    passed = models.BooleanField("审查合格")
    opinion = models.CharField("审查意见", max_length=500)
    on = models.DateField("审查日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审查人")
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会签审查人"
    )
    second_at = models.DateTimeField("会签时间", null=True, blank=True)
    replaced_at = models.DateTimeField("重新填写时间", null=True, blank=True)

    objects = ExaminationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "恢复生产审查"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["measure"], condition=models.Q(second_by=None, replaced_at=None), name="examination_one_open"),
            models.CheckConstraint(
                condition=models.Q(second_by=None, second_at=None) | models.Q(second_by__isnull=False, second_at__isnull=False),
                name="examination_second_pair",
            ),
            models.CheckConstraint(condition=models.Q(second_by=None) | ~models.Q(second_by=models.F("by")), name="examination_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {'合格' if self.passed else '不合格'}"
