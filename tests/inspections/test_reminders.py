"""Who is told of which move and which clock of inspections: each once, settled when it is done."""

import datetime

import pytest

from core.models import Event
from hazards.reminders import tell as hazards_tell
from inspections.models import Inspection, OnsiteMeasure, Order
from inspections.tasks import fall_due, tell_deadlines
from notices import catalogue
from notices.models import Notice, NoticeRule
from tests.inspections import course
from tests.inspections.course import TODAY, later

pytestmark = [pytest.mark.django_db, pytest.mark.req("R70")]
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def rules(db):
    catalogue.load()


def told(*kinds, unread=False):
    """[(kind, stage, who)] in the order told."""
    rows = Notice.objects.filter(kind__in=kinds) if kinds else Notice.objects.all()
    rows = rows.unread() if unread else rows
    found = rows.select_related("recipient").order_by("pk")
    return [(row.kind, row.stage.split()[0], row.recipient.username) for row in found]


def who(kind, *, unread=False):
    """Who was told of this kind, by name."""
    return sorted(name for _, _, name in told(kind, unread=unread))


# Moves


def test_a_scheme_is_asked_of_the_leader_and_answered_to_who_planned_it(people):
    row = course.planned(people)
    row.submit_scheme(by=people.inspector, on=TODAY)
    assert who("scheme.asked") == ["leader"]
    row.return_scheme(by=people.leader, on=TODAY, note="缺车间")
    assert (who("scheme.asked", unread=True), who("scheme.answered")) == ([], ["inspector", "inspector2"])
    notice = Notice.objects.filter(kind="scheme.answered").first()
    assert (notice.title, "缺车间" in notice.body) == ("检查方案被退回:重庆石角机械厂", True)
    row.submit_scheme(by=people.inspector, on=TODAY)
    assert (who("scheme.answered", unread=True), who("scheme.asked", unread=True)) == ([], ["leader"])
    row.approve_scheme(by=people.leader, on=TODAY)
    assert Notice.objects.filter(kind="scheme.answered").last().title == "检查方案已批准:重庆石角机械厂"


def test_the_firm_is_told_of_a_visit_once_it_is_announced_and_of_its_change(people):
    row = course.approved(people)
    assert not Notice.objects.filter(recipient__in=[people.principal, people.safety]).exists()
    row.notify(by=people.inspector, on=TODAY)
    assert who("visit.announced") == ["principal", "safety"]
    row.say_ready(by=people.principal, on=TODAY, note="下午就可以")
    assert who("visit.ready") == ["inspector", "inspector2"]
    assert "下午就可以" in Notice.objects.filter(kind="visit.ready").first().body
    row.replan(by=people.inspector, on=TODAY, planned_on=later(1), officers=[people.inspector, people.inspector2], note="另有会议")
    assert who("visit.changed") == ["principal", "safety"]
    assert (who("visit.announced", unread=True), who("visit.ready", unread=True)) == ([], [])
    row.abort(by=people.inspector, on=TODAY, note="企业停产")
    assert Notice.objects.filter(kind="visit.changed", title__startswith="检查已取消").count() == 2
    assert not Notice.objects.filter(kind="visit.changed", body__contains=f"{later(1)}").exists()


def test_a_visit_nobody_was_told_of_changes_silently(people):
    row = course.approved(people)
    row.abort(by=people.inspector, on=TODAY, note="不去了")
    assert told("visit.changed", "visit.announced") == []


def test_beginning_settles_what_was_told_before(people):
    course.begun(people)
    assert [kind for kind, _, _ in told(unread=True)] == []


def test_an_order_is_told_when_served_and_its_extension_asked_and_answered(people):
    row = course.served(people)
    assert who("order.served") == ["principal", "safety"]
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    assert who("order.asked") == ["leader"]
    asked = Notice.objects.get(kind="order.asked")
    assert f"申请延至 {later(25)}" in asked.body
    assert f"{row.open_extension.reply_by_on}" in asked.body
    row.grant_extension(by=people.leader, on=TODAY, note="抓紧")
    assert (who("order.asked", unread=True), who("order.answered")) == ([], ["principal", "safety"])
    answered = Notice.objects.filter(kind="order.answered").first()
    assert (answered.title.startswith("延期已同意"), f"{later(25)}" in answered.body, "抓紧" in answered.body) == (True, True, True)


def test_the_firms_application_is_told_at_once_and_its_result_to_the_firm(people):
    row = course.applied(people)
    assert who("order.recheck") == ["inspector", "inspector2"]
    assert who("order.served", unread=True) == []
    course.rechecked(people, row)
    assert (who("order.rechecked"), who("order.recheck", unread=True)) == (["principal", "safety"], [])
    assert Notice.objects.filter(kind="order.rechecked").first().title.startswith("复查合格")


def test_a_measure_is_told_asked_examined_and_answered(people):
    row = course.in_force(people)
    assert who("measure.served") == ["principal", "safety"]
    row.apply_release(by=people.principal, on=TODAY, report="已清出", photos=[course.photo(people.principal)])
    assert (who("measure.asked"), who("measure.served", unread=True)) == (["inspector", "inspector2"], [])
    row.examine(by=people.inspector, on=TODAY, passed=True, opinion="已清出")
    row.sign_fit(by=people.inspector2, on=TODAY)
    assert (who("measure.examined"), who("measure.asked", unread=True)) == (["leader"], [])
    row.release(by=people.leader, on=TODAY)
    assert (who("measure.answered"), who("measure.examined", unread=True)) == (["principal", "safety"], [])
    assert OnsiteMeasure.objects.get().state == "released"


