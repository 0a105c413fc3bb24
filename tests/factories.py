"""One factory per model."""

import datetime
import hashlib

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Area, Department, OfficerCertificate, Sector, User
from core import moment
from core.models import DeadlineRule
from documents.models import Document, DocumentKind, Publication, Scan, Service
from duties.models import Duty, DutyPlan, Occurrence
from duties.periods import period, window
from enterprises.catalogue import load as load_enterprises
from enterprises.models import Enterprise, HazardTrait, KeyPerson, Membership, Project, ProjectRequirement, RosterImport, StopPeriod, Unit
from hazards.models import Check, Checklist, ChecklistItem, FiveFixPlan, Hazard, MajorCriterion, OwnItem
from inspections.models import (
    CarryImport,
    Draw,
    ExportLayout,
    GradeWeight,
    InspectionPoint,
    Patrol,
    PenaltyScheme,
    PointBasis,
    Pool,
    PowerItem,
    VisitLimit,
)
from notices.models import Channel, Delivery, Notice

CODE_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(number: int) -> str:
    """A valid unified social credit code made from a running number (GB 32100-2015)."""
    body = f"91500110MA{number:07d}"
    total = sum(CODE_CHARS.index(c) * w for c, w in zip(body, CODE_WEIGHTS, strict=True))
    return body + CODE_CHARS[(31 - total % 31) % 31]


class Factory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True


class AreaFactory(Factory):
    class Meta:
        model = Area
        django_get_or_create = ("code",)

    code = "500110111201"
    name = "刘罗坪村"


class SectorFactory(Factory):
    class Meta:
        model = Sector
        django_get_or_create = ("code",)

    code = "MACHINERY"
    name = "机械行业"
    divisions = ["33", "34"]
    edition = "2019"
    effective_from = "2019-01-31"


class HazardTraitFactory(Factory):
    class Meta:
        model = HazardTrait
        django_get_or_create = ("code",)

    code = "DUST_EXPLOSION"
    name = "涉爆粉尘"
    edition = "2019"
    effective_from = "2019-01-01"


class DepartmentFactory(Factory):
    class Meta:
        model = Department

    code = factory.Sequence(lambda n: f"office{n}")
    name = factory.Sequence(lambda n: f"第{n}办公室")
    area = factory.SubFactory(AreaFactory, code="500110111", name="石角镇")


class UserFactory(Factory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"张{n}")
    password = factory.django.Password("shijiao-demo")


class OfficerCertificateFactory(Factory):
    class Meta:
        model = OfficerCertificate

    user = factory.SubFactory(UserFactory)
    number = factory.Sequence(lambda n: f"渝綦执-{n:06d}")
    organ = "重庆市綦江区人民政府"
    scope = "安全生产,綦江区石角镇"
    valid_from = datetime.date(2019, 1, 1)
    valid_to = factory.LazyFunction(lambda: timezone.localdate() + datetime.timedelta(days=900))


def certificate(user, **facts):
    """A certificate of this officer: valid since 2019 and for years to come, unless `facts` say otherwise."""
    return OfficerCertificateFactory(user=user, **facts)


class EnterpriseFactory(Factory):
    class Meta:
        model = Enterprise

    name = factory.Sequence(lambda n: f"重庆第{n}机械厂")
    credit_code = factory.Sequence(credit_code)
    sector = factory.SubFactory(SectorFactory)
    industry_code = "3311"
    area = factory.SubFactory(AreaFactory)
    headcount = 30


class UnitFactory(Factory):
    class Meta:
        model = Unit

    enterprise = factory.SubFactory(EnterpriseFactory)
    kind = "plant"
    name = "全厂"


