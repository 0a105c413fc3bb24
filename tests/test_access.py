"""SWEEP: every URL × every role × own and other enterprise, decided by one table; a URL without a row fails.

A letter is a person of tests/people.py: A admin, L leader, I inspector, R reviewer, D department, V village;
P principal, S safety manager, H unit head, T team leader, E employee, all of one firm; O the neighbour firm's
safety manager; F an inspector of another town; and nobody (not signed in).
"""

import datetime
import uuid
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse
from django.utils import timezone

from core.models import Attachment, Job
from core.work import sweep
from duties.models import Sample
from enterprises.roster.work import take_in
from hazards.models import FiveFixPlan
from inspections.models import Draw, Exclusion, OrderExtension, Violation
from tests import factories as f
from tests.inspections import course
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db

WHO = {
    "A": "admin",
    "L": "leader",
    "I": "inspector",
    "R": "reviewer",
    "D": "department",
    "V": "village",
    "P": "principal",
    "S": "safety",
    "H": "head",
    "T": "team",
    "E": "employee",
    "O": "outsider",
    "F": "foreign",
}
ALL = "ALIRDVPSHTE"
TOWN, FIRM = "ALIRDV", "PSHTE"
READERS = TOWN + "PS"
KEEPERS = "AIPS"

# name: (what it needs, who may open it, method). Visibility of rows is in SUBJECTS.
TABLE = {
    "home": ("page", ALL, "get"),
    "healthz": ("public", "", "get"),
    "ops": ("page", "A", "get"),
    "work_retry": ("parked", "A", "post"),
    "components": ("page", "A", "get"),
    "file_upload": ("page", ALL, "post"),
    "file_discard": ("uid", ALL, "post"),
    "file_detail": ("photo", ALL, "get"),
    "file_thumbnail": ("photo", ALL, "get"),
    "job_list": ("page", ALL, "get"),
    "job_detail": ("job", ALL, "get"),
    "job_download": ("job_file", ALL, "get"),
    "membership_choose": ("page", ALL, "post"),
    "public_list": ("public", "", "get"),
    "public_data": ("public", "", "get"),
    "public_csv": ("public", "", "get"),
    "public_seals": ("public", "", "get"),
    "public_detail": ("public", "", "get"),
    "public_draws": ("public", "", "get"),
    "public_draw": ("public", "", "get"),
    "public_draw_lists": ("public", "", "get"),
    "public_draw_file": ("public", "", "get"),
    "service_list": ("paper", READERS, "get"),
    "service_new": ("paper", "I", "get"),
    "publication_list": ("page", "ALIR", "get"),
    "publication_new": ("page", "IR", "get"),
    "publication_reviews": ("page", "LIR", "get"),
    "publication_releases": ("page", "LIR", "get"),
    "publication_correct": ("publication", "IR", "get"),
    "result_list": ("page", "ALIRD", "get"),
    "result_drafts": ("page", "IR", "post"),
    "result_draft": ("town_visit", "IR", "get"),
    "publication_detail": ("publication", "ALIR", "get"),
    "publication_move": ("publication_move", "IR", "get"),
    "login": ("public", "", "get"),
    "activate": ("public", "", "get"),
    "forgot": ("public", "", "get"),
    "verify": ("public", "", "get"),
    "verify_code": ("code", "", "get"),
    "second_factor": ("page", ALL, "get"),
    "second_factor_setup": ("page", ALL, "get"),
    "logout": ("page", ALL, "post"),
    "account": ("page", ALL, "get"),
    "password_change": ("page", ALL, "get"),
    "email_change": ("page", ALL, "get"),
    "session_revoke": ("session", ALL, "post"),
    "session_revoke_others": ("page", ALL, "post"),
    "notice_list": ("page", ALL, "get"),
    "notice_detail": ("notice", ALL, "get"),
    "notice_read": ("notice", ALL, "post"),
    "notice_read_all": ("page", ALL, "post"),
    "notice_settings": ("page", ALL, "get"),
    "channel_edit": ("channel", ALL, "get"),
    "channel_switch": ("channel", ALL, "post"),
    "channel_test": ("channel", ALL, "post"),
    "delivery_list": ("page", ALL, "get"),
    "staff_list": ("page", "A", "get"),
    "staff_invite": ("page", "A", "get"),
    "staff_detail": ("staff", "A", "get"),
    "staff_role": ("staff", "A", "get"),
    "staff_delegate": ("staff_role", "A", "get"),
    "staff_end_role": ("staff_role", "A", "post"),
    "staff_code": ("staff", "A", "post"),
    "staff_active": ("staff", "A", "post"),
    "staff_second_factor": ("staff", "A", "post"),
    "staff_certificate_new": ("staff", "A", "get"),
    "staff_certificate_revoke": ("staff_certificate", "A", "get"),
    "people_list": ("enterprise", "AIPS", "get"),
    "people_invite": ("enterprise", "APS", "get"),
    "people_add": ("enterprise", "A", "get"),
    "people_code": ("membership", "APS", "get"),
    "people_end": ("membership", "APS", "get"),
    "people_delegate": ("membership", "APS", "get"),
    "enterprise_list": ("page", READERS, "get"),
    "enterprise_new": ("page", "AI", "get"),
    "enterprise_detail": ("enterprise", READERS, "get"),
    "enterprise_edit": ("enterprise", "AID", "get"),
    "enterprise_units": ("enterprise", READERS, "get"),
    "enterprise_stops": ("enterprise", READERS, "get"),
    "enterprise_history": ("enterprise", READERS, "get"),
    "enterprise_hazards": ("enterprise", READERS, "get"),
    "enterprise_checks": ("enterprise", READERS, "get"),
    "unit_new": ("enterprise", KEEPERS, "get"),
    "unit_edit": ("unit", KEEPERS, "get"),
    "unit_close": ("unit", KEEPERS, "post"),
    "key_person_new": ("enterprise", KEEPERS, "get"),
    "key_person_edit": ("key_person", KEEPERS, "get"),
    "key_person_confirm": ("key_person", "AI", "post"),
    "key_person_end": ("key_person", KEEPERS, "post"),
    "key_person_phone": ("key_person", READERS, "post"),
    "stop_new": ("enterprise", KEEPERS, "get"),
    "stop_end": ("stop", KEEPERS, "post"),
    "project_list": ("page", READERS, "get"),
    "enterprise_projects": ("enterprise", READERS, "get"),
    "project_new": ("enterprise", "AID", "get"),
    "project_detail": ("project", READERS, "get"),
    "project_move": ("project_move", "PS", "get"),
    "roster_import": ("page", "AI", "get"),
    "roster_detail": ("roster", "AI", "get"),
    "roster_columns": ("roster", "AI", "post"),
    "roster_refused": ("roster", "AI", "get"),
    "roster_move": ("roster_move", "AI", "get"),
    "check_list": ("page", ALL, "get"),
    "check_open": ("open_unit", "PSHT", "post"),
    "calendar": ("page", FIRM, "get"),
    "occurrence_list": ("page", ALL, "get"),
    "occurrence_detail": ("occurrence", ALL, "get"),
    "occurrence_move": ("occurrence_move", "IPS", "get"),
    "sample_answer": ("sample", "PSH", "post"),
    "statistics": ("page", READERS, "get"),
    "silent_list": ("page", TOWN, "get"),
    "enterprise_calendar": ("enterprise", READERS, "get"),
    "plan_list": ("enterprise", READERS, "get"),
    "plan_new": ("enterprise", KEEPERS, "get"),
    "plan_setup": ("enterprise", KEEPERS, "get"),
    "plan_end": ("plan", KEEPERS, "get"),
    "plan_assign": ("plan", KEEPERS, "get"),
    "check_detail": ("check", ALL, "get"),
    "check_fill": ("check", FIRM, "get"),
    "check_review": ("check", FIRM, "get"),
    "check_move": ("check_move", FIRM, "get"),
    "own_item_list": ("page", "PS", "get"),
    "own_item_new": ("page", "PS", "get"),
    "own_item_retire": ("own_item", "PS", "post"),
    "document_list": ("page", READERS, "get"),
    "document_batch": ("page", READERS, "post"),
    "document_numbers": ("page", KEEPERS, "get"),
    "document_detail": ("document", ALL, "get"),
    "document_pdf": ("document_ready", ALL, "get"),
    "document_void": ("document", "PS", "get"),
    "document_scan": ("document", "PS", "get"),
    "document_scan_file": ("document_scan", ALL, "get"),
    "inspection_overview": ("page", "ALIRD", "get"),
    "inspection_desk": ("page", "LIRD", "get"),
    "inspection_day_sheet": ("page", "LID", "get"),
    "draw_list": ("page", "ALIRD", "get"),
    "draw_new": ("page", "ID", "get"),
    "draw_detail": ("draw", "ALIRD", "get"),
    "draw_move": ("draw_move", "LR", "get"),
    "draw_tickets": ("draw", "ALIRD", "get"),
    "draw_officers": ("draw_pick", "ALIRD", "get"),
    "draw_record_paper": ("draw", "I", "get"),
    "pool_list": ("page", "ALIRD", "get"),
    "pool_new": ("page", "ID", "get"),
    "pool_detail": ("pool", "ALIRD", "get"),
    "pool_edit": ("pool", "ID", "get"),
    "pool_refresh": ("pool", "ID", "post"),
    "officer_list": ("page", "ALIRD", "get"),
    "officer_refresh": ("page", "ID", "post"),
    "absence_list": ("page", "ALIRD", "get"),
    "absence_new": ("page", "ID", "get"),
    "avoidance_list": ("page", "ALIRD", "get"),
    "avoidance_new": ("page", "ID", "get"),
    "exclusion_list": ("page", "ALIRD", "get"),
    "exclusion_new": ("page", "ID", "get"),
    "firm_grade_list": ("page", "ALIRD", "get"),
    "firm_grade_new": ("page", "ID", "get"),
    "out_lift": ("out", "ID", "get"),
    "patrol_list": ("page", READERS, "get"),
    "patrol_new": ("page", "IDV", "get"),
    "patrol_detail": ("patrol", READERS, "get"),
    "enterprise_patrols": ("enterprise", READERS, "get"),
    "outside_list": ("page", TOWN, "get"),
    "outside_new": ("page", "ID", "get"),
    "district_export": ("page", "AI", "get"),
    "district_export_rows": ("layout", "AI", "get"),
    "district_export_layout": ("layout", "AI", "get"),
    "carry_in": ("page", "I", "get"),
    "carry_template": ("carry_what", "I", "get"),
    "carry_new": ("carry_what", "I", "get"),
    "carry_detail": ("carry", "I", "get"),
    "carry_move": ("carry_move", "I", "get"),
    "hazard_list": ("page", ALL, "get"),
    "hazard_report": ("page", "IV" + FIRM, "get"),
    "hazard_detail": ("hazard", ALL, "get"),
    "hazard_move": ("hazard_move", "PSH", "get"),
    "fix_plan_list": ("page", ALL, "get"),
    "fix_plan_detail": ("fix_plan", ALL, "get"),
    "fix_plan_move": ("fix_plan_move", "PS", "get"),
    "fix_plan_paper": ("fix_plan", "PS", "get"),
    "check_record": ("check", "PSHT", "get"),
    "hazard_notice": ("hazard", "PSH", "get"),
    "hazard_notices": ("page", "PS", "get"),
    "major_report": ("hazard", "PS", "get"),
    "major_report_district": ("hazard", "I", "get"),
    "recheck_opinion": ("hazard", "I", "get"),
    "service_receipt_paper": ("service", "I", "get"),
    "year_plan_list": ("page", "ALIRD", "get"),
    "year_plan_new": ("page", "ID", "get"),
    "year_plan_template": ("page", "ID", "get"),
    "district_list": ("page", "ALIRD", "get"),
    "year_plan_detail": ("year_plan", "ALIRD", "get"),
    "year_plan_edit": ("year_plan", "ID", "get"),
    "year_plan_items": ("year_plan", "ALIRD", "get"),
    "year_plan_random": ("year_plan", "ID", "get"),
    "year_plan_file": ("year_plan", "ID", "get"),
    "plan_item_edit": ("plan_item", "ID", "get"),
    "plan_item_drop": ("plan_item", "ID", "get"),
    "year_plan_candidates": ("year_plan", "ID", "get"),
    "year_plan_adjust": ("year_plan", "ALIRD", "get"),
    "year_plan_paper": ("year_plan", "ID", "get"),
    "year_plan_move": ("year_plan_move", "ID", "get"),
    "order_list": ("page", READERS, "get"),
    "order_new": ("town_visit", "I", "get"),
    "order_detail": ("order", READERS, "get"),
    "order_move": ("order_move", "IPS", "get"),
    "order_paper": ("order", "I", "get"),
    "order_extension_paper": ("order_extension", "I", "get"),
    "measure_list": ("page", READERS, "get"),
    "measure_new": ("town_visit", "I", "get"),
    "measure_detail": ("measure", READERS, "get"),
    "measure_move": ("measure_move", "IPS", "get"),
    "measure_paper": ("measure", "I", "get"),
    "measure_resume_paper": ("measure", "I", "get"),
    "transfer_new": ("town_visit", "I", "get"),
    "transfer_detail": ("transfer", "ALIRD", "get"),
    "transfer_move": ("transfer_move", "I", "get"),
    "transfer_paper": ("transfer", "I", "get"),
    "violation_list": ("page", "ALIRD", "get"),
    "violation_detail": ("violation", "ALIRD", "get"),
    "violation_move": ("violation_move", "I", "get"),
    "inspection_plan_paper": ("town_visit", "I", "get"),
    "inspection_notice": ("town_visit", "I", "get"),
    "inspection_record_paper": ("town_visit", "I", "get"),
    "inspection_recheck_paper": ("town_visit", "I", "get"),
    "inspection_district_paper": ("town_visit", "I", "get"),
    "inspection_list": ("page", READERS, "get"),
    "inspection_new": ("page", "ID", "get"),
    "inspection_detail": ("inspection", READERS, "get"),
    "inspection_items": ("inspection", "ID", "get"),
    "inspection_item_add": ("inspection", "ID", "get"),
    "inspection_fill": ("inspection", "ID", "get"),
    "inspection_sign": ("inspection", "ID", "get"),
    "inspection_move": ("inspection_move", "LID", "get"),
    "enterprise_inspections": ("enterprise", READERS, "get"),
    "inspection_entry": ("public", "", "get"),
    "enterprise_ledgers": ("enterprise", READERS, "get"),
    "hazard_ledger": ("enterprise", "PS", "get"),
    "hazard_ledger_month": ("enterprise_month", "PS", "get"),
    "hazard_publicity": ("enterprise", "PS", "get"),
    "hazard_publicity_month": ("enterprise_month", "PS", "get"),
}

