"""Reminders of hazards: deadlines by stage, escalation, and what moves tell; each once."""

import datetime

import pytest
from django.db import transaction
from django.utils import timezone

from core.models import Attachment
from hazards.models import Hazard
from hazards.reminders import tell
from hazards.tasks import tell_deadlines
from notices import catalogue
from notices.models import Notice, NoticeRule
from tests import factories as f
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.req("R23")]
TODAY = datetime.date(2026, 11, 25)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def rules(db):
    return catalogue.load()


@pytest.fixture
def hazard(people, rules):
    """hazard(due_in) → one of team A in work with the team leader, due so many days from TODAY."""

    def make(due_in=0, state="assigned", **facts):
        facts = {"enterprise": people.factory, "unit": people.team_a, "rectifier": people.team, "found_by": people.employee, **facts}
        return f.HazardFactory(state=state, due_on=TODAY + due_in * DAY, found_on=TODAY - 30 * DAY, **facts)

    return make


def told(kind=None):
    rows = Notice.objects.filter(kind=kind) if kind else Notice.objects.exclude(kind="hazard.assigned")
    return [(row.stage.split()[0], row.recipient.username) for row in rows.select_related("recipient").order_by("pk")]


@pytest.mark.parametrize(
    ("due_in", "expected"),
    [
        (4, []),
        (3, [("T-3", "team")]),
        (2, []),
        (1, [("T-1", "team")]),
        (0, [("T", "team")]),
        (-1, [("overdue", "team"), ("overdue", "safety"), ("L1", "head")]),
        (-2, [("overdue", "team"), ("overdue", "safety"), ("L1", "head")]),
        (-3, [("overdue", "team"), ("overdue", "safety"), ("L2", "principal")]),
        (-7, [("L3", "inspector"), ("L3", "inspector2")]),
        (-13, [("L3", "inspector"), ("L3", "inspector2")]),
        (-14, []),
    ],
)
def test_each_stage_tells_its_people_once_and_only_the_latest_stage(people, hazard, due_in, expected):
    hazard(due_in)
    hazard(due_in, "pending_acceptance")
    hazard(due_in, "closed", closed_on=TODAY, closed_by=people.safety)
    assert (tell(TODAY), tell(TODAY)) == (len(expected), 0)
    assert told() == expected


def test_day_by_day_each_stage_comes_once(people, hazard):
    hazard(3)
    for n in range(20):
        tell(TODAY + n * DAY)
    assert told("hazard.due") == [("T-3", "team"), ("T-1", "team"), ("T", "team"), ("overdue", "team"), ("overdue", "safety")]
    assert told("hazard.escalated") == [("L1", "head"), ("L2", "principal"), ("L3", "inspector"), ("L3", "inspector2")]


def test_another_deadline_is_told_anew_and_another_rectifier_too(people, hazard):
    row = hazard(1)
    tell(TODAY)
    Hazard.objects.filter(pk=row.pk).update(due_on=TODAY + 4 * DAY)
    tell(TODAY + DAY)
    tell(TODAY + 3 * DAY)
    assert told() == [("T-1", "team"), ("T-3", "team"), ("T-1", "team")]


def test_the_words_say_what_to_do(people, hazard):
    hazard(1, description="<b>防护罩</b> & 缺失")
    tell(TODAY)
    row = Notice.objects.get()
    assert row.title == "还有 1 天到期:<b>防护罩</b> & 缺失", "text stays text; pages escape it"
    assert row.body == "重庆石角机械厂,2号冲床,整改期限 2026-11-26,整改人甲班长。请按期整改并拍照提交;来不及的,请在到期前申请延期。"
    assert (row.url, row.enterprise_id, row.area_code) == (
        Hazard.objects.get().get_absolute_url(),
        people.factory.pk,
        people.factory.area_id,
    )


def test_a_rectifier_who_left_is_not_told_the_head_is(people, hazard):
    people.team.memberships.get().end(TODAY)
    hazard(0)
    tell(TODAY)
    rows = Notice.objects.all()
    assert [(row.recipient, row.body.splitlines()[-1]) for row in rows] == [
        (people.head, "本来通知甲班长,该人员已离岗或账号停用,请您代为处理或转告接手的人。")
    ]


def test_a_firm_without_anybody_falls_to_the_town(people, hazard):
    people.factory.memberships.update(ends_on=TODAY - DAY)
    hazard(0)
    hazard(-1)
    tell(TODAY)
    assert {row.recipient.username for row in Notice.objects.all()} == {"inspector", "inspector2"}


def test_a_head_who_rectifies_is_not_the_one_to_urge_himself(people, hazard):
    hazard(-1, rectifier=people.head)
    tell(TODAY)
    assert told("hazard.escalated") == [("L1", "safety")]


