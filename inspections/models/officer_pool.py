"""The pool of officers of an area: in while he may inspect and holds a valid certificate (R49)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from accounts.models import Area, Department, User
from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core.models import Event
from enterprises.models import Membership
from inspections.models import machine


class OfficerRowQuerySet(models.QuerySet[Any]):
    """Rows about an officer."""

    def for_user(self, user: Any) -> OfficerRowQuerySet:
        """The whole town's roles: of their area; a department's officer: one's own."""
        if user.role in WHOLE_TOWN:
            return self.filter(within("area_id", user.membership.area_id))
        return self.filter(user=user) if user.role == Role.DEPARTMENT else self.none()

    def areas(self) -> list[str]:
        """The towns that keep such rows, or draw from a pool of firms."""
        kept = set(self.order_by().values_list("area", flat=True)) | set(
            apps.get_model("inspections.Pool").objects.values_list("area", flat=True)
        )
        return sorted(kept)

    def for_list(self) -> OfficerRowQuerySet:
        """With what a list shows: absences the newest first, officers by name."""
        rows = self.select_related("user", "area")
        return rows.select_related("by").order_by("-since", "-pk") if hasattr(self.model, "by") else rows.order_by("user__name", "pk")


class OfficerEntry(models.Model):
    """An officer's time in the pool of officers of an area: in while he may inspect and holds a valid certificate."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="officer_entries", verbose_name="执法人员")
    entered_on = models.DateField("进入日期")
    left_on = models.DateField("移出日期", null=True, blank=True)

    objects = OfficerRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查人员名录"
        constraints = [
            models.UniqueConstraint(fields=["area", "user"], condition=models.Q(left_on=None), name="officer_entry_once"),
            models.CheckConstraint(
                condition=models.Q(left_on=None) | models.Q(left_on__gte=models.F("entered_on")), name="officer_entry_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}"

    def event_scope(self) -> tuple[int | None, str]:
        """No firm's; the area's."""
        return None, self.area_id

    @classmethod
    def refresh(cls, area: str, *, by: Any, on: datetime.date) -> tuple[int, int]:
        """Bring the officers' pool of an area in line with roles and certificates: (came in, went out). Each is told."""
        with transaction.atomic():
            Area.objects.select_for_update().get(pk=area)
            belongs = {person.pk: person for person in officers_of(area) if person.certificate_on(on)}
            held = {row.user_id: row for row in cls.objects.filter(area=area, left_on=None).select_related("user")}
            came = [cls.objects.create(area_id=area, user=belongs[pk], entered_on=on) for pk in sorted(belongs.keys() - held.keys())]
            gone = [held[pk] for pk in sorted(held.keys() - belongs.keys())]
            cls.objects.filter(pk__in=[row.pk for row in gone]).update(left_on=on)
            for rows, move, label in ((came, "open", "进入检查人员名录"), (gone, "leave", "移出检查人员名录")):
                for row in rows:
                    Event.record(row, by=by, on=on, move=move, label=label, note=row.user.name, audience=Event.Audience.TOWN)
        return len(came), len(gone)


def officers_of(area: str, department: Department | None = None) -> Iterable[User]:
    """Who may inspect in this area: its inspectors and its departments' officers, or those of one department alone, by key."""
    held = Membership.objects.current().filter(role__in=sorted(machine.OFFICERS))
    held = held.filter(department=department) if department else held.filter(within("area_id", area) | within("department__area_id", area))
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk").prefetch_related("certificates")
