"""Membership: which person holds which role where, from when to when."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Area, Department
from accounts.models.areas import within
from accounts.roles import ENTERPRISE_ROLES, TOWN_ROLES, WHOLE_TOWN, Role
from enterprises.models.enterprise import Enterprise
from enterprises.models.units import Unit

BY_AREA = sorted({*WHOLE_TOWN, Role.VILLAGE})


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Scope and time."""

    def for_user(self, user: Any) -> MembershipQuerySet:
        """Administrators: everybody's in their area; the town: of visible enterprises; managers: of their firm; all: one's own."""
        if user.is_town:
            seen = models.Q(enterprise__in=Enterprise.objects.for_user(user)) | models.Q(user=user)
            if user.role == Role.ADMIN:
                here = user.membership.area_id
                seen |= within("area_id", here) | within("department__area_id", here)
            return self.filter(seen)
        if user.role in (Role.PRINCIPAL, Role.SAFETY_MANAGER):
            return self.filter(enterprise_id=user.membership.enterprise_id)
        return self.filter(user=user)

    def on(self, day: datetime.date) -> MembershipQuerySet:
        """In force on that day."""
        return self.filter(starts_on__lte=day).filter(models.Q(ends_on=None) | models.Q(ends_on__gte=day))

    def current(self) -> MembershipQuerySet:
        """In force today, the oldest first."""
        return self.on(timezone.localdate()).for_list().order_by("pk")

    def for_list(self) -> MembershipQuerySet:
        """With what a list names of each row."""
        return self.select_related("user", "enterprise", "department", "area", "unit", "stands_in_for__user")

    def lasting(self) -> MembershipQuerySet:
        """In force today or later."""
        return self.filter(
            models.Q(ends_on=None) | models.Q(ends_on__gte=timezone.localdate()) & models.Q(ends_on__gte=models.F("starts_on"))
        )

    def ended(self) -> MembershipQuerySet:
        """Over, or ended before it began; the latest first."""
        over = models.Q(ends_on__lt=timezone.localdate()) | models.Q(ends_on__lt=models.F("starts_on"))
        return self.filter(over).order_by("-ends_on", "-pk")

    def same(self, **facts: Any) -> MembershipQuerySet:
        """Own (not stood-in) roles with these facts that are not over."""
        return self.lasting().filter(stands_in_for=None, **facts)

    def beyond(self, user: Any) -> MembershipQuerySet:
        """Roles not over that this administrator or manager does not keep: other areas', other firms'."""
        return self.lasting().exclude(pk__in=Membership.objects.for_user(user).values("pk"))

    def town(self) -> MembershipQuerySet:
        """Roles on the town's side."""
        return self.filter(role__in=sorted(TOWN_ROLES))


class Membership(models.Model):
    """A role of a person in an enterprise, a department or an area; a stand-in's points at whom he replaces."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships", verbose_name="用户")
    role = models.CharField("岗位", max_length=16, choices=Role)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="企业")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="部门")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="区域")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="部门班组")
    starts_on = models.DateField("自", default=timezone.localdate)
    ends_on = models.DateField("至", null=True, blank=True)
    stands_in_for = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="stand_ins", verbose_name="代理")
    reason = models.CharField("代理原因", max_length=100, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=sorted(ENTERPRISE_ROLES), enterprise__isnull=False, department=None, area=None)
                | models.Q(role=Role.DEPARTMENT, enterprise=None, department__isnull=False, area=None, unit=None)
                | models.Q(role__in=BY_AREA, enterprise=None, department=None, area__isnull=False, unit=None),
                name="membership_scope_by_role",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on") - datetime.timedelta(days=1)),
                name="membership_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.get_role_display()}{'(代)' if self.stands_in_for_id else ''}"

    @property
    def place(self) -> str:
        """Where the role is held: enterprise and unit, department, or area."""
        unit = f"·{self.unit}" if self.unit_id and self.unit.kind != Unit.Kind.PLANT else ""
        return f"{self.enterprise or self.department or self.area}{unit}"

    @property
    def is_over(self) -> bool:
        """Ended before today, or before it began."""
        return self.ends_on is not None and (self.ends_on < timezone.localdate() or self.ends_on < self.starts_on)

    def end(self, on: datetime.date) -> None:
        """Ends at once: `on` is the first day without the role; stand-ins end with it."""
        last = on - datetime.timedelta(days=1)
        Membership.objects.filter(models.Q(pk=self.pk) | models.Q(stands_in_for=self)).filter(
            models.Q(ends_on=None) | models.Q(ends_on__gt=last)
        ).update(
            ends_on=models.Case(models.When(starts_on__gt=last, then=models.F("starts_on") - datetime.timedelta(days=1)), default=last)
        )

    def delegate(self, to: Any, *, starts_on: datetime.date, ends_on: datetime.date, reason: str) -> Membership:
        """Let another person hold this role for an absence, from–to; he acts under his own name."""
        return Membership.objects.create(
            user=to,
            role=self.role,
            enterprise=self.enterprise,
            department=self.department,
            area=self.area,
            unit=self.unit,
            starts_on=starts_on,
            ends_on=ends_on,
            stands_in_for=self,
            reason=reason,
        )
