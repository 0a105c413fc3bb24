"""Orders, their extensions and re-checks; on-site measures; powers."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.models import Event, MoveRefused
from hazards.models import Hazard
from inspections.models import Inspection, OnsiteMeasure, Order, PowerItem
from tests.inspections import course
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db


@pytest.mark.req("R43")
def test_order_binds_by_its_paper_and_its_hazards_become_the_firms_task(people):
    row = course.drafted(people)
    hazard = row.lines.get().hazard
    assert (row.state, hazard.state, list(Order.objects.for_user(people.principal))) == ("draft", "reported", [])
    course.issued(people, row)
    hazard.refresh_from_db()
    assert (hazard.state, hazard.due_on, hazard.rectifier, hazard.ordered_by) == (
        "assigned",
        later(15),
        people.principal,
        row.document.number,
    )
    assert list(Order.objects.for_user(people.principal)) == [row]
    with pytest.raises(MoveRefused, match="在责令整改指令上申请延期"):
        hazard.ask_extension(by=people.principal, on=TODAY, until=later(20), note="来不及")


def test_order_of_a_firm_without_accounts_has_no_rectifier(people):
    people.neighbour.memberships.all().delete()
    visit = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour)))),
        p0={},
    )
    row = course.issued(people, course.drafted(people, visit))
    assert row.lines.get().hazard.rectifier is None or row.lines.get().hazard.rectifier != people.principal
    assert Hazard.objects.get().state == "assigned"


def test_order_beyond_the_cap_is_refused_for_general_hazards_only(people):
    visit = course.recorded(people, p1={})
    with pytest.raises(MoveRefused, match="最长到"):
        course.drafted(people, visit, due_on=later(60))
    with pytest.raises(MoveRefused, match="不能早于今天"):
        course.drafted(people, visit, due_on=later(-1))
    Hazard.objects.update(level="major")
    assert course.drafted(people, visit, due_on=later(60)).due_on == later(60)


def test_a_finding_is_under_one_standing_order(people):
    row = course.drafted(people)
    with pytest.raises(MoveRefused, match="已经在另一份指令里"):
        course.drafted(people, row.inspection)
    row.cancel(by=people.inspector, on=TODAY, note="写错")
    assert course.drafted(people, row.inspection).state == "draft"


def test_what_the_district_holds_the_town_does_not_order(people):
    visit = course.recorded(people, p1={})
    PowerItem.objects.filter(kind="order").update(holder="district")
    with pytest.raises(MoveRefused, match="镇没有责令改正的权限,请移送区应急局"):
        course.drafted(people, visit)


def test_service_follows_by_itself_and_on_the_last_day_at_the_latest(people):
    row = course.issued(people, course.drafted(people, due_on=TODAY))
    course.serve(people, row)
    assert (row.state, row.served_on) == ("served", TODAY)
    late = course.issued(
        people,
        course.drafted(
            people,
            course.recorded(
                people,
                course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour)))),
                p0={},
            ),
            due_on=TODAY,
        ),
    )
    with pytest.raises(MoveRefused, match="已经晚于整改期限"):
        late.mark_served(by=people.inspector, on=later(1), served_on=later(1))


def test_cancelled_order_voids_its_paper(people):
    row = course.issued(people)
    row.cancel(by=people.inspector, on=TODAY, note="期限写错")
    row.document.refresh_from_db()
    assert (row.state, row.document.is_valid, row.document.void_reason) == ("cancelled", False, "期限写错")


# More time


def test_extension_is_asked_in_time_and_answered_by_the_leader(people):
    row = course.served(people)
    with pytest.raises(MoveRefused, match="最晚到"):
        row.ask_extension(by=people.principal, on=TODAY, until=later(90), note="缺件", measures="停用")
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    asked = row.open_extension
    assert (asked.was_due_on, asked.until, asked.reply_by_on >= later(5)) == (later(15), later(25), True)
    with pytest.raises(MoveRefused, match="已有一个延期申请"):
        row.ask_extension(by=people.safety, on=TODAY, until=later(26), note="缺件", measures="停用")
    with pytest.raises(PermissionDenied):
        row.grant_extension(by=people.inspector, on=TODAY)
    row.grant_extension(by=people.leader, on=TODAY, note="同意")
    hazard = row.lines.get().hazard
    assert (row.due_on, row.first_due_on, hazard.due_on, row.extensions.get().answer) == (later(25), later(15), later(25), "granted")


@pytest.mark.parametrize(
    ("issued_on", "due_on", "last"),
    [
        ("2026-11-02", "2026-11-20", "2026-11-10"),  # ten days before, a Tuesday
        ("2026-11-02", "2026-11-18", "2026-11-09"),  # a Sunday rolls to Monday
        ("2026-11-02", "2026-11-12", "2026-11-12"),  # ten days or fewer: its own last day
        ("2026-11-02", "2026-11-05", "2026-11-05"),
        ("2026-09-14", "2026-10-12", "2026-10-08"),  # within the holiday of National Day: the first day worked
    ],
)
def test_last_day_to_ask_for_more_time(db, issued_on, due_on, last):
    course.law()
    dates = {"issued_on": datetime.date.fromisoformat(issued_on), "due_on": datetime.date.fromisoformat(due_on)}
    assert Order(**dates).ask_by_on == datetime.date.fromisoformat(last)


def test_nobody_asks_for_more_time_afterwards(people):
    row = course.served(people)
    Order.objects.filter(pk=row.pk).update(due_on=later(-1), first_due_on=later(-1), issued_on=later(-16), served_on=later(-16))
    row.refresh_from_db()
    with pytest.raises(MoveRefused, match="以前书面申请"):
        row.ask_extension(by=people.principal, on=TODAY, until=later(5), note="缺件", measures="停用")


def test_refused_extension_leaves_the_day(people):
    row = course.served(people)
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    row.refuse_extension(by=people.leader, on=TODAY, note="可以先清通道")
    assert (row.due_on, row.extensions.get().answer_note, row.open_extension) == (later(15), "可以先清通道", None)


# Re-check


@pytest.mark.req("R70")
def test_recheck_by_two_officers_passes_the_order_and_closes_its_hazards(people):
    row = course.rechecked(people)
    visit = row.rechecks.get()
    hazard = row.lines.get().hazard
    assert (row.state, visit.kind, visit.state, hazard.state, row.lines.get().result) == ("passed", "recheck", "closed", "closed", "done")
    assert row.is_settled


def test_recheck_by_one_officer_is_refused(people):
    row = course.applied(people)
    visit = row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector])
    with pytest.raises(MoveRefused, match="两名以上"):
        visit.begin(by=people.inspector, on=TODAY, place="车间")
    with pytest.raises(MoveRefused, match="已经安排了复查"):
        row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])


def test_recheck_conclusion_is_never_typed_by_hand(people):
    row = course.applied(people)
    for name in ("pass_recheck", "fail_recheck"):
        with pytest.raises(MoveRefused, match="复查记录"):
            getattr(row, name)(by=people.inspector, on=TODAY)


def test_failed_recheck_returns_the_hazard_and_a_later_order_takes_it_up(people):
    row = course.rechecked(people, passed=False)
    hazard = row.lines.get().hazard
    assert (row.state, hazard.state, row.is_settled) == ("failed", "returned", False)
    again = Order.draft(
        row.inspection, by=people.inspector, on=TODAY, due_on=later(5), findings=row.inspection.findings.all(), previous=row
    )
    course.rechecked(people, course.applied(people, course.served(people, course.issued(people, again))))
    row = Order.objects.get(pk=row.pk)
    assert (row.is_settled, Hazard.objects.get().state) == (True, "closed")


def test_order_past_its_day_goes_to_the_recheck_by_itself(people):
    row = course.served(people)
    assert Order.objects.fall_due(later(15)) == 0
    assert Order.objects.fall_due(later(16)) == 1
    assert Order.objects.fall_due(later(16)) == 0
    row.refresh_from_db()
    event = Event.objects.of(row).last()
    assert (row.state, row.recheck_by_on >= later(25), event.by.is_system) == ("pending_recheck", True, True)


def test_a_hazard_confirmed_major_meanwhile_goes_its_own_course(people):
    row = course.applied(people)
    Hazard.objects.update(level="major", major_on=TODAY, state="major_confirmed")
    visit = row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    assert visit.items.count() == 0


# On-site measures


@pytest.mark.req("R25")
def test_resumption_needs_an_examination_by_two_and_the_leaders_consent(people):
    row = course.in_force(people)
    assert row.state == "in_force"
    with pytest.raises(MoveRefused):
        row.release(by=people.leader, on=TODAY)
    row.apply_release(by=people.principal, on=TODAY, report="已清出", photos=[course.photo(people.principal)])
    with pytest.raises(MoveRefused, match="未经审查不得恢复"):
        row.sign_fit(by=people.inspector, on=TODAY)
    row.examine(by=people.inspector, on=TODAY, passed=True, opinion="通道畅通")
    with pytest.raises(MoveRefused, match="请另一名会签"):
        row.sign_fit(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="审查结论是“合格”"):
        row.sign_unfit(by=people.inspector2, on=TODAY)
    row.sign_fit(by=people.inspector2, on=TODAY)
    row.release(by=people.leader, on=TODAY)
    assert (row.state, row.released_on) == ("released", TODAY)


def test_unfit_stays_in_force(people):
    row = course.in_force(people)
    row.apply_release(by=people.principal, on=TODAY, report="已清出", photos=[course.photo(people.principal)])
    row.examine(by=people.inspector, on=TODAY, passed=False, opinion="还有杂物")
    row.sign_unfit(by=people.inspector2, on=TODAY)
    assert row.state == "in_force"


@pytest.mark.parametrize("kind", sorted(OnsiteMeasure.COERCIVE))
def test_coercion_is_not_the_towns(people, kind):
    visit = course.recorded(people, p1={"disposal": "measure"})
    with pytest.raises(MoveRefused, match="行政强制法第17条.*请移送区应急局"):
        course.measure(people, visit, kind=kind)
    assert not OnsiteMeasure.objects.exists()


def test_no_catalogue_row_gives_the_town_coercion(people):
    course.law()
    with pytest.raises(IntegrityError), transaction.atomic():
        PowerItem.objects.filter(kind="coercive").update(holder="delegated")


def test_a_visit_goes_to_the_follow_up_while_an_order_stands(people):
    row = course.issued(people)
    visit = Inspection.objects.get(pk=row.inspection_id)
    visit.dispose(by=people.inspector, on=TODAY)
    assert visit.state == "follow_up"
    with pytest.raises(MoveRefused, match="整改复查:还有 1 件没有办完"):
        visit.close(by=people.inspector, on=TODAY)


def test_database_keeps_what_must_hold_of_orders(people):
    row = course.drafted(people)
    for facts in ({"state": "issued"}, {"due_on": later(-100), "issued_on": TODAY}, {"inspection": None}, {"due_on": later(1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.filter(pk=row.pk).update(**facts)
