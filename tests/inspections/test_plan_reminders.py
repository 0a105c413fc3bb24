"""Who is told of a plan to approve, of its answer, and of items whose month ends."""

import calendar
import datetime

import pytest

from inspections.models import PlanItem
from inspections.tasks import tell_deadlines
from notices import catalogue
from notices.models import Notice
from tests.inspections import course, plan_course
from tests.inspections.course import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.req("R50")]
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def rules(db):
    catalogue.load()
    course.law()
    plan_course.rules()


def who(kind, *, unread=False):
    """[(stage, who)] by name."""
    rows = Notice.objects.filter(kind=kind)
    rows = rows.unread() if unread else rows
    return sorted((row.stage.split()[0], row.recipient.username) for row in rows.select_related("recipient"))


def month_end(month):
    """The last day of a month of this year."""
    return datetime.date(TODAY.year, month, calendar.monthrange(TODAY.year, month)[1])


def test_the_leader_is_asked_and_the_drafter_answered(people):
    plan = plan_course.submitted(people)
    assert [name for _, name in who("yearplan.asked")] == ["leader"]
    plan.hand_back(by=people.leader, on=TODAY, note="缺专项安排")
    assert (who("yearplan.asked", unread=True), [name for _, name in who("yearplan.answered")]) == ([], ["inspector"])
    told = Notice.objects.get(kind="yearplan.answered")
    assert (told.title, told.url) == (f"{plan}:被退回", plan.get_absolute_url())
    assert "缺专项安排" in told.body


def test_the_leader_is_asked_of_an_adjustment_only_past_the_limit(people):
    plan = plan_course.filed(people)
    Notice.objects.all().delete()
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    told = Notice.objects.get(kind="yearplan.asked")
    assert (told.recipient, told.title) == (people.leader, f"计划调整待批:{plan}")
    assert "停产" in told.body


def test_items_whose_month_ends_unscheduled_are_told_once_and_again_when_it_is_over(people):
    plan = plan_course.filed(people, plan_course.drafted(people, people.factory, people.neighbour))
    PlanItem.objects.update(to_month=3)
    Notice.objects.all().delete()
    last = month_end(3)
    assert tell_deadlines(last - 11 * DAY) == 0
    assert tell_deadlines(last - 10 * DAY) == 2
    assert tell_deadlines(last - 9 * DAY) == 0
    assert who("yearplan.month") == [("T-10", "inspector"), ("T-10", "inspector2")]
    told = Notice.objects.filter(kind="yearplan.month").first()
    assert told.title == "3 月还有 2 项计划检查没有安排"
    assert people.factory.name in told.body
    assert tell_deadlines(last + DAY) == 3
    assert [name for stage, name in who("yearplan.month") if stage == "overdue"] == ["inspector", "inspector2", "leader"]
    assert Notice.objects.filter(title="3 月已过,2 项计划检查没有安排").count() == 3
    items = list(plan.items.all())
    course.planned(people, items[0].enterprise, override_reason="按计划")
    assert len(who("yearplan.month", unread=True)) == 3
    course.planned(people, items[1].enterprise, override_reason="按计划")
    assert who("yearplan.month", unread=True) == []


def test_a_department_is_told_of_its_own_plan(people):
    plan_course.filed(people, by=people.department)
    PlanItem.objects.update(to_month=5)
    Notice.objects.all().delete()
    tell_deadlines(month_end(5) - 10 * DAY)
    assert who("yearplan.month") == [("T-10", "department")]


def test_a_plan_not_yet_filed_or_closed_tells_nothing(people):
    plan_course.approved(people)
    PlanItem.objects.update(to_month=3)
    assert tell_deadlines(month_end(3) - 10 * DAY) == 0


def test_an_older_item_scheduled_leaves_what_was_told_of_a_later_month(people):
    plan = plan_course.filed(people, plan_course.drafted(people, people.factory, people.neighbour))
    PlanItem.objects.filter(enterprise=people.factory).update(to_month=1)
    PlanItem.objects.filter(enterprise=people.neighbour).update(to_month=TODAY.month)
    Notice.objects.all().delete()
    assert tell_deadlines(month_end(TODAY.month) - 10 * DAY) == 2
    course.planned(people, people.factory, override_reason="按计划")
    assert len(who("yearplan.month", unread=True)) == 2
    plan.items.get(enterprise=people.neighbour).cancel(by=people.inspector, on=TODAY, note="停产")
    assert who("yearplan.month", unread=True) == []
