"""Deliveries: grouped once a day, urgent at once but never in quiet hours, retried, parked, handed on."""

import datetime
import logging

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.work import sweep
from notices.models import Delivery, DeliveryItem, Notice, NotifySettings
from notices.tasks import pack, report_parked
from tests.notices.conftest import KEYS, clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    """at(moment) → the clock stands there."""
    travellers = []

    def go(moment):
        while travellers:
            travellers.pop().stop()
        traveller = time_machine.travel(moment, tick=False)
        traveller.start()
        travellers.append(traveller)

    yield go
    while travellers:
        travellers.pop().stop()


def a_notice(person, title="请整改", urgent=False, **facts):
    row = Notice.about(person, recipient=person, kind="hazard.assigned", stage=title, title=title, body="内容", url="/", is_urgent=urgent)
    for name, value in facts.items():
        setattr(row, name, value)
    row.save()
    return row


def texts(robots):
    return [payload["text"]["content"] for _, payload in robots.got]


def test_the_days_notices_go_in_one_message_at_its_time(people, channel, robots, at):
    channel(people.team)
    at(clock(7, 0))
    a_notice(people.team, "第一件")
    a_notice(people.team, "第二件")
    assert (pack(clock(7, 29)), pack(clock(7, 30)), pack(clock(7, 31))) == (0, 1, 0)
    at(clock(7, 31))
    assert (sweep(), sweep()) == (1, 0)
    assert texts(robots) == ["石角安监:今天有 2 条消息\n· 第一件\n· 第二件\n\n请登录石角安监,在“消息”里处理。"]
    row = Delivery.objects.get()
    assert (row.state, row.message, row.kind, row.day, DeliveryItem.objects.count()) == (
        "done",
        "已送达,2 条",
        "grouped",
        clock().date(),
        2,
    )


def test_what_comes_after_the_time_waits_for_the_next_day_and_nothing_goes_twice(people, channel, robots, at):
    channel(people.team)
    at(clock(7, 30))
    a_notice(people.team, "早上的")
    pack(clock(7, 31))
    at(clock(7, 31))
    sweep()
    at(clock(10))
    a_notice(people.team, "上午的")
    assert (pack(clock(10)), pack(clock(23))) == (0, 0)
    at(clock(7, 31, days=1))
    pack(clock(7, 31, days=1))
    sweep()
    assert [text.splitlines()[0] for text in texts(robots)] == ["石角安监:早上的", "石角安监:上午的"]


def test_a_late_tick_sends_one_message_not_one_for_each_day_missed(people, channel, robots, at):
    channel(people.team)
    for day in (-6, -2, -1, 0):
        a_notice(people.team, f"第{day}天", at=clock(7, 0, days=day))
    at(clock(15))
    assert (pack(clock(15)), sweep(), sweep()) == (1, 1, 0)
    assert texts(robots)[0].splitlines()[0] == "石角安监:今天有 3 条消息", "what is older than three days stays in the inbox"


@pytest.mark.parametrize("how", ["read", "off", "nothing"])
def test_nothing_is_sent_when_there_is_nothing_to_say(people, channel, robots, at, how):
    way = channel(people.team)
    at(clock(7, 0))
    if how != "nothing":
        a_notice(people.team)
    made = pack(clock(7, 31))
    if how == "read":
        Notice.objects.update(read_at=clock(7, 30))
    if how == "off":
        way.switch(False)
    at(clock(7, 31))
    sweep()
    assert (made, robots.got) == (0 if how == "nothing" else 1, [])
    words = {"read": ["消息都已读过或办好,没有发送。"], "off": ["这个方式已关闭,没有发送。"], "nothing": []}
    assert list(Delivery.objects.values_list("message", flat=True)) == words[how]


