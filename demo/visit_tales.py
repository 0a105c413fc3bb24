"""Stories of inspections: each ends in another state, so that every page has its row on the first day."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from accounts.models import Area
from accounts.models.areas import within
from demo.findings import BY_TOWN
from demo.major import Stage
from demo.people import Firm
from demo.tales import Tales
from demo.visits import EMERGENCY, Problem, Visit, found, officer_of_department
from inspections.carry.facts import OrderFacts, VisitFacts
from inspections.exports import default_columns
from inspections.models import ExportLayout, OutsideVisit, Patrol

Tale = Callable[[Visit], Iterator[int]]
HISTORY = (118, 109, 101, 96, 88, 81, 74)


def clean(v: Visit) -> Iterator[int]:
    """Nothing found but what was put right at once; closed the same day."""
    v.plan(3)
    v.tell()
    yield 3
    v.begin()
    v.fill(*found(v.chance, v.chance.choice((0, 0, 1)), "on_spot"))
    v.record()
    v.dispose(close=True)


def whole(v: Visit) -> Iterator[int]:
    """Scheme, notice, record, order, receipt, more time, re-check, closed: every paper of it."""
    v.plan(4)
    v.submit()
    yield 1
    v.approve(with_paper=True)
    v.announce()
    yield 3
    v.begin()
    v.fill(*found(v.chance, 2))
    v.record()
    v.print_record()
    v.ordered(15, with_receipt=True)
    v.dispose()
    yield 2
    v.ask(7)
    yield 1
    v.grant()
    yield 9
    v.apply()
    yield 2
    v.plan_recheck(0)
    v.look_again(passed=True)
    with v.step() as on:
        v.row.waive_part(by=v.first, on=on, part="penalty", note="按期整改到位,没有涉嫌违法的行为。")
    v.finish()


def told(tale: Tale, until: str = "published") -> Tale:
    """The same, and some days later its result on its way to the public, as far as this."""

    def tell(v: Visit) -> Iterator[int]:
        yield from tale(v)
        yield 3
        if until in ("draft", "reviewed", "published"):
            v.disclose(until)
            return
        row = v.disclose()
        yield 2
        if until == "corrected":
            v.correct(row)
        else:
            v.withdraw(row)

    return tell


def failed(v: Visit) -> Iterator[int]:
    """The re-check failed: the order is to be taken up anew."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()
    v.fill(*found(v.chance, 2))
    v.record(refused=True)
    v.ordered(10)
    v.dispose()
    yield 6
    v.apply()
    yield 1
    v.plan_recheck(0)
    v.look_again(passed=False)


def overdue(v: Visit) -> Iterator[int]:
    """The firm let its day pass; the re-check is due."""
    v.plan(1, "campaign", campaign_approval="綦江府办〔2026〕18号")
    v.tell()
    yield 1
    v.begin()
    v.fill(*found(v.chance, 3))
    v.record()
    v.ordered(7)
    v.dispose()


def extension(v: Visit) -> Iterator[int]:
    """More time is asked for; the leader is to answer."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()
    v.fill(*found(v.chance, 1))
    v.record()
    v.ordered(20)
    v.dispose()
    yield 4
    v.ask(10)


def recheck_tomorrow(v: Visit) -> Iterator[int]:
    """Done says the firm; two officers go tomorrow."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()
    v.fill(*found(v.chance, 2))
    v.record()
    v.ordered(15)
    v.dispose()
    yield 6
    v.apply()
    yield 1
    v.plan_recheck(3)


def joint(v: Visit) -> Iterator[int]:
    """With the department: one date, each its own items; the firm is correcting."""
    v.plan(2)
    with v.step() as on:
        department = officer_of_department()
        v.row.join(by=department, on=on, note="同时查建设项目三同时", officers=[department])
    with v.step() as on:
        v.row.own_items(by=v.first, on=on, department=department.membership.department, positions=range(6))
    v.tell(with_paper=True)
    yield 2
    v.begin()
    v.fill(*found(v.chance, 2))
    v.record()
    v.ordered(15)
    v.dispose()


