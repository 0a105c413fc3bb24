"""General hazards of the past half year: each with its course, some late, returned, extended, passed on or rejected."""

from __future__ import annotations

import datetime
import random
from typing import Any

from core.models import DeadlineRule
from demo.days import Days, at
from demo.findings import ACCEPTED, BY_TOWN, REJECTIONS, RETURNS, SNAPS, WAITS, Finding
from demo.people import Firm, Town
from demo.story import Past, Story
from duties.periods import ONE_DAY
from hazards.models import Extension, Hazard
from hazards.models.machine import Level

LEVELS = ("minor", "light", "normal", "serious")
DECIDED_LATER = 3


class Courses:
    """Leads hazards through the verbs' arrows at plausible times; what lies beyond `until` has not happened yet."""

    def __init__(self, past: Past, days: Days, town: Town, chance: random.Random) -> None:
        self.past, self.days, self.town, self.chance = past, days, town, chance
        rules = DeadlineRule.objects.in_force(days.first).filter(code__startswith="hazard.general.")
        self.periods = dict(rules.values_list("code", "value"))

    def found(self, firm: Firm, finding: Finding, *, by: Any, moment: datetime.datetime, until: datetime.datetime, **facts: Any) -> None:
        """One hazard from its finding to where it stands at `until`."""
        if moment < until:
            Course(self, firm, finding, by, moment, until, facts).run()

    def visit(self, firm: Firm, day: datetime.date, until: datetime.datetime) -> None:
        """The town looks at a firm and finds one to three things."""
        by = self.chance.choice(self.town.inspectors)
        for number, finding in enumerate(self.chance.sample(BY_TOWN, self.chance.choice((1, 1, 2, 3)))):
            moment = at(day, 10, 5 + number * 12, self.chance.randint(0, 59))
            self.found(firm, finding, by=by, moment=moment, until=until, source="inspection", unit=firm.plant)

    def snap(self, firm: Firm, day: datetime.date, until: datetime.datetime) -> None:
        """An employee's 随手拍."""
        unit, by = self.chance.choice(firm.workers)
        moment = at(day, self.chance.choice((9, 11, 14, 16)), self.chance.randint(0, 59))
        self.found(firm, self.chance.choice(SNAPS), by=by, moment=moment, until=until, source="snap", unit=unit)

    def due_on(self, level: str, on: datetime.date) -> datetime.date:
        """The last day by the level's rule, as `clock.due_on` counts it."""
        return self.days.after(on + self.periods[f"hazard.general.{level}"] * ONE_DAY, 0)


