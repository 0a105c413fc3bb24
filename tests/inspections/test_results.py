"""Results of visits on their way to the public: owed by rule, drafted from the record, published once the visit allows it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction

from core import clock
from core.models import Event, MoveRefused
from documents.models import Publication
from inspections import desk, publishing, reminders, tasks
from inspections.models import Draw, Inspection, InspectionResult, ResultRule
from inspections.models.results import why_not_public
from inspections.result_words import result_texts
from notices.models import Notice, NoticeRule
from tests import factories as f
from tests.inspections import course, results
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db
OWED = ("result_owed", "result_undrafted")


def asked(*names):
    """{query: the visits it gives}."""
    return {name: list(getattr(Inspection.objects, name)().order_by("pk")) for name in names}


@pytest.mark.req("R49")
def test_a_closed_visit_owes_its_result_by_the_rule_of_its_day(people):
    visit = results.closed(people)
    assert visit.publish_by_on == Inspection.objects.get(pk=visit.pk).publish_by_on == clock.due_on("publication.due", TODAY)
    assert (visit.published_as, visit.why_not_draft()) == ("inspection", "")
    assert asked(*OWED) == {name: [visit] for name in OWED}
    drawn = results.closed(people, kind="random")
    assert drawn.published_as == "random"


def test_kinds_without_a_rule_and_re_checks_owe_nothing(people):
    results.rules()
    accident = results.closed(people, kind="accident", basis="事故")
    order = course.rechecked(people)
    again = order.rechecks.get()
    assert (accident.published_as, again.published_as, again.state) == ("", "", "closed")
    ResultRule.objects.update(effective_to=later(-1))
    ended = results.closed(people)
    assert (ended.publish_by_on, "没有需要公示的结果" in ended.why_not_draft()) == (None, True)
    assert asked(*OWED) == {name: [] for name in OWED}


def test_a_visit_closed_before_the_rule_gets_its_day_from_the_task_once(people):
    visit = results.closed(people)
    carried = results.closed(people)
    Inspection.objects.update(publish_by_on=None)
    Inspection.objects.filter(pk=carried.pk).update(is_carried=True, paper_number="旧 1 号")
    assert (tasks.owe_results(), tasks.owe_results()) == (1, 0)
    visit.refresh_from_db()
    carried.refresh_from_db()
    assert (visit.publish_by_on, carried.publish_by_on) == (clock.due_on("publication.due", TODAY), None)


def test_without_a_deadline_rule_a_visit_is_closed_all_the_same(people):
    for kind, published_as in results.PUBLISHED_AS.items():
        ResultRule.objects.create(kind=kind, published_as=published_as, edition="默认", effective_from="2019-01-01")
    row = course.recorded(people)
    row.dispose(by=people.inspector, on=TODAY)
    row.close(by=people.inspector, on=TODAY)
    assert (row.state, row.publish_by_on) == ("closed", None)
    results.rules()
    assert tasks.owe_results() == 1


@pytest.mark.req("R49")
def test_the_draft_says_what_was_looked_at_found_and_done_and_names_nobody(people):
    results.rules()
    row = course.recorded(
        people, results.begun(people, people.factory), p0={"note": "张三脱岗,电话13812345678"}, p1=results.on_spot(people)
    )
    order = course.drafted(people, row)
    order = course.rechecked(people, course.applied(people, course.served(people, course.issued(people, order))))
    row.refresh_from_db()
    row.dispose(by=people.inspector, on=TODAY)
    row.waive_part(by=people.inspector, on=TODAY, part="penalty", note="已按期整改")
    row.close(by=people.inspector, on=TODAY)
    texts = result_texts(row)
    body = texts["body"].splitlines()
    day = f"{TODAY.year}年{TODAY.month}月{TODAY.day}日"
    assert body == [
        "检查对象:重庆石角机械厂",
        "检查机关:綦江区石角镇人民政府(镇应急办)",
        f"检查日期:{day}",
        "检查类型:计划检查",
        "检查结果:发现问题 2 个(一般隐患 2 个)。",
        f"处理情况:当场改正 1 个;责令限期整改,{order.document.number},复查合格。",
        "检查事项:",
        "管理:隐患排查治理、通道堆物",
    ]
    assert texts["title"] == f"重庆石角机械厂计划检查结果({day})"
    assert texts["original"].startswith(texts["body"])
    assert "张三脱岗" in texts["original"], "the second person sees what was left out"
    row = InspectionResult.draft(row, by=people.inspector, on=TODAY, **texts).publication
    shown = f"{row.title}{row.party}{row.body}"
    assert [word for word in ("张三", "138", "李执法", "王执法", "厂长", "冲压") if word in shown] == []
    assert (row.kind, row.inspected_on, row.starts_on, row.due_on) == (
        "inspection",
        TODAY,
        TODAY,
        clock.due_on("publication.due", TODAY),
    )


def test_nothing_found_is_said_and_words_of_ones_own_are_only_counted(people):
    results.rules()
    row = results.begun(people, people.factory)
    row.add_item(by=people.inspector, on=TODAY, name="王师傅的配电箱")
    row = course.recorded(people, row)
    row.dispose(by=people.inspector, on=TODAY)
    row.close(by=people.inspector, on=TODAY)
    body = result_texts(row)["body"]
    assert "检查结果:未发现问题。" in body
    assert "现场检查的其他事项:1 项" in body
    assert "王师傅" not in body
    assert "处理情况" not in body


def test_a_long_name_does_not_push_kind_and_day_out_of_the_title(people):
    visit = results.closed(people)
    visit.enterprise.name = "厂" * 120
    texts = result_texts(visit)
    assert (len(texts["title"]), texts["party"]) == (120, "厂" * 120)
    assert texts["title"].endswith(f"厂计划检查结果({TODAY.year}年{TODAY.month}月{TODAY.day}日)")


def test_what_two_people_have_not_confirmed_is_not_called_major(people):
    results.rules()
    row = course.recorded(people, results.begun(people), p0={"level": "major"}, p1=results.on_spot(people))
    assert "级别待核定 1 个,一般隐患 1 个" in result_texts(row)["body"]
    row.findings.first().hazard.__class__.objects.filter(finding__number=1).update(major_on=TODAY)
    assert "重大事故隐患 1 个,一般隐患 1 个" in result_texts(row)["body"]


def test_a_result_is_drafted_once_and_only_by_drafters(people):
    visit = results.closed(people)
    for who in (people.leader, people.department, people.safety):
        with pytest.raises(PermissionDenied):
            InspectionResult.draft(visit, by=who, on=TODAY, **result_texts(visit))
    row = results.drafted(people, visit)
    with pytest.raises(MoveRefused, match="已拟公示"):
        results.drafted(people, visit)
    with pytest.raises(IntegrityError, match="inspection_result|UNIQUE"), transaction.atomic():
        InspectionResult.objects.create(inspection=visit, publication=f.a_publication(people))
    assert InspectionResult.objects.get() == row
    open_one = results.begun(people)
    with pytest.raises(MoveRefused, match="检查没有办结"):
        results.drafted(people, open_one)


def test_owed_until_it_is_public_and_again_when_it_was_withdrawn(people):
    visit = results.closed(people)
    row = results.drafted(people, visit).publication
    assert asked(*OWED) == {"result_owed": [visit], "result_undrafted": []}
    row.review(by=people.reviewer, on=TODAY)
    row.publish(by=people.leader, on=TODAY)
    assert asked(*OWED) == {name: [] for name in OWED}
    Publication.objects.filter(pk=row.pk).update(published_on=later(-9), expires_on=later(-1))
    assert Publication.objects.all().expire(TODAY) == 1
    assert asked(*OWED) == {name: [] for name in OWED}, "what is over has been public"
    Publication.objects.filter(pk=row.pk).update(state="published", expires_on=later(9))
    Publication.objects.get(pk=row.pk).withdraw(by=people.leader, on=TODAY, note="内容有误")
    assert asked(*OWED) == {name: [visit] for name in OWED}
    second = results.drafted(people, visit)
    assert [one.ended_on for one in InspectionResult.objects.order_by("pk")] == [TODAY, None]
    second.publication.drop(by=people.inspector, on=TODAY, note="先核实")
    assert asked(*OWED) == {name: [visit] for name in OWED}


def test_a_correction_is_a_result_of_the_same_visit(people):
    row = results.published(people)
    visit = row.inspection_result.inspection
    texts = {"title": row.title, "party": row.party, "original": row.original, "body": row.body.replace("镇应急办", "镇应急管理办公室")}
    correction = row.correct(by=people.inspector, on=TODAY, **texts)
    assert [(one.publication, one.is_correction) for one in visit.results.order_by("pk")] == [(row, False), (correction, True)]
    assert (correction.kind, correction.inspected_on, correction.enterprise) == ("inspection", visit.visited_on, visit.enterprise)
    row.withdraw(by=people.leader, on=TODAY, note="更正后再公示")
    with pytest.raises(MoveRefused, match="已拟公示"):
        results.drafted(people, visit)


@pytest.mark.req("R49")
def test_the_reaction_refuses_what_may_not_be_public_and_leaves_no_trace(people):
    visit = results.closed(people)
    row = results.drafted(people, visit).publication
    row.review(by=people.reviewer, on=TODAY)
    Inspection.objects.filter(pk=visit.pk).update(state="follow_up")
    visit.refresh_from_db()
    assert why_not_public(visit) == "检查还没有办结,结果不能公示。"
    with pytest.raises(MoveRefused, match="还没有办结"):
        row.publish(by=people.leader, on=TODAY)
    kept = Publication.objects.get(pk=row.pk)
    assert (kept.state, kept.number, Event.objects.of(row).filter(move="publish").count()) == ("reviewed", None, 0)
    Inspection.objects.filter(pk=visit.pk).update(state="closed")
    kept.publish(by=people.leader, on=TODAY)
    assert kept.number == f"{TODAY.year}-00001", "the refused one used no number"


@pytest.mark.req("R49")
def test_a_drawn_visits_result_waits_for_the_last_visit_and_for_the_draw(people):
    draw, visits = results.drawn(people, 2)
    first, second = results.ended(people, visits[0]), visits[1]
    assert (first.publish_by_on, list(Inspection.objects.result_owed()), tasks.owe_results()) == (None, [], 0)
    with pytest.raises(MoveRefused, match="同一次抽取还有检查没有结束"):
        results.drafted(people, first)
    second = results.ended(people, second)
    first.refresh_from_db()
    second.refresh_from_db()
    due = clock.due_on("publication.due", TODAY)
    assert (first.publish_by_on, second.publish_by_on) == (due, due)
    row = results.drafted(people, first).publication
    assert row.kind == "random"
    row.review(by=people.reviewer, on=TODAY)
    with pytest.raises(MoveRefused, match="抽取公布以后才能公示结果"):
        row.publish(by=people.leader, on=TODAY)
    Draw.objects.filter(pk=draw.pk).update(state="published", published_at=course.timezone.now())
    row = Publication.objects.get(pk=row.pk)
    row.publish(by=people.leader, on=TODAY)
    assert row.state == "published"


@pytest.mark.req("R49")
@pytest.mark.parametrize("drafted", ["by hand", "from the visit's paper"])
def test_nothing_drafted_past_the_visit_tells_of_a_draw_before_its_publication(people, drafted):
    draw, (visit,) = results.drawn(people, 1)
    if drafted == "by hand":
        about = {"kind": "random", "enterprise": visit.enterprise}
    else:
        paper = f.a_document(visit.enterprise, people.inspector, kind="SOME_PAPER", subject=visit, issuer="enterprise")
        about = {"kind": "other", "document": paper}
    row = f.a_publication(people, **about)
    free = f.a_publication(people, kind="random", enterprise=results.firm(people))
    for one in (row, free):
        one.review(by=people.reviewer, on=TODAY)
    with pytest.raises(MoveRefused, match=f"由{draw} 抽中,抽取公布以后才能公示"):
        row.publish(by=people.leader, on=TODAY)
    free.publish(by=people.leader, on=TODAY)
    row = Publication.objects.get(pk=row.pk)
    assert (row.state, row.number, free.state) == ("reviewed", None, "published")
    Draw.objects.filter(pk=draw.pk).update(state="published", published_at=course.timezone.now(), results_in_on=TODAY)
    row.publish(by=people.leader, on=TODAY)
    assert row.state == "published"
    Draw.objects.filter(pk=draw.pk).update(state="issued", published_at=None, results_in_on=None)
    texts = {name: getattr(row, name) for name in ("title", "party", "original", "body")}
    correction = row.correct(by=people.inspector, on=TODAY, **texts)
    correction.review(by=people.reviewer, on=TODAY)
    correction.publish(by=people.leader, on=TODAY)
    assert correction.state == "published", "drawn again since, its old result may still be corrected"


def test_what_a_voided_draw_had_visited_is_owed_from_the_day_it_was_closed(people):
    draw, visits = results.drawn(people, 2)
    Draw.objects.filter(pk=draw.pk).update(state="voided")
    first = results.ended(people, visits[0])
    assert first.publish_by_on == clock.due_on("publication.due", TODAY)


def test_the_leader_waives_with_a_reason_and_takes_it_back(people):
    visit = results.closed(people)
    row = results.drafted(people, visit).publication
    assert "waive_result" not in [offer.name for offer in visit.moves_for(people.leader)]
    with pytest.raises(MoveRefused, match="先作废草稿"):
        visit.waive_result(by=people.leader, on=TODAY, note="商业秘密")
    row.drop(by=people.inspector, on=TODAY, note="不公示")
    visit.waive_result(by=people.leader, on=TODAY, note="涉及商业秘密")
    assert (visit.result_waiver, why_not_public(visit), asked(*OWED)) == (
        "涉及商业秘密",
        "这次检查的结果已决定不公示。",
        {name: [] for name in OWED},
    )
    with pytest.raises(MoveRefused, match="决定不公示"):
        results.drafted(people, visit)
    assert Event.objects.of(visit).last().audience == "town"
    visit.owe_again(by=people.leader, on=TODAY, note="已不涉密")
    assert asked(*OWED) == {name: [visit] for name in OWED}
    with pytest.raises(MoveRefused, match="没有决定不公示"):
        visit.owe_again(by=people.leader, on=TODAY, note="再来")
    with pytest.raises(PermissionDenied):
        visit.waive_result(by=people.inspector, on=TODAY, note="不想公示")


def test_late_is_the_same_question_as_property_as_query_and_on_the_desk(people):
    rows = [results.closed(people) for _ in range(4)]
    results.published(people, rows[1])
    results.drafted(people, rows[2])
    rows[3].waive_result(by=people.leader, on=TODAY, note="国家秘密")
    assert [row for row in rows if row.is_result_late(TODAY)] == []
    Inspection.objects.update(publish_by_on=later(-1))
    rows = list(Inspection.objects.order_by("pk"))
    late = [row for row in rows if row.is_result_late(TODAY)]
    assert late == list(Inspection.objects.result_late(TODAY).order_by("pk")) == [rows[0], rows[2]]
    found = {code: list(desk.BY_CODE[code].rows(people.leader, TODAY).order_by("pk")) for code in ("result", "result_late")}
    assert found == {"result": late, "result_late": late}


def test_the_batch_drafts_what_it_can_and_names_the_others(people):
    good, bad = results.closed(people), results.closed(people)
    InspectionResult.draft(bad, by=people.inspector, on=TODAY, **result_texts(bad))
    drafted = publishing.draft_results([good, bad], by=people.inspector2, on=TODAY)
    assert [row.inspection for row in drafted.made] == [good]
    assert drafted.refused == [(bad, "这次检查的结果已拟公示。")]
    assert Publication.objects.count() == 2


def test_its_officers_are_told_before_the_last_day_once_and_no_more_when_it_is_public(people):
    call_command("load_catalogue", verbosity=0)
    results.rules()
    visit = results.closed(people)
    day = visit.publish_by_on
    before = day - datetime.timedelta(days=5)
    assert NoticeRule.objects.filter(kind="result.due").count() == 3
    assert (reminders.tell(before), reminders.tell(before)) == (2, 0)
    told = Notice.objects.filter(kind="result.due")
    assert {row.recipient for row in told} == {people.inspector, people.inspector2}
    assert {row.title for row in told} == {f"还有 5 天到公示期限:{visit.enterprise.name}"}
    assert {row.url for row in told} == {visit.get_absolute_url()}
    row = results.drafted(people, visit).publication
    row.review(by=people.reviewer, on=TODAY)
    row.publish(by=people.leader, on=TODAY)
    assert told.unread().count() == 0
    assert reminders.tell(day) == 0


def test_the_catalogue_knows_which_results_are_public(db):
    call_command("load_catalogue", verbosity=0)
    call_command("load_catalogue", verbosity=0)
    kinds = ("planned", "random", "campaign", "complaint", "two_in_one", "recheck", "accident")
    found = {kind: ResultRule.objects.of(kind, TODAY) for kind in kinds}
    assert found == {**dict.fromkeys(kinds, "inspection"), "random": "random", "accident": ""}
    assert ResultRule.objects.of("planned", datetime.date(2018, 12, 31)) == ""
