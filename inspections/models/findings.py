"""What a visit found: each problem is a hazard, and a violation where it is one; what the town may not punish is handed over (R65, R70)."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from accounts.roles import Role
from core.models import Attachment, Event, Move, MoveRefused, Stateful
from documents.models import Document
from enterprises.models import Enterprise
from hazards.models import Hazard
from inspections.models import machine
from inspections.models.items import InspectionItem
from inspections.models.law import InspectionPoint, PenaltyScheme
from inspections.models.of_paper import OfPaper

INSPECTOR = frozenset({Role.INSPECTOR})


class FindingQuerySet(models.QuerySet["Finding"]):
    """Scope, and what still needs an answer."""

    def for_user(self, user: Any) -> FindingQuerySet:
        """Of the visits this person may see."""
        return self.filter(inspection__in=self.model._meta.get_field("inspection").related_model.objects.for_user(user))

    def for_list(self) -> FindingQuerySet:
        """With what a page shows."""
        return self.select_related("inspection__enterprise", "item", "hazard", "measure", "transfer").order_by("number")

    def undisposed(self) -> FindingQuerySet:
        """Neither put right on the spot nor ordered, measured or handed over by an issued paper: a draft disposes of nothing."""
        drafts = ("draft", "cancelled")
        ordered = models.Exists(self._lines().filter(finding=models.OuterRef("pk")).exclude(order__state__in=drafts))
        measured = models.Q(measure__isnull=False) & ~models.Q(measure__state__in=drafts)
        handed_over = models.Q(transfer__isnull=False) & ~models.Q(transfer__state__in=drafts)
        return self.exclude(models.Q(disposal=InspectionItem.Disposal.ON_SPOT) | ordered | measured | handed_over)

    def orderable(self, previous: Any = None) -> FindingQuerySet:
        """Under no order that stands or was obeyed, nor put right on the spot; with `previous`, a failed order, what it left undone."""
        rows = self.exclude(disposal=InspectionItem.Disposal.ON_SPOT).exclude(hazard__state__in=("closed", "rejected"))
        if previous is not None:
            return rows.filter(pk__in=previous.lines.filter(result="not").values("finding"))
        return rows.exclude(models.Exists(self._lines().filter(finding=models.OuterRef("pk")).exclude(order__state="cancelled")))

    def _lines(self) -> models.QuerySet[Any]:
        return self.model._meta.get_field("order_lines").related_model.objects.all()


class Finding(models.Model):
    """One problem of a recorded visit, with the hazard it is."""

    inspection = models.ForeignKey("inspections.Inspection", models.PROTECT, related_name="findings", verbose_name="检查")
    item = models.OneToOneField(InspectionItem, models.PROTECT, null=True, blank=True, related_name="finding", verbose_name="检查项目")
    number = models.PositiveSmallIntegerField("第几个")
    place = models.CharField("位置", max_length=100, blank=True)
    description = models.CharField("情况", max_length=500)
    basis = models.CharField("依据", max_length=300, blank=True)
    disposal = models.CharField("处置", max_length=10, choices=InspectionItem.Disposal)
    requirement = models.CharField("整改要求", max_length=500, blank=True)
    due_on = models.DateField("建议期限", null=True, blank=True)
    hazard = models.OneToOneField(Hazard, models.PROTECT, related_name="finding", verbose_name="隐患")
    measure = models.ForeignKey(
        "inspections.OnsiteMeasure", models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="现场处理措施"
    )
    transfer = models.ForeignKey(
        "inspections.Transfer", models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="移送"
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查发现"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["inspection", "number"], name="finding_number_once")]

    def __str__(self) -> str:
        return f"{self.number}. {self.description[:40]}"

    @property
    def enterprise(self) -> Enterprise:
        """The visit's enterprise."""
        return self.inspection.enterprise

    @property
    def is_handed_over(self) -> bool:
        """By a transfer that was sent and has not come back."""
        return self.transfer is not None and self.transfer.state in (Transfer.State.SENT, Transfer.State.RECEIVED)

    def leave_order(self, *, by: Any, on: datetime.date, note: str) -> None:
        """No order follows the one that failed: its hazard goes the firm's own course; in the caller's transaction."""
        standing = self.order_lines.filter(order__state__in=machine.ORDER_STANDING)  # type: ignore[attr-defined]
        if self.hazard.is_ordered and self.hazard.is_open and not self.hazard.is_major and not standing.exists():
            self.hazard.lift_order(by=by, on=on, note=note)

    @classmethod
    def make_all(cls, inspection: Any, *, by: Any, on: datetime.date) -> list[Finding]:
        """A Finding with its Hazard for each new FAIL of a visit, and a Violation where the officers say so; in the caller's transaction.

        A line of an order that a re-check found undone is no new problem.
        """
        fails = inspection.items.filter(result=InspectionItem.Result.FAIL, line=None).select_related("point").order_by("position")
        return [cls._make(inspection, number, item, by=by, on=on) for number, item in enumerate(fails, start=1)]

    @classmethod
    def _make(cls, inspection: Any, number: int, item: InspectionItem, *, by: Any, on: datetime.date) -> Finding:
        hazard = Hazard.report(
            by=by,
            on=on,
            enterprise=inspection.enterprise,
            source=Hazard.Source.INSPECTION,
            level=item.level or Hazard.Level.NORMAL,
            place=item.place or inspection.place[:100] or item.name[:100],
            description=item.note,
            basis=item.basis,
            proposed_due_on=item.due_on,
        )
        Attachment.hand_on(item, hazard)
        words = {"place": item.place, "description": item.note, "basis": item.basis, "requirement": item.requirement}
        row = cls.objects.create(
            inspection=inspection, item=item, number=number, disposal=item.disposal, due_on=item.due_on, hazard=hazard, **words
        )
        if item.disposal == InspectionItem.Disposal.ON_SPOT:
            hazard.fix_on_spot(by=by, on=on, ordered_by=inspection.number)
        if item.is_violation:
            seen = {"violated_on": inspection.visited_on, "point": item.point, "description": item.note}
            Violation.note(inspection.enterprise, by=by, on=on, finding=row, **seen)
        return row


