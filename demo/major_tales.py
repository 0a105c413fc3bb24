"""The stories of the demo's major hazards: one for each state a hazard or its plan can be in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from demo.major import Major
from documents.models import Document, Service

Tale = Callable[[Major], Iterator[int]]


def signed_by_one(m: Major) -> Iterator[int]:
    """Found by the firm, signed by the safety manager; the principal is to sign."""
    m.report()
    m.sign(by=m.firm.managers[0], kinds=["warn"], text="停止使用,挂警示牌")
    yield from ()


def suspected(m: Major) -> Iterator[int]:
    """Found by an inspector as an ordinary hazard, proposed as major; nobody has signed."""
    m.report(source="inspection", level="serious")
    with m.step() as on:
        m.row.propose_major(by=m.town.inspectors[0], on=on, note="疑似符合判定标准,请第二名执法人员到场核对。", criteria=m.criteria())
    yield from ()


def regraded(m: Major) -> Iterator[int]:
    """Reported as perhaps major; the town looked and graded it otherwise, then it went the ordinary way."""
    m.report()
    yield 1
    safety, _ = m.firm.managers
    with m.step() as on:
        m.row.regrade(by=m.town.inspectors[1], on=on, level="serious", note="现场核实不符合判定条目,按较重隐患整改。")
    with m.step() as on:
        m.row.assign(by=safety, on=on, rectifier=m.firm.heads[0], due_on=m.days.after(on, 8), level="serious")
    yield 4
    with m.step() as on:
        m.row.submit_fix(by=m.firm.heads[0], on=on, measures="已清理并加盖", photos=m.album.upload(m.firm.heads[0], 2, fixed=True))
    yield 1
    with m.step() as on:
        m.row.accept_fix(by=safety, on=on, note="现场看过,整改到位。")


def confirmed_now(m: Major) -> Iterator[int]:
    """Confirmed on the last worked day: the clocks of the reports run."""
    m.report()
    m.by_firm()
    yield from ()


def confirmed_late(m: Major) -> Iterator[int]:
    """Confirmed some days ago: the town told late, the people not yet, the plan half written."""
    m.report()
    yield 1
    m.by_firm()
    yield 2
    m.tell_town()
    m.tell_district(on_paper=False)
    yield 1
    m.write(25, whole=False)


def plan_submitted(m: Major) -> Iterator[int]:
    """The plan waits for the town."""
    m.report()
    m.by_firm()
    m.tell_town()
    m.tell_district()
    yield 1
    m.tell_congress()
    yield 2
    m.write(20)
    m.submit()


def plan_returned(m: Major) -> Iterator[int]:
    """The plan was returned; the firm is to mend it."""
    yield from plan_submitted(m)
    yield 1
    m.hand_back("措施没有写清泄爆方向和安装单位,请补充后再报。")


def plan_received(m: Major) -> Iterator[int]:
    """The town has the plan; the firm is to begin."""
    yield from plan_submitted(m)
    yield 1
    m.receive()


def in_progress(m: Major) -> Iterator[int]:
    """Being rectified, with weekly progress and a change the town agreed to."""
    m.report()
    m.by_firm()
    m.tell_town()
    m.tell_district()
    yield 1
    yield from m.whole_plan(25)
    yield 5
    m.progress(25, "已签订采购合同,旧设备拆除。")
    yield 5
    m.progress(45, "基础施工完成,等设备到货。")
    yield 2
    m.amend(24, "供货厂家延期两周交货,其余措施不变,临时措施继续。")
    yield 1
    m.consent()
    yield 4
    m.progress(60, "设备到货,开始安装。")


def progress_late(m: Major) -> Iterator[int]:
    """Found by the town; being rectified, but no progress was reported for two weeks, and a change waits for an answer."""
    m.report(source="inspection", level="serious")
    m.by_town()
    m.tell_district()
    yield from m.whole_plan(40)
    yield 5
    m.progress(15, "正在询价,尚未开工。")
    yield 8
    m.amend(45, "施工单位更换,工期顺延。")


def waits_for_second(m: Major) -> Iterator[int]:
    """The firm applied, one inspector has filled in the re-check; the other is to sign."""
    m.report()
    m.by_firm()
    m.tell_town()
    m.tell_district(on_paper=False)
    yield from m.whole_plan(18)
    yield 5
    m.progress(50, "已完成清理和防水施工。")
    yield 5
    m.progress(95, "报警装置调试完成。")
    yield 2
    m.apply()
    yield 2
    m.fill()


def day_has_come(m: Major) -> Iterator[int]:
    """The plan's day passed without an application: the system asks for the re-check."""
    m.report()
    m.by_firm()
    m.tell_town()
    m.tell_district(on_paper=False)
    yield from m.whole_plan(8, paper=False)
    yield 5
    m.progress(40, "材料到场,人手不足。")
    yield 2
    with m.step() as on:
        m.row.recheck_due(by=m.town.system, on=on)


