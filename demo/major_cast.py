"""Which firm has which major hazard, and when its story begins: by traits and sectors, so that the criteria fit."""

from __future__ import annotations

from typing import NamedTuple

from demo import major_tales as tales
from demo import matters
from demo.major import Major, Stage
from demo.major_tales import Tale
from demo.matters import Matter
from demo.people import Firm
from demo.tales import Tales
from enterprises.models import KeyPerson
from hazards.models.plans import ENGINEER_TRAITS


class Part(NamedTuple):
    """A story: so many worked days ago, in a firm with this trait or of this sector."""

    back: int
    needs: str
    matter: Matter
    tale: Tale


AT_CONTRACT_FIRM = (
    Part(108, "", matters.SPACE_PERMIT, tales.closed("direct")),
    Part(24, "", matters.PAINT_ROOM, tales.in_progress),
    Part(1, "", matters.SPACE_LIST, tales.signed_by_one),
)
# Those with a rarer trait come first: each story takes the first firm that is still free.
ELSEWHERE = (
    Part(20, "DUST_EXPLOSION", matters.DUST_BOX, tales.progress_late),
    Part(5, "DUST_EXPLOSION", matters.DUST_LOCK, tales.plan_returned),
    Part(5, "DUST_EXPLOSION", matters.DUST_LAYER, tales.confirmed_late),
    Part(4, "DUST_EXPLOSION", matters.DUST_BOX, tales.plan_submitted),
    Part(90, "CONFINED_SPACE_2024", matters.SPACE_PERMIT, tales.closed("mail")),
    Part(72, "BUILDING_MATERIALS", matters.SILO, tales.regraded),
    Part(50, "CONFINED_SPACE_2024", matters.SPACE_LIST, tales.closed_and_corrected),
    Part(36, "MACHINERY", matters.PAINT_ROOM, tales.downgraded),
    Part(24, "CONFINED_SPACE_2024", matters.SPACE_PERMIT, tales.not_served),
    Part(23, "NONFERROUS", matters.MELT_TANK, tales.failed),
    Part(19, "NONFERROUS", matters.COOLING, tales.waits_for_second),
    Part(13, "METALLURGY", matters.CRANE_ROOM, tales.day_has_come),
    Part(6, "METALLURGY", matters.PIT_WATER, tales.plan_received),
    Part(2, "LIGHT_INDUSTRY", matters.OVEN, tales.suspected),
    Part(1, "TEXTILE", matters.BLEACH, tales.confirmed_now),
)


def cast_majors(into: Tales, main: Firm, others: list[Firm], stage: Stage) -> None:
    """All stories, each in a firm of its own but for those of the contract's firm."""
    free = [firm for firm in others if firm.heads and firm.enterprise.status == "active"]
    for part in AT_CONTRACT_FIRM:
        major = Major(main, part.matter, stage)
        into.add(major, part.tale(major), stage.days.back(part.back))
    for part in ELSEWHERE:
        firm = next((one for one in free if part.needs in kinds(one)), free[0])
        free.remove(firm)
        appoint_engineer(firm)
        major = Major(firm, part.matter, stage)
        into.add(major, part.tale(major), stage.days.back(part.back))


def kinds(firm: Firm) -> set[str]:
    """The codes of its traits and its sector."""
    sector = firm.enterprise.sector
    return {trait.code for trait in firm.enterprise.traits.all()} | ({sector.code} if sector else set())


def appoint_engineer(firm: Firm) -> None:
    """A chief engineer where the law wants one."""
    if kinds(firm) & set(ENGINEER_TRAITS):
        KeyPerson.objects.create(enterprise=firm.enterprise, kind=KeyPerson.Kind.ENGINEER, name="蒋学工", scope="技术和安全技术")
