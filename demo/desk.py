"""What the visitor finds open at the contract's firm: one hazard in each state, one of them overdue, none of them from the future."""

from __future__ import annotations

import datetime
from typing import Any

from core import moment
from demo.days import Days, at
from demo.findings import AT_ITEM, RETURNS, WAITS
from demo.people import Firm
from demo.scenes import Album
from hazards.models import Hazard

PLACE = "冲压车间 2 号线"


class Desk:
    """Hazards of the last worked days at one firm; `back` counts worked days."""

    def __init__(self, firm: Firm, days: Days, album: Album) -> None:
        self.firm, self.days, self.album = firm, days, album
        self.safety, _ = firm.managers
        self.head, self.worker = firm.heads[0], firm.employees[0]
        self.unit, self.leader = firm.teams[0]

    def fill(self) -> None:
        """Reported, overdue, asked for more time, waiting for acceptance, returned."""
        self.report("气瓶", 1, self.worker)
        self.assign(self.report("旋转传动部位防护罩", 6), 5, self.days.back(2))
        asked = self.assign(self.report("临时线与移动电具", 4), 3, self.days.after(self.days.today, 1), self.worker)
        with self.on(1, 11) as on:
            asked.ask_extension(by=self.worker, on=on, until=self.days.after(on, 6), note=WAITS[0])
        pending = self.assign(self.report("配电箱柜", 4), 3, self.days.after(self.days.today, 2))
        self.fix(pending, "配电箱柜", 1, self.head)
        returned = self.assign(self.report("通道与出口", 5), 4, self.days.after(self.days.today, 1), self.worker)
        self.fix(returned, "通道与出口", 2, self.worker)
        with self.on(1, 10) as on:
            returned.return_fix(by=self.safety, on=on, note=RETURNS[1])

    def on(self, back: int, hour: int) -> Any:
        """Replay that hour of that day; gives the day."""
        return _Replay(self.days.back(back), hour)

    def report(self, item: str, back: int, by: Any = None) -> Hazard:
        """Found by the team's leader, or an employee."""
        finding, by = AT_ITEM[item], by or self.leader
        facts = {"unit": self.unit, "source": "team", "place": PLACE, "description": finding.words, "basis": "本单位制度"}
        with self.on(back, 10) as on:
            photos = self.album.upload(by, finding.scene, fixed=False)
            return Hazard.report(by=by, on=on, enterprise=self.firm.enterprise, photos=photos, **facts)

    def assign(self, hazard: Hazard, back: int, due: datetime.date, to: Any = None) -> Hazard:
        """To the head of the shop, or the employee."""
        with self.on(back, 13) as on:
            hazard.assign(by=self.safety, on=on, rectifier=to or self.head, due_on=due, level="light", note="整改前先停用")
        return hazard

    def fix(self, hazard: Hazard, item: str, back: int, by: Any) -> None:
        """Rectified, with a photo."""
        finding = AT_ITEM[item]
        with self.on(back, 15) as on:
            hazard.submit_fix(by=by, on=on, measures=finding.measures, photos=self.album.upload(by, finding.scene, fixed=True))


class _Replay:
    def __init__(self, day: datetime.date, hour: int) -> None:
        self.day, self.context = day, moment.at(at(day, hour, 20))

    def __enter__(self) -> datetime.date:
        self.context.__enter__()
        return self.day

    def __exit__(self, *error: Any) -> None:
        self.context.__exit__(*error)