def failed(m: Major) -> Iterator[int]:
    """Found by the town, re-checked and returned: what that means later is on record."""
    m.report(source="inspection", level="serious")
    m.by_town()
    m.tell_district()
    yield from m.whole_plan(15, paper=False)
    yield 5
    m.progress(60, "已更换主要部件。")
    yield 5
    m.apply()
    yield 3
    m.fill("演练没有记录,炉前人员不知道撤离路线")
    m.second(passed=False)
    with m.step():
        paper = m.papers.opinion(m.row, by=m.town.inspectors[0])
    yield 1
    with m.step():
        m.papers.serve(paper, m.firm, Service.Method.LEFT)


def closed(method: str) -> Tale:
    """Removed, re-checked, closed, measures lifted; the opinion served this way."""

    def tale(m: Major) -> Iterator[int]:
        yield from _until_closed(m)
        with m.step():
            paper = m.papers.opinion(m.row, by=m.town.inspectors[0])
        yield 2
        with m.step():
            m.papers.serve(paper, m.firm, method)
        m.lift()
        yield 3
        with m.step():
            m.board.publish(m.board.draft(paper, m.row))

    return tale


def closed_and_corrected(m: Major) -> Iterator[int]:
    """Closed; the first opinion held a mistake, was voided and corrected by another."""
    yield from _until_closed(m)
    with m.step():
        wrong = m.papers.opinion(m.row, by=m.town.inspectors[0])
    yield 1
    with m.step():
        m.papers.serve(wrong, m.firm)
    m.lift()
    yield 2
    with m.step():
        notice = m.board.publish(m.board.draft(wrong, m.row))
    yield 10
    with m.step():
        right = m.papers.opinion(m.row, by=m.town.inspectors[0], replaces=Document.objects.select_related("kind").get(pk=wrong.pk))
    with m.step():
        m.board.withdraw(notice, f"依据的复查意见书{wrong.number}所载整改措施表述有误,已更正,另行公示。")
    yield 2
    with m.step():
        m.papers.serve(right, m.firm)
    with m.step():
        m.board.review(m.board.draft(right, m.row))


def not_served(m: Major) -> Iterator[int]:
    """Closed on the last worked days; the opinion still has to be served, its notice to be reviewed, the measures to be examined."""
    yield from _until_closed(m, with_papers=False)
    with m.step():
        paper = m.papers.opinion(m.row, by=m.town.inspectors[0])
    with m.step():
        m.board.draft(paper, m.row)


def _until_closed(m: Major, *, with_papers: bool = True) -> Iterator[int]:
    m.report()
    m.by_firm()
    m.tell_town()
    m.tell_district(on_paper=False)
    yield 1
    yield from m.whole_plan(22, paper=with_papers)
    yield 5
    m.progress(40, "已停用清理,设备订货。")
    yield 5
    m.progress(80, "安装完成,正在调试。")
    yield 3
    m.apply()
    yield 3
    m.fill()
    m.second()


def downgraded(m: Major) -> Iterator[int]:
    """Confirmed by the firm; another person of the town found that it is none, and it was rectified as a general one."""
    m.report()
    m.by_firm()
    yield 2
    with m.step() as on:
        m.row.downgrade(by=m.town.reviewer, on=on, level="serious", note="专家到场复核:场所不属于判定条目所列情形,降为较重隐患。")
    safety, _ = m.firm.managers
    yield 1
    with m.step() as on:
        m.row.assign(by=safety, on=on, rectifier=m.firm.heads[0], due_on=m.days.after(on, 9), level="serious")
    m.lift()
    yield 3
    with m.step() as on:
        m.row.submit_fix(by=m.firm.heads[0], on=on, measures="已按要求完善", photos=m.album.upload(m.firm.heads[0], 0, fixed=True))
    yield 1
    with m.step() as on:
        m.row.accept_fix(by=safety, on=on, note="现场看过,整改到位。")
