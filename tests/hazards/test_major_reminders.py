"""Major hazards: who is told of which move and which clock, each once."""

import datetime

import pytest
from django.utils import timezone

from core.workdays import next_workday
from hazards.major_reminders import tell
from hazards.models import FiveFixPlan, Hazard, MajorReport
from notices import catalogue
from notices.models import Notice
from tests.hazards import course
from tests.hazards.course import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.req("R24")]
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def notice_rules(db):
    catalogue.load()


def told(*kinds, unread=False):
    rows = Notice.objects.filter(kind__in=kinds)
    rows = rows.unread() if unread else rows
    return [(row.stage.split()[0], row.recipient.username) for row in rows.select_related("recipient").order_by("pk")]


def noon(day):
    """Twelve o'clock of a day."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


def test_what_may_be_major_is_told_at_once_to_the_firm_and_the_town(people):
    row = course.suspected(people)
    assert sorted(name for _, name in told("major.proposed")) == ["inspector", "inspector2", "principal", "safety"]
    row.regrade(by=people.inspector, on=TODAY, level="normal", note="不符合")
    assert told("major.proposed", unread=True) == []
    row.propose_major(by=people.team, on=TODAY, note="又看到一处")
    assert len(told("major.proposed", unread=True)) == 4
    light = course.suspected(people, level="light")
    assert not Notice.objects.filter(subject_pk=light.pk, kind="major.proposed").exists()


def test_the_other_signer_is_asked_and_the_town_told_at_once(people):
    row = course.signed(people)
    assert [name for _, name in told("major.sign")] == ["principal"]
    row.confirm_major(by=people.principal, on=TODAY)
    assert sorted(name for _, name in told("major.confirmed")) == ["inspector", "inspector2", "safety"]
    assert told("major.sign", unread=True) == []
    notice = Notice.objects.filter(kind="major.confirmed").first()
    assert (notice.is_urgent, notice.url, notice.title) == (
        True,
        row.get_absolute_url(),
        f"已确认重大隐患:{people.factory.name} 除尘器没有泄爆",
    )
    assert f"{row.plan_by_on:%Y-%m-%d} 前提交五定方案" in notice.body


def test_between_inspectors_the_other_one_is_asked(people):
    course.signed(people, course.suspected(people, source="inspection"), by=people.inspector)
    assert [name for _, name in told("major.sign")] == ["inspector2"]


def test_reports_are_told_to_who_owes_them_before_and_after_their_moment(people):
    row = course.confirmed(people)
    start = MajorReport.objects.get(to="town").due_at - 24 * HOUR
    assert (tell(start), tell(start + 10 * HOUR)) == (0, 0)
    assert (tell(start + 19 * HOUR), tell(start + 20 * HOUR)) == (4, 0)
    assert sorted(told("report.due")) == [("T-6h", "inspector"), ("T-6h", "inspector2"), ("T-6h", "principal"), ("T-6h", "safety")]
    row.make_report(by=people.safety, on=TODAY, report=row.reports.get(to="town"), how="phone")
    assert tell(start + 25 * HOUR) == 2
    assert [one for one in told("report.due") if one[0] == "overdue"] == [("overdue", "inspector"), ("overdue", "inspector2")]


def test_the_plans_day_is_told_until_it_is_submitted(people):
    row = course.planned(people)
    row.reports.all().delete()
    for n in range(12):
        tell(noon(row.plan_by_on - 2 * DAY + n * DAY))
    assert told("plan.due") == [
        ("T-1", "safety"),
        ("T-1", "principal"),
        ("T", "safety"),
        ("T", "principal"),
        ("overdue", "safety"),
        ("overdue", "principal"),
        ("overdue", "inspector"),
        ("overdue", "inspector2"),
    ]
    plan = row.plan
    plan.submit(by=people.principal, on=TODAY)
    assert told("plan.due", unread=True) == []
    assert [name for _, name in told("plan.submitted")] == ["inspector", "inspector2"]
    assert Notice.objects.filter(kind="plan.submitted").first().url == plan.get_absolute_url()
    plan.hand_back(by=people.inspector, on=TODAY, note="资金不够")
    answered = Notice.objects.filter(kind="plan.answered")
    assert sorted(n.recipient.username for n in answered) == ["principal", "safety"]
    assert ("被退回" in answered.first().title, "资金不够" in answered.first().body) == (True, True)
    assert told("plan.submitted", unread=True) == []


def test_weekly_progress_is_told_to_the_plans_person(people):
    row = course.rectifying(people)
    row.reports.all().delete()
    day = FiveFixPlan.objects.get().progress_by_on
    assert (tell(noon(day - DAY)), tell(noon(day)), tell(noon(day)), tell(noon(day + DAY))) == (0, 1, 0, 2)
    assert told("progress.due") == [("T", "head"), ("overdue", "head"), ("overdue", "safety")]
    row.plan.report_progress(by=people.head, on=day + DAY, text="已订货", percent=20)
    assert told("progress.due", unread=True) == []


def test_recheck_is_asked_signed_due_and_answered(people):
    row = course.applied(people)
    row.reports.all().delete()
    assert [name for _, name in told("recheck.asked")] == ["inspector", "inspector2"]
    by = next_workday(TODAY + 10 * DAY)
    assert (row.recheck_by_on, tell(noon(by - 2 * DAY)), tell(noon(by + DAY))) == (by, 2, 2)
    row.record_recheck(by=people.inspector, on=TODAY, items=course.results(row), opinion="合格")
    assert [name for _, name in told("recheck.sign")] == ["inspector2"]
    row.pass_recheck(by=people.inspector2, on=TODAY)
    assert sorted(name for _, name in told("recheck.answered")) == ["head", "principal", "safety"]
    assert told("recheck.asked", "recheck.sign", "recheck.due", unread=True) == []


def test_a_downgrade_stops_every_clock(people):
    row = course.confirmed(people)
    row.downgrade(by=people.reviewer, on=TODAY, level="normal", note="检测不可燃")
    assert sorted(name for _, name in told("major.downgraded")) == ["principal", "safety"]
    assert tell(noon(TODAY + 9 * DAY)) == 0
    assert (Hazard.objects.get().plan_by_on, told("major.confirmed", unread=True)) == (None, [])
