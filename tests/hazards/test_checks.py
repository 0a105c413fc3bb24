"""Checks: start, answers saved at once, hand-over, submit once, conflict."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.models import Attachment, Event, MoveRefused, Submission, SubmissionVariant
from duties.making import Maker
from hazards.due import owed_by
from hazards.models import Answer, Check, Hazard
from hazards.models.checks import Incomplete
from tests import factories as f
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db
PASS = {"result": "pass"}


@pytest.fixture
def decide_rule():
    f.DeadlineRuleFactory(code="hazard.decide", value=1, unit="W")
    f.DeadlineRuleFactory(code="hazard.accept", value=2, unit="W")


@pytest.fixture
def check(people, decide_rule):
    f.ChecklistFactory()
    return begin(people.team_a, people.team)


def begin(unit, by, **facts):
    """The check of this unit's occurrence of today (or `on`)."""
    return Check.start(occurrence=f.OccurrenceFactory(unit=unit, **facts), by=by, on=timezone.localdate())


def fail(by, **more):
    photo = Attachment.take_in(jpeg(), by=by)
    return {"result": "fail", "note": "防护罩缺失", "level": "light", "due_on": "", "photos": [str(photo.uid)], **more}


def weekly(people):
    """The workshop's list of this week."""
    duty = f.DutyFactory(code="DEPT-WEEKLY", name="部门周排查", frequency="week", level="department", sample_count=1)
    return f.OccurrenceFactory(unit=people.workshop, plan=f.DutyPlanFactory(unit=people.workshop, duty=duty))


def monthly(people):
    """The plant's list of this month."""
    duty = f.DutyFactory(code="PLANT-MONTHLY", name="厂长月排查", frequency="month", level="plant", sample_count=1)
    return f.OccurrenceFactory(unit=people.plant, plan=f.DutyPlanFactory(unit=people.plant, duty=duty))


def fields(content, **more):
    """A content as the form's inputs."""
    data = {}
    for n, given in content.items():
        data |= {f"a-{n}": given["result"], f"s-{n}": "0"}
        if given["result"] == "fail":
            data |= {f"n-{n}": given["note"], f"l-{n}": given["level"], f"d-{n}": given["due_on"], f"p-{n}_ids": given["photos"]}
    return data | more


