"""Inbox, settings and delivery record: one's own, filtered, exported, safe to send twice."""

import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from notices.models import Channel, Notice, NoticeRule, NotifySettings
from tests import factories as f
from tests.notices.conftest import KEYS

pytestmark = pytest.mark.django_db
INBOX = "/account/notices/"


@pytest.fixture
def mine(people, sign_in):
    """A client of the team leader."""
    return sign_in(people.team)


def titles(client, query=""):
    return [row.title for row in client.get(f"{INBOX}{query}").context["object_list"]]


def test_the_inbox_shows_ones_own_by_filter_and_exports_it(people, mine):
    f.NoticeFactory(recipient=people.head, title="别人的")
    f.NoticeFactory(recipient=people.team, title="旧的", at=timezone.now() - timezone.timedelta(days=3), read_at=timezone.now())
    f.NoticeFactory(recipient=people.team, title="=1+1", kind="hazard.due", is_urgent=True)
    today = timezone.localdate()
    assert titles(mine) == ["=1+1", "旧的"]
    assert [
        titles(mine, q)
        for q in ("?state=unread", "?state=read", "?kind=hazard.due", f"?start={today}", f"?end={today - timezone.timedelta(days=1)}")
    ] == [
        ["=1+1"],
        ["旧的"],
        ["=1+1"],
        ["=1+1"],
        ["旧的"],
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(mine.get(f"{INBOX}?state=unread&export=xlsx").content)).active
    cells = list(sheet.iter_rows(min_row=2))
    assert [(row[2].value, row[2].data_type) for row in cells] == [("=1+1", "s")]


def test_user_text_is_escaped_on_the_page(people, mine):
    f.NoticeFactory(recipient=people.team, title="<script>alert(1)</script>", body="<b>x</b>")
    text = mine.get(INBOX).content.decode()
    assert "<script>alert" not in text
    assert "&lt;b&gt;x" in text


def test_opening_marks_as_read_and_leads_to_the_record(people, mine):
    row = f.NoticeFactory(recipient=people.team, url="/hazards/7/")
    answer = mine.get(row_url(row))
    row.refresh_from_db()
    first = row.read_at
    assert (answer.status_code, answer.url, first is not None) == (302, "/hazards/7/", True)
    mine.get(row_url(row))
    row.refresh_from_db()
    assert row.read_at == first
    assert mine.get(row_url(f.NoticeFactory(recipient=people.team, url="", title="没有记录的"))).status_code == 200
    assert mine.get(row_url(f.NoticeFactory(recipient=people.head))).status_code == 404


def row_url(row):
    return reverse("notice_detail", args=[row.pk])


def test_a_link_out_of_the_site_is_not_followed(people, mine):
    row = f.NoticeFactory(recipient=people.team, url="//evil.example/")
    assert mine.get(row_url(row)).status_code == 200


def test_mark_one_and_all_twice(people, mine):
    one, two = (f.NoticeFactory(recipient=people.team) for _ in range(2))
    other = f.NoticeFactory(recipient=people.head)
    for _ in range(2):
        assert mine.post(reverse("notice_read", args=[one.pk]) + "?state=unread").url == f"{INBOX}?state=unread"
    assert list(Notice.objects.unread().order_by("pk")) == [two, other]
    assert mine.post(reverse("notice_read", args=[other.pk])).status_code == 404
    newest = mine.get(INBOX).context["newest"]
    late = f.NoticeFactory(recipient=people.team)
    for _ in range(2):
        assert mine.post(reverse("notice_read_all"), {"newest": newest}).status_code == 302
    assert list(Notice.objects.unread().order_by("pk")) == [other, late], "what came after the page was made stays unread"
    for nonsense in ("", "x", "9" * 40, "-1"):
        mine.post(reverse("notice_read_all"), {"newest": nonsense})
    assert list(Notice.objects.unread().order_by("pk")) == [other, late]


