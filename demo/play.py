"""Some weeks of five firms, played through the verbs, stamped with the days on which they happen."""

from __future__ import annotations

import datetime
import random
from typing import Any

from django.utils import timezone

from core import moment
from core.workdays import is_workday
from demo.people import Firm
from demo.scenes import upload
from duties.models import Occurrence, Sample
from enterprises.models import Unit
from hazards.models import Check, Hazard

FOUND = (
    ("2号冲床防护罩缺失,手可伸入", 0, "已装回防护罩并加装联锁"),
    ("配电箱门敞开,箱内堆有杂物", 1, "清理箱内杂物,装锁关门"),
    ("安全通道堆放周转箱,宽度不足", 2, "周转箱移至指定区域,重划通道线"),
    ("氧气瓶没有防倒链", 3, "加装防倒链并设标识"),
    ("砂轮机没有挡屑板", 0, "已安装挡屑板,间隙按要求调好"),
    ("临时电线直接铺在地面上", 1, "改为架空敷设并接漏电保护器"),
    ("灭火器压力不足,检验过期", 2, "更换合格灭火器"),
    ("空压机皮带轮没有护罩", 0, "加装护罩"),
)
SNAPS = (("装卸平台", "平台边缘没有护栏,叉车离边太近"), ("更衣室", "电热水壶放在纸箱上"), ("2号门", "门口地面有油,容易滑倒"))


class Player:
    """Plays one firm day by day with its own seeded chance."""

    def __init__(self, firm: Firm, seed: int, inspector: Any) -> None:
        self.firm = firm
        self.inspector = inspector
        self.chance = random.Random(seed)
        self.turn = seed

    def day(self, day: datetime.date) -> None:
        """Yesterday's windows close; daily checks of teams, weekly on Fridays, monthly on the 25th; then work on what is open."""
        with moment.at(self.at(day, 0)):
            Occurrence.objects.filter(enterprise=self.firm.enterprise).miss(moment.now())
        if not is_workday(day):
            return
        for unit, leader in self.firm.teams:
            if self.chance.random() < 0.93:
                self.check(unit, leader, day, hour=8)
        if day.weekday() == 4:
            for unit, head in zip(self.firm.departments, self.firm.heads, strict=True):
                if self.chance.random() < 0.9:
                    self.check(unit, head, day, hour=15)
        if day.day == 25 or (day.day in (26, 27) and day.weekday() == 0):
            self.check(self.firm.plant, self.firm.principal, day, hour=10)
        if self.chance.random() < 0.12:
            self.snap(day)
        self.work(day)

    def check(self, unit: Unit, by: Any, day: datetime.date, *, hour: int) -> None:
        """Open, answer and submit what this unit owes in the window that is running then."""
        at = self.at(day, hour)
        owed = Occurrence.objects.filter(unit=unit, level=unit.kind).open(at)
        for occurrence in owed.select_related("enterprise", "unit", "plan__duty").order_by("pk"):
            with moment.at(at):
                check = Check.start(occurrence=occurrence, by=by, on=day)
            with moment.at(at + datetime.timedelta(minutes=self.chance.randint(6, 25))):
                for sample in Sample.draw(occurrence, by=by):
                    sample.answer(by=by, on=day, verdict="true", note="")
                people = [by, *self.firm.heads] if check.is_plants else []
                check.submit(by=by, on=day, content=self.answers(check, by, day), participants=people)

    def answers(self, check: Check, by: Any, day: datetime.date) -> dict[int, dict[str, Any]]:
        """Mostly passes, a few not applicable, now and then a finding with its photo."""
        given: dict[int, dict[str, Any]] = {}
        for position in range(len(check.items)):
            given[position] = {"result": "na" if self.chance.random() < 0.08 else "pass"}
        if self.chance.random() < 0.13:
            given[self.chance.randrange(len(check.items))] = self.finding(by, day)
        return given

    def finding(self, by: Any, day: datetime.date) -> dict[str, Any]:
        """A FAIL with description, photo, level and day."""
        self.turn += 1
        text, scene, _ = FOUND[self.turn % len(FOUND)]
        photos = [str(photo.uid) for photo in upload(by, scene, fixed=False)]
        due = (day + datetime.timedelta(days=3)).isoformat()
        return {"result": "fail", "note": text, "level": self.chance.choice(["minor", "light", "normal"]), "due_on": due, "photos": photos}

    def snap(self, day: datetime.date) -> None:
        """An employee's 随手拍."""
        by = self.chance.choice(self.firm.employees)
        place, text = self.chance.choice(SNAPS)
        with moment.at(self.at(day, 13)):
            Hazard.report(
                by=by,
                on=day,
                enterprise=self.firm.enterprise,
                unit=by.membership.unit,
                source="snap",
                place=place,
                description=text,
                photos=upload(by, 2, fixed=False),
            )

    def work(self, day: datetime.date) -> None:
        """Yesterday's reports are assigned, due ones rectified, rectified ones accepted or returned."""
        safety, rows = (
            self.firm.safety,
            Hazard.objects.filter(enterprise=self.firm.enterprise).open().select_related("rectifier", "found_by", "enterprise"),
        )
        for hazard in rows.order_by("pk"):
            with moment.at(self.at(day, 16)):
                if hazard.state == Hazard.State.REPORTED and hazard.found_on < day:
                    who = self.firm.heads[serial(hazard) % len(self.firm.heads)] if self.firm.heads else self.firm.principal
                    who = self.firm.employees[0] if who == hazard.found_by and self.firm.employees else who
                    due = day + datetime.timedelta(days=(1, 3, 7)[serial(hazard) % 3])
                    hazard.assign(by=safety, on=day, rectifier=who, due_on=due, level=hazard.level)
                elif hazard.state in Hazard.IN_WORK and self.chance.random() < 0.55:
                    _, scene, measures = next((f for f in FOUND if f[0] == hazard.description), ("", 2, "已清理整改,安排专人每班查看"))
                    hazard.submit_fix(by=hazard.rectifier, on=day, measures=measures, photos=upload(hazard.rectifier, scene, fixed=True))
                elif hazard.state == Hazard.State.PENDING_ACCEPTANCE:
                    self.accept(hazard, day)

    def accept(self, hazard: Hazard, day: datetime.date) -> None:
        """By the safety manager, else the principal; by the inspector, once a week, where the firm may not."""
        by = next((p for p in (self.firm.safety, self.firm.principal) if not hazard.guard_accept_fix(p)), self.inspector)
        if by == self.inspector and day.weekday() != 1:
            return
        if self.chance.random() < 0.12:
            hazard.return_fix(by=by, on=day, note="照片看不清整改部位,请补拍并说明固定方式。")
        else:
            hazard.accept_fix(by=by, on=day, note="现场看过,整改到位。")

    def at(self, day: datetime.date, hour: int) -> datetime.datetime:
        """A moment of that day."""
        time = datetime.time(hour, self.chance.randint(0, 55), self.chance.randint(0, 59))
        return timezone.make_aware(datetime.datetime.combine(day, time))


