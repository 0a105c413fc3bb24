"""Comparing a cleaned row with the enterprise file: new, equal, changed, or against a rule of the file."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from accounts.models import Area
from enterprises.models import Enterprise, KeyPerson
from enterprises.roster.cells import MENDED, REFUSED, WARNED
from enterprises.roster.rows import Row

CHUNK = 500
PLAIN = (
    "name",
    "sector_id",
    "industry_code",
    "area_id",
    "address",
    "lead_department_id",
    "status",
    "scale",
    "headcount",
    "dispatched",
    "interns",
    "founded_on",
    "remark",
)


def typed(key: str, value: Any) -> Any:
    """A cleaned value as the model holds it."""
    return datetime.date.fromisoformat(value) if key == "founded_on" and isinstance(value, str) else value


class Known:
    """The enterprises already filed under the codes of a roster, with their traits and key people."""

    def __init__(self, area: Area, codes: list[str]) -> None:
        self.area = area
        self.by_code: dict[str, Enterprise] = {}
        self.seen: dict[str, tuple[str, dict[str, Any]]] = {}
        for start in range(0, len(codes), CHUNK):
            rows = Enterprise.objects.filter(credit_code__in=codes[start : start + CHUNK]).for_list()
            self.by_code.update({row.credit_code: row for row in rows})


def traits_of(enterprise: Enterprise) -> set[int]:
    """Its traits' ids, from what is prefetched."""
    return {trait.pk for trait in enterprise.traits.all()}


def changes(cleaned: dict[str, Any], enterprise: Enterprise) -> dict[str, Any]:
    """What the row would change of the enterprise's own columns."""
    found = {key: typed(key, cleaned[key]) for key in PLAIN if key in cleaned}
    return {key: value for key, value in found.items() if getattr(enterprise, key) != value}


def new_people(cleaned: dict[str, Any], people: Iterable[KeyPerson]) -> tuple[list[dict[str, str]], list[tuple[KeyPerson, str]]]:
    """(people not yet filed, (person, new phone) of those whose phone differs)."""
    filed = {(person.kind, person.name): person for person in people}
    added, phones = [], []
    for person in cleaned.get("people", ()):
        old = filed.get((person["kind"], person["name"]))
        if old is None:
            added.append(person)
        elif person["phone"] and person["phone"] != old.phone:
            phones.append((old, person["phone"]))
    return added, phones


def is_equal(cleaned: dict[str, Any], enterprise: Enterprise) -> bool:
    """Whether the file already says all that the row says."""
    has_traits = set(cleaned.get("traits", ())) <= traits_of(enterprise)
    return has_traits and not changes(cleaned, enterprise) and not any(new_people(cleaned, enterprise.people_now))


def breaks_headcount(cleaned: dict[str, Any], enterprise: Enterprise) -> bool:
    """Whether the row and the file together would hold more dispatched people and interns than people."""
    total, dispatched, interns = (cleaned.get(key, getattr(enterprise, key)) for key in ("headcount", "dispatched", "interns"))
    return total is not None and (dispatched or 0) + (interns or 0) > total


def judge(row: Row, known: Known, *, where: str) -> tuple[str, Enterprise | None]:
    """The row's verdict, and the enterprise already filed under its code."""
    code = row.cleaned.get("credit_code")
    if code is None or row.verdict == REFUSED:
        return row.verdict, None
    if code in known.seen:
        _judge_second(row, *known.seen[code])
        return row.verdict, None
    known.seen[code] = (where, dict(row.cleaned))
    enterprise = known.by_code.get(code)
    if enterprise is None:
        return row.verdict, None
    if not enterprise.area_id.startswith(known.area.code):
        row.say("credit_code", REFUSED, "这个信用代码已登记在别的镇街,请核对")
        return REFUSED, None
    if breaks_headcount(row.cleaned, enterprise):
        row.say("headcount", REFUSED, "从业人员少于档案中的派遣和实习人数,请核对")
        return REFUSED, enterprise
    if is_equal(row.cleaned, enterprise):
        return "unchanged", enterprise
    _say_changes(row, enterprise)
    return row.verdict, enterprise


def _judge_second(row: Row, where: str, first: dict[str, Any]) -> None:
    if row.cleaned == first:
        row.say("credit_code", MENDED, f"与{where}相同,并为一条")
    else:
        row.say("credit_code", REFUSED, f"信用代码与{where}“{first['name']}”重复而内容不同,请核对哪一行是对的")


def _say_changes(row: Row, enterprise: Enterprise) -> None:
    names = [str(Enterprise._meta.get_field(key.removesuffix("_id")).verbose_name) for key in changes(row.cleaned, enterprise)]
    added, phones = new_people(row.cleaned, enterprise.people_now)
    names += ["主要人员"] if added else []
    names += ["电话"] if phones else []
    names += [] if set(row.cleaned.get("traits", ())) <= traits_of(enterprise) else ["危险特性"]
    row.say("credit_code", WARNED, f"已有档案“{enterprise.name}”,将更新:{'、'.join(names)}")
