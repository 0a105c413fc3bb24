"""Outside: only the four services, real sending to a fake robot, answers read, nothing secret in a log."""

import logging
import socket

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from notices import outside
from notices.models import Channel
from notices.outside import NotSent, key_of, send
from tests.notices.conftest import KEYS

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="
DING = "https://oapi.dingtalk.com/robot/send?access_token="
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/"


def a_channel(kind, address=None, **facts):
    return Channel(kind=kind, address=address or KEYS.get(kind, "a.person@example.com"), **facts)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("wecom", WECOM), ("dingtalk", DING), ("feishu", FEISHU)],
)
def test_the_key_is_taken_from_the_whole_address_or_alone(kind, text):
    key = KEYS[kind]
    assert [key_of(kind, text + key), key_of(kind, f"  {key} ")] == [key, key]


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:6379/cgi-bin/webhook/send?key=" + KEYS["wecom"],
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + KEYS["wecom"],
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=" + KEYS["wecom"],
        "https://qyapi.weixin.qq.com@evil.example/cgi-bin/webhook/send?key=" + KEYS["wecom"],
        "https://evil@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + KEYS["wecom"],
        "https://qyapi.weixin.qq.com:444/cgi-bin/webhook/send?key=" + KEYS["wecom"],
        "https://qyapi.weixin.qq.com/other?key=" + KEYS["wecom"],
        "file:///etc/passwd",
        "json://127.0.0.1/" + KEYS["wecom"],
        "gopher://127.0.0.1:11211/" + KEYS["wecom"],
        "wecombot://" + KEYS["wecom"],
        KEYS["wecom"] + "/../../x",
        KEYS["wecom"] + "&x=1",
        KEYS["wecom"] + "\nHost: evil",
        "https://[::1/" + KEYS["wecom"],
        "短",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_any_other_address_is_refused(kind, text):
    with pytest.raises(ValidationError):
        key_of(kind, text)


@pytest.mark.parametrize(
    "text", ["x", "a@b", "a@example.com\nBcc: b@example.com", "mailto://a:b@evil.example", "a@example.com,b@example.com"]
)
def test_a_mail_address_is_one_mail_address(text):
    with pytest.raises(ValidationError):
        key_of("mail", text)


@pytest.mark.parametrize(
    ("kind", "path", "payload"),
    [
        ("wecom", "/cgi-bin/webhook/send?key=" + KEYS["wecom"], {"msgtype": "text", "text": {"content": "石角安监:标题\n内容"}}),
        ("dingtalk", "/robot/send?access_token=" + KEYS["dingtalk"], {"msgtype": "text", "text": {"content": "石角安监:标题\n内容"}}),
        ("feishu", "/open-apis/bot/v2/hook/" + KEYS["feishu"], {"msg_type": "text", "content": {"text": "石角安监:标题\n内容"}}),
    ],
)
def test_each_robot_gets_its_own_form(robots, kind, path, payload):
    send(a_channel(kind), "标题", "内容")
    assert robots.got == [(path, payload)]


def test_a_dingtalk_secret_signs(robots):
    send(a_channel("dingtalk", secret="SEC" + "a" * 40), "标题", "内容")
    ((path, _),) = robots.got
    assert "&timestamp=" in path
    assert "%25" not in path.split("&sign=")[1]


def test_mail_goes_over_the_sites_own_server():
    send(a_channel("mail"), "标题\n第二行", "内容")
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["a.person@example.com"], "石角安监:标题 第二行", "内容")


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("wecom", (200, {"errcode": 93000, "errmsg": "invalid webhook url"}), "对方拒收:机器人地址无效或已被删除(93000)。"),
        (
            "dingtalk",
            (200, {"errcode": 310000, "errmsg": "keywords not in content"}),
            "对方拒收:机器人安全设置不允许(检查关键词、加签密钥或允许的地址)(310000)。",
        ),
        ("feishu", (200, {"code": 19001, "msg": "param invalid"}), "对方拒收:机器人地址无效或已被删除(19001)。"),
        ("wecom", (200, {"errcode": 1, "errmsg": "?"}), "对方拒收:原因见代码(1)。"),
        ("wecom", (503, {}), "对方服务器应答 503。"),
        ("feishu", (200, b"<html>"), "对方服务器的应答看不懂。"),
        ("feishu", (200, b"[]"), "对方服务器的应答看不懂。"),
        ("feishu", (200, {}), "对方拒收:原因见代码(-1)。"),
        ("wecom", (200, b"{" + b" " * 100_000), "对方服务器的应答看不懂。"),
    ],
)
def test_what_the_robot_refuses_is_not_called_sent(robots, kind, answer, words):
    """Apprise by itself calls each HTTP 200 sent, also for a wrong key."""
    robots.answers.append(answer)
    with pytest.raises(NotSent) as refused:
        send(a_channel(kind), "标题", "内容")
    assert str(refused.value) == words


def test_a_redirect_is_not_followed(robots):
    robots.headers["Location"] = f"{robots.url}/elsewhere"
    robots.answers.append((302, {}))
    with pytest.raises(NotSent):
        send(a_channel("wecom"), "标题", "内容")
    assert len(robots.got) == 1


def test_a_server_that_is_gone_or_silent_is_told_apart(monkeypatch):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(outside, "HOSTS", dict.fromkeys(outside.HOSTS, address))
        monkeypatch.setattr(outside, "READ_SECONDS", 0.2)
        with pytest.raises(NotSent, match="没有在规定时间内应答"):
            send(a_channel("wecom"), "标题", "内容")
    with pytest.raises(NotSent, match="连不上"):
        send(a_channel("wecom"), "标题", "内容")


def test_a_long_text_is_one_message_within_the_robots_limit(robots):
    send(a_channel("wecom"), "标" * 120, "长" * 5000)
    ((_, payload),) = robots.got
    assert len(payload["text"]["content"].encode()) <= 2048


def test_an_address_changed_behind_our_back_is_not_used(robots):
    for address in ("http://127.0.0.1/", "x" * 10, KEYS["wecom"] + "&a=b"):
        with pytest.raises(NotSent, match="地址不完整"):
            send(a_channel("wecom", address), "标题", "内容")
    assert robots.got == []


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_no_address_in_any_log_or_error(robots, caplog, kind):
    with caplog.at_level(logging.DEBUG):
        send(a_channel(kind), "标题", "内容")
        robots.answers.append((500, {}))
        with pytest.raises(NotSent) as refused:
            send(a_channel(kind), "标题", "内容")
        outside.HOSTS[kind] = "http://127.0.0.1:1"
        with pytest.raises(NotSent) as gone:
            send(a_channel(kind), "标题", "内容")
    told = caplog.text + str(refused.value) + str(gone.value) + repr(gone.value.__cause__)
    assert KEYS[kind] not in told
    assert gone.value.__suppress_context__