def stopped(v: Visit) -> Iterator[int]:
    """A machine stands still by decision."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()
    v.fill(Problem(BY_TOWN[0], "measure"))
    v.record()
    v.stop()
    v.dispose()


def resumed(v: Visit) -> Iterator[int]:
    """Stopped, examined, released, closed."""
    yield from stopped(v)
    yield 4
    v.ask_release()
    yield 1
    v.release()
    with v.step() as on:
        v.row.waive_part(by=v.first, on=on, part="penalty", note="及时消除危险,没有涉嫌违法的行为。")
    v.finish()


def release_asked(v: Visit) -> Iterator[int]:
    """The firm asks to resume; two officers are to look."""
    yield from stopped(v)
    yield 3
    v.ask_release()


def handed_over(v: Visit) -> Iterator[int]:
    """A violation that the town may not punish: reported and handed to the district."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()
    v.fill(Problem(BY_TOWN[6], "transfer", is_violation=True))
    v.record()
    v.report()
    yield 1
    v.hand_over()
    v.dispose()


def violation_open(v: Visit) -> Iterator[int]:
    """Recorded; the violation has no outcome yet and the district is to be told."""
    v.plan(1, "complaint", complaint_channel="12345", complaint_number="ZB-2026-0431", return_by_on=v.days.after(v.days.today, 2))
    v.tell()
    yield 1
    v.begin()
    v.fill(Problem(BY_TOWN[8], "transfer", is_violation=True), *found(v.chance, 1))
    v.record()


def disposed(v: Visit) -> Iterator[int]:
    """Everything put right on the spot; to be closed."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()
    v.fill(*found(v.chance, 1, "on_spot"))
    v.record()
    v.dispose()


def under_way(v: Visit) -> Iterator[int]:
    """Begun yesterday, half filled in."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()


def drafted(v: Visit) -> Iterator[int]:
    """Recorded yesterday, an order drafted, another issued and not served."""
    v.plan(1)
    v.tell()
    yield 1
    v.begin()
    v.fill(*found(v.chance, 2))
    v.record()
    v.draft(15)
    v.issue()


def aborted(v: Visit) -> Iterator[int]:
    """Called off: the firm stood still."""
    v.plan(3)
    v.tell()
    yield 2
    with v.step() as on:
        v.row.abort(by=v.first, on=on, note="企业因停电停产,改日再安排。")


def waits(ahead: int, until: str = "noticed", *, ready: bool = False) -> Tale:
    """Planned for so many worked days ahead, and as far as this state."""

    def tell(v: Visit) -> Iterator[int]:
        v.plan(ahead)
        if until == "planned":
            return
        v.submit()
        if until == "scheme_pending":
            return
        v.approve()
        if until == "scheme_approved":
            return
        v.announce()
        if ready:
            with v.step() as on:
                v.row.say_ready(by=v.firm.principal, on=on, note="设备都在开,随时可以来。")
        yield from ()

    return tell


class Part(NamedTuple):
    """A story: so many worked days ago."""

    back: int
    tale: Tale


AT_CONTRACT_FIRM = (Part(38, told(whole, "draft")), Part(11, joint), Part(1, waits(1)))
ELSEWHERE = (
    *(Part(back, told(clean)) for back in HISTORY),
    Part(66, told(clean, "corrected")),
    Part(58, told(clean, "withdrawn")),
    Part(47, clean),
    Part(70, told(whole)),
    Part(60, told(resumed, "reviewed")),
    Part(30, failed),
    Part(14, overdue),
    Part(9, extension),
    Part(10, recheck_tomorrow),
    Part(6, stopped),
    Part(8, release_asked),
    Part(12, handed_over),
    Part(3, violation_open),
    Part(4, disposed),
    Part(2, under_way),
    Part(2, drafted),
    Part(7, aborted),
    Part(2, waits(2)),
    Part(3, waits(3)),
    Part(1, waits(2)),
    Part(2, waits(6, ready=True)),
    Part(1, waits(4, "scheme_approved")),
    Part(1, waits(5, "scheme_pending")),
    Part(1, waits(3, "planned")),
    Part(6, waits(3)),
)


