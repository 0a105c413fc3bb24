"""Facts of the firm's own papers: all words a paper prints, frozen at issue; dates in words, photos as pk and digest (R20–R23).

The papers of major hazards are in `documents_major`.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from core.models import Attachment, Event, MoveRefused
from duties.models import Occurrence, Sample
from duties.periods import Frequency, period
from duties.statistics import COUNTS
from enterprises.models import Enterprise, Unit
from hazards.models import Answer, Check, Hazard
from hazards.sheet import Sheet

ROWS_PER_PAPER = 500
LETTERS_PER_PAPER = 120_000
REQUIREMENT = "按依据整改到位;整改前采取措施保证安全,不能保证安全的先停用。"
NOT_ISSUED = "已提交的检查才能出检查记录。"


def day_words(day: datetime.date | None) -> str:
    """2026年11月3日, or "" for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def time_words(at: datetime.datetime | None) -> str:
    """2026年11月3日 8时05分 here, or "" for none."""
    local = timezone.localtime(at) if at else None
    return f"{day_words(local.date())} {local.hour}时{local.minute:02d}分" if local else ""


def firm_facts(enterprise: Enterprise) -> dict[str, str]:
    """Who the firm is, as papers name it."""
    return {
        "name": enterprise.name,
        "credit_code": enterprise.credit_code,
        "address": enterprise.address,
        "area": enterprise.area.name,
        "sector": enterprise.sector.name if enterprise.sector else "",
    }


def photo_facts(files: list[Attachment], caption: str = "") -> list[dict[str, Any]]:
    """Photos as a paper holds them: which file, its digest, what to write under it."""
    shown = []
    for file in files:
        taken = f"{time_words(file.taken_at)} 摄" if file.taken_at else ""
        shown.append({"pk": file.pk, "sha256": file.sha256, "caption": " ".join(part for part in (caption, taken) if part)})
    return shown


# 隐患排查检查记录


def check_facts(check: Check) -> dict[str, Any]:
    """A submitted check with each item, its result, what was found and where it went; MoveRefused while it is open."""
    if check.state != Check.State.SUBMITTED or check.submitted_by is None:
        raise MoveRefused(NOT_ISSUED)
    sheet = Sheet(check)
    sections = [
        {"name": section.name, "rows": [_item(row, sheet) for row in section.rows]} for section in sheet.on_page(range(sheet.total))
    ]
    first, last = check.window_start, check.window_end
    return {
        "firm": firm_facts(check.enterprise),
        "unit": check.unit.name,
        "checklist": check.title,
        "edition": check.version_used.checklist.edition,
        "frequency": check.get_frequency_display(),
        "window": day_words(first) if first == last else f"{day_words(first)}至{day_words(last)}",
        "receipt": check.receipt,
        "submitted_by": check.submitted_by.name,
        "submitted_at": time_words(check.submitted_at),
        "participants": [person.name for person in check.participants.all()],
        "is_late": check.occurrence is not None and check.occurrence.state == Occurrence.State.LATE,
        "counts": [[label, count] for label, count in sheet.counts()],
        "sections": sections,
        "samples": _samples(check),
    }


def _item(row: Any, sheet: Sheet) -> dict[str, Any]:
    answer = sheet.answers.get(row.position)
    hazard = getattr(answer, "hazard", None)
    failed = answer is not None and answer.result == Answer.Result.FAIL
    return {
        "number": row.number,
        "name": row.item["name"],
        "hazard_if": row.item["hazard_if"],
        "basis": row.item["basis"],
        "result": answer.get_result_display() if answer else "",
        "failed": failed,
        "note": answer.note if answer and failed else "",
        "level": answer.get_level_display() if answer and failed else "",
        "hazard": hazard.number if hazard else "",
        "photos": photo_facts(row.photos, f"第{row.number}项") if failed else [],
    }


def _samples(check: Check) -> list[dict[str, str]]:
    if check.occurrence is None:
        return []
    drawn = Sample.objects.filter(upper=check.occurrence).exclude(verdict="").select_related("lower__unit", "lower__plan__duty")
    return [
        {
            "lower": f"{one.lower.unit.name} {one.lower.plan.duty.name} {one.lower.period_label}",
            "verdict": one.get_verdict_display(),
            "note": one.note,
        }
        for one in drawn.order_by("pk")
    ]


# 隐患整改通知单


def notice_facts(hazard: Hazard) -> dict[str, Any]:
    """The firm's order to one of its people: what, why, until when, by whom; MoveRefused unless it is to be rectified."""
    if hazard.is_major:
        raise MoveRefused(f"{hazard.number} 已确认为重大隐患,按五定方案整改,不出整改通知单。")
    if hazard.state not in Hazard.IN_WORK or hazard.rectifier is None:
        raise MoveRefused(f"{hazard.number} 现在是“{hazard.state_label}”,指派后、提交整改前才能出整改通知单。")
    named = Event.objects.of(hazard).filter(move__in=("assign", "reassign")).select_related("by")
    assigned, first = named.last(), named.filter(move="assign").last()
    files = [file for file in Attachment.objects.of(hazard) if file.purpose == "before"]
    return {
        "firm": firm_facts(hazard.enterprise),
        **hazard_facts(hazard),
        "rectifier_unit": _unit_of(hazard),
        "requirement": first.note if first and first.note else REQUIREMENT,
        "assigned_by": assigned.by.name if assigned else "",
        "assigned_on": day_words(assigned.on) if assigned else "",
        "photos": photo_facts(files, "整改前"),
    }


