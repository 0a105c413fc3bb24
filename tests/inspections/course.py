"""A visit on its way: each function brings it one step further and gives it back."""

import datetime

from django.utils import timezone

from core.models import Attachment
from documents.models import Document, DocumentKind, Service
from inspections.actions import plan_visit
from inspections.models import InspectionPoint, OnsiteMeasure, Order, PenaltyScheme, PointBasis, PowerItem, Transfer, VisitLimit
from inspections.models.powers import town_may_order
from tests import factories as f
from tests.pictures import jpeg
from tests.remembered import remembered

TODAY = timezone.localdate()
LAW = {"edition": "2021", "effective_from": "2021-09-01", "source": "安全生产法"}
COUNTED = ["planned", "random", "campaign", "two_in_one"]
RULES = (
    ("hazard.decide", 1, "W"),
    ("hazard.accept", 2, "W"),
    ("inspection.order.default", 15, "C"),
    ("inspection.order.max", 30, "C"),
    ("inspection.order.extend.before", 10, "C"),
    ("inspection.order.extend.reply", 5, "C"),
    ("inspection.recheck", 10, "C"),
    ("inspection.resume", 10, "C"),
    ("inspection.report.district", 3, "W"),
    ("service.announcement", 30, "C"),
    ("remedy.reconsideration", 60, "C"),
    ("remedy.litigation", 6, "M"),
)
KINDS = (
    "CHECK_PLAN",
    "CHECK_NOTICE",
    "CHECK_RECORD",
    "ORDER_RECTIFY",
    "ONSITE_MEASURE",
    "CASE_TRANSFER",
    "RECHECK_OPINION",
    "EXTEND_APPROVE",
    "RESUME",
    "DELIVERY",
    "DISTRICT_REPORT",
)


def later(days):
    """So many days from today."""
    return TODAY + datetime.timedelta(days=days)


@remembered
def law():
    """Deadline rules, limits, powers, kinds of papers, and three points: one finable at once, one only later, one for dust."""
    for code, value, unit in RULES:
        f.DeadlineRuleFactory(code=code, value=value, unit=unit)
    VisitLimit.objects.create(
        code="visit.window", name="间隔", value=30, unit="days", kinds=COUNTED, edition="设计", effective_from="2019-01-01"
    )
    VisitLimit.objects.create(
        code="visit.cap",
        name="上限",
        value=2,
        unit="visits",
        kinds=COUNTED,
        edition="2025",
        effective_from="2025-01-01",
        source="国办发〔2024〕54号",
    )
    for kind, holder in (("check", "town"), ("order", "town"), ("penalty", "district"), ("coercive", "district")):
        PowerItem.objects.create(kind=kind, holder=holder, organ_name="区应急局", edition="现行", effective_from="2019-01-01")
    for code in (code for code in KINDS if not DocumentKind.objects.filter(code=code).exists()):
        f.DocumentKindFactory(code=code, issuer="town", effective_from="2025-01-01" if code == "CHECK_NOTICE" else "2019-01-01")
    point("P1", "隐患排查治理", is_focus=True, scheme=scheme("L2021-101", first_max=100_000))
    point("P2", "通道堆物", scheme=scheme("L2021-94"))
    point("P3", "除尘系统", traits=["DUST_EXPLOSION"])


def scheme(code, first_max=None):
    """A penalty scheme, finable at first when it has a maximum."""
    fine = {"first_min": 0, "first_max": first_max, "first_offence_finable": True} if first_max else {}
    return PenaltyScheme.objects.create(
        code=code, law="安全生产法", article="第101条", title="违法", first_order="责令限期改正", **fine, **LAW
    )


def point(code, name, scheme=None, **facts):
    """A point with its basis of today."""
    row = InspectionPoint.objects.create(code=code, section="管理", name=name, how_to_check="看现场", **facts, **LAW)
    PointBasis.objects.create(point=row, law="安全生产法", article="第41条", scheme=scheme, **LAW)
    return row


def photo(by):
    """One upload of this person's."""
    return Attachment.take_in(jpeg(), by=by)


def planned(people, enterprise=None, **facts):
    """Planned by the first inspector, two officers."""
    if not VisitLimit.objects.exists():
        law()
    given = {"kind": "planned", "planned_on": TODAY, "basis": "年度计划", "officers": [people.inspector, people.inspector2], **facts}
    return plan_visit(by=people.inspector, on=TODAY, enterprise=enterprise or people.factory, **given)


def approved(people, row=None, **facts):
    """Its scheme approved by the leader."""
    row = row or planned(people)
    row.submit_scheme(by=people.inspector, on=TODAY)
    row.approve_scheme(by=people.leader, on=TODAY, **facts)
    return row


