"""A firm with plans: team, department and plant of tests/people.py, from a chosen day on."""

import datetime

import pytest
from django.utils import timezone

from core import moment
from duties.models import DutyPlan
from tests import factories as f

MONDAY = datetime.date(2026, 11, 16)


def clock(day, hour=9, minute=0):
    """That day and time here."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute)))


@pytest.fixture
def duties(db):
    """The three duties of the ladder, by level."""
    return {
        "team": f.DutyFactory(),
        "department": f.DutyFactory(code="DEPT-WEEKLY", name="部门周排查", frequency="week", level="department", sample_count=2),
        "plant": f.DutyFactory(code="PLANT-MONTHLY", name="厂长月排查", frequency="month", level="plant", sample_count=2),
    }


@pytest.fixture
def begin(people, duties):
    """begin(level, on, unit=…, **facts) → a plan that begins on that day."""
    units = {"team": people.team_a, "department": people.workshop, "plant": people.plant}

    def make(level="team", on=MONDAY, unit=None, **facts):
        with moment.at(clock(on, 0, 1)):
            return DutyPlan.begin(by=people.safety, on=on, unit=unit or units[level], duty=duties[level], starts_on=on, **facts)

    return make
