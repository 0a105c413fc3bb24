"""The demo's construction projects: under the authority's review, not yet told to the district, used without acceptance, in use."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.models import Department, User
from core import moment
from demo.days import Days, at
from demo.people import Firm
from demo.scenes import Album
from duties.periods import ONE_DAY
from enterprises.models import Enterprise, Project

DESIGNER, EVALUATOR, BUILDER = "重庆某工程设计院", "重庆某安全技术服务公司", "綦江某建筑公司"


class Works:
    """The projects of the five firms, each told through the verbs on days counted back from today."""

    def __init__(self, days: Days, album: Album) -> None:
        self.days, self.album = days, album
        self.officer = User.objects.get(username="department")
        self.inspector = User.objects.get(username="inspector")

    def tell(self, firms: list[Firm]) -> None:
        """One of each."""
        self.under_review(firms[0])
        self.not_told(firms[0])
        self.used_early(firms[1])
        self.in_use(firms[2])

    def under_review(self, firm: Firm) -> None:
        """A store of dangerous goods: told in time, evaluated, accepted by the authority, which is to decide."""
        row = self.register(firm, 70, "稀释剂库(甲类)新建", kind="new", is_special=True, investment="320万元")
        self.inform(row, 68)
        self.evaluate(row, firm, 66, 40, "安全预评价报告")
        with self.step(18) as on:
            row.apply_design(by=firm.principal, on=on, organ="綦江区应急管理局", applied_on=on, note="报送安全设施设计专篇")
        with self.step(15) as on:
            row.accept_design(by=self.inspector, on=on, accepted_on=on)

    def not_told(self, firm: Firm) -> None:
        """A new store, approved some days ago: the district was not informed yet."""
        row = self.register(firm, 9, "成品库扩建", kind="expanded", investment="85万元")
        with self.step(6) as on:
            row.start_evaluation(by=firm.managers[0], on=on)

    def used_early(self, firm: Firm) -> None:
        """In trial run for longer than the law allows: in use without acceptance, which nobody has found yet."""
        row = self.register(firm, 400, "2号生产线新建", kind="new", investment="150万元")
        self.inform(row, 388)
        self.evaluate(row, firm, 386, 380, "安全生产条件和设施综合分析报告")
        self.design(row, firm, 360)
        self.trial(row, firm, 205)

    def in_use(self, firm: Firm) -> None:
        """Accepted, in use."""
        row = self.register(firm, 300, "除尘系统改造", kind="rebuilt", investment="60万元")
        self.inform(row, 297)
        self.evaluate(row, firm, 295, 280, "安全生产条件和设施综合分析报告")
        self.design(row, firm, 270)
        self.trial(row, firm, 200)
        with self.step(150) as on:
            row.end_trial(by=firm.principal, on=on, ended_on=on, **self.paper("试运行总结报告", firm.enterprise.name, on))
        with self.step(130) as on:
            report = self.paper("安全设施竣工验收报告", firm.enterprise.name, on)
            row.record_acceptance(by=firm.principal, on=on, passed=True, photos=self.album.upload(firm.principal, 0, fixed=True), **report)
        with self.step(128) as on:
            row.put_in_use(by=firm.principal, on=on, in_use_on=on)

    # Steps

    @contextmanager
    def step(self, back: int) -> Iterator[datetime.date]:
        """Replay the morning of the last day on which people worked, so many days ago."""
        day = self.days.today - back * ONE_DAY
        known = self.days.worked[0]
        day = self.days.last(known, day) or day if day >= known else day - max(0, day.weekday() - 4) * ONE_DAY
        with moment.at(at(day, 10, 40)):
            yield day

    def register(self, firm: Firm, back: int, name: str, **facts: Any) -> Project:
        """Approved by the department that leads the firm, and registered by its officer."""
        office = self.office(firm.enterprise)
        by = self.officer if office == self.officer.membership.department else self.inspector
        with self.step(back) as on:
            approval = {"department": office, "number": f"綦石备〔{on:%Y}〕{back % 90 + 3}号", "approved_on": on}
            return Project.register(by=by, on=on, enterprise=firm.enterprise, name=name, approval=approval, **facts)

    def office(self, enterprise: Enterprise) -> Department:
        """The department that leads the firm, else the economic one."""
        return enterprise.lead_department or Department.objects.get(code="ECONOMY")

    def inform(self, row: Project, back: int) -> None:
        """The district was informed."""
        own = row.approved_by_department == self.officer.membership.department
        with self.step(back) as on:
            by = self.officer if own else self.inspector
            row.notify_bureau(by=by, on=on, notified_on=on, how="letter", note=f"函告区应急管理局,附{row.approval_number}复印件")

    def evaluate(self, row: Project, firm: Firm, back: int, done: int, name: str) -> None:
        """The safety evaluation, begun and done."""
        with self.step(back) as on:
            row.start_evaluation(by=firm.managers[0], on=on)
        with self.step(done) as on:
            photos = self.album.upload(firm.managers[0], 1, fixed=True)
            row.finish_evaluation(by=firm.managers[0], on=on, photos=photos, **self.paper(name, EVALUATOR, on, "安评"))

    def design(self, row: Project, firm: Firm, back: int) -> None:
        """The builder's own review of the design."""
        with self.step(back) as on:
            row.approve_design(by=firm.managers[0], on=on, **self.paper("安全设施设计审查意见", DESIGNER, on))

    def trial(self, row: Project, firm: Firm, back: int) -> None:
        """Built; the trial run begins."""
        with self.step(back) as on:
            row.start_trial(by=firm.managers[0], on=on, started_on=on, **self.paper("施工完成报告", BUILDER, on))

    def paper(self, name: str, organ: str, on: datetime.date, word: str = "") -> dict[str, Any]:
        """A paper of two days before."""
        number = f"{word}〔{on:%Y}〕{on.timetuple().tm_yday}号" if word else ""
        return {"name": name, "number": number, "organ": organ, "dated_on": on - 2 * ONE_DAY}
