"""Notices in a real browser: unread on every page, opened, read, set up; on a phone and on a desktop, with axe."""

import pytest
from django.utils import timezone

from notices.models import Channel, NotifySettings
from tests import factories as f
from tests.e2e.conftest import DESKTOP, PHONE, overflow, serious
from tests.e2e.test_pages import SMALL_TARGETS
from tests.notices.conftest import KEYS, robots  # noqa: F401
from tests.people import township

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db):
    return township()


def look(page, path):
    """What is wrong with a page as it stands."""
    page.goto(path)
    small = page.evaluate(SMALL_TARGETS) if page.viewport_size["width"] < 600 else []
    found = serious(page) + small
    return found + ([f"{overflow(page)} px too wide"] if overflow(page) else [])


@pytest.mark.parametrize("size", [PHONE, DESKTOP, (320, 640)], ids=["360", "1440", "320"])
def test_pages(people, visit, size):
    way = f.ChannelFactory(user=people.team, tested_at="2026-11-25T08:00:00+08:00", is_test_good=False, test_result="对方服务器应答 503。")
    for n in range(35):
        f.NoticeFactory(
            recipient=people.team, is_urgent=n % 2 == 0, title=f"请整改:{n}号冲床" + "防护罩缺失,手可伸入" * 4, body="内容" * 60
        )
    alone = f.NoticeFactory(recipient=people.team, url="")
    for state in ("done", "parked", "pending"):
        f.DeliveryFactory(channel=way, notice__recipient=people.team, state=state, attempts=2, last_error="NotSent: 连不上对方服务器。")
    page = visit(people.team, size)
    paths = [
        "",
        "?kind=duty.streak",
        "?page=2",
        f"{alone.pk}/",
        "settings/",
        "channels/wecom/",
        "channels/dingtalk/",
        "channels/mail/",
        "deliveries/",
    ]
    found = {path: look(page, f"/account/notices/{path}") for path in paths}
    assert {path: what for path, what in found.items() if what} == {}


def test_from_the_head_of_the_page_to_the_record_and_back(people, visit):
    facts = {"unit": people.team_a, "rectifier": people.team, "found_by": people.team, "state": "assigned", "due_on": timezone.localdate()}
    hazard = f.HazardFactory(enterprise=people.factory, **facts)
    f.NoticeFactory(recipient=people.team, title="请整改:防护罩缺失", url=hazard.get_absolute_url())
    f.NoticeFactory(recipient=people.team, title="另一件")
    page = visit(people.team, PHONE)
    page.goto("/")
    page.get_by_role("link", name="消息 2 条未读").click()
    page.get_by_role("link", name="请整改:防护罩缺失").click()
    page.wait_for_url(f"**{hazard.get_absolute_url()}")
    page.goto("/account/notices/?state=unread")
    assert page.locator(".notice").count() == 1
    page.get_by_role("button", name="标为已读:另一件").click()
    page.get_by_text("没有消息").first.wait_for()
    assert page.locator(".topbar-notices .badge").count() == 0


def test_a_robot_is_set_up_and_tested(people, visit, robots):  # noqa: F811
    page = visit(people.team, PHONE)
    page.goto("/account/")
    page.get_by_role("link", name="消息设置").click()
    page.get_by_role("link", name="设置飞书").click()
    page.get_by_label("Webhook 地址").fill("https://evil.example/" + KEYS["feishu"])
    page.get_by_role("button", name="保存并启用").click()
    page.get_by_text("看不出机器人的地址").first.wait_for()
    page.get_by_label("Webhook 地址").fill("https://open.feishu.cn/open-apis/bot/v2/hook/" + KEYS["feishu"])
    page.get_by_role("button", name="保存并启用").click()
    page.locator("#channel-feishu").get_by_role("button", name="发送测试").dblclick()
    page.locator("#channel-feishu").get_by_text("成功").wait_for()
    assert len(robots.got) == 1
    assert Channel.objects.get().address == KEYS["feishu"]
    page.get_by_label("每天汇总时间").fill("08:00")
    page.get_by_role("button", name="保存时间").click()
    page.get_by_text("已保存。").wait_for()
    assert NotifySettings.objects.get().grouped_at.hour == 8
