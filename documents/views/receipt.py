"""The issuing page of 文书送达回执."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.models import Event, MoveRefused
from documents.models import Organ, Service
from documents.models.service import SERVERS
from documents.receipt import organ_of, receipt_facts
from documents.views.issue import PaperView


class ReceiptPaper(PaperView):
    """文书送达回执 of one record of service, for the file, in the name of who issued the served paper."""

    kind = "DELIVERY"
    model = Service
    roles = SERVERS

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = ("document__enterprise", "document__kind", "server", "second_server", "corrected_by")
        return super().get_queryset().select_related(*related)

    def problem(self, subject: Service) -> str:
        """A record corrected since says nothing any more."""
        try:
            self.facts(subject)
        except MoveRefused as refused:
            return refused.message
        return ""

    def enterprise(self, subject: Service) -> Any:
        """Of the served paper."""
        return subject.document.enterprise

    def audience(self, subject: Service) -> str:
        """For the town's file; it is not itself served."""
        return Event.Audience.TOWN

    def organ(self, subject: Service) -> Organ | None:
        """As of the served paper."""
        return organ_of(subject, timezone.localdate())

    def facts(self, subject: Service) -> dict[str, Any]:
        """Of the record."""
        return receipt_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """Which paper, how, when, to whom."""
        return [
            ("文书", f"{facts['paper']} {facts['paper_number']}"),
            ("受送达人", facts["firm"]["name"]),
            ("方式", facts["method"]),
            ("签收", f"{facts['receiver']}({facts['receiver_role']})"),
            ("送达日期", f"{facts['served_on']} {facts['place']}"),
            ("送达人", "、".join(facts["servers"])),
        ]
