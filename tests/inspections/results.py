"""A closed visit on its way to the public: each function brings it one step further and gives it back."""

from inspections.models import Draw, DrawObject, DrawPick, InspectionResult, Pool, ResultRule
from inspections.result_words import result_texts
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY

PUBLISHED_AS = {"random": "random", "planned": "inspection", "campaign": "inspection", "complaint": "inspection", "recheck": "inspection"}


def rules():
    """The periods, and results of which kinds are public."""
    f.publication_rules()
    for kind, published_as in PUBLISHED_AS.items():
        facts = {"edition": "默认", "source": "国办发〔2018〕118号"}
        ResultRule.objects.get_or_create(kind=kind, published_as=published_as, effective_from="2019-01-01", defaults=facts)


def firm(people):
    """A firm of its own, so that the guard has nothing to say."""
    return f.EnterpriseFactory(area=people.village_area, lead_department=people.office, sector=people.sector)


def on_spot(people):
    """A problem put right before the officers' eyes."""
    return {"disposal": "on_spot", "after_photos": [str(course.photo(people.inspector).uid)]}


def begun(people, enterprise=None, **facts):
    """The officers are there."""
    kind = facts.pop("kind", "planned")
    row = course.planned(people, enterprise=enterprise or firm(people), kind="planned" if kind == "random" else kind, **facts)
    if kind == "random":  # nobody plans one by hand: a draw makes it
        type(row).objects.filter(pk=row.pk).update(kind=kind)
        row.refresh_from_db()
    if row.kind == "accident":
        return course.begun(people, row)
    return course.begun(people, course.noticed(people, course.approved(people, row)))


def closed(people, enterprise=None, problems=None, **facts):
    """Everything put right on the spot; the loop is whole."""
    rules()
    row = course.recorded(people, begun(people, enterprise, **facts), **(problems or {}))
    row.dispose(by=people.inspector, on=TODAY)
    if row.findings.exists():
        row.waive_part(by=people.inspector, on=TODAY, part="penalty", note="问题轻微并已改正")
    row.close(by=people.inspector, on=TODAY)
    return row


def ended(people, row):
    """A visit under way, recorded without a problem and closed."""
    row = course.recorded(people, row)
    row.dispose(by=people.inspector, on=TODAY)
    row.close(by=people.inspector, on=TODAY)
    return row


def drawn(people, count):
    """A draw whose tasks were issued, and its visits under way; its lists are not what is tested here."""
    rules()
    pool = Pool.objects.create(name="全镇", area=people.town, by=people.inspector)
    numbers = {"n": count, "officers_per_object": 2, "visits_from": TODAY, "visits_until": course.later(30)}
    draw = Draw.configure(by=people.inspector, on=TODAY, pool=pool, title="抽查", public_event="福彩双色球", **numbers)
    Draw.objects.filter(pk=draw.pk).update(state="issued")
    visits = [begun(people, kind="random") for _ in range(count)]
    for position, visit in enumerate(visits, start=1):
        listed = {"enterprise": visit.enterprise, "key": visit.enterprise.credit_code, "name": visit.enterprise.name, "weight": 1}
        row = DrawObject.objects.create(draw=draw, **listed)
        DrawPick.objects.create(draw=draw, listed=row, position=position, ticket="0" * 64, inspection=visit)
    return Draw.objects.get(pk=draw.pk), visits


def drafted(people, visit=None):
    """Its publication drafted by the first inspector."""
    visit = visit or closed(people)
    return InspectionResult.draft(visit, by=people.inspector, on=TODAY, **result_texts(visit))


def published(people, visit=None):
    """Reviewed by the reviewer, published by the leader."""
    row = drafted(people, visit).publication
    row.review(by=people.reviewer, on=TODAY)
    row.publish(by=people.leader, on=TODAY)
    return row
