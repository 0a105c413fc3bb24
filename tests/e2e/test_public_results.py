"""Results of closed visits from the list of what is owed to a stranger on a slow line, and a correction, in the browser."""

import time

import pytest
from django.urls import reverse
from django.utils import timezone

from documents.models import Publication
from inspections.models import Inspection
from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.inspections import results
from tests.people import township

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = timezone.localdate()
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
PATIENCE = 2.0


def looked_at(page):
    found = [*serious(page), *([f"{overflow(page)} px too wide"] if overflow(page) else [])]
    assert found == [], page.url


@pytest.mark.req("R49")
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1440"])
def test_from_what_is_owed_to_the_public_and_corrected(transactional_db, visit, size):
    people = township()
    visits = [results.closed(people, people.factory), results.closed(people)]
    inspector, reviewer, leader = (visit(who, size) for who in (people.inspector, people.reviewer, people.leader))
    anybody, reader = visit(None, size, java_script_enabled=False), visit(None, size)

    inspector.goto(reverse("inspection_desk") + "?pile=result")
    looked_at(inspector)
    inspector.goto(reverse("result_list"))
    looked_at(inspector)
    inspector.goto(reverse("result_draft", args=[visits[0].pk]))
    assert "检查结果:未发现问题。" in inspector.locator("table.masking").inner_text()
    looked_at(inspector)
    inspector.goto(reverse("result_list"))
    inspector.get_by_role("button", name="为没有拟的 2 次拟公示").click()
    inspector.get_by_text("已拟公示 2 条").wait_for()
    assert Publication.objects.filter(state="draft").count() == 2

    reviewer.goto(reverse("publication_reviews"))
    looked_at(reviewer)
    for box in reviewer.get_by_label("看过了").all():
        box.check()
    reviewer.get_by_label("都已逐行对照").check()
    reviewer.get_by_label("都不涉及国家秘密").check()
    reviewer.get_by_role("button", name="审核通过勾选的公示").dblclick()
    reviewer.get_by_text("已审核通过 2 条").wait_for()
    leader.goto(reverse("publication_releases"))
    looked_at(leader)
    for box in leader.get_by_label("看过了").all():
        box.check()
    leader.get_by_role("button", name="发布勾选的公示").click()
    leader.get_by_text("已发布 2 条").wait_for()
    assert Inspection.objects.result_owed().count() == 0

    anybody.goto(reverse("public_list"))
    anybody.get_by_label("企业名称").fill("石角机械")
    anybody.get_by_label("公示日期自").fill(TODAY.isoformat())
    anybody.get_by_label("公示日期至").fill(TODAY.isoformat())
    anybody.get_by_label("种类").select_option("inspection")
    anybody.get_by_role("button", name="查找").click()
    assert "共 1 条" in anybody.locator("main").inner_text()
    anybody.locator(".notice-title a").click()
    text = anybody.locator("article").inner_text()
    assert "检查结果:未发现问题。" in text
    assert [word for word in ("李执法", "王执法", "厂长") if word in text] == []
    address = anybody.url.partition("?")[0]

    old = Publication.objects.get(enterprise=people.factory)
    inspector.goto(old.get_absolute_url())
    inspector.get_by_role("link", name="拟更正").click()
    looked_at(inspector)
    inspector.get_by_label("公开正文").fill(old.body.replace("镇应急办", "镇应急管理办公室"))
    inspector.get_by_role("button", name="保存并交审核").click()
    inspector.get_by_text("草稿已保存").wait_for()
    looked_at(inspector)
    new = Publication.objects.get(corrects=old)
    new.review(by=people.reviewer, on=TODAY)
    new.publish(by=people.leader, on=TODAY)
    anybody.goto(address)
    anybody.get_by_role("link", name=new.number).click()
    anybody.get_by_role("link", name=old.number).click()
    assert anybody.url.partition("?")[0] == address
    for url in (reverse("public_list"), f"{reverse('public_list')}?since=2030-01-01&until=2020-01-01", address, reverse("public_data")):
        for look in ("", "size=xl&contrast=high"):
            reader.goto(f"{url}{'&' if '?' in url else '?'}{look}")
            looked_at(reader)
    assert (anybody.context.cookies(), reader.context.cookies()) == ([], [])


@pytest.mark.req("R49")
def test_a_slow_line_shows_each_page_within_two_seconds(transactional_db, visit):
    """400 kbit/s and 400 ms each way and back, nothing cached: what a phone in a valley has."""
    people = township()
    row = None
    for n in range(25):
        row = f.a_publication(
            people, title=f"第{n}家企业计划检查结果", body="检查结果:未发现问题。" * 40, kind="inspection", inspected_on=TODAY
        )
        row.review(by=people.reviewer, on=TODAY)
        row.publish(by=people.leader, on=TODAY)
    page = visit(None, PHONE, java_script_enabled=False)
    page.goto(reverse("healthz"))
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line.send("Network.emulateNetworkConditions", SLOW)
    took = {}
    for name, args in (("public_list", []), ("public_detail", [row.number]), ("public_data", [])):
        began = time.monotonic()
        page.goto(reverse(name, args=args), wait_until="load")
        took[name] = time.monotonic() - began
    assert min(took.values()) > 0.8, f"the control: two round trips of 400 ms were really taken, {took}"
    assert max(took.values()) < PATIENCE, took
