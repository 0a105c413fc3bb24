"""Some weeks of five firms, played through the verbs, stamped with the days on which they happen."""

from __future__ import annotations

import datetime
import random
from typing import Any

from django.utils import timezone

from core import moment
from core.workdays import is_workday
from demo.findings import ACCEPTED, AT_ITEM, BY_TOWN, RETURNS, SNAPS, Finding
from demo.papers import Papers
from demo.people import Firm, Town
from demo.scenes import Album
from duties.models import DutyPlan, Occurrence, Sample
from enterprises.models import Unit
from hazards.models import Check, Hazard

MEASURES = {finding.words: finding for finding in (*AT_ITEM.values(), *BY_TOWN, *SNAPS)}


class Player:
    """Plays one firm day by day with its own seeded chance."""

    def __init__(self, firm: Firm, seed: int, town: Town, album: Album, papers: Papers) -> None:
        self.firm, self.town, self.album, self.papers = firm, town, album, papers
        self.chance = random.Random(seed)
        self.left_alone: list[int] = []
        self.has_weekends = firm.enterprise.duty_plans.filter(days=DutyPlan.Days.EVERY_DAY).exists()  # type: ignore[attr-defined]

    def day(self, day: datetime.date) -> None:
        """Yesterday's windows close; daily checks of teams, weekly on Fridays, monthly on the 25th; work on what is open at four."""
        with moment.at(self.at(day, 0)):
            Occurrence.objects.filter(enterprise=self.firm.enterprise).miss(moment.now())
        is_worked = is_workday(day)
        for unit, leader in self.firm.teams if is_worked or self.has_weekends else ():
            if self.chance.random() < 0.93:
                self.check(unit, leader, day, hour=8)
        if not is_worked:
            return
        if day.weekday() == 4:
            for unit, head in zip(self.firm.departments, self.firm.heads, strict=True):
                if self.chance.random() < 0.9:
                    self.check(unit, head, day, hour=15)
        if day.day == 25 or (day.day in (26, 27) and day.weekday() == 0):
            self.check(self.firm.plant, self.firm.principal, day, hour=17)
        if self.chance.random() < 0.12:
            self.snap(day)
        self.work(day)

    def check(self, unit: Unit, by: Any, day: datetime.date, *, hour: int) -> None:
        """Open, answer and submit what this unit owes in the window that is running then."""
        at = self.at(day, hour)
        owed = Occurrence.objects.filter(unit=unit, level=unit.kind).open(at)
        for occurrence in owed.select_related("enterprise", "unit", "plan__duty").order_by("duty_code", "shift"):
            with moment.at(at):
                check = Check.start(occurrence=occurrence, by=by, on=day)
            with moment.at(at + datetime.timedelta(minutes=self.chance.randint(6, 25))):
                for sample in Sample.draw(occurrence, by=by):
                    sample.answer(by=by, on=day, verdict="true", note="")
                people = [by, *self.firm.heads] if check.is_plants else []
                check.submit(by=by, on=day, content=self.answers(check, by, day), participants=people)
                if check.answers.filter(result="fail").exists():  # type: ignore[attr-defined]
                    self.papers.record(check, by=by)

    def answers(self, check: Check, by: Any, day: datetime.date) -> dict[int, dict[str, Any]]:
        """Mostly passes, a few not applicable, now and then a finding with its photo."""
        given: dict[int, dict[str, Any]] = {}
        for position in range(len(check.items)):
            given[position] = {"result": "na" if self.chance.random() < 0.08 else "pass"}
        possible = [position for position, item in enumerate(check.items) if item["name"] in AT_ITEM]
        if possible and self.chance.random() < 0.13:
            position = self.chance.choice(possible)
            given[position] = self.finding(AT_ITEM[check.items[position]["name"]], by, day)
        return given

    def finding(self, finding: Finding, by: Any, day: datetime.date) -> dict[str, Any]:
        """A FAIL with description, photo, level and day."""
        photos = [str(photo.uid) for photo in self.album.upload(by, finding.scene, fixed=False)]
        due = (day + datetime.timedelta(days=3)).isoformat()
        return {"result": "fail", "note": finding.words, "level": finding.level, "due_on": due, "photos": photos}

    def snap(self, day: datetime.date) -> None:
        """An employee's 随手拍."""
        by = self.chance.choice(self.firm.employees)
        finding = self.chance.choice(SNAPS)
        with moment.at(self.at(day, 13)):
            Hazard.report(
                by=by,
                on=day,
                enterprise=self.firm.enterprise,
                unit=by.membership.unit,
                source="snap",
                place=finding.place,
                description=finding.words,
                photos=self.album.upload(by, finding.scene, fixed=False),
            )

    def work(self, day: datetime.date) -> None:
        """Yesterday's reports are assigned, due ones rectified, rectified ones accepted or returned; major and ordered ones have their own course."""
        rows = (
            Hazard.objects.filter(enterprise=self.firm.enterprise, ordered_by="", finding=None)
            .exclude(level=Hazard.Level.MAJOR)
            .exclude(pk__in=self.left_alone)
            .open()
        )
        for hazard in rows.select_related("rectifier", "found_by", "enterprise", "unit").order_by("pk"):
            with moment.at(self.at(day, 16)):
                if hazard.state == Hazard.State.REPORTED and hazard.found_on < day:
                    self.assign(hazard, day)
                elif hazard.state in Hazard.IN_WORK and self.chance.random() < 0.55:
                    self.fix(hazard, day)
                elif hazard.state == Hazard.State.PENDING_ACCEPTANCE:
                    self.accept(hazard, day)

    def assign(self, hazard: Hazard, day: datetime.date) -> None:
        """To the head of a shop, else to an employee or the principal; some with the printed order."""
        who = self.firm.heads[serial(hazard) % len(self.firm.heads)] if self.firm.heads else self.firm.principal
        who = self.firm.employees[0] if who == hazard.found_by and self.firm.employees else who
        due = day + datetime.timedelta(days=(1, 3, 7)[serial(hazard) % 3])
        hazard.assign(by=self.firm.managers[0], on=day, rectifier=who, due_on=due, level=hazard.level)
        self.papers.order(hazard, by=self.firm.managers[0])

    def fix(self, hazard: Hazard, day: datetime.date) -> None:
        """What was done, with a photo after."""
        finding = MEASURES.get(hazard.description)
        measures = finding.measures if finding else "已清理整改,安排专人每班查看"
        photos = self.album.upload(hazard.rectifier, finding.scene if finding else 2, fixed=True)
        hazard.submit_fix(by=hazard.rectifier, on=day, measures=measures, photos=photos)

    def accept(self, hazard: Hazard, day: datetime.date) -> None:
        """By the safety manager, else the principal; by the inspector, once a week, where the firm may not."""
        inspector = self.town.inspectors[0]
        by = next((one for one in self.firm.managers if not hazard.guard_accept_fix(one)), inspector)
        if by == inspector and day.weekday() != 1:
            return
        if self.chance.random() < 0.12:
            hazard.return_fix(by=by, on=day, note=self.chance.choice(RETURNS))
        else:
            hazard.accept_fix(by=by, on=day, note=self.chance.choice(ACCEPTED))

    def at(self, day: datetime.date, hour: int) -> datetime.datetime:
        """A moment of that day."""
        time = datetime.time(hour, self.chance.randint(0, 55), self.chance.randint(0, 59))
        return timezone.make_aware(datetime.datetime.combine(day, time))


def serial(hazard: Hazard) -> int:
    """The running part of its number: unlike the pk, the same in every database."""
    return int(hazard.number.rsplit("-", 1)[1])