def serial(hazard: Hazard) -> int:
    """The running part of its number: unlike the pk, the same in every database."""
    return int(hazard.number.rsplit("-", 1)[1])


def stage(firm: Firm, today: datetime.date) -> None:
    """What the visitor finds open at the main firm: one hazard in each state, one of them overdue."""
    enterprise, safety, head = firm.enterprise, firm.safety, firm.heads[0]
    team_unit, leader = firm.teams[0]
    worker = firm.employees[0]
    back = lambda days: today - datetime.timedelta(days=days)  # noqa: E731
    noon = lambda day: timezone.make_aware(datetime.datetime.combine(day, datetime.time(11, 20)))  # noqa: E731

    def report(text: int, found: int, by: Any = leader) -> Hazard:
        with moment.at(noon(back(found))):
            words, scene, _ = FOUND[text]
            return Hazard.report(
                by=by,
                on=back(found),
                enterprise=enterprise,
                unit=team_unit,
                source="team",
                place="冲压车间 2 号线",
                description=words,
                basis="本单位制度",
                photos=upload(by, scene, fixed=False),
            )

    def assign(hazard: Hazard, days: int, due: int, to: Any = head) -> Hazard:
        with moment.at(noon(back(days)) + datetime.timedelta(hours=2)):
            hazard.assign(by=safety, on=back(days), rectifier=to, due_on=back(due), level="light", note="整改前先停用")
        return hazard

    report(3, 0, worker)
    assign(report(0, 6), 5, 2)
    asked = assign(report(5, 4), 3, -1, worker)
    with moment.at(noon(back(1))):
        asked.ask_extension(by=worker, on=back(1), until=today + datetime.timedelta(days=7), note="护线槽到货要等到下周")
    pending = assign(report(1, 4), 3, -2)
    with moment.at(noon(back(1))):
        pending.submit_fix(by=head, on=back(1), measures=FOUND[1][2], photos=upload(head, 1, fixed=True))
    returned = assign(report(2, 5), 4, -1, worker)
    with moment.at(noon(back(2))):
        returned.submit_fix(by=worker, on=back(2), measures="已搬走", photos=upload(worker, 2, fixed=False))
    with moment.at(noon(back(1))):
        returned.return_fix(by=safety, on=back(1), note="照片里通道还有箱子,请清空后再拍。")
