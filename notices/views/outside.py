"""消息设置: how and when one is reached outside the site, and what went out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, View

from accounts.throttle import too_many
from core.views.base import ScopedList
from notices import outside
from notices.filters import DeliveryFilter
from notices.forms import ChannelForm, SettingsForm
from notices.models import Channel, Delivery, NotifySettings

TESTS, WINDOW = 10, 600


class Settings(FormView):
    """Times, and each channel with its state."""

    form_class = SettingsForm
    template_name = "notices/settings.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """One's own row, or the defaults."""
        return {**super().get_form_kwargs(), "instance": NotifySettings.of(self.request.user)}

    def form_valid(self, form: SettingsForm) -> HttpResponse:
        """Keep them; sent twice, the second writes the same."""
        times = {name: form.cleaned_data[name] for name in form.Meta.fields}
        NotifySettings.objects.update_or_create(user=self.request.user, defaults=times)
        messages.success(self.request, "已保存。")
        return redirect("notice_settings")

    def form_invalid(self, form: SettingsForm) -> HttpResponse:
        """The page again, with the reason."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the four channels, set up or not."""
        mine = {row.kind: row for row in Channel.objects.for_user(self.request.user)}
        channels = [mine.get(kind) or Channel(user=self.request.user, kind=kind) for kind in Channel.Kind.values]
        return super().get_context_data(title="消息设置", channels=channels, **kwargs)


class OwnChannel:
    """A page of one kind of channel of one's own; an unknown kind is a 404."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @property
    def channel(self) -> Channel:
        """The row, or an empty one."""
        kind = self.kwargs["kind"]
        if kind not in Channel.Kind.values:
            raise Http404
        return Channel.objects.for_user(self.request.user).filter(kind=kind).first() or Channel(user=self.request.user, kind=kind)


class ChannelEdit(OwnChannel, FormView):
    """The address of a channel."""

    form_class = ChannelForm
    template_name = "notices/channel_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows which channel."""
        return {**super().get_form_kwargs(), "channel": self.channel}

    def get_initial(self) -> dict[str, Any]:
        """One's mail address on file is offered; a robot's key is never shown again."""
        channel = self.channel
        return {"address": channel.address or self.request.user.email} if channel.kind == Channel.Kind.MAIL else {}

    def form_valid(self, form: ChannelForm) -> HttpResponse:
        """Keep it; the same again changes nothing."""
        channel = Channel.objects.get_or_create(user=self.request.user, kind=self.kwargs["kind"])[0]
        channel.set_address(form.cleaned_data["address"], form.cleaned_data.get("secret", ""))
        messages.success(self.request, f"{channel}已保存。请点“发送测试”确认收得到。")
        return redirect("notice_settings")

    def form_invalid(self, form: ChannelForm) -> HttpResponse:
        """The page again, with the reason."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the channel."""
        return super().get_context_data(title=f"设置{self.channel}", channel=self.channel, **kwargs)


class ChannelSwitch(OwnChannel, View):
    """On or off, as the button says; twice is once."""

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Switch."""
        channel, wanted = self.channel, request.POST.get("on") == "1"
        if channel.pk is None or not channel.address:
            messages.error(request, f"请先填写{channel}的地址。")
        else:
            channel.switch(wanted)
            messages.success(request, f"{channel}已{'启用' if wanted else '关闭'}。")
        return redirect("notice_settings")


class ChannelTest(OwnChannel, View):
    """Send a test message now and show what came of it."""

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        """At most TESTS within WINDOW seconds, and one in half a minute over one channel."""
        channel = self.channel
        if channel.pk is None or not channel.address:
            messages.error(request, f"请先填写{channel}的地址。")
        elif too_many("channel_test", str(request.user.pk), limit=TESTS, seconds=WINDOW):
            messages.error(request, "测试得太频繁,请 10 分钟后再试。")
        elif not channel.begin_test(timezone.now()):
            messages.info(request, "刚刚测试过,结果在下面。半分钟后可以再测。")
        else:
            self.test(channel)
        return redirect(f"{reverse('notice_settings')}#channel-{channel.kind}")

    def test(self, channel: Channel) -> None:
        """Send, and keep the result on the channel."""
        try:
            outside.send(channel, "测试消息", f"{self.request.user.name},您好。收到这条消息,说明{channel}设置好了。")
        except outside.NotSent as error:
            channel.end_test(False, str(error))
            messages.error(self.request, f"{channel}没有发出:{error}")
        else:
            channel.end_test(True, "已发出")
            messages.success(self.request, f"{channel}测试消息已发出,请到那边看看收到没有。")


class Deliveries(ScopedList):
    """What went out: when, over what, with which result."""

    model = Delivery
    title = "外发记录"
    filterset_class = DeliveryFilter
    template_name = "notices/delivery_list.html"
    empty_text = "还没有外发的消息。"
    empty_hint = "在“消息设置”里启用企业微信、钉钉、飞书或邮件后,发出的每一条都记在这里。"
    columns = (
        ("提交时间", lambda d: d.created_at),
        ("方式", lambda d: str(d.channel)),
        ("种类", lambda d: d.get_kind_display()),
        ("内容", lambda d: d.notice.title if d.notice else "每日汇总"),
        ("状态", lambda d: d.get_state_display()),
        ("完成时间", lambda d: d.finished_at),
        ("尝试次数", lambda d: d.attempts),
        ("结果", lambda d: d.message or d.last_words),
    )
