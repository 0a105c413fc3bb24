"""Facts of the papers of what follows a visit: orders, re-checks, extensions, measures, transfers, the report to the district."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings

from core import clock
from core.models import Event, MoveRefused
from documents.models import Document, DocumentKind
from hazards.documents import day_words, photo_facts, time_words
from hazards.models import Hazard
from inspections.documents import (
    finding_photos,
    finding_words,
    of,
    officers_facts,
    party_facts,
    photos_of,
    remedies,
    signature_facts,
    signers_facts,
    visit_facts,
)
from inspections.models import (
    Finding,
    Inspection,
    InspectionItem,
    OnsiteMeasure,
    Order,
    OrderExtension,
    OrderLine,
    Transfer,
    Violation,
    machine,
)

# 责令限期整改指令书


def order_facts(order: Order, on: datetime.date) -> dict[str, Any]:
    """The order: each problem with basis and requirement, until when, how more time is asked for, what follows, remedies."""
    lines = list(order.lines.select_related("hazard", "finding"))  # type: ignore[attr-defined]
    return {
        **of_visit(order),
        "lines": line_facts(lines),
        "due_on": day_words(order.due_on),
        "days": (order.due_on - on).days,
        "ask_by_on": day_words(order.ask_by_on),
        "recheck_days": period_words("inspection.recheck", on),
        "previous": order.previous.printed_number if order.previous else "",
        "remedies": remedies(on),
    }


def of_visit(row: Order | OnsiteMeasure | Transfer) -> dict[str, Any]:
    """The visit a row grew out of; of one carried over from paper only the firm."""
    visit = row.inspection
    if visit is None:
        return {"firm": party_facts(row.enterprise), "visit": "", "visited_on": "", "officers": []}
    return visit_facts(visit)


def line_facts(lines: list[OrderLine]) -> list[dict[str, Any]]:
    """The lines of an order, with the photos of what was found."""
    files = finding_photos([line.hazard for line in lines])
    return [
        {
            "number": line.position + 1,
            "place": line.finding.place if line.finding else "",
            "description": line.description,
            "basis": line.basis,
            "requirement": line.requirement,
            "photos": photo_facts(files.get(line.hazard_id or 0, []), f"第{line.position + 1}项"),
        }
        for line in lines
    ]


def period_words(code: str, on: datetime.date) -> str:
    """A period of the catalogue in words, e.g. 10日."""
    rule = clock.rule_on(code, on)
    return f"{rule.value}{rule.get_unit_display()}"


# 整改复查意见书


def recheck_facts(visit: Inspection) -> dict[str, Any]:
    """What two officers saw at each line of an order, and what follows; MoveRefused before they have signed."""
    order = visit.order
    if visit.kind != machine.Kind.RECHECK or order is None:
        raise MoveRefused("只有整改复查才出复查意见书。")
    if visit.recorded_on is None:
        raise MoveRefused("复查记录还没有两名检查人员签名,签完才能出复查意见书。")
    items = list(visit.items.exclude(line=None).select_related("line__hazard"))  # type: ignore[attr-defined]
    seen, found = photos_of(items), finding_photos([item.line.hazard for item in items])
    failed = [item for item in items if item.result == InspectionItem.Result.FAIL]
    return {
        **visit_facts(visit),
        "order": order.printed_number,
        "order_on": day_words(order.issued_on),
        "due_on": day_words(order.due_on),
        "measures": order.measures,
        "rows": [_recheck_row(item, found.get(item.line.hazard_id or 0, []), seen[item.pk]) for item in items],
        "passed": not failed,
        "left": "、".join(f"第{item.number}项" for item in failed),
        "found": [{**finding_words(row), "disposal": row.get_disposal_display()} for row in visit.findings.all()],  # type: ignore[attr-defined]
        "opinion": visit.party_opinion,
        "refusal": visit.refusal,
        "witness": visit.witness,
        "party": {"name": visit.party_name, "post": visit.party_post},
        "signature": signature_facts(visit),
        "signers": signers_facts(visit),
    }


def _recheck_row(item: InspectionItem, before: list[Any], now: list[Any]) -> dict[str, Any]:
    failed = item.result == InspectionItem.Result.FAIL
    words = {"number": item.number, "description": item.name, "requirement": item.how_to_check, "note": item.note}
    photos = [*photo_facts(before, f"第{item.number}项 整改前"), *photo_facts(now, f"第{item.number}项 复查时")]
    result = "未整改到位" if failed else "已整改" if item.result == InspectionItem.Result.PASS else item.get_result_display()
    return {**words, "failed": failed, "result": result, "photos": photos}


# 整改延期审批表


def extension_facts(row: OrderExtension) -> dict[str, Any]:
    """A firm's request for a later day and the leader's answer; MoveRefused while there is none."""
    if row.answer not in (row.Answer.GRANTED, row.Answer.REFUSED) or row.decided_by is None:
        raise MoveRefused("这个延期申请还没有答复,答复后才能出延期审批表。")
    order = row.order
    return {
        "firm": party_facts(order.enterprise),
        "order": order.printed_number,
        "order_on": day_words(order.issued_on),
        "problems": [line.description for line in order.lines.all()],  # type: ignore[attr-defined]
        "was_due_on": day_words(row.was_due_on),
        "until": day_words(row.until),
        "reason": row.reason,
        "measures": row.measures,
        "asked_by": row.asked_words,
        "asked_at": time_words(row.asked_at),
        "reply_by_on": day_words(row.reply_by_on),
        "granted": row.answer == row.Answer.GRANTED,
        "answer": row.get_answer_display(),
        "note": row.answer_note,
        "decided_by": row.decided_by.name,
        "decided_on": day_words(row.decided_on),
        "officers": officers_facts(order.inspection, order.inspection.planned_on) if order.inspection else [],
    }


# 现场处理措施决定书、恢复生产经营审批表


def measure_facts(row: OnsiteMeasure, on: datetime.date) -> dict[str, Any]:
    """The decision: the danger, what stops, where, until what; remedies."""
    findings = list(row.findings.select_related("hazard"))  # type: ignore[attr-defined]
    files = finding_photos([one.hazard for one in findings])
    return {
        **of_visit(row),
        **measure_words(row),
        "findings": [finding_words(one) for one in findings],
        "photos": [photo for one in findings for photo in photo_facts(files.get(one.hazard_id, []), f"第{one.number}个问题")],
        "examine_days": period_words("inspection.resume", on),
        "remedies": remedies(on),
    }


def measure_words(row: OnsiteMeasure) -> dict[str, str]:
    """A measure as its papers word it."""
    words = {"measure": row.get_kind_display(), "scope": row.scope, "danger": row.danger, "law": row.basis}
    return {**words, "condition": row.condition}


def resume_facts(row: OnsiteMeasure) -> dict[str, Any]:
    """Application, examination by two, the leader's consent; MoveRefused before that."""
    examined = row.examinations.filter(passed=True).exclude(second_by=None).select_related("by", "second_by").last()  # type: ignore[attr-defined]
    if row.state != machine.MeasureState.RELEASED or examined is None or row.document is None:
        raise MoveRefused(f"现在是“{row.state_label}”,领导批准恢复后才能出恢复生产经营审批表。")
    approved = Event.objects.of(row).filter(move="release").select_related("by").last()
    files = photos_of([row])[row.pk]
    return {
        **of_visit(row),
        **measure_words(row),
        "decision": row.document.number,
        "decision_on": day_words(row.ordered_on),
        "report": row.report,
        "applied_on": day_words(row.applied_on),
        "examined": {"on": day_words(examined.on), "opinion": examined.opinion, "by": [examined.by.name, examined.second_by.name]},
        "photos": photo_facts(of(files, f"examine-{examined.pk}"), "审查"),
        "approved_by": approved.by.name if approved else "",
        "approved_note": approved.note if approved else "",
        "released_on": day_words(row.released_on),
    }


