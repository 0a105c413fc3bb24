"""Posts: who answers for a unit on a day, and who stands above it; read from dated Memberships, stand-ins included."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from accounts.roles import Role
from enterprises.models import Membership, Unit

POSTS: dict[str, tuple[str, ...]] = {
    Unit.Kind.TEAM: (Role.TEAM_LEADER,),
    Unit.Kind.DEPARTMENT: (Role.UNIT_HEAD,),
    Unit.Kind.PLANT: (Role.PRINCIPAL, Role.SAFETY_MANAGER),
}


class Staff:
    """The people of some firms on one day, in one query; answers who holds which post."""

    def __init__(self, enterprise_ids: Iterable[int], on: datetime.date) -> None:
        rows = Membership.objects.on(on).filter(enterprise_id__in=set(enterprise_ids), user__is_active=True).select_related("user")
        self.by_unit: dict[tuple[int, str], list[User]] = {}
        self.by_firm: dict[tuple[int, str], list[User]] = {}
        self.members: set[tuple[int, int]] = set()
        for held in rows.order_by("pk"):
            firm = held.enterprise_id or 0
            self.members.add((firm, held.user_id))
            self.by_firm.setdefault((firm, held.role), []).append(held.user)
            if held.unit_id:
                self.by_unit.setdefault((held.unit_id, held.role), []).append(held.user)

    def in_role(self, enterprise_id: int, *roles: str) -> list[User]:
        """Everybody of a firm who holds the first of these roles that anybody holds."""
        return next((found for role in roles if (found := self.by_firm.get((enterprise_id, role)))), [])

    def holders(self, unit: Unit, level: str = Unit.Kind.PLANT) -> list[User]:
        """Who leads the unit: 班组长, 部门负责人, or for the plant 主要负责人; lists of lower levels fall to 安全管理员 there."""
        if unit.kind == Unit.Kind.PLANT:
            order = (Role.PRINCIPAL, Role.SAFETY_MANAGER) if level == Unit.Kind.PLANT else (Role.SAFETY_MANAGER, Role.PRINCIPAL)
            return self.in_role(unit.enterprise_id, *order)
        return next((found for role in POSTS[unit.kind] if (found := self.by_unit.get((unit.pk, role)))), [])

    def of(self, occurrence: Any) -> list[User]:
        """Who answers for it: the named person while still in the firm and able to sign in, else the post."""
        named = occurrence.responsible
        if named and named.is_active and (occurrence.enterprise_id, named.pk) in self.members:
            return [named]
        return self.holders(occurrence.unit, occurrence.level)

    def above(self, occurrence: Any) -> list[User]:
        """Who stands over it: a team's head of department; else the safety manager, else the principal; over the plant's own list nobody here."""
        unit = occurrence.unit
        if unit.kind == Unit.Kind.PLANT:
            return self.in_role(unit.enterprise_id, Role.PRINCIPAL) if occurrence.level != Unit.Kind.PLANT else []
        heads = self.by_unit.get((unit.parent_id or 0, Role.UNIT_HEAD), []) if unit.kind == Unit.Kind.TEAM else []
        return heads or self.in_role(unit.enterprise_id, Role.SAFETY_MANAGER, Role.PRINCIPAL)


def people_of(occurrences: Iterable[Any], on: datetime.date) -> dict[int, list[User]]:
    """{occurrence pk: who answers for it on that day}; one query when units and named persons are loaded."""
    rows = list(occurrences)
    staff = Staff([row.enterprise_id for row in rows], on)
    return {row.pk: staff.of(row) for row in rows}
