"""Reference data: YAML beside the app, loaded by `manage.py load_catalogue`, never changing a row in use."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from core.models import DeadlineRule

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Loaded:
    """What a load did to one kind of row."""

    name: str
    added: int = 0
    retired: int = 0
    differing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        text = f"{self.name}: 新增 {self.added},停用旧版 {self.retired}"
        return f"{text},与文件不同而未改 {len(self.differing)}({'、'.join(self.differing[:5])})" if self.differing else text


def read_yaml(path: Path) -> Any:
    """The content of one YAML file of ours."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - both loaders are the safe one


def day(text: Any) -> datetime.date | None:
    """A date of the catalogue, or None."""
    return text if isinstance(text, datetime.date) else datetime.date.fromisoformat(text) if text else None


def dated(row: dict[str, Any]) -> dict[str, Any]:
    """The fields every row of law has, from a catalogue row."""
    source = " ".join(str(row.get(k) or "") for k in ("source", "item")).strip()[:300]
    return {
        "edition": str(row["edition"])[:40],
        "effective_from": day(row["effective_from"]),
        "effective_to": day(row.get("effective_to")),
        "source": source,
        "verify": bool(row.get("verify")),
    }


@transaction.atomic
def load_rows(model: Any, rows: Iterable[dict[str, Any]], *, key: tuple[str, ...] = ("code",)) -> Loaded:
    """Add rows whose key is new; a new edition of a code ends the older open one the day before it begins.

    Rows already there stay as they are, whatever the file says now: records point at them. Only an open row
    that the file ends by now is ended. Those that differ otherwise are named in the result, so that somebody
    gives them a new edition.
    """
    result = Loaded(str(model._meta.verbose_name))
    rows = list(rows)
    columns = {name: model._meta.get_field(name).attname for name in {name for facts in rows for name in facts}}
    mark = attrgetter(*(columns[name] for name in key))
    known = {mark(row): row for row in model.objects.all()}
    new: list[Any] = []
    for row in (model(**facts) for facts in rows):
        found = known.setdefault(mark(row), row)
        if found is row:
            new.append(row)
            result.retired += retire(known.values(), row) if "edition" in key else 0
            continue
        if getattr(row, "effective_to", None) and found.effective_to is None:
            type(found)._default_manager.filter(pk=found.pk).update(effective_to=row.effective_to)
            result.retired += 1
        if any(getattr(found, column) != getattr(row, column) for name, column in columns.items() if name != "effective_to"):
            result.differing.append(str(found))
    result.added = len(model.objects.bulk_create(new))
    return result


def retire(rows: Iterable[Any], newer: Any) -> int:
    """End the open editions of the same code the day before the newer one begins; how many."""
    older = [row for row in rows if row.code == newer.code and row.effective_to is None and row.effective_from < newer.effective_from]
    for row in older:
        row.effective_to = newer.effective_from - datetime.timedelta(days=1)
        if not row._state.adding:
            row.save(update_fields=["effective_to"])
    return len(older)


def load() -> list[Loaded]:
    """Deadline rules."""
    rows = read_yaml(Path(__file__).with_name("deadline_rules.yaml"))["rules"]
    fields = ("code", "name", "value", "unit", "starts_from")
    return [load_rows(DeadlineRule, [{**{f: row[f] for f in fields}, **dated(row)} for row in rows], key=("code", "edition"))]
