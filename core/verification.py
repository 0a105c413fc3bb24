"""Verification of the seals: from the first link to the newest, and against seals that were printed."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.db import models
from django.utils import timezone

from core.models import Event, Seal, SealedEvent
from core.models.seals import GENESIS, SHORT
from core.seals import FIELDS, row_digest, unsealed

BATCH = 20
LATE = datetime.timedelta(hours=1)
MEMBER = ("seal_id", "position", *(f"event__{name}" for name in FIELDS))
AT = FIELDS.index("at")
Printed = tuple[int, str]


class Kind(models.TextChoices):
    """What was done to the story."""

    CHANGED = "changed", "内容被改动"
    DELETED = "deleted", "被删除"
    INSERTED = "inserted", "是后来插入的"
    REORDERED = "reordered", "次序被调换"
    CUT = "cut", "之后的记录被截去"
    REWRITTEN = "rewritten", "起的记录被改写"


@dataclass(frozen=True)
class Finding:
    """The first bad row, "event" or, when no Event can be named, "seal"; what was done to it; and where, in Chinese."""

    kind: Kind
    row: str
    pk: int
    where: str

    def __str__(self) -> str:
        name = {"event": "事件", "seal": "封条"}[self.row]
        return f"{name} {self.pk} {self.kind.label}({self.row} {self.pk} {self.kind.value})。{self.where}。"


class Tampered(Exception):
    """Ends the walk at the first row that does not fit."""

    def __init__(self, kind: Kind, where: str, *, event: int | None, seal: int = 0) -> None:
        super().__init__(where)
        row, pk = ("seal", seal) if event is None else ("event", event)
        self.finding = Finding(kind, row, pk, where)


@dataclass
class Verdict:
    """How many seals and Events fit, how many are not sealed yet, and the first bad row if there is one."""

    seals: int = 0
    events: int = 0
    unsealed: int = 0
    finding: Finding | None = None


def verify(printed: Iterable[str] = ()) -> Verdict:
    """Walk the whole chain, then compare it with printed seals, each "NUMBER:DIGEST" or "DIGEST", long or short.

    Stops at the first bad row. Memory does not grow with the number of Events. ValueError for what is no printed seal.
    """
    wanted = sorted((_read_printed(text) for text in printed), key=lambda one: one[0] or float("inf"))
    walk = Walk()
    try:
        walk.follow()
        walk.finish()
        _compare(wanted)
    except Tampered as found:
        walk.verdict.finding = found.finding
    return walk.verdict


class Walk:
    """One pass over the chain: each link against the one before, each Event against its link."""

    def __init__(self) -> None:
        self.verdict = Verdict()
        self.prev, self.first = GENESIS, None
        self.recent: deque[datetime.datetime] = deque()
        self.passed: datetime.datetime | None = None

    def follow(self) -> None:
        """Every seal in its order."""
        for seal, rows in _links():
            first = rows[0][2] if rows else None
            self._check_link(seal, first)
            self._pass(seal.sealed_at)
            self._check_rows(seal, rows)
            self.prev, self.first = seal.digest, first
            self.verdict.seals, self.verdict.events = seal.number, self.verdict.events + len(rows)

    def finish(self) -> None:
        """What no seal holds: it must not claim to be older than seals that would have taken it."""
        no_seal = ~models.Exists(Seal.objects.filter(pk=models.OuterRef("seal_id")))
        if lost := SealedEvent.objects.filter(no_seal).order_by("seal_id", "position").first():
            raise Tampered(Kind.CUT, f"这一条起的封条 {lost.seal_id} 已不存在", event=lost.pk)
        rows = unsealed(everything=True)
        self.verdict.unsealed = rows.count()
        self._pass(timezone.now())
        if self.passed and (late := rows.filter(at__lt=self.passed).order_by("pk").first()):
            raise Tampered(Kind.INSERTED, "它没有封存,记录时间却早于早已做好的封条", event=late.pk)

    def _pass(self, sealed_at: datetime.datetime) -> None:
        """`passed`: LATE before the newest seal that is LATE older; what was recorded by then was committed by that seal, and sealed in its run.

        Not that seal's own moment: what was being committed just then is sealed when the sealer, perhaps switched off meanwhile, runs again.
        """
        while self.recent and self.recent[0] <= sealed_at - LATE:
            self.passed = self.recent.popleft() - LATE
        self.recent.append(sealed_at)

    def _check_link(self, seal: Seal, first: int | None) -> None:
        """The row fits its own digest, its number follows, and it names the digest of the link before."""
        due = self.verdict.seals + 1
        if seal.digest != seal.computed():
            raise Tampered(Kind.REWRITTEN, f"封条 {seal.number} 与它自己的摘要不符", event=first, seal=seal.number)
        if seal.number != due:
            lost = SealedEvent.objects.filter(seal_id=due).order_by("position").values_list("pk", flat=True).first()
            raise Tampered(Kind.DELETED, f"封条 {due} 不见了,它后面的封条 {seal.number} 还在", event=lost, seal=due)
        if seal.prev != self.prev:
            where = f"封条 {due} 记着的前一封条不是现在的封条 {due - 1}"
            if seal.prev == GENESIS or Seal.objects.filter(digest=seal.prev).exists():
                raise Tampered(Kind.REORDERED, where, event=first, seal=due)
            raise Tampered(Kind.REWRITTEN, where, event=self.first or first, seal=due)

    def _check_rows(self, seal: Seal, rows: list[Any]) -> None:
        """At each place stands the Event that was sealed there, word for word."""
        for place, (entry, row) in enumerate(zip_longest(seal.entries, rows), start=1):
            where = f"在封条 {seal.number} 第 {place} 位"
            due, found = entry[0] if entry else None, row[2] if row else None
            if due != found or row[1] != place - 1:
                kind, event = _misplaced(seal, rows, due, found)
                raise Tampered(kind, where, event=event)
            if row_digest(row[2:]) != entry[1]:
                raise Tampered(Kind.CHANGED, where, event=found)
            if self.passed and row[2 + AT] < self.passed:
                raise Tampered(Kind.INSERTED, f"{where},记录时间却早于那时早已做好的封条", event=found)


def _links() -> Iterator[tuple[Seal, list[Any]]]:
    """The seals there are now, by number, each with its members in their order; a batch at a time."""
    last = Seal.newest()
    seals = list(Seal.objects.order_by("number")[:BATCH])
    while last and seals:
        held = defaultdict(list)
        span = SealedEvent.objects.filter(seal_id__gte=seals[0].number, seal_id__lte=seals[-1].number)
        for row in span.order_by("seal_id", "position").values_list(*MEMBER).iterator():
            held[row[0]].append(row)
        for seal in seals:
            yield seal, held[seal.number]
        seals = list(Seal.objects.filter(number__gt=seals[-1].number, number__lte=last.number).order_by("number")[:BATCH])


def _misplaced(seal: Seal, rows: list[Any], due: int | None, found: int | None) -> tuple[Kind, int | None]:
    """What happened where one Event is due and another found, and to which."""
    if due is not None and due not in {row[2] for row in rows}:
        return Kind.DELETED, due
    known = found in {pk for pk, _ in seal.entries}
    return (Kind.REORDERED if known else Kind.INSERTED), found


def _read_printed(text: str) -> Printed:
    """(number, beginning of the digest); number 0 when none was given."""
    found = re.fullmatch(rf"(?:第?(\d{{1,18}})(?:[::]|号封条))?([0-9a-f]{{{SHORT},64}})", re.sub(r"\s", "", text).lower())
    if not found:
        raise ValueError(f"“{text}”不是打印的封条:请写成 编号:摘要,摘要至少 {SHORT} 位。")
    return int(found[1] or 0), found[2]


def _compare(wanted: list[Printed]) -> None:
    """Each printed seal is still on the chain; the first that is not tells how far back the story was cut or rewritten."""
    good, newest = 0, Seal.newest()
    for number, digest in wanted:
        if number and (newest is None or number > newest.number):
            last = Event.objects.filter(sealing__seal=newest).order_by("sealing__position").last() if newest else None
            where = f"打印的封条 {number} 已不存在,封条只到 {newest.number if newest else 0}"
            raise Tampered(Kind.CUT, where, event=last.pk if last else None, seal=number)
        seals = Seal.objects.filter(digest__startswith=digest, **({"number": number} if number else {}))
        if not seals.exists():
            first = SealedEvent.objects.filter(seal_id__gt=good).order_by("seal_id", "position").first()
            where = f"打印的封条 {number or ''} 与链上的不同,与打印件相符的只到封条 {good}"
            raise Tampered(Kind.REWRITTEN, where, event=first.pk if first else None, seal=number)
        good = number or good
