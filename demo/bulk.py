"""The rest of the township in bulk: plants, one manager each, submitted checks and closed or open hazards."""

from __future__ import annotations

import datetime
import random
from typing import Any

from django.utils import timezone

from accounts.models import Role, User
from core.models import Counter, Event
from demo.people import SINCE, Cast
from demo.play import FOUND
from enterprises.models import Enterprise, KeyPerson, Membership, Unit
from hazards.models import Answer, Check, Checklist, Hazard


def fill(enterprises: list[Enterprise], cast: Cast, today: datetime.date, inspector: User) -> None:
    """Give each enterprise a manager, a plant, this week's and last week's checks, and a few hazards."""
    chance = random.Random(4)
    users = User.objects.bulk_create(
        [User(username=f"m{e.pk}", name=_principal(e), password=cast.password) for e in enterprises], batch_size=500
    )
    plants = Unit.objects.bulk_create([Unit(enterprise=e, kind="plant", name="全厂") for e in enterprises], batch_size=500)
    Membership.objects.bulk_create(
        [
            Membership(user=u, role=Role.PRINCIPAL, enterprise=e, unit=p, starts_on=SINCE)
            for e, u, p in zip(enterprises, users, plants, strict=True)
        ],
        batch_size=500,
    )
    weekly = Checklist.objects.in_force(today).filter(level="department").order_by("pk")[0]
    active = [row for row in zip(enterprises, users, plants, strict=True) if row[0].status == Enterprise.Status.ACTIVE]
    _checks([row for row in active if chance.random() < 0.8], weekly, today)
    _hazards(active, today, inspector, chance)
    half = [e.pk for e, _, _ in active if chance.random() < 0.5]
    KeyPerson.objects.filter(enterprise__in=half, kind="manager").update(confirmed_on=today, confirmed_by=inspector)


def _principal(enterprise: Enterprise) -> str:
    person = enterprise.key_people.filter(kind="manager").first()  # type: ignore[attr-defined]
    return person.name if person else "负责人"


def _checks(rows: list[tuple[Enterprise, User, Unit]], checklist: Checklist, today: datetime.date) -> None:
    first, last = checklist.window(today - datetime.timedelta(days=7))
    at = timezone.make_aware(datetime.datetime.combine(last - datetime.timedelta(days=2), datetime.time(15, 30)))
    version = checklist.freeze(rows[0][0], first)
    checks = Check.objects.bulk_create(
        [
            Check(
                enterprise=e,
                unit=p,
                version_used=version,
                checklist_code=checklist.code,
                frequency=checklist.frequency,
                window_start=first,
                window_end=last,
                holder=u,
                opened_at=at,
                submitted_at=at,
                submitted_by=u,
                receipt=f"JC{last:%Y%m%d}-B{e.pk:07d}",
                state=Check.State.SUBMITTED,
                version=1,
            )
            for e, u, p in rows
        ],
        batch_size=500,
    )
    answers = (
        Answer(check_row=c, position=n, result="pass", by=c.holder, at=at, version=1) for c in checks for n in range(version.item_count)
    )
    Answer.objects.bulk_create(answers, batch_size=1000)
    Event.objects.bulk_create([_event(c, c.holder, "submit", "提交检查", ("open", "submitted"), at) for c in checks], batch_size=500)


def _hazards(rows: list[tuple[Enterprise, User, Unit]], today: datetime.date, inspector: User, chance: random.Random) -> None:
    wanted = [row for row in rows for _ in range(chance.choice((0, 1, 1, 2)))]
    number = Counter.take(f"hazard:{today.year}", max(1, len(wanted)))
    made = []
    for offset, (enterprise, user, plant) in enumerate(wanted):
        age = chance.randint(4, 40)
        found = today - datetime.timedelta(days=age)
        closed = chance.random() < 0.75
        made.append(
            Hazard(
                number=f"YH{today.year}-{number + offset:06d}",
                enterprise=enterprise,
                unit=plant,
                source="inspection",
                level="normal",
                place="车间",
                description=FOUND[offset % len(FOUND)][0],
                found_on=found,
                found_by=inspector,
                decide_by_on=found + datetime.timedelta(days=1),
                rectifier=user,
                due_on=found + datetime.timedelta(days=7 if closed else chance.choice((3, 45))),
                state="closed" if closed else "rectifying",
                measures=FOUND[offset % len(FOUND)][2] if closed else "",
                fixed_on=found + datetime.timedelta(days=3) if closed else None,
                closed_on=found + datetime.timedelta(days=4) if closed else None,
                closed_by=inspector if closed else None,
                version=3 if closed else 2,
            )
        )
    story = []
    for hazard in Hazard.objects.bulk_create(made, batch_size=500):
        noon = timezone.make_aware(datetime.datetime.combine(hazard.found_on, datetime.time(10, 5)))
        story.append(_event(hazard, inspector, "open", "登记", ("", "reported"), noon, hazard.description))
        story.append(_event(hazard, hazard.rectifier, "assign", "指派整改", ("reported", "assigned"), noon + datetime.timedelta(hours=3)))
        if hazard.closed_on:
            days = datetime.timedelta(days=3)
            story.append(
                _event(hazard, hazard.rectifier, "submit_fix", "提交整改", ("assigned", "pending_acceptance"), noon + days, hazard.measures)
            )
            story.append(
                _event(hazard, inspector, "accept_fix", "验收通过", ("pending_acceptance", "closed"), noon + datetime.timedelta(days=4))
            )
        else:
            story.append(
                _event(hazard, hazard.rectifier, "start_fix", "开始整改", ("assigned", "rectifying"), noon + datetime.timedelta(days=1))
            )
    Event.objects.bulk_create(story, batch_size=500)


def _event(row: Any, by: Any, move: str, label: str, states: tuple[str, str], at: datetime.datetime, note: str = "") -> Event:
    return Event(
        by=by,
        on=timezone.localdate(at),
        at=at,
        move=move,
        label=label,
        from_state=states[0],
        to_state=states[1],
        note=note,
        subject_model=row._meta.label_lower,
        subject_pk=row.pk,
        enterprise_id=row.enterprise_id,
        area_code=row.enterprise.area_id,
    )
