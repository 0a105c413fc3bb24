"""What a visit's result says in public, in words taken from its record: no person, no phone, nothing that somebody typed freely."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.template.loader import get_template

from hazards.models import Hazard
from inspections.models import Finding, Inspection, InspectionItem, machine

TITLE_MAX = 120
LOOKED_AT = (InspectionItem.Result.PASS, InspectionItem.Result.FAIL)


def result_texts(visit: Inspection) -> dict[str, str]:
    """Title, party, original and public body of the draft; the drafter may change them as those of any draft."""
    facts = result_facts(visit)
    body = get_template("publications/inspection_result.txt").render({"facts": facts}).strip()
    original = get_template("publications/inspection_result_original.txt").render({"facts": facts, "body": body}).strip()
    ending = f"{facts['kind']}结果({facts['visited_on']})"
    title = visit.enterprise.name[: TITLE_MAX - len(ending)] + ending
    return {"title": title, "party": visit.enterprise.name[:TITLE_MAX], "original": original, "body": body}


def result_facts(visit: Inspection) -> dict[str, Any]:
    """Firm, unit, day, what was looked at, what was found by level, what became of it; for the town also who went and each problem."""
    findings = list(found(visit))
    day = visit.visited_on
    return {
        "firm": visit.enterprise.name,
        "organ": settings.ORGANISER,
        "unit": visit.organ_name,
        "joined": [str(row) for row in visit.parties.select_related("department")],  # type: ignore[attr-defined]
        "kind": visit.get_kind_display(),
        "visited_on": f"{day.year}年{day.month}月{day.day}日" if day else "",
        **looked_at(visit),
        "count": len(findings),
        "levels": levels(findings),
        "disposals": disposals(visit, findings),
        "visit": visit.number,
        "officers": [row.user.name for row in visit.officers.select_related("user")],  # type: ignore[attr-defined]
        "party_name": visit.party_name,
        "problems": [f"{row.place}:{row.description}" if row.place else row.description for row in findings],
    }


def found(visit: Inspection) -> Any:
    """The problems of its record but those that were found to be none."""
    rows = Finding.objects.filter(inspection=visit).exclude(hazard__state=Hazard.State.REJECTED)
    return rows.select_related("hazard", "transfer").order_by("number")


def looked_at(visit: Inspection) -> dict[str, Any]:
    """{sections: [(section, names of the points)], others: how many items in somebody's own words} of what was looked at."""
    items = visit.items.filter(result__in=LOOKED_AT).order_by("position")  # type: ignore[attr-defined]
    sections: dict[str, list[str]] = {}
    others = 0
    for item in items:
        if item.point_id is None:
            others += 1
        else:
            sections.setdefault(item.section, []).append(item.name)
    return {"sections": list(sections.items()), "others": others}


def levels(findings: list[Finding]) -> list[tuple[str, int]]:
    """[(level in words, how many)], the gravest first; what two people have not confirmed as major is not called so."""
    counted = Counter(_level(row.hazard) for row in findings)
    order = ["重大事故隐患", "级别待核定", *(f"{level.label}隐患" for level in reversed(Hazard.Level))]
    return [(word, counted[word]) for word in order if counted[word]]


def _level(hazard: Hazard) -> str:
    if hazard.is_major:
        return "重大事故隐患"
    return "级别待核定" if hazard.level == Hazard.Level.MAJOR else f"{hazard.get_level_display()}隐患"


def disposals(visit: Inspection, findings: list[Finding]) -> list[str]:
    """What became of the problems: put right at once, orders and measures with their numbers and their end, handed over."""
    on_spot = sum(row.disposal == InspectionItem.Disposal.ON_SPOT for row in findings)
    handed_over = sum(row.is_handed_over for row in findings)
    orders = visit.orders.exclude(state__in=(machine.OrderState.DRAFT, machine.OrderState.CANCELLED))  # type: ignore[attr-defined]
    measures = visit.measures.exclude(state__in=(machine.MeasureState.DRAFT, machine.MeasureState.CANCELLED))  # type: ignore[attr-defined]
    return [
        *([f"当场改正 {on_spot} 个"] if on_spot else []),
        *(f"责令限期整改,{row.printed_number},{row.state_label}" for row in orders.select_related("document").order_by("pk")),
        *(
            f"现场处理措施({row.get_kind_display()}),{row.printed_number},{row.state_label}"
            for row in measures.select_related("document").order_by("pk")
        ),
        *([f"移送有权机关处理 {handed_over} 个"] if handed_over else []),
    ]
