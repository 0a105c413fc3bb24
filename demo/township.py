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
from demo import bulk, inboxes
from demo.people import Cast, Firm
from demo.play import Player, stage
from duties.making import Maker, make_ahead
from duties.models import DutyPlan
from duties.periods import midnight
from enterprises.models import Enterprise, KeyPerson
from hazards.setup import proposals, set_up

WEEKS = 6
FIRST_CODE = 5_000_000
CODE_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def seed(*, today: datetime.date, scale: int, sample: Path) -> Iterator[str]:
    """Build the township; yields a line per step. Run inside one transaction."""
    User.objects.system()
    report = io.StringIO()
    call_command("import_enterprises", str(sample), apply=True, stdout=report)
    yield report.getvalue().strip().splitlines()[-1]
    town = Area.objects.get(pk=settings.HOME_AREA)
    leads(town)
    players, rest = choose()
    cast = Cast()
    cast.town(town, players[0].area)
    firms = cast_firms(cast, players)
    inspector = User.objects.get(username="inspector")
    set_up_firms(firms, today)
    yield from play(firms, today, inspector)
    rest += grow(rest, scale)
    bulk.fill(rest, cast, today, inspector)
    make_ahead(midnight(today) + datetime.timedelta(hours=9))
    for firm in firms:
        KeyPerson.objects.filter(enterprise=firm.enterprise, kind="manager").update(confirmed_on=today, confirmed_by=inspector)
    inboxes.fill(today)
    yield f"企业 {Enterprise.objects.count()} 家,其中 {len(firms)} 家逐步办理"


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


def set_up_firms(firms: list[Firm], today: datetime.date) -> None:
    """The five get their plans by sector, size and traits, WEEKS weeks ago; the last of them works every day."""
    began = today - datetime.timedelta(days=WEEKS * 7)
    for firm in firms:
        rows = proposals(firm.enterprise, began)
        days = DutyPlan.Days.EVERY_DAY if firm is firms[-1] else DutyPlan.Days.WORKDAYS
        with moment.at(midnight(began)):
            set_up(rows, by=firm.safety, on=began, starts_on=began, days=days)
            Maker().make(began, today)


def play(firms: list[Firm], today: datetime.date, inspector: User) -> Iterator[str]:
    """WEEKS weeks up to yesterday; then what waits at the main firm today."""
    for number, firm in enumerate(firms):
        player = Player(firm, number + 1, inspector)
        for back in range(WEEKS * 7, 0, -1):
            player.day(today - datetime.timedelta(days=back))
        yield f"{firm.enterprise.name}:{firm.enterprise.checks.count()} 次检查,{firm.enterprise.hazards.count()} 条隐患"  # type: ignore[attr-defined]
    stage(firms[0], today)


def grow(rest: list[Enterprise], scale: int) -> list[Enterprise]:
    """scale − 1 further townships' worth of invented enterprises, like the ones imported."""
    made = []
    for number in range((scale - 1) * len(rest)):
        like = rest[number % len(rest)]
        made.append(
            Enterprise(
                name=f"綦江第{number + 1}{like.name[-4:]}",
                initials=f"qjd{number + 1}",
                credit_code=credit_code(FIRST_CODE + number),
                sector=like.sector,
                industry_code=like.industry_code,
                area=like.area,
                headcount=like.headcount,
                scale=like.scale,
                lead_department=like.lead_department,
            )
        )
    return Enterprise.objects.bulk_create(made, batch_size=500)


def credit_code(number: int) -> str:
    """A valid invented code (GB 32100-2015) from a running number."""
    body = f"91500110MA{number:07d}"
    total = sum(CODE_CHARS.index(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return body + CODE_CHARS[(31 - total % 31) % 31]
