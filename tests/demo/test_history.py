"""Half a year of the demo township: every row ends where its Events lead, nothing is from the future, everything is there."""

import datetime
import io
import os
import time
from collections import Counter, defaultdict

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.demo_accounts import ACCOUNTS
from accounts.models import User
from core.models import Attachment, Event, Seal, Stateful
from core.workdays import is_workday
from documents.models import Document, DocumentKind, Publication, Service
from duties.models import Occurrence
from duties.periods import midnight
from enterprises.models import Enterprise, Membership
from hazards.models import Check, Extension, FiveFixPlan, Hazard, MajorReport, Recheck
from inspections import desk
from inspections.models import (
    Inspection,
    InspectionPlan,
    OnsiteMeasure,
    Order,
    OutsideVisit,
    Patrol,
    PlanAdjustment,
    PlanItem,
    Transfer,
    Violation,
)

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("township")]
DAY = datetime.date(2026, 11, 24)
# Told before or after the days are played: the roster and the projects have days of their own.
BEFORE_THE_STORY = ("enterprises.rosterimport", "enterprises.enterprise", "enterprises.project")
GROWN = "91500110MA5"  # how the codes of the invented firms begin
SECONDS = 120  # of one core; a quiet machine needs a sixth of it


@pytest.fixture(scope="module")
def said(django_db_setup, django_db_blocker):
    """The township with as many firms again, made once for this file; what the command printed."""
    out, started = io.StringIO(), time.process_time()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", today=f"{DAY}", scale=2, stdout=out)
        assert time.process_time() - started < SECONDS
        yield out.getvalue()
        transaction.set_rollback(True)


def grown():
    """The keys of the firms that `--scale` has added, whose past is written afterwards, at once."""
    return Enterprise.objects.filter(credit_code__startswith=GROWN).values_list("pk", flat=True)


def stories():
    """{(model, pk): its Events that name a state, oldest first}."""
    found = defaultdict(list)
    for event in Event.objects.exclude(to_state="").order_by("at", "pk"):
        found[event.subject_model, event.subject_pk].append(event)
    return found


def test_the_township_is_made_in_one_process_only(request):
    """A runner that ignores groups makes it once per process, without a word."""
    assert "PYTEST_XDIST_WORKER" not in os.environ or request.node.nodeid.endswith("@township")


def test_each_row_stands_where_its_events_lead(said):
    told, seen = stories(), 0
    for model in (one for one in apps.get_models() if issubclass(one, Stateful)):
        label = model._meta.label_lower
        for row in model._base_manager.all():
            events = told.pop((label, row.pk), [])
            seen += 1
            first = "" if model is not Occurrence else Occurrence.State.DUE
            state = first
            for event in events:
                assert event.from_state == state, (label, row.pk, event.move)
                if event.move != "open":
                    move = model.MOVES[event.move]
                    assert state in move.sources, (label, row.pk, event.move)
                    assert event.to_state == (move.target or state)
                    assert event.label == move.label
                state = event.to_state
            assert row.state == state, (label, row.pk)
            moves = sum(1 for event in events if event.move != "open")
            # Answers written on the spot change a visit without an Event of their own; items a plan, without another state.
            assert row.version >= moves if model in (Inspection, InspectionPlan) else row.version == moves, (label, row.pk)
    assert told == {}
    assert seen > 4000


def test_each_step_was_made_by_somebody_who_may(said):
    roles = defaultdict(set)
    for person, role in Membership.objects.values_list("user_id", "role"):
        roles[person].add(role)
    system = User.objects.system().pk
    for model in (Hazard, FiveFixPlan, Occurrence, Publication, Inspection, Order, OnsiteMeasure, Transfer, Violation):
        for event in Event.objects.filter(subject_model=model._meta.label_lower, move__in=model.MOVES):
            assert event.by_id == system or roles[event.by_id] & set(model.MOVES[event.move].roles), (model, event.move)


def test_events_lie_in_the_past_in_working_hours_and_in_order(said):
    limit, system = midnight(DAY), User.objects.system().pk
    last, first = None, None
    told = Event.objects.order_by("pk").exclude(subject_model__in=BEFORE_THE_STORY).exclude(enterprise_id__in=grown())
    for event in told:
        here = timezone.localtime(event.at)
        assert event.at <= limit, (event.subject_model, event.move)
        assert last is None or here.date() >= last, "written in the order of days"
        last, first = here.date(), first or here.date()
        if event.by_id != system:
            assert 7 <= here.hour <= 21, (event.subject_model, event.move, here)
            assert event.on == here.date(), (event.subject_model, event.move)
    assert (DAY - first).days > 180
    every_day = set(Occurrence.objects.filter(plan__days="everyday").values_list("enterprise", flat=True))
    people = Event.objects.filter(subject_model="hazards.hazard").exclude(by=system).exclude(enterprise_id__in=every_day)
    assert [day for day in people.values_list("on", flat=True).distinct() if not is_workday(day)] == []


