"""Making occurrences: from plans, working days, stop periods and shifts to dated rows, set by set (B2).

One rule decides: a plan owes a period when it is in force, and the unit produces, on at least one production day of it.
Rows are made HORIZON days ahead. Those whose window has not begun follow every change; those that have begun stay,
but for an open one that a stop has overtaken, which is exempt with its reason, and owed again when the stop ends within
the period; past ones are never touched.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.utils import timezone

from accounts.models import User
from core import moment
from core.models import MoveRefused
from core.workdays import is_workday, overrides_between
from duties.models import DutyPlan, MadeDay, Occurrence
from duties.models.occurrence import OccurrenceQuerySet
from duties.models.plan import DutyPlanQuerySet
from duties.periods import ONE_DAY, dates, period, window
from enterprises.models import Enterprise, StopPeriod

HORIZON = datetime.timedelta(days=14)
DELETED_AT_ONCE = 1000
Span = tuple[datetime.date, datetime.date]


@dataclass(frozen=True)
class Kind:
    """What plans share when one statement makes their rows: duty, frequency, production days, shift."""

    duty_code: str
    frequency: str
    days: str
    shift: str
    hours: int


class Maker:
    """Makes and keeps right the rows of all plans, of one enterprise's, or of one plan, as seen at one moment."""

    def __init__(self, now: datetime.datetime | None = None, *, enterprise: Enterprise | None = None, plan: DutyPlan | None = None) -> None:
        self.now = now or moment.now()
        self.today = timezone.localdate(self.now)
        self.plans, self.rows = DutyPlan.objects.all(), Occurrence.objects.all()
        if enterprise is not None:
            self.plans, self.rows = self.plans.filter(enterprise=enterprise), self.rows.filter(enterprise=enterprise)
        if plan is not None:
            self.plans, self.rows = self.plans.filter(pk=plan.pk), self.rows.filter(plan=plan)
        # A small table, read once: what the State Council shifted.
        self.overrides = overrides_between(datetime.date.min, datetime.date.max)
        self.has_stops = StopPeriod.objects.filter(enterprise__in=self.plans.values("enterprise")).exists()

    def make(self, first: datetime.date, last: datetime.date) -> int:
        """Add what is missing of the periods that begin from `first` to `last`; how many rows. Run again: none."""
        return sum(self._add(kind, *span) for kind, span in self._periods(dates(first, last)))

    def keep_right(self) -> int:
        """Make the rows of the running periods and of the days ahead agree with plans, stops, holidays; rows added."""
        with transaction.atomic():
            if self.rows.ahead(self.now).exists():
                # From today: a shift that begins tonight is still ahead.
                for kind, span in self._periods(dates(self.today, self.today + HORIZON)):
                    self._drop(kind, *span)
            running = list(self._running())
            ahead = self._periods(dates(self.today + ONE_DAY, self.today + HORIZON))
            added = sum(self._add(kind, *span) for kind, span in [*running, *ahead])
            for kind, span in running:
                self._exempt_stopped(kind, *span)
                self._owe_again(kind, *span)
        return added

    def _kinds(self) -> list[Kind]:
        found = self.plans.open(self.today - datetime.timedelta(days=366)).order_by()
        return [Kind(*row) for row in found.values_list("duty__code", "duty__frequency", "days", "shift", "shift_hours").distinct()]

    def _periods(self, beginning: list[datetime.date]) -> Iterator[tuple[Kind, Span]]:
        """Each kind of plan with each period that begins on one of these days."""
        kinds = self._kinds()
        for day in beginning:
            for kind in kinds:
                span = period(kind.frequency, day)
                if span[0] == day:
                    yield kind, span

    def _running(self) -> Iterator[tuple[Kind, Span]]:
        """Each kind with its periods that hold today; a night shift that began yesterday is still running."""
        for kind in self._kinds():
            spans = {period(kind.frequency, self.today)}
            if kind.shift:
                spans.add(period(kind.frequency, self.today - ONE_DAY))
            yield from ((kind, span) for span in sorted(spans) if window(*span, kind.shift, kind.hours)[1] > self.now)

    def _production(self, days: str, first: datetime.date, last: datetime.date) -> list[datetime.date]:
        """The days of a period on which plans of this kind produce: every day, or those people work."""
        span = dates(first, last)
        return span if days == DutyPlan.Days.EVERY_DAY else [day for day in span if is_workday(day, self.overrides)]

    def _owing(self, kind: Kind, first: datetime.date, last: datetime.date) -> DutyPlanQuerySet:
        """The plans of this kind that owe this period."""
        days = self._production(kind.days, first, last)
        calendar = {"days": kind.days, "shift": kind.shift, "shift_hours": kind.hours}
        mine = self.plans.filter(duty__code=kind.duty_code, duty__frequency=kind.frequency, **calendar)
        return mine.owing(days, stops=self.has_stops)

    def _add(self, kind: Kind, first: datetime.date, last: datetime.date) -> int:
        if not self._production(kind.days, first, last):
            return 0
        opens, closes = window(first, last, kind.shift, kind.hours)
        columns: dict[str, Any] = {
            "enterprise_id": F("enterprise_id"),
            "unit_id": F("unit_id"),
            "plan_id": F("pk"),
            "responsible_id": F("responsible_id"),
            "duty_code": text(kind.duty_code),
            "level": F("duty__level"),
            "shift": text(kind.shift),
            "frequency": text(kind.frequency),
            "state": text(Occurrence.State.DUE),
            "version": Value(0),
            "period_start": Value(first, output_field=models.DateField()),
            "period_end": Value(last, output_field=models.DateField()),
            "opens_at": Value(opens, output_field=models.DateTimeField()),
            "closes_at": Value(closes, output_field=models.DateTimeField()),
            "made_late": Value(closes <= self.now, output_field=models.BooleanField()),
            "record_model": text(""),
        }
        # NOT IN is hashed once; a correlated question would be asked row by row while the table's statistics are young.
        made = Occurrence.objects.filter(duty_code=kind.duty_code, shift=kind.shift, period_start=first).values("unit")
        chosen = (
            self._owing(kind, first, last)
            .exclude(unit__in=made)
            .order_by()
            .annotate(**{f"c{n}": value for n, value in enumerate(columns.values())})
        )
        select, values = chosen.values_list(*[f"c{n}" for n in range(len(columns))]).query.sql_with_params()
        quote = connection.ops.quote_name
        into = f"{quote(Occurrence._meta.db_table)} ({', '.join(map(quote, columns))})"
        insert = f"INSERT INTO {into} {select}"  # noqa: S608 - names of our own, values bound
        try:
            return run(insert, values)
        except IntegrityError:
            # Another clock made some of them at this moment; asking the database row by row costs more, so only then.
            return run(f"{insert} ON CONFLICT DO NOTHING", values)

    def _rows_of(self, rows: OccurrenceQuerySet, kind: Kind, first: datetime.date) -> OccurrenceQuerySet:
        """Those of these rows that are of this kind and period."""
        of_kind = {"plan__days": kind.days, "plan__shift": kind.shift, "plan__shift_hours": kind.hours}
        return rows.filter(period_start=first, duty_code=kind.duty_code, **of_kind)

    def _is_owed(self, kind: Kind, first: datetime.date, last: datetime.date) -> Exists:
        """Of a row of this kind and period: whether its plan owes it."""
        return Exists(self._owing(kind, first, last).filter(pk=OuterRef("plan_id")))

    def _drop(self, kind: Kind, first: datetime.date, last: datetime.date) -> None:
        """Rows ahead whose plan no longer owes the period; locked first, so that one exempt meanwhile stays."""
        stale = self._rows_of(self.rows.ahead(self.now), kind, first).filter(~self._is_owed(kind, first, last))
        pks = list(stale.select_for_update(of=("self",)).values_list("pk", flat=True))
        for start in range(0, len(pks), DELETED_AT_ONCE):
            Occurrence.objects.filter(pk__in=pks[start : start + DELETED_AT_ONCE]).delete()

    def _exempt_stopped(self, kind: Kind, first: datetime.date, last: datetime.date) -> None:
        """Open rows of a period in which the unit does not produce after all: exempt, with the reason on file."""
        open_now = self._rows_of(self.rows.open(self.now), kind, first)
        stopped = StopPeriod.objects.covering(self.today).filter(enterprise=OuterRef("enterprise"))
        closed_unit = Q(unit__closed_on__lte=self.today)
        idle = open_now.filter(Exists(stopped) | ~Q(enterprise__status=Enterprise.Status.ACTIVE) | closed_unit)
        for row in idle.filter(~self._is_owed(kind, first, last)).select_related("enterprise", "unit"):
            with suppress(MoveRefused):  # done, or exempt by a person, meanwhile
                row.exempt(by=User.objects.system(), on=self.today, note=self._reason(row))

    def _owe_again(self, kind: Kind, first: datetime.date, last: datetime.date) -> None:
        """Running rows made exempt here that are owed after all, because the stop ended within the period."""
        exempt = self._rows_of(self.rows.running(self.now), kind, first).exempt_by_system()
        for row in exempt.filter(self._is_owed(kind, first, last)).select_related("enterprise"):
            with suppress(MoveRefused):
                row.owe_again(by=User.objects.system(), on=self.today, note="恢复生产,这一期仍有生产日")

    def _reason(self, row: Occurrence) -> str:
        if row.unit.closed_on and row.unit.closed_on <= self.today:
            return f"{row.unit}已撤销"
        stop = StopPeriod.objects.covering(self.today).filter(enterprise_id=row.enterprise_id).select_related("by").first()
        return f"停产:{stop.reason}({stop.by.name}登记)" if stop else f"企业{row.enterprise.get_status_display()}"


