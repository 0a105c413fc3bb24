"""An inspection led through its verbs, day by day: scheme, notice, the visit on a phone, orders, measures, transfers, re-checks."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from accounts.models import User
from core import moment
from demo.days import at
from demo.findings import BY_TOWN, Finding
from demo.major import Stage
from demo.people import Firm
from documents.models import Document, Publication, Service
from documents.receipt import receipt_facts
from duties.periods import ONE_DAY
from inspections import documents, documents_orders
from inspections.actions import plan_visit
from inspections.models import Inspection, InspectionResult, OnsiteMeasure, Order, Transfer
from inspections.result_words import result_texts

BASIS = {"planned": "年度监督检查计划", "campaign": "有限空间专项检查", "complaint": "投诉举报转办"}
EMERGENCY = "綦江区应急管理局"
REASON = "现场问题较多,需要尽快核实。"


ON_THE_SPOT = ("现场", "作业", "特种设备")


class Problem(NamedTuple):
    """What fails at which place of the list, and where it goes."""

    finding: Finding
    disposal: str = "order"
    is_violation: bool = False


class Visit:
    """One visit of one firm and what follows it: whoever tells its story calls these steps and yields the worked days until the next."""

    def __init__(self, firm: Firm, stage: Stage, seed: int) -> None:
        self.firm = firm
        self.town, self.days, self.album, self.papers, _ = stage
        self.chance = random.Random(seed)
        self.now = at(self.days.first, 9)
        self.first, self.second = self.town.inspectors
        self.row: Inspection
        self.order: Order
        self.measure: OnsiteMeasure

    def morning(self, day: datetime.date) -> None:
        """A new day of the story begins."""
        self.now = at(day, 9, self.chance.randint(0, 40), self.chance.randint(0, 59))

    @contextmanager
    def step(self) -> Iterator[datetime.date]:
        """The next step, some minutes later, on rows as they are now; gives the business date."""
        self.now += datetime.timedelta(minutes=self.chance.randint(9, 25), seconds=self.chance.randint(0, 59))
        for name in ("row", "order", "measure"):
            if hasattr(self, name):
                setattr(self, name, type(getattr(self, name)).objects.get(pk=getattr(self, name).pk))
        with moment.at(self.now):
            yield self.now.date()

    def paper(self, kind: str, subject: Any, facts: dict[str, Any], **more: Any) -> Document:
        """One paper of now by the first officer."""
        return self.papers.issue(kind, subject, facts, by=self.first, **more)

    # Before the visit

    def plan(self, ahead: int, kind: str = "planned", **facts: Any) -> None:
        """Planned for so many worked days ahead, with what speaks against it overridden where something does."""
        with self.step() as on:
            day = self.days.after(on, ahead)
            given = {"content": "管理、现场和设备", "method": "查阅资料、现场检查", "equipment": "执法记录仪、测距仪", **facts}
            officers = given.pop("officers", [self.first, self.second])
            self.row = plan_visit(
                by=self.first,
                on=on,
                enterprise=self.firm.enterprise,
                kind=kind,
                planned_on=day,
                basis=BASIS[kind],
                officers=officers,
                override_reason=REASON,
                **given,
            )

    def submit(self) -> None:
        """To the leader."""
        with self.step() as on:
            self.row.submit_scheme(by=self.first, on=on)

    def approve(self, *, with_paper: bool = False) -> None:
        """By the leader; some with the printed scheme."""
        with self.step() as on:
            self.row.approve_scheme(by=self.town.leader, on=on, note="同意。")
        if with_paper:
            with self.step():
                self.paper("CHECK_PLAN", self.row, documents.plan_facts(self.row), audience="town")

    def announce(self) -> None:
        """The notice is issued, and with it the firm knows."""
        with self.step() as on:
            paper = self.paper("CHECK_NOTICE", self.row, documents.notice_facts(self.row))
            self.row.notify(by=self.first, on=on, note=paper.number)

    def tell(self, *, with_paper: bool = False) -> None:
        """Submitted, approved, and told without the printed notice of every visit."""
        self.submit()
        self.approve(with_paper=with_paper)
        with self.step() as on:
            self.row.notify(by=self.first, on=on, note="已电话通知,通知书另送。")

    # The visit

    def begin(self) -> None:
        """The officers are there."""
        with self.step() as on:
            self.row.begin(by=self.first, on=on, place=self.firm.enterprise.address or "生产车间", override_reason=REASON)

    def fill(self, *problems: Problem) -> None:
        """All items pass but those where something is found."""
        with self.step():
            items = list(self.row.items.select_related("point").order_by("position"))  # type: ignore[attr-defined]
            content: dict[int, dict[str, Any]] = {item.position: {"result": "pass", "seen": item.version} for item in items}
            free = sorted((item for item in items if item.line_id is None), key=lambda item: item.section not in ON_THE_SPOT)
            for problem in problems:
                item = next(one for one in free if not problem.is_violation or is_finable(one, self.now.date()))
                free.remove(item)
                content[item.position] = {**self.answer(problem), "seen": item.version}
            self.row.save_items(content, by=self.first)

    def answer(self, problem: Problem) -> dict[str, Any]:
        """What a FAIL holds."""
        found = problem.finding
        given = {"result": "fail", "note": found.words, "place": found.place, "disposal": problem.disposal, "requirement": found.measures}
        photos = [str(photo.uid) for photo in self.album.upload(self.first, found.scene, fixed=False)]
        after = [str(p.uid) for p in self.album.upload(self.first, found.scene, fixed=True)] if problem.disposal == "on_spot" else []
        return {**given, "level": "normal", "is_violation": problem.is_violation, "photos": photos, "after_photos": after}

    def record(self, *, refused: bool = False) -> None:
        """Both officers sign, with the firm's signature or its refusal before a witness."""
        party = {"party_name": self.firm.principal.name, "party_post": "主要负责人", "party_opinion": "情况属实,立即整改。"}
        if refused:
            party |= {"party_opinion": "", "refusal": "主要负责人认为问题轻微,不愿签字。", "witness": "村委会 刘德贵"}
        with self.step() as on:
            drawn = [] if refused else self.album.upload(self.first, 1, fixed=True)
            self.row.sign_record(by=self.first, on=on, signature=drawn, **party)
        with self.step() as on:
            self.row.record(by=self.second, on=on)

    def print_record(self) -> None:
        """现场检查记录."""
        with self.step():
            self.paper("CHECK_RECORD", self.row, documents.record_facts(self.row))

    def dispose(self, *, close: bool = False) -> None:
        """Everything has gone somewhere; what was put right at once is no case for a penalty."""
        with self.step() as on:
            self.row.dispose(by=self.first, on=on)
        if close and self.row.findings.exists():  # type: ignore[attr-defined]
            with self.step() as on:
                self.row.waive_part(by=self.first, on=on, part="penalty", note="问题轻微并已改正,没有涉嫌违法的行为。")
        if close:
            self.finish()

    def finish(self) -> None:
        """The loop is whole."""
        with self.step() as on:
            self.row.close(by=self.first, on=on)

    # The result

    def disclose(self, until: str = "published") -> Publication:
        """Its result on its way to the public: drafted, reviewed by another person, published by the leader."""
        with self.step() as on:
            row = InspectionResult.draft(self.row, by=self.first, on=on, **result_texts(self.row)).publication
        return self.bring(row, until)

    def bring(self, row: Publication, until: str = "published") -> Publication:
        """A draft as far as this."""
        if until != "draft":
            with self.step() as on:
                row.review(by=self.town.reviewer, on=on, note="已与检查记录核对。")
        if until == "published":
            with self.step() as on:
                row.publish(by=self.town.leader, on=on)
        return row

    def correct(self, row: Publication) -> Publication:
        """What is public is put right: the correction names it."""
        with self.step() as on:
            texts = {name: getattr(row, name) for name in ("title", "party", "original", "body")}
            body = texts["body"].replace("检查机关:", "检查机关(更正:原文漏写承办单位):")
            row = Publication.objects.get(pk=row.pk).correct(by=self.second, on=on, **{**texts, "body": body})
        return self.bring(row)

    def withdraw(self, row: Publication) -> None:
        """Taken back, and why."""
        with self.step() as on:
            note = "公示的检查事项与检查记录不一致,核实后另行公示。"
            Publication.objects.get(pk=row.pk).withdraw(by=self.town.leader, on=on, note=note)

    # Orders

    def draft(self, days: int) -> None:
        """What is to be corrected in so many days."""
        with self.step() as on:
            rows = self.row.findings.filter(disposal="order")  # type: ignore[attr-defined]
            self.order = Order.draft(self.row, by=self.first, on=on, due_on=on + days * ONE_DAY, findings=list(rows))

    def issue(self) -> None:
        """Its paper."""
        with self.step() as on:
            paper = self.paper("ORDER_RECTIFY", self.order, documents_orders.order_facts(self.order, on))
            self.order.issue(by=self.first, on=on, document=paper)

    def serve(self, *, with_receipt: bool = False) -> None:
        """Handed over on the spot."""
        with self.step():
            assert self.order.document is not None  # noqa: S101 - issued before
            service = self.papers.serve(self.order.document, self.firm)
        if with_receipt:
            self.receipt(service)

    def receipt(self, service: Service) -> None:
        """文书送达回执."""
        with self.step():
            self.paper("DELIVERY", service, receipt_facts(service), enterprise=self.firm.enterprise)

    def ordered(self, days: int, *, with_receipt: bool = False) -> None:
        """Drafted, issued, served."""
        self.draft(days)
        self.issue()
        self.serve(with_receipt=with_receipt)

    def ask(self, more: int) -> None:
        """The firm asks for so many days more."""
        with self.step() as on:
            until = self.order.due_on + more * ONE_DAY
            measures = "停用并挂牌,每班安排专人巡查。"
            self.order.ask_extension(by=self.firm.principal, on=on, until=until, note="配件要从外地发货,预计下周到。", measures=measures)

    def grant(self) -> None:
        """The leader agrees; 整改延期审批表."""
        with self.step() as on:
            self.order.grant_extension(by=self.town.leader, on=on, note="同意延期,落实防范措施。")
        with self.step():
            asked = self.order.extensions.get()  # type: ignore[attr-defined]
            self.paper("EXTEND_APPROVE", asked, documents_orders.extension_facts(asked))

    def apply(self) -> None:
        """The firm says that it is done."""
        with self.step() as on:
            photos = self.album.upload(self.firm.principal, 2, fixed=True)
            self.order.apply_recheck(by=self.firm.principal, on=on, measures="已按指令逐项整改,请复查。", photos=photos)

    def plan_recheck(self, ahead: int) -> None:
        """Two officers are to look, so many worked days ahead."""
        with self.step() as on:
            day = self.days.after(on, ahead) if ahead else on
            self.recheck = self.order.plan_recheck(by=self.first, on=on, planned_on=day, officers=[self.first, self.second])

    def look_again(self, *, passed: bool) -> None:
        """The re-check, its record and its opinion, served."""
        visit, self.row = self.row, self.recheck
        self.begin()
        with self.step():
            content = {item.position: {"result": "pass", "seen": item.version} for item in self.row.items.all()}  # type: ignore[attr-defined]
            if not passed:
                photos = [str(photo.uid) for photo in self.album.upload(self.first, 2, fixed=False)]
                content[0] |= {"result": "fail", "note": "只改了一半,仍有缺口。", "photos": photos}
            self.row.save_items(content, by=self.first)
        self.record()
        with self.step():
            paper = self.paper("RECHECK_OPINION", self.row, documents_orders.recheck_facts(self.row))
        with self.step():
            self.papers.serve(paper, self.firm)
        self.row = visit

    # Measures and transfers

    def stop(self) -> None:
        """What is dangerous stands still: decided, served."""
        with self.step() as on:
            rows = list(self.row.findings.filter(disposal="measure"))  # type: ignore[attr-defined]
            danger = rows[0].description
            facts = {"kind": "stop_use", "scope": rows[0].place, "danger": danger, "basis": "《中华人民共和国安全生产法》第六十五条"}
            self.measure = OnsiteMeasure.draft(self.row, by=self.first, on=on, findings=rows, condition="消除危险并经审查合格", **facts)
        with self.step() as on:
            paper = self.paper("ONSITE_MEASURE", self.measure, documents_orders.measure_facts(self.measure, on))
            self.measure.issue(by=self.first, on=on, document=paper)
        with self.step():
            self.papers.serve(paper, self.firm)

    def ask_release(self) -> None:
        """The firm asks to resume."""
        with self.step() as on:
            photos = self.album.upload(self.firm.principal, 0, fixed=True)
            self.measure.apply_release(by=self.firm.principal, on=on, report="已更换部件并试运行正常。", photos=photos)

    def release(self) -> None:
        """Examined by two, approved by the leader; 恢复生产经营审批表."""
        with self.step() as on:
            self.measure.examine(by=self.first, on=on, passed=True, opinion="现场试验三次正常,危险已消除。")
        with self.step() as on:
            self.measure.sign_fit(by=self.second, on=on)
        with self.step() as on:
            self.measure.release(by=self.town.leader, on=on, note="同意恢复。")
        with self.step():
            self.paper("RESUME", self.measure, documents_orders.resume_facts(self.measure))

    def hand_over(self, *, received: bool = False) -> None:
        """What the town may not punish goes to the district's bureau; with its receipt when it came."""
        with self.step() as on:
            rows = list(self.row.findings.filter(disposal="transfer"))  # type: ignore[attr-defined]
            reason = "镇没有行政处罚权,移送有权机关处理。"
            row = Transfer.draft(self.row, by=self.first, on=on, to_organ=EMERGENCY, reason=reason, findings=rows)
        with self.step() as on:
            row.send(by=self.first, on=on, document=self.paper("CASE_TRANSFER", row, documents_orders.transfer_facts(row), audience="town"))
        if received:
            with self.step() as on:
                row.receive(by=self.first, on=on, note="区应急局已签收,另行立案。")

    def report(self) -> None:
        """The town's letter to the district."""
        with self.step() as on:
            facts = documents_orders.district_facts(self.row, on, view="建议依法查处,并跟踪整改。")
            seen = {"title": documents_orders.district_title(self.row), "audience": "town"}
            paper = self.paper("DISTRICT_REPORT", self.row, facts, **seen)
            self.row.report_district(by=self.first, on=on, how=documents_orders.reported_by(paper))


def is_finable(item: Any, on: datetime.date) -> bool:
    """Whether a fault at this item breaks an article that lets the first breach be fined."""
    return item.point is not None and any(row.scheme and row.scheme.first_offence_finable for row in item.point.basis_on(on))


def found(chance: random.Random, count: int, disposal: str = "order") -> list[Problem]:
    """That many of what the town's officers find."""
    return [Problem(one, disposal) for one in chance.sample(BY_TOWN, count)]


def officer_of_department() -> User:
    """Who goes for the department."""
    return User.objects.get(username="department")