def test_firms_have_a_past_and_general_hazards_stand_in_each_state(said):
    hazards = Hazard.objects.exclude(enterprise__in=grown())
    assert set(hazards.values_list("enterprise", flat=True)) == set(Enterprise.objects.exclude(pk__in=grown()).values_list("pk", flat=True))
    general = hazards.filter(major_on=None).exclude(level="major")
    states = Counter(general.values_list("state", flat=True))
    assert set(states) == {"reported", "assigned", "rectifying", "pending_acceptance", "returned", "closed", "rejected"}
    assert states["closed"] > 0.7 * general.count()
    assert 5 < hazards.overdue(DAY).count() < 40
    assert set(Extension.objects.values_list("answer", flat=True)) == {"", "granted", "refused", "void"}
    assert set(general.values_list("source", flat=True)) == set(Hazard.Source.values)
    numbers = list(hazards.order_by("pk").values_list("number", flat=True))
    assert numbers == sorted(numbers)
    found = list(hazards.order_by("pk").values_list("found_on", flat=True))
    assert found == sorted(found)


def test_duties_were_done_missed_late_and_taken_up(said):
    states = Counter(Occurrence.objects.filter(closes_at__lte=midnight(DAY)).values_list("state", flat=True))
    assert set(states) == {"done", "missed", "late"}
    assert 0.02 < (states["missed"] + states["late"]) / sum(states.values()) < 0.2
    assert not Occurrence.objects.filter(made_late=True, closes_at__lt=midnight(DAY)).exists()
    assert Occurrence.objects.reached_town().count() < 40
    done = Occurrence.objects.filter(state__in=("done", "late"))
    assert not done.filter(record_pk=None).exists()
    assert Event.objects.filter(move="take_up", subject_model="duties.occurrence").count() > 20


@pytest.mark.req("R24")
def test_major_hazards_stand_in_every_state(said):
    major = Hazard.objects.filter(level="major", major_on__isnull=False)
    assert set(major.values_list("state", flat=True)) == {
        "major_confirmed",
        "plan_pending",
        "plan_approved",
        "rectifying",
        "pending_recheck",
        "returned",
        "closed",
    }
    suspected = Hazard.objects.filter(level="major", major_on=None)
    assert {len(row.confirmers) for row in suspected} == {0, 1}
    assert Hazard.objects.filter(downgraded_on__isnull=False).exists()
    assert set(FiveFixPlan.objects.values_list("state", flat=True)) == set(FiveFixPlan.State.values)
    now = midnight(DAY)
    reports = [(report.made_at is None, report.is_late(now)) for report in MajorReport.objects.filter(void=False)]
    assert set(reports) == {(True, True), (True, False), (False, True), (False, False)}
    assert Recheck.objects.open().count() == 1
    assert FiveFixPlan.objects.progress_owed(DAY).exists()
    editions = set(Hazard.objects.exclude(criteria=None).values_list("criteria__edition", flat=True))
    assert editions == {"2023"}
    main = User.objects.get(username="principal").membership.enterprise
    assert {row.state for row in major.filter(enterprise=main)} == {"closed", "rectifying"}
    assert Hazard.objects.waiting_for(User.objects.get(username="principal")).filter(level="major", major_on=None).count() == 1
    for row in Hazard.objects.filter(criteria__isnull=False).distinct():
        traits, sector = {one.code for one in row.enterprise.traits.all()}, row.enterprise.sector.code
        assert all(one.criterion.is_for(sector, traits) for one in row.criteria.all()), row


def test_papers_of_each_kind_wait_to_be_printed(said):
    papers = Document.objects.select_related("kind")
    assert set(papers.values_list("kind__code", flat=True)) == set(DocumentKind.objects.values_list("code", flat=True))
    assert 80 <= papers.count() <= 110
    assert set(papers.values_list("state", flat=True)) == {"pending"}
    voided = papers.exclude(voided_at=None)
    assert {hasattr(paper, "replaced_by") for paper in voided} == {True, False}
    assert {paper.kind.code for paper in papers.filter(services__isnull=False)} == {"RECHECK_OPINION", "ORDER_RECTIFY", "ONSITE_MEASURE"}
    assert set(Service.objects.values_list("method", flat=True)) == {"direct", "left", "mail"}
    ledgers = papers.filter(kind__code="HAZARD_LEDGER").values_list("enterprise", "issued_on")
    assert len(ledgers) == len(set(ledgers)) >= 8
    opinions = papers.filter(kind__code="RECHECK_OPINION").valid()
    assert opinions.filter(services=None).count() == 1
    assert all(paper.issued_on == timezone.localdate(paper.issued_at) for paper in papers)