def test_all_read_means_what_the_filter_shows(people, mine):
    due = f.NoticeFactory(recipient=people.team, kind="hazard.due")
    other = f.NoticeFactory(recipient=people.team)
    mine.post(reverse("notice_read_all") + "?kind=hazard.due", {"newest": other.pk})
    assert [list(Notice.objects.unread().order_by("pk")), Notice.objects.get(pk=due.pk).read_at is None] == [[other], False]


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (3, "3"), (99, "99"), (100, "99+"), (130, "99+")])
def test_the_unread_count_stands_on_every_page(people, mine, count, shown):
    for _ in range(count):
        f.NoticeFactory(recipient=people.team)
    f.NoticeFactory(recipient=people.head)
    for path in ("/", "/account/", "/hazards/"):
        assert str(mine.get(path).context["unread"]) == shown


def test_home_and_account_lead_to_the_inbox(people, mine):
    f.NoticeFactory(recipient=people.team)
    assert "1 条未读消息" in mine.get("/").content.decode()
    assert all(text in mine.get("/account/").content.decode() for text in ("1 条未读", reverse("notice_settings")))


# Settings


def test_times_are_kept_and_a_grouped_message_in_the_quiet_hours_is_refused(people, mine):
    url = reverse("notice_settings")
    good = {"grouped_at": "08:15", "quiet_from": "22:00", "quiet_until": "06:30"}
    assert [mine.post(url, good).status_code for _ in range(2)] == [302, 302]
    row = NotifySettings.objects.get()
    assert (row.user, f"{row.grouped_at:%H:%M}", f"{row.quiet_from:%H:%M}") == (people.team, "08:15", "22:00")
    answer = mine.post(url, {**good, "grouped_at": "23:00"})
    assert answer.status_code == 422
    assert "汇总时间不能在静默时段里。" in answer.content.decode()


def test_a_channel_is_set_by_its_webhook_shown_masked_and_switched(people, mine):
    url = reverse("channel_edit", args=["wecom"])
    address = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEYS['wecom']}"
    assert [mine.post(url, {"address": address}).status_code for _ in range(2)] == [302, 302]
    row = Channel.objects.get()
    assert (row.user, row.address, row.is_on) == (people.team, KEYS["wecom"], True)
    for path in (url, reverse("notice_settings")):
        text = mine.get(path).content.decode()
        assert KEYS["wecom"] not in text
        assert "693" in text
    for wanted in ("0", "0", "1", "1"):
        mine.post(reverse("channel_switch", args=["wecom"]), {"on": wanted})
        row.refresh_from_db()
        assert row.is_on == (wanted == "1")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/", "https://qyapi.weixin.qq.com/", "", "x" * 500])
def test_a_wrong_address_is_refused_with_what_was_typed(people, mine, address):
    answer = mine.post(reverse("channel_edit", args=["wecom"]), {"address": address})
    assert (answer.status_code, Channel.objects.count()) == (422, 0)


def test_a_dingtalk_secret_has_its_form(people, mine):
    url = reverse("channel_edit", args=["dingtalk"])
    assert mine.post(url, {"address": KEYS["dingtalk"], "secret": "abc"}).status_code == 422
    assert mine.post(url, {"address": KEYS["dingtalk"], "secret": "SEC" + "a" * 60}).status_code == 302
    assert Channel.objects.get().secret == "SEC" + "a" * 60


def test_unknown_channels_are_404(people, mine):
    answers = [
        mine.get("/account/notices/channels/sms/"),
        *(mine.post(f"/account/notices/channels/sms/{do}/") for do in ("test", "switch")),
    ]
    assert [answer.status_code for answer in answers] == [404] * 3


def test_a_test_is_sent_once_and_its_result_is_seen(people, mine, robots):
    f.ChannelFactory(user=people.team)
    url = reverse("channel_test", args=["wecom"])
    for _ in range(3):
        assert mine.post(url).status_code == 302
    assert len(robots.got) == 1
    text = mine.get(reverse("notice_settings")).content.decode()
    assert "企业微信测试消息已发出" in text
    assert "成功" in text