class Course:
    """One hazard's way; who assigns, rectifies and accepts is chosen so that no verb's guard would refuse."""

    def __init__(
        self, of: Courses, firm: Firm, finding: Finding, by: Any, moment: datetime.datetime, until: datetime.datetime, facts: dict[str, Any]
    ) -> None:
        self.of, self.firm, self.finding, self.by, self.chance = of, firm, finding, by, of.chance
        self.day, self.is_town = moment.date(), facts["source"] == "inspection"
        self.rectifier = next((one for one in (*firm.heads, *firm.employees) if one != by), firm.principal)
        self.extras: list[Extension] = []
        place = f"{facts['unit'].name}·{finding.place}"
        row = Hazard(
            enterprise=firm.enterprise,
            state=Hazard.State.REPORTED,
            level=Level.NORMAL,
            place=place,
            description=finding.words,
            found_by=by,
            found_on=self.day,
            decide_by_on=of.days.after(self.day, 1),
            **facts,
        )
        self.row = row
        self.story = Story(row, until).opens(by=by, at=moment, note=finding.words, photo=(finding.scene, False))
        self.last = moment

    def run(self) -> None:
        """Its whole course, cut at the story's end."""
        if self.chance.random() < 0.04 and self.day < self.of.days.back(DECIDED_LATER):
            self.later(1)
            self.take("reject", by=self.of.town.inspectors[0] if self.is_town else self.assigner, note=self.chance.choice(REJECTIONS))
        else:
            self.assign()
            self.work()
        self.of.past.add(self.story, self.extras)

    @property
    def assigner(self) -> Any:
        """The safety manager, else the principal."""
        return self.firm.safety or self.firm.principal

    @property
    def acceptor(self) -> Any:
        """The town's inspector, or somebody of the firm who neither found nor rectified it."""
        if self.is_town or self.firm.enterprise.is_smallest:
            return self.by if self.is_town else self.of.town.inspectors[0]
        people = (self.firm.safety, self.firm.principal, *self.firm.heads)
        return next((one for one in people if one and one not in (self.rectifier, self.by)), self.of.town.inspectors[0])

    def later(self, days: int) -> None:
        """Some worked days on, at some hour of work."""
        day = self.of.days.after(self.last.date(), days) if days else self.last.date()
        moment = at(day, self.chance.randint(8, 17), self.chance.randint(0, 59), self.chance.randint(0, 59))
        self.last = max(moment, self.last + datetime.timedelta(minutes=self.chance.randint(20, 55)))

    def take(self, move: str, *, by: Any, **facts: Any) -> bool:
        """The move at the present moment of the course."""
        return self.story.take(move, by=by, at=self.last, **facts)

    def assign(self) -> None:
        """Given to a person with a last day; some graded otherwise before, some passed on after."""
        level = self.finding.level if self.chance.random() < 0.8 else self.chance.choice(LEVELS)
        if self.chance.random() < 0.05:
            self.later(0)
            lines = [f"级别:{Level(self.row.level).label} → {Level(level).label}"]
            self.take("regrade", by=self.of.town.inspectors[1], note="按现场情况改定。", lines=lines, level=level, round=1)
        self.later(int(self.chance.random() < 0.6))
        due = self.of.due_on(level, self.last.date())
        lines = [f"整改人:{self.rectifier.name}", f"期限:{due:%Y-%m-%d}", f"级别:{Level(level).label}"]
        self.take("assign", by=self.assigner, lines=lines, rectifier=self.rectifier, due_on=due, level=level)
        others = [one for one in (*self.firm.heads, *self.firm.employees) if one not in (self.rectifier, self.by)]
        if others and self.chance.random() < 0.04:
            self.later(1)
            lines = [f"整改人:{self.rectifier.name} → {others[0].name}"]
            if self.take("reassign", by=self.assigner, note="原整改人出差。", lines=lines, rectifier=others[0]):
                self.rectifier = others[0]

    def work(self) -> None:
        """Begun, sometimes with more time asked for, rectified in time or late, accepted at once or the second time."""
        if self.chance.random() < 0.5:
            self.later(int(self.chance.random() < 0.5))
            self.take("start_fix", by=self.rectifier)
        if self.chance.random() < 0.1:
            self.extend()
        slow = self.chance.random()
        self.later(1 if slow < 0.5 else 2 if slow < 0.8 else self.chance.randint(4, 12) if slow < 0.97 else 60)
        self.fix()
        self.later(1)
        if self.chance.random() < 0.12:
            self.take("return_fix", by=self.acceptor, note=self.chance.choice(RETURNS))
            self.later(self.chance.randint(1, 3))
            self.fix()
            self.later(1)
        closed = {"closed_on": self.last.date(), "closed_by": self.acceptor}
        self.take("accept_fix", by=self.acceptor, note=self.chance.choice(ACCEPTED), **closed)

    def fix(self) -> None:
        """What was done, with a photo; a request for more time that nobody answered is void."""
        on = self.last.date()
        facts = {"measures": self.finding.measures, "fixed_on": on, "accept_by_on": self.of.days.after(on, 2)}
        if self.take("submit_fix", by=self.rectifier, note=self.finding.measures, photo=(self.finding.scene, True), **facts):
            for asked in self.extras:
                if not asked.answer:
                    asked.answer, asked.decided_by, asked.decided_at = Extension.Answer.VOID, self.rectifier, self.last

    def extend(self) -> None:
        """More time is asked for, and mostly granted by another person; now and then nobody answers."""
        self.later(0)
        if self.row.due_on is None or self.story.is_over:
            return
        until = self.of.days.after(max(self.row.due_on, self.last.date()) + 6 * ONE_DAY, 1)
        reason = self.chance.choice(WAITS)
        if not self.take("ask_extension", by=self.rectifier, note=reason, lines=[f"申请延至 {until:%Y-%m-%d}"]):
            return
        asked = Extension(hazard=self.row, asked_by=self.rectifier, asked_at=self.last, until=until, reason=reason)
        self.extras.append(asked)
        self.later(1)
        by = self.of.town.inspectors[0] if self.is_town else self.assigner
        answer = self.chance.choice(("granted", "granted", "granted", "refused", ""))
        if by == self.rectifier or not answer:
            return
        if answer == "granted":
            done = self.take("grant_extension", by=by, lines=[f"期限改为 {until:%Y-%m-%d}"], due_on=until)
        else:
            done = self.take("refuse_extension", by=by, note="先采取临时防护,按原期限整改。")
        if done:
            asked.answer, asked.decided_by, asked.decided_at = answer, by, self.last
