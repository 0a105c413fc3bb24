"""The finding that a hazard is major: proposed, signed by two, reported, made safe, downgraded by another."""

import datetime
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from core import moment
from core.models import DeadlineRule, Event, MoveRefused, Signature
from core.workdays import add_workdays
from documents.models import Document
from hazards.models import FiveFixPlan, Hazard, HazardCriterion, InterimMeasure, MajorCriterion, MajorReport
from tests import factories as f
from tests.hazards import course
from tests.hazards.course import TODAY

pytestmark = pytest.mark.django_db


def move(row, name):
    return reverse("hazard_move", args=[row.pk, name])


def story(row):
    return [event.move for event in Event.objects.of(row)]


@pytest.fixture
def item(db):
    return f.MajorCriterionFactory()


@pytest.mark.req("R24")
def test_firm_alone_cannot_reject_what_may_be_major(people):
    row = course.suspected(people)
    for user in (people.safety, people.principal):
        with pytest.raises(MoveRefused, match="不能由企业单独驳回"):
            row.reject(by=user, on=TODAY, note="不是")
    assert (row.is_suspected, row.is_major, row.get_level_display()) == (True, False, "疑似重大")
    row.reject(by=people.inspector, on=TODAY, note="现场核实不是")
    assert row.state == "rejected"


@pytest.mark.req("R24")
def test_anybody_in_charge_proposes_and_the_words_of_the_item_are_kept(people, item):
    course.rules()
    row = f.HazardFactory(enterprise=people.factory, unit=people.team_a, found_by=people.employee)
    with pytest.raises(PermissionDenied):
        row.propose_major(by=people.employee, on=TODAY, note="像")
    row.propose_major(by=people.team, on=TODAY, note="没有泄爆", criteria=[item])
    kept = row.criteria.get()
    assert (row.level, row.state, kept.words, kept.edition, kept.item, kept.by) == (
        "major",
        "reported",
        item.name,
        "2023",
        item.item,
        people.team,
    )
    with pytest.raises(MoveRefused, match="已经是疑似重大"):
        row.propose_major(by=people.safety, on=TODAY, note="像")


@pytest.mark.req("R24")
def test_safety_manager_and_principal_confirm_and_all_clocks_start(people):
    row = course.signed(people)
    assert (row.state, row.is_major, [p.name for p in row.signers("firm")]) == ("reported", False, [people.safety.name])
    now = moment.now()
    with moment.at(now):
        row.confirm_major(by=people.principal, on=TODAY)
    assert (row.state, row.major_on, row.plan_by_on, row.get_level_display()) == ("major_confirmed", TODAY, add_workdays(TODAY, 5), "重大")
    hours = {r.to: r.due_at - now for r in row.reports.all()}
    assert hours == {
        "town": datetime.timedelta(hours=24),
        "congress": datetime.timedelta(hours=72),
        "district": datetime.timedelta(hours=24),
    }
    assert [(p.number, p.state) for p in row.plans.all()] == [(1, "draft")]
    assert story(row) == ["open", "sign_major", "confirm_major"]
    assert Signature.objects.filter(subject_model="hazards.hazard", subject_pk=row.pk).count() == 2
    with pytest.raises(MoveRefused):
        row.confirm_major(by=people.principal, on=TODAY)


@pytest.mark.req("R24")
def test_one_person_or_the_wrong_pair_never_confirms(people):
    row = course.signed(people)
    with pytest.raises(MoveRefused, match="您已经签过,请另一位签"):
        row.confirm_major(by=people.safety, on=TODAY)
    other = f.MembershipFactory(enterprise=people.factory, role="safety_manager").user
    with pytest.raises(MoveRefused, match="安全管理员和主要负责人各签一次"):
        row.confirm_major(by=other, on=TODAY)
    with pytest.raises(MoveRefused, match="还没有第一个人"):
        row.confirm_major(by=people.inspector, on=TODAY)
    for user in (people.head, people.village, people.reviewer, people.leader):
        with pytest.raises(PermissionDenied):
            row.confirm_major(by=user, on=TODAY)
    assert (row.state, row.plans.count(), row.reports.count()) == ("reported", 0, 0)


@pytest.mark.req("R24")
def test_two_inspectors_confirm_what_the_town_found_and_the_firm_does_not(people):
    row = course.suspected(people, source="inspection")
    with pytest.raises(MoveRefused, match="由两名执法人员认定"):
        course.signed(people, row, by=people.safety)
    course.signed(people, row, by=people.inspector)
    with pytest.raises(MoveRefused, match="您已经签过"):
        row.confirm_major(by=people.inspector, on=TODAY)
    row.confirm_major(by=people.inspector2, on=TODAY)
    assert (row.state, sorted(row.reports.values_list("to", flat=True))) == ("major_confirmed", ["congress", "district"])


