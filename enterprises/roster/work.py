"""The three pieces of work of an import, and taking a file in. Each runs once however often it is started."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from core.models import Job
from enterprises.models import RosterImport, RosterRow
from enterprises.roster import writing
from enterprises.roster.columns import catalogue, missing, recognise, text_of
from enterprises.roster.compare import Known, judge
from enterprises.roster.parts import RosterRefused, too_many_rows
from enterprises.roster.rows import Lookups, Row, read_row
from enterprises.roster.sheets import Sheet, Value, read_sheets

CHUNK = 500
ENDINGS = ("填表", "制表", "审核人", "填报", "注:", "说明:", "备注:")
LEAST_CODE = 15
Progress = Callable[[int, int], None]


def take_in(data: bytes, name: str, *, by: Any, area: Any) -> RosterImport:
    """Keep the rows of a file, encrypted, and what its columns seem to mean; the file itself is not kept.

    Raises RosterRefused with a Chinese sentence. Nothing is written to the enterprise file.
    """
    sheets = read_sheets(data, name)
    layout = recognise(sheets)
    found, layout["skipped"] = _data_rows(sheets, layout)
    if not found:
        raise RosterRefused("标题行下面没有企业,没有导入。请检查是否选错了文件。")
    if len(found) > settings.ROSTER_MAX_ROWS:
        raise too_many_rows()
    with transaction.atomic():
        roster = RosterImport.objects.create(
            state=RosterImport.State.UPLOADED,
            area=area,
            by=by,
            name=name[:120],
            sha256=hashlib.sha256(data).hexdigest(),
            layout=layout,
            total=len(found),
        )
        rows = [RosterRow(roster=roster, sheet=sheet, number=number, raw=raw) for sheet, number, raw in found]
        RosterRow.objects.bulk_create(rows, batch_size=CHUNK)
        roster.opened(by=by, on=timezone.localdate(), note=f"{name[:120]},{len(rows)} 行")
    return roster


def _data_rows(sheets: list[Sheet], layout: dict[str, Any]) -> tuple[list[tuple[str, int, list[Value]]], list[dict[str, Any]]]:
    found, skipped = [], []
    for part in layout["sheets"]:
        sheet = next(s for s in sheets if s.name[:60] == part["name"])
        for number, raw in enumerate(sheet.rows[part["header"] :], start=part["header"] + 1):
            why = _why_skipped(raw, part["headings"])
            if why == "":
                found.append((part["name"], number, raw))
            elif why is not None:
                skipped.append({"sheet": part["name"], "number": number, "why": why})
    return found, skipped


def _why_skipped(raw: list[Value], headings: list[str]) -> str | None:
    """ "" for a row with data, None for an empty one, else why it is no row of data."""
    texts = [text_of(value) for value in raw]
    words = [text for text in texts if text]
    if not words:
        return None
    if texts == headings:
        return "重复的标题行,跳过"
    has_code = any(len("".join(word.split())) >= LEAST_CODE and word.isascii() for word in words)
    if not has_code and any("".join(word.split()) in catalogue()["totals"] for word in words):
        return "合计行,跳过"
    if not has_code and words[0].startswith(ENDINGS):
        return "填表说明,跳过"
    return ""


def review(job: Job) -> str:
    """Check every row and write the result table; the enterprise file is only read."""
    roster = RosterImport.objects.select_related("area").get(pk=job.params["roster"])
    if roster.state != RosterImport.State.REVIEWING:
        return "已经核对过"
    note = check_rows(roster, job.progress)
    roster.reviewed(by=User.objects.system(), on=timezone.localdate(), note=note)
    return note


def check_rows(roster: RosterImport, progress: Progress) -> str:
    """The result table of an import, made afresh; the counts as a sentence."""
    read = list(_read(roster, progress))
    known = Known(roster.area, [row.cleaned["credit_code"] for _, row in read if "credit_code" in row.cleaned])
    with transaction.atomic():
        fresh = [_judged(roster, old, row, known) for old, row in read]
        roster.rows.all().delete()
        RosterRow.objects.bulk_create(fresh, batch_size=CHUNK)
    return summary(roster)


def _read(roster: RosterImport, progress: Progress) -> Iterator[tuple[RosterRow, Row]]:
    lookups = Lookups(roster.area)
    parts = {part["name"]: part for part in roster.layout["sheets"]}
    merged = {name: set(part["merged"]) for name, part in parts.items()}
    above: dict[str, Value] = {}
    sheet = None
    for done, old in enumerate(roster.rows.order_by("pk").iterator(chunk_size=CHUNK), start=1):
        part = parts[old.sheet]
        above = above if sheet == old.sheet else {}
        row = read_row(part["columns"], part["headings"], old.raw, above, lookups)
        if old.number in merged[old.sheet]:
            row.say("", "warned", "这一行有合并的单元格,只有左上角有值,请核对", found="")
        above, sheet = row.values, old.sheet
        if done % CHUNK == 0:
            progress(done, roster.total)
        yield old, row


def _judged(roster: RosterImport, old: RosterRow, row: Row, known: Known) -> RosterRow:
    verdict, enterprise = judge(row, known, where=f"{old.sheet}第 {old.number} 行")
    return RosterRow(
        roster=roster,
        sheet=old.sheet,
        number=old.number,
        raw=old.raw,
        cleaned=row.cleaned,
        name=str(row.cleaned.get("name") or text_of(row.values.get("name")))[:120],
        verdict=verdict,
        messages=sorted(row.messages, key=lambda m: (len(m["column"]), m["column"])),
        enterprise=enterprise,
    )


def counts(roster: RosterImport) -> list[tuple[str, str, int]]:
    """(verdict, its name, how many rows), in a fixed order."""
    found = dict(roster.rows.values_list("verdict").annotate(rows=Count("pk")).order_by())
    return [(v.value, str(v.label), found.get(v.value, 0)) for v in RosterRow.Verdict if v]


def summary(roster: RosterImport) -> str:
    """How many rows of each verdict, as a sentence."""
    found = counts(roster)
    return f"共 {sum(number for _, _, number in found)} 行:" + ",".join(f"{label} {number}" for _, label, number in found)


def apply(job: Job) -> str:
    """Write the good rows, all in one transaction; a second start finds it done."""
    roster = RosterImport.objects.select_related("area").get(pk=job.params["roster"])
    if roster.state != RosterImport.State.APPLYING:
        return "已经写入过"
    with transaction.atomic():
        at = timezone.now()
        note = writing.write(roster, by=job.by, at=at, progress=job.progress)
        roster.applied(by=User.objects.system(), on=timezone.localdate(at), at=at, note=note)
    return note


def undo(job: Job) -> str:
    """Take the import back, all in one transaction, unless something hangs on its rows."""
    roster = RosterImport.objects.get(pk=job.params["roster"])
    if roster.state != RosterImport.State.UNDOING:
        return "已经撤销过"
    with transaction.atomic():
        if ties := roster.ties():
            roster.keep(by=User.objects.system(), on=timezone.localdate(), note="、".join(ties))
            return "没有撤销:" + "、".join(ties)
        note = writing.take_back(roster, by=job.by, progress=job.progress)
        roster.undone(by=User.objects.system(), on=timezone.localdate(), note=note)
    return note


def ready(layout: dict[str, Any]) -> list[str]:
    """What keeps a layout from being checked, as sentences."""
    return [f"工作表“{part['name']}”还没有指定:{'、'.join(lacking)}" for part in layout["sheets"] if (lacking := missing(part["columns"]))]
