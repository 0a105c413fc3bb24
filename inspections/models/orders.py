"""The order to correct: issued by paper, served, extended on application, re-checked by two officers (workflows §7)."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import MANAGERS, Role
from core import clock, moment
from core.models import Attachment, Counter, MoveRefused
from documents.models import Document, Organ
from enterprises.models import Enterprise, Membership
from hazards.models import Hazard
from inspections.models import machine
from inspections.models.days import check_ahead
from inspections.models.findings import Finding, Violation
from inspections.models.inspection import Inspection
from inspections.models.items import InspectionItem
from inspections.models.law import PowerItem
from inspections.models.of_paper import Served
from inspections.models.order_parts import OrderExtension, OrderLine

log = logging.getLogger(__name__)


class OrderQuerySet(models.QuerySet["Order"]):
    """Scope and derived states."""

    def for_user(self, user: Any) -> OrderQuerySet:
        """Town: of visible enterprises. Managers: their firm's, once issued."""
        rows = self.filter(enterprise__in=Enterprise.objects.for_user(user))
        if user.is_town:
            return rows
        return rows.exclude(state=Order.State.DRAFT).exclude(issued_on=None) if user.role in MANAGERS else rows.none()

    def for_list(self) -> OrderQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "inspection", "document").order_by("-pk")

    def standing(self) -> OrderQuerySet:
        """Issued and neither passed, failed nor cancelled."""
        return self.filter(state__in=machine.ORDER_STANDING)

    def overdue(self, today: datetime.date) -> OrderQuerySet:
        """The firm's last day has passed and nobody has re-checked."""
        return self.standing().filter(due_on__lt=today)

    def recheck_overdue(self, today: datetime.date) -> OrderQuerySet:
        """The re-check's last day has passed."""
        return self.filter(state=Order.State.PENDING_RECHECK, recheck_by_on__lt=today)

    def fall_due(self, today: datetime.date) -> int:
        """Served ones past their day without an application go to the re-check, by the system; the period runs from that day; how many.

        Those of a day without a rule stay, overdue for everybody to see; the others go on."""
        rows, by, moved = self.filter(state=Order.State.SERVED, due_on__lt=today), User.objects.system(), 0
        for day in list(rows.order_by("due_on").values_list("due_on", flat=True).distinct()):
            try:
                due = clock.due_on("inspection.recheck", day)
            except clock.NoRule as lacking:
                log.error("orders due on %s stay served: %s", day, lacking)
                continue
            moved += Order._move_many(rows.filter(due_on=day), "fall_due", by=by, on=today, recheck_by_on=due)
        return moved


