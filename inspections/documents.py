"""Facts of the papers of a visit: the scheme, the notice, the record; what all papers of inspections say alike.

The papers of what follows a visit are in `documents_orders`.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Area
from core import clock
from core.models import Attachment, Event, MoveRefused, Signature
from core.models.events import subject_key
from documents.models import Organ
from enterprises.models import Enterprise
from hazards.documents import day_words, firm_facts, photo_facts, time_words
from hazards.models import Hazard
from inspections.models import Finding, Inspection, InspectionItem, PowerItem, machine

DISTRICT_CODE = 6


# What all of them say


def party_facts(enterprise: Enterprise) -> dict[str, str]:
    """Who is addressed: the firm and who answers for it."""
    held = enterprise.key_people.current().filter(kind="manager").first()  # type: ignore[attr-defined]
    return {**firm_facts(enterprise), "principal": held.name if held else ""}


def officers_facts(visit: Inspection, day: datetime.date) -> list[dict[str, Any]]:
    """Who goes, with the number of the certificate shown, or of the one valid that day."""
    rows = visit.officers.select_related("user").prefetch_related("user__certificates")  # type: ignore[attr-defined]
    return [{"name": row.user.name, "certificate": _certificate(row, day), "duty": row.duty, "lead": row.is_lead} for row in rows]


def _certificate(row: Any, day: datetime.date) -> str:
    if row.certificate:
        return str(row.certificate)
    held = row.user.certificate_on(day)
    return held.number if held else ""


def visit_facts(visit: Inspection) -> dict[str, Any]:
    """One visit as any paper names it."""
    day = visit.visited_on or visit.planned_on
    return {
        "firm": party_facts(visit.enterprise),
        "visit": visit.number,
        "kind": visit.get_kind_display(),
        "basis": visit.basis,
        "unit": visit.organ_name,
        "parties": [f"{row}:{row.note}" for row in visit.parties.select_related("department")],  # type: ignore[attr-defined]
        "planned_on": day_words(visit.planned_on),
        "visited_on": day_words(visit.visited_on),
        "officers": officers_facts(visit, day),
    }


def photos_of(rows: list[Any]) -> dict[int, list[Attachment]]:
    """{pk: its photos} of rows of one model, in one query."""
    found: dict[int, list[Attachment]] = defaultdict(list)
    if rows:
        key = {"subject_model": rows[0]._meta.label_lower, "subject_pk__in": [row.pk for row in rows]}
        for file in Attachment.objects.filter(**key).order_by("pk"):
            found[int(file.subject_pk or 0)].append(file)
    return found


def finding_photos(hazards: list[Hazard | None], *purposes: str) -> dict[int, list[Attachment]]:
    """{hazard pk: photos taken when it was found}; with "after", those of what was put right before the officers' eyes too."""
    wanted = purposes or ("before",)
    files = photos_of([row for row in hazards if row is not None])
    return {pk: [file for file in rows if file.purpose in wanted] for pk, rows in files.items()}


def remedies(on: datetime.date) -> dict[str, str]:
    """Where and how long the party may have it reviewed, by the rules in force on that day (复议、诉讼)."""
    district = Area.objects.filter(code=settings.HOME_AREA[:DISTRICT_CODE]).first()
    review, suit = clock.rule_on("remedy.reconsideration", on), clock.rule_on("remedy.litigation", on)
    return {
        "review": f"{review.value}{review.get_unit_display()}",
        "suit": f"{suit.value}{suit.get_unit_display()}",
        "organ": f"{district.name}人民政府" if district else "区县人民政府",
    }


def organ_to(kind: str, on: datetime.date) -> Organ | None:
    """In whose name a paper under this power is issued; None in the town's own."""
    return PowerItem.objects.holder_of(kind, on).organ


# 现场检查方案


def plan_facts(visit: Inspection) -> dict[str, Any]:
    """The approved scheme: who, when, what, why in spite of the warnings; MoveRefused before it is approved."""
    if visit.kind in machine.WITHOUT_SCHEME:
        raise MoveRefused("整改复查和事故检查没有检查方案。")
    if visit.approved_by is None:
        raise MoveRefused("检查方案还没有批准,批准后才能出检查方案文书。")
    approved = Event.objects.of(visit).filter(move="approve_scheme").last()
    return {
        **visit_facts(visit),
        "content": visit.content,
        "method": visit.method,
        "equipment": visit.equipment,
        "source": _source(visit),
        "warnings": visit.warnings,
        "override_reason": visit.override_reason,
        "unannounced": visit.unannounced_reason if visit.is_unannounced else "",
        "sections": item_sections(visit),
        "planned_by": visit.planned_by.name,
        "approved_by": visit.approved_by.name,
        "approved_on": day_words(visit.approved_on),
        "opinion": approved.note if approved else "",
    }


def _source(visit: Inspection) -> str:
    if visit.campaign_approval:
        return f"专项检查批准文号:{visit.campaign_approval}"
    if visit.complaint_channel or visit.complaint_number:
        return f"{visit.complaint_channel}转办单 {visit.complaint_number},{day_words(visit.return_by_on)}前回复".replace(" ,", ",")
    return ""


