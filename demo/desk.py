"""What the visitor finds open at the contract's firm: one general hazard in each state, one of them overdue."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core import moment
from demo.days import Days, at
from demo.findings import AT_ITEM, RETURNS, WAITS
from demo.people import Firm
from demo.scenes import Album
from hazards.models import Hazard

PLACE = "冲压车间 2 号线"
WORKED_DAYS = 6


class Desk:
    """Hazards of the last worked days at one firm, told like the major ones; `rows` are left alone by the firm's player."""

    def __init__(self, firm: Firm, days: Days, album: Album) -> None:
        self.firm, self.days, self.album = firm, days, album
        self.safety, _ = firm.managers
        self.head, self.worker = firm.heads[0], firm.employees[0]
        self.unit, self.leader = firm.teams[0]
        self.rows: list[int] = []

    def morning(self, day: datetime.date) -> None:
        """A new day of the story begins."""
        self.today = day

    def tale(self) -> Iterator[int]:
        """Reported, overdue, asked for more time, waiting for acceptance, returned: of WORKED_DAYS days."""
        soon = self.days.after(self.days.today, 1)
        late = self.report("旋转传动部位防护罩")
        yield 1
        returned = self.report("通道与出口")
        self.assign(late, self.days.back(2))
        yield 1
        asked, pending = self.report("临时线与移动电具"), self.report("配电箱柜")
        self.assign(returned, soon, self.worker)
        yield 1
        self.assign(asked, soon, self.worker)
        self.assign(pending, self.days.after(self.days.today, 2))
        yield 1
        self.fix(returned, "通道与出口", self.worker)
        yield 1
        with self.step(10):
            returned.return_fix(by=self.safety, on=self.today, note=RETURNS[1])
        self.report("气瓶", self.worker)
        with self.step(11):
            asked.ask_extension(by=self.worker, on=self.today, until=self.days.after(self.today, 6), note=WAITS[0])
        self.fix(pending, "配电箱柜", self.head)

    @contextmanager
    def step(self, hour: int) -> Iterator[None]:
        """Replay that hour of the day."""
        with moment.at(at(self.today, hour, 20)):
            yield

    def report(self, item: str, by: Any = None) -> Hazard:
        """Found by the team's leader, or an employee."""
        finding, by = AT_ITEM[item], by or self.leader
        facts = {"unit": self.unit, "source": "team", "place": PLACE, "description": finding.words, "basis": "本单位制度"}
        with self.step(10):
            photos = self.album.upload(by, finding.scene, fixed=False)
            row = Hazard.report(by=by, on=self.today, enterprise=self.firm.enterprise, photos=photos, **facts)
        self.rows.append(row.pk)
        return row

    def assign(self, hazard: Hazard, due: datetime.date, to: Any = None) -> None:
        """To the head of the shop, or the employee."""
        with self.step(13):
            hazard.assign(by=self.safety, on=self.today, rectifier=to or self.head, due_on=due, level="light", note="整改前先停用")

    def fix(self, hazard: Hazard, item: str, by: Any) -> None:
        """Rectified, with a photo."""
        finding = AT_ITEM[item]
        with self.step(15):
            hazard.submit_fix(by=by, on=self.today, measures=finding.measures, photos=self.album.upload(by, finding.scene, fixed=True))