@pytest.mark.req("R70", "B7")
def test_inspections_stand_in_every_state_and_the_desk_has_something_to_do(said):
    assert set(Inspection.objects.values_list("state", flat=True)) == set(Inspection.State.values)
    assert set(Order.objects.values_list("state", flat=True)) >= {"issued", "served", "pending_recheck", "passed", "failed"}
    assert set(OnsiteMeasure.objects.values_list("state", flat=True)) == {"in_force", "release_applied", "released"}
    assert Violation.objects.open().exists()
    assert Transfer.objects.filter(state="sent").exists()
    user = User.objects.get(username="inspector")
    user.membership = user.memberships.current().get()
    found = {pile.code: number for _, piles in desk.GROUPS for pile, number in desk.counted(piles, user, DAY)}
    busy = ("ready", "today", "tomorrow", "week", "early", "record", "dispose", "recheck", "recheck_late", "serve", "examine", "scheme")
    assert [code for code in (*busy, "extension", "fixing", "order_late", "in_force", "district", "complaint") if not found[code]] == []
    assert Inspection.objects.filter(parties__isnull=False).exists(), "a joint visit"
    tomorrow = DAY + datetime.timedelta(days=1)
    assert Inspection.objects.filter(kind="recheck", planned_on=tomorrow, state="planned").exists()
    assert {row.is_carried for row in Order.objects.all()} == {True, False}
    assert (Patrol.objects.count(), OutsideVisit.objects.count()) == (12, 4)


def test_notices_are_public_in_draft_reviewed_and_withdrawn(said):
    assert set(Publication.objects.values_list("state", flat=True)) == {"draft", "reviewed", "published", "withdrawn"}
    assert Publication.objects.public(DAY).count() >= 3
    assert all(row.reviewed_by != row.drafted_by for row in Publication.objects.exclude(reviewed_by=None))


def test_photos_are_tied_and_readable(said):
    assert not Attachment.objects.filter(attached_at=None).exists()
    with Attachment.objects.filter(purpose__startswith="after-").first().file.open("rb") as stored:
        assert stored.read(2) == b"\xff\xd8"
    fixes = Event.objects.filter(move="submit_fix", subject_model="hazards.hazard").values_list("pk", flat=True)
    assert set(Attachment.objects.filter(purpose__in=[f"after-{pk}" for pk in fixes]).values_list("purpose", flat=True)) == {
        f"after-{pk}" for pk in fixes
    }


def test_everything_is_sealed_and_verified(said, capsys):
    assert Event.objects.filter(sealing=None).count() == 0
    assert Seal.newest().number > 10
    call_command("verify_events")
    assert "用时" in said
    assert "封存事件" in said


def test_it_holds_every_account_and_is_made_once(said, client):
    for username in ACCOUNTS:
        assert User.objects.get(username=username).check_password("shijiao-demo")
        client.force_login(User.objects.get(username=username))
        assert client.get("/").status_code == 200
    main = {User.objects.get(username=name).membership.enterprise_id for name in ("principal", "safety", "head", "team", "employee")}
    assert len(main) == 1
    assert User.objects.get(username="outsider").membership.enterprise_id not in main
    count = Event.objects.count()
    call_command("seed_demo", today=f"{DAY}", if_empty=True, stdout=io.StringIO())
    with pytest.raises(CommandError, match="已有演示数据"):
        call_command("seed_demo", today=f"{DAY}", stdout=io.StringIO())
    assert Event.objects.count() == count


@pytest.mark.req("R48")
def test_yearly_plans_hold_items_in_every_state_and_the_visits_came_out_of_them(said):
    assert set(PlanItem.objects.values_list("state", flat=True)) == set(PlanItem.State.values)
    plans = [(row.organ_name, row.year, row.state) for row in InspectionPlan.objects.order_by("department", "year")]
    assert sorted(plans) == sorted(
        [("镇应急办", DAY.year, "filed"), ("经济发展办公室", DAY.year - 1, "closed"), ("经济发展办公室", DAY.year, "adjusting")]
    )
    assert sorted(row.standing for row in PlanAdjustment.objects.all()) == ["已生效", "待批准"]
    outside = Inspection.objects.filter(kind="planned", is_carried=False, plan_item=None).exclude(state="aborted")
    assert not outside.exists()
    firms = set(Enterprise.objects.filter(status="active").values_list("pk", flat=True))
    assert firms - set(PlanItem.objects.live().filter(plan__state="filed").values_list("enterprise", flat=True)), "some are left out"


def test_scale_multiplies_the_enterprises_and_their_past(said):
    assert Enterprise.objects.count() > 100
    assert Enterprise.objects.incomplete().exists()
    assert grown().count() > 50
    assert Hazard.objects.filter(enterprise__in=grown()).count() > 150
    assert Check.objects.filter(enterprise__in=grown(), state="submitted").count() > 1000
    assert not Occurrence.objects.filter(enterprise__in=grown(), state="done", record_pk=None).exists()
    assert not Event.objects.filter(sealing=None).exists()
