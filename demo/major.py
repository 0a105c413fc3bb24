"""A major hazard led through its verbs, day by day; each step some minutes after the one before."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from core import moment
from demo.days import Days, at
from demo.matters import Matter
from demo.papers import Papers
from demo.people import Firm, Town
from demo.publications import Board
from demo.scenes import Album
from hazards.models import FiveFixPlan, Hazard, MajorCriterion, MajorReport


class Stage(NamedTuple):
    """What every story is given."""

    town: Town
    days: Days
    album: Album
    papers: Papers
    board: Board


class Major:
    """One major hazard of one firm: whoever tells its story calls these steps and yields the worked days until the next."""

    def __init__(self, firm: Firm, matter: Matter, stage: Stage) -> None:
        self.firm, self.matter = firm, matter
        self.town, self.days, self.album, self.papers, self.board = stage
        self.chance = random.Random(matter.words)
        self.now = at(self.days.first, 9)
        self.row: Hazard

    def morning(self, day: datetime.date) -> None:
        """A new day of the story begins."""
        self.now = at(day, 9, self.chance.randint(0, 40), self.chance.randint(0, 59))

    @property
    def today(self) -> datetime.date:
        """The day of the story."""
        return self.now.date()

    @property
    def plan(self) -> FiveFixPlan:
        """The plan in force, or being written."""
        found = self.row.plan
        assert found is not None  # noqa: S101 - asked of confirmed ones
        return found

    @contextmanager
    def step(self) -> Iterator[datetime.date]:
        """The next step, some minutes later; gives the business date."""
        self.now += datetime.timedelta(minutes=self.chance.randint(9, 38), seconds=self.chance.randint(0, 59))
        if hasattr(self, "row"):
            self.row.refresh_from_db()
        with moment.at(self.now):
            yield self.today

    # Whether it is major

    def report(self, *, source: str = "department", level: str = "major", by: Any = None) -> None:
        """Found by the firm's own check, or by the town."""
        by = by or (self.town.inspectors[0] if source == "inspection" else (self.firm.heads or [self.firm.principal])[0])
        unit = self.firm.departments[0] if self.firm.departments else self.firm.plant
        with self.step() as on:
            self.row = Hazard.report(
                by=by,
                on=on,
                enterprise=self.firm.enterprise,
                unit=unit,
                source=source,
                level=level,
                place=self.matter.place,
                description=self.matter.words,
                photos=self.album.upload(by, self.matter.scene, fixed=False),
            )

    def criteria(self) -> list[MajorCriterion]:
        """The item of the edition of the day it was found, else the firm's first of that edition."""
        on = self.row.found_on
        found = list(MajorCriterion.objects.in_force(on).filter(code__endswith=self.matter.item))
        own, others = MajorCriterion.offered(self.firm.enterprise, on)
        return found[:1] or (own or others)[:1]

    def sign(self, *, by: Any, **measures: Any) -> None:
        """The first signature, with the items met."""
        with self.step() as on:
            self.row.sign_major(by=by, on=on, criteria=self.criteria(), note="现场核对,符合判定标准。", **measures)

    def confirm(self, *, by: Any, **measures: Any) -> None:
        """The second signature: it is major."""
        with self.step() as on:
            self.row.confirm_major(by=by, on=on, **measures)

    def by_firm(self) -> None:
        """Signed by the firm's two managers, with production stopped at once."""
        safety, principal = self.firm.managers
        self.sign(by=safety, kinds=["warn"], text="拉警戒线,无关人员不得进入")
        self.confirm(by=principal, kinds=["stop"], text=f"{self.matter.place}停用,挂牌上锁")

    def by_town(self) -> None:
        """Signed by two inspectors on the spot."""
        first, second = self.town.inspectors
        self.sign(by=first)
        self.confirm(by=second, kinds=["stop"], text=f"责令{self.matter.place}立即停止使用")

    # Reports

    def tell_town(self) -> None:
        """The firm's report, as a paper."""
        with self.step():
            self.papers.to_town(self.row, by=self.firm.managers[0], cause=self.matter.cause, analysis=self.matter.analysis)

    def tell_congress(self) -> None:
        """At the meeting of the firm's people."""
        self._made(MajorReport.To.CONGRESS, self.firm.managers[0], "meeting", "班前会通报,到会人员签字。")

    def tell_district(self, *, on_paper: bool = True) -> None:
        """The town's own duty."""
        if on_paper:
            with self.step():
                self.papers.to_district(self.row, by=self.town.inspectors[0], view="已督促企业停用,按五定方案限期治理,我镇每周跟踪。")
        else:
            self._made(MajorReport.To.DISTRICT, self.town.inspectors[0], "phone", "电话报区应急局值班室。")

    def _made(self, to: str, by: Any, how: str, note: str) -> None:
        with self.step() as on:
            owed = self.row.reports.owed().get(to=to)  # type: ignore[attr-defined]
            self.row.make_report(by=by, on=on, report=owed, how=how, note=note)

    # The plan

    def write(self, days: int, *, whole: bool = True) -> None:
        """The five pieces, due so many worked days from now; not whole: funds and emergency plan are still missing."""
        person = (self.firm.heads or [self.firm.principal])[0]
        words: dict[str, Any] = {"person": person, "person_post": "车间主任" if self.firm.heads else "主要负责人"}
        words |= {
            "goal": "彻底消除隐患,复查合格后恢复使用。",
            "measures": self.matter.measures,
            "due_on": self.days.after(self.today, days),
        }
        if whole:
            words |= {"funds_amount": self.matter.funds, "funds_source": "安全生产费用", "emergency_plan": self.matter.emergency}
        if whole:
            words |= self._opinion()
        with self.step() as on:
            self.plan.write(by=self.firm.managers[0], on=on, **words)

    def _opinion(self) -> dict[str, Any]:
        """The chief engineer's, where the firm must have one; each version needs it anew."""
        if not self.plan.needs_engineer:
            return {}
        return {"engineer": self.plan.engineers()[0], "engineer_opinion": "措施可行,同意实施。", "engineer_on": self.today}

    def submit(self, *, paper: bool = True) -> None:
        """To the town, with its paper."""
        with self.step() as on:
            self._newest().submit(by=self.firm.principal, on=on)
        if paper:
            with self.step():
                self.papers.plan(self._newest(), by=self.firm.managers[0])

    def _newest(self) -> FiveFixPlan:
        return FiveFixPlan.objects.living().filter(hazard=self.row).latest("number")

    def receive(self) -> None:
        """The town has it."""
        with self.step() as on:
            self.plan.receive(by=self.town.inspectors[0], on=on, note="五项齐全。")

    def hand_back(self, note: str) -> None:
        """The town returns it."""
        with self.step() as on:
            self.plan.hand_back(by=self.town.inspectors[0], on=on, note=note)

    def start(self) -> None:
        """Measures stand, rectification begins."""
        if not self.row.interim_measures.exists():  # type: ignore[attr-defined]
            self.measure()
        with self.step() as on:
            self.plan.start(by=self.firm.principal, on=on)

    def measure(self) -> None:
        """Somebody watches until it is removed."""
        with self.step() as on:
            text = "安排专人看守,每班记录"
            self.row.take_measure(by=self.firm.managers[0], on=on, kinds=["watch"], text=text)

    def progress(self, percent: int, text: str) -> None:
        """A week's report."""
        with self.step() as on:
            photos = self.album.upload(self.plan.person, self.matter.scene, fixed=False)
            self.plan.report_progress(by=self.plan.person, on=on, text=text, percent=percent, photos=photos)

    def amend(self, days: int, note: str) -> None:
        """A change: later by so many worked days, sent to the town."""
        safety, principal = self.firm.managers
        with self.step() as on:
            newer = self.plan.amend(by=safety, on=on, note=note)
        with self.step() as on:
            newer.write(by=safety, on=on, due_on=self.days.after(self.today, days), **self._opinion())
        with self.step() as on:
            newer.submit(by=principal, on=on)

    def consent(self) -> None:
        """The town agrees to the change."""
        with self.step() as on:
            self._newest().consent(by=self.town.inspectors[0], on=on, note="理由成立,临时措施不得解除。")

    # The end

    def apply(self) -> None:
        """The firm asks for the re-check."""
        by = self.row.rectifier
        with self.step() as on:
            words = "已按方案全部整改,自行验收合格:" + ";".join(self.plan.measure_items)
            evaluation = "重庆渝安安全技术服务有限公司评估:隐患已消除,具备恢复条件。"
            self.row.apply_recheck(
                by=by, on=on, measures=words[:500], photos=self.album.upload(by, self.matter.scene, fixed=True), evaluation=evaluation
            )

    def fill(self, remark: str = "") -> None:
        """The first inspector looks at each item; with a remark the last one failed."""
        items = [{"words": words, "passed": True, "remark": ""} for words in self.row.recheck_words]
        if remark:
            items[-1] = {**items[-1], "passed": False, "remark": remark}
        by, opinion = self.town.inspectors[0], "整改未到位,继续停用。" if remark else "已按方案完成整改,同意销案。"
        with self.step() as on:
            self.row.record_recheck(
                by=by, on=on, items=items, opinion=opinion, photos=self.album.upload(by, self.matter.scene, fixed=not remark)
            )

    def second(self, *, passed: bool = True) -> None:
        """The second inspector signs."""
        with self.step() as on:
            verb = self.row.pass_recheck if passed else self.row.fail_recheck
            verb(by=self.town.inspectors[1], on=on, note="同意。")

    def lift(self) -> None:
        """The measures are examined and lifted."""
        for one in self.row.interim_measures.in_force():  # type: ignore[attr-defined]
            with self.step() as on:
                self.row.lift_measure(by=self.town.inspectors[0], on=on, measure=one, note="复查合格,同意恢复。")

    def whole_plan(self, days: int, *, paper: bool = True) -> Iterator[int]:
        """From the confirmation to the start, without a hitch."""
        self.tell_congress()
        yield 2
        self.write(days)
        self.submit(paper=paper)
        yield 1
        self.receive()
        yield 1
        self.start()