def hazard_facts(hazard: Hazard) -> dict[str, Any]:
    """One hazard as any paper names it."""
    return {
        "hazard": hazard.number,
        "unit": hazard.unit.name if hazard.unit else "",
        "place": hazard.place,
        "description": hazard.description,
        "level": hazard.get_level_display(),
        "source": hazard.get_source_display(),
        "basis": hazard.basis,
        "found_on": day_words(hazard.found_on),
        "found_by": hazard.found_by.name,
        "rectifier": hazard.rectifier.name if hazard.rectifier else "",
        "due_on": day_words(hazard.due_on),
        "state": hazard.state_label,
    }


def _unit_of(hazard: Hazard) -> str:
    """Where the rectifier works, by his membership in force; a person without a unit works for the whole firm."""
    held = (
        hazard.rectifier.memberships.current().filter(enterprise=hazard.enterprise).select_related("unit").first()
        if hazard.rectifier
        else None
    )
    return held.unit.name if held and held.unit else ""


# 月度隐患排查治理台账、隐患整改情况公示


def of_month(enterprise: Enterprise, month: datetime.date) -> models.QuerySet[Hazard]:
    """The firm's hazards found in the month, or found before and not closed when it began; without what was rejected."""
    first, last = period(Frequency.MONTH, month)
    rows = Hazard.objects.filter(enterprise=enterprise, found_on__lte=last).exclude(state=Hazard.State.REJECTED)
    rows = rows.filter(models.Q(found_on__gte=first) | models.Q(closed_on=None) | models.Q(closed_on__gte=first))
    return rows.select_related("unit", "rectifier", "found_by", "closed_by").order_by("found_on", "pk")


def ledger_facts(enterprise: Enterprise, month: datetime.date, on: datetime.date) -> list[dict[str, Any]]:
    """The month's ledger as it stands on `on`, one facts per paper as `split` says: 第n册,共m册."""
    first, last = period(Frequency.MONTH, month)
    if first > on:
        raise MoveRefused("这个月还没有开始,没有台账可出。")
    rows = [_ledger_row(hazard, number, on) for number, hazard in enumerate(of_month(enterprise, month), start=1)]
    parts = split(rows)
    rejected = Hazard.objects.filter(enterprise=enterprise, found_on__range=(first, last), state=Hazard.State.REJECTED).count()
    whole = {
        "firm": firm_facts(enterprise),
        "month": f"{first.year}年{first.month}月",
        "period": f"{first:%Y-%m}",
        "as_of": day_words(on),
        "duties": _duties(enterprise, first, last),
        "counts": _counts(enterprise, month, on),
        "rejected": rejected,
        "parts": len(parts),
    }
    return [{**whole, "part": number, "rows": part} for number, part in enumerate(parts, start=1)]


def split(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The rows in parts that each make a paper in reasonable time: ROWS_PER_PAPER rows, fewer when they are wordy; at least one part."""
    parts: list[list[dict[str, Any]]] = [[]]
    letters = 0
    for row in rows:
        length = sum(len(str(value)) for value in row.values())
        if len(parts[-1]) == ROWS_PER_PAPER or (parts[-1] and letters + length > LETTERS_PER_PAPER):
            parts.append([])
            letters = 0
        parts[-1].append(row)
        letters += length
    return parts


def publicity_facts(enterprise: Enterprise, month: datetime.date, on: datetime.date) -> list[dict[str, Any]]:
    """What the firm tells its people about the month's hazards (2021 §41), split as the ledger is.

    It names places, measures and results, and who answers for them; not who reported.
    """
    told = ("number", "hazard", "place", "description", "level", "measures", "rectifier", "due_on", "fixed_on", "closed_on", "state")
    papers = ledger_facts(enterprise, month, on)
    return [{**facts, "rows": [{name: row[name] for name in told} for row in facts["rows"]]} for facts in papers]


def _ledger_row(hazard: Hazard, number: int, on: datetime.date) -> dict[str, Any]:
    return {
        "number": number,
        **hazard_facts(hazard),
        "found_on": hazard.found_on.isoformat(),
        "due_on": hazard.due_on.isoformat() if hazard.due_on else "",
        "measures": hazard.measures,
        "fixed_on": hazard.fixed_on.isoformat() if hazard.fixed_on else "",
        "closed_on": hazard.closed_on.isoformat() if hazard.closed_on else "",
        "closed_by": hazard.closed_by.name if hazard.closed_by else "",
        "overdue": hazard.is_overdue(on),
    }


def _duties(enterprise: Enterprise, first: datetime.date, last: datetime.date) -> list[dict[str, Any]]:
    """What the levels owed in the month and did: 班组、部门、厂长 in this order."""
    rows = Occurrence.objects.filter(enterprise=enterprise, period_start__range=(first, last), plan__duty__is_ladder=True)
    lines = {line["level"]: line for line in rows.order_by().values("level").annotate(**COUNTS)}
    kinds = (Unit.Kind.TEAM, Unit.Kind.DEPARTMENT, Unit.Kind.PLANT)
    return [{**lines[kind], "level": str(kind.label)} for kind in kinds if kind in lines]


def _counts(enterprise: Enterprise, month: datetime.date, on: datetime.date) -> dict[str, int]:
    """How many hazards the month holds, and how they stand."""
    first, _ = period(Frequency.MONTH, month)
    closed = models.Q(state=Hazard.State.CLOSED)
    return of_month(enterprise, month).aggregate(
        total=models.Count("pk"),
        found=models.Count("pk", filter=models.Q(found_on__gte=first)),
        major=models.Count("pk", filter=models.Q(major_on__isnull=False)),
        closed=models.Count("pk", filter=closed),
        open=models.Count("pk", filter=~closed),
        overdue=models.Count("pk", filter=models.Q(state__in=Hazard.IN_WORK, due_on__lt=on)),
    )
