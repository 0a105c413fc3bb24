"""SWEEP: at each step of a major hazard, what each person may do to it and to its plan; everything else is refused, saying why."""

import re

import pytest
from django.core.exceptions import PermissionDenied

from core.models import Event, MoveRefused
from hazards.models import Hazard
from tests.hazards import course
from tests.hazards.course import TODAY
from tests.test_moves import arguments

pytestmark = [pytest.mark.django_db, pytest.mark.req("R24")]
WHO = ("principal", "safety", "head", "team", "employee", "village", "department", "reviewer", "leader", "inspector", "inspector2", "admin")
STEPS = {
    **course.STEPS,
    "signed by one": course.signed,
    "confirmed by the town": course.confirmed_by_town,
    "plan whole": course.planned,
    "recheck filled in": course.rechecked,
    "recheck failed": lambda people: course.rechecked(people, passed=False),
}
GENERAL = {"principal": "assign", "safety": "assign", "head": "assign", "reviewer": "regrade", "inspector": "regrade reject"}
SIGN = {"principal": "sign_major", "safety": "sign_major", "inspector": "sign_major"}
PAPER = {"principal": "make_report", "safety": "make_report", "inspector": "make_report add_criteria"}
DOWN = {"reviewer": "downgrade", "inspector": "downgrade"}
TAKE = dict.fromkeys(("principal", "safety", "head", "inspector"), "take_measure")
LIFT = {"inspector": "lift_measure"}
WRITE = {"principal": "plan:write", "safety": "plan:write"}
RECHECK = {"inspector": "record_recheck"}
MANAGE = "apply_recheck plan:report_progress"
# What the two inspectors may do alike stands under "inspector".
ALLOWED = {
    "reported": [GENERAL, SIGN, TAKE],
    "signed by one": [GENERAL, SIGN, TAKE, {"principal": "confirm_major"}],
    "major_confirmed": [PAPER, DOWN, TAKE, WRITE],
    "confirmed by the town": [PAPER, TAKE, WRITE, {"reviewer": "downgrade"}],
    "plan whole": [PAPER, DOWN, TAKE, WRITE, {"principal": "plan:submit"}],
    "plan_pending": [PAPER, DOWN, TAKE, {"inspector": "plan:receive plan:hand_back"}],
    "plan_approved": [PAPER, DOWN, TAKE],
    "rectifying": [PAPER, DOWN, TAKE, LIFT, {"principal": f"{MANAGE} plan:amend", "safety": f"{MANAGE} plan:amend", "head": MANAGE}],
    "pending_recheck": [PAPER, DOWN, TAKE, LIFT, RECHECK],
    "recheck filled in": [PAPER, DOWN, TAKE, LIFT, RECHECK, {"second": "pass_recheck"}],
    "recheck failed": [PAPER, DOWN, TAKE, LIFT, RECHECK, {"second": "fail_recheck"}],
}


def allowed(step, who):
    """The moves of the table for this person."""
    keys = {who, {"inspector2": "inspector"}.get(who, who), *({"second"} if who == "inspector2" else ())}
    return sorted(name for part in ALLOWED[step] for key in keys for name in part.get(key, "").split())


@pytest.mark.parametrize("step", STEPS)
def test_each_step_offers_exactly_this_and_refuses_the_rest(people, step):
    row = Hazard.objects.get(pk=STEPS[step](people).pk)
    rows = [("", row)] + ([("plan:", row.plan)] if row.plan else [])
    events = Event.objects.count()
    for who in WHO:
        user = getattr(people, who)
        offered = sorted(prefix + offer.name for prefix, one in rows for offer in one.moves_for(user))
        assert offered == allowed(step, who), (step, who)
        for prefix, one in rows:
            for name in one.MOVES:
                # What an order takes is no page's; of a confirmed major hazard it is refused like everything else of the general course.
                if prefix + name in offered or not (one.MOVES[name].is_offered or row.is_major):
                    continue
                with pytest.raises((PermissionDenied, MoveRefused)) as refused:
                    getattr(one, name)(by=user, on=TODAY, **arguments(getattr(one, name), people))
                assert re.search(r"[一-鿿].*。$", str(refused.value)), (who, name)
    assert Event.objects.count() == events
    assert Hazard.objects.values("state", "version").get() == {"state": row.state, "version": row.version}
