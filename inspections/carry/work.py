"""Taking a file in, looked at but not written; and writing it, all of it or nothing, once however often it is started."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.models import Job
from enterprises.roster.sheets import read_sheets
from inspections.carry.columns import recognise
from inspections.carry.reading import Facts, facts_of, judge, read_rows
from inspections.models import CarryImport, CarryRow
from inspections.models.carried import CARRIERS

STEP = 20
# Orders before hazards: a hazard hangs on its order.
ORDER = {"inspection": 0, "order": 1, "hazard": 2}


def take_in(data: bytes, name: str, *, by: Any, area: Any, today: datetime.date) -> CarryImport:
    """Keep what a file says and what there is to say about it; the same file again leads to the first.

    Raises RosterRefused with a Chinese sentence. Nothing is written but the result table.
    """
    digest = hashlib.sha256(data).hexdigest()
    known = CarryImport.objects.filter(area=area, sha256=digest).exclude(state=CarryImport.State.DROPPED).first()
    if known is not None:
        return known
    layouts, ignored = recognise(read_sheets(data, name))
    rows = read_rows(layouts, by)
    judge(rows, today)
    with transaction.atomic():
        facts = {"name": name[:120], "sha256": digest, "ignored": ignored, "total": len(rows)}
        carry = CarryImport.objects.create(area=area, by=by, state=CarryImport.State.REVIEWED, **facts)
        for row in rows:
            row.carry = carry
        CarryRow.objects.bulk_create(rows, batch_size=500)
        carry.opened(by=by, on=today, note=f"{name[:120]},{len(rows)} 行")
    return carry


def apply(job: Job) -> str:
    """Write every row, all in one transaction; looked at once more before, for the world may have changed since."""
    carry = CarryImport.objects.get(pk=job.params["carry"])
    if carry.state != CarryImport.State.APPLYING:
        return "已经写入过"
    by, system, today = acting(job), User.objects.system(), timezone.localdate()
    with transaction.atomic():
        rows = sorted(carry.rows.select_related("enterprise").order_by("pk"), key=lambda row: ORDER[row.what])  # type: ignore[attr-defined]
        for row in rows:
            row.messages, row.verdict = [], CarryRow.Verdict.TAKEN.value
        matters = judge(rows, today)
        if refused := sum(row.verdict == CarryRow.Verdict.REFUSED for row in rows):
            note = f"有 {refused} 行现在不能写入,什么也没有写。"
            carry.hold(by=system, on=today, note=note)
        else:
            note = write(rows, matters, by=by, today=today, job=job)
            carry.applied(by=system, on=today, note=note)
        CarryRow.objects.bulk_update(rows, ["verdict", "messages", "made", "made_url"], batch_size=500)
    return note


def acting(job: Job) -> Any:
    """Who asked for it, in the role that may."""
    person = job.by
    person.membership = person.memberships.current().filter(role__in=sorted(CARRIERS)).first()
    return person


def write(rows: list[CarryRow], matters: dict[tuple[Any, ...], Facts], *, by: Any, today: datetime.date, job: Job) -> str:
    """One record of each matter, and its page beside every row it came from; in the caller's transaction."""
    made: dict[tuple[Any, ...], Any] = {}
    for done, row in enumerate(rows, start=1):
        key = facts_of(row).key
        if key not in made:
            made[key] = matters[key].carry_in(by=by, on=today)
        row.made, row.made_url = str(made[key])[:80], made[key].get_absolute_url()
        if done % STEP == 0:
            job.progress(done, len(rows))
    return f"写入 {len(made)} 条记录({len(rows)} 行)。"
