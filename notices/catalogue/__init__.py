"""Reference data of notices: who is told what, and when."""

from __future__ import annotations

from pathlib import Path

from core.catalogue import Loaded, dated, load_rows, read_yaml
from notices.models import NoticeRule


def load() -> list[Loaded]:
    """The rules, all of one edition."""
    content = read_yaml(Path(__file__).with_name("rules.yaml"))
    law = dated(content["law"])
    return [load_rows(NoticeRule, [{**row, **law} for row in content["rules"]], key=("code", "edition"))]