def test_another_choice_needs_the_first_signature_anew(people):
    row = course.signed(people)
    other = f.MajorCriterionFactory(code="MH23-X", name="另一条")
    row.sign_major(by=people.principal, on=TODAY, criteria=[other])
    assert [c.code for c in row.criteria.standing()] == ["MH23-X"]
    with pytest.raises(MoveRefused, match="您已经签过"):
        row.confirm_major(by=people.principal, on=TODAY)
    row.confirm_major(by=people.safety, on=TODAY)
    assert row.state == "major_confirmed"
    assert HazardCriterion.objects.filter(hazard=row).count() == 2


def test_a_grading_by_the_town_lets_the_signatures_fall(people):
    row = course.signed(people)
    row.regrade(by=people.inspector, on=TODAY, level="normal", note="不符合")
    with pytest.raises(MoveRefused, match="提请认定重大"):
        row.regrade(by=people.reviewer, on=TODAY, level="major", note="再看")
    row.propose_major(by=people.reviewer, on=TODAY, note="再看")
    assert (row.signers("firm"), row.criteria.standing().count()) == ([], 0)
    with pytest.raises(MoveRefused, match="还没有第一个人"):
        row.confirm_major(by=people.principal, on=TODAY)


def test_what_the_town_has_signed_a_firm_does_not_sign_over(people):
    row = course.suspected(people)
    item = MajorCriterion.objects.first()
    row.sign_major(by=people.inspector, on=TODAY, criteria=[item])
    with pytest.raises(MoveRefused, match="镇执法人员已先签名"):
        row.sign_major(by=people.safety, on=TODAY, criteria=[item])
    row.confirm_major(by=people.inspector2, on=TODAY)
    assert row.confirmers == [people.inspector, people.inspector2]


def test_a_major_hazard_is_proposed_never_assigned_as_such(people):
    row = f.HazardFactory(enterprise=people.factory, found_by=people.employee)
    with pytest.raises(MoveRefused, match="提请认定重大"):
        row.assign(by=people.safety, on=TODAY, rectifier=people.head, due_on=TODAY, level="major")


def test_without_an_item_another_standard_must_be_named(people):
    row = course.suspected(people)
    with pytest.raises(MoveRefused, match="至少选一个判定条目"):
        row.sign_major(by=people.safety, on=TODAY)
    row.sign_major(by=people.safety, on=TODAY, other_standard="重大火灾隐患判定方法")
    row.confirm_major(by=people.principal, on=TODAY)
    assert (row.criteria.count(), row.other_standard, row.recheck_words) == (0, "重大火灾隐患判定方法", ["重大火灾隐患判定方法"])


@pytest.mark.req("R24")
@pytest.mark.parametrize(("found_on", "edition"), [("2023-05-14", "2017"), ("2023-05-15", "2023")])
def test_the_edition_of_the_day_it_was_found_is_offered(people, found_on, edition):
    call_command("load_catalogue", stdout=StringIO())
    people.factory.traits.add(f.HazardTraitFactory())
    day = datetime.date.fromisoformat(found_on)
    own, others = MajorCriterion.offered(people.factory, day)
    assert {row.edition for row in own + others} == {edition}
    assert len(own) + len(others) == {"2017": 59, "2023": 65}[edition]
    kinds = {"MACHINERY": 7, "DUST_EXPLOSION": 10, "any": 0 if edition == "2017" else 4}
    assert len(own) == sum(kinds.values())
    row = f.HazardFactory(enterprise=people.factory, level="major", found_on=day)
    wrong = MajorCriterion.objects.exclude(edition=edition).first()
    with pytest.raises(MoveRefused, match="请选发现日期"):
        row.sign_major(by=people.safety, on=TODAY, criteria=[wrong])
    row.sign_major(by=people.safety, on=TODAY, criteria=[own[0]])
    assert row.criteria.get().edition == edition


@pytest.mark.req("R24")
def test_a_catalogue_loaded_again_changes_no_words(people, item):
    row = course.confirmed(people)
    before = list(HazardCriterion.objects.values())
    MajorCriterion.objects.update(name="后来改写的文字", edition="2030", item="第一条")
    call_command("load_catalogue", stdout=StringIO())
    assert list(HazardCriterion.objects.values()) == before
    assert str(row.criteria.get()) == f"{item.item} {item.name}"


