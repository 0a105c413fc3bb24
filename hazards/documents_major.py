"""Facts of the papers of a major hazard: the plan, the two reports, the opinion of the re-check (R24)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from core.models import Attachment, Event, MoveRefused
from documents.models import DocumentKind
from hazards.documents import day_words, firm_facts, hazard_facts, photo_facts, time_words
from hazards.models import FiveFixPlan, Hazard, Recheck
from hazards.models.major import FIRM

PLANNED = (
    FiveFixPlan.State.SUBMITTED,
    FiveFixPlan.State.APPROVED,
    FiveFixPlan.State.IN_PROGRESS,
    FiveFixPlan.State.COMPLETED,
    FiveFixPlan.State.VERIFIED,
)


def money_words(amount: Decimal | None) -> str:
    """12,000.00元, or "" for none."""
    return f"{amount:,.2f}元" if amount is not None else ""


def finding_facts(hazard: Hazard) -> dict[str, Any]:
    """A confirmed major hazard: the hazard, what it was confirmed under, by whom, and what keeps people safe meanwhile.

    MoveRefused while it is not confirmed.
    """
    if not hazard.is_major:
        raise MoveRefused(f"{hazard.number} 不是已确认的重大事故隐患。")
    confirmed = Event.objects.of(hazard).filter(move="confirm_major").last()
    return {
        "firm": firm_facts(hazard.enterprise),
        **hazard_facts(hazard),
        "criteria": [
            {"item": row.item, "words": row.words, "edition": row.edition, "source": row.source}
            for row in hazard.criteria.standing()  # type: ignore[attr-defined]
        ],
        "other_standard": hazard.other_standard,
        "major_on": day_words(hazard.major_on),
        "confirmed_at": time_words(confirmed.at) if confirmed else "",
        "confirmed_by": [person.name for person in hazard.signers(FIRM) or hazard.confirmers],
        "by_firm": bool(hazard.signers(FIRM)),
        "interim": [_measure(row) for row in hazard.interim_measures.all()],  # type: ignore[attr-defined]
        "photos": photo_facts([file for file in Attachment.objects.of(hazard) if file.purpose == "before"], "现场"),
    }


def _measure(row: Any) -> dict[str, str]:
    return {"kind": row.get_kind_display(), "text": row.text, "since": day_words(row.since), "lifted_on": day_words(row.lifted_on)}


def five(plan: FiveFixPlan) -> dict[str, Any]:
    """The five pieces of a plan, its goal and the chief engineer's opinion."""
    engineer = plan.engineer
    return {
        "version": plan.number,
        "goal": plan.goal,
        "person": plan.person.name if plan.person else "",
        "person_post": plan.person_post,
        "measures": plan.measure_items,
        "funds_amount": money_words(plan.funds_amount),
        "funds_source": plan.funds_source,
        "due_on": day_words(plan.due_on),
        "emergency_plan": plan.emergency_plan,
        "engineer": engineer.name if engineer else "",
        "engineer_opinion": plan.engineer_opinion,
        "engineer_on": day_words(plan.engineer_on),
        "submitted_on": day_words(plan.submitted_on),
        "received_on": day_words(plan.received_on),
        "received_by": plan.received_by.name if plan.received_by else "",
    }


def plan_facts(plan: FiveFixPlan) -> dict[str, Any]:
    """五定整改方案: a version that was submitted and still counts; MoveRefused for a draft or an old one."""
    if plan.state not in PLANNED:
        raise MoveRefused(f"{plan} 现在是“{plan.state_label}”,提交后的有效方案才能出文书。")
    return {
        **finding_facts(plan.hazard),
        "plan": five(plan),
        "amended": {"version": plan.replaces.number, "reason": plan.amend_reason} if plan.replaces else None,
    }


def planned(hazard: Hazard) -> dict[str, Any] | None:
    """The plan that counts, or None while there is no submitted one."""
    plan = hazard.plan
    return five(plan) if plan and plan.state in PLANNED else None


def report_facts(hazard: Hazard, *, cause: str = "", analysis: str = "") -> dict[str, Any]:
    """重大事故隐患报告, the firm's to the town: state and cause, danger and difficulty, how it is to be removed."""
    held = hazard.enterprise.key_people.current().filter(kind="manager").first()  # type: ignore[attr-defined]
    return {
        **finding_facts(hazard),
        "to": settings.ORGANISER,
        "cause": cause,
        "analysis": analysis,
        "plan": planned(hazard),
        "plan_by_on": day_words(hazard.plan_by_on),
        "principal": held.name if held else "",
        "headcount": hazard.enterprise.headcount,
    }


def district_facts(hazard: Hazard, on: datetime.date, *, view: str = "") -> dict[str, Any]:
    """关于重大事故隐患的报告, the town's letter to the district (渝条例2015第35条); `view` is what the town adds."""
    found = finding_facts(hazard)
    kind = DocumentKind.objects.in_force(on).get(code="MAJOR_REPORT_DISTRICT")
    return {
        **found,
        "to": kind.recipients,
        "organ": settings.ORGANISER,
        "on": day_words(on),
        "view": view,
        "plan": planned(hazard),
        "plan_by_on": day_words(hazard.plan_by_on),
    }


def district_title(hazard: Hazard) -> str:
    """Organ, matter and kind of the letter, e.g. 綦江区石角镇人民政府关于重庆石角机械厂重大事故隐患的报告."""
    return f"{settings.ORGANISER}关于{hazard.enterprise.name}重大事故隐患的报告"


def recheck_facts(hazard: Hazard) -> dict[str, Any]:
    """整改复查意见书: the last re-check of this finding that two inspectors have signed; MoveRefused while there is none."""
    found = finding_facts(hazard)
    row = hazard.rechecks.signed(hazard.round).select_related("by", "second_by").last()  # type: ignore[attr-defined]
    if row is None:
        raise MoveRefused(f"{hazard.number} 还没有两名执法人员都签名的复查结果。")
    return {**found, "organ": settings.ORGANISER, "plan": planned(hazard), "recheck": _recheck(row, hazard)}


def _recheck(row: Recheck, hazard: Hazard) -> dict[str, Any]:
    files = [file for file in Attachment.objects.of(hazard) if file.purpose == f"recheck-{row.pk}"]
    return {
        "on": day_words(row.on),
        "by": [row.by.name, row.second_by.name if row.second_by else ""],
        "items": [{"number": number, **item} for number, item in enumerate(row.items, start=1)],
        "passed": row.passed,
        "opinion": row.opinion,
        "photos": photo_facts(files, "复查"),
    }
