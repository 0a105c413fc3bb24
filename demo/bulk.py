"""The firms that are not played: their people, units, plans and half a year of history, some hundred firms at a time."""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.models import Role, User
from core.models import Event
from demo.checks import Lists, Rounds
from demo.days import Days, at
from demo.hazards import Courses
from demo.people import GIVEN, SINCE, SURNAMES, Cast, Firm, Town
from demo.scenes import Album
from demo.story import Past
from duties.models import Duty, DutyPlan
from duties.periods import midnight
from enterprises.models import Enterprise, KeyPerson, Membership, StopPeriod, Unit
from hazards.models import Checklist

AT_ONCE = 40
WITH_HEAD = 10
STOPPED_WEEKS = 7
VISIT_DAYS = (1, 2, 3)


class Staffing:
    """Units and people of firms in bulk: a principal; from four people on a safety manager and a worker; from ten on a shop with its head."""

    def __init__(self, cast: Cast, enterprises: list[Enterprise]) -> None:
        self.cast, self.enterprises = cast, enterprises
        kinds = ("manager", "safety")
        self.named = dict[tuple[int, str], str]()
        for person in KeyPerson.objects.current().filter(enterprise__in=enterprises, kind__in=kinds):
            self.named.setdefault((person.enterprise_id, person.kind), person.name)

    def make(self) -> list[Firm]:
        """One Firm each, written in few statements."""
        plants = Unit.objects.bulk_create([Unit(enterprise=e, kind="plant", name="全厂") for e in self.enterprises], batch_size=500)
        self.places = {e.pk: place for place, e in enumerate(self.enterprises)}
        firms = [Firm(e, self._person(e, "m", "manager"), None, p) for e, p in zip(self.enterprises, plants, strict=True)]
        for firm in firms:
            size = firm.enterprise.headcount or WITH_HEAD
            if size > 3:
                firm.safety = self._person(firm.enterprise, "s", "safety")
                firm.employees = [self._person(firm.enterprise, "w")]
            if size >= WITH_HEAD:
                firm.departments = [Unit(enterprise=firm.enterprise, parent=firm.plant, kind="department", name="生产车间")]
                firm.heads = [self._person(firm.enterprise, "h")]
        Unit.objects.bulk_create([unit for firm in firms for unit in firm.departments], batch_size=500)
        User.objects.bulk_create([person for firm in firms for person in people_of(firm)], batch_size=500)
        Membership.objects.bulk_create([held for firm in firms for held in self._memberships(firm)], batch_size=500)
        return firms

    def _person(self, enterprise: Enterprise, letter: str, kind: str = "") -> User:
        chance = random.Random(f"{letter}{self.places[enterprise.pk]}")
        made_up = chance.choice(SURNAMES) + chance.choice(GIVEN)
        name = self.named.get((enterprise.pk, kind), made_up)
        return User(username=f"{letter}{enterprise.pk}", name=name, password=self.cast.password)

    def _memberships(self, firm: Firm) -> Iterator[Membership]:
        shop = firm.departments[0] if firm.departments else firm.plant
        posts = [(firm.principal, Role.PRINCIPAL, firm.plant), (firm.safety, Role.SAFETY_MANAGER, firm.plant)]
        posts += [(person, Role.UNIT_HEAD, shop) for person in firm.heads] + [(person, Role.EMPLOYEE, shop) for person in firm.employees]
        for person, role, unit in posts:
            if person:
                yield Membership(user=person, role=role, enterprise=firm.enterprise, unit=unit, starts_on=SINCE)


def people_of(firm: Firm) -> list[User]:
    """Everybody of a firm made in bulk."""
    return [person for person in (firm.principal, firm.safety, *firm.heads, *firm.employees) if person]


def plan(firms: list[Firm], days: Days, town: Town) -> list[Firm]:
    """Weekly and monthly lists, and the self-checks of dangerous traits, from the first day on; the firms that were set up.

    A few are not: the town's page of firms without plans has something to show.
    """
    chance = random.Random(len(firms))
    chosen = [firm for firm in firms if firm.enterprise.status == Enterprise.Status.ACTIVE and chance.random() < 0.93]
    lists = Checklist.by_level("", days.first)
    traits: dict[int, set[str]] = defaultdict(set)
    for pk, code in Enterprise.objects.filter(pk__in=[f.enterprise.pk for f in chosen]).values_list("pk", "traits__code"):
        traits[pk].add(code or "")
    duties = [duty for duty in Duty.objects.in_force(days.first).order_by("code") if duty.level != Unit.Kind.TEAM]
    rows = []
    for firm in chosen:
        for duty in duties:
            if duty.trait and duty.trait not in traits[firm.enterprise.pk]:
                continue
            unit = firm.departments[0] if firm.departments and duty.level == Unit.Kind.DEPARTMENT else firm.plant
            keeper = (firm.safety or firm.principal) if duty.trait else None
            code = duty.checklist_code or lists[duty.level].code
            facts = {"checklist_code": code, "responsible": keeper, "starts_on": days.first}
            rows.append((firm, DutyPlan(enterprise=firm.enterprise, unit=unit, duty=duty, **facts)))
    DutyPlan.objects.bulk_create([row for _, row in rows], batch_size=500)
    Event.objects.bulk_create([begun(row, firm.safety or firm.principal, days.first) for firm, row in rows], batch_size=500)
    return chosen