def cast_visits(into: Tales, main: Firm, others: list[Firm], stage: Stage) -> list[Firm]:
    """All stories, each in a firm of its own but for those of the contract's firm; the firms they are told of."""
    told = cast(main, others)
    for seed, (firm, part) in enumerate(told):
        visit = Visit(firm, stage, seed)
        into.add(visit, part.tale(visit), stage.days.back(part.back))
    return [firm for firm, _ in told]


def cast(main: Firm, others: list[Firm]) -> list[tuple[Firm, Part]]:
    """Whose story each is."""
    free = [firm for firm in others if firm.safety and firm.enterprise.status == "active"]
    return [(main, part) for part in AT_CONTRACT_FIRM] + list(zip(reversed(free), ELSEWHERE, strict=False))


class Walks:
    """Walks of villages, visits of other authorities, and what came from paper: a teller of its own."""

    def __init__(self, firms: list[Firm], stage: Stage) -> None:
        self.visit = Visit(firms[0], stage, 7)
        self.firms, self.days, self.town = firms, stage.days, stage.town

    def morning(self, day: datetime.date) -> None:
        """A new day of the story begins."""
        self.visit.morning(day)

    def tale(self) -> Iterator[int]:
        """Some each fortnight, and on the first day what had begun on paper."""
        self.carry_in()
        texts = (
            "看了车间和配电箱,提醒清理通道。",
            "提醒有限空间不得擅自进入,发放宣传单。",
            "灭火器压力正常,提醒补签点检卡。",
            "回访上次提醒的通道,已清理。",
        )
        for number in range(12):
            yield 9
            firm = self.firms[(number * 5) % len(self.firms)]
            with self.visit.step() as on:
                walker = ("village", "grid", "third_party", "town")[number % 4]
                given: dict[str, Any] = {
                    "walker": walker,
                    "names": "刘村安" if walker == "village" else "韩春梅",
                    "text": texts[number % 4],
                }
                Patrol.log(by=self.town.inspectors[number % 2], today=on, on=on, enterprise=firm.enterprise, **given)
            if number % 3 == 0:
                with self.visit.step() as on:
                    other = self.firms[(number * 7 + 3) % len(self.firms)].enterprise
                    OutsideVisit.log(
                        by=self.town.inspectors[0], today=on, enterprise=other, organ=EMERGENCY, on=on, note="粉尘防爆专项检查"
                    )

    def carry_in(self) -> None:
        """An inspection and two orders from before the system, and a layout for the district's export."""
        by, firm, other = self.town.inspectors[0], self.firms[1].enterprise, self.firms[2].enterprise
        with self.visit.step() as on:
            before = on.replace(day=1)
            VisitFacts(firm, f"检〔{on:%Y}〕12号", before, "李敏、王磊").carry_in(by=by, on=on)
            lines = [("配电室没有挡鼠板", "加装挡鼠板"), ("冲床双手按钮失灵", "更换按钮")]
            OrderFacts(firm, f"綦石安改〔{on:%Y}〕9号", before, before, on, lines=lines).carry_in(by=by, on=on)
            done: dict[str, Any] = {"rechecked_on": on, "result": "passed"}
            OrderFacts(other, f"綦石安改〔{on:%Y}〕5号", before, before, on, lines=lines[:1], **done).carry_in(by=by, on=on)
            area = Area.objects.get(within("code", firm.area_id[:9]), code=firm.area_id[:9])
            ExportLayout.objects.create(area=area, name="区安监平台月报", what="orders", columns=default_columns("orders")[:9], by=by)