def test_an_urgent_notice_goes_at_once_over_each_channel_and_not_again_in_the_group(people, channel, robots, at):
    channel(people.team)
    channel(people.team, "feishu")
    channel(people.safety)
    at(clock(15))
    a_notice(people.team, "马上整改", urgent=True)
    a_notice(people.team, "不急")
    assert (pack(clock(15)), pack(clock(15))) == (2, 0)
    assert (sweep(), sweep()) == (2, 0)
    assert [path for path, _ in robots.got] == [f"/cgi-bin/webhook/send?key={KEYS['wecom']}", f"/open-apis/bot/v2/hook/{KEYS['feishu']}"]
    assert texts_of_first(robots) == "石角安监:马上整改\n内容\n请登录石角安监,在“消息”里处理。"
    at(clock(7, 31, days=1))
    pack(clock(7, 31, days=1))
    sweep()
    assert [title for title, *_ in DeliveryItem.objects.values_list("notice__title")] == ["不急", "不急"]


def texts_of_first(robots):
    return robots.got[0][1]["text"]["content"]


def test_a_channel_switched_on_later_sends_nothing_of_before(people, channel, at):
    way = channel(people.team)
    at(clock(14))
    a_notice(people.team, urgent=True)
    type(way).objects.update(on_since=clock(14, 30))
    assert pack(clock(15)) == 0


QUIET = [
    # quiet from, until, now, when it ends (None: not quiet)
    ("21:30", "07:00", clock(21, 29), None),
    ("21:30", "07:00", clock(21, 30), clock(7, days=1)),
    ("21:30", "07:00", clock(23, 59), clock(7, days=1)),
    ("21:30", "07:00", clock(0, 0), clock(7)),
    ("21:30", "07:00", clock(6, 59), clock(7)),
    ("21:30", "07:00", clock(7, 0), None),
    ("12:00", "14:00", clock(11, 59), None),
    ("12:00", "14:00", clock(13), clock(14)),
    ("12:00", "14:00", clock(14), None),
    ("00:00", "06:00", clock(0), clock(6)),
    ("22:00", "00:00", clock(23), clock(0, days=1)),
    ("22:00", "00:00", clock(0), None),
    ("08:00", "08:00", clock(8), None),
]


@pytest.mark.parametrize(("first", "last", "now", "end"), QUIET)
def test_quiet_hours(first, last, now, end):
    hours = NotifySettings(quiet_from=datetime.time.fromisoformat(first), quiet_until=datetime.time.fromisoformat(last))
    assert hours.quiet_end(now) == end
    assert hours.quiet_end(now.astimezone(datetime.UTC)) == end, "a server in UTC"


def test_an_urgent_notice_at_night_waits_for_the_morning_also_when_the_sweeper_is_late(people, channel, robots, at):
    channel(people.team)
    at(clock(21, 29))
    a_notice(people.team, urgent=True)
    pack(clock(21, 29))
    at(clock(21, 31))
    assert sweep() == 0
    assert Delivery.objects.get().not_before == clock(7, days=1)
    at(clock(6, 59, days=1))
    assert sweep() == 0
    at(clock(7, 0, days=1))
    assert sweep() == 1
    assert len(robots.got) == 1