def test_a_test_that_fails_says_why(people, mine, robots):
    f.ChannelFactory(user=people.team)
    robots.answers.append((200, {"errcode": 93000}))
    mine.post(reverse("channel_test", args=["wecom"]))
    text = mine.get(reverse("notice_settings")).content.decode()
    assert text.count("机器人地址无效或已被删除(93000)") == 2
    assert Channel.objects.get().is_test_good is False


def test_tests_are_throttled(people, mine, robots):
    f.ChannelFactory(user=people.team)
    for _ in range(12):
        Channel.objects.update(tested_at=None, is_test_good=None)
        mine.post(reverse("channel_test", args=["wecom"]))
    assert len(robots.got) == 10


def test_without_an_address_there_is_nothing_to_test_or_switch(people, mine, robots):
    for do in ("test", "switch"):
        assert mine.post(reverse(f"channel_{do}", args=["feishu"]), {"on": "1"}).status_code == 302
    assert (robots.got, Channel.objects.count()) == ([], 0)


def test_the_delivery_record_says_what_happened(people, mine):
    way = f.ChannelFactory(user=people.team)
    f.DeliveryFactory(channel=way, notice__recipient=people.team, state="done", message="已送达,1 条")
    f.DeliveryFactory(channel=way, notice__recipient=people.team, state="parked", attempts=4, last_error="NotSent: 连不上对方服务器。")
    f.DeliveryFactory(
        channel=way, notice__recipient=people.team, attempts=1, last_error="NotSent: 对方服务器应答 503。", not_before=timezone.now()
    )
    f.DeliveryFactory(channel__user=people.head, notice__recipient=people.head, message="别人的")
    text = mine.get(reverse("delivery_list")).content.decode()
    assert all(words in text for words in ("已送达,1 条", "试过 4 次。连不上对方服务器。", "对方服务器应答 503。"))
    assert "别人的" not in text
    assert len(mine.get(reverse("delivery_list") + "?state=parked").context["object_list"]) == 1
    assert mine.get(reverse("delivery_list") + "?export=xlsx").status_code == 200


def test_an_administrator_keeps_the_rules_and_reads_nobodys_inbox(people, rules, sign_in):
    client = sign_in(people.admin)
    rule = NoticeRule.objects.get(code="duty.missed.missed")
    page = client.get(reverse("admin:notices_noticerule_change", args=[rule.pk]))
    assert page.status_code == 200
    data = {k: v for k, v in page.context["adminform"].form.initial.items() if v is not None}
    answer = client.post(
        reverse("admin:notices_noticerule_change", args=[rule.pk]), {**data, "verify": "on", "receivers": ["responsible", "village"]}
    )
    assert answer.status_code == 302
    rule.refresh_from_db()
    assert rule.receivers == ["responsible", "village"]
    assert client.get("/admin/notices/notice/").status_code == 404
    assert client.get("/admin/notices/channel/").status_code == 404


def test_a_notice_of_the_other_firm_asks_for_the_role_first(people, sign_in):
    f.MembershipFactory(user=people.safety, role="safety_manager", enterprise=people.neighbour)
    row = f.OccurrenceFactory(unit=people.neighbour_plant)
    facts = {"recipient": people.safety, "url": row.get_absolute_url(), "enterprise_id": people.neighbour.pk}
    notice = f.NoticeFactory(**facts)
    client = sign_in(people.safety)
    answer = client.get(f"{INBOX}{notice.pk}/")
    assert answer.url.startswith(reverse("membership_choose"))
    page = client.get(answer.url)
    held = people.safety.memberships.get(enterprise=people.neighbour)
    answer = client.post(reverse("membership_choose"), {"membership": held.pk, "next": page.context["next"]}, follow=True)
    assert (answer.status_code, answer.context["object"]) == (200, row)
    assert client.get(f"{INBOX}{notice.pk}/").url == row.get_absolute_url()
