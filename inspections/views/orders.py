"""Pages of orders: list, detail, moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.roles import MANAGERS, TOWN_ROLES
from core.models import Attachment
from core.views import MoveView, ScopedDetail, ScopedList
from documents.models import Document, Service
from inspections import next_step
from inspections.documents import photos_of
from inspections.filters_orders import OrderFilter
from inspections.models import Inspection, InspectionItem, Order, OrderExtension, OrderLine

READERS = TOWN_ROLES | MANAGERS


class OrderList(ScopedList):
    """Orders of one's scope, newest first."""

    model = Order
    roles = READERS
    title = "责令整改"
    filterset_class = OrderFilter
    template_name = "inspections/order_list.html"
    empty_text = "没有符合条件的责令整改指令。"
    empty_hint = "检查记录签完以后,在检查页上拟制。"
    columns = (
        ("编号", lambda o: o.printed_number),
        ("企业", lambda o: o.enterprise.name),
        ("检查", lambda o: o.inspection.number if o.inspection else ""),
        ("项数", lambda o: o.line_count),
        ("状态", lambda o: o.state_label),
        ("制发日期", lambda o: o.issued_on),
        ("送达日期", lambda o: o.served_on),
        ("原定期限", lambda o: o.first_due_on),
        ("整改期限", lambda o: o.due_on),
        ("是否逾期", lambda o: o.is_overdue()),
        ("延期待答复", lambda o: o.is_asking),
        ("申请复查日期", lambda o: o.applied_on),
        ("复查期限", lambda o: o.recheck_by_on),
        ("复查日期", lambda o: o.closed_on),
        ("补录", lambda o: o.is_carried),
    )

    def get_queryset(self) -> Any:
        """With how many lines each has, and whether it waits for an answer."""
        asking = OrderExtension.objects.open().filter(order=models.OuterRef("pk"))
        return super().get_queryset().annotate(line_count=models.Count("lines"), is_asking=models.Exists(asking))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the day that decides what is late."""
        return super().get_context_data(today=timezone.localdate(), **kwargs)


@dataclass
class LineStory:
    """A line with its photos: as found, as the firm mended it, as the re-check saw it."""

    line: OrderLine
    before: list[Attachment] = field(default_factory=list)
    after: list[Attachment] = field(default_factory=list)
    seen: list[Attachment] = field(default_factory=list)


def stories(order: Order, user: Any) -> list[LineStory]:
    """The lines of an order with the photos this person may see, in a fixed number of queries."""
    lines = list(order.lines.select_related("hazard", "finding"))  # type: ignore[attr-defined]
    hazards = photos_of([line.hazard for line in lines if line.hazard])
    items = list(InspectionItem.objects.for_user(user).filter(line__in=lines))
    seen = photos_of(items)
    found = {line.pk: LineStory(line) for line in lines}
    for line in lines:
        files = hazards.get(line.hazard_id or 0, [])
        found[line.pk].before = [file for file in files if file.purpose == "before"]
        found[line.pk].after = [file for file in files if file.purpose.startswith("after")]
    for item in items:
        found[item.line_id or 0].seen += seen.get(item.pk, [])
    return list(found.values())


class OrderDetail(ScopedDetail):
    """An order: its lines with photos, what is asked of whom, extensions, service, re-checks, the chain, moves, story."""

    model = Order
    roles = READERS
    template_name = "inspections/order_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        related = ("enterprise", "inspection", "document__kind", "drafted_by", "previous__document", "follower__document")
        return super().get_queryset().select_related(*related).defer(*FACTS)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds lines, step, extensions with their papers, service and re-checks."""
        order, user, today = self.object, self.request.user, timezone.localdate()
        files = photos_of([order]).get(order.pk, [])
        after = [file for file in files if file.purpose.startswith("after")]
        return super().get_context_data(
            today=today,
            overdue=order.is_overdue(today),
            recheck_late=order.state == Order.State.PENDING_RECHECK and (order.recheck_by_on or today) < today,
            stories=stories(order, user),
            applied=[file for file in after if file.purpose == after[-1].purpose],
            step=next_step.of_order(order, user),
            extensions=extensions(order, files, user, today),
            service=service_of(order.document, user),
            rechecks=Inspection.objects.for_user(user).filter(order=order).order_by("pk"),
            follower=getattr(order, "follower", None) if user.is_town else seen_follower(order),
            visit=Inspection.objects.for_user(user).filter(pk=order.inspection_id).first(),
            **kwargs,
        )


FACTS = ("document__facts", "previous__document__facts", "follower__document__facts")


def seen_follower(order: Order) -> Order | None:
    """The order that took this one up, once it is issued: a draft is the town's own."""
    later = getattr(order, "follower", None)
    return later if later is not None and later.issued_on else None


def extensions(order: Order, files: list[Attachment], user: Any, today: Any) -> list[dict[str, Any]]:
    """The requests for more time, each with its clock, photos and papers."""
    rows = list(order.extensions.select_related("asked_by", "decided_by").order_by("pk"))  # type: ignore[attr-defined]
    papers = Document.objects.for_user(user).filter(subject_model=OrderExtension._meta.label_lower, subject_pk__in=[row.pk for row in rows])
    issued: dict[int, list[Document]] = {}
    for paper in papers.select_related("kind").defer("facts").order_by("pk"):
        issued.setdefault(paper.subject_pk, []).append(paper)
    return [
        {
            "row": row,
            "is_late": not row.answer and row.reply_by_on < today,
            "papers": issued.get(row.pk, []),
            "photos": [file for file in files if file.purpose == row.photo_purpose],
            "is_answered": row.answer in (row.Answer.GRANTED, row.Answer.REFUSED),
        }
        for row in rows
    ]


def service_of(document: Document | None, user: Any) -> Service | None:
    """How the paper was served, as it stands."""
    if document is None:
        return None
    return Service.objects.for_user(user).filter(document=document).standing().first()


class OrderMove(MoveView):
    """One move of an order."""

    model = Order

    def get_queryset(self) -> Any:
        """With what its guards and forms read."""
        return super().get_queryset().select_related("enterprise", "inspection", "document")
