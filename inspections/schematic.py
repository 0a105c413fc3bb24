"""The town as boxes, one a village, in the order of their codes: where the day's visits are, without any coordinates in the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Area
from accounts.models.areas import within

WIDTH, COLUMNS, GAP, HEAD = 360, 3, 6, 24
PER_ROW, STEP, RADIUS = 4, 26, 11
TOWN_CODE = 9


@dataclass(frozen=True)
class Mark:
    """A numbered visit at its place in the picture."""

    number: int
    visit: Any
    x: int
    y: int


@dataclass(frozen=True)
class Box:
    """One village."""

    name: str
    x: int
    y: int
    width: int
    height: int
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True)
class Schematic:
    """The picture: its size, the boxes, and the visits in the order of their numbers."""

    width: int
    height: int
    boxes: list[Box]
    marks: list[Mark]
    radius: int = RADIUS


def town_of(user: Any) -> str:
    """The code of the town whose villages are drawn."""
    held = user.membership
    return str(held.area_id or held.department.area_id)[:TOWN_CODE]


def draw(town: str, visits: Iterable[Any]) -> Schematic:
    """Always the same picture for the same villages and visits; a firm outside every village lies in the town's own box."""
    areas = list(Area.objects.filter(within("code", town)).order_by("code"))
    at: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for number, visit in enumerate(visits, start=1):
        at[visit.enterprise.area_id].append((number, visit))
    areas = [area for area in areas if len(area.code) > TOWN_CODE or area.code in at]
    boxes: list[Box] = []
    top = GAP
    for start in range(0, len(areas), COLUMNS):
        row = areas[start : start + COLUMNS]
        lines = max(1, *(-(-len(at[area.code]) // PER_ROW) for area in row))
        height = HEAD + lines * STEP + GAP
        boxes += [_box(area, place, top, height, at[area.code]) for place, area in enumerate(row)]
        top += height + GAP
    marks = sorted((mark for box in boxes for mark in box.marks), key=lambda mark: mark.number)
    return Schematic(WIDTH, top, boxes, marks)


def _box(area: Area, place: int, top: int, height: int, here: list[tuple[int, Any]]) -> Box:
    width = (WIDTH - (COLUMNS + 1) * GAP) // COLUMNS
    left = GAP + place * (width + GAP)
    marks = []
    for index, (number, visit) in enumerate(here):
        line, column = divmod(index, PER_ROW)
        marks.append(Mark(number, visit, left + STEP // 2 + 4 + column * STEP, top + HEAD + STEP // 2 + line * STEP))
    return Box(area.name, left, top, width, height, marks)
