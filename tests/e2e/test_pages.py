"""Every page of the demo township as each role, on a phone and on a desktop: axe, width, touch targets, CSP, console."""

import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.models import Heartbeat, Job
from documents.models import Document, Publication, Service
from duties.models import Occurrence
from enterprises.models import Project, RosterImport
from hazards.models import Check, FiveFixPlan, Hazard
from inspections.models import Inspection, OnsiteMeasure, Order, Transfer, Violation
from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious

pytestmark = pytest.mark.django_db(transaction=True)

SMALL_TARGETS = """() => [...document.querySelectorAll('form button, form select, form input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=file]), label.choice, .bottombar a, a.btn')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
  .map(e => e.outerHTML.slice(0, 80))"""


@pytest.fixture
def demo(transactional_db):
    """The demo township of today."""
    call_command("seed_demo", verbosity=0)


def today_of(team):
    """The team's list of today, made when today is no working day."""
    unit, now = team.membership.unit, timezone.now()
    found = Occurrence.objects.filter(unit=unit).open(now).first()
    return found or f.OccurrenceFactory(unit=unit)


def pages():
    """[(who, path)]: each template at least once, with rows in each state."""
    main = User.objects.get(username="safety").membership.enterprise
    hazards = [Hazard.objects.filter(enterprise=main, state=s).order_by("pk").first() for s in Hazard.State]
    row = {h.state: h for h in hazards if h}
    done = Check.objects.filter(enterprise=main, state="submitted").order_by("pk").first()
    unit = main.units.exclude(kind="plant").first()
    person = main.key_people.first()
    member = User.objects.get(username="employee").memberships.get()
    reviewer = User.objects.get(username="reviewer")
    team = User.objects.get(username="team")
    open_check = Check.start(occurrence=today_of(team), by=team, on=timezone.localdate())
    ours = Occurrence.objects.filter(enterprise=main)
    states = {row.state: row for row in ours.order_by("-period_start")}
    plan = main.duty_plans.order_by("pk").first()
    long_ago = timezone.localdate() - datetime.timedelta(days=400)
    climbing = f.OccurrenceFactory(unit=team.membership.unit, on=long_ago, state="missed", missed_at=timezone.now())
    job = Job.objects.create(kind="list_export", title="导出 企业", by=User.objects.get(username="inspector"), total=100, done=40)
    Job.objects.create(
        kind="list_export", title="导出 隐患", by=job.by, state="parked", attempts=3, last_error=f"OSError: 磁盘满了 /{'x' * 250}"
    )
    Heartbeat.objects.create(kind="ticker", name="一号机", at=timezone.now() - datetime.timedelta(hours=2))
    User.objects.create(username="without", name="没岗位的人")
    at = lambda name, *args: reverse(name, args=args)  # noqa: E731
    enterprise = ("detail", "edit", "units", "stops", "history", "hazards", "checks")
    return [
        (None, at("login")),
        (None, at("activate")),
        (None, at("forgot")),
        *[
            (who, at("home"))
            for who in ("admin", "leader", "inspector", "department", "village", "principal", "safety", "head", "team", "employee")
        ],
        *[(who, at("account")) for who in ("admin", "employee")],
        ("admin", at("password_change")),
        ("admin", at("second_factor_setup")),
        ("admin", at("staff_list")),
        ("admin", at("staff_invite")),
        ("admin", at("staff_detail", reviewer.pk)),
        ("admin", at("ops")),
        ("admin", at("components")),
        ("inspector", at("job_list")),
        ("inspector", at("enterprise_list")),
        ("inspector", at("enterprise_list") + "?q=nothing-like-it"),
        ("inspector", at("enterprise_new")),
        *[("inspector", at(f"enterprise_{tab}", main.pk)) for tab in enterprise],
        ("inspector", at("roster_import")),
        ("inspector", at("roster_detail", RosterImport.objects.get().pk)),
        ("safety", at("people_list", main.pk)),
        ("safety", at("people_invite", main.pk)),
        ("safety", at("people_delegate", main.pk, member.pk)),
        ("safety", at("unit_edit", main.pk, unit.pk)),
        ("safety", at("key_person_edit", main.pk, person.pk)),
        ("safety", at("stop_new", main.pk)),
        ("safety", at("check_list")),
        ("safety", at("check_detail", done.pk)),
        ("safety", at("own_item_list")),
        ("safety", at("own_item_new")),
        ("safety", at("hazard_list")),
        ("safety", at("hazard_list") + "?view=overdue"),
        *[("safety", h.get_absolute_url()) for h in row.values()],
        ("safety", at("hazard_move", row["reported"].pk, "assign")),
        ("safety", at("hazard_move", row["pending_acceptance"].pk, "accept_fix")),
        ("safety", at("hazard_move", row["pending_acceptance"].pk, "return_fix")),
        ("employee", at("hazard_report")),
        ("village", at("hazard_report")),
        ("inspector", at("hazard_report") + f"?enterprise={main.pk}"),
        ("safety", at("people_code", main.pk, member.pk)),
        ("safety", at("people_end", main.pk, member.pk)),
        ("safety", at("check_move", open_check.pk, "hand_over")),
        ("safety", at("hazard_move", row["assigned"].pk, "reassign")),
        ("inspector", at("hazard_move", row["assigned"].pk, "regrade")),
        ("team", at("calendar")),
        ("principal", at("calendar") + f"?person={team.pk}"),
        ("inspector", at("enterprise_calendar", main.pk)),
        ("safety", at("plan_list", main.pk)),
        ("safety", at("plan_new", main.pk)),
        ("safety", at("plan_end", main.pk, plan.pk)),
        ("safety", at("plan_assign", main.pk, plan.pk)),
        ("safety", at("plan_setup", User.objects.get(username="safety").membership.enterprise_id)),
        ("inspector", at("occurrence_list") + "?view=missed"),
        *[("safety", row.get_absolute_url()) for row in states.values()],
        ("safety", at("occurrence_move", climbing.pk, "take_up")),
        ("principal", at("statistics")),
        ("leader", at("statistics") + "?by=firm&start=2026-01-01"),
        ("inspector", at("silent_list") + "?kind=unplanned"),
        ("team", at("check_fill", open_check.pk)),
        ("team", at("check_review", open_check.pk)),
        ("inspector", at("job_detail", job.pk)),
        *papers(main),
        *projects(main),
        *inspections(main),
        ("without", at("home")),
        ("employee", "/hazards/999999/"),
        ("employee", at("ops")),
    ]


