"""Reference data of documents: the kinds of papers."""

from __future__ import annotations

from pathlib import Path

from core.catalogue import Loaded, dated, load_rows, read_yaml
from documents.models import DocumentKind


def load() -> list[Loaded]:
    """The kinds, by edition."""
    content = read_yaml(Path(__file__).with_name("documents.yaml"))
    fields = ("code", "name", "issuer", "pattern", "is_official", "is_published", "recipients")
    rows = [
        {**{f: row[f] for f in fields}, "is_delegable": row.get("is_delegable", False), "order": n, **dated(row)}
        for n, row in enumerate(content["documents"])
    ]
    return [load_rows(DocumentKind, rows, key=("code", "edition"))]