def test_items_of_todays_edition_are_added_beside_the_old(people):
    row = course.confirmed(people)
    newer = f.MajorCriterionFactory(code="MH23-Y", name="新一条")
    row.add_criteria(by=people.inspector, on=TODAY, criteria=[newer], note="现场又看到")
    assert [(c.code, c.is_added) for c in row.criteria.all()] == [("MH23-DUST-01", False), ("MH23-Y", True)]
    with pytest.raises(MoveRefused, match="都已经在"):
        row.add_criteria(by=people.inspector, on=TODAY, criteria=[newer])


@pytest.mark.req("R25")
def test_stop_and_evacuation_are_recorded_at_once_and_lifted_by_the_town_only(people):
    row = course.suspected(people)
    row.take_measure(by=people.head, on=TODAY, kinds=["stop", "evacuate"], text="打磨间停用,人员撤到门卫室")
    stop = row.interim_measures.get(kind="stop")
    assert (row.state, row.interim_measures.in_force().count(), stop.since, stop.by) == ("reported", 2, TODAY, people.head)
    for user in (people.safety, people.principal, people.reviewer):
        with pytest.raises(PermissionDenied):
            row.lift_measure(by=user, on=TODAY, measure=stop, note="修好了")
    row.lift_measure(by=people.inspector, on=TODAY, measure=stop, note="现场审查合格")
    stop.refresh_from_db()
    assert (stop.lifted_on, stop.lifted_by, stop.lift_reason) == (TODAY, people.inspector, "现场审查合格")
    with pytest.raises(MoveRefused, match="已经解除"):
        row.lift_measure(by=people.inspector, on=TODAY, measure=stop, note="再来")
    other = f.HazardFactory(enterprise=people.factory, level="light")
    with pytest.raises(MoveRefused, match="只有重大"):
        other.take_measure(by=people.safety, on=TODAY, kinds=["warn"], text="x")


def test_measures_may_come_with_either_signature(people):
    row = course.suspected(people)
    row.sign_major(by=people.safety, on=TODAY, other_standard="x", kinds=["stop"], text="停机")
    row.confirm_major(by=people.principal, on=TODAY, kinds=["watch"], text="专人看守")
    assert [(m.kind, m.by) for m in row.interim_measures.all()] == [("stop", people.safety), ("watch", people.principal)]
    with pytest.raises(MoveRefused, match="写明临时措施的内容"):
        course.suspected(people).sign_major(by=people.safety, on=TODAY, other_standard="x", kinds=["stop"])
    assert InterimMeasure.objects.count() == 2


@pytest.mark.req("R24")
def test_reports_are_made_by_whom_they_are_owed_and_lateness_only_noted(people):
    row = course.confirmed(people)
    owed = {r.to: r for r in row.reports.all()}
    with pytest.raises(MoveRefused, match="不由您登记"):
        row.make_report(by=people.safety, on=TODAY, report=owed["district"], how="paper")
    later = moment.now() + datetime.timedelta(hours=30)
    with moment.at(later):
        row.make_report(by=people.principal, on=TODAY, report=owed["town"], how="phone", note="已电话报告安监办")
        row.make_report(by=people.safety, on=TODAY, report=owed["congress"], how="meeting")
        with pytest.raises(MoveRefused, match="没有等您登记的上报"):
            row.make_report(by=people.safety, on=TODAY, report=owed["town"], how="phone")
        row.make_report(by=people.inspector, on=TODAY, report=owed["district"], how="paper")
    made = {r.to: (r.made_by, r.is_late()) for r in MajorReport.objects.all()}
    assert made == {"town": (people.principal, True), "congress": (people.safety, False), "district": (people.inspector, True)}
    assert row.consequences.count() == 0


def test_a_report_once_made_is_not_made_again(people):
    row = course.confirmed(people)
    town = row.reports.get(to="town")
    row.make_report(by=people.safety, on=TODAY, report=town, how="phone")
    with pytest.raises(MoveRefused, match="已经登记过"):
        row.make_report(by=people.principal, on=TODAY, report=town, how="paper")
    assert row.reports.owed().count() == 2


