"""Periodic checks of the past half year: done, done late or missed; what fails in one grows into a hazard."""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from demo.days import Days, at
from demo.findings import AT_ITEM, URGED
from demo.hazards import Courses
from demo.people import Firm, Town
from demo.story import Past, Story
from duties.models import Occurrence
from duties.periods import Frequency
from enterprises.models import Unit
from hazards.models import Answer, Check, Checklist, ChecklistVersion
from hazards.models.answers import SOURCES

HOURS = {Frequency.DAY: 7, Frequency.WEEK: 15}
TICK = datetime.timedelta(seconds=40)
COLUMNS = ["state", "version", "done_at", "missed_at", "late_done_at", "done_by", "record_model", "record_pk", "taken_up_at"]


class Lists:
    """The frozen words of each list, asked for once."""

    def __init__(self, firm: Firm) -> None:
        self.firm, self.known = firm, {}  # type: ignore[var-annotated]

    def of(self, code: str, on: datetime.date) -> ChecklistVersion:
        """The version in force on that day."""
        found: ChecklistVersion | None = self.known.get(code)
        if found is None:
            checklist = Checklist.current(code, on)
            assert checklist is not None  # noqa: S101 - the plans were made from lists in force
            found = self.known[code] = checklist.freeze(self.firm.enterprise, on)
        return found


class Rounds:
    """Tells what became of each dated row of some firms up to `until`."""

    def __init__(self, courses: Courses, lists: Lists) -> None:
        self.courses, self.lists = courses, lists
        self.past: Past = courses.past
        self.days: Days = courses.days
        self.town: Town = courses.town
        self.chance: random.Random = courses.chance
        self.records: list[tuple[Occurrence, Check]] = []
        self.changed: list[Occurrence] = []
        self.recently = self.days.back(12)

    def tell(self, firms: list[Firm], until: datetime.datetime) -> None:
        """Every row of these firms whose day of doing, or whose end, lies before `until`; in few statements."""
        by_pk = {firm.enterprise.pk: firm for firm in firms}
        care = {pk: self.chance.choice((0.99, 0.97, 0.95, 0.9, 0.8, 0.6)) for pk in by_pk}
        owed = Occurrence.objects.filter(enterprise_id__in=by_pk, opens_at__lt=until).select_related("plan__duty", "unit")
        told: dict[int, list[Told]] = defaultdict(list)
        for row in owed.order_by("closes_at", "enterprise_id", "duty_code", "unit_id"):
            firm = by_pk[row.enterprise_id]
            row.enterprise = firm.enterprise
            one = Told(self, firm, row, until)
            one.run(care[row.enterprise_id])
            told[row.enterprise_id].append(one)
        for rows in told.values():
            self._take_up(rows, until)
            for one in rows:
                if one.story.steps:
                    self.past.add(one.story)

    def settle(self) -> None:
        """Write how the rows ended, once their checks have numbers."""
        for row, check in self.records:
            row.record_model, row.record_pk = check._meta.label_lower, check.pk
        # One upsert instead of a CASE per row and column: many times quicker.
        Occurrence.objects.bulk_create(self.changed, batch_size=300, update_conflicts=True, update_fields=COLUMNS, unique_fields=["id"])
        self.records, self.changed = [], []

    def _take_up(self, rows: list[Told], until: datetime.datetime) -> None:
        """A miss is taken up by the next list of a level above; the plant's own by the town, but for the newest."""
        for one in rows:
            row = one.row
            if row.state != Occurrence.State.MISSED:
                continue
            upper = next((other for other in rows if other.is_above(row) and other.done_at and other.done_at > one.last), None)
            if upper and upper.done_at:
                note = f"列入{upper.row}"
                one.story.take("take_up", by=self.town.system, at=upper.done_at, note=note, taken_up_at=upper.done_at)
            elif row.level == Unit.Kind.PLANT and (one.last.date() < self.recently or self.chance.random() < 0.6):
                moment = at(self.days.after(one.last.date(), self.chance.randint(1, 6)), self.chance.randint(9, 16), 12)
                note = self.chance.choice(URGED)
                one.story.take("take_up", by=self.chance.choice(self.town.inspectors), at=moment, note=note, taken_up_at=moment)