class Order(Served):
    """责令限期整改指令书: what is to be put right until when; its day moves only by a granted extension."""

    State = machine.OrderState
    TONES = machine.ORDER_TONES
    MOVES = machine.ORDER_MOVES
    ENDED = (State.PASSED, State.FAILED, State.CANCELLED)
    WHY_STANDS = "指令书已经送达,不能再换一份更正。内容有误的,先作废,指令随之撤销,再重新拟制。"

    number = models.CharField("编号", max_length=20, unique=True)
    inspection = models.ForeignKey(Inspection, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name="检查")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="orders", verbose_name="企业")
    previous = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="follower", verbose_name="上一份指令")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="指令书")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟制人")
    issued_on = models.DateField("制发日期", null=True, blank=True)
    due_on = models.DateField("整改期限")
    first_due_on = models.DateField("原定期限")
    measures = models.CharField("整改情况", max_length=500, blank=True)
    applied_on = models.DateField("申请复查日期", null=True, blank=True)
    recheck_by_on = models.DateField("复查期限", null=True, blank=True)
    closed_on = models.DateField("复查日期", null=True, blank=True)
    is_carried = models.BooleanField("由纸质档案补录", default=False)
    paper_number = models.CharField("原纸质编号", max_length=80, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责令整改指令"
        indexes = [models.Index(fields=["enterprise", "state", "due_on"], name="order_enterprise_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "cancelled"))
                | models.Q(issued_on__isnull=False) & (models.Q(document__isnull=False) | models.Q(is_carried=True)),
                name="order_issued_by_paper",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "issued", "cancelled")) | models.Q(served_on__isnull=False), name="order_served_on"
            ),
            models.CheckConstraint(
                condition=models.Q(issued_on=None) | models.Q(due_on__gte=models.F("issued_on")), name="order_due_after"
            ),
            models.CheckConstraint(condition=models.Q(due_on__gte=models.F("first_due_on")), name="order_due_only_later"),
            models.CheckConstraint(
                condition=models.Q(is_carried=True) & ~models.Q(paper_number="") | models.Q(is_carried=False, inspection__isnull=False),
                name="order_carried_number",
            ),
        ]

    def __str__(self) -> str:
        return f"责令整改 {self.printed_number}"

    def get_absolute_url(self) -> str:
        """The order's page."""
        return reverse("order_detail", args=[self.pk])

    # Facts

    @property
    def printed_number(self) -> str:
        """The paper's number, the one of an older paper, or our own while there is none."""
        return self.document.number if self.document else self.paper_number or self.number

    def is_overdue(self, today: datetime.date | None = None) -> bool:
        """The firm's last day has passed and nobody has re-checked."""
        return self.state in machine.ORDER_STANDING and self.due_on < (today or timezone.localdate())

    @property
    def is_settled(self) -> bool:
        """Nothing more is to come: passed, cancelled, or failed and taken up by a later order or a transfer."""
        if self.state in (self.State.PASSED, self.State.CANCELLED):
            return True
        if self.state != self.State.FAILED:
            return False
        later = getattr(self, "follower", None)
        if later is not None:
            return bool(later.is_settled)
        findings = Finding.objects.filter(order_lines__order=self, order_lines__result=OrderLine.Result.NOT)
        return not findings.exclude(transfer__state__in=("sent", "received")).exists() and findings.exists()

    @property
    def open_extension(self) -> OrderExtension | None:
        """The request for more time that nobody has answered yet."""
        return self.extensions.open().first()  # type: ignore[attr-defined]

    @property
    def open_recheck(self) -> Inspection | None:
        """The re-check planned or under way."""
        return self.rechecks.filter(state__in=(*machine.BEFORE, machine.State.IN_PROGRESS)).first()  # type: ignore[attr-defined]

    @property
    def ask_by_on(self) -> datetime.date:
        """The last day to ask for more time: some days before its day, or the day itself for an order of few days (DeadlineRule)."""
        return clock.last_before("inspection.order.extend.before", self.due_on, self.served_on or self.issued_on or timezone.localdate())

    @property
    def extend_to_on(self) -> datetime.date:
        """The last day one request may ask for."""
        return clock.due_on("inspection.order.max", self.due_on)

    # How it comes about

    @classmethod
    def draft(
        cls,
        inspection: Inspection,
        *,
        by: Any,
        on: datetime.date,
        due_on: datetime.date,
        findings: Collection[Finding],
        previous: Order | None = None,
        requirements: Mapping[int, str] | None = None,
    ) -> Order:
        """What is to be corrected until when; nothing binds before the paper is issued.

        `requirements` {finding pk: words} stand for those written on the spot; `previous` is a failed order taken up again.
        """
        chosen, words = list(findings), requirements or {}
        if previous and (previous.state != cls.State.FAILED or hasattr(previous, "follower")):
            raise MoveRefused(f"{previous} 不是复查不合格的,或者已经有后续的指令。")
        if not chosen:
            raise MoveRefused("请至少选一个要责令整改的问题。")
        town_may_order(on)
        check_day(on, due_on, chosen)
        with transaction.atomic():
            row = cls.objects.create(
                number=f"ZL{on.year}-{Counter.take(f'order:{on.year}'):06d}",
                inspection=inspection,
                enterprise=inspection.enterprise,
                previous=previous,
                drafted_by=by,
                due_on=due_on,
                first_due_on=due_on,
                state=cls.State.DRAFT,
            )
            row.opened(by=by, on=on, note=f"{len(chosen)} 项,期限 {due_on:%Y-%m-%d}")
            for position, finding in enumerate(chosen):
                OrderLine.of_finding(row, position, finding, words.get(finding.pk, finding.requirement))
        return row

    # Who may not

    def guard_ask_extension(self, by: Any) -> str:
        """Before its day, one request at a time (2015办法 §15 and its successor)."""
        today = timezone.localdate(moment.now())
        if self.open_extension:
            return "已有一个延期申请在等答复。"
        return "" if today <= self.ask_by_on else f"延期要在 {self.ask_by_on:%Y-%m-%d} 以前书面申请,现在已经过了。"

    def guard_grant_extension(self, by: Any) -> str:
        """There is a request."""
        return "" if self.open_extension else "没有等待答复的延期申请。"

    guard_refuse_extension = guard_grant_extension

    def guard_plan_recheck(self, by: Any) -> str:
        """One re-check at a time."""
        return "已经安排了复查。" if self.open_recheck else ""

    # Verbs: issue and service

    def issue(self, *, by: Any, on: datetime.date, document: Document, note: str = "") -> None:
        """The paper is issued: its hazards are the firm's to correct until the day."""
        lines = list(self.lines.select_related("finding__hazard", "hazard"))  # type: ignore[attr-defined]
        check_day(on, self.due_on, [line.finding for line in lines if line.finding])
        with transaction.atomic():
            self._move("issue", by=by, on=on, note=note, document=document, issued_on=on)
            rectifier = responsible_for(self.enterprise)
            for line in lines:
                if line.hazard and not line.hazard.is_major and line.hazard.is_open:
                    line.hazard.order_fix(by=by, on=on, due_on=self.due_on, rectifier=rectifier, ordered_by=document.number[:80])

    def mark_served(self, *, by: Any, on: datetime.date, served_on: datetime.date, note: str = "") -> None:
        """Follows the service of its paper; on its last day at the latest: the firm must have had the day."""
        self.check_served(served_on)
        self._move("mark_served", by=by, on=on, note=note, served_on=served_on)

    def check_served(self, served_on: datetime.date) -> None:
        """The firm must have had its day."""
        if served_on > self.due_on:
            words = f"送达日期 {served_on:%Y-%m-%d} 已经晚于整改期限 {self.due_on:%Y-%m-%d}"
            raise MoveRefused(f"{words},请撤销后重新拟制指令书,期限不早于 {served_on:%Y-%m-%d}。")

    def cancel(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Withdraw it before service; an issued paper is voided."""
        with transaction.atomic():
            self._move("cancel", by=by, on=on, note=note)
            if self.document and self.document.is_valid:
                self.document.void(by=by, on=on, reason=note)
            self.let_go(by=by, on=on, note=note)

    def guard_lose_paper(self, by: Any) -> str:
        """Nobody is on the way to look whether it was obeyed."""
        return "已经安排了复查,请先取消复查,再作废指令书。" if self.open_recheck else ""

    def let_go(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Its hazards go the firm's own course, its violations are open again, a failed order before it can be taken up anew."""
        if self.previous_id:
            self.previous = None
            self.save(update_fields=["previous"])
        self.extensions.open().update(answer=OrderExtension.Answer.VOID, decided_by=by, decided_on=on)  # type: ignore[attr-defined]
        for hazard in self._open_hazards():
            if self.document and hazard.ordered_by == self.document.number[:80]:
                hazard.lift_order(by=by, on=on, note=note)
        for violation in Violation.objects.filter(finding__order_lines__order=self, state=Violation.State.ORDERED):
            violation.reopen(by=by, on=on, note=f"{self.printed_number} 已撤销")

    # Verbs: more time

    def ask_extension(
        self, *, by: Any, on: datetime.date, until: datetime.date, note: str, measures: str, photos: list[Attachment] | None = None
    ) -> None:
        """The firm asks for a later day in writing: why, and what keeps people safe until then."""
        if until <= self.due_on:
            raise MoveRefused("申请的日期要晚于现在的期限。")
        if until > self.extend_to_on:
            raise MoveRefused(f"一次延期最晚到 {self.extend_to_on:%Y-%m-%d}。")
        with transaction.atomic():
            event = self._move(
                "ask_extension", by=by, on=on, note=note, data={"lines": [f"申请延至 {until:%Y-%m-%d}", f"防范措施:{measures}"]}
            )
            reply = clock.due_on("inspection.order.extend.reply", on)
            facts = {"until": until, "reason": note, "measures": measures, "asked_by": by, "reply_by_on": reply, "was_due_on": self.due_on}
            OrderExtension.objects.create(order=self, **facts)
            Attachment.attach(photos or [], self, purpose=f"extension-{event.pk}", by=by)

    def grant_extension(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The leader agrees: the day of the order and of its hazards moves."""
        asked = self._asked(by, "grant_extension")
        with transaction.atomic():
            self._move("grant_extension", by=by, on=on, note=note, data={"lines": [f"期限改为 {asked.until:%Y-%m-%d}"]}, due_on=asked.until)
            asked.decide(OrderExtension.Answer.GRANTED, by=by, on=on, note=note)
            for hazard in self._open_hazards():
                hazard.extend_fix(by=by, on=on, until=asked.until)

    def refuse_extension(self, *, by: Any, on: datetime.date, note: str) -> None:
        """The leader disagrees, and why: the day stays."""
        asked = self._asked(by, "refuse_extension")
        with transaction.atomic():
            self._move("refuse_extension", by=by, on=on, note=note)
            asked.decide(OrderExtension.Answer.REFUSED, by=by, on=on, note=note)

    def _asked(self, by: Any, name: str) -> OrderExtension:
        asked = self.open_extension
        if asked is None:
            raise MoveRefused(self.guard(name, by))
        return asked

    def _open_hazards(self) -> list[Hazard]:
        lines = self.lines.select_related("hazard").exclude(hazard=None)  # type: ignore[attr-defined]
        return [line.hazard for line in lines if line.hazard and line.hazard.is_open and not line.hazard.is_major]

    # Verbs: re-check

    def apply_recheck(self, *, by: Any, on: datetime.date, measures: str, photos: list[Attachment] | None = None) -> None:
        """The firm has corrected it, early or in time: the town re-checks within its period (DeadlineRule)."""
        if not photos:
            raise MoveRefused("请至少拍一张整改后的照片。")
        with transaction.atomic():
            due = clock.due_on("inspection.recheck", on)
            event = self._move("apply_recheck", by=by, on=on, note=measures, measures=measures, applied_on=on, recheck_by_on=due)
            Attachment.attach(photos, self, purpose=f"after-{event.pk}", by=by)
            self.extensions.open().update(answer=OrderExtension.Answer.VOID, decided_by=by, decided_on=on)  # type: ignore[attr-defined]

    def fall_due(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Its day has passed without an application (the system's move)."""
        self._move("fall_due", by=by, on=on, note=note, recheck_by_on=clock.due_on("inspection.recheck", self.due_on))

    def plan_recheck(
        self, *, by: Any, on: datetime.date, planned_on: datetime.date, officers: Collection[Any], note: str = ""
    ) -> Inspection:
        """Two officers go and look at each line: a visit of the kind re-check, without a scheme of its own."""
        if planned_on < on:
            raise MoveRefused("复查日期不能早于今天。")
        check_ahead(planned_on, on)
        with transaction.atomic():
            # Beside a carry-in that hangs one more hazard on this order: what it wrote is looked at, or it is refused.
            Enterprise.objects.select_for_update().get(pk=self.enterprise_id)
            self._move("plan_recheck", by=by, on=on, note=note, data={"lines": [f"复查日期:{planned_on:%Y-%m-%d}"]})
            return Inspection.begin_recheck(self, by=by, on=on, planned_on=planned_on, officers=officers)

    def conclude(self, visit: Inspection, *, by: Any, on: datetime.date) -> None:
        """Follows the record of its re-check: every line done passes it and closes its hazards, else it fails; in the caller's transaction."""
        rows = list(visit.items.exclude(line=None).select_related("line__hazard"))  # type: ignore[attr-defined]
        for item in rows:
            item.line.settle(item, by=by, on=on)
        failed = [item for item in rows if item.result == InspectionItem.Result.FAIL]
        lines = {"lines": [f"{item.get_result_display()}:{item.name}" for item in rows]}
        if failed:
            self._move("fail_recheck", by=by, on=on, note=visit.number, data=lines, closed_on=on)
            for violation in Violation.objects.filter(finding__order_lines__order=self, state=Violation.State.ORDERED):
                violation.reopen(by=by, on=on, note=f"{self.printed_number} 复查不合格")
        else:
            self._move("pass_recheck", by=by, on=on, note=visit.number, data=lines, closed_on=on)

    def pass_recheck(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Only by the record of a re-check: see `conclude`."""
        raise MoveRefused("复查结论由两名检查人员签名的复查记录得出。")

    fail_recheck = pass_recheck


def town_may_order(on: datetime.date) -> Organ | None:
    """In whose name the town orders on that day (None: its own); MoveRefused where the district holds the power (handbook §0.2)."""
    power = PowerItem.objects.holder_of(PowerItem.Kind.ORDER, on)
    if power.holder == PowerItem.Holder.DISTRICT:
        raise MoveRefused(f"镇没有责令改正的权限,请移送{power.organ_name or '区县主管部门'}。")
    return power.organ


def check_day(on: datetime.date, due_on: datetime.date, findings: Collection[Finding]) -> None:
    """MoveRefused when the day is past or cannot be meant, or beyond the cap for general hazards (workflows §7); major ones follow their plan."""
    if due_on < on:
        raise MoveRefused("整改期限不能早于今天。")
    last = clock.due_on("inspection.order.max", on)
    if due_on > last and any(finding.hazard.level != Hazard.Level.MAJOR for finding in findings):
        raise MoveRefused(f"一般隐患的整改期限最长到 {last:%Y-%m-%d},请改短,或由企业到时申请延期。")
    check_ahead(due_on, on)


def responsible_for(enterprise: Enterprise) -> Any:
    """Whose task the firm's correction is at first: its principal, else its safety manager; None for a firm without accounts."""
    held = Membership.objects.current().filter(enterprise=enterprise, role__in=(Role.PRINCIPAL, Role.SAFETY_MANAGER))
    rows = sorted(held, key=lambda row: row.role != Role.PRINCIPAL)
    return rows[0].user if rows else None