def item_sections(visit: Inspection) -> list[dict[str, Any]]:
    """The items to look at, by section, each with the unit that answers it in a joint visit."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for item in visit.items.select_related("department"):  # type: ignore[attr-defined]
        words = {"number": item.number, "name": item.name, "how": item.how_to_check, "basis": item.basis, "focus": item.is_focus}
        owner = item.department.name if item.department else ""
        sections.setdefault(item.section, []).append({**words, "owner": owner})
    return [{"name": name, "rows": rows} for name, rows in sections.items()]


# 行政检查通知书


def notice_facts(visit: Inspection) -> dict[str, Any]:
    """What the firm is told before the visit: on what ground, who comes, when, what is looked at; never the scheme."""
    if visit.state not in (machine.State.SCHEME_APPROVED, machine.State.NOTICED):
        raise MoveRefused(f"现在是“{visit.state_label}”,检查方案批准后、检查开始前才能制发通知书。")
    if visit.is_unannounced:
        raise MoveRefused("这次检查经批准不通知企业,不制发通知书。")
    return {
        **visit_facts(visit),
        "content": visit.content,
        "sections": [section["name"] for section in item_sections(visit)],
        "count": visit.items.count(),  # type: ignore[attr-defined]
        "early": visit.planned_on > timezone.localdate(),
    }


# 现场检查记录


def record_facts(visit: Inspection) -> dict[str, Any]:
    """The record as two officers signed it: each item, the problems with photos, the firm's opinion and signature or refusal."""
    if visit.recorded_on is None:
        raise MoveRefused("检查记录还没有两名检查人员签名,签完才能出现场检查记录。")
    items = list(visit.items.select_related("department"))  # type: ignore[attr-defined]
    results = InspectionItem.Result
    return {
        **visit_facts(visit),
        "place": visit.place,
        "began_at": time_words(visit.began_at),
        "ended_at": time_words(visit.ended_at),
        "party": {"name": visit.party_name, "post": visit.party_post, "phone": visit.party_phone, "opinion": visit.party_opinion},
        "counts": [[str(one.label), sum(item.result == one for item in items)] for one in results],
        "sections": _record_sections(items),
        "problems": _problems(visit, items),
        "refusal": visit.refusal,
        "witness": visit.witness,
        "signature": signature_facts(visit),
        "signers": signers_facts(visit),
    }


def _record_sections(items: list[InspectionItem]) -> list[dict[str, Any]]:
    sections: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        failed = item.result == InspectionItem.Result.FAIL
        row = {"number": item.number, "name": item.name, "focus": item.is_focus, "failed": failed}
        sections.setdefault(item.section, []).append({**row, "result": item.get_result_display(), "note": item.note})
    return [{"name": name, "rows": rows} for name, rows in sections.items()]


def _problems(visit: Inspection, items: list[InspectionItem]) -> list[dict[str, Any]]:
    """The problems found: of a visit its findings, of a re-check the lines not put right."""
    findings = list(Finding.objects.filter(inspection=visit).select_related("hazard", "item", "violation").order_by("number"))
    files = finding_photos([row.hazard for row in findings], "before", "after")
    found = [_finding_problem(row, files.get(row.hazard_id, [])) for row in findings]
    left = [item for item in items if item.line_id and item.result == InspectionItem.Result.FAIL]
    own = photos_of(left)
    return found + [_line_problem(item, own[item.pk]) for item in left]


def _finding_problem(row: Finding, files: list[Attachment]) -> dict[str, Any]:
    shown = [photo for name, words in (("before", "现场"), ("after", "改正后")) for photo in photo_facts(of(files, name), words)]
    return {
        **finding_words(row),
        "disposal": row.get_disposal_display(),
        "level": row.hazard.get_level_display(),
        "violation": getattr(row, "violation", None) is not None,
        "photos": [{**photo, "caption": f"第{row.number}个问题 {photo['caption']}"} for photo in shown],
    }


def _line_problem(item: InspectionItem, files: list[Attachment]) -> dict[str, Any]:
    words = {"number": item.number, "place": item.place, "description": item.note, "basis": item.basis, "requirement": item.how_to_check}
    return {**words, "disposal": "继续整改", "level": "", "violation": False, "photos": photo_facts(files, f"第{item.number}项 复查")}


def finding_words(row: Finding) -> dict[str, Any]:
    """A problem as every paper words it."""
    words = {"number": row.number, "place": row.place, "description": row.description, "basis": row.basis}
    return {**words, "requirement": row.requirement}


def of(files: list[Attachment], purpose: str) -> list[Attachment]:
    """Those of one purpose."""
    return [file for file in files if file.purpose == purpose]


def signature_facts(visit: Inspection) -> list[dict[str, Any]]:
    """The firm's signature as drawn when the record was signed last; none when it refused."""
    files = [file for file in Attachment.objects.of(visit) if file.purpose.startswith("signature")]
    return [] if visit.refusal or not files else photo_facts([file for file in files if file.purpose == files[-1].purpose])


def signers_facts(visit: Inspection) -> list[dict[str, str]]:
    """The officers who signed the record, with certificate and time."""
    model, pk = subject_key(visit)
    rows = Signature.objects.filter(subject_model=model, subject_pk=pk, move="record").select_related("by").order_by("pk")
    last = [row for row in rows if row.round == max(one.round for one in rows)]
    held = {row.user_id: row.certificate for row in visit.officers.all()}  # type: ignore[attr-defined]
    return [{"name": row.by.name, "certificate": held.get(row.by_id, ""), "at": time_words(row.at)} for row in last]
