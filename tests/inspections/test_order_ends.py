"""How what stands under an order ends: whatever comes in between, its hazards can be followed up, and closed."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core.models import Event, MoveRefused
from documents.models import Document
from hazards.models import Hazard
from inspections.carry.facts import HazardFacts
from inspections.documents_orders import extension_facts, recheck_facts
from inspections.models import Inspection, InspectionItem, OnsiteMeasure, Order, OrderExtension
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later

pytestmark = pytest.mark.django_db


def the_hazard():
    """The only one there is, as it stands now."""
    return Hazard.objects.get()


def submit(people, hazard):
    """Its rectifier shows what was done."""
    hazard.submit_fix(by=hazard.rectifier, on=TODAY, measures="已清出", photos=[course.photo(hazard.rectifier)])


def follow_up(people, failed):
    """A later order for what a failed one left undone."""
    told = {"by": people.inspector, "on": TODAY, "due_on": later(5), "previous": failed}
    return course.issued(people, Order.draft(failed.inspection, findings=failed.inspection.findings.all(), **told))


# The firm is faster than the order


def test_a_later_order_takes_up_what_the_firm_has_shown_meanwhile(people):
    failed = course.rechecked(people, passed=False)
    submit(people, the_hazard())
    again = follow_up(people, failed)
    hazard = the_hazard()
    assert (hazard.state, hazard.ordered_by, hazard.due_on) == ("assigned", again.document.number, later(5))


def test_the_first_order_takes_up_what_the_firm_has_shown_already(people):
    row = course.drafted(people)
    hazard = the_hazard()
    hazard.assign(by=people.principal, on=TODAY, rectifier=people.employee, due_on=later(3), level="normal")
    submit(people, hazard)
    course.issued(people, row)
    hazard = the_hazard()
    assert (hazard.state, hazard.rectifier, hazard.ordered_by) == ("assigned", people.employee, row.document.number)


# Withdrawn, and corrected


def of_nobody(people):
    """An issued order of a firm without accounts."""
    people.neighbour.memberships.all().delete()
    planned = course.planned(people, enterprise=people.neighbour)
    visit = course.recorded(people, course.begun(people, course.noticed(people, course.approved(people, planned))), p0={})
    return course.issued(people, course.drafted(people, visit))


def test_a_hazard_of_nobody_waits_to_be_assigned_when_its_order_is_withdrawn(people):
    row = of_nobody(people)
    row.cancel(by=people.inspector, on=TODAY, note="期限写错")
    hazard = the_hazard()
    assert (row.state, hazard.state, hazard.ordered_by, hazard.due_on) == ("cancelled", "reported", "", later(15))
    again = course.issued(people, course.drafted(people, row.inspection))
    assert (the_hazard().state, the_hazard().ordered_by) == ("assigned", again.document.number)


def test_a_hazard_follows_the_corrected_paper_and_is_free_when_that_is_withdrawn(people):
    row = course.issued(people)
    first = row.document
    facts = {"subject": row, "enterprise": row.enterprise, "facts": {}, "by": people.inspector, "on": TODAY}
    newer = Document.issue("ORDER_RECTIFY", replaces=first, **facts)
    row.refresh_from_db()
    assert (row.document, the_hazard().ordered_by) == (newer, newer.number)
    row.cancel(by=people.inspector, on=TODAY, note="期限写错")
    assert (the_hazard().state, the_hazard().ordered_by) == ("assigned", "")


# Failed, and nothing follows


def accept(people):
    """The firm shows what it did, and an inspector accepts it."""
    submit(people, the_hazard())
    the_hazard().accept_fix(by=people.inspector, on=TODAY)


def test_a_failed_order_handed_over_leaves_its_hazard_to_be_accepted(people):
    failed = course.rechecked(people, passed=False)
    course.sent(people, course.transfer(people, failed.inspection))
    assert (the_hazard().state, the_hazard().ordered_by) == ("returned", "")
    accept(people)
    assert the_hazard().state == "closed"


def test_what_was_handed_over_before_its_order_failed_is_left_as_well(people):
    row = course.applied(people)
    course.sent(people, course.transfer(people, row.inspection))
    assert the_hazard().ordered_by == row.document.number
    course.rechecked(people, row, passed=False)
    assert (the_hazard().state, the_hazard().ordered_by) == ("returned", "")


@pytest.mark.parametrize("second", ["inspector2", "department"])
def test_a_carried_order_that_fails_leaves_its_hazard_to_be_accepted(people, second):
    course.law()
    f.certificate(people.department)
    row = f.an_order(people.factory, people.inspector)
    facts = {"found_on": TODAY, "due_on": row.due_on, "place": "车间", "text": "通道被堵", "order": row.paper_number}
    HazardFacts(people.factory, "旧隐1号", **facts).carry_in(by=people.inspector, on=TODAY)
    told = {"by": people.inspector, "on": TODAY, "planned_on": TODAY}
    visit = row.plan_recheck(officers=[people.inspector, getattr(people, second)], **told)
    course.signed(people, course.filled(people, course.begun(people, visit), p0={"note": "还堵着"}))
    visit.record(by=getattr(people, second), on=TODAY)
    row.refresh_from_db()
    assert (row.state, the_hazard().state, the_hazard().ordered_by) == ("failed", "returned", "")
    accept(people)
    assert the_hazard().state == "closed"


# A new problem found during a re-check


def looked_again(people, **facts):
    """A re-check whose line is done, with one item added that fails; signed by the first officer."""
    row = course.applied(people)
    visit = row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    course.begun(people, visit)
    visit.add_item(by=people.inspector, on=TODAY, name="配电箱")
    facts = {"note": "配电箱无门", "place": "车间东侧", "requirement": "装门", **facts}
    return course.signed(people, course.filled(people, visit, p1=facts))


@pytest.mark.req("R43")
def test_a_new_problem_of_a_recheck_goes_the_way_of_every_problem(people, sign_in):
    visit = looked_again(people)
    visit.record(by=people.inspector2, on=TODAY)
    visit.order.refresh_from_db()
    finding = visit.findings.get()
    assert (visit.state, visit.order.state, finding.description, finding.hazard.state) == ("recorded", "passed", "配电箱无门", "reported")
    with pytest.raises(MoveRefused, match="还有问题没有处置:1. 配电箱无门"):
        visit.dispose(by=people.inspector, on=TODAY)
    order = course.issued(people, course.drafted(people, visit))
    visit.dispose(by=people.inspector, on=TODAY)
    course.rechecked(people, course.applied(people, course.served(people, order)))
    visit = Inspection.objects.get(pk=visit.pk)
    visit.waive_part(by=people.inspector, on=TODAY, part="penalty", note="没有罚则")
    visit.close(by=people.inspector, on=TODAY)
    assert (visit.state, Hazard.objects.open().count()) == ("closed", 0)


def test_the_pages_and_the_opinion_of_a_recheck_show_the_new_problem(people, sign_in):
    visit = looked_again(people)
    client = sign_in(people.inspector)
    shown = client.get(reverse("inspection_fill", args=[visit.pk])).content.decode()
    assert [shown.count(f'value="{result}"') for result in ("pass", "fail", "na", "skip")] == [2, 2, 1, 1]
    visit.record(by=people.inspector2, on=TODAY)
    shown = client.get(visit.get_absolute_url()).content.decode()
    assert [words in shown for words in ("三部曲", "配电箱无门", reverse("order_new", args=[visit.pk]))] == [True] * 3
    facts = recheck_facts(visit)
    found = [(row["number"], row["place"], row["description"], row["disposal"]) for row in facts["found"]]
    assert (facts["passed"], found) == (True, [(1, "车间东侧", "配电箱无门", "责令限期整改")])
    words = render_to_string("papers/_recheck_order.html", {"facts": facts})
    assert "复查时另外发现以下问题" in words and "车间东侧：配电箱无门。" in words


@pytest.mark.parametrize("result", ["skip", "na"])
def test_nobody_passes_an_order_by_not_looking(people, sign_in, result):
    row = course.applied(people)
    visit = row.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    course.begun(people, visit)
    data = {"whole": "1", "a-0": result, "r-0": "今天没有看", "s-0": "0", "o-0": ""}
    answer = sign_in(people.inspector).post(reverse("inspection_fill", args=[visit.pk]), data)
    item = visit.items.get()
    assert (answer.status_code, item.result, "整改项只能填" in answer.content.decode()) == (409, "", True)
    InspectionItem.objects.update(result=result, note="今天没有看", by=people.inspector, at=timezone.now())
    assert visit.problems() == {0: "整改项请填已整改或未整改到位"}


# A request for more time


def asking(people):
    """A served order of fifteen days whose firm has asked for ten more, on its last day to ask."""
    row = course.served(people)
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    OrderExtension.objects.update(reply_by_on=later(17))
    return row


def test_an_order_waits_for_the_answer_while_that_is_not_late(people):
    row = asking(people)
    assert Order.objects.fall_due(later(17)) == 0
    row.grant_extension(by=people.leader, on=later(17))
    assert (row.due_on, Order.objects.fall_due(later(25)), Order.objects.fall_due(later(26))) == (later(25), 0, 1)


def test_a_request_nobody_answered_in_time_falls_with_the_day(people):
    row = asking(people)
    assert (Order.objects.fall_due(later(18)), Order.objects.fall_due(later(18))) == (1, 0)
    row.refresh_from_db()
    asked = row.extensions.get()
    assert (row.state, asked.answer, asked.decided_by.is_system, asked.decided_on) == ("pending_recheck", "void", True, later(18))


def test_a_request_ends_with_the_recheck(people):
    row = course.rechecked(people, asking(people))
    assert (row.state, row.extensions.get().answer) == ("passed", "void")


# A firm's written applications


def test_a_stop_against_a_firm_without_accounts_can_be_released(people, sign_in):
    people.factory.memberships.all().delete()
    row = course.in_force(people)
    url = reverse("measure_move", args=[row.pk, "apply_release"])
    client = sign_in(people.inspector)
    assert "代企业登记书面申请" in client.get(url).content.decode()
    form = {"version": row.version, "report": "已清出", "photos_ids": str(course.photo(people.inspector).uid)}
    assert client.post(url, form).status_code == 302
    event = Event.objects.of(row).last()
    assert (event.by, event.data["lines"]) == (people.inspector, ["代企业登记书面申请"])
    row = OnsiteMeasure.objects.get()
    row.examine(by=people.inspector, on=TODAY, passed=True, opinion="通道畅通")
    row.sign_fit(by=people.inspector2, on=TODAY)
    row.release(by=people.leader, on=TODAY)
    assert row.state == "released"


def test_an_inspector_registers_what_a_firm_asks_on_paper_about_its_order(people, sign_in):
    row = course.served(people, of_nobody(people))
    row.ask_extension(by=people.inspector, on=TODAY, until=later(25), note="缺件", measures="停用")
    asked = row.open_extension
    assert (asked.asked_words, Event.objects.of(row).last().data["lines"][0]) == ("企业书面申请,李执法登记", "代企业登记书面申请")
    client = sign_in(people.leader)
    assert "申请:企业书面申请,李执法登记" in client.get(reverse("order_move", args=[row.pk, "grant_extension"])).content.decode()
    row.grant_extension(by=people.leader, on=TODAY)
    assert extension_facts(OrderExtension.objects.get())["asked_by"] == "企业书面申请,李执法登记"
    course.rechecked(people, course.applied(people, row, by=people.inspector))
    assert (row.state, the_hazard().state) == ("passed", "closed")


def test_what_the_firm_asks_itself_says_so(people, sign_in):
    row = course.served(people)
    url = reverse("order_move", args=[row.pk, "ask_extension"])
    assert "代企业登记书面申请" not in sign_in(people.principal).get(url).content.decode()
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    assert (row.open_extension.asked_words, row.open_extension.is_written) == ("厂长", False)


# No major hazard after all


def downgraded(people):
    """Confirmed major while its order stood, and found to be none."""
    Hazard.objects.update(level="major", major_on=TODAY, state="major_confirmed")
    the_hazard().downgrade(by=people.reviewer, on=TODAY, level="normal", note="不属判定标准")
    assert (the_hazard().state, the_hazard().is_ordered) == ("reported", True)


def test_an_order_is_rechecked_about_what_was_downgraded_meanwhile(people):
    row = course.applied(people)
    downgraded(people)
    course.rechecked(people, row)
    assert (row.state, the_hazard().state) == ("passed", "closed")


def test_an_order_is_withdrawn_about_what_was_downgraded_meanwhile(people):
    row = course.issued(people)
    downgraded(people)
    row.cancel(by=people.inspector, on=TODAY, note="期限写错")
    assert (row.state, the_hazard().state, the_hazard().ordered_by) == ("cancelled", "reported", "")