def papers(main):
    """The pages of major hazards, papers, services and publications; the public ones without signing in."""
    at = lambda name, *args: reverse(name, args=args)  # noqa: E731
    majors = {row.state: row for row in Hazard.objects.filter(major_on__isnull=False).order_by("pk")}
    suspected = Hazard.objects.filter(level="major", major_on=None).exclude(state__in=("closed", "rejected")).first()
    plans = {row.state: row for row in FiveFixPlan.objects.order_by("pk")}
    paper, served = Document.objects.filter(enterprise=main).last(), Service.objects.last()
    published = Publication.objects.filter(state="published").last()
    publications = {row.state: row for row in Publication.objects.order_by("pk")}
    return [
        *[("inspector", row.get_absolute_url()) for row in majors.values()],
        ("inspector", at("hazard_move", suspected.pk, "sign_major")),
        ("inspector", at("hazard_move", majors["pending_recheck"].pk, "record_recheck")),
        ("inspector", at("major_report_district", majors["rectifying"].pk)),
        ("inspector", at("fix_plan_list")),
        *[("inspector", row.get_absolute_url()) for row in plans.values()],
        ("inspector", at("document_list")),
        ("inspector", paper.get_absolute_url()),
        ("inspector", at("document_void", served.document.pk)),
        ("inspector", at("document_numbers")),
        ("inspector", at("service_list", served.document.pk)),
        ("inspector", at("publication_list")),
        ("inspector", at("publication_new")),
        *[("reviewer", row.get_absolute_url()) for row in publications.values()],
        ("safety", at("enterprise_ledgers", main.pk)),
        ("safety", at("hazard_ledger", main.pk)),
        ("safety", at("hazard_notices")),
        ("safety", at("document_scan", paper.pk)),
        (None, at("verify")),
        (None, at("verify_code", paper.code)),
        (None, at("verify_code", "A" * 24)),
        (None, at("public_list")),
        (None, at("public_list") + "?size=xl&contrast=high"),
        (None, at("public_detail", published.number)),
        (None, at("public_data")),
        (None, at("public_seals")),
    ]


