"""Reference data of this app: dangerous traits, and the headings rosters use."""

from pathlib import Path

from core.catalogue import Loaded, dated, load_rows, read_yaml
from enterprises.models import HazardTrait


def load() -> list[Loaded]:
    """Dangerous traits; loading twice changes nothing."""
    rows = read_yaml(Path(__file__).with_name("traits.yaml"))["traits"]
    fields = ("code", "name", "hint", "order")
    return [load_rows(HazardTrait, [{**{f: row[f] for f in fields}, **dated(row)} for row in rows])]
