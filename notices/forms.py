"""Forms of how one wants to be reached."""

from __future__ import annotations

from typing import Any

from django import forms

from notices import outside
from notices.models import Channel, NotifySettings

TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class SettingsForm(forms.ModelForm):
    """The time of the daily message, and the quiet hours."""

    class Meta:
        model = NotifySettings
        fields = ("grouped_at", "quiet_from", "quiet_until")
        widgets = {"grouped_at": TIME, "quiet_from": TIME, "quiet_until": TIME}
        help_texts = {
            "grouped_at": "不紧急的消息每天这个时间合成一条发给您。当天的检查清单 5:00 生成。",
            "quiet_from": "这段时间什么都不外发,紧急的等到结束后马上发。",
            "quiet_until": "与“静默自”相同表示不设静默时段。",
        }


class ChannelForm(forms.Form):
    """The address of one channel; the one in use is never shown, an empty field keeps it."""

    address = forms.CharField(label="Webhook 地址", max_length=400, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    secret = forms.CharField(
        label="加签密钥",
        max_length=200,
        required=False,
        help_text="机器人安全设置选了“加签”才填,SEC 开头。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        self.channel = channel
        super().__init__(*args, **kwargs)
        if channel.kind != Channel.Kind.DINGTALK:
            del self.fields["secret"]
        if channel.kind == Channel.Kind.MAIL:
            self.fields["address"] = forms.EmailField(label="邮箱", max_length=200)
        else:
            self.fields["address"].help_text = HELP[channel.kind]

    def clean_address(self) -> str:
        """Only the robot's key is kept."""
        return outside.key_of(self.channel.kind, self.cleaned_data["address"])

    def clean_secret(self) -> str:
        """Empty, or of the form DingTalk gives."""
        secret = self.cleaned_data["secret"].strip()
        if secret and not outside.SECRET.fullmatch(secret):
            raise forms.ValidationError("加签密钥以 SEC 开头,请整条复制。")
        return secret


HELP = {
    Channel.Kind.WECOM: "在企业微信群里添加群机器人,复制它的 Webhook 地址,以 https://qyapi.weixin.qq.com/ 开头。",
    Channel.Kind.DINGTALK: "在钉钉群里添加自定义机器人,复制它的 Webhook 地址,以 https://oapi.dingtalk.com/ 开头;关键词可设为站名。",
    Channel.Kind.FEISHU: "在飞书群里添加自定义机器人,复制它的 Webhook 地址,以 https://open.feishu.cn/ 开头;不要开签名校验。",
}