def begun(row: DutyPlan, by: User, on: datetime.date) -> Event:
    """The Event that `DutyPlan.begin` writes."""
    who = row.responsible.name if row.responsible else "部门班组负责人"
    lines = [f"{row.duty},{row.calendar_label}", f"责任人:{who}"]
    facts: dict[str, Any] = {"move": "begin", "label": "开始任务计划", "note": str(row), "data": {"lines": lines}}
    return Event.about(row, by=by, on=on, at=at(on, 8, 30), **facts)


class History:
    """Half a year of a few dozen firms, told into a `Past`."""

    def __init__(self, days: Days, town: Town, album: Album, seed: int) -> None:
        self.days, self.town = days, town
        self.past, self.chance = Past(album), random.Random(seed)
        self.courses = Courses(self.past, days, town, self.chance)

    def tell(self, firms: list[Firm], until: datetime.datetime) -> Rounds:
        """Their checks and what grew out of them, the town's visits, what employees reported; `settle` the result in the end."""
        rounds = Rounds(self.courses, Lists(firms[0]))
        rounds.tell(firms, until)
        self.visits(firms, until)
        for firm in firms:
            for day in self._some_days(1 if firm.workers and self.chance.random() < 0.4 else 0, firm):
                self.courses.snap(firm, day, until)
        return rounds

    def visits(self, firms: list[Firm], until: datetime.datetime) -> None:
        """The town's visits to these firms."""
        for firm in firms:
            for day in self._some_days(self.chance.choice(VISIT_DAYS), firm):
                self.courses.visit(firm, day, until)

    def _some_days(self, count: int, firm: Firm) -> list[datetime.date]:
        """That many worked days; of a firm that stands still, before it stopped."""
        weeks = STOPPED_WEEKS if firm.enterprise.status == Enterprise.Status.STOPPED else 0
        last = self.days.today - datetime.timedelta(weeks=weeks)
        return sorted(self.chance.sample([day for day in self.days.worked if self.days.first <= day < last], count))


def stop(firms: Iterable[Firm], days: Days, by: User) -> None:
    """The firms that stand still have done so since some weeks ago."""
    since = days.today - datetime.timedelta(weeks=STOPPED_WEEKS - 1)
    stopped = [firm.enterprise for firm in firms if firm.enterprise.status == Enterprise.Status.STOPPED]
    StopPeriod.objects.bulk_create([StopPeriod(enterprise=e, starts_on=since, reason="订单不足,暂停生产", by=by) for e in stopped])


def confirm(firms: Iterable[Firm], on: datetime.date, by: User) -> None:
    """The town has confirmed about two thirds of the principals."""
    pks = [firm.enterprise.pk for place, firm in enumerate(firms) if place % 3]
    KeyPerson.objects.filter(enterprise__in=pks, kind="manager").update(confirmed_on=on, confirmed_by=by)


def read(pks: list[int]) -> list[Firm]:
    """Firms made by `Staffing`, read back."""
    found: dict[int, Firm] = {}
    held = Membership.objects.filter(enterprise__in=pks).select_related("enterprise", "user", "unit").order_by("pk")
    for one in held:
        enterprise, unit = one.enterprise, one.unit
        assert enterprise and unit  # noqa: S101 - everybody of a firm belongs to a unit
        if one.role == Role.PRINCIPAL:
            found[enterprise.pk] = Firm(enterprise, one.user, None, unit)
        elif one.role == Role.SAFETY_MANAGER:
            found[enterprise.pk].safety = one.user
        elif one.role == Role.UNIT_HEAD:
            found[enterprise.pk].heads.append(one.user)
            found[enterprise.pk].departments.append(unit)
        else:
            found[enterprise.pk].employees.append(one.user)
    return list(found.values())


def write_all(history: History, firms: list[Firm], days: Days) -> None:
    """Half a year of these firms, written at once: for the further townships of `--scale`."""
    rounds = history.tell(firms, midnight(days.today))
    for day in days.past:
        history.past.write(day)
    rounds.settle()
