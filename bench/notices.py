"""The morning list of 20,000 people: notices per second, memory flat, and a second run that makes none.

Run by bin/bench: python -m bench.notices [people]
"""

import datetime
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shijiao.settings")
django.setup()

from django.db import connection
from django.utils import timezone

from accounts.models import Area, User
from bench.lists import SIGNS, TOWN
from duties.models import Duty, DutyPlan, Occurrence
from duties.periods import window
from enterprises.models import Enterprise, Membership, Unit
from notices import catalogue
from notices.models import Notice
from notices.tasks import tell_morning

TEAMS = 4
SMALL, LARGE = datetime.date(2026, 12, 1), datetime.date(2026, 12, 2)
FLAT = 1.15  # the peak for all people against the peak for a quarter of them
LAW = {"edition": "bench", "effective_from": "2019-01-01"}
BATCH = 2000


def fill(people):
    """Firms of four teams, each with its leader; on SMALL a quarter of the teams owes its list, on LARGE all."""
    catalogue.load()
    Area.objects.get_or_create(code=TOWN, defaults={"name": "石角镇"})
    area, _ = Area.objects.get_or_create(code=f"{TOWN}201", defaults={"name": "第一村"})
    code = lambda n: "91500113MA" + "".join(SIGNS[n // len(SIGNS) ** p % len(SIGNS)] for p in range(8))  # noqa: E731
    firms = [Enterprise(name=f"第{n}厂", initials="d", credit_code=code(n), area=area, headcount=40) for n in range(people // TEAMS)]
    firms = Enterprise.objects.bulk_create(firms, batch_size=BATCH)
    plants = Unit.objects.bulk_create([Unit(enterprise=firm, kind="plant", name="全厂") for firm in firms], batch_size=BATCH)
    teams = [Unit(enterprise=plant.enterprise, parent=plant, kind="team", name=f"{n + 1}班") for plant in plants for n in range(TEAMS)]
    teams = Unit.objects.bulk_create(teams, batch_size=BATCH)
    users = [User(username=f"notices{n}", name=f"班长{n}") for n in range(len(teams))]
    users = User.objects.bulk_create(users, batch_size=BATCH)
    held = [
        Membership(user=user, role="team_leader", enterprise=team.enterprise, unit=team, starts_on="2020-01-01")
        for user, team in zip(users, teams, strict=True)
    ]
    Membership.objects.bulk_create(held, batch_size=BATCH)
    duty, _ = Duty.objects.get_or_create(
        code="TEAM-DAILY", edition="bench", defaults={"name": "班组日排查", "frequency": "day", "level": "team", **LAW}
    )
    plans = [DutyPlan(enterprise=team.enterprise, unit=team, duty=duty, days="everyday", starts_on="2026-01-01") for team in teams]
    plans = DutyPlan.objects.bulk_create(plans, batch_size=BATCH)
    for day, some in ((SMALL, plans[: len(plans) // 4]), (LARGE, plans)):
        Occurrence.objects.bulk_create([period(plan, day) for plan in some], batch_size=BATCH)
    return len(teams)


def period(plan, day):
    """One team's list of one day."""
    opens, closes = window(day, day, "", None)
    facts = {"duty_code": "TEAM-DAILY", "frequency": "day", "level": "team", "period_start": day, "period_end": day}
    return Occurrence(enterprise=plan.enterprise, unit=plan.unit, plan=plan, opens_at=opens, closes_at=closes, **facts)


def tell(day):
    """In a process of its own: "made seconds peak-in-MB before-in-MB" of the morning lists of that day."""
    now = timezone.make_aware(datetime.datetime.combine(day, datetime.time(6)))
    Notice.objects.first()
    before, began = megabytes(), time.perf_counter()
    made = tell_morning(now)
    print(made, time.perf_counter() - began, megabytes(), before)


def megabytes():
    """The most memory this process has held; ru_maxrss would also count what its parent held."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def measure(day):
    """(made, seconds, peak, before) of a fresh process."""
    done = subprocess.run([sys.executable, "-m", "bench.notices", "tell", day.isoformat()], capture_output=True, text=True, check=True)  # noqa: S603
    return [float(text) for text in done.stdout.split()]


def main(people=20_000):
    """Print the rate and the peaks; exit 1 when memory grows with the people, or a second run makes notices."""
    people = fill(people)
    few, _, small, _ = measure(SMALL)
    made, seconds, large, before = measure(LARGE)
    again, seconds_again, _, _ = measure(LARGE)
    print(f"morning list of {people} people on {connection.vendor}: {made / seconds:.0f} notices/s ({made:.0f} in {seconds:.1f} s)")
    print(f"peak memory {small:.0f} MB for {few:.0f} people, {large:.0f} MB for {made:.0f} (limit {FLAT} times), {before:.0f} MB before")
    print(f"second run: {again:.0f} made in {seconds_again:.1f} s")
    if (few, made, again) != (people // 4, people, 0) or large > FLAT * small:
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["tell"]:
        tell(datetime.date.fromisoformat(sys.argv[2]))
    else:
        main(*(int(text) for text in sys.argv[1:]))
