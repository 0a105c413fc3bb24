"""Dual-random draws of the demo: one published with its visits walked to their end, one void with its redraw issued, one frozen; pools, grades, 回避."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.models import Area, User
from core import moment
from demo.days import at
from demo.major import Stage
from demo.people import Firm
from demo.visits import Visit, found, officer_of_department
from duties.periods import ONE_DAY
from inspections import documents_draws, drawing
from inspections.models import Absence, Avoidance, Draw, DrawPick, Exclusion, FirmGrade, OfficerEntry, Pool
from inspections.models.draw_changes import people_of

BEGAN = 62
EVENT = "中国福利彩票双色球第{on:%Y}{number:03d}期开奖号码(六个红球从小到大、蓝球,空格分开)"
VALUES = ("02 09 14 21 26 33 07", "05 08 17 19 28 30 11")
GRADES = ("major", "larger", "larger", "general", "general", "low")
WHY = {
    "major": "涉及可燃爆粉尘作业,10人以上。",
    "larger": "有限空间和高温熔融作业并存。",
    "general": "冲压设备较多,曾发生机械伤害。",
    "low": "小型装配,危险特性少。",
}
WITNESSES = ["吴秀英 镇纪委", "郑国强 镇司法所"]


@contextmanager
def known_secret(words: str) -> Iterator[None]:
    """The same township every time: here alone the secret is made from words; a real one is made by chance."""
    made = drawing.new_secret
    drawing.new_secret = lambda: drawing.sha256(words)
    try:
        yield
    finally:
        drawing.new_secret = made


class Draws:
    """The town's draws, told over the last weeks; `firms` are those it grades."""

    def __init__(self, firms: list[Firm], stage: Stage) -> None:
        self.firms, self.stage = firms, stage
        self.town, self.days = stage.town, stage.days
        self.first, self.second = self.town.inspectors
        self.by_pk = {firm.enterprise.pk: firm for firm in firms}
        self.chance = random.Random(6)
        self.now = at(self.days.first, 9)
        self.pool: Pool
        self.draw: Draw

    def morning(self, day: datetime.date) -> None:
        """A new day of the story begins."""
        self.now = at(day, 9, 20)

    @contextmanager
    def step(self, minutes: int = 12) -> Iterator[datetime.date]:
        """The next step, some minutes later, on the draw as it is now; gives the business date."""
        self.now += datetime.timedelta(minutes=minutes)
        if hasattr(self, "draw"):
            self.draw = Draw.objects.get(pk=self.draw.pk)
        with moment.at(self.now):
            yield self.now.date()

    def tale(self) -> Iterator[int]:
        """From the first grades to the draw that waits for its value."""
        self.prepare()
        yield 1
        self.configure("三季度较大风险企业双随机抽查", 2, until=self.days.after(self.now.date(), 9))
        self.freeze()
        yield 1
        self.make(VALUES[0])
        self.issue()
        yield from self.walk()
        yield 2
        with self.step() as on:
            self.draw.publish(by=self.town.reviewer, on=on, note="名单、结果和全部过程一并公布。")
        yield from self.wait(14)
        soon = self.days.after(self.days.today, 7)
        self.configure("四季度工贸企业双随机抽查", 2, until=soon)
        self.freeze()
        yield 1
        void = self.void()
        reason = "原来的公共随机值来源停办,改用下一期。"
        self.configure("四季度工贸企业双随机抽查", 2, until=soon, redraw_of=void, redraw_reason=reason)
        self.freeze()
        yield 1
        self.make(VALUES[1])
        self.issue()
        yield 1
        self.replace()
        yield from self.wait(3)
        self.configure("四季度粉尘和有限空间企业双随机抽查", 2, until=self.days.after(self.days.today, 18))
        self.freeze()

    def wait(self, back: int) -> Iterator[int]:
        """Until so many worked days before today."""
        until, count = self.days.back(back), 0
        day = self.now.date()
        while self.days.after(day, 1) <= until:
            day, count = self.days.after(day, 1), count + 1
        if count:
            yield count

    def prepare(self) -> None:
        """Grades, the pool by grade, the officers, one pair that must not meet, one absence, one firm left out."""
        with self.step() as on:
            for number, firm in enumerate(self.firms):
                grade = GRADES[number % len(GRADES)]
                FirmGrade.give(firm.enterprise, by=self.first, on=on, grade=grade, reason=WHY[grade])
        with self.step() as on:
            rule: dict[str, Any] = {"villages": [], "sectors": [], "traits": []}
            self.pool = Pool.keep(by=self.first, on=on, name="风险分级企业库", rule={**rule, "grades": list(WHY)})
            Pool.keep(by=self.first, on=on, name="较大以上风险企业库", rule={**rule, "grades": ["major", "larger"]})
            OfficerEntry.refresh(self.pool.area_id, by=User.objects.system(), on=on)
        with self.step() as on:
            pair = {"enterprise": self.firms[0].enterprise, "user": officer_of_department()}
            Avoidance.log(by=self.first, on=on, since=on, reason="former_employer", **pair)
            area, soon = Area.objects.get(pk=self.pool.area_id), self.days.after(self.days.today, 4)
            away: dict[str, Any] = {"since": soon, "until": soon + 4 * ONE_DAY, "reason": "training", "note": "参加市局执法培训"}
            Absence.log(by=self.first, on=on, area=area, user=self.second, **away)
            left: dict[str, Any] = {"enterprise": self.firms[-1].enterprise, "since": on, "until": on + 200 * ONE_DAY}
            Exclusion.log(by=self.first, on=on, reason="厂房整体搬迁", **left)

    def configure(self, title: str, n: int, *, until: datetime.date, redraw_of: Draw | None = None, redraw_reason: str = "") -> None:
        """Its commitment is public."""
        number = 60 + Draw.objects.count()
        with self.step() as on, known_secret(f"demo draw {number}"):
            facts: dict[str, Any] = {"n": n, "officers_per_object": 2, "max_per_officer": None, "redraw_reason": redraw_reason}
            days: dict[str, Any] = {"visits_from": on + ONE_DAY, "visits_until": until}
            event = EVENT.format(on=on, number=number)
            self.draw = Draw.configure(
                by=self.first, on=on, pool=self.pool, redraw_of=redraw_of, title=title, public_event=event, **days, **facts
            )

    def freeze(self) -> None:
        """Both lists are fixed; however large the town, here at once."""
        with self.step() as on:
            self.draw.freeze_now(by=self.first, on=on)

    def make(self, value: str) -> None:
        """The value of last night, the draw, its confirmation before witnesses, the record."""
        came = self.now - datetime.timedelta(hours=11)
        with self.step() as on:
            self.draw.enter_value(by=self.first, on=on, public_value=value, public_value_at=came, note="两人核对福彩网公布的号码。")
        with self.step(1) as on:
            self.draw.draw_now(by=self.first, on=on)
        with self.step() as on:
            self.draw.confirm(by=self.town.leader, on=on, witnesses=WITNESSES, note="全程在场见证。")
        with self.step():
            facts = documents_draws.record_facts(self.draw)
            self.stage.papers.issue("DRAW_RECORD", self.draw, facts, by=self.first, enterprise=None, audience="town")

    def issue(self) -> None:
        """Visits with the drawn officers."""
        with self.step() as on:
            self.draw.issue_tasks(by=self.first, on=on)

    def walk(self) -> Iterator[int]:
        """Each drawn firm is visited by whoever was drawn; two days between them."""
        for number, pick in enumerate(self.draw.standing()):
            visit = self.visit(pick, number)
            visit.tell()
            yield 2
            visit.morning(self.now.date())
            visit.begin()
            visit.fill(*found(visit.chance, number % 2, "on_spot"))
            visit.record()
            visit.dispose(close=True)

    def visit(self, pick: DrawPick, seed: int) -> Visit:
        """The visit of a drawn firm, told by its own officers; an inspector leads the telling."""
        visit = Visit(self.by_pk[pick.listed.enterprise_id], self.stage, seed)
        visit.now = self.now
        assert pick.inspection is not None  # noqa: S101 - issued before
        visit.row = pick.inspection
        people = sorted(people_of(pick), key=lambda person: person not in self.town.inspectors)
        visit.first, visit.second = people[:2]
        return visit

    def void(self) -> Draw:
        """Asked for by the second inspector, approved by the leader; it opens to the public after its redraw."""
        with self.step() as on:
            self.draw.ask_void(by=self.second, on=on, note="公共随机值的来源本期停办,没有可用的号码。")
        with self.step() as on:
            self.draw.approve_change(by=self.town.leader, on=on, note="同意作废重抽。")
        return self.draw

    def replace(self) -> None:
        """One drawn firm has moved away; the next by ticket comes in."""
        with self.step() as on:
            gone = self.draw.standing().first()
            assert gone is not None  # noqa: S101 - drawn the day before
            self.draw.ask_change(by=self.second, on=on, object=gone.listed.key, note="企业已迁出本镇,无法检查。")
        with self.step() as on:
            self.draw.approve_change(by=self.town.leader, on=on, note="情况属实,同意。")