# Who sees the factory's row, beside its neighbour's: (visible of the factory's, visible of the neighbour's).
TOWN_WIDE = "ALIR"
ROWS = {
    "enterprise": (ALL, TOWN_WIDE + "O"),
    "enterprise_month": (ALL, TOWN_WIDE + "O"),
    "unit": (ALL, TOWN_WIDE + "O"),
    "key_person": (ALL, TOWN_WIDE + "O"),
    "stop": (ALL, TOWN_WIDE + "O"),
    "membership": (ALL, TOWN_WIDE + "O"),
    "inspection": ("ALIRDVPS", TOWN_WIDE + "O"),
    "inspection_move": ("ALIRDVPS", TOWN_WIDE + "O"),
    "hazard": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "hazard_move": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "service": ("ALIRDVPS", TOWN_WIDE + "O"),
    "town_visit": ("ALIRDVPS", TOWN_WIDE + "O"),
    "order": ("ALIRDVPS", TOWN_WIDE + "O"),
    "order_move": ("ALIRDVPS", TOWN_WIDE + "O"),
    "order_extension": ("ALIRDVPS", TOWN_WIDE + "O"),
    "measure": ("ALIRDVPS", TOWN_WIDE + "O"),
    "measure_move": ("ALIRDVPS", TOWN_WIDE + "O"),
    "transfer": ("ALIRD", TOWN_WIDE),
    "transfer_move": ("ALIRD", TOWN_WIDE),
    "violation": ("ALIRD", TOWN_WIDE),
    "violation_move": ("ALIRD", TOWN_WIDE),
    "document": ("ALIRDVPS", TOWN_WIDE + "O"),
    "document_ready": ("ALIRDVPS", TOWN_WIDE + "O"),
    "document_scan": ("ALIRDVPS", TOWN_WIDE + "O"),
    "fix_plan": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "fix_plan_move": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "patrol": ("ALIRDVPS", TOWN_WIDE + "O"),
    "year_plan": ("ALIRD", "F"),
    "year_plan_move": ("ALIRD", "F"),
    "plan_item": ("ALIRD", "F"),
    "draw": ("ALIR", "F"),
    "draw_move": ("ALIR", "F"),
    "draw_pick": ("ALIR", "F"),
    "pool": ("ALIR", "F"),
    "out": ("ALIRD", TOWN_WIDE),
    "layout": ("AI", "F"),
    "carry": ("I", "F"),
    "carry_move": ("I", "F"),
    "carry_what": ("IF", ""),
    "photo": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "check": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "check_move": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "open_unit": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "own_item": (ALL, TOWN_WIDE + "O"),
    "occurrence": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "occurrence_move": ("ALIRDVPSHT", TOWN_WIDE + "O"),
    "sample": ("ALIRDVPSH", TOWN_WIDE + "O"),
    "plan": (ALL, TOWN_WIDE + "O"),
    "paper": ("ALIRDVPS", TOWN_WIDE + "O"),
    "publication": ("ALIR", "ALIR"),
    "publication_move": ("ALIR", "ALIR"),
    "project": ("ALIRDVPS", TOWN_WIDE + "O"),
    "project_move": ("ALIRDVPS", TOWN_WIDE + "O"),
    "roster": ("ALIR", "F"),
    "roster_move": ("AI", "F"),
    "job": ("S", "O"),
    "job_file": ("S", "O"),
    "session": ("S", "O"),
    "notice": ("S", "O"),
    "parked": ("A", ""),
    "staff": ("A", ""),
    "staff_role": ("A", ""),
    "staff_certificate": ("A", ""),
}
OTHER_HALF = {"O": "S", "F": "I"}


