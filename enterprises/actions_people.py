"""What is done with people and their roles; each is an Event of the enterprise, or of the person for the town's own."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import second_factor
from accounts.models import OneTimeCode, SignInSession, User
from core.models import Event
from enterprises.models import Membership


class NameTaken(Exception):
    """Somebody else got this user name a moment ago; nothing was made."""


def subject_of(membership: Membership) -> Any:
    """Whose story an act on this role belongs to: the enterprise's, else the person's."""
    return membership.enterprise or membership.user


def locked(membership: Membership) -> Membership:
    """The row as it is now; a second sender waits for the first."""
    return Membership.objects.select_for_update().get(pk=membership.pk)


def tell(subject: Any, *, by: Any, move: str, label: str, note: str) -> None:
    """One entry, dated today."""
    Event.record(subject, by=by, on=timezone.localdate(), move=move, label=label, note=note)


@transaction.atomic
def invite(
    *, by: Any, name: str, username: str, phone: str, email: str, nonce: uuid.UUID, role: str, starts_on: datetime.date, **place: Any
) -> OneTimeCode:
    """A new person without a password, a first role, and the code that lets the person in."""
    user = User(username=username, name=name, phone=phone, email=email)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken(username) from error
    held = Membership.objects.create(user=user, role=role, starts_on=starts_on, **place)
    tell(subject_of(held), by=by, move="invite", label="邀请人员", note=f"{name}({username}),{held}")
    return OneTimeCode.issue(user, purpose=OneTimeCode.Purpose.INVITE, by=by, nonce=nonce)


@transaction.atomic
def add_role(*, by: Any, user: Any, role: str, starts_on: datetime.date, **place: Any) -> Membership:
    """One more role for a person; one held already is given back as it is."""
    User.objects.select_for_update().get(pk=user.pk)
    for held in Membership.objects.same(user=user, role=role, **place):
        return held
    held = Membership.objects.create(user=user, role=role, starts_on=starts_on, **place)
    tell(subject_of(held), by=by, move="add_role", label="增加岗位", note=f"{user.name}({user.username}),{held}")
    return held


@transaction.atomic
def end_role(membership: Membership, *, by: Any) -> None:
    """From now on without the role, stand-ins included; ended twice is ended once."""
    if locked(membership).is_over:
        return
    membership.end(timezone.localdate())
    tell(subject_of(membership), by=by, move="end_role", label="结束岗位", note=f"{membership.user.name},{membership}")


@transaction.atomic
def delegate(membership: Membership, *, by: Any, to: Any, starts_on: datetime.date, ends_on: datetime.date, reason: str) -> Membership:
    """Somebody else holds the role too, from–to; the same again is the same stand-in."""
    same = locked(membership).stand_ins.filter(user=to, starts_on=starts_on, ends_on=ends_on).first()
    if same:
        return same
    stand_in = membership.delegate(to, starts_on=starts_on, ends_on=ends_on, reason=reason)
    note = f"{membership.user.name} 的“{membership}”由 {to.name} 代理,{starts_on} 至 {ends_on},{reason}"
    tell(subject_of(membership), by=by, move="delegate", label="委托代理", note=note)
    return stand_in


@transaction.atomic
def issue_code(user: Any, *, by: Any, subject: Any, nonce: uuid.UUID) -> OneTimeCode:
    """A code that resets the password; for whoever never had one it is an invitation again."""
    purpose = OneTimeCode.Purpose.RESET if user.has_usable_password() else OneTimeCode.Purpose.INVITE
    tell(subject, by=by, move="issue_code", label="签发一次性代码", note=f"{user.name}({user.username}),{purpose.label}")
    return OneTimeCode.issue(user, purpose=purpose, by=by, nonce=nonce)


@transaction.atomic
def set_active(user: Any, *, by: Any, active: bool) -> None:
    """Enable or disable an account; disabling ends every sign-in at once."""
    if not User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
        return
    if not active:
        SignInSession.objects.for_user(user).revoke()
    word = "启用" if active else "停用"
    tell(user, by=by, move="enable" if active else "disable", label=f"{word}账号", note=f"{user.name}({user.username})")


def reset_second_factor(user: Any, *, by: Any) -> None:
    """The person sets a new one up at the next sign-in."""
    second_factor.remove(user, by=by)