class MembershipFactory(Factory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = "safety_manager"
    enterprise = factory.SubFactory(EnterpriseFactory)
    starts_on = factory.LazyFunction(lambda: timezone.localdate().replace(year=2019))


class KeyPersonFactory(Factory):
    class Meta:
        model = KeyPerson

    enterprise = factory.SubFactory(EnterpriseFactory)
    kind = "manager"
    name = "王厂长"


class StopPeriodFactory(Factory):
    class Meta:
        model = StopPeriod

    enterprise = factory.SubFactory(EnterpriseFactory)
    starts_on = factory.LazyFunction(timezone.localdate)
    reason = "检修"
    by = factory.SubFactory(UserFactory)


class DeadlineRuleFactory(Factory):
    class Meta:
        model = DeadlineRule
        django_get_or_create = ("code", "edition")

    code = "hazard.general.normal"
    name = "一般隐患整改"
    value = 7
    unit = "C"
    edition = "默认"
    effective_from = "2019-01-01"


class ProjectRequirementFactory(Factory):
    class Meta:
        model = ProjectRequirement
        django_get_or_create = ("code", "edition")

    code = factory.LazyAttribute(lambda row: f"{row.stage}.{'special' if row.is_special else 'ordinary'}")
    stage = "registered"
    is_special = False
    name = "项目批准(核准、备案)文件"
    article = "安全生产法(2021)第三十一条"
    edition = "2021"
    effective_from = "2021-09-01"


class ProjectFactory(Factory):
    """A project in any state, of which nobody has approved anything; `a_project` is one registered by the verb."""

    class Meta:
        model = Project

    enterprise = factory.SubFactory(EnterpriseFactory)
    name = factory.Sequence(lambda n: f"{n}号车间扩建")
    kind = "expanded"
    state = "registered"
    registered_on = factory.LazyFunction(timezone.localdate)
    registered_by = factory.SubFactory(UserFactory)


class DutyFactory(Factory):
    class Meta:
        model = Duty
        django_get_or_create = ("code", "edition")

    code = "TEAM-DAILY"
    name = "班组日排查"
    frequency = "day"
    level = "team"
    who = "班组长"
    evidence = "排查记录、照片"
    basis = "R20"
    is_ladder = True
    edition = "2019"
    effective_from = "2019-01-01"


class DutyPlanFactory(Factory):
    class Meta:
        model = DutyPlan

    unit = factory.SubFactory("tests.factories.UnitFactory")
    enterprise = factory.SelfAttribute("unit.enterprise")
    duty = factory.SubFactory(DutyFactory)
    checklist_code = "TPL-DAILY-TEAM"
    days = "everyday"
    starts_on = factory.LazyFunction(lambda: timezone.localdate().replace(month=1, day=1))


class OccurrenceFactory(Factory):
    """The period that holds `on` (today), of a plan of this unit."""

    class Meta:
        model = Occurrence

    class Params:
        on = factory.LazyFunction(timezone.localdate)

    plan = factory.LazyAttribute(lambda o: DutyPlan.objects.filter(unit=o.unit).first() or DutyPlanFactory(unit=o.unit))
    unit = factory.SubFactory("tests.factories.UnitFactory")
    enterprise = factory.SelfAttribute("unit.enterprise")
    duty_code = factory.SelfAttribute("plan.duty.code")
    frequency = factory.SelfAttribute("plan.duty.frequency")
    level = factory.SelfAttribute("plan.duty.level")
    shift = factory.SelfAttribute("plan.shift")
    period_start = factory.LazyAttribute(lambda o: period(o.frequency, o.on)[0])
    period_end = factory.LazyAttribute(lambda o: period(o.frequency, o.on)[1])
    opens_at = factory.LazyAttribute(lambda o: window(o.period_start, o.period_end, o.shift, o.plan.shift_hours)[0])
    closes_at = factory.LazyAttribute(lambda o: window(o.period_start, o.period_end, o.shift, o.plan.shift_hours)[1])


class ChecklistFactory(Factory):
    class Meta:
        model = Checklist
        django_get_or_create = ("code", "edition")
        skip_postgeneration_save = True

    code = "TPL-DAILY-TEAM"
    name = "班组日排查表"
    frequency = "day"
    level = "team"
    applies_to = {"industry": ["MACHINERY"]}
    edition = "2019"
    effective_from = "2019-01-01"

    @factory.post_generation
    def items(self, create, extracted, **kwargs):
        for position in range(extracted or 3):
            ChecklistItem.objects.get_or_create(
                checklist=self,
                code=f"D-{position + 1:02d}",
                defaults={
                    "position": position,
                    "section": "设备" if position else "人员",
                    "name": f"第{position + 1}项",
                    "how_to_check": "看现场",
                    "hazard_if": "不符合",
                    "basis": "安全生产法",
                    "level_hint": "general",
                    "edition": "2019",
                    "effective_from": "2019-01-01",
                },
            )


class CheckFactory(Factory):
    class Meta:
        model = Check

    unit = factory.SubFactory(UnitFactory)
    enterprise = factory.SelfAttribute("unit.enterprise")
    checklist_code = "TPL-DAILY-TEAM"
    version_used = factory.LazyAttribute(lambda check: ChecklistFactory().freeze(check.enterprise, check.window_start))
    frequency = "day"
    window_start = factory.LazyFunction(timezone.localdate)
    window_end = factory.SelfAttribute("window_start")
    holder = factory.SubFactory(UserFactory)
    state = "open"


class HazardFactory(Factory):
    class Meta:
        model = Hazard

    number = factory.Sequence(lambda n: f"YH2019-{n:06d}")
    enterprise = factory.SubFactory(EnterpriseFactory)
    source = "snap"
    level = "normal"
    place = "2号冲床"
    description = "防护罩缺失"
    found_on = factory.LazyFunction(timezone.localdate)
    found_by = factory.SubFactory(UserFactory)
    decide_by_on = factory.SelfAttribute("found_on")
    state = "reported"


class MajorCriterionFactory(Factory):
    class Meta:
        model = MajorCriterion
        django_get_or_create = ("code",)

    code = "MH23-DUST-01"
    name = "干式除尘系统未采用泄爆等任何一种控爆措施"
    category = "专项类"
    sectors = factory.LazyFunction(list)
    traits = factory.LazyFunction(lambda: ["DUST_EXPLOSION"])
    item = "第十一条第(三)项"
    edition = "2023"
    effective_from = datetime.date(2023, 5, 15)
    source = "工贸企业重大事故隐患判定标准"


class PenaltySchemeFactory(Factory):
    """Finable at first discovery, up to 50,000 yuan."""

    class Meta:
        model = PenaltyScheme
        django_get_or_create = ("code",)

    code = "L2021-99"
    law = "安全生产法"
    article = "第99条"
    title = "安全设备不合要求"
    first_order = "责令限期改正"
    first_min = 0
    first_max = 50_000
    first_discretionary = False
    first_offence_finable = True
    edition = "2021"
    effective_from = datetime.date(2021, 9, 1)


class InspectionPointFactory(Factory):
    class Meta:
        model = InspectionPoint
        django_get_or_create = ("code", "edition")

    code = "INSP-028"
    section = "现场"
    name = "安全设备的维护和检测"
    how_to_check = "试联锁和报警"
    edition = "2019"
    effective_from = datetime.date(2019, 1, 1)


class PointBasisFactory(Factory):
    class Meta:
        model = PointBasis

    point = factory.SubFactory(InspectionPointFactory)
    law = "安全生产法"
    article = "第36条"
    scheme = factory.SubFactory(PenaltySchemeFactory)
    edition = "2021"
    effective_from = datetime.date(2021, 9, 1)


class PowerItemFactory(Factory):
    class Meta:
        model = PowerItem
        django_get_or_create = ("kind", "point", "effective_from")

    kind = "check"
    holder = "town"
    point = ""
    edition = "2019"
    effective_from = datetime.date(2019, 1, 1)


def a_delegation(**facts):
    """The bureau has delegated penalties to the town."""
    organ = {"organ_code": "500110-emergency", "organ_name": "重庆市綦江区应急管理局", "organ_mark": "綦"}
    return PowerItemFactory(**{"kind": "penalty", "holder": "delegated", **organ, **facts})


class VisitLimitFactory(Factory):
    class Meta:
        model = VisitLimit
        django_get_or_create = ("code", "edition")

    code = "visit.window"
    name = "间隔"
    value = 30
    unit = "days"
    kinds = factory.LazyFunction(lambda: ["planned", "random", "campaign", "two_in_one"])
    edition = "默认"
    effective_from = datetime.date(2019, 1, 1)


class OwnItemFactory(Factory):
    class Meta:
        model = OwnItem

    enterprise = factory.SubFactory(EnterpriseFactory)
    checklist_code = "TPL-DAILY-TEAM"
    name = "自有项"
    hazard_if = "不符合本厂规定"
    added_on = factory.LazyFunction(timezone.localdate)
    by = factory.SubFactory(UserFactory)


class DocumentKindFactory(Factory):
    class Meta:
        model = DocumentKind
        django_get_or_create = ("code", "edition")

    code = "HAZARD_NOTICE"
    name = "隐患整改通知单"
    issuer = "enterprise"
    pattern = "整改通知〔{YYYY}〕{N}号"
    edition = "企业通用式样"
    effective_from = "2019-01-01"


def a_document(enterprise, by, *, kind="HAZARD_NOTICE", subject=None, on=None, facts=None, pattern="", issuer="", **more):
    """A paper of this kind just issued about the enterprise (or `subject`)."""
    DocumentKindFactory(code=kind, **{name: value for name, value in (("pattern", pattern), ("issuer", issuer)) if value})
    facts = {"企业": str(enterprise), "隐患": "防护罩缺失"} if facts is None else facts
    issued = {"subject": subject or enterprise, "enterprise": enterprise, "facts": facts, "by": by, "on": on or timezone.localdate()}
    return Document.issue(kind, **issued, **more)


def a_ready_document(*args, data=b"%PDF-1.7 %%EOF", **more):
    """The same with a file, without any layout."""
    row = a_document(*args, **more)
    row.file.save("paper.pdf", ContentFile(data), save=False)
    row.sha256, row.pages, row.state = hashlib.sha256(data).hexdigest(), 1, "done"
    row.save()
    return row


class ScanFactory(Factory):
    class Meta:
        model = Scan

    document = factory.LazyAttribute(lambda scan: a_document(EnterpriseFactory(), scan.by))
    file = factory.django.FileField(filename="签章件.pdf", data=b"%PDF-1.7 %%EOF")
    name = "签章件.pdf"
    size = 14
    sha256 = "0" * 64
    by = factory.SubFactory(UserFactory)


class PatrolFactory(Factory):
    class Meta:
        model = Patrol

    enterprise = factory.SubFactory(EnterpriseFactory)
    walker = "village"
    names = "刘村安"
    on = factory.LazyFunction(timezone.localdate)
    text = "提醒清理通道"
    by = factory.SubFactory(UserFactory)


class ExportLayoutFactory(Factory):
    class Meta:
        model = ExportLayout

    area = factory.SubFactory(AreaFactory, code="500110111", name="石角镇")
    name = factory.Sequence(lambda n: f"格式{n}")
    what = "orders"
    columns = factory.LazyFunction(lambda: [["number", "文号"]])
    by = factory.SubFactory(UserFactory)


class CarryImportFactory(Factory):
    class Meta:
        model = CarryImport

    area = factory.SubFactory(AreaFactory, code="500110111", name="石角镇")
    by = factory.SubFactory(UserFactory)
    name = "台账.xlsx"
    sha256 = factory.Sequence(lambda n: f"{n:064d}")
    state = "reviewed"


class NoticeFactory(Factory):
    class Meta:
        model = Notice

    kind = "hazard.assigned"
    stage = factory.Sequence(lambda n: f"event {n}")
    subject_model = "hazards.hazard"
    subject_pk = 1
    recipient = factory.SubFactory(UserFactory)
    title = "请整改:防护罩缺失"
    body = "7 天内整改好。"
    url = "/hazards/"


class ChannelFactory(Factory):
    class Meta:
        model = Channel
        django_get_or_create = ("user", "kind")

    user = factory.SubFactory(UserFactory)
    kind = "wecom"
    address = "693a91f6-7aac-4bc4-97a0-0ec2sifa5aaa"
    on_since = factory.LazyFunction(timezone.now)


class DeliveryFactory(Factory):
    class Meta:
        model = Delivery

    channel = factory.SubFactory(ChannelFactory)
    kind = "urgent"
    day = factory.LazyFunction(timezone.localdate)
    cutoff = factory.LazyFunction(timezone.now)
    notice = factory.SubFactory(NoticeFactory)


def a_hazard(people):
    """A hazard of the factory just reported by an employee."""
    DeadlineRuleFactory(code="hazard.decide", name="隐患受理", value=1, unit="W")
    DeadlineRuleFactory(code="hazard.accept", name="整改验收", value=2, unit="W")
    DeadlineRuleFactory()
    for code, value, unit in (("hazard.plan.submit", 5, "W"), ("hazard.recheck", 10, "C"), ("hazard.resume", 10, "C")):
        DeadlineRuleFactory(code=code, value=value, unit=unit)
    facts = {"unit": people.team_a, "place": "2号冲床", "description": "防护罩缺失", "source": "snap"}
    return Hazard.report(by=people.employee, on=timezone.localdate(), enterprise=people.factory, **facts)


def a_check(people):
    """An open check of team A, held by its leader."""
    return CheckFactory(unit=people.team_a, holder=people.team)


def an_occurrence(people):
    """Team A's list of today."""
    return OccurrenceFactory(unit=people.team_a)


def a_roster(people):
    """A roster file just uploaded by the inspector."""
    return RosterImport.objects.create(area=people.town, by=people.inspector, name="名册.xlsx", sha256="0" * 64, state="uploaded")


def publication_rules():
    """The periods publications and services are counted by."""
    DeadlineRuleFactory(code="service.announcement", name="公告送达", value=30, unit="C")
    DeadlineRuleFactory(code="publication.due", name="信息公开", value=20, unit="W")
    DeadlineRuleFactory(code="publication.due.penalty", name="行政处罚公示", value=7, unit="W")
    DeadlineRuleFactory(code="publication.expire", name="公示期", value=365, unit="C")
    DeadlineRuleFactory(code="publication.expire.penalty", name="行政处罚公示期", value=1095, unit="C")
    DeadlineRuleFactory(code="publication.withdraw", name="撤下公示", value=3, unit="C")


def a_town_paper(people, kind="RECHECK_OPINION", **more):
    """A paper of the town about a hazard of the factory, issued today; it must be served before it may be public."""
    publication_rules()
    DocumentKindFactory(code=kind, name="整改复查意见书", issuer="town", pattern="(綦石)应急复查〔{YYYY}〕{N}号")
    return a_document(people.factory, people.inspector, kind=kind, subject=HazardFactory(enterprise=people.factory), **more)


def a_service(people, paper, **facts):
    """The paper handed over today to the safety manager."""
    receipt = {"method": "direct", "receiver": "王安全", "receiver_role": "安全管理员", "place": "厂办公室", "server": people.inspector}
    today = timezone.localdate()
    return Service.record(paper, **{"by": people.inspector, "on": today, "served_on": today, **receipt, **facts})


def a_publication(people, **facts):
    """A draft of the inspector's about the factory."""
    publication_rules()
    texts = {"title": "隐患治理情况", "party": "重庆石角机械厂", "original": "联系人张小明", "body": "联系人张某某"}
    today = timezone.localdate()
    facts = {"kind": "hazard", "starts_on": today, "enterprise": people.factory, "by": people.inspector, **texts, **facts}
    return Publication.draft(on=today, **facts)


def a_plan(people):
    """The empty plan of a hazard of the factory confirmed as major."""
    hazard = HazardFactory(
        enterprise=people.factory, level="major", state="major_confirmed", major_on=timezone.localdate(), found_by=people.employee
    )
    for code, value, unit in (("hazard.plan.progress", 7, "C"), ("hazard.plan.submit", 5, "W"), ("hazard.recheck", 10, "C")):
        DeadlineRuleFactory(code=code, value=value, unit=unit)
    return FiveFixPlan.draft(hazard, by=people.safety, on=timezone.localdate())


def on_course(step):
    """A row of an inspection, brought so far by that step of tests/inspections/course.py."""

    def make(people):
        from tests.inspections import course

        return getattr(course, step)(people)

    return make


def project_rules():
    """The periods and requirements of construction projects, as the catalogues have them."""
    periods = (("notify", 5, "W"), ("design.accept", 5, "W"), ("design.decide", 20, "W"), ("design.extend", 10, "W"))
    for code, value, unit in (*periods, ("trial.min", 30, "C"), ("trial.max", 180, "C")):
        DeadlineRuleFactory(code=f"project.{code}", name=code, value=value, unit=unit)
    load_enterprises()


def a_project(people, **facts):
    """A project of the factory approved by the department today and registered by the inspector."""
    project_rules()
    today = timezone.localdate()
    approval = {"department": people.office, "number": "綦经发备〔2026〕12号", "approved_on": today}
    facts = {"name": "2号车间扩建", "kind": "expanded", "enterprise": people.factory, "approval": approval, **facts}
    return Project.register(**{"by": people.inspector, "on": today, **facts})


def a_recorded_visit(enterprise, by, **facts):
    """A visit made and not yet disposed of, without items; its record was signed on paper."""
    from inspections.models import Inspection

    today, number = timezone.localdate(), Inspection.objects.count() + 1
    given = {"kind": "planned", "state": "recorded", "basis": "年度计划", "planned_on": today, "visited_on": today, "planned_by": by}
    return Inspection.objects.create(number=f"XC2026-8{number:05d}", enterprise=enterprise, **{**given, **facts})


def an_order(enterprise, by, **facts):
    """An order begun on paper and served, with one line."""
    from inspections.models import Order, OrderLine

    today, number = timezone.localdate(), Order.objects.count() + 1
    days = {"issued_on": today, "served_on": today, "due_on": today + datetime.timedelta(days=15)}
    kept = {"number": f"ZL2026-8{number:05d}", "is_carried": True, "paper_number": f"旧{number}号", "state": "served", "drafted_by": by}
    given = {**kept, **days, "first_due_on": days["due_on"], **facts}
    row = Order.objects.create(enterprise=enterprise, **given)
    OrderLine.objects.create(order=row, position=0, description="通道被堵", requirement="清出通道")
    return row


def a_measure(visit, document, by, **facts):
    """A stop in force on this paper."""
    from inspections.models import OnsiteMeasure

    today, number = timezone.localdate(), OnsiteMeasure.objects.count() + 1
    words = {"kind": "stop", "scope": "冲压车间", "danger": "通道被堵", "basis": "安全生产法", "condition": "清出"}
    days = {"ordered_on": today, "served_on": today, "state": "in_force", "document": document, "drafted_by": by}
    kept = {"number": f"XCL2026-8{number:05d}", "inspection": visit, "enterprise": visit.enterprise}
    return OnsiteMeasure.objects.create(**{**kept, **words, **days, **facts})


def a_transfer(visit, document, by):
    """A matter sent to the district on this paper."""
    from inspections.models import Transfer

    kept = {"inspection": visit, "enterprise": visit.enterprise, "to_organ": "区应急局", "reason": "镇无处罚权", "by": by}
    return Transfer.objects.create(state="sent", sent_on=timezone.localdate(), document=document, **kept)


def a_year_plan(people, by=None, **facts):
    """A plan of this year in draft, of the inspector's office unless another person draws it up."""
    from inspections.models import InspectionPlan

    today = timezone.localdate()
    numbers = {"officers": 2, "training_days": 20, "leave_days": 30, "meeting_days": 50, "other_days": 100}
    return InspectionPlan.draft(by=by or people.inspector, on=today, **{"year": today.year, **numbers, **facts})


def a_plan_item(people, plan=None, **facts):
    """An item of the factory in this year's plan."""
    from inspections.models import PlanItem

    given = {"enterprise": people.factory, "segment": "candidate", "from_month": 1, "to_month": 12, "why": "风险较高", "state": "planned"}
    return PlanItem.objects.create(plan=plan or a_year_plan(people), **{**given, **facts})


def a_pool(people, by=None, **facts):
    """A pool of all working firms of the officer's town."""
    rule = {"villages": [], "sectors": [], "traits": [], "grades": [], **facts.pop("rule", {})}
    given = {"name": "工贸企业库", **facts}
    return Pool.keep(by=by or people.inspector, on=timezone.localdate(), rule=rule, **given)


def a_draw(people, by=None, pool=None, **facts):
    """A configured draw of one firm."""
    by, today = by or people.inspector, timezone.localdate()
    pool = pool or Pool.objects.filter(area=by.membership.area_id or by.membership.department.area_id).first() or a_pool(people, by)
    given = {
        "title": "四季度抽查",
        "n": 1,
        "officers_per_object": 2,
        "max_per_officer": None,
        "visits_from": today,
        "visits_until": today + datetime.timedelta(days=20),
        "public_event": "某彩票某期中奖号码",
        **facts,
    }
    return Draw.configure(by=by, on=today, pool=pool, **given)


def weigh_grades():
    """The tickets of each grade."""
    for grade, value in (("major", 4), ("larger", 3), ("general", 2), ("low", 1)):
        GradeWeight.objects.get_or_create(grade=grade, edition="设计", defaults={"value": value, "effective_from": "2019-01-01"})


def a_made_draw(people, by=None, area=None, **facts):
    """A drawn one: frozen an hour ago, its value from half an hour ago; two officers where the town has fewer."""
    by = by or people.inspector
    area = area or people.town
    held = Membership.objects.filter(area=area, role="inspector")
    for _ in range(max(0, 2 - held.count())):
        MembershipFactory(user=UserFactory(), role="inspector", enterprise=None, area=area)
    for row in held.select_related("user"):
        if not row.user.certificates.exists():
            certificate(row.user)
    weigh_grades()
    today, now = timezone.localdate(), timezone.now()
    with moment.at(now - datetime.timedelta(hours=1)):
        draw = a_draw(people, by, **facts)
        firms = draw.pool.members().count()
        assert firms >= draw.n, "not enough firms"
        draw.freeze(by=by, on=today)
    draw.enter_value(by=by, on=today, public_value="03 11 17", public_value_at=now - datetime.timedelta(minutes=30))
    draw.draw(by=by, on=today)
    return draw


# Each Stateful model: how to make one row of it in the township of tests/people.py.
STATEFUL_FACTORIES = {
    "hazards.Hazard": a_hazard,
    "hazards.Check": a_check,
    "hazards.FiveFixPlan": a_plan,
    "duties.Occurrence": an_occurrence,
    "enterprises.RosterImport": a_roster,
    "enterprises.Project": a_project,
    "documents.Publication": a_publication,
    "inspections.Inspection": on_course("planned"),
    "inspections.InspectionPlan": a_year_plan,
    "inspections.PlanItem": a_plan_item,
    "inspections.CarryImport": lambda people: CarryImportFactory(area=people.town, by=people.inspector),
    "inspections.Order": on_course("drafted"),
    "inspections.OnsiteMeasure": on_course("measure"),
    "inspections.Transfer": on_course("transfer"),
    "inspections.Violation": on_course("violation"),
    "inspections.Draw": a_draw,
}
