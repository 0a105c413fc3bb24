"""Receivers: who a rule's receivers are on the day of sending, and who is told instead of somebody who left."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.roles import TOWN_ROLES, Role
from core import moment
from duties.posts import Staff
from enterprises.models import Enterprise, Membership, Unit
from notices.models.notice import Kind, Notice
from notices.models.rules import Receiver

POSTS = {Receiver.SAFETY_MANAGER: Role.SAFETY_MANAGER, Receiver.PRINCIPAL: Role.PRINCIPAL}
IN_TOWN = {
    Receiver.INSPECTOR: Role.INSPECTOR,
    Receiver.OFFICER: Role.INSPECTOR,
    Receiver.LEADER: Role.LEADER,
    Receiver.REVIEWER: Role.REVIEWER,
    Receiver.VILLAGE: Role.VILLAGE,
}


@dataclass
class Told:
    """A person to be told, and instead of whom; nobody when it is his own."""

    user: Any
    instead_of: list[Any] = field(default_factory=list)

    def words(self, body: str) -> str:
        """The text, with a line that says for whom."""
        if not self.instead_of:
            return body
        names = "、".join(person.name for person in self.instead_of)
        return f"{body}\n本来通知{names},该人员已离岗或账号停用,请您代为处理或转告接手的人。".strip()


class Directory:
    """Who holds which post in some firms and on the town's side on one day: two queries, however many firms."""

    def __init__(self, enterprises: Iterable[Enterprise], on: datetime.date) -> None:
        self.on = on
        self.staff = Staff([row.pk for row in enterprises], on)
        town = Membership.objects.on(on).filter(role__in=sorted(TOWN_ROLES), user__is_active=True)
        self.town = list(town.select_related("user", "department").order_by("pk"))
        self.town_people = {held.user_id for held in self.town}

    def in_town(self, role: str, area_code: str) -> list[Any]:
        """Everybody of a role on the town's side whose area holds this one."""
        return unique(held.user for held in self.town if held.role == role and area_code.startswith(held.area_id or "-"))

    def in_department(self, department_id: int | None) -> list[Any]:
        """Everybody who acts for a department."""
        return unique(held.user for held in self.town if held.role == Role.DEPARTMENT and held.department_id == department_id)

    def post(self, receiver: str, enterprise: Enterprise, unit: Unit | None) -> list[Any]:
        """Who a receiver is that names a post; a post that nobody holds falls to the next level."""
        area = enterprise.area_id
        if receiver in IN_TOWN:
            return self.in_town(IN_TOWN[Receiver(receiver)], area) or self.in_town(Role.ADMIN, area)
        if receiver == Receiver.ABOVE:
            return self.above(enterprise, unit)
        if receiver == Receiver.DEPARTMENT:
            return self.in_department(enterprise.lead_department_id) or self.post(Receiver.INSPECTOR, enterprise, None)
        if receiver == Receiver.UNIT_HEAD:
            is_department = unit is not None and unit.kind == Unit.Kind.DEPARTMENT
            return (self.staff.holders(unit) if is_department and unit else []) or self.above(enterprise, unit)
        return self.staff.in_role(enterprise.pk, POSTS[Receiver(receiver)]) or self.top(enterprise)

    def above(self, enterprise: Enterprise, unit: Unit | None) -> list[Any]:
        """Who leads the level over this unit; over the plant stands the town."""
        if unit is None or unit.kind == Unit.Kind.PLANT:
            return self.top(enterprise) if unit is None else self.post(Receiver.INSPECTOR, enterprise, None)
        return self.staff.above(SimpleNamespace(unit=unit)) or self.top(enterprise)

    def top(self, enterprise: Enterprise) -> list[Any]:
        """The safety manager, else the principal, else the town's inspectors, else its administrators."""
        managers = self.staff.in_role(enterprise.pk, Role.SAFETY_MANAGER, Role.PRINCIPAL)
        return managers or self.post(Receiver.INSPECTOR, enterprise, None)

    def is_here(self, person: Any, enterprise: Enterprise | None) -> bool:
        """Whether he may still be told: able to sign in, and in force in this firm or on the town's side."""
        if not person.is_active:
            return False
        if enterprise is None:
            return is_in_force(person, self.on)
        return (enterprise.pk, person.pk) in self.staff.members or person.pk in self.town_people

    def instead_of(self, person: Any, enterprise: Enterprise | None, unit: Unit | None) -> list[Any]:
        """The fallback people: in the firm the next level, on the town's side who holds the same role, then the administrators."""
        held = Membership.objects.filter(user=person)
        if enterprise is not None and held.filter(enterprise=enterprise).exists():
            last = held.filter(enterprise=enterprise).select_related("unit").order_by("pk").last()
            own = (last.unit if last else None) or unit
            leaders = self.staff.holders(own) if own and last and last.role == Role.EMPLOYEE else []
            found = leaders or self.above(enterprise, own)
        else:
            post = held.exclude(area=None).order_by("pk").last() or held.select_related("department").order_by("pk").last()
            area = (post.area_id or (post.department.area_id if post.department else "")) if post else ""
            found = self.in_town(post.role, area) if post else []
            found = [one for one in found if one != person] or self.in_town(Role.ADMIN, area)
        return [one for one in found if one != person]

    def reached(self, people: Iterable[Any], *, enterprise: Enterprise | None, unit: Unit | None = None) -> list[Told]:
        """Each of these people once; whoever left is replaced by the fallback people."""
        told: dict[int, Told] = {}
        for person in unique(people):
            if self.is_here(person, enterprise):
                told.setdefault(person.pk, Told(person))
                continue
            for other in self.instead_of(person, enterprise, unit):
                told.setdefault(other.pk, Told(other)).instead_of.append(person)
        return list(told.values())


