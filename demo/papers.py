"""Papers of the demo: issued at the moment of what they document; their PDFs are made by the ticker after the start."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from django.utils import timezone

from core import moment
from core.models import Event
from demo.days import Days, at
from demo.people import Firm, Town
from documents.models import Document, Service
from duties.periods import ONE_DAY
from hazards import documents, documents_major
from hazards.models import Check, FiveFixPlan, Hazard, MajorReport

RECORDS, ORDERS, PUBLICITIES, LEDGERS = 6, 8, 4, 2
EVERY = 5


class Papers:
    """Issues a modest number of papers of each kind; the date is that of the moment that is being replayed."""

    def __init__(self, days: Days, town: Town) -> None:
        self.days, self.town = days, town
        self.issued: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()

    def issue(self, kind: str, subject: Any, facts: dict[str, Any], *, by: Any, **more: Any) -> Document:
        """One paper of now."""
        self.issued[kind] += 1
        enterprise = more.pop("enterprise", None) or getattr(subject, "enterprise", None)
        return Document.issue(kind, subject=subject, enterprise=enterprise, facts=facts, by=by, on=timezone.localdate(moment.now()), **more)

    def record(self, check: Check, *, by: Any) -> None:
        """隐患排查检查记录, of every EVERYth check in which something failed."""
        if self._turn("SELF_CHECK_RECORD", RECORDS):
            self.issue("SELF_CHECK_RECORD", check, documents.check_facts(check), by=by)

    def order(self, hazard: Hazard, *, by: Any) -> Document | None:
        """隐患整改通知单, of every EVERYth hazard assigned."""
        if not self._turn("HAZARD_NOTICE", ORDERS):
            return None
        return self.issue("HAZARD_NOTICE", hazard, documents.notice_facts(hazard), by=by)

    def _turn(self, kind: str, most: int) -> bool:
        self.asked[kind] += 1
        return self.asked[kind] % EVERY == 1 and self.issued[kind] < most

    def month_end(self, sure: list[Firm], others: list[Firm], day: datetime.date) -> None:
        """On the first worked day of a month two firms print the ledger of the month before and tell their people of it.

        Of the others only firms in whose hazards nothing happens afterwards: rows told in bulk are written as they end.
        """
        if day != self.days.after(day.replace(day=1), 0):
            return
        month, done = day.replace(day=1) - ONE_DAY, 0
        for firm in (*sure, *others):
            if done < LEDGERS and firm.safety and (firm in sure or settled(firm, month, day)):
                done += 1
                with moment.at(at(day, 9, 10 + 3 * done)):
                    self._month(firm, month, day)

    def _month(self, firm: Firm, month: datetime.date, day: datetime.date) -> None:
        by, own = firm.managers[0], {"enterprise": firm.enterprise}
        for facts in documents.ledger_facts(firm.enterprise, month, day):
            self.issue("HAZARD_LEDGER", firm.enterprise, facts, by=by, **own)
        if self.issued["HAZARD_PUBLICITY"] < PUBLICITIES:
            for facts in documents.publicity_facts(firm.enterprise, month, day):
                self.issue("HAZARD_PUBLICITY", firm.enterprise, facts, by=by, **own)

    def void_one(self, *, by: Any) -> None:
        """An order that turned out to be one too many."""
        with moment.at(at(self.days.back(1), 17, 5)):
            papers = Document.objects.filter(kind__code="HAZARD_NOTICE", enterprise=by.membership.enterprise).select_related("kind")
            if paper := papers.order_by("-pk").first():
                paper.void(by=by, on=self.days.back(1), reason="同一隐患已口头交办并当场整改,通知单重复,作废。")

    def plan(self, plan: FiveFixPlan, *, by: Any) -> Document:
        """五定整改方案."""
        return self.issue("FIVE_FIX_PLAN", plan, documents_major.plan_facts(plan), by=by)

    def to_town(self, hazard: Hazard, *, by: Any, cause: str, analysis: str) -> None:
        """重大事故隐患报告: with it the firm's report is made."""
        facts = documents_major.report_facts(hazard, cause=cause, analysis=analysis)
        self._report(hazard, MajorReport.To.TOWN, self.issue("MAJOR_REPORT", hazard, facts, by=by), by)

    def to_district(self, hazard: Hazard, *, by: Any, view: str) -> None:
        """关于重大事故隐患的报告: the town's letter; the firm does not see it."""
        facts = documents_major.district_facts(hazard, timezone.localdate(moment.now()), view=view)
        seen = {"title": documents_major.district_title(hazard), "audience": Event.Audience.TOWN}
        self._report(hazard, MajorReport.To.DISTRICT, self.issue("MAJOR_REPORT_DISTRICT", hazard, facts, by=by, **seen), by)

    def _report(self, hazard: Hazard, to: str, paper: Document, by: Any) -> None:
        hazard.report_by_paper(by=by, on=timezone.localdate(moment.now()), to=to, document=paper)

    def opinion(self, hazard: Hazard, *, by: Any, replaces: Document | None = None) -> Document:
        """整改复查意见书, of the re-check that two inspectors have just signed."""
        return self.issue("RECHECK_OPINION", hazard, documents_major.recheck_facts(hazard), by=by, replaces=replaces)

    def serve(self, paper: Document, firm: Firm, method: str = "direct") -> Service:
        """送达, in one of the ways that happen: handed over, left behind because refused, or by mail."""
        on, (first, second) = timezone.localdate(moment.now()), self.town.inspectors
        facts: dict[str, Any] = {"receiver": firm.principal.name, "receiver_role": "主要负责人", "served_on": on, "place": "企业办公室"}
        if method == Service.Method.LEFT:
            facts |= {"refusal": "主要负责人在场,不愿签字。", "witnesses": "村委会 刘德贵、韩春梅", "is_recorded": True}
        elif method == Service.Method.MAIL:
            sent = {"sent_on": paper.issued_on, "reference": "EMS 1186503712009"}
            facts |= {"receiver": "门卫 杨永刚", "receiver_role": "收发室", **sent}
        return Service.record(paper, by=first, on=on, method=method, server=first, second_server=second, **facts)


def settled(firm: Firm, month: datetime.date, day: datetime.date) -> bool:
    """Whether the ledger of that month, printed on that day, says what was known then, and holds something."""
    rows = list(documents.of_month(firm.enterprise, month))
    return len(rows) > 1 and all(row.is_major or (row.closed_on and row.closed_on < day) for row in rows)
