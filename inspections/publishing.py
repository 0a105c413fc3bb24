"""Results on their way to the public: drafted one by one or all at once, and what follows when a publication moves."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core.models import Event, MoveRefused
from documents.models import Publication
from inspections.models import Draw, DrawPick, Inspection, InspectionResult, ResultRule
from inspections.models.results import why_not_public
from inspections.result_words import result_texts


@dataclass
class Drafted:
    """What came of drafting several results: those made, and why others were not."""

    made: list[InspectionResult] = field(default_factory=list)
    refused: list[tuple[Inspection, str]] = field(default_factory=list)


def draft_results(visits: Iterable[Inspection], *, by: Any, on: datetime.date) -> Drafted:
    """A draft for each of these closed visits, in words taken from its record; one that is refused holds up no other."""
    drafted = Drafted()
    with transaction.atomic():
        for visit in visits:
            try:
                drafted.made.append(InspectionResult.draft(visit, by=by, on=on, **result_texts(visit)))
            except MoveRefused as refused:
                drafted.refused.append((visit, refused.message))
    return drafted


def owe_all() -> int:
    """Start the clock of closed visits that have none: a rule has come since, or the day it runs from; how many. Again starts nothing.

    Only of kinds that a rule names at all: the others would be asked about for ever.
    """
    rows = Inspection.objects.without_clock().filter(kind__in=ResultRule.objects.values("kind"))
    return sum(visit.owe_result() for visit in rows.select_related("enterprise").iterator())


# Reactions: called by shijiao/reactions.py inside the move's own transaction


def owe(visit: Inspection, event: Event) -> None:
    """A visit was closed: its result is owed to the public."""
    visit.owe_result()


def owe_drawn(draw: Draw, event: Event) -> None:
    """The last visit of a draw is over: the results of all its closed visits are owed from this day."""
    for visit in Inspection.objects.without_clock().filter(pick__draw=draw):
        visit.owe_result()


def check_public(row: Publication, event: Event) -> None:
    """The result of a visit is published only when the visit allows it, and nothing else tells of a draw before it is open; else MoveRefused."""
    result = InspectionResult.objects.filter(publication=row).select_related("inspection").first()
    if sentence := why_not_public(result.inspection) if result is not None else why_not_yet(row):
        raise MoveRefused(sentence)


def why_not_yet(row: Publication) -> str:
    """Why what was drafted by hand would tell of a draw that is not open: a random result of a drawn firm, a paper of a drawn visit; or "".

    What corrects something public tells nothing new of a firm.
    """
    if row.corrects_id is not None:
        return ""
    paper, secret = row.document, DrawPick.objects.filter(draw__published_at=None).select_related("draw")
    told = secret.none()
    if paper is not None and paper.subject_model == Inspection._meta.label_lower:
        told = secret.filter(inspection=paper.subject_pk)
    elif row.kind == Publication.Kind.RANDOM:
        told = secret.filter(listed__enterprise=row.enterprise)
    pick = told.first()
    return f"这家企业由{pick.draw} 抽中,抽取公布以后才能公示。" if pick is not None else ""


def follow_correction(row: Publication, event: Event) -> None:
    """The correction of a result is a result of the same visit."""
    corrected = InspectionResult.objects.filter(publication=row.corrects_id).first() if row.corrects_id else None
    if corrected is not None:
        InspectionResult.objects.create(inspection=corrected.inspection, publication=row, is_correction=True)


def follow_end(row: Publication, event: Event) -> None:
    """Withdrawn, or dropped as a draft: the visit owes its result again, unless another one stands."""
    InspectionResult.objects.filter(publication=row, ended_on=None).update(ended_on=event.on)
