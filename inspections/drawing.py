"""The draw itself, as the public can replay it: SHA-256 and sorting, no chance but the two halves of the seed (R49, B1).

Nothing here knows the database. Lists are dicts as they stand in the published file; every function is a function of
its arguments alone, so that the same lists, secret and value give the same result for ever.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FORMAT = "shijiao-draw/1"
Lists = Mapping[str, Sequence[Mapping[str, Any]]]


def sha256(text: str) -> str:
    """The digest of a text as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def new_secret() -> str:
    """32 random bytes as hex: the half of the seed that nobody sees before publication."""
    return secrets.token_hex(32)


def commitment(secret: str) -> str:
    """What is published of the secret before anything else is fixed."""
    return sha256(secret)


def in_order(lists: Lists) -> dict[str, list[dict[str, Any]]]:
    """The three lists in their canonical order: by key, conflicts by object, then officer."""
    return {
        "conflicts": sorted((dict(row) for row in lists["conflicts"]), key=lambda row: (row["object"], row["officer"])),
        "objects": sorted((dict(row) for row in lists["objects"]), key=lambda row: row["key"]),
        "officers": sorted((dict(row) for row in lists["officers"]), key=lambda row: row["key"]),
    }


def lists_sha256(lists: Lists) -> str:
    """The digest of both lists and the conflicts, published at the freeze."""
    return sha256(json.dumps(in_order(lists), ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def seed_of(secret: str, public_value: str, digest: str) -> str:
    """The seed: neither who holds the secret nor who supplies the value alone can choose it."""
    return sha256(f"{secret}:{public_value}:{digest}")


def object_ticket(seed: str, key: str, weight: int) -> str:
    """The smallest of as many tickets as the object weighs: drawing without replacement, in proportion to the weights."""
    begun = hashlib.sha256(f"{seed}:object:{key}:".encode())
    return min(_end(begun, str(number)) for number in range(weight))


def officer_ticket(seed: str, object_key: str, officer_key: str) -> str:
    """The ticket of an officer for one object."""
    return sha256(f"{seed}:officer:{object_key}:{officer_key}")


def _end(begun: Any, rest: str) -> str:
    whole = begun.copy()
    whole.update(rest.encode())
    return str(whole.hexdigest())


def ranking(seed: str, objects: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """[(ticket, key)] of the objects that are not excluded, in the order in which they are drawn."""
    return sorted((object_ticket(seed, row["key"], row["weight"]), row["key"]) for row in objects if row["excluded"] is None)


@dataclass
class Pick:
    """One drawn object with its officers, as [(ticket, key)]; none when there were too few."""

    object: str
    ticket: str
    officers: list[tuple[str, str]] = field(default_factory=list)


class Result:
    """A draw and what became of it: the first result, then each change applied in order."""

    def __init__(self, lists: Lists, *, seed: str, n: int, officers_per_object: int, max_per_officer: int | None) -> None:
        """The lists are not drawn yet: see `draw`."""
        self.seed, self.n, self.each, self.most = seed, n, officers_per_object, max_per_officer
        self.objects = lists["objects"]
        self.officers = [row["key"] for row in lists["officers"] if row["excluded"] is None]
        self.conflicts = {(row["object"], row["officer"]) for row in lists["conflicts"]}
        self.loads: Counter[str] = Counter()
        self.picks: list[Pick] = []
        self.dropped: set[tuple[str, str]] = set()
        self._left: Iterator[tuple[str, str]] = iter(())

    def draw(self) -> list[Pick]:
        """The first n objects by ticket, each with its officers."""
        for _ in self.steps():
            pass
        return self.picks

    def steps(self) -> Iterator[Pick]:
        """The same, one object at a time, for whoever shows progress."""
        self._left = iter(ranking(self.seed, self.objects))
        for _, (ticket, key) in zip(range(self.n), self._left, strict=False):
            yield self._take(ticket, key)

    def _take(self, ticket: str, key: str) -> Pick:
        pick = Pick(key, ticket)
        found = self.eligible(key)[: self.each]
        if len(found) == self.each:
            pick.officers = found
            self.loads.update(officer for _, officer in found)
        self.picks.append(pick)
        return pick

    def eligible(self, key: str, besides: Iterable[str] = ()) -> list[tuple[str, str]]:
        """[(ticket, officer)] of those who may go to this object now, smallest ticket first."""
        out = set(besides)
        may = (
            officer
            for officer in self.officers
            if (self.most is None or self.loads[officer] < self.most)
            and officer not in out
            and (key, officer) not in self.conflicts
            and (key, officer) not in self.dropped
        )
        begun = hashlib.sha256(f"{self.seed}:officer:{key}:".encode())
        return sorted((_end(begun, officer), officer) for officer in may)

    def pick_of(self, key: str) -> Pick:
        """The pick of a drawn object; KeyError when it is not in the result in force."""
        for pick in self.picks:
            if pick.object == key:
                return pick
        raise KeyError(key)

    def replace_object(self, key: str) -> Pick | None:
        """Take a drawn object out; the next in ticket order comes in with officers by the loads as they then stand. None when nothing is left."""
        gone = self.pick_of(key)
        self.picks.remove(gone)
        self.loads.subtract(officer for _, officer in gone.officers)
        following = next(self._left, None)
        return self._take(*following) if following else None

    def replace_officer(self, key: str, officer: str) -> tuple[str, str] | None:
        """Take an officer off an object; the next eligible one comes. None, and nothing changes, when there is none."""
        pick = self.pick_of(key)
        if officer not in [name for _, name in pick.officers]:
            raise KeyError(officer)
        following = next(iter(self.eligible(key, besides=[name for _, name in pick.officers])), None)
        if following is None:
            return None
        self.dropped.add((key, officer))
        self.loads.subtract([officer])
        self.loads.update([following[1]])
        pick.officers = [following if name == officer else (ticket, name) for ticket, name in pick.officers]
        return following