@pytest.mark.req("R24")
def test_downgrade_is_anothers_and_begins_again_with_its_history(people):
    row = course.confirmed_by_town(people)
    for user in (people.inspector, people.inspector2):
        with pytest.raises(MoveRefused, match="确认重大的人不能自己降级"):
            row.downgrade(by=user, on=TODAY, level="normal", note="不是")
    for user in (people.principal, people.safety, people.leader):
        with pytest.raises(PermissionDenied):
            row.downgrade(by=user, on=TODAY, level="normal", note="不是")
    with pytest.raises(MoveRefused, match="不能是重大"):
        row.downgrade(by=people.reviewer, on=TODAY, level="major", note="x")
    row.downgrade(by=people.reviewer, on=TODAY, level="serious", note="检测报告显示粉尘不可燃")
    assert (row.state, row.level, row.is_major, row.downgraded_on) == ("reported", "serious", False, TODAY)
    assert [p.state for p in row.plans.all()] == ["ended"]
    assert (row.reports.owed().count(), row.criteria.standing().count(), row.criteria.count()) == (0, 0, 1)
    assert story(row) == ["open", "sign_major", "confirm_major", "downgrade"]
    row.assign(by=people.safety, on=TODAY, rectifier=people.head, due_on=TODAY, level="serious")
    assert row.state == "assigned"


def test_confirmed_again_after_a_downgrade_everything_begins_anew(people):
    row = course.confirmed(people)
    row.downgrade(by=people.inspector, on=TODAY, level="normal", note="不是")
    course.confirmed(people, row)
    assert (row.state, row.downgraded_on, row.reports.owed().count(), row.reports.count()) == ("major_confirmed", None, 3, 6)
    assert [(p.number, p.state) for p in row.plans.all()] == [(1, "ended"), (2, "draft")]
    assert row.plan.number == 2


@pytest.mark.parametrize("step", course.STEPS)
def test_the_general_course_is_closed_to_a_confirmed_major_hazard(people, step):
    row = course.STEPS[step](people)
    assert row.state == step
    if not row.is_major:
        return
    for name in ("submit_fix", "start_fix", "ask_extension", "reassign", "regrade", "assign", "accept_fix", "reject", "sign_major"):
        for user in (people.head, people.safety, people.inspector, people.reviewer):
            assert row.guard(name, user) == "已确认为重大隐患,按五定方案整改,不走一般隐患的步骤。"
            assert name not in [offer.name for offer in row.moves_for(user)]


