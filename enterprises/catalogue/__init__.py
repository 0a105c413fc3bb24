"""Reference data of this app: dangerous traits, what construction projects must show, and the headings rosters use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.catalogue import Loaded, dated, load_rows, read_yaml
from enterprises.models import HazardTrait, ProjectRequirement


def load() -> list[Loaded]:
    """Dangerous traits, requirements of projects; loading twice changes nothing."""
    here = Path(__file__).parent
    rows = read_yaml(here / "traits.yaml")["traits"]
    fields = ("code", "name", "hint", "order")
    traits = load_rows(HazardTrait, [{**{f: row[f] for f in fields}, **dated(row)} for row in rows])
    projects = _requirements(read_yaml(here / "project_requirements.yaml"))
    return [traits, load_rows(ProjectRequirement, projects, key=("code", "edition"))]


def _requirements(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for law in content["editions"]:
        for row in content["stages"]:
            for kind in ("special", "ordinary"):
                yield {
                    "code": f"{row['stage']}.{kind}",
                    "stage": row["stage"],
                    "is_special": kind == "special",
                    "name": row[kind]["name"],
                    "article": row["articles"][law["edition"]][kind],
                    "needs_number": row[kind].get("numbered", False),
                    "is_timed": row[kind].get("timed", False),
                    **dated(law),
                }
