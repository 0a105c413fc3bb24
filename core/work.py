"""Work: claiming and running work rows. Sweeper, worker and a request with little to do all use the same functions."""

from __future__ import annotations

import logging
import threading
import time
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection
from django.utils import timezone

from core.broker import enqueue
from core.models.work import WorkRow, WorkRowQuerySet, lease

__all__ = ["enqueue", "kinds", "run", "run_one", "sweep"]
log = logging.getLogger(__name__)
SWEEP_SECONDS = 10
CLAIM_FIELDS = ("state", "token", "leased_until", "not_before", "attempts", "last_error")


def kinds() -> list[type[WorkRow]]:
    """The models whose rows are work."""
    return [model for model in apps.get_models() if issubclass(model, WorkRow)]


def sweep(limit: int = 500) -> int:
    """Run due work rows, the kinds in turn, none started after SWEEP_SECONDS; how many were run.

    Safe to call from several processes: claiming decides. A row that fails rests, so it never holds up the others.
    """
    ends, now = time.monotonic() + SWEEP_SECONDS, timezone.now()
    turns = []
    for model in kinds():
        due = WorkRowQuerySet(model).due(now).values_list("pk", flat=True)[:limit]
        turns += [(turn, model, pk) for turn, pk in enumerate(due)]
    ran = 0
    for _, model, pk in sorted(turns, key=itemgetter(0)):
        if time.monotonic() > ends:
            break
        ran += run_one(model, pk)
    return ran


def run_one(model: type[WorkRow], pk: Any) -> bool:
    """Claim and run one row; False when it is gone, not due, or somebody was faster.

    Only what the claim needs is read before it, so that a row that cannot even be read fails by itself.
    """
    row = WorkRowQuerySet(model).only("pk", *CLAIM_FIELDS).filter(pk=pk).first()
    if row is None or row.is_over or not row.claim(timezone.now()):
        return False
    run(row)
    return True


def run(row: WorkRow) -> None:
    """Run one claimed row while its lease is kept. What it raises is written on the row, and retried, then parked."""
    rest = [field.attname for field in row._meta.concrete_fields if field.name not in CLAIM_FIELDS]
    keeper = Keeper(row)
    keeper.start()
    try:
        row.refresh_from_db(fields=rest)
        row.finish(**row.outcome(row.perform()))
    except Exception as error:
        log.exception("%s %s failed", row._meta.label, row.pk)
        row.fail(f"{type(error).__name__}: {error}")
    finally:
        keeper.over.set()


class Keeper(threading.Thread):
    """Renews the lease of a row while its process lives, on a database connection of its own."""

    def __init__(self, row: WorkRow) -> None:
        super().__init__(name=f"lease of {row._meta.label} {row.pk}", daemon=True)
        self.row = row
        self.over = threading.Event()

    def run(self) -> None:
        """Three times a lease, until the work is over or the row is no longer ours."""
        while not self.over.wait(lease().total_seconds() / 3):
            try:
                if not self.row.renew():
                    return
            except DatabaseError as error:
                log.warning("%s not renewed, tried again soon: %s", self.name, error)
            finally:
                connection.close()