def test_the_database_itself_refuses_half_a_major_hazard(people):
    row = Hazard.objects.filter(pk=course.confirmed(people).pk)
    bad_rows = ({"major_on": None}, {"level": "normal"}, {"state": "rectifying"})
    for bad in bad_rows:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**bad)
    report = MajorReport.objects.filter(to="town")
    for bad in ({"made_at": moment.now()}, {"how": "phone"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            report.update(**bad)


def test_whose_turn_it_is(people):
    names = ("safety", "principal", "inspector", "inspector2", "head")

    def who():
        return [name for name in names if row in Hazard.objects.waiting_for(getattr(people, name))]

    row = course.suspected(people)
    assert who() == ["safety", "principal", "inspector", "inspector2", "head"]
    course.signed(people, row, by=people.inspector)
    assert who() == ["safety", "principal", "inspector2", "head"]
    row = course.confirmed(people)
    assert who() == ["safety", "principal", "inspector", "inspector2"]
    for report in row.reports.all():
        row.make_report(by=people.inspector if report.to == "district" else people.safety, on=TODAY, report=report, how="phone")
    assert who() == ["safety", "principal"]
    course.submitted(people, row)
    assert who() == ["inspector", "inspector2"]
    row.plan.receive(by=people.inspector, on=TODAY)
    assert who() == ["safety", "principal"]
    row.take_measure(by=people.safety, on=TODAY, kinds=["warn"], text="警戒线")
    row.plan.start(by=people.principal, on=TODAY)
    assert who() == ["head"]


def test_a_rule_of_another_value_sets_another_day(people):
    row = course.signed(people)
    DeadlineRule.objects.filter(code="hazard.plan.submit").update(value=2)
    row.confirm_major(by=people.principal, on=TODAY)
    assert row.plan_by_on == add_workdays(TODAY, 2)


def test_the_form_of_the_first_signature_offers_and_keeps(people, sign_in, item):
    row = course.suspected(people)
    client = sign_in(people.safety)
    page = client.get(move(row, "sign_major"))
    assert item.name in page.content.decode()
    bad = client.post(move(row, "sign_major"), {"version": 0, "text": "停机", "note": "看过"})
    assert (bad.status_code, sorted(bad.context["form"].errors)) == (422, ["criteria", "text"])
    assert "停机" in bad.content.decode()
    data = {"version": 0, "criteria": [item.pk], "kinds": ["stop"], "text": "停机"}
    answers = [client.post(move(row, "sign_major"), data).status_code for _ in range(2)]
    assert (answers, row.interim_measures.count()) == ([302, 302], 1)
    told = sign_in(people.principal).get(move(row, "confirm_major")).context["form"].told
    assert told[:3] == [f"{people.safety.name}已签名认定", f"{item}(2023版)", "已采取:停产停用:停机"]
    for _ in range(2):
        assert client.post(move(row, "confirm_major"), {"version": 1}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.plans.count(), FiveFixPlan.objects.count()) == ("major_confirmed", 1, 1)


@pytest.mark.parametrize("key", ["9" * 30, "-1", "x", "\0"])
def test_a_made_up_criterion_is_refused_with_a_sentence(people, sign_in, item, key):
    row = course.suspected(people)
    answer = sign_in(people.safety).post(move(row, "sign_major"), {"version": 0, "criteria": [item.pk, key], "note": "看过"})
    assert (answer.status_code, answer.context["form"].errors["criteria"][0]) == (422, "请只选择列出的判定条目。")
    assert "看过" in answer.content.decode()


def test_a_paper_makes_the_report_or_is_put_to_one_made_by_phone(people):
    call_command("load_catalogue", stdout=StringIO())
    row = course.confirmed(people)
    facts = {"subject": row, "enterprise": people.factory, "facts": {}, "on": TODAY}
    paper = Document.issue("MAJOR_REPORT", by=people.safety, **facts)
    row.make_report(by=people.principal, on=TODAY, report=row.reports.get(to="town"), how="phone")
    row.report_by_paper(by=people.safety, on=TODAY, to="town", document=paper)
    letter = Document.issue("MAJOR_REPORT_DISTRICT", by=people.inspector, audience="town", **facts)
    row.report_by_paper(by=people.inspector, on=TODAY, to="district", document=letter)
    assert {r.to: (r.how, r.document) for r in row.reports.all()} == {
        "town": ("phone", paper),
        "congress": ("", None),
        "district": ("paper", letter),
    }


def test_the_towns_letter_is_not_linked_for_firm_and_village(people, sign_in):
    call_command("load_catalogue", stdout=StringIO())
    row = course.confirmed(people)
    letter = Document.issue(
        "MAJOR_REPORT_DISTRICT", by=people.inspector, audience="town", subject=row, enterprise=people.factory, facts={}, on=TODAY
    )
    row.report_by_paper(by=people.inspector, on=TODAY, to="district", document=letter)
    assert letter.get_absolute_url() in sign_in(people.inspector).get(row.get_absolute_url()).content.decode()
    for outside in (people.principal, people.village):
        assert letter.get_absolute_url() not in sign_in(outside).get(row.get_absolute_url()).content.decode()


def test_what_the_town_notes_of_its_report_is_not_told_to_the_firm(people, sign_in):
    row = course.confirmed(people)
    row.make_report(by=people.inspector, on=TODAY, report=row.reports.get(to="district"), how="phone", note="已报区局值班室")
    row.make_report(by=people.safety, on=TODAY, report=row.reports.get(to="town"), how="phone", note="已电话告知安监办")
    pages = [sign_in(who).get(row.get_absolute_url()).content.decode() for who in (people.inspector, people.principal)]
    assert [("已报区局值班室" in page, "已电话告知安监办" in page) for page in pages] == [(True, True), (False, True)]


def test_who_was_faster_is_not_said_to_the_firm_when_the_town_alone_may_know(people, sign_in):
    row = course.confirmed(people)
    row.make_report(by=people.inspector, on=TODAY, report=row.reports.get(to="district"), how="phone", note="已报区局值班室")
    form = {"version": row.version - 1, "kinds": ["warn"], "text": "拉警戒线"}
    answers = [sign_in(who).post(move(row, "take_measure"), form) for who in (people.inspector2, people.safety)]
    assert [(a.status_code, "已报区局值班室" in a.content.decode()) for a in answers] == [(409, True), (409, False)]


def test_the_home_shows_what_may_be_major_first_with_the_day_of_its_step(people, sign_in):
    late = f.HazardFactory(enterprise=people.factory, state="assigned", rectifier=people.safety, due_on=TODAY - datetime.timedelta(days=9))
    row = course.confirmed(people)
    page = sign_in(people.safety).get(reverse("home"))
    assert [h.pk for h in page.context["waiting"]] == [row.pk, late.pk]
    assert f"期限 {row.plan_by_on:%m-%d}" in page.content.decode()
