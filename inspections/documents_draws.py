"""Facts of the record of a draw: who, when, by which rule, in front of whom, with which result (R49)."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from core.models import MoveRefused
from hazards.documents import day_words
from inspections.models import Draw, DrawChange


def moment_words(at: datetime.datetime | None) -> str:
    """A moment to the second, "" for none."""
    return f"{timezone.localtime(at):%Y年%m月%d日 %H:%M:%S}" if at else ""


def record_facts(draw: Draw) -> dict[str, Any]:
    """双随机抽取记录 of a confirmed draw; the secret and the seed only once they are public."""
    if draw.confirmed_by is None:
        raise MoveRefused("抽取结果还没有确认,确认后才能出抽取记录。")
    lists = draw.lists()
    counts = {name: (len(rows), sum(row["excluded"] is None for row in rows)) for name, rows in lists.items() if name != "conflicts"}
    return {
        "draw": draw.number,
        "title": draw.title,
        "unit": draw.organ_name,
        "pool": draw.pool.name,
        "rule": draw.rule_words(),
        "share": f"{draw.n * 100 / max(1, counts['objects'][1]):.1f}%",
        "visits": f"{day_words(draw.visits_from)}至{day_words(draw.visits_until)}",
        "objects": f"{counts['objects'][0]} 家,排除 {counts['objects'][0] - counts['objects'][1]} 家,可抽 {counts['objects'][1]} 家",
        "officers": f"{counts['officers'][0]} 人,可抽 {counts['officers'][1]} 人,回避 {len(lists['conflicts'])} 对",
        "commitment": draw.commitment,
        "committed_at": moment_words(draw.committed_at),
        "lists_sha256": draw.lists_sha256,
        "frozen_at": moment_words(draw.frozen_at),
        "event": draw.public_event,
        "value": draw.public_value,
        "value_at": moment_words(draw.public_value_at),
        "drawn_at": moment_words(draw.drawn_at),
        "secret": draw.secret if draw.is_disclosed else "",
        "seed": draw.seed if draw.is_disclosed else "",
        "picks": picks(draw),
        "changes": [change(row) for row in draw.changes.exclude(approved_at=None).select_related("by", "approved_by").order_by("pk")],  # type: ignore[attr-defined]
        "configured_by": draw.configured_by.name,
        "confirmed_by": draw.confirmed_by.name,
        "witnesses": draw.witnesses,
    }


def picks(draw: Draw) -> list[dict[str, Any]]:
    """Each drawn firm with its officers in force, and whether it was taken out."""
    rows: Any = draw.picks.select_related("listed").prefetch_related("seats__officer").order_by("position")  # type: ignore[attr-defined]
    return [
        {
            "place": pick.position,
            "name": pick.listed.name,
            "key": pick.listed.key,
            "ticket": pick.ticket,
            "officers": "、".join(seat.officer.name for seat in pick.seats_now) or "人员不足,没有抽出",
            "gone": pick.withdrawn_by_id is not None,
        }
        for pick in rows
    ]


def change(row: DrawChange) -> dict[str, str]:
    """One approved change in words."""
    words = {"kind": row.get_kind_display(), "what": row.words, "reason": row.reason, "became": row.became}
    approved = f"{row.approved_by.name} {moment_words(row.approved_at)}" if row.approved_by else ""
    return {**words, "by": row.by.name, "approved": approved}
