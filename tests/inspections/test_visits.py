"""The visit: planned past the guard, approved, announced, made by two officers, recorded, closed as a loop."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.models import Attachment, Event, MoveRefused
from hazards.models import Hazard
from inspections.actions import plan_visit
from inspections.dossier import Dossier
from inspections.models import Inspection, InspectionPoint, OutsideVisit, Patrol, PointBasis, Violation
from inspections.models.guard import known_of
from inspections.models.visit import Incomplete
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db


# Planning and the guard


@pytest.mark.req("B7")
@pytest.mark.req("R72")
def test_second_visit_within_the_window_needs_a_reason(people):
    first = course.planned(people, planned_on=later(5))
    with pytest.raises(MoveRefused, match="镇应急办已计划于") as refused:
        course.planned(people, planned_on=later(20))
    assert "并入" in refused.value.message
    assert list(Inspection.objects.all()) == [first]
    second = course.planned(people, planned_on=later(20), override_reason="上级交办")
    assert (second.override_reason, len(second.warnings)) == ("上级交办", 1)
    second.abort(by=people.inspector, on=TODAY, note="不去了")
    assert course.planned(people, planned_on=later(51)).warnings == []


@pytest.mark.req("B7")
@pytest.mark.req("R72")
def test_a_change_of_plan_goes_past_the_guard_again(people):
    first = course.planned(people, planned_on=later(5))
    row = course.planned(people, planned_on=later(50))
    change = {"by": people.inspector, "on": TODAY, "officers": [people.inspector, people.inspector2], "note": "改期"}
    row.replan(**change, planned_on=later(60))
    assert row.warnings == []
    with pytest.raises(MoveRefused, match="镇应急办已计划于"):
        row.replan(**change, planned_on=later(6))
    row.refresh_from_db()
    assert (row.planned_on, row.state) == (later(60), "planned")
    row.replan(**change, planned_on=later(6), override_reason="上级交办")
    words = f"镇应急办已计划于 {later(5):%Y-%m-%d} 检查(计划检查),建议并入联合检查。"
    assert (row.override_reason, row.warnings) == ("上级交办", [words])
    assert Event.objects.of(row).last().data["lines"][2:] == [words, "仍要检查的理由:上级交办"]
    first.abort(by=people.inspector, on=TODAY, note="不去了")
    row.replan(**change, planned_on=later(7), override_reason="多余")
    assert (row.override_reason, row.warnings) == ("", [])


@pytest.mark.req("B7")
@pytest.mark.req("R72")
def test_a_visit_made_on_another_day_goes_past_the_guard_again(people):
    row = course.noticed(people, course.approved(people, course.planned(people, planned_on=later(35))))
    OutsideVisit.objects.create(enterprise=people.factory, organ="区应急局", on=TODAY, by=people.inspector)
    with pytest.raises(MoveRefused, match="区应急局"):
        row.begin(by=people.inspector, on=TODAY, place="车间")
    row.refresh_from_db()
    assert (row.state, row.visited_on, Event.objects.of(row).last().move) == ("noticed", None, "notify")
    row.begin(by=people.inspector, on=TODAY, place="车间", override_reason="举报紧急")
    words = f"该企业 30 天内已被检查:区应急局 {TODAY:%Y-%m-%d}。"
    assert (row.state, row.override_reason, row.warnings) == ("in_progress", "举报紧急", [words])
    weighed, begun = Event.objects.of(row).order_by("pk")[Event.objects.of(row).count() - 2 :]
    assert (weighed.audience, weighed.data["lines"]) == ("town", [words, "仍要检查的理由:举报紧急"])
    assert (begun.move, begun.audience, begun.data) == ("begin", "all", {})


@pytest.mark.req("B7")
def test_reason_is_not_kept_where_nothing_speaks_against_the_visit(people):
    assert course.planned(people, override_reason="多余").override_reason == ""


@pytest.mark.req("B7")
def test_guard_knows_visits_of_everybody_and_never_counts_a_patrol(people):
    course.law()
    Patrol.log(by=people.village, today=TODAY, enterprise=people.factory, walker="village", names="村安全员", on=TODAY, text="提醒")
    assert known_of(people.factory, TODAY, "planned").warnings == []
    OutsideVisit.objects.create(enterprise=people.factory, organ="区应急局", on=later(-10), by=people.inspector)
    known = known_of(people.factory, TODAY, "planned")
    assert known.warnings == [f"该企业 30 天内已被检查:区应急局 {later(-10):%Y-%m-%d}。"]
    assert (known.this_year, known.cap, len(known.patrols), len(known.outside)) == (int(later(-10).year == TODAY.year), 2, 1, 1)


@pytest.mark.req("R72")
def test_yearly_cap_speaks_even_when_the_window_is_over(people):
    course.law()
    day = datetime.date(2026, 11, 20)
    for number in (1, 2):
        OutsideVisit.objects.create(
            enterprise=people.factory, organ=f"第{number}局", on=datetime.date(2026, number, 5), by=people.inspector
        )
    known = known_of(people.factory, day, "planned")
    assert (known.this_year, known.warnings) == (2, ["该企业 2026 年已被检查 2 次,达到年度上限 2 次(国办发〔2024〕54号)。"])
    assert known_of(people.factory, day, "complaint").warnings == []
    assert known_of(people.factory, day.replace(year=2024), "planned").cap is None


@pytest.mark.req("R72")
def test_yearly_cap_counts_what_is_planned_and_what_was_broken_off(people):
    course.law()
    spring, autumn = datetime.date(TODAY.year + 1, 3, 2), datetime.date(TODAY.year + 1, 10, 9)
    course.planned(people, planned_on=spring)
    known = known_of(people.factory, autumn, "planned")
    assert (known.this_year, known.planned_this_year, known.warnings) == (0, 1, [])
    broken_off = course.planned(people, planned_on=spring + datetime.timedelta(days=60))
    known = known_of(people.factory, autumn, "planned")
    words = f"该企业 {TODAY.year + 1} 年已被检查 0 次、已安排 2 次,达到年度上限 2 次(国办发〔2024〕54号)。"
    assert (known.planned_this_year, known.warnings) == (2, [words])
    Inspection.objects.filter(pk=broken_off.pk).update(state="aborted", visited_on=autumn)
    known = known_of(people.factory, autumn, "planned")
    near = f"该企业 30 天内已被检查:镇应急办 {autumn:%Y-%m-%d}(计划检查)。"
    assert (known.visits, known.this_year, known.planned_this_year) == ([broken_off], 1, 1)
    assert known.warnings == [near, words.replace("0 次、已安排 2 次", "1 次、已安排 1 次")]
    assert known_of(people.factory, autumn, "planned", beside=broken_off).warnings == []


def test_campaign_needs_its_approval_since_2025(people):
    with pytest.raises(MoveRefused, match="批准文号"):
        course.planned(people, kind="campaign")
    assert course.planned(people, kind="campaign", campaign_approval="綦府〔2026〕1号").kind == "campaign"


def test_people_without_an_officers_post_are_no_officers(people):
    with pytest.raises(MoveRefused, match="走访"):
        course.planned(people, officers=[people.inspector, people.village])


def test_recheck_is_planned_on_its_order_only(people):
    course.law()
    with pytest.raises(MoveRefused, match="指令"):
        plan_visit(
            by=people.inspector,
            on=TODAY,
            enterprise=people.factory,
            kind="recheck",
            planned_on=TODAY,
            basis="x",
            officers=[people.inspector],
        )


# Scheme and notice


@pytest.mark.req("R48")
def test_scheme_needs_two_officers_with_certificates_valid_on_the_day(people):
    people.inspector2.certificates.update(valid_to=later(3))
    row = course.planned(people, planned_on=later(4))
    with pytest.raises(MoveRefused, match="王执法在 .* 没有有效的执法证"):
        row.submit_scheme(by=people.inspector, on=TODAY)
    row = course.planned(people, enterprise=people.neighbour, officers=[people.inspector])
    with pytest.raises(MoveRefused, match="两名以上"):
        row.submit_scheme(by=people.inspector, on=TODAY)


@pytest.mark.req("R48")
def test_scheme_is_approved_by_a_leader_and_carries_the_override(people):
    course.planned(people)
    row = course.planned(people, override_reason="上级交办")
    row.submit_scheme(by=people.inspector, on=TODAY)
    with pytest.raises(PermissionDenied):
        row.approve_scheme(by=people.inspector2, on=TODAY)
    row.approve_scheme(by=people.leader, on=TODAY)
    event = Event.objects.of(row).last()
    assert (row.approved_by, row.approved_on, event.data["lines"]) == (people.leader, TODAY, ["同意仍要检查:上级交办"])
    assert not Inspection.objects.for_user(people.principal).exists()


def test_visit_without_notice_needs_its_reason_and_one_with_it_needs_the_notice(people):
    row = course.approved(people)
    with pytest.raises(MoveRefused, match="通知书"):
        row.begin(by=people.inspector, on=TODAY, place="车间")
    with pytest.raises(MoveRefused, match="写明理由"):
        other = course.planned(people, enterprise=people.neighbour)
        other.submit_scheme(by=people.inspector, on=TODAY)
        other.approve_scheme(by=people.leader, on=TODAY, is_unannounced=True)
    other.approve_scheme(by=people.leader, on=TODAY, is_unannounced=True, unannounced_reason="举报线索")
    other.begin(by=people.inspector, on=TODAY, place="车间")
    assert other.state == Inspection.State.IN_PROGRESS


def test_before_2025_no_notice_was_asked(people):
    row = course.approved(people)
    assert (row.needs_notice(datetime.date(2024, 12, 31)), row.needs_notice(datetime.date(2025, 1, 1))) == (False, True)
    people.inspector.certificates.update(valid_from=datetime.date(2024, 1, 1))
    people.inspector2.certificates.update(valid_from=datetime.date(2024, 1, 1))
    assert row.why_not_begin(datetime.date(2024, 12, 31)) == ""


def test_a_visit_is_never_begun_by_one_officer_or_with_an_expired_certificate(people):
    row = course.noticed(people)
    people.inspector2.certificates.update(valid_to=later(-1))
    with pytest.raises(MoveRefused, match="王执法"):
        row.begin(by=people.inspector, on=TODAY, place="车间")
    assert row.why_not_begin(later(-1)) == ""


@pytest.mark.req("R72")
@pytest.mark.req("R85")
def test_another_unit_joins_and_the_scheme_is_approved_anew(people):
    row = course.approved(people)
    row.join(by=people.department, on=TODAY, note="看环保设施", officers=[people.department])
    assert (row.state, row.approved_by, [str(p) for p in row.parties.all()]) == ("planned", None, ["经济发展办公室"])
    assert {o.user for o in row.officers.all()} == {people.inspector, people.inspector2, people.department}
    with pytest.raises(MoveRefused, match="已经在这次检查里"):
        row.join(by=people.department, on=TODAY, note="再来")
    row.own_items(by=people.inspector, on=TODAY, department=people.office, positions=[1])
    assert [item.department for item in row.items.all()] == [None, people.office]


@pytest.mark.req("R72")
def test_a_recheck_is_joined_by_nobody(people):
    order = course.applied(people)
    row = order.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    known = known_of(people.factory, TODAY, "planned")
    assert (known.planned, known.mergeable) == ([row], [])
    with pytest.raises(MoveRefused, match="不能并入"):
        row.join(by=people.department, on=TODAY, note="看环保设施", officers=[people.department])


def test_firm_sees_a_visit_once_it_is_announced_and_may_say_that_it_is_ready(people):
    row = course.approved(people, course.planned(people, planned_on=later(5)))
    assert not Inspection.objects.for_user(people.principal).exists()
    course.noticed(people, row)
    assert list(Inspection.objects.for_user(people.principal)) == [row]
    assert not Inspection.objects.for_user(people.employee).exists()
    row.say_ready(by=people.safety, on=TODAY, note="明天就可以来")
    assert row.ready_note == "明天就可以来"
    with pytest.raises(MoveRefused, match="已经告诉过"):
        row.say_ready(by=people.principal, on=TODAY)


@pytest.mark.req("R43")
def test_a_change_of_an_announced_visit_takes_back_what_was_told(people):
    row = course.noticed(people, course.approved(people, course.planned(people, planned_on=later(5))))
    notice = course.paper("CHECK_NOTICE", row, people.inspector)
    row.say_ready(by=people.safety, on=TODAY, note="明天就可以来")
    change = {"on": TODAY, "planned_on": later(6), "officers": [people.inspector, people.inspector2], "note": "另有会议"}
    row.replan(by=people.inspector, **change)
    notice.refresh_from_db()
    assert (row.state, row.ready_at, row.ready_note, notice.void_reason) == ("planned", None, "", "检查改期换人:另有会议")
    told = Event.objects.of(row).visible_to(people.principal)
    assert (told.last().note, told.last().data["lines"]) == ("另有会议", ["原通知书作废,新的日期以新的通知书为准。"])
    assert f"{later(6)}" not in str(list(told.values()))
    assert f"→ {later(6)}" in Event.objects.of(row).get(move="change_plan").data["lines"][0]
    row.submit_scheme(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="不能再改为不通知即检"):
        row.approve_scheme(by=people.leader, on=TODAY, is_unannounced=True, unannounced_reason="突击")
    row.approve_scheme(by=people.leader, on=TODAY)
    with pytest.raises(MoveRefused, match="通知书"):
        row.begin(by=people.inspector, on=TODAY, place="车间")
    row.notify(by=people.inspector, on=TODAY)
    row.say_ready(by=people.safety, on=TODAY, note="又准备好了")


def test_an_announced_visit_is_replanned_by_an_inspector_only(people):
    f.certificate(people.department)
    row = course.approved(people, course.planned(people, officers=[people.inspector, people.inspector2, people.department]))
    assert row.guard_replan(people.department) == ""
    course.noticed(people, row)
    change = {"on": TODAY, "planned_on": later(1), "officers": [people.inspector, people.inspector2], "note": "改期"}
    with pytest.raises(MoveRefused, match="请参加检查的执法人员"):
        row.replan(by=people.department, **change)
    assert row.why_not_choose(people.department) == ""
    row.replan(by=people.inspector, **change)


# Items


@pytest.mark.req("R71")
def test_items_are_those_of_trait_and_sector_and_a_focus_left_out_needs_its_reason(people):
    row = course.planned(people)
    assert [(i.name, i.is_focus) for i in row.items.all()] == [("隐患排查治理", True), ("通道堆物", False)]
    second = InspectionPoint.objects.get(code="P2")
    with pytest.raises(MoveRefused, match="必查项不查要写明理由:隐患排查治理"):
        row.change_items(by=people.inspector, on=TODAY, points=[second], reasons={})
    first = InspectionPoint.objects.get(code="P1")
    row.change_items(by=people.inspector, on=TODAY, points=[second], reasons={first.pk: "上月刚查过"})
    assert [(i.position, i.name) for i in row.items.all()] == [(0, "通道堆物")]
    assert "不查“隐患排查治理”:上月刚查过" in Event.objects.of(row).last().data["lines"]


@pytest.mark.req("R71")
def test_a_focus_item_not_looked_at_needs_its_reason(people):
    row = course.begun(people)
    row.save_items({0: {"result": "skip", "seen": 0}, 1: {"result": "na", "seen": 0}}, by=people.inspector)
    assert row.problems() == {0: "必查项未查或不适用,请写明理由"}
    row.save_items({0: {"result": "skip", "note": "设备检修停用", "seen": 1}}, by=people.inspector2)
    assert row.problems() == {}


def test_a_problem_is_whole_with_words_photo_and_disposal(people):
    row = course.begun(people)
    save = lambda **given: row.save_items({1: {"result": "fail", "seen": row.items.get(position=1).version, **given}}, by=people.inspector)  # noqa: E731
    save()
    assert row.problems() == {0: "还没有填", 1: "有问题,请写明情况"}
    save(note="通道被堵")
    assert row.problems()[1] == "有问题,请拍照片"
    save(note="通道被堵", photos=[str(course.photo(people.inspector).uid)])
    assert row.problems()[1] == "有问题,请选怎样处置"
    save(note="通道被堵", disposal="on_spot")
    assert row.problems()[1] == "当场改正的,请拍改正后的照片"


def test_an_item_that_is_not_there_is_refused_and_nothing_is_saved(people):
    row = course.begun(people)
    with pytest.raises(MoveRefused, match="检查项目已经变化"):
        row.save_items({0: {"result": "pass", "seen": 0}, 99: {"result": "pass", "seen": 0}}, by=people.inspector)
    assert [item.result for item in row.items.all()] == ["", ""]


def test_two_officers_on_two_phones_overwrite_nothing(people):
    row = course.begun(people)
    mine, theirs = Inspection.objects.get(pk=row.pk), Inspection.objects.get(pk=row.pk)
    assert mine.save_items({1: {"result": "pass", "seen": 0}}, by=people.inspector) == {}
    newer = theirs.save_items({0: {"result": "pass", "seen": 0}, 1: {"result": "na", "seen": 0}}, by=people.inspector2)
    assert {p: i.result for p, i in newer.items()} == {1: "pass"}
    assert [(i.result, i.by) for i in row.items.all()] == [("pass", people.inspector2), ("pass", people.inspector)]
    with pytest.raises(MoveRefused, match="只有这次检查的检查人员"):
        theirs.save_items({0: {"result": "na", "seen": 1}}, by=people.department)


# The record


@pytest.mark.req("R43")
def test_record_needs_both_officers_and_the_firm_or_its_refusal_before_a_witness(people):
    row = course.filled(people)
    with pytest.raises(MoveRefused, match="现场负责人签名"):
        row.sign_record(by=people.inspector, on=TODAY, party_name="厂长", party_post="主要负责人")
    with pytest.raises(MoveRefused, match="见证人"):
        row.sign_record(by=people.inspector, on=TODAY, party_name="厂长", party_post="主要负责人", refusal="不肯签")
    row.sign_record(by=people.inspector, on=TODAY, party_name="厂长", party_post="主要负责人", refusal="不肯签", witness="村主任")
    with pytest.raises(MoveRefused, match="另一名会签"):
        row.record(by=people.inspector, on=TODAY)
    row.record(by=people.inspector2, on=TODAY)
    assert (row.state, row.recorded_on, row.refusal, row.witness) == ("recorded", TODAY, "不肯签", "村主任")


@pytest.mark.req("R43")
def test_words_changed_after_the_first_signature_must_be_signed_anew(people):
    row = course.signed(people)
    row.save_items({1: {"result": "na", "seen": 1}}, by=people.inspector2)
    with pytest.raises(MoveRefused, match="重新签名"):
        row.record(by=people.inspector2, on=TODAY)
    words = {"by": people.inspector2, "on": TODAY, "party_name": "厂长", "party_post": "主要负责人"}
    with pytest.raises(MoveRefused, match="现场负责人签名"):
        row.sign_record(**words)
    row.sign_record(**words, signature=[course.photo(people.inspector2)])
    row.record(by=people.inspector, on=TODAY)
    assert row.state == Inspection.State.RECORDED


def test_an_unfinished_record_is_not_signed(people):
    row = course.begun(people)
    with pytest.raises(Incomplete) as refused:
        row.sign_record(by=people.inspector, on=TODAY, party_name="厂长", party_post="主要负责人", refusal="x", witness="y")
    assert refused.value.problems == {0: "还没有填", 1: "还没有填"}


def test_an_earlier_signature_is_not_shown_beside_a_refusal(people):
    row = course.signed(people)
    row.save_items({1: {"result": "na", "seen": 1}}, by=people.inspector2)
    row.sign_record(by=people.inspector2, on=TODAY, party_name="厂长", party_post="主要负责人", refusal="改了不签", witness="村主任")
    row.record(by=people.inspector, on=TODAY)
    assert (Attachment.objects.of(row).count(), Dossier(row, people.inspector).signature) == (1, [])


@pytest.mark.req("R43")
def test_problems_become_hazards_and_violations_with_the_law_of_the_day(people):
    after = [str(course.photo(people.inspector).uid)]
    spot = {"disposal": "on_spot", "note": "通道被堵", "after_photos": after}
    row = course.recorded(people, p0={"is_violation": True, "note": "没有排查记录"}, p1=spot)
    first, second = row.findings.all()
    assert [(h.source, h.state, h.description) for h in (first.hazard, second.hazard)] == [
        ("inspection", "reported", "没有排查记录"),
        ("inspection", "closed", "通道被堵"),
    ]
    violation = Violation.objects.get()
    assert (violation.finding, violation.state, violation.scheme.code, violation.articles) == (
        first,
        "open",
        "L2021-101",
        "《安全生产法》(2021)第41条",
    )
    assert row.report_by_on is not None
    assert not Violation.objects.for_user(people.principal).exists()
    assert sorted(file.purpose for file in Attachment.objects.of(second.hazard)) == ["after", "before"]


@pytest.mark.req("R43")
def test_the_law_is_that_of_the_day_of_the_visit(people):
    course.law()
    new = {"law": "安全生产法", "article": "第44条", "edition": "新", "effective_from": later(3)}
    PointBasis.objects.update(effective_to=later(2))
    for point in InspectionPoint.objects.all():
        PointBasis.objects.create(point=point, **new)
    bases = lambda: [item.basis for item in row.items.all()]  # noqa: E731
    row = course.planned(people, planned_on=TODAY)
    people_who_go = [people.inspector, people.inspector2]
    row.replan(by=people.inspector, on=TODAY, planned_on=later(5), officers=people_who_go, note="改期")
    assert bases() == ["《安全生产法》(新)第44条"] * 2
    course.begun(people, course.noticed(people, course.approved(people, row)))
    assert bases() == ["《安全生产法》(2021)第41条"] * 2
    added = row.add_item(by=people.inspector, on=later(4), point=InspectionPoint.objects.get(code="P3"))
    assert added.basis == "《安全生产法》(2021)第41条"
    course.signed(people, course.filled(people, row, p0={"is_violation": True}))
    row.record(by=people.inspector2, on=later(4))
    violation = Violation.objects.get()
    found = (violation.violated_on, violation.articles, violation.scheme.code, violation.finding.basis)
    assert found == (TODAY, "《安全生产法》(2021)第41条", "L2021-101", "《安全生产法》(2021)第41条")


# The loop


@pytest.mark.req("R70")
def test_a_clean_visit_is_closed_with_two_parts_not_applicable(people):
    row = course.recorded(people)
    row.dispose(by=people.inspector, on=TODAY)
    assert [(p.code, p.is_complete, p.is_waived) for p in row.parts()] == [
        ("diagnosis", True, False),
        ("penalty", True, True),
        ("recheck", True, True),
    ]
    row.close(by=people.inspector, on=TODAY)
    assert (row.state, row.closed_on) == ("closed", TODAY)


@pytest.mark.req("R65")
@pytest.mark.req("R70")
def test_a_visit_with_an_open_violation_is_not_closed(people):
    order = course.issued(people, course.drafted(people, course.recorded(people, p0={"is_violation": True})))
    visit = order.inspection
    visit.refresh_from_db()
    visit.dispose(by=people.inspector, on=TODAY)
    course.rechecked(people, course.applied(people, course.serve(people, order)))
    visit.refresh_from_db()
    with pytest.raises(MoveRefused, match="1 个违法行为还没有处理结果"):
        visit.close(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="首查必罚"):
        Violation.objects.get().order_first(by=people.inspector, on=TODAY, note="初次")
    with pytest.raises(MoveRefused, match="不能注明不适用"):
        visit.waive_part(by=people.inspector, on=TODAY, part="penalty", note="不想罚")


@pytest.mark.req("R66")
def test_what_is_not_finable_at_first_ends_in_the_order_and_is_open_again_when_the_recheck_fails(people):
    visit = course.recorded(people, p1={"is_violation": True})
    violation = Violation.objects.get()
    with pytest.raises(MoveRefused, match="还没有对它下达"):
        violation.order_first(by=people.inspector, on=TODAY, note="首次不罚")
    order = course.served(people, course.issued(people, course.drafted(people, visit)))
    violation.order_first(by=people.inspector, on=TODAY, note="首次不罚")
    assert violation.state == "ordered"
    course.rechecked(people, course.applied(people, order), passed=False)
    violation.refresh_from_db()
    assert (violation.state, order.state) == ("open", "failed")


@pytest.mark.req("R70")
def test_every_problem_needs_its_disposal_and_the_district_its_report(people):
    visit = course.recorded(people, p0={"is_violation": True})
    with pytest.raises(MoveRefused, match="还有问题没有处置"):
        visit.dispose(by=people.inspector, on=TODAY)
    row = course.transfer(people, visit)
    with pytest.raises(MoveRefused, match="还有问题没有处置"):
        visit.dispose(by=people.inspector, on=TODAY)
    course.sent(people, row)
    visit.dispose(by=people.inspector, on=TODAY)
    visit.waive_part(by=people.inspector, on=TODAY, part="recheck", note="已移送区局处理")
    row.receive(by=people.inspector, on=TODAY, note="已收")
    with pytest.raises(MoveRefused, match="还没有报区"):
        visit.close(by=people.inspector, on=TODAY)
    visit.report_district(by=people.inspector, on=TODAY, how="书面")
    visit.close(by=people.inspector, on=TODAY)
    assert (visit.state, row.state, Violation.objects.get().state) == ("closed", "received", "transferred")


@pytest.mark.req("R70")
def test_a_visit_waits_for_the_receipt_of_its_transfer_which_may_come_back(people):
    row = course.sent(people)
    visit = row.inspection
    visit.dispose(by=people.inspector, on=TODAY)
    visit.waive_part(by=people.inspector, on=TODAY, part="recheck", note="已移送区局处理")
    visit.report_district(by=people.inspector, on=TODAY, how="书面")
    with pytest.raises(MoveRefused, match="移送区应急局\\(已移送,待回执\\):对方登记接收以后才能办结"):
        visit.close(by=people.inspector, on=TODAY)
    row.come_back(by=people.inspector, on=TODAY, note="不属管辖")
    with pytest.raises(MoveRefused, match="还有 1 个问题没有处置"):
        visit.close(by=people.inspector, on=TODAY)
    course.sent(people, course.transfer(people, visit)).receive(by=people.inspector, on=TODAY, note="已收")
    visit.close(by=people.inspector, on=TODAY)
    assert visit.state == "closed"


def test_a_transfer_that_comes_back_opens_its_violations(people):
    row = course.sent(people)
    row.come_back(by=people.inspector, on=TODAY, note="不属管辖")
    assert (row.state, Violation.objects.get().state, row.findings.count()) == ("returned", "open", 0)


# The database


def test_database_keeps_what_must_hold(people):
    row = course.planned(people)
    for facts in (
        {"approved_by": people.inspector, "approved_on": TODAY},
        {"is_unannounced": True},
        {"kind": "recheck"},
        {"state": "closed"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=row.pk).update(**facts)


def test_hazard_of_a_visit_is_visible_to_the_firm(people):
    visit = course.recorded(people, p1={})
    assert list(Hazard.objects.for_user(people.safety)) == [visit.findings.get().hazard]