@pytest.mark.req("R20")
def test_start_makes_one_empty_check_per_window(people, check):
    today = timezone.localdate()
    again = Check.start(occurrence=check.occurrence, by=people.team, on=today)
    yesterday = begin(people.team_a, people.team, on=today - datetime.timedelta(days=1))
    assert again == check
    assert yesterday != check
    assert yesterday.answers.count() == 0
    with pytest.raises(MoveRefused, match="还没有开始"):
        begin(people.team_a, people.team, on=today + datetime.timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        f.CheckFactory(unit=people.team_a, occurrence=check.occurrence)


def test_yesterdays_answers_are_never_prefilled(people, sign_in, check):
    check.save_answers({0: PASS, 1: PASS, 2: fail(people.team)}, by=people.team)
    check.submit(by=people.team, on=timezone.localdate())
    new = begin(people.team_a, people.team, on=timezone.localdate() - datetime.timedelta(days=1))
    page = sign_in(people.team).get(reverse("check_fill", args=[new.pk])).content.decode()
    assert 'value="pass" checked' not in page
    assert 'value="fail" checked' not in page
    assert "防护罩缺失" not in page


def test_roles_that_do_not_fill_are_refused(people, check):
    for user in (people.employee, people.inspector, people.village):
        with pytest.raises(PermissionDenied):
            Check.start(occurrence=check.occurrence, by=user, on=timezone.localdate())
    with pytest.raises(PermissionDenied):
        Check.start(occurrence=weekly(people), by=people.team, on=timezone.localdate())


@pytest.mark.req("R20", "R21", "R22")
def test_owed_is_by_role_unit_and_stop_period(people):
    for unit in (people.team_a, people.team_b_unit):
        f.OccurrenceFactory(unit=unit)
    weekly(people)
    monthly(people)
    now = timezone.now()
    owed = lambda user: [(o.occurrence.unit, o.is_mine) for o in owed_by(user, now)]  # noqa: E731
    teams = [people.team_a, people.team_b_unit]
    assert owed(people.team) == [(people.team_a, True)]
    assert owed(people.head) == [(people.workshop, True), *((team, False) for team in teams)]
    assert owed(people.principal) == [(people.plant, True), *((team, False) for team in teams), (people.workshop, False)]
    assert owed(people.employee) == owed(people.inspector) == []
    f.StopPeriodFactory(enterprise=people.factory, starts_on=timezone.localdate(), by=people.safety)
    Maker(enterprise=people.factory).keep_right()
    assert [user for user in (people.team, people.head) if any(unit in teams for unit, _ in owed(user))] == []


def test_every_answer_is_saved_at_once(people, sign_in, check):
    client = sign_in(people.team)
    url = reverse("check_fill", args=[check.pk])
    response = client.post(url, {"a-1": "pass", "s-1": "0"}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "已填 1/3" in response.content.decode()
    assert [(a.position, a.result, a.by) for a in check.answers.all()] == [(1, "pass", people.team)]


def test_too_long_remark_is_refused_and_the_others_are_kept(people, sign_in, check):
    response = sign_in(people.team).post(
        reverse("check_fill", args=[check.pk]), {"a-0": "pass", "a-1": "fail", "n-1": "长" * 501, "a-2": "na"}
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "描述有 501 字,最多 500 字" in page
    assert "长" * 501 in page
    assert sorted(check.answers.values_list("position", "result")) == [(0, "pass"), (2, "na")]


def test_stale_window_does_not_overwrite_a_newer_answer(people, sign_in, check):
    client, url = sign_in(people.team), reverse("check_fill", args=[check.pk])
    client.post(url, {"a-0": "fail", "n-0": "第一次", "s-0": "0"})
    client.post(url, {"a-0": "fail", "n-0": "第二次", "s-0": "1"})
    response = client.post(url, {"a-0": "pass", "s-0": "1"})
    assert response.status_code == 409
    assert "已在另一个窗口改为“不合格”:第二次" in response.content.decode()
    assert check.answers.get().note == "第二次"


def test_values_that_are_none_of_ours_are_ignored(people, sign_in, check):
    junk = {
        "a-0": "maybe",
        "a-99": "pass",
        "a-x": "pass",
        "a-1": "fail",
        "l-1": "grave",
        "d-1": "2026-99-99",
        "p-1_ids": "no",
        "state": "submitted",
    }
    assert sign_in(people.team).post(reverse("check_fill", args=[check.pk]), junk).status_code == 302
    answer = check.answers.get()
    assert (answer.position, answer.level, answer.due_on) == (1, "normal", None)
    check.refresh_from_db()
    assert check.state == "open"


def test_handed_over_check_goes_on_with_its_answers(people, sign_in, check):
    check.save_answers({0: PASS}, by=people.team)
    url = reverse("check_move", args=[check.pk, "hand_over"])
    assert sign_in(people.team_b).post(url, {"version": 0, "to": people.team_b.pk}).status_code == 404
    assert sign_in(people.team).post(url, {"version": 0, "to": people.employee.pk}).status_code == 422
    assert sign_in(people.team).post(url, {"version": 0, "to": people.head.pk, "note": "去医院"}).status_code == 302
    check.refresh_from_db()
    assert (check.holder, check.answers.count()) == (people.head, 1)
    refused = sign_in(people.team).post(reverse("check_fill", args=[check.pk]), {"a-1": "pass"})
    assert refused.status_code == 409
    assert f"现在由{people.head.name}填写" in refused.content.decode()
    assert sign_in(people.head).post(reverse("check_fill", args=[check.pk]), {"a-1": "pass", "a-2": "pass"}).status_code == 302
    check.refresh_from_db()
    check.submit(by=people.head, on=timezone.localdate())
    assert [e.move for e in Event.objects.of(check)] == ["open", "hand_over", "submit"]


def test_incomplete_check_is_not_submitted_and_loses_nothing(people, sign_in, check):
    client = sign_in(people.team)
    data = {"client_id": str(uuid.uuid4()), "a-0": "pass", "a-1": "fail", "n-1": "缺"}
    response = client.post(reverse("check_review", args=[check.pk]), data)
    assert response.status_code == 422
    assert [(number, text) for number, _, text, _ in response.context["missing"]] == [(2, "不合格,请拍照片"), (3, "还没有填")]
    assert sorted(check.answers.values_list("position", "result", "note")) == [(0, "pass", ""), (1, "fail", "缺")]
    assert not Submission.objects.exists()
    with pytest.raises(Incomplete):
        check.submit(by=people.team, on=timezone.localdate())


@pytest.mark.req("R20", "R23")
def test_fail_makes_the_hazard_in_the_same_transaction(people, check):
    f.DeadlineRuleFactory._meta.model.objects.filter(code="hazard.decide").delete()
    content = {0: PASS, 1: fail(people.team), 2: PASS}
    with pytest.raises(LookupError):
        check.submit(by=people.team, on=timezone.localdate(), content=content)
    check = Check.objects.get()
    assert (check.state, check.answers.count(), Hazard.objects.count(), Event.objects.of(check).count()) == ("open", 0, 0, 1)
    f.DeadlineRuleFactory(code="hazard.decide", value=1, unit="W")
    receipt = check.submit(by=people.team, on=timezone.localdate(), content=content)
    hazard = Hazard.objects.get()
    assert receipt == check.receipt
    assert (hazard.answer.position, hazard.source, hazard.level, hazard.found_by, hazard.unit) == (
        1,
        "team",
        "light",
        people.team,
        people.team_a,
    )
    assert hazard.basis == "安全生产法"
    assert [p.purpose for p in Attachment.objects.of(hazard)] == ["before"]


def test_same_id_same_content_is_the_same_receipt(people, sign_in, check):
    client, url = sign_in(people.team), reverse("check_review", args=[check.pk])
    data = fields({0: PASS, 1: fail(people.team), 2: PASS}, client_id=str(uuid.uuid4()))
    answers = [client.post(url, data) for _ in range(3)]
    assert [a.status_code for a in answers] == [302, 302, 302]
    assert {a.url for a in answers} == {check.get_absolute_url()}
    assert (Submission.objects.count(), Hazard.objects.count(), Check.objects.get().receipt) == (1, 1, Submission.objects.get().receipt)


def test_same_id_other_content_is_409_and_the_person_chooses(people, sign_in, check):
    client, url = sign_in(people.team), reverse("check_review", args=[check.pk])
    client_id = str(uuid.uuid4())
    client.post(url, fields({0: PASS, 1: PASS, 2: PASS}, client_id=client_id))
    second = fields({0: PASS, 1: fail(people.team), 2: {"result": "na"}}, client_id=client_id)
    for _ in range(2):
        response = client.post(url, second)
        assert response.status_code == 409
    assert [(line["number"], line["first"], line["second"]) for line in response.context["lines"]] == [
        (2, "合格", "不合格:防护罩缺失"),
        (3, "合格", "不适用"),
    ]
    assert (SubmissionVariant.objects.count(), Hazard.objects.count()) == (1, 0)
    move = reverse("check_move", args=[check.pk, "correct"])
    page = client.get(move)
    assert page.status_code == 200
    form = {"version": Check.objects.get().version, "variant": SubmissionVariant.objects.get().pk}
    assert sign_in(people.safety).post(move, form).status_code == 409
    assert sign_in(people.team).post(move, form).status_code == 302
    assert sorted(Answer.objects.values_list("position", "result")) == [(0, "pass"), (1, "fail"), (2, "na")]
    assert Hazard.objects.get().description == "防护罩缺失"
    assert SubmissionVariant.objects.get().chosen == "second"
    assert Event.objects.of(check).last().data["lines"] == ["改动 2 项:第2项、第3项"]


def test_another_id_after_the_submit_meets_the_same_choice(people, sign_in, check):
    client, url = sign_in(people.team), reverse("check_review", args=[check.pk])
    client.post(url, fields(dict.fromkeys(range(3), PASS), client_id=str(uuid.uuid4())))
    same = client.post(url, fields(dict.fromkeys(range(3), PASS), client_id=str(uuid.uuid4())))
    other = client.post(url, fields({0: PASS, 1: PASS, 2: {"result": "na"}}, client_id=str(uuid.uuid4())))
    assert (same.status_code, other.status_code) == (302, 409)
    assert SubmissionVariant.objects.count() == 1


def test_1200_inputs_are_accepted(people, sign_in, decide_rule):
    plan = f.DutyPlanFactory(unit=people.team_a, checklist_code=f.ChecklistFactory(code="BIG", items=1200).code)
    check = begin(people.team_a, people.team, plan=plan)
    data = {"client_id": str(uuid.uuid4())}
    for n in range(1200):
        data |= {f"a-{n}": "pass", f"n-{n}": "", f"l-{n}": "normal", f"d-{n}": "", f"s-{n}": "0"}
    assert sign_in(people.team).post(reverse("check_review", args=[check.pk]), data).status_code == 302
    assert (Check.objects.get().state, check.answers.count()) == ("submitted", 1200)


def test_submit_needs_the_role_at_that_time(people, check):
    check.save_answers(dict.fromkeys(range(3), PASS), by=people.team)
    people.team.memberships.update(role="employee")
    del people.team.__dict__["_membership"]
    with pytest.raises(PermissionDenied):
        check.submit(by=people.team, on=timezone.localdate())


def test_draft_is_not_written_after_the_submit(people, check):
    stale = Check.objects.get(pk=check.pk)
    check.submit(by=people.team, on=timezone.localdate(), content=dict.fromkeys(range(3), PASS))
    with pytest.raises(MoveRefused, match="已经提交"):
        stale.save_answers({0: {"result": "na"}}, by=people.team)
    assert set(check.answers.values_list("result", flat=True)) == {"pass"}


def test_opening_twice_is_one_check_and_another_units_is_404(people, sign_in):
    f.ChecklistFactory()
    client = sign_in(people.team)
    data = {"occurrence": f.OccurrenceFactory(unit=people.team_a).pk}
    assert [client.post(reverse("check_open"), data).url for _ in range(2)] == [reverse("check_fill", args=[Check.objects.get().pk])] * 2
    assert client.post(reverse("check_open"), {"occurrence": f.OccurrenceFactory(unit=people.neighbour_plant).pk}).status_code == 404
    assert sign_in(people.employee).post(reverse("check_open"), data).status_code == 403


def test_an_older_review_page_does_not_overwrite_a_newer_answer(people, sign_in, check):
    client, review = sign_in(people.team), reverse("check_review", args=[check.pk])
    check.save_answers({n: {**PASS, "seen": 0} for n in range(3)}, by=people.team)
    old = {"client_id": str(uuid.uuid4()), **{f"a-{n}": "pass" for n in range(3)}, **{f"s-{n}": "1" for n in range(3)}}
    check.save_answers({1: fail(people.team, seen=1)}, by=people.team)
    response = client.post(review, old)
    assert response.status_code == 422
    assert response.context["missing"][0][2] == "在别处已改为“不合格”,请看过再提交"
    assert check.answers.get(position=1).result == "fail"
    without = {k: v for k, v in old.items() if not k.startswith("s-")}
    assert client.post(review, without).status_code == 422
    assert (Check.objects.get().state, Hazard.objects.count()) == ("open", 0)


def test_a_day_chosen_earlier_stays_on_the_page(people, sign_in, check):
    day = timezone.localdate() + datetime.timedelta(days=5)
    check.save_answers({0: fail(people.team, due_on=day.isoformat())}, by=people.team)
    page = sign_in(people.team).get(reverse("check_fill", args=[check.pk])).content.decode()
    assert f'value="{day.isoformat()}" checked' in page


def test_second_content_without_photo_cannot_be_used(people, sign_in, check):
    client, url, client_id = sign_in(people.team), reverse("check_review", args=[check.pk]), str(uuid.uuid4())
    client.post(url, fields(dict.fromkeys(range(3), PASS), client_id=client_id))
    client.post(url, fields({0: PASS, 1: fail(people.team, photos=[]), 2: PASS}, client_id=client_id))
    form = {"version": Check.objects.get().version, "variant": SubmissionVariant.objects.get().pk}
    response = client.post(reverse("check_move", args=[check.pk, "correct"]), form)
    assert response.status_code == 409
    assert "不合格,请拍照片" in response.content.decode()
    assert (Hazard.objects.count(), set(check.answers.values_list("result", flat=True))) == (0, {"pass"})


def test_keeping_the_first_closes_the_question(people, sign_in, check):
    client, url, client_id = sign_in(people.team), reverse("check_review", args=[check.pk]), str(uuid.uuid4())
    client.post(url, fields(dict.fromkeys(range(3), PASS), client_id=client_id))
    client.post(url, fields({0: PASS, 1: {"result": "na"}, 2: PASS}, client_id=client_id))
    keep = reverse("check_move", args=[check.pk, "keep_first"])
    assert client.post(keep, {"version": Check.objects.get().version}).status_code == 302
    assert (SubmissionVariant.objects.get().chosen, Check.objects.get().moves_for(people.team)) == ("first", [])


def test_another_teams_check_is_not_ones_own_to_open(people, sign_in):
    f.ChecklistFactory()
    theirs, own = f.OccurrenceFactory(unit=people.team_b_unit), f.OccurrenceFactory(unit=people.team_a)
    with pytest.raises(PermissionDenied):
        Check.start(occurrence=theirs, by=people.team, on=timezone.localdate())
    refused = sign_in(people.team).post(reverse("check_open"), {"occurrence": theirs.pk})
    assert (refused.status_code, Check.objects.count()) == (404, 0)
    own.exempt(by=people.safety, on=timezone.localdate(), note="设备检修")
    stopped = sign_in(people.team).post(reverse("check_open"), {"occurrence": own.pk})
    assert (stopped.status_code, Check.objects.count()) == (409, 0)


def test_control_characters_and_past_days_do_not_come_in(people, sign_in, check):
    data = {
        "a-0": "fail",
        "n-0": "灯\x00坏\u202e了",
        "d-0": "0001-01-01",
        "s-0": "0",
        "a-1": "fail",
        "n-1": "x",
        "d-1": "2026-W47-2",
        "s-1": "0",
    }
    sign_in(people.team).post(reverse("check_fill", args=[check.pk]), data)
    assert list(check.answers.values_list("note", "due_on")) == [("灯坏了", None), ("x", None)]
