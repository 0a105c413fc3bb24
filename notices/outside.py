"""Outside: the only place that talks to robots and mail servers, and the only one that imports Apprise.

What a person types is never an address to connect to: only a robot's key of a known form is kept, the hosts are
these here, redirects are not followed, and answers are read to a limit. The robots of WeCom, DingTalk and Feishu
answer HTTP 200 also to a wrong key, so the code inside the answer decides (Apprise by itself would call that sent).
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from apprise import NotifyBase, NotifyFormat
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

CONNECT_SECONDS, READ_SECONDS = 4.0, 6.0
ANSWER_BYTES = 4096
TEXT_BYTES = 1500  # a robot of WeCom takes 2048 bytes, title included

SERVICES = {"wecom": "https://qyapi.weixin.qq.com", "dingtalk": "https://oapi.dingtalk.com", "feishu": "https://open.feishu.cn"}
HOSTS = dict(SERVICES)  # where it really connects to: only a test changes it
PATHS = {
    "wecom": "/cgi-bin/webhook/send?key={key}",
    "dingtalk": "/robot/send?access_token={key}",
    "feishu": "/open-apis/bot/v2/hook/{key}",
}
KEYS = {
    "wecom": re.compile(r"[0-9A-Za-z_-]{20,64}"),
    "dingtalk": re.compile(r"[0-9A-Za-z]{32,128}"),
    "feishu": re.compile(r"[0-9A-Za-z_-]{20,64}"),
}
SECRET = re.compile(r"SEC[0-9A-Za-z]{20,128}")
WORDS = {
    ("wecom", 93000): "机器人地址无效或已被删除",
    ("wecom", 45009): "发送太频繁",
    ("dingtalk", 310000): "机器人安全设置不允许(检查关键词、加签密钥或允许的地址)",
    ("dingtalk", 300001): "机器人地址无效或已被删除",
    ("dingtalk", 400101): "机器人地址无效或已被删除",
    ("dingtalk", 130101): "发送太频繁",
    ("feishu", 19001): "机器人地址无效或已被删除",
    ("feishu", 19021): "机器人开启了签名校验,请在飞书关闭签名校验",
    ("feishu", 19024): "机器人设置的关键词不在内容里",
    ("feishu", 19022): "机器人设置的允许地址不包括本站",
    ("feishu", 9499): "发送太频繁或地址无效",
}

# Apprise writes keys and whole messages into its log, urllib3 the addresses; ours says what failed, and never an address.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 10)
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


class NotSent(Exception):
    """A message that did not get through; the text is a Chinese sentence without the address."""


def key_of(kind: str, text: str) -> str:
    """The robot's key in what a person pasted: the whole webhook address, or the key alone. ValidationError otherwise."""
    text = text.strip()
    if kind == "mail":
        validate_email(text)
        return text
    key = _key_in_url(kind, text) if "/" in text else text
    if not KEYS[kind].fullmatch(key):
        raise ValidationError("看不出机器人的地址。请在群机器人设置里复制整条 Webhook 地址,粘贴到这里。")
    return key


def _key_in_url(kind: str, text: str) -> str:
    """The key of an address of exactly this service, "" for every other address."""
    home = urlsplit(SERVICES[kind] + PATHS[kind])
    try:
        url = urlsplit(text)
    except ValueError:
        return ""
    if (url.scheme, url.netloc) != (home.scheme, home.netloc):
        return ""
    if kind == "feishu":
        before, _, key = url.path.rstrip("/").rpartition("/")
        return key if before == home.path.rpartition("/")[0] else ""
    name = home.query.partition("=")[0]
    return parse_qs(url.query).get(name, [""])[0] if url.path == home.path else ""


