"""The draw itself: steps, guards, changes, what of it is kept, and that nobody can bend it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import moment
from core.models import Event, Job, MoveRefused
from core.work import sweep
from documents.models import Document
from inspections import draw_work, drawing
from inspections.actions import plan_visit
from inspections.models import Avoidance, Draw, DrawChange, DrawObject, DrawSeat, Exclusion, FirmGrade, Inspection
from inspections.models import draw_making as making
from tests import factories as f
from tests.inspections import course, drawn
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db


def in_force(draw):
    """{firm: officers} of the result in force, as the database keeps it."""
    return {pick.listed.key: sorted(seat.officer.key for seat in pick.seats_now) for pick in draw.standing()}


def replayed(draw):
    """The same, made again from the lists."""
    return {pick.object: sorted(key for _, key in pick.officers) for pick in draw.result().picks}


# How it comes about


@pytest.mark.req("R49")
def test_a_draw_goes_from_its_commitment_to_its_publication(people):
    drawn.officers(people)
    drawn.firms(people, 3)
    draw = drawn.published(people, n=2)
    moves = list(Event.objects.of(draw).values_list("move", flat=True))
    assert moves == ["open", "freeze", "enter_value", "draw", "confirm", "issue_tasks", "finish", "publish"]
    assert draw.commitment == drawing.commitment(draw.secret)
    assert draw.lists_sha256 == drawing.lists_sha256(draw.lists())
    assert in_force(draw) == replayed(draw)
    assert [(pick.inspection.kind, pick.inspection.state) for pick in draw.standing()] == [("random", "closed")] * 2
    assert (draw.results_in_on, draw.publish_by_on > TODAY, draw.is_disclosed) == (TODAY, True, True)


def test_only_officers_configure_and_not_for_days_gone_by(people):
    drawn.law()
    for person in (people.leader, people.reviewer, people.admin, people.village, people.principal):
        with pytest.raises(PermissionDenied):
            f.a_draw(people, person, pool=Draw._meta.get_field("pool").related_model.objects.first() or f.a_pool(people))
    with pytest.raises(MoveRefused, match="从过去开始"):
        f.a_draw(people, visits_from=later(-1))


def test_secret_is_kept_encrypted_and_stands_in_no_event(people):
    draw = drawn.over(people)
    with transaction.atomic():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM inspections_draw WHERE id = %s", [draw.pk])
            assert draw.secret not in str(cursor.fetchone())
    for event in Event.objects.all():
        assert draw.secret not in f"{event.note}{event.data}"
        assert draw.seed not in f"{event.note}{event.data}"


# Lists


@pytest.mark.req("R49")
def test_lists_hold_weights_reasons_and_pairs(people):
    four = drawn.officers(people)
    heavy, away, pair, visited = drawn.firms(people, 4)
    FirmGrade.give(heavy, by=people.inspector, on=TODAY, grade="major", reason="粉尘")
    Exclusion.log(by=people.inspector, on=TODAY, enterprise=away, reason="整体搬迁", since=TODAY)
    Avoidance.log(by=people.inspector, on=TODAY, enterprise=pair, user=four[2], reason="relative", since=TODAY)
    drawn.law()
    course.begun(people, course.noticed(people, course.approved(people, course.planned(people, visited))))
    draw = drawn.frozen(people)
    rows = {row.key: (row.weight, row.excluded, row.grade) for row in draw.objects_listed.all()}
    assert rows == {
        heavy.credit_code: (4, None, "major"),
        away.credit_code: (1, "整体搬迁", ""),
        pair.credit_code: (1, None, ""),
        visited.credit_code: (1, "近 30 天内已检查或已安排检查", ""),
        people.factory.credit_code: (1, None, ""),
        people.neighbour.credit_code: (1, None, ""),
    }
    assert list(draw.conflicts_listed.values_list("object", "officer", "reason")) == [(pair.credit_code, four[2].staff_number, "relative")]
    assert set(draw.officers_listed.values_list("name", "excluded")) == {(person.name, None) for person in four}
    assert draw.weights == {"major": 4, "larger": 3, "general": 2, "low": 1}


def test_a_pair_counts_on_any_day_of_the_visits(people):
    four = drawn.officers(people)
    spans = {(-9, -1): "past", (-9, 3): "at the start", (5, 6): "between", (20, None): "last day", (21, None): "after"}
    firms = dict(zip(spans, drawn.firms(people, len(spans)), strict=True))
    for (first, last), firm in firms.items():
        days = {"since": later(first), "until": None if last is None else later(last)}
        Avoidance.log(by=people.inspector, on=TODAY, enterprise=firm, user=four[2], reason="relative", **days)
    draw = drawn.configured(people)
    draw.freeze(by=people.inspector, on=TODAY)
    kept = set(draw.conflicts_listed.values_list("object", flat=True))
    assert {words for days, words in spans.items() if firms[days].credit_code in kept} == {"at the start", "between", "last day"}


def test_an_officer_away_or_without_certificate_is_left_out_or_not_listed(people):
    from inspections.models import Absence

    four = drawn.officers(people)
    Absence.log(by=people.inspector, on=TODAY, area=people.town, user=four[2], reason="leave", since=TODAY)
    Absence.log(by=people.inspector, on=TODAY, area=people.town, user=four[3], reason="leave", since=TODAY, until=later(2))
    four[1].certificates.update(valid_to=later(5))
    without = f.UserFactory(name="没有证")
    f.MembershipFactory(user=without, role="inspector", enterprise=None, area=people.town)
    draw = drawn.configured(people, officers_per_object=2)
    draw.freeze(by=people.inspector, on=TODAY)
    assert dict(draw.officers_listed.values_list("name", "excluded")) == {
        four[0].name: None,
        four[1].name: "执法证在检查期间到期",
        four[2].name: "休假",
        four[3].name: None,
    }


def test_freeze_is_refused_when_there_are_too_few_and_leaves_the_draw_as_it_was(people):
    draw = drawn.configured(people, n=50)
    with pytest.raises(MoveRefused, match="可抽取的企业只有 2 家"):
        draw.freeze(by=people.inspector, on=TODAY)
    people.inspector2.certificates.all().delete()
    few = drawn.configured(people)
    with pytest.raises(MoveRefused, match="检查人员只有 1 人"):
        few.freeze(by=people.inspector, on=TODAY)
    assert set(Draw.objects.values_list("state", "lists_sha256")) == {("configured", "")}
    assert DrawObject.objects.count() == 0


@pytest.mark.req("R49")
def test_lists_changed_by_the_back_door_are_not_drawn_from(people):
    draw = drawn.valued(people)
    DrawObject.objects.filter(draw=draw, key=people.factory.credit_code).update(weight=9)
    with pytest.raises(MoveRefused, match="与冻结时公布的摘要不一致"):
        draw.draw(by=people.inspector, on=TODAY)
    draw.refresh_from_db()
    assert (draw.state, draw.picks.count()) == ("frozen", 0)


def test_a_list_changed_after_the_draw_is_not_replaced_from(people):
    drawn.firms(people, 2)
    draw = drawn.drawn(people)
    draw.ask_change(by=people.inspector, on=TODAY, object=draw.standing().first().listed.key, note="搬迁")
    DrawObject.objects.filter(draw=draw).exclude(pick__isnull=False).update(weight=3)
    with pytest.raises(MoveRefused, match="摘要不一致"):
        draw.approve_change(by=people.leader, on=TODAY)
    assert draw.changes.pending().count() == 1


def test_a_secret_that_does_not_fit_its_commitment_is_not_drawn_with(people):
    draw = drawn.valued(people)
    draw.secret = drawing.new_secret()
    with pytest.raises(MoveRefused, match="与公布的承诺不一致"):
        draw.draw(by=people.inspector, on=TODAY)


# The value


@pytest.mark.req("R49")
def test_value_lies_after_the_freeze_and_not_ahead_and_is_entered_once(people):
    draw = drawn.frozen(people)
    by, now = people.inspector, timezone.now()
    for at, words in (
        (draw.frozen_at, "冻结之后"),
        (draw.frozen_at - datetime.timedelta(days=1), "冻结之后"),
        (now + datetime.timedelta(hours=1), "晚于现在"),
    ):
        with pytest.raises(MoveRefused, match=words):
            draw.enter_value(by=by, on=TODAY, public_value="1", public_value_at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(public_value="1", public_value_at=draw.frozen_at)
    with pytest.raises(MoveRefused, match="还没有录入"):
        draw.draw(by=by, on=TODAY)
    draw = drawn.valued(people, draw)
    with pytest.raises(MoveRefused, match="已经录入"):
        draw.enter_value(by=by, on=TODAY, public_value="2", public_value_at=now)


def test_it_is_drawn_once(people):
    draw = drawn.drawn(people)
    stale = Draw.objects.get(pk=draw.pk)
    stale.state = "frozen"
    with pytest.raises(MoveRefused):
        stale.draw(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="已抽取"):
        draw.draw(by=people.inspector, on=TODAY)
    assert Event.objects.of(draw).filter(move="draw").count() == 1
    assert draw.picks.count() == 1


def test_two_who_freeze_at_once_make_one_list(people):
    draw = drawn.configured(people)
    other = Draw.objects.get(pk=draw.pk)
    draw.freeze(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="别人已处理"):
        other.freeze(by=people.inspector2, on=TODAY)
    draw.refresh_from_db()
    assert draw.lists_sha256 == drawing.lists_sha256(draw.lists())


# Large ones


@pytest.fixture
def large(monkeypatch):
    """One firm is many."""
    monkeypatch.setattr(making, "LARGE_LISTS", 1)


def test_a_large_draw_freezes_and_draws_in_jobs(people, large, django_capture_on_commit_callbacks):
    draw = drawn.configured(people)
    draw.freeze(by=people.inspector, on=TODAY)
    job = draw.job
    assert (draw.state, job.kind, Event.objects.of(draw).last().move) == ("configured", "draw_freeze", "start_freeze")
    for name in ("freeze", "ask_void"):
        assert draw.guard(name, people.inspector2) == "后台正在办理,请等它完成。"
    with pytest.raises(MoveRefused, match="后台正在办理"):
        Draw.objects.get(pk=draw.pk).freeze(by=people.inspector2, on=TODAY)
    with moment.at(timezone.now() - datetime.timedelta(hours=1)):
        sweep()
    draw = Draw.objects.get(pk=draw.pk)
    assert (draw.state, draw.job.message, draw.job.done, draw.job.total) == ("frozen", "名单已冻结。", 2, 2)
    drawn.valued(people, draw).draw(by=people.inspector, on=TODAY)
    sweep()
    draw = Draw.objects.get(pk=draw.pk)
    assert (draw.state, draw.job.kind, draw.job.message) == ("drawn", "draw_draw", "已抽取。")
    assert in_force(draw) == replayed(draw)


def test_what_refuses_a_job_is_its_sentence_and_it_may_be_asked_again(people, large):
    draw = drawn.configured(people, n=50)
    draw.freeze(by=people.inspector, on=TODAY)
    sweep()
    draw = Draw.objects.get(pk=draw.pk)
    assert (draw.state, draw.job.state, draw.job.message) == ("configured", "done", "可抽取的企业只有 2 家,不够抽 50 家。")
    assert not draw.guard("freeze", people.inspector)


def test_a_job_run_twice_or_after_its_asker_left_changes_nothing(people, large):
    draw = drawn.configured(people)
    draw.freeze(by=people.inspector, on=TODAY)
    job = Job.objects.get(pk=draw.job_id)
    people.inspector.memberships.update(starts_on=later(-9), ends_on=later(-1))
    assert draw_work.freeze(job).startswith("发起人已不在岗")
    people.inspector.memberships.update(ends_on=None)
    job.claim(timezone.now())
    assert draw_work.freeze(job) == "名单已冻结。"
    assert draw_work.freeze(job) == "已经办过。"
    assert Event.objects.of(draw).filter(move="freeze").count() == 1


def test_a_worker_that_lost_its_lease_writes_nothing(people, large):
    draw = drawn.configured(people)
    draw.freeze(by=people.inspector, on=TODAY)
    with pytest.raises(RuntimeError):
        draw_work.freeze(Job.objects.get(pk=draw.job_id))
    assert DrawObject.objects.count() == 0


# Second persons


def test_whoever_ran_it_neither_confirms_nor_publishes(people):
    draw = drawn.drawn(people)
    Draw.objects.filter(pk=draw.pk).update(configured_by=people.leader)
    draw.refresh_from_db()
    with pytest.raises(MoveRefused, match="没有参加抽取操作的人确认"):
        draw.confirm(by=people.leader, on=TODAY, witnesses=drawn.WITNESSES)
    with pytest.raises(MoveRefused, match="两名以上见证人"):
        draw.confirm(by=people.reviewer, on=TODAY, witnesses=["王某 镇纪委"] * 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(confirmed_by=people.leader)
    draw.confirm(by=people.reviewer, on=TODAY, witnesses=drawn.WITNESSES)
    draw = drawn.over(people, drawn.issued(people, draw))
    with pytest.raises(MoveRefused, match="没有参加抽取操作的人公布"):
        draw.publish(by=people.leader, on=TODAY)


# Changes


@pytest.mark.req("R49")
def test_a_replaced_object_is_followed_by_the_next_ticket_and_its_visit_is_off(people):
    drawn.officers(people, 5)
    drawn.firms(people, 4)
    draw = drawn.issued(people, n=2)
    order = [key for _, key in drawing.ranking(draw.seed, draw.lists()["objects"])]
    gone = draw.standing().first()
    draw.ask_change(by=people.inspector, on=TODAY, object=gone.listed.key, note="已迁出")
    assert in_force(draw) == replayed(draw)
    draw.approve_change(by=people.leader, on=TODAY, note="属实")
    assert in_force(draw) == replayed(draw)
    assert list(in_force(draw)) == [order[1], order[2]]
    gone.refresh_from_db()
    assert (gone.inspection.state, gone.withdrawn_by.replacement, gone.withdrawn_by.approved_by) == ("aborted", order[2], people.leader)
    assert [pick.inspection.state for pick in draw.standing()] == ["planned", "planned"]
    assert draw.state == "issued"
    lines = Event.objects.of(draw).last().data["lines"]
    assert lines == [f"替换对象:{draw.standing().last().listed.name}"]


def test_the_last_open_visit_replaced_does_not_end_the_draw(people):
    drawn.firms(people, 2)
    draw = drawn.issued(people)
    draw.ask_change(by=people.inspector, on=TODAY, object=draw.standing().get().listed.key, note="已迁出")
    draw.approve_change(by=people.leader, on=TODAY)
    draw = Draw.objects.get(pk=draw.pk)
    assert (draw.state, draw.results_in_on) == ("issued", None)
    assert draw.open_visits().count() == 1


def test_when_nothing_is_left_to_replace_the_draw_is_over(people):
    draw = drawn.issued(people, n=2)
    for _ in range(2):
        draw = Draw.objects.get(pk=draw.pk)
        draw.ask_change(by=people.inspector, on=TODAY, object=draw.standing().first().listed.key, note="已迁出")
        draw.approve_change(by=people.leader, on=TODAY)
    draw = Draw.objects.get(pk=draw.pk)
    assert draw.standing().count() == 0
    assert (draw.state, draw.publish_by_on is not None) == ("results_in", True)


@pytest.mark.req("R49")
def test_a_replaced_officer_is_followed_by_the_next_ticket_and_the_visit_goes_anew(people):
    drawn.officers(people, 4)
    draw = drawn.issued(people)
    pick = draw.standing().get()
    visit, gone = pick.inspection, pick.seats_now[0]
    planner = visit.officers.first().user
    visit.submit_scheme(by=planner, on=TODAY)
    visit.approve_scheme(by=people.leader, on=TODAY)
    notice = Document.issue("CHECK_NOTICE", subject=visit, enterprise=visit.enterprise, facts={}, by=people.inspector, on=TODAY)
    visit.notify(by=people.inspector, on=TODAY)
    draw.ask_change(by=people.inspector, on=TODAY, object=pick.listed.key, officer=gone.officer.key, note="临时借调到区里")
    draw.approve_change(by=people.reviewer, on=TODAY)
    assert in_force(draw) == replayed(draw)
    visit.refresh_from_db()
    notice.refresh_from_db()
    now = {seat.officer.user_id for seat in draw.standing().get().seats_now}
    assert gone.officer.user_id not in now
    assert {row.user_id for row in visit.officers.all()} == now
    assert (visit.state, visit.approved_by, notice.is_valid) == ("planned", None, False)
    assert DrawSeat.objects.filter(pick=pick).count() == 3
    told = Event.objects.of(visit).visible_to(people.principal)
    assert not any(words in f"{row.note}{row.data}" for row in told for words in ("借调", draw.number, "抽取"))
    assert "借调" not in notice.void_reason


def test_an_officer_nobody_can_replace_stays_and_the_request_waits(people):
    draw = drawn.drawn(people)
    pick = draw.standing().get()
    draw.ask_change(by=people.inspector, on=TODAY, object=pick.listed.key, officer=pick.seats_now[0].officer.key, note="休假")
    with pytest.raises(MoveRefused, match="没有别的检查人员可以替换"):
        draw.approve_change(by=people.leader, on=TODAY)
    draw.refresh_from_db()
    draw.refuse_change(by=people.leader, on=TODAY, note="请改为替换对象")
    change = draw.changes.get()
    assert (change.refused_by, change.answer, change.approved_at, draw.pending_change) == (people.leader, "请改为替换对象", None, None)


def test_changes_are_asked_one_at_a_time_and_approved_by_another(people):
    drawn.firms(people, 2)
    draw = drawn.drawn(people, n=2)
    key = draw.standing().first().listed.key
    draw.ask_change(by=people.inspector, on=TODAY, object=key, note="搬迁")
    for name, facts in (("ask_change", {"object": key, "note": "x"}), ("ask_void", {"note": "x"})):
        with pytest.raises(MoveRefused, match="还没有批准"):
            getattr(draw, name)(by=people.inspector2, on=TODAY, **facts)
    with pytest.raises(MoveRefused, match="还没有批准"):
        draw.confirm(by=people.reviewer, on=TODAY, witnesses=drawn.WITNESSES)
    DrawChange.objects.update(by=people.leader)
    with pytest.raises(MoveRefused, match="不能批准自己的申请"):
        draw.approve_change(by=people.leader, on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawChange.objects.update(approved_by=people.leader, approved_at=timezone.now())
    with pytest.raises(MoveRefused, match="待批的是替换"):
        draw.void(by=people.reviewer, on=TODAY)
    with pytest.raises(MoveRefused, match="不在现在的抽取结果里"):
        drawn.drawn(people, n=1).ask_change(by=people.inspector, on=TODAY, object="没有这家", note="x")


def test_a_visit_that_began_is_not_replaced_even_when_it_was_asked_for_before(people):
    drawn.firms(people, 2)
    draw = drawn.issued(people)
    pick = draw.standing().get()
    draw.ask_change(by=people.inspector, on=TODAY, object=pick.listed.key, note="搬迁")
    Inspection.objects.filter(pk=pick.inspection_id).update(state="in_progress", visited_on=TODAY)
    with pytest.raises(MoveRefused, match="已经开始,不能再替换"):
        draw.approve_change(by=people.leader, on=TODAY)
    draw.refuse_change(by=people.leader, on=TODAY, note="已经开始")
    with pytest.raises(MoveRefused, match="已经开始,不能再替换"):
        draw.ask_change(by=people.inspector, on=TODAY, object=pick.listed.key, note="搬迁")


@pytest.mark.req("R49")
def test_a_record_changed_by_the_back_door_gives_no_visits_and_no_replacement(people):
    drawn.firms(people, 3)
    drawn.officers(people, 4)
    draw = drawn.confirmed(people)
    pick = draw.picks.get()
    kept, other = pick.listed, draw.objects_listed.filter(pick=None).first()
    pick.listed = other
    pick.save()
    with pytest.raises(MoveRefused, match="与按名单重算的不同"):
        draw.issue_tasks(by=people.inspector, on=TODAY)
    draw.ask_change(by=people.inspector, on=TODAY, object=other.key, note="搬迁")
    with pytest.raises(MoveRefused, match="与按名单重算的不同"):
        draw.approve_change(by=people.leader, on=TODAY)
    draw.refuse_change(by=people.leader, on=TODAY, note="查明")
    pick.listed = kept
    pick.save()
    seat = pick.seats.first()
    seat.officer = draw.officers_listed.exclude(seats__pick=pick).first()
    seat.save()
    with pytest.raises(MoveRefused, match="与按名单重算的不同"):
        Draw.objects.get(pk=draw.pk).issue_tasks(by=people.inspector, on=TODAY)
    assert Inspection.objects.count() == 0


def test_a_replacement_approved_after_the_last_visit_is_refused(people):
    draw = drawn.confirmed(people, n=2, max_per_officer=1)
    draw.issue_tasks(by=people.inspector, on=TODAY)
    first, without = draw.standing()
    draw.ask_change(by=people.inspector, on=TODAY, object=without.listed.key, note="没有人员")
    drawn.closed(people, first.inspection)
    draw = Draw.objects.get(pk=draw.pk)
    assert draw.state == "results_in"
    with pytest.raises(MoveRefused, match="检查已经全部结束"):
        draw.approve_change(by=people.leader, on=TODAY)
    draw.refuse_change(by=people.leader, on=TODAY, note="已经结束")
    draw.publish(by=people.reviewer, on=TODAY)


@pytest.mark.req("R49")
def test_who_ran_it_in_one_post_neither_confirms_nor_publishes_it_in_another(people):
    second = f.MembershipFactory(user=people.inspector2, role="reviewer", enterprise=None, area=people.town)
    draw = drawn.configured(people)
    with moment.at(timezone.now() - datetime.timedelta(hours=1)):
        draw.freeze(by=people.inspector2, on=TODAY)
    draw = drawn.drawn(people, drawn.valued(people, Draw.objects.get(pk=draw.pk)))
    people.inspector2.membership = second
    with pytest.raises(MoveRefused, match="没有参加抽取操作的人确认"):
        draw.confirm(by=people.inspector2, on=TODAY, witnesses=drawn.WITNESSES)
    draw.confirm(by=people.leader, on=TODAY, witnesses=drawn.WITNESSES)
    Draw.objects.filter(pk=draw.pk).update(state="results_in", results_in_on=TODAY)
    with pytest.raises(MoveRefused, match="没有参加抽取操作的人公布"):
        Draw.objects.get(pk=draw.pk).publish(by=people.inspector2, on=TODAY)


# Void and redraw


@pytest.mark.req("R49")
def test_a_void_draw_stays_with_its_reason_and_is_drawn_anew_once(people):
    drawn.firms(people, 2)
    draw = drawn.voided(people, drawn.issued(people, n=2))
    assert (draw.state, set(draw.standing().values_list("inspection__state", flat=True))) == ("voided", {"aborted"})
    again = f.a_draw(people, redraw_of=draw, redraw_reason="换来源")
    assert (again.redraw_of, draw.changes.get().reason, again.commitment == draw.commitment) == (draw, "来源停办", False)
    with pytest.raises(MoveRefused, match="已经重抽过"):
        f.a_draw(people, redraw_of=draw, redraw_reason="再来")
    with pytest.raises(MoveRefused, match="只有作废的"):
        f.a_draw(people, redraw_of=again, redraw_reason="再来")
    with pytest.raises(MoveRefused, match="写明理由"):
        f.a_draw(people, redraw_of=draw)
    drawn.voided(people, again).disclose(by=people.reviewer, on=TODAY)
    draw = Draw.objects.get(pk=draw.pk)
    draw.disclose(by=people.reviewer, on=TODAY)
    with pytest.raises(MoveRefused, match="已经公布"):
        draw.disclose(by=people.reviewer, on=TODAY)


def test_visits_begun_go_on_after_a_void_and_hold_up_its_disclosure(people):
    draw = drawn.issued(people)
    Inspection.objects.update(state="in_progress", visited_on=TODAY)
    draw = drawn.voided(people, draw)
    assert Inspection.objects.get().state == "in_progress"
    with pytest.raises(MoveRefused, match="还有没有结束的检查"):
        draw.disclose(by=people.reviewer, on=TODAY)


# Visits


@pytest.mark.req("R49")
def test_a_random_visit_is_not_planned_by_hand(people):
    drawn.law()
    facts = {"by": people.inspector, "on": TODAY, "enterprise": people.factory, "planned_on": TODAY, "basis": "随机"}
    with pytest.raises(MoveRefused, match="由抽取产生"):
        plan_visit(kind="random", officers=[people.inspector, people.inspector2], **facts)
    assert Inspection.objects.count() == 0


@pytest.mark.req("R49")
def test_drawn_officers_stay_when_the_visit_is_planned_anew(people):
    four = drawn.officers(people)
    draw = drawn.issued(people)
    visit = draw.standing().get().inspection
    going = [row.user for row in visit.officers.select_related("user")]
    others = [person for person in four if person not in going]
    facts = {"by": people.inspector, "on": TODAY, "planned_on": later(3), "note": "改期", "override_reason": "抽中"}
    with pytest.raises(MoveRefused, match="双随机抽中的检查人员不能自行更换"):
        visit.replan(officers=[going[0], *others], **facts)
    visit.replan(officers=[*going, others[0]], **facts)
    assert visit.officers.count() == 3


def test_the_last_visit_cancelled_ends_the_draw(people):
    draw = drawn.issued(people, n=2)
    first, second = [pick.inspection for pick in draw.standing()]
    drawn.closed(people, first)
    assert Draw.objects.get(pk=draw.pk).state == "issued"
    second.abort(by=people.leader, on=TODAY, note="停电")
    draw = Draw.objects.get(pk=draw.pk)
    assert (draw.state, draw.results_in_on) == ("results_in", TODAY)
    assert Event.objects.of(draw).last().by.is_system


def test_many_tasks_are_given_in_a_job_that_goes_on_where_it_stopped(people, monkeypatch):
    monkeypatch.setattr(making, "LARGE_TASKS", 2)
    monkeypatch.setattr(making, "STEP", 1)
    drawn.firms(people, 4)
    draw = drawn.confirmed(people, n=4)
    give, left = Draw.give_task, [2]

    def dies(self, pick, by, on):
        if not left[0]:
            raise RuntimeError("cut off")
        left[0] -= 1
        give(self, pick, by, on)

    monkeypatch.setattr(Draw, "give_task", dies)
    draw.issue_tasks(by=people.inspector, on=TODAY)
    assert (draw.state, draw.job.kind) == ("confirmed", "draw_issue_tasks")
    key = draw.standing().first().listed.key
    for name, facts in (("ask_change", {"object": key, "note": "x"}), ("ask_void", {"note": "x"}), ("issue_tasks", {})):
        with pytest.raises(MoveRefused, match="后台正在办理"):
            getattr(Draw.objects.get(pk=draw.pk), name)(by=people.inspector2, on=TODAY, **facts)
    sweep()
    draw = Draw.objects.get(pk=draw.pk)
    given = set(Inspection.objects.values_list("pk", flat=True))
    assert (draw.state, draw.job.state, len(given)) == ("confirmed", "pending", 2)
    left[0] = 99
    Job.objects.update(not_before=None)
    sweep()
    draw = Draw.objects.get(pk=draw.pk)
    assert (draw.state, draw.job.message, draw.job.done, draw.job.total) == ("issued", "检查任务已下达。", 4, 4)
    assert len({pick.inspection_id for pick in draw.standing()}) == Inspection.objects.count() == 4
    assert given < set(Inspection.objects.values_list("pk", flat=True))


def test_a_firm_without_officers_is_said_and_gets_no_visit(people):
    draw = drawn.confirmed(people, n=2, max_per_officer=1)
    draw.issue_tasks(by=people.inspector, on=TODAY)
    visits = [pick.inspection for pick in draw.standing()]
    assert [visit is None for visit in visits] == [False, True]
    assert Event.objects.of(draw).last().data["lines"] == [f"检查人员不足,没有安排:{draw.standing().last()}"]
