"""部门班组: the unit tree of an enterprise."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from accounts.roles import MANAGERS, Role
from core.models import Event
from enterprises.forms.parts import UnitForm
from enterprises.models import Membership, Unit
from enterprises.views.base import FileMixin, PartAct, PartCreate, PartUpdate

LEADERS = frozenset({Role.UNIT_HEAD, Role.TEAM_LEADER})


class UnitTree(FileMixin, TemplateView):
    """The tree with who answers for each unit."""

    template_name = "enterprises/unit_tree.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the tree in reading order, as (depth, unit, people)."""
        lines = self.lines()
        return super().get_context_data(lines=lines, some_stay=any(not unit.can_close for _, unit, _ in lines), **kwargs)

    def lines(self) -> list[tuple[int, Unit, list[Membership]]]:
        """Depth first, from the plant."""
        user = self.request.user
        units = list(Unit.objects.for_user(user).open().filter(enterprise=self.enterprise).order_by("name", "pk"))
        parents = {unit.parent_id for unit in units}
        people: dict[int | None, list[Membership]] = {}
        for held in Membership.objects.for_user(user).filter(enterprise=self.enterprise).current().select_related("user", "unit"):
            people.setdefault(held.unit_id, []).append(held)

        def below(parent: int | None, depth: int) -> list[tuple[int, Unit, list[Membership]]]:
            found = []
            for unit in (u for u in units if u.parent_id == parent):
                unit.can_close = unit.kind != Unit.Kind.PLANT and not people.get(unit.pk) and unit.pk not in parents
                near = people.get(unit.pk, []) + (people.get(None, []) if parent is None else [])
                roles = MANAGERS if unit.kind == Unit.Kind.PLANT else LEADERS
                found += [(depth, unit, [held for held in near if held.role in roles]), *below(unit.pk, depth + 1)]
            return found

        return below(None, 0)


class UnitCreate(PartCreate):
    """A new department or team."""

    model = Unit
    form_class = UnitForm
    title = "新增部门班组"
    back = "enterprise_units"

    def get_initial(self) -> dict[str, Any]:
        """Under the plant, which is made when it is missing."""
        return {"parent": Unit.plant_of(self.enterprise).pk, "kind": Unit.Kind.TEAM}


class UnitUpdate(PartUpdate):
    """A unit renamed or moved."""

    model = Unit
    form_class = UnitForm
    title = "修改部门班组"
    back = "enterprise_units"


class UnitClose(PartAct):
    """A unit dissolved: not while units or people are in it."""

    model = Unit
    back = "enterprise_units"
    done = "已撤销。"

    def act(self) -> str:
        """Close it today."""
        unit = self.part
        if unit.closed_on:
            return ""
        if unit.kind == Unit.Kind.PLANT:
            return "“厂”不能撤销。"
        if unit.children.filter(closed_on=None).exists():
            return f"“{unit}”下面还有班组,请先撤销或移走。"
        if unit.memberships.current().exists():
            return f"“{unit}”里还有人员,请先在“人员”里调走或结束岗位。"
        unit.closed_on = timezone.localdate()
        unit.save()
        Event.record(self.enterprise, by=self.request.user, on=unit.closed_on, move="close_unit", label="撤销部门班组", note=unit.name)
        return ""