class Robot(NotifyBase):
    """What the three robots share: one POST to the service's own host, and an answer whose code must be 0."""

    kind = ""
    request_rate_per_sec = 0

    def post(self, key: str, payload: dict[str, Any], params: dict[str, str] | None = None) -> bool:
        """Send once; NotSent when the service cannot be reached or refuses."""
        url = HOSTS[self.kind] + PATHS[self.kind].format(key=key)
        try:
            with requests.post(
                url, json=payload, params=params, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True
            ) as answer:
                status, text = answer.status_code, answer.raw.read(ANSWER_BYTES, decode_content=True)
        except requests.Timeout:
            raise NotSent("对方服务器没有在规定时间内应答。") from None
        except (requests.RequestException, OSError):
            raise NotSent("连不上对方服务器。") from None
        self.check(status, text)
        return True

    def check(self, status: int, text: bytes) -> None:
        """NotSent unless the answer says that the message was taken."""
        if status != requests.codes.ok:
            raise NotSent(f"对方服务器应答 {status}。")
        try:
            answer = json.loads(text)
            code = int(answer.get("errcode", answer.get("code", answer.get("StatusCode", -1))))
        except (ValueError, AttributeError, TypeError):
            raise NotSent("对方服务器的应答看不懂。") from None
        if code:
            raise NotSent(f"对方拒收:{WORDS.get((self.kind, code), '原因见代码')}({code})。")


class WeCom(Robot, NotifyWeComBot):
    """A robot of an enterprise WeChat group."""

    kind = "wecom"

    def send(self, body: str, title: str = "", **_: Any) -> bool:
        """Plain text."""
        return self.post(self.key, {"msgtype": "text", "text": {"content": body}})


class DingTalk(Robot, NotifyDingTalk):
    """A robot of a DingTalk group, signed when it has a secret."""

    kind = "dingtalk"

    def send(self, body: str, title: str = "", **_: Any) -> bool:
        """Plain text; the signature is Apprise's."""
        params = None
        if self.secret:
            at, sign = self.get_signature()
            # Already percent-encoded by Apprise, and requests would encode it again.
            params = {"timestamp": at, "sign": self.unquote(sign)}
        text = f"{title}\n{body}" if title else body
        return self.post(self.token, {"msgtype": "text", "text": {"content": text}}, params)


class Feishu(Robot, NotifyFeishu):
    """A robot of a Feishu group."""

    kind = "feishu"

    def send(self, body: str, title: str = "", **_: Any) -> bool:
        """Plain text."""
        return self.post(self.token, {"msg_type": "text", "content": {"text": body}})


class SiteMail(NotifyBase):
    """Mail over the site's own mail server (EMAIL_URL): there is no second place to configure one."""

    service_name = "SiteMail"
    secure_protocol = "sitemail"
    notify_format = NotifyFormat.TEXT
    title_maxlen = 200
    request_rate_per_sec = 0

    def __init__(self, address: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.address = address

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """Never with the address."""
        return f"{self.secure_protocol}://"

    def send(self, body: str, title: str = "", **_: Any) -> bool:
        """One mail; NotSent when the server refuses or is silent."""
        subject = " ".join(title.split())
        connection = get_connection(timeout=CONNECT_SECONDS + READ_SECONDS)
        try:
            EmailMessage(subject, body, None, [self.address], connection=connection).send()
        except OSError as error:
            raise NotSent(f"邮件服务器没有收下({type(error).__name__})。") from None
        return True


def plugin(channel: Any) -> NotifyBase:
    """The Apprise plugin of a channel; its address is checked again, whoever wrote it."""
    try:
        address = key_of(channel.kind, channel.address)
    except ValidationError:
        raise NotSent("地址不完整,请重新填写。") from None
    if channel.kind == "wecom":
        return WeCom(key=address)
    if channel.kind == "dingtalk":
        return DingTalk(token=address, secret=channel.secret or None)
    return Feishu(token=address) if channel.kind == "feishu" else SiteMail(address)


def send(channel: Any, title: str, body: str) -> None:
    """Send one text over a channel; NotSent with the reason in words when it did not get through.

    `title` starts with the site's name, so that robots with a keyword let it pass.
    """
    data = body.encode()
    clipped = body if len(data) <= TEXT_BYTES else f"{data[:TEXT_BYTES].decode(errors='ignore')}…"
    head = f"{settings.SITE_NAME}:{title}"
    if channel.kind == "mail":
        sent = plugin(channel).notify(body=clipped, title=head)
    else:
        sent = plugin(channel).notify(body=f"{head}\n{clipped}", title="")
    if not sent:
        raise NotSent("消息没有发出。")
