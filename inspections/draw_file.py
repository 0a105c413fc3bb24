"""The published file of a draw: everything a stranger needs to make it again (design/draw.md §5, B1)."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.utils import timezone

from core.models import MoveRefused
from inspections import drawing
from inspections.models import Draw, DrawChange


def file_of(draw: Draw) -> dict[str, Any]:
    """The file's content; MoveRefused before its publication: until then the lists would tip somebody off."""
    if not draw.is_disclosed:
        raise MoveRefused(f"{draw} 还没有公布,名单和密钥现在不能导出。")
    return content_of(draw)


def content_of(draw: Draw) -> dict[str, Any]:
    """The same, not asking whether it is public."""
    times = {name: moment(getattr(draw, name)) for name in ("committed_at", "frozen_at", "public_value_at", "drawn_at")}
    return {
        "format": drawing.FORMAT,
        "id": draw.number,
        "title": draw.title,
        "commitment": draw.commitment,
        "committed_at": times["committed_at"],
        "public_event": draw.public_event,
        "frozen_at": times["frozen_at"],
        "public_value_at": times["public_value_at"],
        "drawn_at": times["drawn_at"],
        "secret": draw.secret,
        "public_value": draw.public_value or None,
        "lists_sha256": draw.lists_sha256 or None,
        "seed": draw.seed or None,
        "n": draw.n,
        "officers_per_object": draw.officers_per_object,
        "max_per_officer": draw.max_per_officer,
        **(draw.lists() if draw.frozen_at else {"objects": [], "officers": [], "conflicts": []}),
        "drawn": drawn(draw),
        "changes": [change(row) for row in approved(draw)],
    }


def drawn(draw: Draw) -> list[dict[str, Any]]:
    """The first result, before any change, as it is on record: whoever makes the draw again checks what the visits were made by."""
    changes: Any = draw.changes.applied().filter(kind=DrawChange.Kind.OBJECT)  # type: ignore[attr-defined]
    later = set(changes.values_list("replacement", flat=True))
    return [
        {
            "object": pick.listed.key,
            "ticket": pick.ticket,
            "officers": [{"key": seat.officer.key, "ticket": seat.ticket} for seat in seats],
        }
        for pick, seats in draw.as_drawn()
        if pick.listed.key not in later
    ]


def approved(draw: Draw) -> Any:
    """The approved changes in the order in which they count."""
    return draw.changes.exclude(approved_at=None).select_related("by", "approved_by").order_by("pk")  # type: ignore[attr-defined]


def change(row: DrawChange) -> dict[str, Any]:
    """One change; a void draw that was drawn anew names the new one."""
    anew = getattr(row.draw, "redrawn_as", None) if row.kind == DrawChange.Kind.VOID else None
    by, approved_by = names(row.by, row.approved_by)
    return {
        "kind": row.kind,
        "object": row.object or None,
        "officer": row.officer or None,
        "by": by,
        "approved_by": approved_by,
        "reason": row.reason,
        "at": moment(row.approved_at),
        "replacement": anew.number if anew else row.replacement or None,
    }


def names(asked: Any, approved: Any) -> tuple[str, str]:
    """Who asked and who approved, as the public reads them; two people of one name are told apart by their staff numbers."""
    if asked.name == approved.name:
        return f"{asked.name}({asked.staff_number})", f"{approved.name}({approved.staff_number})"
    return asked.name, approved.name


def moment(at: datetime.datetime | None) -> str | None:
    """In Shanghai, to the second, with its offset."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def text_of(draw: Draw) -> str:
    """The file as it is served and printed."""
    return json.dumps(file_of(draw), ensure_ascii=False, indent=1) + "\n"
