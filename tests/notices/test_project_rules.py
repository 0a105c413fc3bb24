"""Construction projects: who learns that the district is still to be informed, each stage once (R62)."""

import datetime

import pytest

from enterprises.models import Membership, Project
from notices.models import Notice, NoticeRule
from notices.tasks import tell_projects
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.req("R62")]
D = datetime.date
DAY = datetime.timedelta(days=1)
APPROVED, BY_ON = D(2026, 11, 23), D(2026, 11, 30)


@pytest.fixture
def project(people, rules):
    """Approved on a Monday; the district is to be informed until the next."""
    approval = {"department": people.office, "number": "备12", "approved_on": APPROVED}
    row = f.a_project(people, on=APPROVED, approval=approval)
    assert row.notify_by_on == BY_ON
    return row


def told(unread=False):
    rows = Notice.objects.filter(kind="project.notify")
    rows = rows.unread() if unread else rows
    return [(row.stage, row.recipient.username) for row in rows.select_related("recipient").order_by("pk")]


BEFORE = [("T-1 2026-11-30", who) for who in ("department", "inspector", "inspector2")]
AFTER = [("overdue 2026-11-30", who) for who in ("department", "inspector", "inspector2")]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (BY_ON - 2 * DAY, []),
        (BY_ON - DAY, BEFORE),
        (BY_ON, []),  # the eve's reminder is no longer fresh
        (BY_ON + DAY, AFTER),
        (BY_ON + 7 * DAY, AFTER),
        (BY_ON + 8 * DAY, []),
    ],
)
def test_the_department_and_the_inspectors_learn_it_the_day_before_and_after(project, today, expected):
    assert (tell_projects(today), told()) == (len(expected), expected)
    assert (tell_projects(today), told()) == (0, expected)


def test_every_tick_over_the_days_tells_each_stage_once(project):
    for n in range(-5, 12):
        tell_projects(BY_ON + n * DAY)
    assert told() == BEFORE + AFTER
    assert told(unread=True) == AFTER
    notice = Notice.objects.filter(kind="project.notify").last()
    assert (notice.title, notice.is_urgent, notice.url) == ("已逾期 1 天:告知区应急局 2号车间扩建", True, project.get_absolute_url())
    assert "经济发展办公室于 2026-11-23 批准(备案),应在 2026-11-30 以前告知区县应急管理部门" in notice.body


def test_once_informed_nothing_is_asked_any_more(people, project):
    tell_projects(BY_ON - DAY)
    project.notify_bureau(by=people.department, on=BY_ON, notified_on=BY_ON, how="letter")
    assert told(unread=True) == []
    assert (tell_projects(BY_ON + DAY), told()) == (0, BEFORE)


def test_a_project_given_up_owes_nothing(people, project):
    tell_projects(BY_ON - DAY)
    project.cancel(by=people.inspector, on=BY_ON, note="撤回")
    assert (told(unread=True), tell_projects(BY_ON + DAY)) == ([], 0)


def test_where_nobody_acts_for_the_department_the_inspectors_do(people, project):
    Membership.objects.filter(user=people.department).update(ends_on=APPROVED)
    tell_projects(BY_ON + DAY)
    assert told() == AFTER[1:]


def test_projects_that_owe_nothing_are_not_told(people, project):
    Project.objects.all().update(notified_on=BY_ON, notified_how="phone", notified_by=people.inspector)
    f.a_project(people, approval=None)
    assert [tell_projects(BY_ON + n * DAY) for n in (-1, 0, 1)] == [0, 0, 0]


def test_a_rule_may_name_whom_the_office_likes(people, project):
    NoticeRule.objects.filter(code="project.notify.overdue").update(receivers=["finder", "village", "safety_manager", "responsible"])
    tell_projects(BY_ON + DAY)
    assert sorted(who for _, who in told()) == ["department", "safety", "village"]


def test_the_department_as_a_receiver_of_other_matters_is_the_one_that_leads_the_firm(people, rules):
    from hazards.reminders import tell

    NoticeRule.objects.filter(code="hazard.due.T").update(receivers=["department"])
    for firm in (people.factory, people.neighbour):
        f.HazardFactory(enterprise=firm, state="assigned", due_on=BY_ON, rectifier=people.head, found_by=people.employee)
    tell(BY_ON)
    assert sorted(row.recipient.username for row in Notice.objects.all()) == ["department", "inspector", "inspector2"]
