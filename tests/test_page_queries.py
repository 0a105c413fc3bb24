"""SWEEP: lists need the same number of queries for 1 row and for 30 rows."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.models import Job
from documents.models import NumberSeries
from hazards.models import FiveFixPlan
from inspections.models import (
    Absence,
    Avoidance,
    DistrictListEntry,
    Exclusion,
    FirmGrade,
    InspectionPlan,
    InspectionResult,
    OfficerEntry,
    OutsideVisit,
    Violation,
)
from tests import factories as f
from tests.inspections import course

pytestmark = pytest.mark.django_db


def enterprise(people, n):
    row = f.EnterpriseFactory(area=people.village_area, lead_department=people.office)
    row.traits.add(f.HazardTraitFactory(code=f"T{n % 3}", name=f"特性{n % 3}"))


def hazard(people, n):
    f.HazardFactory(enterprise=people.factory, unit=people.team_a, rectifier=people.head, due_on=timezone.localdate(), state="assigned")


def fix_plan(people, n):
    row = f.HazardFactory(enterprise=people.factory, level="major", state="major_confirmed", major_on=timezone.localdate())
    FiveFixPlan.draft(row, by=people.safety, on=timezone.localdate()).write(by=people.safety, on=timezone.localdate(), person=people.head)


def check(people, n):
    f.CheckFactory(unit=people.team_a, holder=people.team, window_start=timezone.localdate() - datetime.timedelta(days=n))


def job(people, n):
    Job.objects.create(kind="list_export", title=f"导出{n}", by=people.inspector)


def parked(people, n):
    Job.objects.create(kind="list_export", title=f"导出{n}", by=people.inspector, state="parked", last_error="x")


def own_item(people, n):
    f.OwnItemFactory(enterprise=people.factory, name=f"自有{n}", by=people.safety)


def member(people, n):
    f.MembershipFactory(enterprise=people.factory, unit=people.team_a, role="employee")


def unit(people, n):
    f.UnitFactory(enterprise=people.factory, kind="team", name=f"{n}班", parent=people.workshop)


def notice(people, n):
    f.NoticeFactory(recipient=people.safety)


def delivery(people, n):
    f.DeliveryFactory(channel__user=people.safety, notice=f.NoticeFactory(recipient=people.safety))


def occurrence(people, n):
    plan = f.DutyPlanFactory(unit=people.team_a) if not n else people.team_a.duty_plans.get()
    f.OccurrenceFactory(unit=people.team_a, plan=plan, on=timezone.localdate() - datetime.timedelta(days=n))


def firm_with_plan(people, n):
    firm = f.EnterpriseFactory(area=people.village_area)
    f.OccurrenceFactory(unit=f.UnitFactory(enterprise=firm))


def plan(people, n):
    f.DutyPlanFactory(unit=f.UnitFactory(enterprise=people.factory, kind="team", name=f"{n}组", parent=people.workshop))


def paper(people, n):
    f.a_document(people.factory if n % 2 else people.neighbour, people.inspector)


def number(people, n):
    f.DocumentKindFactory(code=f"KIND_{n}", name=f"文书{n}")
    NumberSeries.start_at(NumberSeries.organ_of(people.factory), f"KIND_{n}", timezone.localdate().year, n + 2, by=people.safety)


def publication(people, n):
    f.a_publication(people)


def published(people, n):
    days = {"published_on": timezone.localdate(), "expires_on": timezone.localdate()}
    row = f.a_publication(people)
    row._meta.model.objects.filter(pk=row.pk).update(state="published", number=f"2026-{n:05d}", reviewed_by=people.reviewer, **days)


def result(people, n):
    visit = f.a_recorded_visit(people.factory, people.inspector, state="closed", closed_on=timezone.localdate())
    type(visit).objects.filter(pk=visit.pk).update(publish_by_on=timezone.localdate())
    row = f.a_publication(people)
    InspectionResult.objects.create(inspection=visit, publication=row, ended_on=timezone.localdate() if n % 3 else None)


def project(people, n):
    f.project_rules()
    row = f.a_project(people, name=f"{n}号车间扩建")
    if n % 2:
        row.find_in_use(by=people.inspector, on=timezone.localdate(), note="已投产")


def order(people, n):
    f.an_order(people.factory, people.inspector)


def measure(people, n):
    visit = f.a_recorded_visit(people.factory, people.inspector)
    f.a_measure(visit, f.a_document(people.factory, people.inspector), people.inspector)


def violation(people, n):
    day = timezone.localdate()
    Violation.objects.create(enterprise=people.factory, origin="三同时", description=f"未验收{n}", violated_on=day, state="open")


def inspection(people, n):
    course.planned(people, planned_on=course.later(n), override_reason="再查一次").__class__.objects.update(noticed_on=timezone.localdate())


def patrol(people, n):
    f.PatrolFactory(enterprise=people.factory)


def outside(people, n):
    OutsideVisit.objects.create(enterprise=people.factory, organ=f"第{n}局", on=timezone.localdate(), by=people.inspector)


def layout(people, n):
    f.ExportLayoutFactory(area=people.town)


def carried(people, n):
    f.CarryImportFactory(area=people.town, by=f.UserFactory())


def year_plan(people, n):
    row = f.a_year_plan(people, year=2020 + n)
    f.a_plan_item(people, row)


def plan_item(people, n):
    plan = InspectionPlan.objects.first() or f.a_year_plan(people)
    f.a_plan_item(people, plan, enterprise=f.EnterpriseFactory(area=people.village_area))


def district_entry(people, n):
    firm = f.EnterpriseFactory(area=people.village_area)
    DistrictListEntry.objects.create(enterprise=firm, year=2026, source="区局", by=people.inspector, on=timezone.localdate())


def draw(people, n):
    f.a_draw(people, title=f"第{n}次抽查")


def pool(people, n):
    f.a_pool(people, name=f"{n}号库")


def graded(people, n):
    FirmGrade.give(
        f.EnterpriseFactory(area=people.village_area), by=people.inspector, on=timezone.localdate(), grade="major", reason="粉尘涉爆"
    )


def kept_out(people, n):
    day, firm = timezone.localdate(), f.EnterpriseFactory(area=people.village_area)
    Exclusion.log(by=people.inspector, on=day, enterprise=firm, reason="搬迁", since=day)
    Avoidance.log(by=people.inspector, on=day, enterprise=firm, user=people.inspector, reason="relative", since=day)
    Absence.log(by=people.inspector, on=day, area=people.town, user=people.inspector, reason="leave", since=day)


def officer(people, n):
    person = f.UserFactory()
    f.MembershipFactory(user=person, role="inspector", enterprise=None, area=people.town)
    f.certificate(person)
    OfficerEntry.refresh(people.town.pk, by=people.inspector, on=timezone.localdate())


LISTS = [
    ("year_plan_list", "inspector", year_plan, False),
    ("district_list", "inspector", district_entry, False),
    ("draw_list", "inspector", draw, False),
    ("pool_list", "inspector", pool, False),
    ("firm_grade_list", "inspector", graded, False),
    ("exclusion_list", "inspector", kept_out, False),
    ("avoidance_list", "inspector", kept_out, False),
    ("absence_list", "inspector", kept_out, False),
    ("officer_list", "inspector", officer, False),
    ("inspection_desk", "reviewer", draw, False),
    ("order_list", "inspector", order, False),
    ("order_list", "safety", order, False),
    ("measure_list", "inspector", measure, False),
    ("violation_list", "inspector", violation, False),
    ("inspection_list", "inspector", inspection, False),
    ("inspection_list", "safety", inspection, False),
    ("enterprise_inspections", "inspector", inspection, True),
    ("patrol_list", "village", patrol, False),
    ("enterprise_patrols", "inspector", patrol, True),
    ("enterprise_patrols", "inspector", outside, True),
    ("outside_list", "inspector", outside, False),
    ("district_export", "inspector", layout, False),
    ("carry_in", "inspector", carried, False),
    ("project_list", "inspector", project, False),
    ("project_list", "safety", project, False),
    ("enterprise_projects", "department", project, True),
    ("enterprise_ledgers", "safety", hazard, True),
    ("hazard_notices", "safety", hazard, False),
    ("document_list", "inspector", paper, False),
    ("document_numbers", "safety", number, False),
    ("publication_list", "reviewer", publication, False),
    ("publication_reviews", "reviewer", publication, False),
    ("result_list", "inspector", result, False),
    ("home", "reviewer", result, False),
    ("home", "reviewer", publication, False),
    ("public_list", "reviewer", published, False),
    ("public_csv", "reviewer", published, False),
    ("occurrence_list", "inspector", occurrence, False),
    ("occurrence_list", "head", occurrence, False),
    ("calendar", "team", occurrence, False),
    ("enterprise_calendar", "inspector", occurrence, True),
    ("plan_list", "safety", plan, True),
    ("statistics", "inspector", firm_with_plan, False),
    ("silent_list", "inspector", enterprise, False),
    ("home", "inspector", firm_with_plan, False),
    ("notice_list", "safety", notice, False),
    ("delivery_list", "safety", delivery, False),
    ("home", "safety", notice, False),
    ("home", "safety", unit, False),
    ("home", "head", unit, False),
    ("check_list", "head", unit, False),
    ("people_list", "safety", unit, True),
    ("enterprise_list", "inspector", enterprise, False),
    ("hazard_list", "inspector", hazard, False),
    ("hazard_list", "safety", hazard, False),
    ("hazard_list", "inspector", fix_plan, False),
    ("fix_plan_list", "inspector", fix_plan, False),
    ("fix_plan_list", "safety", fix_plan, False),
    ("home", "safety", fix_plan, False),
    ("check_list", "inspector", check, False),
    ("job_list", "inspector", job, False),
    ("ops", "admin", parked, False),
    ("own_item_list", "safety", own_item, False),
    ("home", "inspector", hazard, False),
    ("home", "head", hazard, False),
    ("people_list", "safety", member, True),
]


@pytest.mark.parametrize(("name", "who", "make", "needs_pk"), LISTS)
def test_list_needs_as_many_queries_for_30_rows_as_for_one(people, client, name, who, make, needs_pk):
    client.force_login(getattr(people, who))
    url = reverse(name, args=[people.factory.pk] if needs_pk else [])

    def count():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    make(people, 0)
    count()
    one = count()
    for n in range(1, 30):
        make(people, n)
    assert count() == one
