"""The field history of an enterprise's file in words: who changed what, when."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from enterprises.models import Enterprise, KeyPerson, Unit

MOST = 100
KINDS = {"+": "新增", "~": "修改", "-": "删除"}
HIDDEN = {"id", "initials", "created_at", "enterprise"}


@dataclass(frozen=True)
class Change:
    """One entry: when, by whom, what kind of row, and a line per field."""

    at: datetime.datetime
    by: str
    what: str
    reason: str
    lines: list[str]


def field_changes(enterprise: Enterprise) -> list[Change]:
    """The newest entries of the file, its units and its key people; queries do not grow with the entries."""
    found: list[Change] = []
    for model, rows in (
        (Enterprise, Enterprise.history.filter(id=enterprise.pk)),
        (Unit, Unit.history.filter(enterprise_id=enterprise.pk)),
        (KeyPerson, KeyPerson.history.filter(enterprise_id=enterprise.pk)),
    ):
        found += _of(model, list(rows.select_related("history_user").order_by("-history_date", "-history_id")[:MOST]))
    return sorted(found, key=lambda change: change.at, reverse=True)[:MOST]


def _of(model: Any, entries: list[Any]) -> list[Change]:
    words = _Words(model, entries)
    older: dict[int, Any] = {}
    found = []
    for entry in reversed(entries):
        name = entry.name if model is not Enterprise else ""
        what = f"{KINDS[entry.history_type]}{model._meta.verbose_name}{f'“{name}”' if name else ''}"
        before = older.get(entry.id)
        lines = words.differences(before, entry) if before is not None and entry.history_type == "~" else []
        older[entry.id] = entry
        by = entry.history_user.name if entry.history_user else ""
        if lines or entry.history_type != "~":
            found.append(Change(entry.history_date, by, what, entry.history_change_reason or "", lines))
    return found


class _Words:
    """Values in words; the names of related rows are read once per kind."""

    def __init__(self, model: Any, entries: list[Any]) -> None:
        self.fields = [
            f for f in model._meta.concrete_fields if f.name not in HIDDEN and hasattr(entries[0] if entries else None, f.attname)
        ]
        self.names = {
            f.name: {row.pk: str(row) for row in f.related_model._base_manager.filter(pk__in={getattr(e, f.attname) for e in entries})}
            for f in self.fields
            if f.is_relation
        }

    def word(self, field: Any, entry: Any) -> str:
        """One value in words, "空" for nothing."""
        value = getattr(entry, field.attname)
        if value in (None, ""):
            return "空"
        if field.is_relation:
            return self.names[field.name].get(value, str(value))
        if isinstance(value, bool):
            return "是" if value else "否"
        return str(dict(field.flatchoices).get(value, value))

    def differences(self, before: Any, after: Any) -> list[str]:
        """A line per field that changed."""
        return [
            f"{field.verbose_name}:{self.word(field, before)} → {self.word(field, after)}"
            for field in self.fields
            if getattr(before, field.attname) != getattr(after, field.attname)
        ]