def names():
    """Every named URL of the project but the admin site's and static ones."""

    def walk(resolver):
        for pattern in resolver.url_patterns:
            if not hasattr(pattern, "url_patterns"):
                yield pattern.name
            elif getattr(pattern, "namespace", None) != "admin":
                yield from walk(pattern)

    return sorted(walk(get_resolver()))


def test_every_url_stands_in_the_table():
    assert names() == sorted(TABLE)


@pytest.fixture
def rows(people):
    """Two rows of each kind: the factory's and the neighbour's."""
    today = timezone.localdate()
    f.ChecklistFactory()
    f.DeadlineRuleFactory()
    for code in ("HAZARD_LEDGER", "HAZARD_PUBLICITY"):
        f.DocumentKindFactory(code=code)
    f.DocumentKindFactory(code="DELIVERY", issuer="town")
    for code in ("inspection.order.max", "inspection.order.default", "inspection.order.extend.before"):
        f.DeadlineRuleFactory(code=code)

    def firm(enterprise, unit, leader, manager, area, inspector):
        photo = Attachment.take_in(jpeg(), by=leader)
        hazard = f.HazardFactory(enterprise=enterprise, unit=unit, found_by=leader)
        Attachment.attach([photo], hazard, purpose="before", by=leader)
        major = f.HazardFactory(enterprise=enterprise, unit=unit, level="major", state="major_confirmed", major_on=today, found_by=leader)
        fix_plan = FiveFixPlan.draft(major, by=manager, on=today)
        job = Job.objects.create(kind="list_export", title="导出", by=manager, state="done", result_name="a.xlsx")
        with_file = Job.objects.create(
            kind="list_export", title="导出", by=manager, state="done", result=photo.file.name, result_name="a.xlsx"
        )
        check = f.CheckFactory(unit=unit, holder=leader)
        occurrence = f.OccurrenceFactory(unit=unit)
        shop = unit.parent or unit
        weekly = f.DutyFactory(code="W", frequency="week", level="department")
        upper = f.OccurrenceFactory(unit=shop, plan=f.DutyPlanFactory(unit=shop, duty=weekly))
        sample = Sample.objects.create(upper=upper, lower=occurrence)
        text = f"企业名称,统一社会信用代码,所在村\n甲厂,{f.credit_code(900 + enterprise.pk)},{enterprise.area.name}\n坏厂{enterprise.pk},123,{enterprise.area.name}\n"
        roster = take_in(text.encode(), "名册.csv", by=inspector, area=area)
        roster.review(by=inspector, on=today)
        sweep()
        session = manager.sign_ins.create(session_key=uuid.uuid4().hex)
        f.DocumentKindFactory(code="RECHECK_OPINION", issuer="town")
        paper = f.a_document(enterprise, people.inspector, kind="RECHECK_OPINION")
        publication = f.a_publication(people, enterprise=enterprise)
        part = lambda row: [enterprise.pk, row.pk]  # noqa: E731
        project = f.ProjectFactory(enterprise=enterprise, registered_by=inspector)
        document = f.a_document(enterprise, manager)
        inspection = course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise))))
        order = f.an_order(enterprise, people.inspector)
        asked = {"was_due_on": order.due_on, "until": order.due_on + datetime.timedelta(days=10), "reply_by_on": today}
        extension = OrderExtension.objects.create(order=order, reason="缺件", measures="停用", asked_by=manager, **asked)
        measure, transfer = f.a_measure(inspection, paper, people.inspector), f.a_transfer(inspection, paper, people.inspector)
        violation = Violation.objects.create(enterprise=enterprise, origin="三同时", description="未验收", violated_on=today, state="open")
        year_plan = f.a_year_plan(people, by=inspector)
        item = f.a_plan_item(people, year_plan, enterprise=people.abroad if inspector == people.foreign else enterprise)
        draw = f.a_made_draw(people, inspector, area)
        exclusion = Exclusion.log(by=inspector, on=today, enterprise=enterprise, reason="整体搬迁", since=today)
        service = f.a_service(people, f.a_document(enterprise, people.inspector, kind="RECHECK_OPINION"))
        return SimpleNamespace(
            year_plan=[year_plan.pk],
            year_plan_move=[year_plan.pk, "withdraw"],
            plan_item=[year_plan.pk, item.pk],
            inspection=[inspection.pk],
            inspection_move=[inspection.pk, "abort"],
            inspection_entry=[inspection.entry_code],
            enterprise=[enterprise.pk],
            enterprise_month=[enterprise.pk, today.year, today.month],
            unit=part(f.UnitFactory(enterprise=enterprise, kind="department", name="新部门", parent=enterprise.units.get(kind="plant"))),
            key_person=part(f.KeyPersonFactory(enterprise=enterprise)),
            stop=part(f.StopPeriodFactory(enterprise=enterprise, starts_on=today.replace(year=2030), by=manager)),
            membership=part(f.MembershipFactory(enterprise=enterprise, role="employee")),
            hazard=[hazard.pk],
            hazard_move=[hazard.pk, "assign"],
            fix_plan=[fix_plan.pk],
            fix_plan_move=[fix_plan.pk, "write"],
            photo=[photo.pk],
            check=[check.pk],
            check_move=[check.pk, "hand_over"],
            occurrence=[occurrence.pk],
            occurrence_move=[occurrence.pk, "exempt"],
            sample=[sample.pk],
            plan=part(occurrence.plan),
            paper=[paper.pk],
            service=[service.pk],
            town_visit=[inspection.pk],
            order=[order.pk],
            order_move=[order.pk, "apply_recheck"],
            order_extension=[extension.pk],
            measure=[measure.pk],
            measure_move=[measure.pk, "apply_release"],
            transfer=[transfer.pk],
            transfer_move=[transfer.pk, "receive"],
            violation=[violation.pk],
            violation_move=[violation.pk, "order_first"],
            publication=[publication.pk],
            publication_move=[publication.pk, "revise"],
            project=[project.pk],
            project_move=[project.pk, "start_evaluation"],
            own_item=[f.OwnItemFactory(enterprise=enterprise, by=manager).pk],
            job=[job.pk],
            job_file=[with_file.pk],
            session=[session.pk],
            notice=[f.NoticeFactory(recipient=manager).pk],
            roster=[roster.pk],
            roster_move=[roster.pk, "apply"],
            draw=[draw.pk],
            draw_move=[draw.pk, "confirm"],
            draw_pick=[draw.pk, draw.picks.first().pk],
            pool=[draw.pool_id],
            out=["exclusion", exclusion.pk],
            patrol=[f.PatrolFactory(enterprise=enterprise, by=inspector).pk],
            layout=[f.ExportLayoutFactory(area=area, by=inspector).pk],
            carry=[f.CarryImportFactory(area=area, by=inspector).pk],
            carry_move=[f.CarryImportFactory(area=area, by=inspector).pk, "drop"],
            open_unit=[],
            document=[document.pk],
            document_ready=[f.a_ready_document(enterprise, manager).pk],
            document_scan=[f.ScanFactory(document=document, by=manager).pk],
            code=document.code,
            occurrence_pk=occurrence.pk,
        )

    mine = firm(people.factory, people.team_a, people.team, people.safety, people.town, people.inspector)
    other = firm(people.neighbour, people.neighbour_plant, people.outsider, people.outsider, people.foreign.membership.area, people.foreign)
    mine.parked = ["core.job", Job.objects.create(kind="list_export", title="导出", by=people.safety, params={}, state="parked").pk]
    mine.staff = [people.reviewer.pk]
    mine.carry_what = ["order"]
    shown = f.a_publication(people)
    shown.review(by=people.reviewer, on=today)
    shown.publish(by=people.leader, on=today)
    mine.public_detail = [shown.number]
    Draw.objects.filter(pk=mine.draw[0]).update(published_at=timezone.now())
    number = Draw.objects.get(pk=mine.draw[0]).number
    mine.public_draw = mine.public_draw_lists = [number]
    mine.public_draw_file = [number, number]
    mine.staff_certificate = [people.reviewer.pk, f.certificate(people.reviewer).pk]
    mine.staff_role = [people.reviewer.pk, people.reviewer.memberships.get().pk]
    return mine, other


