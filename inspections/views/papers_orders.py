"""Issuing pages of orders, extensions, measures and transfers; each takes its move in the same transaction."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.models import Event, MoveRefused
from documents.models import Document, Organ
from inspections import documents_orders
from inspections.models import Draw, Inspection, InspectionPlan, OnsiteMeasure, Order, OrderExtension, Transfer, machine
from inspections.models.powers import check_day, organ_over, town_may_order
from inspections.views import papers
from inspections.views.draw_papers import DrawRecord
from inspections.views.papers import InspectionPaper
from inspections.views.papers_plans import YearPlanPaper


def powered(row: Order | OnsiteMeasure) -> Any:
    """The findings of an order or a measure, with what says who may order them."""
    return row.findings.select_related("item__point", "hazard")  # type: ignore[union-attr]


class Follow(InspectionPaper):
    """A paper of what follows a visit, in the name of who holds the power to order."""

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = ("enterprise__area", "enterprise__sector", "inspection__department", "inspection__enterprise", "document")
        return super().get_queryset().select_related(*related)

    def organ(self, subject: Any) -> Organ | None:
        """The bureau that delegates the order on the day it is issued."""
        return organ_over(timezone.localdate(), powered(subject))

    def check_draft(self, subject: Any, draft: str) -> None:
        """Still a draft, or issued and corrected before it was served."""
        if self.is_correction and subject.state in subject.MOVES["take_paper"].sources:
            return
        if subject.state != draft:
            raise MoveRefused(f"现在是“{subject.state_label}”,已经制发过;有误的在那份文书的页面上更正或作废。")


class OrderPaper(Follow):
    """责令限期整改指令书: issuing it binds the firm, once served."""

    kind, url_name, label = "ORDER_RECTIFY", "order_paper", "制发指令书"
    model = Order

    def get_queryset(self) -> Any:
        """With the order before."""
        return super().get_queryset().select_related("previous__document")

    def check(self, subject: Order) -> None:
        """A draft, by a town that may order, until a day that is still to come."""
        self.check_draft(subject, machine.OrderState.DRAFT)
        today, findings = timezone.localdate(), powered(subject)
        town_may_order(today, findings)
        if not self.is_correction:
            check_day(today, subject.due_on, findings)

    def facts(self, subject: Order) -> dict[str, Any]:
        """Of the order."""
        return documents_orders.order_facts(subject, subject.issued_on or timezone.localdate())

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """What, and until when."""
        rows = [f"{row['number']}. {row['description']}\n要求:{row['requirement']}" for row in facts["lines"]]
        return [
            ("企业", facts["firm"]["name"]),
            ("检查", f"{facts['visit']} {facts['visited_on']}"),
            ("责令整改", "\n".join(rows)),
            ("整改期限", f"{facts['due_on']}({facts['days']} 天)"),
            ("申请延期", f"{facts['ask_by_on']}前"),
            ("照片", f"{sum(len(row['photos']) for row in facts['lines'])} 张"),
        ]

    def issue(self, subject: Order, facts: dict[str, Any], old: Document | None) -> Document:
        """The paper, and the move; of a correction the order follows the void paper."""
        paper = super().issue(subject, facts, old)
        if old is None:
            subject.issue(by=self.request.user, on=timezone.localdate(), document=paper)
        return paper

    @classmethod
    def is_offered(cls, row: Order) -> bool:
        """A draft."""
        return row.state == machine.OrderState.DRAFT


class ExtensionPaper(InspectionPaper):
    """整改延期审批表 of an answered request, in the name of who ordered."""

    kind, url_name, label = "EXTEND_APPROVE", "order_extension_paper", "出延期审批表"
    model = OrderExtension

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = ("order__enterprise__area", "order__enterprise__sector", "order__inspection", "order__document", "asked_by", "decided_by")
        return super().get_queryset().select_related(*related)

    def organ(self, subject: OrderExtension) -> Organ | None:
        """The bureau that delegated the order."""
        return organ_over(subject.order.issued_on or timezone.localdate(), powered(subject.order))

    def facts(self, subject: OrderExtension) -> dict[str, Any]:
        """Of the request and its answer."""
        return documents_orders.extension_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """From when to when, why, and the answer."""
        return [
            ("企业", facts["firm"]["name"]),
            ("指令书", facts["order"]),
            ("期限", f"{facts['was_due_on']} 申请延至 {facts['until']}"),
            ("理由", facts["reason"]),
            ("防范措施", facts["measures"]),
            ("答复", f"{facts['answer']} {facts['decided_on']} {facts['decided_by']} {facts['note']}"),
        ]


class MeasurePaper(Follow):
    """现场处理措施决定书: issuing it decides, serving it puts the measure in force."""

    kind, url_name, label = "ONSITE_MEASURE", "measure_paper", "制发决定书"
    model = OnsiteMeasure

    def check(self, subject: OnsiteMeasure) -> None:
        """A draft, by a town that may order."""
        self.check_draft(subject, machine.MeasureState.DRAFT)
        town_may_order(timezone.localdate(), powered(subject))

    def facts(self, subject: OnsiteMeasure) -> dict[str, Any]:
        """Of the measure."""
        return documents_orders.measure_facts(subject, timezone.localdate())

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """What stops, where, until what."""
        return [
            ("企业", facts["firm"]["name"]),
            ("措施", f"{facts['measure']}:{facts['scope']}"),
            ("危险情形", facts["danger"]),
            ("依据", facts["law"]),
            ("解除条件", facts["condition"]),
            ("针对的问题", "\n".join(f"{row['number']}. {row['description']}" for row in facts["findings"])),
        ]

    def issue(self, subject: OnsiteMeasure, facts: dict[str, Any], old: Document | None) -> Document:
        """The paper, and the move; of a correction the measure follows the void paper."""
        paper = super().issue(subject, facts, old)
        if old is None:
            subject.issue(by=self.request.user, on=timezone.localdate(), document=paper)
        return paper

    @classmethod
    def is_offered(cls, row: OnsiteMeasure) -> bool:
        """A draft."""
        return row.state == machine.MeasureState.DRAFT


class ResumePaper(Follow):
    """恢复生产经营审批表, after the leader's consent."""

    kind, url_name, label = "RESUME", "measure_resume_paper", "出恢复审批表"
    model = OnsiteMeasure

    def organ(self, subject: OnsiteMeasure) -> Organ | None:
        """The bureau that delegated the measure."""
        return organ_over(subject.ordered_on or timezone.localdate(), powered(subject))

    def facts(self, subject: OnsiteMeasure) -> dict[str, Any]:
        """Of application, examination and consent."""
        return documents_orders.resume_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """Which measure, what was seen, who consented."""
        examined = facts["examined"]
        return [
            ("企业", facts["firm"]["name"]),
            ("决定书", facts["decision"]),
            ("措施", f"{facts['measure']}:{facts['scope']}"),
            ("治理情况", facts["report"]),
            ("审查", f"{examined['on']} {'、'.join(examined['by'])}\n{examined['opinion']}"),
            ("批准", f"{facts['released_on']} {facts['approved_by']} {facts['approved_note']}"),
        ]

    @classmethod
    def is_offered(cls, row: OnsiteMeasure) -> bool:
        """Released."""
        return row.state == machine.MeasureState.RELEASED