# 案件线索移送书


def transfer_facts(row: Transfer) -> dict[str, Any]:
    """What is handed over to whom, why, with which papers."""
    findings = list(row.findings.select_related("hazard", "violation__scheme").order_by("number"))  # type: ignore[attr-defined]
    files = finding_photos([one.hazard for one in findings])
    return {
        **of_visit(row),
        "to": row.to_organ,
        "reason": row.reason,
        "findings": [{**finding_words(one), **violation_words(getattr(one, "violation", None))} for one in findings],
        "photos": [photo for one in findings for photo in photo_facts(files.get(one.hazard_id, []), f"第{one.number}个问题")],
        "materials": materials(row.inspection),
        "handler": row.by.name,
    }


def violation_words(row: Violation | None) -> dict[str, str]:
    """The articles broken and the words of the scheme on the day it happened; empty for a hazard that is none."""
    if row is None:
        return {"articles": "", "scheme": "", "violated_on": ""}
    return {"articles": row.articles, "scheme": row.scheme_words, "violated_on": day_words(row.violated_on)}


def materials(visit: Inspection) -> list[str]:
    """The valid papers of a visit and its orders and measures, by number: what goes with a transfer."""
    found = list(Document.objects.valid().of(visit).exclude(kind__code__in=("CHECK_PLAN", "DISTRICT_REPORT")).select_related("kind"))
    for row in (*visit.orders.all(), *visit.measures.all()):  # type: ignore[attr-defined]
        found += Document.objects.valid().of(row).select_related("kind")
    return [f"{paper.kind.name} {paper.number}" for paper in found]


