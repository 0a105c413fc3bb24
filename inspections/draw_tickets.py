"""Every ticket of a draw and how it came: firms in the order of their tickets, officers for one firm (R49).

Made anew from the frozen lists whenever it is looked at; nothing of it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

from inspections import drawing
from inspections.models import Draw, DrawChange, DrawObject, DrawPick


@dataclass(frozen=True)
class Row:
    """One firm of the frozen list with its ticket; `place` is its rank, None for a firm left out or not told yet."""

    listed: DrawObject
    ticket: str
    place: int | None
    pick: DrawPick | None

    @property
    def outcome(self) -> tuple[str, str]:
        """(what became of it, the colour beside it)."""
        if self.pick is not None:
            return ("已撤出", "red") if self.pick.withdrawn_by_id else ("抽中", "green")
        return ("未抽中", "secondary") if self.listed.excluded is None else ("排除", "secondary")


class Tickets(Sequence[Row]):
    """The firms of a draw by ticket, those left out last; of `rows` alone when given, at their rank in the whole list.

    While a firm can be replaced only the drawn ones have a ticket; the others follow by key, so that nobody reads who would come next.
    """

    def __init__(self, draw: Draw, rows: Any = None) -> None:
        self.draw = draw
        self.rows = draw.objects_listed.all() if rows is None else rows  # type: ignore[attr-defined]

    @cached_property
    def order(self) -> list[tuple[str, str, int | None]]:
        """[(key, ticket, rank)] of the rows asked for."""
        wanted = set(self.rows.values_list("key", flat=True))
        listed = self.draw.objects_listed.order_by("key").values("key", "weight", "excluded")  # type: ignore[attr-defined]
        rows: list[Any] = list(listed)
        ranked = self.ranked(rows)
        found = [(key, ticket, place) for key, ticket, place in ranked if key in wanted]
        return found + [(row["key"], "", None) for row in rows if row["excluded"] is not None and row["key"] in wanted]

    def ranked(self, rows: list[Any]) -> list[tuple[str, str, int | None]]:
        """[(key, ticket, rank)] of all that were not left out, as far as it may be read now."""
        if self.draw.shows_order:
            return [(key, ticket, place) for place, (ticket, key) in enumerate(drawing.ranking(self.draw.seed, rows), start=1)]
        picks = self.draw.picks.order_by("position").values_list("listed__key", "ticket", "position")  # type: ignore[attr-defined]
        drawn: list[tuple[str, str, int | None]] = list(picks)
        known = {key for key, _, _ in drawn}
        return drawn + [(row["key"], "", None) for row in rows if row["excluded"] is None and row["key"] not in known]

    def __len__(self) -> int:
        return len(self.order)

    def count(self, *_: Any) -> int:
        """How many."""
        return len(self.order)

    @overload
    def __getitem__(self, asked: int) -> Row: ...
    @overload
    def __getitem__(self, asked: slice) -> list[Row]: ...
    def __getitem__(self, asked: int | slice) -> Row | list[Row]:
        if isinstance(asked, int):
            return self.made([self.order[asked]])[0]
        return self.made(self.order[asked])

    def iterator(self, chunk_size: int = 1000) -> Iterator[Row]:
        """One after the other, for an export."""
        for start in range(0, len(self.order), chunk_size):
            yield from self.made(self.order[start : start + chunk_size])

    def __iter__(self) -> Iterator[Row]:
        return self.iterator()

    def made(self, order: list[tuple[str, str, int | None]]) -> list[Row]:
        """These with their firm and what was drawn."""
        listed = DrawObject.objects.filter(draw=self.draw, key__in=[key for key, _, _ in order]).select_related("pick")
        rows = {row.key: row for row in listed}
        return [Row(rows[key], ticket, place, getattr(rows[key], "pick", None)) for key, ticket, place in order]


@dataclass(frozen=True)
class Seat:
    """One officer's ticket for one firm, and why he was drawn or not."""

    key: str
    name: str
    ticket: str
    outcome: str
    tone: str = "secondary"


def seats(draw: Draw, pick: DrawPick) -> list[Seat]:
    """The officers of the frozen list by their ticket for this firm, as it was when the firm was drawn; then what changed.

    While an officer can be replaced only the drawn ones have a ticket; the others follow by number.
    """
    key, made = pick.listed.key, {seat.officer.key: seat for seat in pick.seats.select_related("officer")}  # type: ignore[attr-defined]
    loads = loads_before(draw, key)
    conflicts = {row.officer: row.reason_words for row in draw.pairs_in_order().filter(object=key)}
    found = []
    for row in draw.officers_in_order():
        outcome, tone = "没有轮到", "secondary"
        if row.excluded is not None:
            outcome = f"排除:{row.excluded}"
        elif row.key in conflicts:
            outcome = f"回避:{conflicts[row.key]}"
        elif row.key in made:
            gone = made[row.key].replaced_by_id is not None
            outcome, tone = ("已换下", "red") if gone else ("抽中", "green")
        elif draw.max_per_officer is not None and loads[row.key] >= draw.max_per_officer:
            outcome = f"当时已抽到 {loads[row.key]} 家,达到上限"
        ticket = drawing.officer_ticket(draw.seed, key, row.key) if draw.shows_order or row.key in made else ""
        found.append(Seat(row.key, row.name, ticket, outcome, tone))
    return sorted(found, key=lambda seat: (not seat.ticket, seat.ticket))


def loads_before(draw: Draw, key: str) -> Counter[str]:
    """{officer: how many firms he had} when this firm's turn came, by the record; for one that came in by a change, when that was applied."""
    came = {pick.listed.key: [seat.officer.key for seat in first] for pick, first in draw.as_drawn()}
    changes = list(draw.changes.applied())  # type: ignore[attr-defined]
    later = {change.replacement for change in changes if change.kind == DrawChange.Kind.OBJECT}
    held: dict[str, list[str]] = {}
    for firm, officers in came.items():
        if firm == key and key not in later:
            return counted(held)
        if firm not in later:
            held[firm] = officers
    for change in changes:
        if change.kind == DrawChange.Kind.OFFICER:
            held[change.object] = [change.replacement if one == change.officer else one for one in held[change.object]]
            continue
        del held[change.object]
        if change.replacement == key:
            break
        if change.replacement:
            held[change.replacement] = came[change.replacement]
    return counted(held)


def counted(held: dict[str, list[str]]) -> Counter[str]:
    """How many firms each officer has."""
    return Counter(officer for officers in held.values() for officer in officers)
