"""Reference data of duties."""

from __future__ import annotations

from pathlib import Path

from core.catalogue import Loaded, dated, load_rows, read_yaml
from duties.models import Duty

FIELDS = ("code", "name", "frequency", "level", "who", "evidence", "basis")
OPTIONAL = {"trait": "", "checklist_code": "", "is_ladder": False, "sample_count": 0}


def load() -> list[Loaded]:
    """The periodic duties."""
    rows = read_yaml(Path(__file__).with_name("duties.yaml"))["duties"]
    facts = [{**{f: row[f] for f in FIELDS}, **{f: row.get(f, d) for f, d in OPTIONAL.items()}, **dated(row)} for row in rows]
    return [load_rows(Duty, facts, key=("code", "edition"))]