def test_the_task_reads_the_calendar_itself(people, hazard):
    today = timezone.localdate()
    Hazard.objects.filter(pk=hazard(0).pk).update(due_on=today)
    assert (tell_deadlines(), tell_deadlines()) == (1, 0)


def test_no_rule_no_notice(people, hazard):
    NoticeRule.objects.update(effective_to="2020-01-01")
    row = f.a_hazard(people)
    row.assign(by=people.safety, on=TODAY, rectifier=people.team, due_on=TODAY, level="light")
    assert (tell(TODAY), Notice.objects.count()) == (0, 0)


# Moves


@pytest.fixture
def assigned(people, rules):
    row = f.a_hazard(people)
    row.assign(by=people.safety, on=TODAY, rectifier=people.team, due_on=TODAY + 7 * DAY, level="normal")
    return row


def moves():
    return [(row.kind, row.recipient.username) for row in Notice.objects.select_related("recipient").order_by("pk")]


def test_assigned_and_reassigned(people, assigned):
    assigned.reassign(by=people.safety, on=TODAY, rectifier=people.head)
    assert moves() == [("hazard.assigned", "team"), ("hazard.assigned", "head")]
    assert Notice.objects.first().body == f"重庆石角机械厂,2号冲床。安全员指派给您,{TODAY + 7 * DAY}前整改好。整改后拍照,点“提交整改”。"


def test_whoever_makes_a_move_is_not_told_of_it(people, rules):
    row = f.a_hazard(people)
    row.assign(by=people.safety, on=TODAY, rectifier=people.safety, due_on=TODAY, level="light")
    assert moves() == []


@pytest.mark.parametrize(("answer", "words"), [("grant_extension", "延期已同意:防护罩缺失"), ("refuse_extension", "延期未同意:防护罩缺失")])
def test_an_extension_is_asked_of_the_managers_and_answered_to_whoever_asked(people, assigned, answer, words):
    assigned.ask_extension(by=people.team, on=TODAY, until=TODAY + 20 * DAY, note="等配件")
    getattr(assigned, answer)(by=people.principal, on=TODAY, note="抓紧")
    assert moves()[1:] == [("extension.asked", "safety"), ("extension.asked", "principal"), ("extension.answered", "team")]
    asked, answered = Notice.objects.filter(kind="extension.asked").first(), Notice.objects.last()
    assert asked.body == f"甲班长申请延至 {TODAY + 20 * DAY}(现在期限 {TODAY + 7 * DAY})。理由:“等配件”。请打开记录,同意或不同意。"
    assert (answered.title, "抓紧" in answered.body) == (words, True)
    assert f"{assigned.due_on}" in answered.body


def test_an_extension_of_what_the_town_found_is_asked_of_the_inspectors(people, assigned):
    Hazard.objects.filter(pk=assigned.pk).update(source="inspection")
    assigned.refresh_from_db()
    assigned.ask_extension(by=people.team, on=TODAY, until=TODAY + 20 * DAY, note="等配件")
    assert moves()[1:] == [("extension.asked", "inspector"), ("extension.asked", "inspector2")]


def test_returned_and_accepted(people, assigned):
    fix = lambda: assigned.submit_fix(by=people.team, on=TODAY, measures="装回", photos=[Attachment.take_in(jpeg(), by=people.team)])  # noqa: E731
    fix()
    assigned.return_fix(by=people.head, on=TODAY, note="没有拍全")
    fix()
    assigned.accept_fix(by=people.head, on=TODAY)
    assert moves()[1:] == [("hazard.returned", "team"), ("hazard.accepted", "team"), ("hazard.accepted", "employee")]
    assert "没有拍全" in Notice.objects.get(kind="hazard.returned").body


def test_a_move_that_is_rolled_back_tells_nobody(people, assigned):
    class Cut(Exception):
        pass

    with pytest.raises(Cut), transaction.atomic():
        assigned.reassign(by=people.safety, on=TODAY, rectifier=people.head)
        raise Cut
    assert moves() == [("hazard.assigned", "team")]


def unread():
    return [(row.kind, row.recipient.username) for row in Notice.objects.unread().select_related("recipient").order_by("pk")]


def test_what_was_fixed_or_given_to_another_asks_nothing_of_the_first(people, assigned):
    tell(TODAY + 8 * DAY)
    assert ("hazard.due", "team") in unread()
    assigned.reassign(by=people.safety, on=TODAY, rectifier=people.head)
    assert unread() == [("hazard.assigned", "head")]
    assigned.submit_fix(by=people.head, on=TODAY, measures="x", photos=[Attachment.take_in(jpeg(), by=people.head)])
    assert unread() == []


def test_an_answer_settles_the_request(people, assigned):
    assigned.ask_extension(by=people.team, on=TODAY, until=TODAY + 20 * DAY, note="x")
    assigned.grant_extension(by=people.principal, on=TODAY)
    assert unread() == [("hazard.assigned", "team"), ("extension.answered", "team")]
