"""The demo township: the roster sample imported, five firms played, the rest in bulk; deterministic by its `today`."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from accounts.models import Area, Department, User
from core import moment
from demo import bulk, growth, inboxes
from demo.days import Days, at
from demo.desk import WORKED_DAYS, Desk
from demo.draws import BEGAN, Draws
from demo.major import Stage
from demo.major_cast import cast_majors
from demo.papers import Papers
from demo.people import Cast, Firm, Town
from demo.plans import Told, cast_plans
from demo.play import Player
from demo.projects import Works
from demo.publications import Board
from demo.scenes import Album
from demo.tales import Tales
from demo.visit_tales import Walks, cast, cast_visits
from documents.models import Document
from duties.making import Maker, make_ahead
from duties.models import DutyPlan, Occurrence
from duties.periods import ONE_DAY, midnight
from enterprises.models import Enterprise, KeyPerson
from hazards.setup import proposals, set_up
from inspections.models import Order

WEEKS = 26
PLAYED_WEEKS = 4
LEDGER_FIRMS = 1
WALKS_SINCE = 115
GRADED = 12


def seed(*, today: datetime.date, scale: int, sample: Path) -> Iterator[str]:
    """Build the township; yields a line per step. Run inside one transaction, then seal."""
    User.objects.system()
    report = io.StringIO()
    call_command("import_enterprises", str(sample), apply=True, stdout=report)
    yield report.getvalue().strip().splitlines()[-1]
    leads(Area.objects.get(pk=settings.HOME_AREA))
    township = Township(today)
    yield from township.build(scale)
    yield from township.live()
    township.build_works()
    yield from township.grow()
    Occurrence.objects.all().miss(midnight(today))
    make_ahead(midnight(today) + datetime.timedelta(hours=5))
    inboxes.fill(today)
    yield f"企业 {Enterprise.objects.count()} 家,其中 {len(township.firms)} 家逐步办理;文书 {Document.objects.count()} 份"


class Township:
    """Half a year of one town: five firms whose last weeks are played through the verbs, all others in bulk, day by day together."""

    def __init__(self, today: datetime.date) -> None:
        first = today - WEEKS * 7 * ONE_DAY
        self.today, self.days = today, Days(first - first.weekday() * ONE_DAY, today)
        self.played_from = today - PLAYED_WEEKS * 7 * ONE_DAY - today.weekday() * ONE_DAY
        self.grown: list[int] = []
        self.firms: list[Firm] = []

    def build(self, scale: int) -> Iterator[str]:
        """People, units, plans, and the dated rows of what they owe."""
        players, rest = choose()
        self.cast = Cast()
        self.cast.town(Area.objects.get(pk=settings.HOME_AREA), players[0].area)
        self.cast.certificates(self.today)
        self.town = Town.now()
        self.album, self.papers = Album(self.town.system), Papers(self.days, self.town)
        self.firms = cast_firms(self.cast, players)
        set_up_firms(self.firms, self.days.first)
        self.others = bulk.Staffing(self.cast, rest).make()
        bulk.confirm(self.others, self.days.first, self.town.inspectors[0])
        self.planned = bulk.plan(self.others, self.days, self.town)
        bulk.stop(self.others, self.days, self.town.inspectors[0])
        for pks in growth.grow(rest, scale, self.cast, self.days, self.town):
            self.grown += pks
        rows = Maker(midnight(self.days.first)).make(self.days.first, self.today)
        pks = [firm.enterprise.pk for firm in self.firms]
        KeyPerson.objects.filter(enterprise__in=pks, kind="manager").update(
            confirmed_on=self.days.first, confirmed_by=self.town.inspectors[0]
        )
        yield f"{self.days.first:%Y-%m-%d} 起的任务期次 {rows} 条"

    def live(self) -> Iterator[str]:
        """Day by day, so that everything is written in the order in which it happened."""
        early, late = self._history(1), self._history(2)
        before = early.tell(self.firms, midnight(self.played_from))
        whole = late.tell(self.planned, midnight(self.today))
        late.visits([firm for firm in self.others if firm not in self.planned], midnight(self.today))
        tales, board = Tales(), Board(self.days, self.town)
        players = self._players(tales, board)
        for day in self.days.past:
            with moment.at(at(day, 0, 30)):
                Order.objects.all().fall_due(day)
            early.past.write(day)
            late.past.write(day)
            if day == self.played_from:
                before.settle()
            sure = self.firms[:LEDGER_FIRMS] if day >= self.played_from else []
            self.papers.month_end(sure, self.planned if sure else self.firms[:LEDGER_FIRMS] + self.planned, day)
            tales.day(day)
            board.day(day)
            for player in players if day >= self.played_from else ():
                player.day(day)
            if day == self.days.back(1):
                self.papers.void_one(by=self.firms[0].managers[0])
        whole.settle()
        for firm in self.firms:
            yield f"{firm.enterprise.name}:{firm.enterprise.checks.count()} 次检查,{firm.enterprise.hazards.count()} 条隐患"  # type: ignore[attr-defined]

    def _players(self, tales: Tales, board: Board) -> list[Player]:
        """Who plays the five firms; the stories of single hazards are put among the tales."""
        stage = Stage(self.town, self.days, self.album, self.papers, board)
        told = [Told(firm, self.days.back(part.back)) for firm, part in cast(self.firms[0], self.planned)]
        cast_plans(tales, self.days, self.town, told, self.firms)
        cast_majors(tales, self.firms[0], self.planned, stage)
        visited = cast_visits(tales, self.firms[0], self.planned, stage)
        graded = [firm for firm in self.others if firm not in visited and firm.enterprise.status == "active"][:GRADED]
        draws = Draws(graded, stage)
        tales.add(draws, draws.tale(), self.days.back(BEGAN))
        walks = Walks(self.planned, stage)
        tales.add(walks, walks.tale(), self.days.back(WALKS_SINCE))
        desk = Desk(self.firms[0], self.days, self.album)
        tales.add(desk, desk.tale(), self.days.back(WORKED_DAYS))
        players = [Player(firm, number, self.town, self.album, self.papers) for number, firm in enumerate(self.firms, start=1)]
        players[0].left_alone = desk.rows
        return players

    def build_works(self) -> None:
        """The construction projects of the five firms."""
        Works(self.days, self.album).tell(self.firms)

    def grow(self) -> Iterator[str]:
        """The further townships of `--scale`, chunk by chunk."""
        growth.tell(self.grown, self.days, self.town, self.album)
        if self.grown:
            yield f"批量生成 {len(self.grown)} 家编造企业的半年记录"

    def _history(self, seed: int) -> bulk.History:
        return bulk.History(self.days, self.town, self.album, seed)


def leads(town: Area) -> None:
    """Each enterprise gets the one department that answers for its sector as its lead; a few are left open."""
    for office in Department.objects.filter(area=town).order_by("code").prefetch_related("sectors"):
        rows = Enterprise.objects.filter(sector__in=office.sectors.all(), lead_department=None)
        rows.exclude(pk__in=list(rows.order_by("-pk").values_list("pk", flat=True)[:1])).update(lead_department=office)


def choose() -> tuple[list[Enterprise], list[Enterprise]]:
    """The five that play (a larger one of machinery first, one of one to three people last), and the rest."""
    active = list(Enterprise.objects.filter(status="active").select_related("area", "sector").order_by("name"))
    large = [e for e in active if (e.headcount or 0) >= 10 and e.sector_id]
    large.sort(key=lambda e: (e.sector.code != "MACHINERY", e.name))
    small = next((e for e in active if e.headcount and e.is_smallest), active[-1])
    if not small.is_smallest:
        Enterprise.objects.filter(pk=small.pk).update(headcount=3, dispatched=None, interns=None)
        small.refresh_from_db()
    players = [*[e for e in large if e != small][:4], small]
    rest = list(Enterprise.objects.exclude(pk__in=[e.pk for e in players]).select_related("area").order_by("pk"))
    return players, rest


def cast_firms(cast: Cast, players: list[Enterprise]) -> list[Firm]:
    """People of the five: the contract's five accounts at the first, `outsider` at the second."""
    main = {post: post for post in ("principal", "safety", "head", "team", "employee")}
    names = [main, {"safety": "outsider"}, {}, {}, {}]
    return [cast.firm(e, n, teams=t) for e, n, t in zip(players, names, (4, 2, 2, 2, 1), strict=True)]


def set_up_firms(firms: list[Firm], began: datetime.date) -> None:
    """The five get their plans by sector, size and traits; the last of them works every day."""
    for firm in firms:
        days = DutyPlan.Days.EVERY_DAY if firm is firms[-1] else DutyPlan.Days.WORKDAYS
        with moment.at(at(began, 8, 30)):
            set_up(proposals(firm.enterprise, began), by=firm.managers[0], on=began, starts_on=began, days=days)
