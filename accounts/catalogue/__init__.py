"""Reference data of this app: areas, sectors, and which department answers for which sector (R59)."""

from pathlib import Path
from typing import Any

from accounts.models import Area, Department, Sector
from core.catalogue import Loaded, dated, load_rows, read_yaml


def here(name: str) -> Any:
    """One YAML file beside this one."""
    return read_yaml(Path(__file__).with_name(name))


def load() -> list[Loaded]:
    """Areas, sectors, departments; rows already there stay as they are."""
    return [load_areas(), load_sectors(), load_departments()]


def load_areas() -> Loaded:
    """District, town, villages."""
    return load_rows(Area, here("areas.yaml")["areas"])


def load_sectors() -> Loaded:
    """The sectors of industry and trade with their GB/T 4754 divisions."""
    rows = [
        {
            "code": row["code"],
            "name": row["name"],
            "divisions": row["gbt4754_divisions"],
            "excludes": row["excludes"],
            "order": number,
            **dated(row),
        }
        for number, row in enumerate(here("industries.yaml")["industries"], start=1)
    ]
    return load_rows(Sector, rows)


def load_departments() -> Loaded:
    """Offices of the town; a new one gets its sectors, one already there keeps what the administrator gave it."""
    listed = here("departments.yaml")["departments"]
    known = set(Department.objects.values_list("code", flat=True))
    result = load_rows(Department, [{"code": row["code"], "name": row["name"], "area_id": row["area"]} for row in listed])
    for row in listed:
        if row["code"] not in known:
            Department.objects.get(code=row["code"]).sectors.set(Sector.objects.filter(code__in=row["sectors"]))
    return result
