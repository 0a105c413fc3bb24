"""A yearly plan on its way: each function brings it one step further and gives it back."""

from documents.models import Document, DocumentKind
from inspections.documents_plans import year_plan_facts
from inspections.models import KeyRule, PlanLimit
from inspections.models.plan_items import ItemFacts
from tests import factories as f
from tests.inspections.course import TODAY

RULE = {"edition": "默认", "effective_from": "2019-01-01", "source": "默认值"}


def rules():
    """A trait and open major hazards make a key enterprise; a tenth may change; 90 and 365 days are looked at."""
    if KeyRule.objects.exists():
        return
    KeyRule.objects.create(code="key.dust", name="涉爆粉尘", basis="trait", trait="DUST_EXPLOSION", **RULE)
    KeyRule.objects.create(code="key.major", name="有未销案的重大隐患", basis="major", **RULE)
    for code, value, unit in (("adjust.limit", 10, "percent"), ("candidate.missed", 90, "days"), ("candidate.complaints", 365, "days")):
        PlanLimit.objects.create(code=f"plan.{code}", name=code, value=value, unit=unit, **RULE)
    if not DocumentKind.objects.filter(code="PLAN").exists():
        f.DocumentKindFactory(code="PLAN", name="年度监督检查计划", issuer="town", pattern="({MARK})石安检计〔{YYYY}〕{N}号")


def facts(enterprise, first=1, last=12, segment="candidate", why="风险较高"):
    """What is to stand in a plan."""
    return ItemFacts(enterprise, segment, first, last, why)


def drafted(people, *firms, by=None, **numbers):
    """A draft with an item for each of these firms, the factory when none is named."""
    rules()
    plan = f.a_year_plan(people, by=by, **numbers)
    plan.add_items([facts(firm) for firm in firms or (people.factory,)], by=by or people.inspector, on=TODAY)
    return plan


def submitted(people, plan=None, by=None):
    """Asked for."""
    plan = plan or drafted(people, by=by)
    plan.submit(by=by or people.inspector, on=TODAY)
    return plan


def approved(people, plan=None, by=None):
    """By the leader."""
    plan = submitted(people, plan, by)
    plan.approve(by=people.leader, on=TODAY, note="同意")
    return plan


def printed(plan, by):
    """Its paper."""
    given = {"subject": plan, "enterprise": None, "facts": year_plan_facts(plan), "audience": "town"}
    return Document.issue("PLAN", by=by, on=TODAY, **given)


def filed(people, plan=None, by=None):
    """On file with the district: executed from now on."""
    by = by or people.inspector
    plan = approved(people, plan, by)
    printed(plan, by)
    plan.file(by=by, on=TODAY, filed_on=TODAY, receipt_number="綦应急备〔2026〕5号")
    return plan