def noticed(people, row=None):
    """The firm was told."""
    row = row or approved(people)
    row.notify(by=people.inspector, on=TODAY)
    return row


def begun(people, row=None):
    """The officers are there."""
    row = row or noticed(people)
    row.begin(by=people.inspector, on=TODAY, place="冲压车间")
    return row


def problem(by, **facts):
    """What a FAIL item holds."""
    given = {"result": "fail", "note": "通道被堵", "place": "冲压车间", "disposal": "order", "requirement": "清出通道", **facts}
    return {**given, "photos": [str(photo(by).uid)]}


def filled(people, row=None, **problems):
    """All items pass but those named p0, p1 …: the facts of their FAIL."""
    row = row or begun(people)
    by = people.inspector
    content = {item.position: {"result": "pass"} for item in row.items.all()}
    for name, facts in problems.items():
        content[int(name[1:])] = problem(by, **facts)
    row.save_items({p: {**given, "seen": 0} for p, given in content.items()}, by=by)
    return row


def signed(people, row=None):
    """The first officer has signed, with the firm's signature."""
    row = row or filled(people)
    glass = [photo(people.inspector)]
    row.sign_record(by=people.inspector, on=TODAY, party_name="厂长", party_post="主要负责人", party_opinion="属实", signature=glass)
    return row


def recorded(people, row=None, **problems):
    """Both officers have signed."""
    row = signed(people, filled(people, row, **problems))
    row.record(by=people.inspector2, on=TODAY)
    return row


def violation(people):
    """The breach of a recorded visit."""
    return recorded(people, p0={"is_violation": True}).findings.get().violation


def drafted(people, visit=None, due_on=None):
    """An order for all findings of a visit."""
    visit = visit or recorded(people, p1={})
    return Order.draft(visit, by=people.inspector, on=TODAY, due_on=due_on or later(15), findings=visit.findings.all())


def paper(kind, row, by):
    """An issued paper about a row."""
    return Document.issue(kind, subject=row, enterprise=row.enterprise, facts={}, by=by, on=TODAY)


def issued(people, row=None):
    """Its paper is issued."""
    row = row or drafted(people)
    assert town_may_order(TODAY) is None
    row.issue(by=people.inspector, on=TODAY, document=paper("ORDER_RECTIFY", row, people.inspector))
    return row


def served(people, row=None):
    """Its paper was handed over; the order follows by reaction."""
    row = row or issued(people)
    return serve(people, row)


def serve(people, row):
    """Hand over a row's paper today."""
    facts = {
        "method": "direct",
        "receiver": "厂长",
        "receiver_role": "主要负责人",
        "served_on": TODAY,
        "place": "厂办",
        "server": people.inspector,
    }
    Service.record(row.document, by=people.inspector, on=TODAY, photos=[photo(people.inspector)], **facts)
    row.refresh_from_db()
    return row


def applied(people, row=None, by=None):
    """The firm says that it is done."""
    row, by = row or served(people), by or people.principal
    row.apply_recheck(by=by, on=TODAY, measures="已清出", photos=[photo(by)])
    return row


def rechecked(people, row=None, *, passed=True):
    """Two officers looked at each line."""
    row = row or applied(people)
    visit = row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    begun(people, visit)
    problems = {} if passed else {"p0": {"note": "还堵着"}}
    recorded(people, visit, **problems)
    row.refresh_from_db()
    return row


def measure(people, visit=None, **facts):
    """A stop drafted for all findings of a visit."""
    visit = visit or recorded(people, p1={"disposal": "measure"})
    given = {"kind": "stop", "scope": "冲压车间", "danger": "通道被堵", "basis": "第65条", "condition": "清出后审查", **facts}
    return OnsiteMeasure.draft(visit, by=people.inspector, on=TODAY, findings=visit.findings.all(), **given)


def in_force(people, row=None):
    """Decided and handed over."""
    row = row or measure(people)
    row.issue(by=people.inspector, on=TODAY, document=paper("ONSITE_MEASURE", row, people.inspector))
    return serve(people, row)


def transfer(people, visit=None):
    """All findings of a visit, to be handed over."""
    visit = visit or recorded(people, p0={"disposal": "transfer", "is_violation": True})
    return Transfer.draft(visit, by=people.inspector, on=TODAY, to_organ="区应急局", reason="镇无处罚权", findings=visit.findings.all())


def sent(people, row=None):
    """The paper is issued."""
    row = row or transfer(people)
    row.send(by=people.inspector, on=TODAY, document=paper("CASE_TRANSFER", row, people.inspector))
    return row