class Told:
    """One dated row: done by whoever leads the unit, missed, or done late."""

    def __init__(self, of: Rounds, firm: Firm, row: Occurrence, until: datetime.datetime) -> None:
        self.of, self.firm, self.row, self.until, self.chance = of, firm, row, until, of.chance
        self.story = Story(row, until)
        self.done_at: datetime.datetime | None = None
        self.by = firm.doer(row)

    @property
    def last(self) -> datetime.datetime:
        """When the newest thing happened to it."""
        return self.story.steps[-1].at

    def is_above(self, lower: Occurrence) -> bool:
        """Whether its list takes up what was missed there, as `Occurrence.under` has it."""
        unit, ladder = lower.unit, (Unit.Kind.TEAM, Unit.Kind.DEPARTMENT, Unit.Kind.PLANT)
        is_higher = ladder.index(Unit.Kind(self.row.level)) > ladder.index(Unit.Kind(lower.level))
        mine = self.row.unit_id in (unit.pk, unit.parent_id) or self.row.unit.kind == Unit.Kind.PLANT
        return is_higher and mine and self.row.plan.duty.is_ladder and lower.plan.duty.is_ladder

    def day(self) -> datetime.date | None:
        """On which worked day of the period it is done: weekly on Friday, longer ones on the 25th or after."""
        first, last = self.row.period_start, self.row.period_end
        if self.row.frequency == Frequency.DAY:
            return first
        if self.row.frequency == Frequency.WEEK:
            return self.of.days.last(first, first + datetime.timedelta(days=4)) or self.of.days.last(first, last)
        return self.of.days.last(first, first.replace(day=25 if first.month == last.month else 28)) or self.of.days.last(first, last)

    def run(self, care: float) -> None:
        """What became of it."""
        day = self.day()
        moment = (
            at(day, HOURS.get(Frequency(self.row.frequency), 10), self.chance.randint(30, 58), self.chance.randint(0, 59)) if day else None
        )
        is_kept = self.chance.random() < care
        if moment and is_kept and moment < self.until:
            self._check(moment, "complete", done_at=moment)
            self.of.changed.append(self.row)
        elif self.row.closes_at < self.until and not (moment and is_kept):
            ended = timezone.localtime(self.row.closes_at) + TICK
            self.story.take("miss", by=self.of.town.system, at=ended, on=self.row.last_day, missed_at=ended)
            self.of.changed.append(self.row)
            if self.chance.random() < 0.2 and self.row.frequency != Frequency.DAY:
                later = at(self.of.days.after(ended.date(), self.chance.randint(0, 3)), self.chance.randint(9, 16), 25)
                if later < self.until:
                    self._check(later, "complete_late", late_done_at=later)

    def _check(self, moment: datetime.datetime, move: str, **done: Any) -> None:
        check = self._opened(moment)
        fails = self._fails(check, moment)
        receipt = f"JC{moment:%Y%m%d}-B{self.row.pk:06d}"
        lines = [f"回执 {receipt}", f"共 {check.version_used.item_count} 项,不合格 {len(fails)} 项"]
        facts: dict[str, Any] = {"submitted_at": moment, "submitted_by": self.by, "receipt": receipt}
        story = Story(check, self.until).opens(by=self.by, at=check.opened_at)
        story.take("submit", by=self.by, at=moment, lines=lines, **facts)
        self.of.past.add(story, self._answers(check, fails, moment), self._participants(check))
        for answer in fails.values():
            self._hazard(answer, moment)
        self.story.take(move, by=self.by, at=moment, done_by=self.by, **done)
        self.done_at = moment
        self.of.records.append((self.row, check))

    def _opened(self, moment: datetime.datetime) -> Check:
        row = self.row
        return Check(
            occurrence=row,
            enterprise=row.enterprise,
            unit=row.unit,
            version_used=self.of.lists.of(row.plan.checklist_code, row.period_start),
            checklist_code=row.plan.checklist_code,
            frequency=row.frequency,
            window_start=row.period_start,
            window_end=row.period_end,
            holder=self.by,
            opened_at=moment - datetime.timedelta(minutes=self.chance.randint(6, 24)),
            state=Check.State.OPEN,
        )

    def _fails(self, check: Check, moment: datetime.datetime) -> dict[int, Answer]:
        likely = 0.06 if self.row.frequency == Frequency.DAY else 0.14
        items = check.version_used.items
        possible = [place for place, item in enumerate(items) if item["name"] in AT_ITEM]
        if not possible or self.chance.random() >= likely:
            return {}
        place = self.chance.choice(possible)
        finding = AT_ITEM[items[place]["name"]]
        facts = {"result": "fail", "note": finding.words, "level": finding.level}
        return {place: Answer(check_row=check, position=place, by=self.by, at=moment, version=1, **facts)}

    def _answers(self, check: Check, fails: dict[int, Answer], moment: datetime.datetime) -> Iterator[Answer]:
        """One after the other when they are written, so that half a year's do not lie in memory."""
        odd = moment.minute % 17
        for place in range(check.version_used.item_count):
            result = "na" if place == odd else "pass"
            yield fails.get(place) or Answer(check_row=check, position=place, result=result, by=self.by, at=moment, version=1)

    def _participants(self, check: Check) -> Iterator[Any]:
        """Who signed the plant's own list."""
        if check.is_plants:
            for person in (self.by, *self.firm.heads):
                yield Check.participants.through(check=check, user=person)

    def _hazard(self, answer: Answer, moment: datetime.datetime) -> None:
        item = answer.item
        source = SOURCES.get(Frequency(self.row.frequency), "plant")
        facts = {"source": source, "unit": self.row.unit, "answer": answer, "basis": item["basis"]}
        self.of.courses.found(self.firm, AT_ITEM[item["name"]], by=self.by, moment=moment, until=self.until, **facts)
