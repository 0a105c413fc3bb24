"""Reading a visit's many inputs: one answer per item."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from core.forms import parsed_uid
from core.models import Attachment
from core.models.submissions import digest
from hazards.forms.checks import clean_text
from hazards.models import Hazard
from inspections.models import InspectionItem
from inspections.models.items import bare, last_suggested, why_not_suggested

LIMITS = {"note": 500, "place": 100, "requirement": 500}
RESULTS, LEVELS, DISPOSALS = set(InspectionItem.Result.values), set(Hazard.Level.values), set(InspectionItem.Disposal.values)
NAMES = {"note": "情况", "place": "位置", "requirement": "整改要求"}


def mark(given: dict[str, Any]) -> str:
    """A short name of an answer's content, kept on the page to tell what was touched there."""
    return digest(bare(given))[:16] if given.get("result") else ""


def fresh_uploads(data: Any, positions: Iterable[int], user: Any) -> set[str]:
    """Which of the photos named on the page this person uploaded and nothing holds yet."""
    named = {uid for position in positions for key in "pq" for uid in _uids(data, f"{key}-{position}_ids")}
    return {str(uid) for uid in Attachment.objects.orphans_of(user).filter(uid__in=named).values_list("uid", flat=True)} if named else set()


def posted_items(data: Any, items: dict[int, InspectionItem], *, fresh: set[str]) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """({position: answer}, {position: sentence}) of what was touched on the page.

    Inputs of item N: a-N result, n-N what was found, r-N why it was not looked at, w-N place, l-N level, x-N disposal, e-N requirement,
    d-N day, v-N suspected breach, p-N_ids and q-N_ids photos before and after (only `fresh` ones count), s-N the version and o-N the mark of what the page
    showed, k-N which of two answers counts ("mine:VERSION" or "theirs"). An item that looks as the page showed it is left out:
    another officer may have changed it meanwhile. What is too long, or a day no order could have, is a problem and left out, so that the
    others can be saved.
    """
    found: dict[int, dict[str, Any]] = {}
    problems: dict[int, str] = {}
    last = last_suggested(timezone.localdate())
    for position, item in items.items():
        given = _answer(data, position, item)
        if given is None or data.get(f"k-{position}") == "theirs":
            continue
        given["seen"] = _seen(data, position)
        for name in ("photos", "after_photos"):
            given[name] = [uid for uid in given.get(name, []) if uid in fresh]
        if mark(given) == data.get(f"o-{position}", "") and not (given["photos"] or given["after_photos"]):
            continue
        if long := [name for name, limit in LIMITS.items() if len(given.get(name, "")) > limit]:
            name = long[0]
            problems[position] = f"{NAMES[name]}有 {len(given[name])} 字,最多 {LIMITS[name]} 字,这一项没有保存。"
            continue
        if why := _why_not_day(given, last):
            problems[position] = f"{why}这一项没有保存。"
            continue
        found[position] = given
    return found, problems


def typed(data: Any, position: int, item: InspectionItem) -> dict[str, Any]:
    """What stands in the inputs of one item, to be shown again."""
    return _answer(data, position, item) or {}


def _answer(data: Any, position: int, item: InspectionItem) -> dict[str, Any] | None:
    result = data.get(f"a-{position}", "")
    if result not in RESULTS:
        return None
    if result == InspectionItem.Result.PASS:
        return {"result": result, "note": ""}
    if result != InspectionItem.Result.FAIL:
        return {"result": result, "note": clean_text(data.get(f"r-{position}", ""))}
    level, disposal, day = (data.get(f"{key}-{position}", "") for key in "lxd")
    return {
        "result": result,
        "note": clean_text(data.get(f"n-{position}", "")),
        "place": clean_text(data.get(f"w-{position}", "")),
        "requirement": clean_text(data.get(f"e-{position}", "")),
        "level": level if level in LEVELS else Hazard.Level.NORMAL.value,
        "disposal": disposal if disposal in DISPOSALS else "",
        "due_on": day if _day(day) else "",
        "is_violation": bool(data.get(f"v-{position}")) and item.may_break_law,
        "photos": _uids(data, f"p-{position}_ids"),
        "after_photos": _uids(data, f"q-{position}_ids"),
    }


def _seen(data: Any, position: int) -> int:
    chosen = data.get(f"k-{position}", "").removeprefix("mine:")
    text = chosen or data.get(f"s-{position}", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _uids(data: Any, name: str) -> list[str]:
    return sorted({str(uid) for text in data.getlist(name) if (uid := parsed_uid(text))})


def _why_not_day(given: dict[str, Any], last: datetime.date) -> str:
    day = _day(given.get("due_on", ""))
    return why_not_suggested(day, given["level"], timezone.localdate(), last) if day else ""


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date() if len(text) == 10 else None
    except ValueError:
        return None