def run(statement: str, values: Any) -> int:
    """Run one INSERT, whole or not at all; how many rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def text(value: str) -> Value:
    """A constant column of text."""
    return Value(str(value), output_field=CharField())


def make_ahead(now: datetime.datetime | None = None) -> int:
    """The scheduled tick: days missed while the clockwork stood still, marked as made late; then everything ahead. Rows added."""
    maker = Maker(now)
    known = MadeDay.objects.aggregate(last=models.Max("day"))["last"]
    added = maker.make(known + ONE_DAY, maker.today) if known and known < maker.today else 0
    added += maker.keep_right()
    first = known + ONE_DAY if known else maker.today
    days = dates(first, maker.today + HORIZON)
    MadeDay.objects.bulk_create([MadeDay(day=day) for day in days], ignore_conflicts=True)
    return added


def follow(enterprise: Enterprise, event: Any) -> None:
    """A stop, a unit or the status of an enterprise changed: its rows follow in the same transaction (see shijiao/reactions.py)."""
    Maker(enterprise=enterprise).keep_right()


def follow_plan(plan: DutyPlan, event: Any) -> None:
    """A plan begins or ends: its rows follow."""
    Maker(plan=plan).keep_right()


def follow_person(plan: DutyPlan, event: Any) -> None:
    """Another person answers for a plan: the rows ahead follow, the others keep theirs."""
    Occurrence.objects.ahead(moment.now()).filter(plan=plan).update(responsible=plan.responsible)