class TransferPaper(InspectionPaper):
    """案件线索移送书: issuing it hands the matter over; the firm does not see it."""

    kind, url_name, label = "CASE_TRANSFER", "transfer_paper", "制发移送书"
    model = Transfer

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = ("enterprise__area", "enterprise__sector", "inspection__department", "inspection__enterprise", "by")
        return super().get_queryset().select_related(*related)

    def check(self, subject: Transfer) -> None:
        """A draft, or sent and corrected before it was received."""
        if self.is_correction and subject.state in subject.MOVES["take_paper"].sources:
            return
        if subject.state != Transfer.State.DRAFT:
            raise MoveRefused(f"现在是“{subject.state_label}”,已经制发过移送书。")

    def audience(self, subject: Transfer) -> str:
        """The town's own."""
        return Event.Audience.TOWN

    def facts(self, subject: Transfer) -> dict[str, Any]:
        """Of the matter."""
        return documents_orders.transfer_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """To whom, what, why, with what."""
        return [
            ("移送至", facts["to"]),
            ("企业", facts["firm"]["name"]),
            ("移送的问题", "\n".join(f"{row['number']}. {row['description']} {row['articles']}" for row in facts["findings"])),
            ("理由", facts["reason"]),
            ("附件", "\n".join(facts["materials"])),
        ]

    def issue(self, subject: Transfer, facts: dict[str, Any], old: Document | None) -> Document:
        """The paper, and the move; of a correction the transfer follows the void paper."""
        paper = super().issue(subject, facts, old)
        if old is None:
            subject.send(by=self.request.user, on=timezone.localdate(), document=paper)
        return paper

    @classmethod
    def is_offered(cls, row: Transfer) -> bool:
        """A draft."""
        return row.state == Transfer.State.DRAFT


OFFERED: dict[type, tuple[type[InspectionPaper], ...]] = {
    Inspection: (papers.CheckPlan, papers.CheckNotice, papers.CheckRecord, papers.RecheckOpinion, papers.DistrictReport),
    Order: (OrderPaper,),
    OnsiteMeasure: (MeasurePaper, ResumePaper),
    Transfer: (TransferPaper,),
    InspectionPlan: (YearPlanPaper,),
    Draw: (DrawRecord,),
}


def offers(row: Any, user: Any) -> list[type[InspectionPaper]]:
    """The issuing pages this person may open for the row now."""
    return [page for page in OFFERED[type(row)] if page.is_offered_to(user, row)]
