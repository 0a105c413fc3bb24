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
from duties.making import Maker
from duties.models import Duty, DutyPlan, Occurrence
from duties.periods import Frequency, midnight, period
from enterprises.models import Enterprise, KeyPerson, Membership, Unit
from hazards.models import Answer, Check, Checklist, Hazard

WEEKS = 6


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
    active = [row for row in zip(enterprises, users, plants, strict=True) if row[0].status == Enterprise.Status.ACTIVE]
    planned = [row for row in active if chance.random() < 0.85]
    _plans(planned, today)
    _checks([row for row in planned if chance.random() < 0.8], today)
    Occurrence.objects.filter(enterprise__in=[e for e, _, _ in planned]).miss(midnight(today))
    _hazards(active, today, inspector, chance)
    half = [e.pk for e, _, _ in active if chance.random() < 0.5]
    KeyPerson.objects.filter(enterprise__in=half, kind="manager").update(confirmed_on=today, confirmed_by=inspector)


def _principal(enterprise: Enterprise) -> str:
    person = enterprise.key_people.filter(kind="manager").first()  # type: ignore[attr-defined]
    return person.name if person else "负责人"


def _plans(rows: list[tuple[Enterprise, User, Unit]], today: datetime.date) -> None:
    """The plant's weekly and monthly list, WEEKS weeks ago, in bulk; their rows are made by the calendar."""
    began = today - datetime.timedelta(days=WEEKS * 7)
    lists = Checklist.by_level("", began)
    duties = Duty.objects.in_force(began).filter(code__in=("DEPT-WEEKLY", "PLANT-MONTHLY"))
    DutyPlan.objects.bulk_create(
        [
            DutyPlan(enterprise=e, unit=p, duty=duty, checklist_code=lists[duty.level].code, starts_on=began)
            for e, _, p in rows
            for duty in duties
        ],
        batch_size=500,
    )
    maker = Maker(midnight(began))
    maker.make(period(Frequency.MONTH, began)[0], today)


def _checks(rows: list[tuple[Enterprise, User, Unit]], today: datetime.date) -> None:
    """The weekly and monthly lists of the past, most of them done, all items passed."""
    for frequency, seed in ((Frequency.WEEK, 9), (Frequency.MONTH, 10)):
        _checks_of(rows, frequency, today, random.Random(seed))


def _checks_of(rows: list[tuple[Enterprise, User, Unit]], frequency: str, today: datetime.date, chance: random.Random) -> None:
    firms = {e.pk: (e, u) for e, u, _ in rows}
    owed = Occurrence.objects.filter(enterprise_id__in=firms, frequency=frequency, period_end__lt=today).select_related("plan", "unit")
    done = [row for row in owed.order_by("pk") if chance.random() < 0.85]
    checklist = Checklist.objects.in_force(done[0].period_start).get(code=done[0].plan.checklist_code)
    version = checklist.freeze(rows[0][0], done[0].period_start)
    at = {row.pk: midnight(row.period_end - datetime.timedelta(days=2)) + datetime.timedelta(hours=15, minutes=30) for row in done}
    checks = Check.objects.bulk_create(
        [
            Check(
                occurrence=row,
                enterprise_id=row.enterprise_id,
                unit=row.unit,
                version_used=version,
                checklist_code=checklist.code,
                frequency=row.frequency,
                window_start=row.period_start,
                window_end=row.period_end,
                holder=firms[row.enterprise_id][1],
                opened_at=at[row.pk],
                submitted_at=at[row.pk],
                submitted_by=firms[row.enterprise_id][1],
                receipt=f"JC{row.period_end:%Y%m%d}-B{row.pk:07d}",
                state=Check.State.SUBMITTED,
                version=1,
            )
            for row in done
        ],
        batch_size=500,
    )
    answers = (
        Answer(check_row=c, position=n, result="pass", by=c.holder, at=at[c.occurrence.pk], version=1)
        for c in checks
        for n in range(version.item_count)
    )
    Answer.objects.bulk_create(answers, batch_size=1000)
    story = [_event(c, c.holder, "submit", "提交检查", ("open", "submitted"), at[c.occurrence.pk]) for c in checks]
    for check in checks:
        row = check.occurrence
        row.state, row.version, row.done_at, row.done_by = Occurrence.State.DONE, 1, at[row.pk], check.holder
        row.record_model, row.record_pk = "hazards.check", check.pk
        story.append(_event(row, check.holder, "complete", "完成", ("due", "done"), at[row.pk]))
    Occurrence.objects.bulk_update(done, ["state", "version", "done_at", "done_by", "record_model", "record_pk"], batch_size=200)
    Event.objects.bulk_create(story, batch_size=500)


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
