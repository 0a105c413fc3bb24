"""Forms of publications: the draft with its masking, the review, the withdrawal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.forms import ClientIdField, MoveForm, NoteForm, UserForm
from documents.masking import leaks
from documents.models import Publication
from documents.models.publication import BODY_MAX

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def check_leaks(text: str) -> None:
    """ValidationError when a text to be public holds personal numbers."""
    if found := leaks(text):
        raise ValidationError(f"这里还有{'、'.join(found)},请先遮盖。")


def public_text(label: str, **kwargs: Any) -> forms.CharField:
    """A field whose text will be public."""
    return forms.CharField(label=label, validators=[check_leaks], **kwargs)


class TextsForm(forms.Form):
    """The texts of a draft: the original stays inside the town, the rest becomes public."""

    title = public_text("标题", max_length=120, error_messages={"required": "请填写标题。"})
    party = public_text("当事人", max_length=120, required=False, help_text="公开显示的单位名称;个人须隐去名字。")
    original = forms.CharField(
        label="原文(不公开)",
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="可以包含姓名、电话,只有镇里能看到,加密保存。",
        error_messages={"required": "请填写原文,审核人要对照。"},
    )
    body = public_text(
        "公开正文",
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="按“生成遮盖稿”由原文得出,再逐行核对、修改。",
        error_messages={"required": "还没有公开正文:请先按“生成遮盖稿”,核对后再保存。"},
    )


class DraftForm(TextsForm, UserForm):
    """A new draft."""

    client_id = ClientIdField()
    kind = forms.ChoiceField(label="种类", choices=Publication.Kind)
    starts_on = forms.DateField(
        label="起算日期", widget=DAY, initial=timezone.localdate, help_text="作出决定、形成信息之日;公示期限由它算出。"
    )
    field_order = ("client_id", "kind", "title", "party", "starts_on", "original", "body")

    def clean_starts_on(self) -> Any:
        """Not in the future."""
        day = self.cleaned_data["starts_on"]
        if day > timezone.localdate():
            raise ValidationError("起算日期不能晚于今天。")
        return day


class CorrectionForm(TextsForm, UserForm):
    """What takes the place of something already public; its kind, firm and paper are those of the old one."""

    client_id = ClientIdField()
    field_order = ("client_id", "title", "party", "original", "body")


class ReviseForm(TextsForm, MoveForm):
    """A draft changed."""

    field_order = ("title", "party", "original", "body", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "party", "original", "body"):
            self.fields[name].initial = getattr(self.instance, name)


class ReviewForm(NoteForm):
    """What the second person has compared; both must be ticked."""

    is_masked = forms.BooleanField(
        label="已逐行对照:没有身份证号、电话、住址和应当隐去的姓名", error_messages={"required": "请逐行对照后勾选。"}
    )
    is_open = forms.BooleanField(
        label="不涉及国家秘密、商业秘密和未成年人信息", error_messages={"required": "请核对后勾选;涉及的请退回修改。"}
    )
    field_order = ("is_masked", "is_open", "note", "version")

    def clean(self) -> dict[str, Any]:
        """The ticks are a condition, not an argument of the move."""
        data = super().clean()
        data.pop("is_masked", None)
        data.pop("is_open", None)
        return data


class TicksField(forms.Field):
    """Rows that were ticked, each with the version that was seen: "pk:version"."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[tuple[int, int]]:
        """[(pk, version)] in the order of the page; at least one."""
        if not value:
            raise ValidationError("还没有勾选:看过一条,勾一条。")
        pairs = [text.partition(":")[::2] for text in dict.fromkeys(value)]
        if any(not (part.isascii() and part.isdecimal() and len(part) < 16) for pair in pairs for part in pair):
            raise ValidationError("页面已过期,请刷新后再勾选。")
        return [(int(pk), int(version)) for pk, version in pairs]


class BatchForm(UserForm):
    """Several publications that take one move together."""

    client_id = ClientIdField()
    rows = TicksField(label="勾选的公示")


class ReviewBatchForm(BatchForm):
    """Several reviewed together: what the second person says of each of them."""

    is_masked = forms.BooleanField(
        label="勾选的每一条都已逐行对照:没有身份证号、电话、住址和应当隐去的姓名",
        error_messages={"required": "请逐行对照后勾选。"},
    )
    is_open = forms.BooleanField(
        label="勾选的每一条都不涉及国家秘密、商业秘密和未成年人信息",
        error_messages={"required": "请核对后勾选;涉及的不要勾选,退回修改。"},
    )


class WithdrawForm(MoveForm):
    """Why it is taken back; everybody reads it."""

    note = public_text(
        "公开的撤下说明",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="任何人都会看到,不要写个人信息。",
        error_messages={"required": "请写明为什么撤下,公开页面会显示。"},
    )