def unique(people: Iterable[Any]) -> list[Any]:
    """Each person once, in order."""
    return list({person.pk: person for person in people}.values())


def is_in_force(person: Any, on: datetime.date) -> bool:
    """Whether the person can sign in and holds any role on that day."""
    return person.is_active and Membership.objects.on(on).filter(user=person).exists()


def fallback(person: Any, on: datetime.date) -> list[Any]:
    """Who is told for this person when there is no firm at hand: by the role held last."""
    held = Membership.objects.filter(user=person).select_related("enterprise", "unit").order_by("ends_on", "pk")
    last = held.filter(ends_on=None).last() or held.last()
    enterprise = last.enterprise if last else None
    return Directory([enterprise] if enterprise else [], on).instead_of(person, enterprise, last.unit if last else None)


def hand_on(person: Any, notices: Iterable[Notice]) -> int:
    """Give the notices of somebody who left to the fallback people's inboxes, once; how many are new."""
    others = fallback(person, timezone.localdate(moment.now()))
    rows = []
    for row in notices:
        facts = {
            name: getattr(row, name) for name in ("kind", "stage", "subject_model", "subject_pk", "enterprise_id", "area_code", "title")
        }
        for other in others:
            body = Told(other, [person]).words(row.body)
            rows.append(Notice(recipient=other, body=body, url=row.url, is_urgent=row.is_urgent, **facts))
    return Notice.send_many(rows)


def report(delivery: Any) -> int:
    """Tell the person and the fallback people that a message did not get out; how many notices are new."""
    person, channel, day = delivery.channel.user, delivery.channel, timezone.localdate(moment.now())
    titles = [delivery.notice.title] if delivery.notice else list(delivery.items.values_list("notice__title", flat=True)[:8])
    facts = {"kind": Kind.UNDELIVERED, "stage": "parked", "subject_model": delivery._meta.label_lower, "subject_pk": delivery.pk}
    listed = "\n".join(f"· {title}" for title in titles)
    own = Notice(
        recipient=person,
        title=f"您的{channel}收不到消息",
        body=f"连续发送失败:{delivery.last_words}\n请到“消息设置”检查地址并重新测试。没有发出的消息都在站内:\n{listed}",
        url=reverse("notice_settings"),
        **facts,
    )
    rows = [own] if is_in_force(person, day) else []
    for other in fallback(person, day):
        title, body = f"{person.name}的{channel}收不到消息", f"以下消息没有发到{person.name}的{channel},请转告:\n{listed}"
        rows.append(Notice(recipient=other, title=title, body=body, **facts))
    return Notice.send_many(rows)
