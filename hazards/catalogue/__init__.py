"""Reference data of hazards: the checklists of enterprises, and the criteria of major hazards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.catalogue import Loaded, dated, load_rows, read_yaml
from hazards.models import Checklist, ChecklistItem, MajorCriterion

LADDER = {
    "班组长": (Checklist.Frequency.DAY, "team"),
    "部门负责人/车间主任": (Checklist.Frequency.WEEK, "department"),
    "主要负责人": (Checklist.Frequency.MONTH, "plant"),
}


def load() -> list[Loaded]:
    """Checklists with their items (an item's edition is the edition of its list), and the items that make a hazard major."""
    templates = read_yaml(Path(__file__).with_name("enterprise_checklists.yaml"))["templates"]
    lists = load_rows(Checklist, [_checklist(t) for t in templates], key=("code", "edition"))
    made = {(row.code, row.edition): row for row in Checklist.objects.all()}
    items = [_item(made[_key(t)], position, row) for t in templates for position, row in enumerate(t["items"])]
    criteria = read_yaml(Path(__file__).with_name("major_hazard_criteria.yaml"))["items"]
    major = load_rows(MajorCriterion, [_criterion(position, row) for position, row in enumerate(criteria)])
    return [lists, load_rows(ChecklistItem, items, key=("checklist", "code")), major]


def _checklist(template: dict[str, Any]) -> dict[str, Any]:
    frequency, level = LADDER.get(template["owner_role"], (Checklist.Frequency.CAMPAIGN, ""))
    law = dated(template["items"][0])
    return {
        "code": template["code"],
        "name": template["name"],
        "frequency": frequency,
        "level": level,
        "applies_to": template["applies_to"],
        **law,
        "source": template["frequency"],
        "verify": any(item.get("verify") for item in template["items"]),
    }


def _key(template: dict[str, Any]) -> tuple[str, str]:
    return template["code"], dated(template["items"][0])["edition"]


def _item(checklist: Checklist, position: int, row: dict[str, Any]) -> dict[str, Any]:
    law = dated(row)
    return {
        "checklist": checklist,
        "code": row["code"],
        "position": position,
        "section": row["category"],
        "name": row["name"],
        "how_to_check": row["how_to_check"],
        "hazard_if": row["hazard_if"],
        "basis": row["basis"],
        "level_hint": row["hazard_level_hint"],
        "major_ref": row["major_ref"],
        **law,
    }


def _criterion(position: int, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": row["name"],
        "category": row["category"],
        "sectors": row["applies_to"].get("industry", []),
        "traits": row["applies_to"].get("hazard_trait", []),
        "item": row["item"],
        "position": position,
        **dated(row),
        "source": row["source"],
    }
