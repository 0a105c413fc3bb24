"""Facts of 文书送达回执: how one paper was served, as the record says."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from core.models import Attachment, MoveRefused
from documents.models import Organ, Service


def day_words(day: datetime.date | None) -> str:
    """2026年11月3日, or "" for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def receipt_facts(row: Service) -> dict[str, Any]:
    """Of the record that counts; MoveRefused for one that was corrected since."""
    if hasattr(row, "corrected_by"):
        raise MoveRefused("这条送达记录已经更正过,请对更正后的记录出回执。")
    paper = row.document
    files = Attachment.objects.of(row)
    return {
        "firm": {"name": paper.enterprise.name, "address": paper.enterprise.address} if paper.enterprise else {"name": "", "address": ""},
        "paper": paper.title,
        "paper_number": paper.number,
        "paper_on": day_words(paper.issued_on),
        "method": row.get_method_display(),
        "is_left": row.method == Service.Method.LEFT,
        "receiver": row.receiver,
        "receiver_role": row.receiver_role,
        "sent_on": day_words(row.sent_on),
        "served_on": day_words(row.served_on),
        "starts_on": day_words(row.period_starts_on),
        "place": row.place,
        "reference_label": row.reference_label,
        "reference": row.reference,
        "confirmed_on": day_words(row.confirmed_on),
        "refusal": row.refusal,
        "witnesses": row.witnesses,
        "is_recorded": row.is_recorded,
        "servers": [person.name for person in (row.server, row.second_server) if person],
        "note": row.note,
        "corrects": row.correction_reason,
        "photos": [{"pk": file.pk, "sha256": file.sha256, "caption": "送达凭据"} for file in files],
    }


def organ_of(row: Service, on: datetime.date) -> Organ | None:
    """The bureau in whose name the served paper was issued; None for the town's own."""
    known = import_string(settings.DELEGATING)(row.document.issued_on, on)
    return next((organ for organ in known if organ.series == row.document.organ), None)
