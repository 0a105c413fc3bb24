"""Sealing: each minute the Events that no seal holds yet become the next link of the chain.

What is not sealed is asked by anti-join. The ids only say how far back a look goes: a transaction that commits late
brings lower ids than those sealed meanwhile, so each minute looks LOOK_BACK ids back, and each hour at everything.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.models import Event, Seal, SealedEvent

CHUNK = 500
KEYS = 100_000
LOOK_BACK = 20_000
SEAL_SECONDS = 20
FIELDS = (
    "pk",
    "subject_model",
    "subject_pk",
    "move",
    "label",
    "from_state",
    "to_state",
    "by_id",
    "at",
    "on",
    "note",
    "data",
    "enterprise_id",
    "area_code",
    "audience",
)


def row_digest(values: Sequence[Any]) -> str:
    """SHA-256 of an Event's canonical row: the values of FIELDS, as read from the database, times in UTC."""
    text = json.dumps(values, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: datetime.date) -> str:
    return value.astimezone(datetime.UTC).isoformat() if isinstance(value, datetime.datetime) else value.isoformat()


def unsealed(*, everything: bool = False) -> QuerySet[Event]:
    """The Events that no seal holds: all of them, or those within LOOK_BACK of the newest sealed id."""
    rows = Event.objects.filter(sealing=None)
    last = None if everything else SealedEvent.objects.aggregate(last=models.Max("pk"))["last"]
    return rows.filter(pk__gt=last - LOOK_BACK) if last else rows


def seal_new() -> int:
    """Seal what was committed since the last minute, for SEAL_SECONDS at most; how many Events."""
    return _seal(unsealed(), time.monotonic() + SEAL_SECONDS)


def seal_all() -> int:
    """Seal every Event that is not sealed, however old its id; how many."""
    return _seal(unsealed(everything=True), float("inf"))


def _seal(rows: QuerySet[Event], ends: float) -> int:
    """Chunk by chunk, each in a transaction, until nothing is left, time is up, or another sealer is at work."""
    sealed = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:KEYS]):
        for start in range(0, len(pks), CHUNK):
            if time.monotonic() > ends:
                return sealed
            newest = Seal.newest()
            try:
                sealed += _seal_chunk(newest, pks[start : start + CHUNK])
            except IntegrityError:
                if Seal.newest() == newest:
                    raise
                return sealed
    return sealed


@transaction.atomic
def _seal_chunk(newest: Seal | None, pks: list[int]) -> int:
    """One link after `newest`, which must have been read before; IntegrityError when another sealer made that link.

    The unique number and `prev` decide between two sealers, so no lock is held and no Event is sealed twice.
    """
    rows = list(Event.objects.filter(pk__in=pks, sealing=None).order_by("pk").values_list(*FIELDS))
    if not rows:
        return 0
    seal = Seal.after(newest, [[row[0], row_digest(row)] for row in rows])
    seal.save(force_insert=True)
    members = [SealedEvent(event_id=row[0], seal=seal, position=place) for place, row in enumerate(rows)]
    SealedEvent.objects.bulk_create(members)
    return len(rows)


@dataclass(frozen=True)
class Window:
    """What is recorded but not sealed yet."""

    count: int
    since: datetime.datetime | None


def unsealed_window() -> Window:
    """How many Events wait to be sealed, and since when the oldest does."""
    found = unsealed().aggregate(count=models.Count("pk"), since=models.Min("at"))
    return Window(found["count"], found["since"])


def newest_line() -> str:
    """The newest seal in a Chinese sentence, with what it does not cover yet; printed on papers and on the public page."""
    seal, window = Seal.newest(), unsealed_window()
    rest = f"其后 {window.count} 条记录待封存" if window.count else "其后没有待封存的记录"
    if seal is None:
        return f"数据封存:还没有封条,{window.count} 条记录待封存。"
    return f"数据封存:{seal}({timezone.localtime(seal.sealed_at):%Y-%m-%d %H:%M}),{rest}。"
