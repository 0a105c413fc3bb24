"""Pages of orders, measures, transfers and violations in a browser: on a phone and on a desktop, and an order drafted by tapping."""

import pytest
from django.urls import reverse

from documents import catalogue
from inspections.models import Order, Violation
from tests.e2e.conftest import PHONE
from tests.e2e.test_pages import wrong_with
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.people import township

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "冲压车间2号压力机的安全防护罩缺失,操作人员的手可以伸入模区,双手按钮被短接" * 4


@pytest.fixture
def people(transactional_db):
    catalogue.load()
    return township()


def another(people, **problems):
    """One more recorded visit of the factory."""
    planned = course.planned(people, override_reason="专项")
    return course.recorded(people, course.begun(people, course.noticed(people, course.approved(people, planned))), **problems)


def pages(people):
    """[(who, path)]: each template at least once, with rows in each state."""
    at = lambda name, *args: reverse(name, args=args)  # noqa: E731
    visit = course.recorded(people, p0={"note": LONG, "is_violation": True}, p1={"is_violation": True})
    order = course.served(people, course.issued(people, course.drafted(people, visit)))
    order.ask_extension(
        by=people.principal, on=TODAY, until=later(25), note=LONG[:300], measures="停用,挂牌上锁", photos=[course.photo(people.principal)]
    )
    failed = course.rechecked(
        people,
        course.applied(people, course.served(people, course.issued(people, course.drafted(people, another(people, p1={}))))),
        passed=False,
    )
    stop = course.in_force(people, course.measure(people, another(people, p1={"disposal": "measure"})))
    stop.apply_release(by=people.principal, on=TODAY, report="已清出", photos=[course.photo(people.principal)])
    stop.examine(by=people.inspector, on=TODAY, passed=True, opinion="通道畅通", photos=[course.photo(people.inspector)])
    transfer = course.transfer(people, another(people, p0={"disposal": "transfer", "is_violation": True}))
    fresh = another(people, p0={"note": LONG}, p1={})
    return [
        ("inspector", at("order_list")),
        ("principal", at("order_list") + "?view=recheck_overdue"),
        ("inspector", order.get_absolute_url()),
        ("principal", order.get_absolute_url()),
        ("leader", at("order_move", order.pk, "grant_extension")),
        ("principal", at("order_move", order.pk, "apply_recheck")),
        ("inspector", failed.get_absolute_url()),
        ("inspector", at("order_new", failed.inspection_id) + f"?previous={failed.pk}"),
        ("inspector", at("order_new", fresh.pk)),
        ("inspector", at("order_new", visit.pk)),
        ("inspector", at("measure_new", fresh.pk)),
        ("inspector", at("measure_list")),
        ("inspector", stop.get_absolute_url()),
        ("principal", stop.get_absolute_url()),
        ("inspector2", at("measure_move", stop.pk, "sign_fit")),
        ("inspector", at("transfer_new", fresh.pk)),
        ("inspector", transfer.get_absolute_url()),
        ("inspector", at("violation_list")),
        *[("inspector", row.get_absolute_url()) for row in Violation.objects.order_by("pk")[:2]],
        ("inspector", at("inspection_record_paper", fresh.pk)),
        ("inspector", at("transfer_paper", transfer.pk)),
    ]


def test_each_page_on_a_phone_and_on_a_desktop(people, visit):
    found = wrong_with(pages(people), visit)
    assert not found, "\n".join(map(str, found))


@pytest.mark.req("R43")
def test_an_order_is_drafted_issued_and_seen_by_tapping(people, visit):
    fresh = course.recorded(people, p0={"note": "没有台账", "requirement": "建立台账"}, p1={})
    phone = visit(people.inspector, PHONE)
    phone.goto(reverse("order_new", args=[fresh.pk]))
    phone.get_by_label("7天").check()
    phone.get_by_role("button", name="保存拟制").click()
    phone.get_by_role("link", name="制发指令书").first.click()
    phone.get_by_role("button", name="制发并编号").click()
    phone.wait_for_url("**/documents/**")
    order = Order.objects.get()
    assert (order.state, order.due_on, order.lines.count()) == ("issued", later(7), 2)
    phone.goto(order.get_absolute_url())
    assert phone.get_by_role("link", name="登记送达").count() == 2
