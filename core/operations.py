"""The figures of the operations page: who is alive, what waits, what was given up, what the schedule did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from core.broker import enqueue
from core.models import Event, Heartbeat, Tick, WorkRow
from core.models.heartbeats import SILENT
from core.models.work import WorkRowQuerySet
from core.work import kinds

PARKED_SHOWN = 50
SWEEPER = "work"
UNITS = ((86400, "天"), (3600, "小时"), (60, "分钟"), (1, "秒"))


@dataclass(frozen=True)
class Process:
    """One process that should be there: its row when it was ever heard."""

    label: str
    row: Heartbeat | None

    @property
    def is_silent(self) -> bool:
        """Whether nobody has heard it lately."""
        return self.row is None or self.row.is_silent


def needed() -> list[str]:
    """The kinds of process that this installation needs."""
    return [Heartbeat.Kind.WORKER, Heartbeat.Kind.BEAT] if settings.BROKER_URL else [Heartbeat.Kind.TICKER]


def processes() -> list[Process]:
    """What this installation needs, heard or never heard, and what else is heard."""
    rows = [row for row in Heartbeat.objects.order_by("kind", "name") if row.kind in needed() or not row.is_silent]
    missing = [kind for kind in needed() if kind not in {row.kind for row in rows}]
    return [Process(str(row), row) for row in rows] + [Process(Heartbeat.Kind(kind).label, None) for kind in missing]


def signs_of_life() -> dict[str, str]:
    """ "running", "silent" or "unknown" for each kind of process that this installation needs."""
    newest = dict(Heartbeat.objects.values_list("kind").annotate(newest=models.Max("at")))
    heard = timezone.now() - SILENT
    return {str(kind): "unknown" if kind not in newest else "running" if newest[kind] >= heard else "silent" for kind in needed()}


@dataclass(frozen=True)
class Queue:
    """How much work of one kind waits, runs, was given up, and since when the oldest waits."""

    label: str
    waiting: int
    running: int
    parked: int
    oldest: Any


def queues() -> list[Queue]:
    """One Queue per kind of work row."""
    found = []
    for model in kinds():
        rows = WorkRowQuerySet(model)
        count = {state: models.Count("pk", filter=models.Q(state=state)) for state in ("pending", "running", "parked")}
        open_states = ("pending", "running", "parked")
        sums = rows.filter(state__in=open_states).aggregate(**count)
        oldest = rows.unfinished().values_list("created_at", flat=True).first()
        found.append(Queue(str(model._meta.verbose_name), sums["pending"], sums["running"], sums["parked"], oldest))
    return found


def parked() -> list[WorkRow]:
    """The newest rows of every kind that were given up, the same number of each at most."""
    found: list[WorkRow] = []
    for model in kinds():
        rows = WorkRowQuerySet(model).parked()
        found += rows.select_related("by")[:PARKED_SHOWN] if hasattr(model, "by") else rows[:PARKED_SHOWN]
    return found


def retry(label: str, pk: int, *, by: Any) -> bool:
    """Put one parked row back; an Event tells who. False when it is not parked any more. LookupError for no such row."""
    model = {kind._meta.label_lower: kind for kind in kinds()}[label]
    row = WorkRowQuerySet(model).filter(pk=pk).first()
    if row is None:
        raise LookupError(f"{label} {pk}")
    with transaction.atomic():
        if not row.retry():
            return False
        note = row.last_error[:300]
        states = (WorkRow.State.PARKED.value, WorkRow.State.PENDING.value)
        Event.record(
            row, by=by, on=timezone.localdate(), move="retry", label="重试", states=states, note=note, audience=Event.Audience.TOWN
        )
        enqueue(row)
    return True


@dataclass(frozen=True)
class Planned:
    """One entry of the schedule and its last run."""

    name: str
    entry: Any
    tick: Tick | None

    @property
    def every(self) -> str:
        """How often it runs, in the largest whole unit."""
        seconds = int(self.entry.every.total_seconds())
        size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
        return f"每 {seconds // size} {unit}"


def planned() -> list[Planned]:
    """The schedule with the last run of each entry."""
    ticks = {tick.name: tick for tick in Tick.objects.order_by("name")}
    return [Planned(name, entry, ticks.get(name)) for name, entry in import_string(settings.SCHEDULE).items()]
