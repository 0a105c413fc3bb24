"""A draw on its way: each function brings it one step further and gives it back."""

import datetime

from django.utils import timezone

from core import moment
from inspections.models import Draw, VisitLimit
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later

WITNESSES = ["王某 镇纪委", "李某 司法所"]
VALUE = "03 11 17 24 29 33 08"


def officers(people, count=4):
    """So many certified inspectors in the town."""
    more = []
    for number in range(count - 2):
        person = f.UserFactory(name=f"执法{number}")
        f.MembershipFactory(user=person, role="inspector", enterprise=None, area=people.town)
        f.certificate(person)
        more.append(person)
    return [people.inspector, people.inspector2, *more]


def firms(people, count):
    """So many more firms in the village."""
    return [f.EnterpriseFactory(name=f"第{number}号厂", area=people.village_area, lead_department=people.office) for number in range(count)]


def law():
    """What a draw and its visits need."""
    f.weigh_grades()
    f.DeadlineRuleFactory(code="publication.due", value=20, unit="W")
    if not VisitLimit.objects.exists():
        course.law()


def configured(people, by=None, **facts):
    """Its commitment is public; in the past, so that there is time for the value."""
    law()
    with moment.at(timezone.now() - datetime.timedelta(hours=2)):
        return f.a_draw(people, by, **facts)


def frozen(people, draw=None, **facts):
    """Both lists are fixed, an hour ago."""
    draw = draw or configured(people, **facts)
    with moment.at(timezone.now() - datetime.timedelta(hours=1)):
        draw.freeze(by=people.inspector, on=TODAY)
    return Draw.objects.get(pk=draw.pk)


def valued(people, draw=None, value=VALUE, **facts):
    """The value is in."""
    draw = draw or frozen(people, **facts)
    at = timezone.now() - datetime.timedelta(minutes=30)
    draw.enter_value(by=people.inspector, on=TODAY, public_value=value, public_value_at=at)
    return draw


def drawn(people, draw=None, **facts):
    """Drawn."""
    draw = draw or valued(people, **facts)
    draw.draw(by=people.inspector, on=TODAY)
    return Draw.objects.get(pk=draw.pk)


def confirmed(people, draw=None, **facts):
    """Confirmed by the leader before two witnesses."""
    draw = draw or drawn(people, **facts)
    draw.confirm(by=people.leader, on=TODAY, witnesses=WITNESSES)
    return draw


def issued(people, draw=None, **facts):
    """A visit for each drawn firm."""
    draw = draw or confirmed(people, **facts)
    draw.issue_tasks(by=people.inspector, on=TODAY)
    return Draw.objects.get(pk=draw.pk)


def closed(people, visit):
    """A drawn visit walked to its end by its own officers, nothing found."""
    first, second = [row.user for row in visit.officers.select_related("user").order_by("-is_lead", "pk")][:2]
    visit.submit_scheme(by=first, on=TODAY)
    visit.approve_scheme(by=people.leader, on=TODAY)
    visit.notify(by=first, on=TODAY)
    visit.begin(by=first, on=TODAY, place="车间", override_reason="按期完成")
    visit.save_items({item.position: {"result": "pass", "seen": 0} for item in visit.items.all()}, by=first)
    facts = {"party_name": "厂长", "party_post": "主要负责人", "party_opinion": "属实", "signature": [course.photo(first)]}
    visit.sign_record(by=first, on=TODAY, **facts)
    visit.record(by=second, on=TODAY)
    visit.dispose(by=first, on=TODAY)
    visit.close(by=first, on=TODAY)
    return visit


def over(people, draw=None, **facts):
    """All visits closed."""
    draw = draw or issued(people, **facts)
    for pick in draw.standing():
        closed(people, pick.inspection)
    return Draw.objects.get(pk=draw.pk)


def published(people, draw=None, **facts):
    """Open to anyone."""
    draw = draw or over(people, **facts)
    draw.publish(by=people.reviewer, on=TODAY)
    return draw


def voided(people, draw=None, **facts):
    """Void, as asked for by one and approved by another."""
    draw = draw or frozen(people, **facts)
    draw.ask_void(by=people.inspector, on=TODAY, note="来源停办")
    draw.approve_change(by=people.leader, on=TODAY, note="同意")
    return Draw.objects.get(pk=draw.pk)


__all__ = ["TODAY", "later"]
