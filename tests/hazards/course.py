"""A major hazard on its way: each function brings it one step further and gives it back."""

import datetime

from django.utils import timezone

from core.models import Attachment
from hazards.models import Hazard, MajorCriterion
from tests import factories as f
from tests.pictures import jpeg
from tests.remembered import remembered

TODAY = timezone.localdate()
DUE = TODAY + datetime.timedelta(days=40)
RULES = (
    ("hazard.decide", 1, "W"),
    ("hazard.accept", 2, "W"),
    ("hazard.general.minor", 1, "C"),
    ("hazard.general.light", 3, "C"),
    ("hazard.general.normal", 7, "C"),
    ("hazard.general.serious", 15, "C"),
    ("hazard.report.town", 24, "h"),
    ("hazard.report.congress", 72, "h"),
    ("hazard.report.district", 24, "h"),
    ("hazard.plan.submit", 5, "W"),
    ("hazard.plan.progress", 7, "C"),
    ("hazard.recheck", 10, "C"),
    ("hazard.resume", 10, "C"),
)
FIVE = {
    "measures": "更换除尘器\n加装泄爆片",
    "funds_amount": "35000.00",
    "funds_source": "安全生产费用",
    "due_on": DUE,
    "emergency_plan": "起火立即停机,从东门撤到门卫室,打119。",
}


@remembered
def rules():
    """The deadline rules of general and major hazards, and an item of today's criteria."""
    for code, value, unit in RULES:
        f.DeadlineRuleFactory(code=code, value=value, unit=unit)
    f.MajorCriterionFactory()


def photo(by):
    """One upload of this person's."""
    return Attachment.take_in(jpeg(), by=by)


def suspected(people, **facts):
    """Reported by the team as perhaps major."""
    rules()
    facts = {"unit": people.team_a, "source": "team", "level": "major", "place": "打磨间", "description": "除尘器没有泄爆", **facts}
    return Hazard.report(by=people.team, on=TODAY, enterprise=people.factory, **facts)


def signed(people, row=None, by=None):
    """Signed by one."""
    row = row or suspected(people)
    row.sign_major(by=by or people.safety, on=TODAY, criteria=[MajorCriterion.objects.get(code="MH23-DUST-01")])
    return row


def confirmed(people, row=None):
    """Confirmed by the firm's safety manager and principal."""
    row = signed(people, row)
    row.confirm_major(by=people.principal, on=TODAY)
    return row


def confirmed_by_town(people):
    """Found by an inspector, confirmed by two."""
    row = signed(people, suspected(people, source="inspection"), by=people.inspector)
    row.confirm_major(by=people.inspector2, on=TODAY)
    return row


def planned(people, row=None):
    """The plan is written whole, not submitted."""
    row = row or confirmed(people)
    row.plan.write(by=people.safety, on=TODAY, person=people.head, person_post="车间主任", **FIVE)
    return row


def submitted(people, row=None):
    """The plan is with the town."""
    row = planned(people, row)
    row.plan.submit(by=people.principal, on=TODAY)
    return row


def approved(people, row=None):
    """The town has received the plan."""
    row = submitted(people, row)
    row.plan.receive(by=people.inspector, on=TODAY)
    return row


def rectifying(people, row=None):
    """A measure stands, the plan is in progress."""
    row = approved(people, row)
    row.take_measure(by=people.safety, on=TODAY, kinds=["warn"], text="拉警戒线")
    row.plan.start(by=people.principal, on=TODAY)
    return row


def applied(people, row=None):
    """The firm has applied for the re-check."""
    row = rectifying(people, row)
    row.apply_recheck(by=people.safety, on=TODAY, measures="都换好了,自行验收合格", photos=[photo(people.safety)])
    return row


def results(row, *, passed=True):
    """What an inspector fills in: all passed, or the first one failed."""
    items = [{"words": words, "passed": True, "remark": ""} for words in row.recheck_words]
    if not passed:
        items[0] = {**items[0], "passed": False, "remark": "仍缺一片"}
    return items


def rechecked(people, row=None, *, passed=True):
    """One inspector has filled in the results."""
    row = applied(people, row)
    row.record_recheck(by=people.inspector, on=TODAY, items=results(row, passed=passed), opinion="复查意见")
    return row


STEPS = {
    "reported": suspected,
    "major_confirmed": confirmed,
    "plan_pending": submitted,
    "plan_approved": approved,
    "rectifying": rectifying,
    "pending_recheck": applied,
}
