"""The people of the demo: the town's accounts of the contract, and the five firms' staff."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password

from accounts.demo_accounts import PASSWORD
from accounts.models import Area, Department, OfficerCertificate, Role, User
from duties.models import Occurrence
from duties.periods import ONE_DAY
from enterprises.models import Enterprise, Membership, Unit

SINCE = datetime.date(2019, 1, 1)
TOWN = (
    ("admin", "周明", Role.ADMIN),
    ("leader", "何建国", Role.LEADER),
    ("inspector", "李敏", Role.INSPECTOR),
    ("inspector2", "王磊", Role.INSPECTOR),
    ("reviewer", "陈思远", Role.REVIEWER),
)
# Who, number, organ, scope, from and to in days from today: one about to end, one ended and replaced.
ORGAN = "重庆市綦江区人民政府"
SCOPE = "安全生产,綦江区石角镇"
CERTIFICATES = (
    ("inspector", "渝綦执-000098", ORGAN, SCOPE, -1650, -190),
    ("inspector", "渝綦执-000123", ORGAN, SCOPE, -200, 895),
    ("inspector2", "渝綦执-000124", ORGAN, SCOPE, -1055, 40),
    ("department", "渝綦执-000217", ORGAN, "工业和信息化、安全生产,綦江区石角镇", -420, 675),
)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = ("建华", "秀英", "国强", "丽娟", "志明", "晓燕", "永刚", "春梅", "大勇", "淑芳", "文斌", "小红", "开富", "德贵", "天明", "光荣")


@dataclass
class Town:
    """The town's people who act on firms."""

    inspectors: list[User]
    reviewer: User
    leader: User
    system: User

    @classmethod
    def now(cls) -> Town:
        """As `Cast.town` made them."""
        named = {user.username: user for user in User.objects.filter(username__in=[row[0] for row in TOWN])}
        return cls([named["inspector"], named["inspector2"]], named["reviewer"], named["leader"], User.objects.system())


@dataclass
class Firm:
    """One enterprise: its units and who holds which post; the smallest have a principal only."""

    enterprise: Enterprise
    principal: User
    safety: User | None
    plant: Unit
    heads: list[User] = field(default_factory=list)
    teams: list[tuple[Unit, User]] = field(default_factory=list)
    employees: list[User] = field(default_factory=list)
    departments: list[Unit] = field(default_factory=list)

    @property
    def managers(self) -> tuple[User, User]:
        """The safety manager and the principal, of a firm that has both."""
        assert self.safety is not None  # noqa: S101 - asked of larger firms only
        return self.safety, self.principal

    @property
    def workers(self) -> list[tuple[Unit, User]]:
        """(unit, employee), for what they report."""
        units = [unit for unit, _ in self.teams] or self.departments or [self.plant]
        return [(units[number % len(units)], person) for number, person in enumerate(self.employees)]

    def doer(self, row: Occurrence) -> User:
        """Who does a periodic duty: the named person, the head of the unit, else a manager."""
        led = {unit.pk: leader for unit, leader in (*self.teams, *zip(self.departments, self.heads, strict=True))}
        if row.level == Unit.Kind.PLANT and row.plan.duty.is_ladder:
            return self.principal
        named = {person.pk: person for person in (self.safety, self.principal) if person}
        return named.get(row.responsible_id or 0) or led.get(row.unit_id) or self.safety or self.principal


class Cast:
    """Makes people; one hashed password for all of them."""

    def __init__(self) -> None:
        self.password = make_password(PASSWORD)
        self.count = 0

    def user(self, username: str, name: str = "") -> User:
        """A person with the demo's password."""
        self.count += 1
        name = name or SURNAMES[self.count % len(SURNAMES)] + GIVEN[(self.count * 7) % len(GIVEN)]
        phone = f"138{20000000 + self.count * 317:08d}"[:11]
        return User.objects.create(username=username, name=name, password=self.password, phone=phone)

    def member(self, user: User, role: str, **place: object) -> User:
        """Give a role since 2019."""
        Membership.objects.create(user=user, role=role, starts_on=SINCE, **place)
        return user

    def town(self, town: Area, village: Area) -> None:
        """The town's accounts of the contract."""
        for username, name, role in TOWN:
            self.member(self.user(username, name), role, area=town)
        self.member(self.user("department", "罗经发"), Role.DEPARTMENT, department=Department.objects.get(code="ECONOMY"))
        self.member(self.user("village", "刘村安"), Role.VILLAGE, area=village)

    def certificates(self, today: datetime.date) -> None:
        """The officers' certificates."""
        for username, number, organ, scope, first, last in CERTIFICATES:
            period = {"valid_from": today + first * ONE_DAY, "valid_to": today + last * ONE_DAY}
            holder = User.objects.get(username=username)
            OfficerCertificate.objects.create(user=holder, number=number, organ=organ, scope=scope, **period)

    def firm(self, enterprise: Enterprise, names: dict[str, str], *, teams: int) -> Firm:
        """Units and people of one firm; `names` are user names by post, other people get numbered ones."""
        prefix = f"e{enterprise.pk}"
        pick = lambda post: names.get(post, f"{prefix}{post}")  # noqa: E731
        plant = Unit.plant_of(enterprise)
        firm = Firm(
            enterprise,
            self.member(self.user(pick("principal"), key_name(enterprise, "manager")), Role.PRINCIPAL, enterprise=enterprise, unit=plant),
            self.member(self.user(pick("safety"), key_name(enterprise, "safety")), Role.SAFETY_MANAGER, enterprise=enterprise, unit=plant),
            plant,
        )
        is_machinery = enterprise.sector is not None and enterprise.sector.code == "MACHINERY"
        shops = ("冲压车间", "装配车间", "仓储部") if is_machinery else ("生产车间", "包装车间", "仓储部")
        for number in range((teams + 1) // 2):
            shop = Unit.objects.create(enterprise=enterprise, parent=plant, kind="department", name=shops[number % 3])
            firm.departments.append(shop)
            firm.heads.append(
                self.member(
                    self.user(pick("head") if not number else f"{prefix}head{number}"), Role.UNIT_HEAD, enterprise=enterprise, unit=shop
                )
            )
        for number in range(teams):
            unit = Unit.objects.create(
                enterprise=enterprise, parent=firm.departments[number // 2], kind="team", name="甲乙丙丁"[number % 4] + "班"
            )
            leader = self.member(
                self.user(pick("team") if not number else f"{prefix}team{number}"), Role.TEAM_LEADER, enterprise=enterprise, unit=unit
            )
            firm.teams.append((unit, leader))
            worker = self.user(pick("employee") if not number else f"{prefix}worker{number}")
            firm.employees.append(self.member(worker, Role.EMPLOYEE, enterprise=enterprise, unit=unit))
        return firm


def key_name(enterprise: Enterprise, kind: str) -> str:
    """Who the roster names for this post, "" when nobody."""
    person = enterprise.key_people.filter(kind=kind).first()  # type: ignore[attr-defined]
    return person.name if person else ""