# 关于安全生产违法行为的报告


def district_facts(visit: Inspection, on: datetime.date, *, view: str = "") -> dict[str, Any]:
    """The town's letter to the district about violations and what may be major hazards (渝条例 §35); MoveRefused when nothing is owed."""
    if visit.report_by_on is None:
        raise MoveRefused("没有需要报区的违法行为或重大隐患。")
    return {
        **visit_facts(visit),
        "to": DocumentKind.objects.in_force(on).get(code="DISTRICT_REPORT").recipients,
        "on": day_words(on),
        "found_on": day_words(visit.recorded_on),
        "rows": [_reported(row) for row in _to_report(visit)],
        "total": Finding.objects.filter(inspection=visit).count(),
        "view": view,
    }


def _to_report(visit: Inspection) -> list[Finding]:
    rows = Finding.objects.filter(inspection=visit).select_related("hazard", "violation", "measure__document", "transfer__document")
    kept = list(rows.prefetch_related("order_lines__order__document").order_by("number"))
    return [row for row in kept if row.hazard.level == Hazard.Level.MAJOR or getattr(row, "violation", None)]


def _reported(row: Finding) -> dict[str, Any]:
    done = [f"已下达{line.order}" for line in row.order_lines.all() if line.order.issued_on and line.order.state != "cancelled"]  # type: ignore[attr-defined]
    if row.measure and row.measure.ordered_on:
        done.append(f"已决定{row.measure}")
    if row.transfer and row.transfer.sent_on:
        done.append(f"已移送{row.transfer.to_organ}")
    if row.disposal == InspectionItem.Disposal.ON_SPOT:
        done.append("已当场改正")
    is_major = row.hazard.level == Hazard.Level.MAJOR
    known = violation_words(getattr(row, "violation", None))
    return {**finding_words(row), **known, "major": is_major, "done": ",".join(done) or "正在处置"}


def reported_by(paper: Document) -> str:
    """How the district was told, when by this paper."""
    return f"书面报告 {paper.number}"


def district_title(visit: Inspection) -> str:
    """Organ, matter and kind, as official titles have it."""
    return f"{settings.ORGANISER}关于{visit.enterprise.name}安全生产违法行为的报告"
