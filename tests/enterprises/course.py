"""A construction project brought to each of its stages, through the verbs."""

import datetime

import pytest
from django.utils import timezone

from core import moment
from core.models import Event, MoveRefused
from tests import factories as f

D = datetime.date
APPROVED = D(2026, 3, 2)
PAPER = {"name": "报告", "number": "安评〔2026〕7号", "organ": "重庆某安全技术公司", "dated_on": D(2026, 4, 1)}
BEGUN, ENDED, ACCEPTED = D(2026, 6, 1), D(2026, 7, 10), D(2026, 7, 20)
ON = D(2026, 11, 25)
ORDER = ("registered", "pre_evaluation", "design_review", "construction", "trial_run", "acceptance", "in_use")


def registered(people, **facts):
    """Approved by the department on APPROVED, registered the day after."""
    approval = {"department": people.office, "number": "綦经发备〔2026〕12号", "approved_on": APPROVED}
    return f.a_project(people, **{"on": D(2026, 3, 3), "approval": approval, **facts})


def paper(**changes):
    return {**PAPER, **changes}


def design_accepted(row, people):
    """Of a special one: applied for and accepted by the authority."""
    row.apply_design(by=people.principal, on=ON, organ="綦江区应急管理局", applied_on=D(2026, 4, 8))
    row.accept_design(by=people.inspector, on=ON, accepted_on=D(2026, 4, 10))


def decide_design(row, people):
    """By the builder, or for a special one by the authority."""
    if row.is_special:
        design_accepted(row, people)
    by = people.inspector if row.is_special else people.safety
    row.approve_design(by=by, on=ON, **paper(dated_on=D(2026, 5, 6)))


def use(row, people):
    """Accepted, then in use."""
    row.record_acceptance(by=people.principal, on=ON, passed=True, **paper(dated_on=ACCEPTED))
    row.put_in_use(by=people.principal, on=ON, in_use_on=ACCEPTED)


STEPS = (
    lambda row, people: row.start_evaluation(by=people.safety, on=ON),
    lambda row, people: row.finish_evaluation(by=people.safety, on=ON, **paper()),
    decide_design,
    lambda row, people: row.start_trial(by=people.safety, on=ON, started_on=BEGUN, **paper(dated_on=D(2026, 5, 30))),
    lambda row, people: row.end_trial(by=people.safety, on=ON, ended_on=ENDED, **paper(dated_on=D(2026, 7, 12))),
    use,
)


def brought_to(people, state, **facts):
    """A project in that stage."""
    row = registered(people, **facts)
    for step in STEPS[: ORDER.index(state)]:
        step(row, people)
    assert row.state == state
    return row


def story(row):
    return [event.move for event in Event.objects.of(row)]


def last(row):
    return Event.objects.of(row).last()


def at(day, hour=9):
    return moment.at(timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour))))


def refused(call, **arguments):
    with pytest.raises(MoveRefused) as caught:
        call(**arguments)
    return caught.value.message