def test_nobody_is_told_of_what_he_did_himself(people):
    course.served(people)
    mine = Event.objects.filter(subject_model__startswith="inspections.")
    for event in mine:
        assert not Notice.objects.filter(stage=f"event {event.pk}", recipient=event.by).exists(), event.move


# Clocks


@pytest.fixture
def served(people):
    """An order served long ago, due on a day of choice."""

    def make(due_in):
        row = course.served(people)
        Order.objects.update(due_on=later(due_in), first_due_on=later(due_in), issued_on=later(due_in - 15), served_on=later(due_in - 15))
        Notice.objects.all().delete()
        row.refresh_from_db()
        return row

    return make


@pytest.mark.parametrize(
    ("due_in", "stage"), [(4, None), (3, "T-3"), (2, None), (1, None), (0, "T"), (-1, "overdue"), (-3, "overdue"), (-4, None)]
)
def test_an_orders_day_is_told_by_stage_once(people, served, due_in, stage):
    served(due_in)
    assert tell_deadlines() == (2 if stage else 0)
    assert tell_deadlines() == 0
    assert told("order.due") == ([("order.due", stage, "principal"), ("order.due", stage, "safety")] if stage else [])


def test_day_by_day_an_order_that_nobody_obeys_is_told_rechecked_and_told(people, served):
    served(3)
    course.f.DeadlineRuleFactory(code="inspection.recheck", value=10, unit="C")
    seen = []
    for n in range(18):
        fall_due(TODAY + n * DAY)
        tell_deadlines(TODAY + n * DAY)
        seen += [
            (n, kind, stage)
            for kind, stage, name in told()
            if name in ("principal", "inspector") and (kind, stage) not in [s[1:] for s in seen]
        ]
    assert seen[:4] == [(0, "order.due", "T-3"), (3, "order.due", "T"), (4, "order.recheck", "event"), (4, "order.due", "overdue")]
    assert [kind_stage for _, *kind_stage in seen[4:]] == [["order.recheck_due", "T-2"], ["order.recheck_due", "overdue"]]
    assert fall_due(TODAY + 18 * DAY) == 0


def test_what_was_applied_for_is_not_reminded_any_more(people, served):
    row = served(0)
    row.apply_recheck(by=people.principal, on=TODAY, measures="已清出", photos=[course.photo(people.principal)])
    Notice.objects.all().delete()
    assert tell_deadlines() == 0


def test_a_report_to_the_district_is_reminded_until_it_is_made(people):
    row = course.recorded(people, p0={"disposal": "transfer", "is_violation": True})
    day = row.report_by_on
    assert tell_deadlines(day - DAY) == 2
    assert (tell_deadlines(day), tell_deadlines(day + DAY)) == (0, 2)
    assert {(stage, name) for _, stage, name in told("report.district")} == {
        (stage, name) for stage in ("T-1", "overdue") for name in ("inspector", "inspector2")
    }
    row.report_district(by=people.inspector, on=day, how="书面")
    assert (told("report.district", unread=True), tell_deadlines(day + 2 * DAY)) == ([], 0)


def test_the_answer_to_a_complaint_is_reminded_until_the_visit_is_closed(people):
    course.planned(people, kind="complaint", return_by_on=later(1), complaint_channel="12345", complaint_number="A-7")
    assert tell_deadlines() == 2
    assert Notice.objects.filter(kind="complaint.return").first().title == "还有 1 天到回复期限:12345 A-7"
    Inspection.objects.update(state="closed", visited_on=TODAY, closed_on=TODAY)
    assert tell_deadlines(later(2)) == 0


def test_an_order_from_paper_reminds_who_entered_it(people, served):
    served(-9)
    Order.objects.update(
        inspection=None, is_carried=True, paper_number="旧1", document=None, state="pending_recheck", recheck_by_on=later(2)
    )
    assert tell_deadlines() == 1
    assert told() == [("order.recheck_due", "T-2", "inspector")]


def test_every_kind_of_inspections_has_its_rule_and_its_words(people):
    kinds = {rule.kind for rule in NoticeRule.objects.all()}
    ours = {
        "scheme.asked",
        "scheme.answered",
        "visit.announced",
        "visit.changed",
        "visit.ready",
        "order.served",
        "order.due",
        "order.asked",
    }
    ours |= {"order.answered", "order.recheck", "order.recheck_due", "order.rechecked", "measure.served", "measure.asked"}
    ours |= {"measure.examined", "measure.answered", "report.district", "complaint.return"}
    assert ours <= kinds


def test_the_managers_are_told_of_an_orders_day_once_and_the_worker_of_the_hazards(people):
    """The rectifier at first is the principal; handed to a worker the hazard still tells him."""
    order = course.served(people)
    hazard = order.lines.get().hazard

    def days():
        for late in (-3, 0, 1, 3, 7):
            hazards_tell(order.due_on + late * DAY)
            tell_deadlines(order.due_on + late * DAY)
        return {(kind, name) for kind, _, name in told("hazard.due", "hazard.escalated", "order.due")}

    managers = {("order.due", "principal"), ("order.due", "safety")}
    assert days() == managers
    hazard.refresh_from_db()
    hazard.reassign(by=people.safety, on=TODAY, rectifier=people.employee)
    assert days() == managers | {("hazard.due", "employee")}
