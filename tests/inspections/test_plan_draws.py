"""A random item of the yearly plan is fulfilled by its draw: scheduled with the tasks, done with the last visit, free again when void."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.models import MoveRefused
from inspections.models import Draw, PlanItem
from tests import factories as f
from tests.inspections import drawn, plan_course
from tests.inspections.course import TODAY, later

pytestmark = [pytest.mark.django_db, pytest.mark.req("R48"), pytest.mark.req("R49")]


@pytest.fixture
def item(people):
    """Two random visits in the plan that is executed, and firms enough."""
    drawn.law()
    drawn.firms(people, 5)
    drawn.officers(people, 5)
    plan = plan_course.filed(people)
    return f.a_plan_item(people, plan, enterprise=None, segment="random", count=2)


def test_scheduled_with_the_tasks_and_done_with_the_last_visit(people, item):
    draw = drawn.issued(people, n=2, plan_item=item)
    item.refresh_from_db()
    assert item.state == "scheduled"
    drawn.over(people, draw)
    item.refresh_from_db()
    assert item.state == "done"


def test_a_void_draw_frees_it_and_another_takes_it(people, item):
    draw = drawn.issued(people, n=2, plan_item=item)
    drawn.voided(people, draw)
    item.refresh_from_db()
    assert item.state == "planned"
    assert list(PlanItem.objects.to_draw(people.inspector, TODAY.year)) == [item]
    drawn.configured(people, n=2, plan_item=item)
    assert list(PlanItem.objects.to_draw(people.inspector, TODAY.year)) == []


def test_one_draw_of_as_many_firms_fulfils_it(people, item):
    with pytest.raises(MoveRefused, match="抽取家数要一致"):
        drawn.configured(people, n=3, plan_item=item)
    first = drawn.configured(people, n=2, plan_item=item)
    with pytest.raises(MoveRefused, match="已经安排过抽取"):
        drawn.configured(people, n=2, plan_item=item)
    other = drawn.configured(people, n=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.filter(pk=other.pk).update(plan_item=first.plan_item)


def test_the_form_offers_the_units_open_items_and_takes_its_number(people, sign_in, item):
    client = sign_in(people.inspector)
    pool = f.a_pool(people)
    text = client.get(reverse("draw_new")).content.decode()
    assert f"随机抽查 2 户({item.months})" in text
    data = {
        "client_id": str(uuid.uuid4()),
        "title": "一季度抽查",
        "pool": pool.pk,
        "plan_item": item.pk,
        "unit": "n",
        "n": "",
        "officers_per_object": "2",
        "visits_from": TODAY.isoformat(),
        "visits_until": later(20).isoformat(),
        "public_event": "中奖号码",
    }
    assert client.post(reverse("draw_new"), data).status_code == 302
    draw = Draw.objects.get()
    assert (draw.n, draw.plan_item) == (2, item)
    assert str(item) in client.get(draw.get_absolute_url()).content.decode()


def test_another_unit_is_not_offered_it(people, item):
    assert list(PlanItem.objects.to_draw(people.department, TODAY.year)) == []


def test_an_item_is_not_cancelled_while_its_draw_is_made(people, item):
    draw = drawn.configured(people, n=2, plan_item=item)
    plan = item.plan
    plan.refresh_from_db()
    with pytest.raises(MoveRefused, match=f"{draw.number}.*先作废"):
        plan.drop_item(item, by=people.inspector, on=TODAY, note="不抽了")
    for take in (item.cancel, item.carry_over):
        with pytest.raises(MoveRefused, match="先作废"):
            take(by=people.inspector, on=TODAY, note="不抽了")
    item.refresh_from_db()
    assert item.state == "planned"
