"""What a five-fix plan still lacks, card by card: read by the page and by the submit (R24, R29, R31)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Card:
    """One of the five, and what it lacks in words; the sixth is the chief engineer's where the firm must have one."""

    code: str
    title: str
    missing: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing is missing."""
        return not self.missing

    @property
    def words(self) -> str:
        """How many are missing."""
        return f"缺 {len(self.missing)} 项"


def cards(plan: Any, today: datetime.date) -> list[Card]:
    """The five cards 定人、定措施、定资金、定时限、定预案, and 总工程师意见 when it is required."""
    found = [
        Card("person", "定责任人", person(plan, today)),
        Card("measures", "定措施", [] if plan.measure_items else ["整改措施"]),
        Card("funds", "定资金", funds(plan)),
        Card("time", "定时限", time(plan, today)),
        Card("emergency", "定预案", [] if plan.emergency_plan.strip() else ["应急预案"]),
    ]
    return [*found, Card("engineer", "总工程师意见", engineer(plan))] if plan.needs_engineer else found


def missing(plan: Any, today: datetime.date) -> list[str]:
    """Everything that is missing, in the order of the cards; nothing when the plan may be submitted."""
    return [words for card in cards(plan, today) for words in card.missing]


def person(plan: Any, today: datetime.date) -> list[str]:
    """Somebody named, who is still with the firm."""
    if plan.person is None:
        return ["责任人"]
    return [] if plan.hazard.has_member(plan.person, today) else [f"责任人({plan.person.name}已不在本企业)"]


def funds(plan: Any) -> list[str]:
    """An amount above nothing, and where it comes from."""
    lacking = [] if plan.funds_amount else ["资金金额"]
    return lacking if plan.funds_source.strip() else [*lacking, "资金来源"]


def time(plan: Any, today: datetime.date) -> list[str]:
    """A last day that has not passed."""
    if plan.due_on is None:
        return ["完成期限"]
    return ["完成期限(不能早于今天)"] if plan.due_on < today else []


def engineer(plan: Any) -> list[str]:
    """Who the chief engineer is, what he says, and that he agrees (R31)."""
    if plan.engineer is None:
        return ["总工程师(先在企业档案“主要人员”登记)" if not plan.engineers() else "总工程师"]
    lacking = [] if plan.engineer_opinion.strip() else ["总工程师意见"]
    return lacking if plan.engineer_on else [*lacking, "总工程师签署日期"]