def ask(client, method, url, data):
    """The status, with everything the request wrote rolled back."""
    try:
        with transaction.atomic():
            status = getattr(client, method)(url, data).status_code
            raise RolledBack
    except RolledBack:
        return status


class RolledBack(Exception):
    pass


# The rows cost more than the questions: each bundle of URLs is asked about one set of them.
BUNDLES = 16


@pytest.mark.parametrize("bundle", range(BUNDLES))
def test_access(people, rows, client, bundle):
    asked = {name: answers(people, rows, client, name) for name in sorted(TABLE)[bundle::BUNDLES]}
    assert {name: found for name, (found, _) in asked.items()} == {name: expected for name, (_, expected) in asked.items()}


def answers(people, rows, client, name):
    """(what each person met at each row, what the table says)."""
    kind, allowed, method = TABLE[name]
    client.logout()
    if kind in ("public", "code"):
        url = reverse(name, args=[rows[0].code] if kind == "code" else getattr(rows[0], name, []))
        return {"anybody": client.get(url).status_code}, {"anybody": 200}
    found, expected = {}, {}
    for whose, row in zip(("own", "other"), rows, strict=True):
        if kind not in ROWS and whose == "other":
            continue
        if not hasattr(row, kind) and kind in ROWS:
            continue
        args = getattr(row, kind) if kind in ROWS else [uuid.uuid4()] if kind == "uid" else ["wecom"] if kind == "channel" else []
        url = reverse(name, args=args)
        data = {"occurrence": row.occurrence_pk} if kind == "open_unit" else {}
        client.logout()
        stranger = client.get(url)
        found[whose, "stranger"] = "/login/" in stranger.headers.get("Location", "/login/") and stranger.status_code in (302, 405)
        expected[whose, "stranger"] = True
        for letter, username in WHO.items():
            client.force_login(getattr(people, username))
            found[whose, letter] = verdict(ask(client, method, url, data))
            expected[whose, letter] = decide(kind, allowed, letter, whose, found[whose, letter])
    return found, expected


def verdict(status):
    """404, 403, or "open" for every answer of the page itself; a method the page does not know proves nothing."""
    return status if status in (403, 404, 405, 500) else "open"


def decide(kind, allowed, letter, whose, got):
    """What the table says. Out of scope is 404; a wrong role is 403 wherever the row lies, so it tells nothing."""
    may = OTHER_HALF.get(letter, letter) in allowed
    if kind not in ROWS:
        return "open" if may else 403
    visible = letter in ROWS[kind][whose == "other"]
    if visible:
        return "open" if may else 403
    return 404 if may else (got if got in (403, 404) else 404)
