"""The project's own User, from the first migration."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower

from accounts.models.areas import within
from accounts.roles import MANAGERS, TOWN_ROLES, Role
from core.fields import EncryptedField

SYSTEM_USERNAME = "system"


class People(UserManager["User"]):
    """Finds and makes people."""

    def system(self) -> User:
        """The seeded person who makes the system's own moves: `Event.by` is never empty."""
        return self.get_or_create(username=SYSTEM_USERNAME, defaults={"name": "系统", "is_active": False, "password": "!"})[0]

    def get_by_natural_key(self, username: str | None) -> User:
        """Names are compared without case."""
        return self.get(username__iexact=username)

    def for_user(self, user: Any) -> models.QuerySet[User]:
        """Administrators: who holds or held a role in their area; managers: in their firm; else oneself."""
        seen = models.Q(pk=user.pk)
        if user.role == Role.ADMIN:
            for place in ("memberships__area_id", "memberships__department__area_id", "memberships__enterprise__area_id"):
                seen |= within(place, user.membership.area_id)
        elif user.role in MANAGERS:
            seen |= models.Q(memberships__enterprise_id=user.membership.enterprise_id)
        return self.exclude(username=SYSTEM_USERNAME).filter(seen).distinct()

    def named(self, username: str) -> User | None:
        """The person with this user name, whatever the case of its letters."""
        return self.filter(username__iexact=username).exclude(username=SYSTEM_USERNAME).first()

    def taken(self, username: str) -> bool:
        """Whether the user name is somebody's."""
        return self.filter(username__iexact=username).exists()


class User(AbstractUser):
    """A person. What he may do comes from the active Membership, never from a flag on this row."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("姓名", max_length=40)
    phone = EncryptedField("手机", blank=True)

    objects = People()  # type: ignore[misc]
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        constraints = [models.UniqueConstraint(Lower("username"), name="username_without_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_system(self) -> bool:
        """Whether this is the seeded system user."""
        return self.username == SYSTEM_USERNAME

    @property
    def membership(self) -> Any:
        """The active Membership of this request, else the first one in force, else None."""
        if "_membership" not in self.__dict__:
            self.__dict__["_membership"] = self.memberships.current().first()  # type: ignore[attr-defined]
        return self.__dict__["_membership"]

    @membership.setter
    def membership(self, value: Any) -> None:
        self.__dict__["_membership"] = value

    @property
    def membership_id(self) -> int | None:
        """The active Membership's pk."""
        return self.membership.pk if self.membership else None

    @property
    def role(self) -> str:
        """The active role, "" without one."""
        return self.membership.role if self.membership else ""

    @property
    def role_label(self) -> str:
        """The active role's Chinese name."""
        return Role(self.role).label if self.role else "没有岗位"

    @property
    def staff_number(self) -> str:
        """The number under which this person stands in published lists: ours, never an ID number."""
        return f"{self.pk:06d}"

    @property
    def is_town(self) -> bool:
        """Whether the active role is on the town's side."""
        return self.role in TOWN_ROLES

    @property
    def is_office(self) -> bool:
        """Whether this person reads the town's own affairs: schemes, warnings, violations, reports; villages and firms do not."""
        return self.is_town and self.role != Role.VILLAGE

    @property
    def has_second_factor(self) -> bool:
        """Whether a confirmed authenticator stands on this account: then every sign-in asks for it."""
        return self.totpdevice_set.filter(confirmed=True).exists()  # type: ignore[attr-defined]

    def certificate_on(self, day: datetime.date) -> Any:
        """The OfficerCertificate valid on that day that ends last, None without one."""
        return self.certificates.valid_on(day).order_by("-valid_to", "-pk").first()  # type: ignore[attr-defined]

    @property
    def needs_second_factor(self) -> bool:
        """Whether the active role may not work without one."""
        return settings.SECOND_FACTOR_REQUIRED and self.role in TOWN_ROLES

    def has_module_perms(self, app_label: str) -> bool:
        """The admin site is for the role `admin`."""
        return self.is_active and self.role == Role.ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """The admin site is for the role `admin`; what he may change there each ModelAdmin says."""
        return self.is_active and self.role == Role.ADMIN
