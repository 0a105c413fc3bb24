"""The issuing page of the record of a draw."""

from __future__ import annotations

from typing import Any

from core.models import Event
from documents.models import Organ
from inspections import documents_draws
from inspections.models import Draw
from inspections.views.papers import InspectionPaper


class DrawRecord(InspectionPaper):
    """双随机抽取记录 of a confirmed draw, for the town's own files; the witnesses sign on the paper."""

    kind, url_name, label = "DRAW_RECORD", "draw_record_paper", "出抽取记录"
    model = Draw

    def get_queryset(self) -> Any:
        """With what the facts read."""
        return super().get_queryset().select_related("pool", "department", "configured_by", "confirmed_by")

    def enterprise(self, subject: Draw) -> None:
        """No firm's."""
        return

    def audience(self, subject: Draw) -> str:
        """The town's own."""
        return Event.Audience.TOWN

    def organ(self, subject: Draw) -> Organ | None:
        """In its own name."""
        return None

    def facts(self, subject: Draw) -> dict[str, Any]:
        """Of the draw."""
        return documents_draws.record_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """What was drawn, by whom, in front of whom."""
        return [
            ("抽取", f"{facts['draw']} {facts['title']}"),
            ("规则", facts["rule"]),
            ("名单", f"企业 {facts['objects']};检查人员 {facts['officers']}"),
            ("公共随机值", f"{facts['value']}({facts['value_at']})"),
            ("抽取时间", facts["drawn_at"]),
            (
                "抽中",
                "\n".join(f"{row['place']}. {row['name']}:{row['officers']}{'(已撤出)' if row['gone'] else ''}" for row in facts["picks"]),
            ),
            ("见证人", "、".join(facts["witnesses"])),
        ]

    @classmethod
    def is_offered(cls, row: Draw) -> bool:
        """Confirmed."""
        return row.confirmed_by_id is not None