class ViolationQuerySet(models.QuerySet["Violation"]):
    """Scope and what is open."""

    def for_user(self, user: Any) -> ViolationQuerySet:
        """Of visible enterprises, for the town's people: a firm learns of it by its papers."""
        if not user.is_town or user.role == Role.VILLAGE:
            return self.none()
        return self.filter(enterprise__in=Enterprise.objects.for_user(user))

    def for_list(self) -> ViolationQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "finding__inspection", "point", "scheme").order_by("-pk")

    def open(self) -> ViolationQuerySet:
        """Without an outcome."""
        return self.filter(state=Violation.State.OPEN)


class Violation(Stateful):
    """A suspected breach, with article and scheme of the day it happened; every one needs an outcome before a visit is closed (R65)."""

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        ORDERED = "ordered", "首次不罚,责令改正"
        TRANSFERRED = "transferred", "已移送"

    TONES = {State.OPEN: "red", State.ORDERED: "blue", State.TRANSFERRED: "green"}
    MOVES = {
        "order_first": Move(
            "首次不罚,责令改正",
            {State.OPEN},
            State.ORDERED,
            INSPECTOR,
            "core.forms.ReasonForm",
            description="只有罚则规定首次不能罚款的才可以;复查不合格的会重新转为待处理。",
        ),
        "hand_over": Move("移送", {State.OPEN}, State.TRANSFERRED, INSPECTOR, is_offered=False),
        "take_back": Move("移送被退回", {State.TRANSFERRED}, State.OPEN, INSPECTOR, is_offered=False),
        "reopen": Move("逾期未改,重新处理", {State.ORDERED}, State.OPEN, {Role.INSPECTOR, Role.DEPARTMENT}, is_offered=False),
    }

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="violations", verbose_name="企业")
    finding = models.OneToOneField(Finding, models.PROTECT, null=True, blank=True, related_name="violation", verbose_name="检查发现")
    origin = models.CharField("来源", max_length=100)
    point = models.ForeignKey(InspectionPoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="检查要点")
    scheme = models.ForeignKey(PenaltyScheme, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="罚则")
    description = models.CharField("违法事实", max_length=500)
    articles = models.CharField("违反条款", max_length=300, blank=True)
    scheme_words = models.CharField("罚则原文摘要", max_length=500, blank=True)
    violated_on = models.DateField("违法日期")
    transfer = models.ForeignKey(
        "inspections.Transfer", models.PROTECT, null=True, blank=True, related_name="violations", verbose_name="移送"
    )

    objects = ViolationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "违法行为"
        indexes = [models.Index(fields=["enterprise", "state"], name="violation_enterprise_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="transferred", transfer__isnull=False) | ~models.Q(state="transferred") & models.Q(transfer=None),
                name="violation_transferred_by",
            )
        ]

    def __str__(self) -> str:
        return self.description[:60]

    def get_absolute_url(self) -> str:
        """The violation's page."""
        return reverse("violation_detail", args=[self.pk])

    @classmethod
    def note(
        cls,
        enterprise: Enterprise,
        *,
        by: Any,
        on: datetime.date,
        description: str,
        finding: Finding | None = None,
        point: InspectionPoint | None = None,
        origin: str = "",
        violated_on: datetime.date | None = None,
    ) -> Violation:
        """Register a breach with the articles in force on the day it happened (handbook §0.3); its outcome is open."""
        day = violated_on or on
        bases = point.basis_on(day) if point else []
        scheme = next((row.scheme for row in bases if row.scheme), None)
        row = cls.objects.create(
            enterprise=enterprise,
            finding=finding,
            origin=origin or (str(finding.inspection.number) if finding else ""),
            point=point,
            scheme=scheme,
            description=description,
            articles=point.basis_words(day)[:300] if point else "",
            scheme_words=f"{scheme} {scheme.words('first') or '首次责令改正'}"[:500] if scheme else "",
            violated_on=day,
            state=cls.State.OPEN,
        )
        row.opened(by=by, on=on, note=description)
        return row

    def opened(self, *, by: Any, on: datetime.date, note: str = "", data: dict[str, Any] | None = None) -> Event:
        """Its first entry, for the town alone."""
        told: dict[str, Any] = {"note": note, "data": data, "audience": Event.Audience.TOWN}
        return Event.record(self, by=by, on=on, move="open", label="登记", states=("", self.state), **told)

    @property
    def is_first_finable(self) -> bool:
        """Whether its scheme lets the first breach be fined: then an order alone never replaces the penalty (R65, R66)."""
        return self.scheme is not None and self.scheme.first_offence_finable

    def guard_order_first(self, by: Any) -> str:
        """Only where the law gives no fine at first (R66), and an order stands."""
        if self.is_first_finable:
            return "该违法行为首次即可处罚,责令改正不能代替处罚(首查必罚)。"
        lines = (
            self.finding.order_lines.filter(order__state__in=("issued", "served", "pending_recheck", "passed")) if self.finding else None
        )  # type: ignore[attr-defined]
        return "" if lines is not None and lines.exists() else "还没有对它下达责令限期整改指令书。"

    def order_first(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Not finable at first: the order is the outcome, until a re-check fails."""
        self._move("order_first", by=by, on=on, note=note, audience=Event.Audience.TOWN)

    def hand_over(self, *, by: Any, on: datetime.date, transfer: Transfer, note: str = "") -> None:
        """Follows `Transfer.send`."""
        self._move("hand_over", by=by, on=on, note=note, audience=Event.Audience.TOWN, transfer=transfer)

    def take_back(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows the return of its transfer."""
        self._move("take_back", by=by, on=on, note=note, audience=Event.Audience.TOWN, transfer=None)

    def reopen(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The order was not obeyed: now it may be punished (逾期未改)."""
        self._move("reopen", by=by, on=on, note=note, audience=Event.Audience.TOWN)


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Scope."""

    def for_user(self, user: Any) -> TransferQuerySet:
        """Of visible enterprises, for the town's people."""
        if not user.is_town or user.role == Role.VILLAGE:
            return self.none()
        return self.filter(enterprise__in=Enterprise.objects.for_user(user))

    def for_list(self) -> TransferQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "inspection").order_by("-pk")


class Transfer(OfPaper):
    """A matter handed to who may act on it: what the town may not do ends here (handbook §0.2, 行政强制法 §17)."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟制中"
        SENT = "sent", "已移送,待回执"
        RECEIVED = "received", "已接收"
        RETURNED = "returned", "被退回"
        CANCELLED = "cancelled", "已撤销"

    TONES = {State.DRAFT: "secondary", State.SENT: "orange", State.RECEIVED: "green", State.RETURNED: "red"}
    MOVES = {
        "send": Move("制发移送书", {State.DRAFT}, State.SENT, INSPECTOR, is_offered=False),
        "receive": Move("登记接收回执", {State.SENT}, State.RECEIVED, INSPECTOR, "core.forms.ReasonForm", "primary"),
        "come_back": Move("登记被退回", {State.SENT}, State.RETURNED, INSPECTOR, "core.forms.ReasonForm", "danger"),
        "cancel": Move("撤销", {State.DRAFT}, State.CANCELLED, INSPECTOR, "core.forms.ReasonForm", "danger"),
        "take_paper": Move("移送书更正", {State.SENT}, None, INSPECTOR, is_offered=False),
        "lose_paper": Move("移送书作废,移送撤销", {State.SENT}, State.CANCELLED, INSPECTOR, is_offered=False),
    }
    STORY = Event.Audience.TOWN
    ENDED = (State.RETURNED, State.CANCELLED)
    WHY_STANDS = "对方已经接收,移送书不能作废或更正。"

    inspection = models.ForeignKey("inspections.Inspection", models.PROTECT, related_name="transfers", verbose_name="检查")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="transfers", verbose_name="企业")
    to_organ = models.CharField("移送至", max_length=60)
    reason = models.CharField("移送理由", max_length=500)
    sent_on = models.DateField("移送日期", null=True, blank=True)
    answered_on = models.DateField("回执日期", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="移送书")

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移送"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "cancelled")) | models.Q(sent_on__isnull=False, document__isnull=False),
                name="transfer_sent_by_paper",
            )
        ]

    def __str__(self) -> str:
        return f"移送{self.to_organ}"

    def get_absolute_url(self) -> str:
        """The transfer's page."""
        return reverse("transfer_detail", args=[self.pk])

    @classmethod
    def draft(cls, inspection: Any, *, by: Any, on: datetime.date, to_organ: str, reason: str, findings: Collection[Finding]) -> Transfer:
        """What is to be handed over, and why; nothing moves before the paper is issued."""
        if not findings:
            raise MoveRefused("请至少选一个要移送的问题。")
        with transaction.atomic():
            row = cls.objects.create(
                inspection=inspection, enterprise=inspection.enterprise, to_organ=to_organ, reason=reason, by=by, state=cls.State.DRAFT
            )
            Event.record(row, by=by, on=on, move="open", label="登记", states=("", row.state), note=reason, audience=Event.Audience.TOWN)
            free = Finding.objects.filter(pk__in=[f.pk for f in findings], inspection=inspection, transfer=None)
            if free.update(transfer=row) != len(findings):
                raise MoveRefused("有问题已经移送,请刷新后重新选择。")
        return row

    def send(self, *, by: Any, on: datetime.date, document: Document, note: str = "") -> None:
        """The paper is issued: the violations among its findings are handed over, and what a failed order left ends with it."""
        with transaction.atomic():
            self._move("send", by=by, on=on, note=note, audience=Event.Audience.TOWN, sent_on=on, document=document)
            for violation in Violation.objects.open().filter(finding__transfer=self):
                violation.hand_over(by=by, on=on, transfer=self)
            for finding in self.findings.select_related("hazard"):  # type: ignore[attr-defined]
                finding.leave_order(by=by, on=on, note="问题已移送,责令整改不再继续")

    def receive(self, *, by: Any, on: datetime.date, note: str) -> None:
        """The receiving organ has confirmed."""
        self._move("receive", by=by, on=on, note=note, audience=Event.Audience.TOWN, answered_on=on)

    def come_back(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Not accepted, and why: its violations are open again and its findings need another disposal."""
        with transaction.atomic():
            self._move("come_back", by=by, on=on, note=note, audience=Event.Audience.TOWN, answered_on=on)
            self.let_go(by=by, on=on, note=note)

    def cancel(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Nothing was sent."""
        with transaction.atomic():
            self._move("cancel", by=by, on=on, note=note, audience=Event.Audience.TOWN)
            self.let_go(by=by, on=on, note=note)

    def let_go(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Its violations are open again and its findings need another disposal."""
        for violation in Violation.objects.filter(transfer=self):
            violation.take_back(by=by, on=on, note=note)
        self.findings.update(transfer=None)  # type: ignore[attr-defined]