@pytest.mark.parametrize(
    ("grouped", "first", "last", "good"),
    [
        ("07:30", "21:30", "07:00", True),
        ("06:59", "21:30", "07:00", False),
        ("22:00", "21:30", "07:00", False),
        ("13:00", "12:00", "14:00", False),
        ("14:00", "12:00", "14:00", True),
        ("08:00", "08:00", "08:00", True),
    ],
)
def test_the_grouped_message_is_never_in_the_quiet_hours(people, grouped, first, last, good):
    row = NotifySettings(user=people.team, grouped_at=grouped, quiet_from=first, quiet_until=last)
    if good:
        row.save()
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_the_database_keeps_nothing_grouped_twice(people, channel):
    way = channel(people.team)
    notice = a_notice(people.team)
    facts = {"channel": way, "day": clock().date(), "cutoff": clock()}
    one = Delivery.objects.create(kind="grouped", **facts)
    DeliveryItem.objects.create(delivery=one, channel=way, notice=notice)
    Delivery.objects.create(kind="urgent", notice=notice, **facts)
    for wrong in (
        lambda: Delivery.objects.create(kind="grouped", **facts),
        lambda: Delivery.objects.create(kind="urgent", notice=notice, **facts),
        lambda: Delivery.objects.create(kind="urgent", **facts),
        lambda: DeliveryItem.objects.create(delivery=one, channel=way, notice=notice),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_a_failure_is_tried_again_with_pauses_and_then_gets_through(people, channel, robots, at, caplog):
    channel(people.team)
    at(clock(15))
    a_notice(people.team, urgent=True)
    pack(clock(15))
    robots.answers += [(503, {}), (200, {"errcode": 45009})]
    with caplog.at_level(logging.CRITICAL, logger="core.work"):
        assert (sweep(), sweep()) == (1, 0)
        row = Delivery.objects.get()
        assert (row.state, row.attempts, row.last_words, row.not_before) == ("pending", 1, "对方服务器应答 503。", clock(15, 1))
        at(clock(15, 1))
        assert (sweep(), sweep()) == (1, 0)
        assert Delivery.objects.get().not_before == clock(15, 6)
        at(clock(15, 6))
        assert (sweep(), sweep()) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.message, row.last_error) == ("done", 3, "已送达,1 条", "")


def test_given_up_the_fallback_person_is_told_once(people, channel, robots, at, caplog):
    channel(people.team)
    at(clock(15))
    a_notice(people.team, "马上整改", urgent=True)
    pack(clock(15))
    robots.answers += [(200, {"errcode": 93000})] * 4
    with caplog.at_level(logging.CRITICAL, logger="core.work"):
        for minute in (0, 1, 6, 31, 59):
            at(clock(15, minute))
            sweep()
    assert (Delivery.objects.get().state, len(robots.got)) == ("parked", 4)
    assert (report_parked(), report_parked()) == (1, 0)
    told = Notice.objects.filter(kind="delivery.parked").order_by("pk")
    assert [(row.recipient, row.title) for row in told] == [
        (people.team, "您的企业微信收不到消息"),
        (people.head, "甲班长的企业微信收不到消息"),
    ]
    assert "机器人地址无效或已被删除(93000)" in told[0].body
    assert all("马上整改" in row.body and KEYS["wecom"] not in row.body for row in told)


@pytest.mark.parametrize("how", ["ended", "disabled"])
def test_whoever_left_is_never_sent_anything_and_the_urgent_ones_are_handed_on(people, channel, robots, at, how):
    channel(people.team)
    at(clock(15))
    a_notice(people.team, "马上整改", urgent=True)
    a_notice(people.team, "不急")
    pack(clock(15))
    if how == "ended":
        people.team.memberships.get().end(clock().date())
    else:
        people.team.is_active = False
        people.team.save()
    sweep()
    assert robots.got == []
    assert Delivery.objects.get().message == "收件人已离岗或停用,没有发送;紧急的已转给代为处理的人。"
    handed = Notice.objects.exclude(recipient=people.team)
    assert [(row.recipient, row.title) for row in handed] == [(people.head, "马上整改")]
    assert handed[0].body == "内容\n本来通知甲班长,该人员已离岗或账号停用,请您代为处理或转告接手的人。"
    sweep()
    assert handed.count() == 1


def test_a_worker_that_died_after_sending_sends_again_the_same_notices(people, channel, robots, at):
    """At least once outside; what the message carries is fixed at its first try."""
    channel(people.team)
    at(clock(7, 0))
    a_notice(people.team, "早上的")
    pack(clock(7, 31))
    at(clock(7, 31))
    row = Delivery.objects.get()
    assert row.claim(timezone.now())
    row.perform()
    a_notice(people.team, "后来的")
    at(clock(7, 40))
    assert sweep() == 1
    assert [text.splitlines()[0] for text in texts(robots)] == ["石角安监:早上的"] * 2