def projects(main):
    """The pages of construction projects and of officers' certificates."""
    at = lambda name, *args: reverse(name, args=args)  # noqa: E731
    rows = {row.state: row for row in Project.objects.order_by("pk")}
    officer = User.objects.get(username="inspector2")
    return [
        ("department", at("project_list")),
        ("safety", at("project_list") + "?view=found"),
        ("inspector", at("enterprise_projects", main.pk)),
        ("inspector", at("project_new", main.pk)),
        *[("inspector", row.get_absolute_url()) for row in rows.values()],
        ("inspector", at("project_move", rows["design_review"].pk, "approve_design")),
        ("inspector", at("project_move", rows["trial_run"].pk, "find_in_use")),
        ("department", at("project_move", rows["pre_evaluation"].pk, "notify_bureau")),
        ("safety", at("project_move", rows["pre_evaluation"].pk, "finish_evaluation")),
        ("inspector2", at("account")),
        ("admin", at("staff_detail", officer.pk)),
        ("admin", at("staff_certificate_new", officer.pk)),
        ("admin", at("staff_certificate_revoke", officer.pk, officer.certificates.get().pk)),
    ]


def inspections(main):
    """The pages of inspections as the demo's half year has left them."""
    at = lambda name, *args: reverse(name, args=args)  # noqa: E731
    rows = {row.state: row for row in Inspection.objects.order_by("pk")}
    orders = {row.state: row for row in Order.objects.order_by("pk")}
    measures = {row.state: row for row in OnsiteMeasure.objects.order_by("pk")}
    return [
        ("inspector", at("inspection_desk")),
        ("inspector", at("inspection_day_sheet")),
        ("inspector", at("inspection_list")),
        ("department", at("inspection_list")),
        ("safety", at("inspection_list")),
        ("inspector", at("inspection_new") + f"?enterprise={main.pk}"),
        ("inspector", at("enterprise_inspections", main.pk)),
        ("inspector", at("enterprise_patrols", main.pk)),
        *[(who, row.get_absolute_url()) for row in rows.values() for who in ("inspector", "leader")],
        (None, at("inspection_entry", rows["closed"].entry_code)),
        *[(who, at(name)) for name in ("order_list", "measure_list") for who in ("inspector", "safety")],
        *[("inspector", row.get_absolute_url()) for row in (*orders.values(), *measures.values())],
        *[("inspector", row.get_absolute_url()) for row in {row.state: row for row in Transfer.objects.order_by("pk")}.values()],
        ("inspector", at("violation_list")),
        *[("inspector", row.get_absolute_url()) for row in {row.state: row for row in Violation.objects.order_by("pk")}.values()],
        ("village", at("patrol_list")),
        ("village", at("patrol_new")),
        ("inspector", at("outside_list")),
        ("inspector", at("district_export")),
        ("inspector", at("carry_in")),
        *[("inspector", at("carry_new", what)) for what in ("order", "hazard", "inspection")],
    ]


NARROW = (320, 640)


def test_each_page(demo, visit):
    found = wrong_with(pages(), visit)
    assert not found, "\n".join(map(str, found))


def wrong_with(wanted, visit):
    """What is wrong with these (who, path). Each is fetched once: neither our server nor our scripts ask how wide the window is."""
    found, windows = [], {}
    for who, path in wanted:
        if who not in windows:
            windows[who] = visit(User.objects.get(username=who) if who else None, PHONE)
        page = windows[who]
        page.goto(path)
        found += [(who, path, finding) for finding in looked_at(page)]
        if page.locator("h1").count() != 1:
            found.append((who, path, f"{page.locator('h1').count()} h1"))
    return found


def looked_at(page):
    """What is wrong with this page on a narrow phone, on a desktop and on a phone, which it is left at."""
    found = []
    for size in (NARROW, DESKTOP, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        if overflow(page):
            found.append(f"{overflow(page)} px too wide at {size[0]}")
        if size != NARROW:
            found += serious(page)
    return found + [f"target too small: {target}" for target in page.evaluate(SMALL_TARGETS)]
