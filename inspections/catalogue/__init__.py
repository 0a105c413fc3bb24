"""Reference data of inspections: penalty schemes, points with their bases, powers, limits, the rules of yearly plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.catalogue import Loaded, dated, load_rows, read_yaml
from inspections.models import (
    GradeWeight,
    InspectionPoint,
    KeyRule,
    PenaltyScheme,
    PlanLimit,
    PointBasis,
    PowerItem,
    ResultRule,
    VisitLimit,
)


def load() -> list[Loaded]:
    """All of it; a basis finds its point by code and edition, its scheme by code."""
    here = Path(__file__).parent
    law, points, powers = (read_yaml(here / f"{name}.yaml") for name in ("law", "points", "powers"))
    schemes = load_rows(PenaltyScheme, [_scheme(row, law["laws"][row["law"]]) for row in law["schemes"]])
    listed = list(_points(points))
    looked_at = load_rows(InspectionPoint, [_point(position, *one, points) for position, one in enumerate(listed)], key=("code", "edition"))
    made = {row.code: row for row in InspectionPoint.objects.filter(edition=points["edition"])}
    known = {row.code: row for row in PenaltyScheme.objects.all()}
    bases = [
        _basis(made[row["code"]], basis, law["laws"][basis["law"]], known, bool(row.get("verify")))
        for _, row in listed
        for basis in row.get("bases", [])
    ]
    items = [_power(row, powers["organs"]) for row in powers["powers"]]
    limits = [{**{name: row[name] for name in ("code", "name", "value", "unit", "kinds")}, **dated(row)} for row in powers["limits"]]
    results = read_yaml(here / "results.yaml")
    public = [{"kind": row["kind"], "published_as": row["published_as"], **dated({**results["law"], **row})} for row in results["rules"]]
    weights = [{"grade": row["grade"], "value": row["value"], **dated(row)} for row in powers["weights"]]
    return [
        schemes,
        looked_at,
        load_rows(PointBasis, bases, key=("point", "law", "effective_from")),
        load_rows(PowerItem, items, key=("kind", "point", "effective_from")),
        load_rows(VisitLimit, limits, key=("code", "edition")),
        load_rows(ResultRule, public, key=("kind", "effective_from")),
        load_rows(GradeWeight, weights, key=("grade", "effective_from")),
        *_plans(read_yaml(here / "plans.yaml")),
    ]


def _plans(content: dict[str, Any]) -> list[Loaded]:
    law = dated(content["law"])
    keys = [{"trait": "", **row, **law} for row in content["keys"]]
    limits = [{**{name: row[name] for name in ("code", "name", "value", "unit")}, **dated(row)} for row in content["limits"]]
    return [load_rows(KeyRule, keys, key=("code", "edition")), load_rows(PlanLimit, limits, key=("code", "edition"))]


def _scheme(row: dict[str, Any], law: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("code", "article", "title")},
        "law": law["law"],
        **_phase("first", row.get("first", {})),
        **_phase("overdue", row.get("overdue", {})),
        "responsible_person": row.get("people_words", ""),
        "responsible_ranges": [{"discretionary": False, **one} for one in row.get("people", [])],
        "fine_target": row.get("to", PenaltyScheme.Target.ENTERPRISE),
        "first_offence_finable": row.get("is_finable", False),
        "notes": row.get("notes", ""),
        **dated({**law, "verify": row.get("verify")}),
        "source": f"《{law['law']}》({law['edition']}){row['article']}",
    }


def _phase(phase: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{phase}_order": facts.get("order", ""),
        f"{phase}_min": facts.get("min"),
        f"{phase}_max": facts.get("max"),
        f"{phase}_discretionary": facts.get("may"),
        f"{phase}_other": facts.get("other", ""),
    }


def _points(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(section, point) in the order of the file."""
    for section in content["sections"]:
        for row in section["points"]:
            yield section["name"], row


def _point(position: int, section: str, row: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "position": position,
        "section": section,
        "name": row["name"],
        "how_to_check": row["how"],
        "is_focus": row.get("focus", False),
        "is_policy": row.get("policy", False),
        "traits": row.get("traits", []),
        "sectors": row.get("sectors", []),
        "caution": row.get("caution", ""),
        **dated({**row, "edition": content["edition"], "effective_from": content["effective_from"]}),
        "source": row["source"],
    }


def _basis(
    point: InspectionPoint, row: dict[str, Any], law: dict[str, Any], schemes: dict[str, PenaltyScheme], verify: bool
) -> dict[str, Any]:
    dates = {"effective_from": row.get("from", law["effective_from"]), "effective_to": row.get("to", law.get("effective_to"))}
    return {
        "point": point,
        "law": law["law"],
        "article": row.get("article", ""),
        "scheme": schemes[row["scheme"]] if "scheme" in row else None,
        "scheme_item": row.get("item", ""),
        "note": row.get("note", ""),
        **dated({**law, **dates, "verify": verify or row.get("verify")}),
    }


def _power(row: dict[str, Any], organs: dict[str, dict[str, str]]) -> dict[str, Any]:
    organ = organs[row["organ"]] if "organ" in row else {"organ_name": row.get("organ_name", "")}
    return {
        "kind": row["kind"],
        "holder": row["holder"],
        "point": row.get("point", ""),
        **{name: organ.get(name, "") for name in ("organ_code", "organ_name", "organ_mark")},
        **dated(row),
    }
