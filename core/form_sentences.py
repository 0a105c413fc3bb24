"""What a form says of an answer it cannot take: our own sentences in place of the framework's, for every form at once.

A field's own `error_messages` still come first. A text that a validator gives by code is replaced by the field's text
of the same code, so the sentences stand on the base of all fields.
"""

from __future__ import annotations

from django import forms

SENTENCES: dict[type[forms.Field], dict[str, str]] = {
    forms.Field: {
        "required": "请填写。",
        "max_length": "最多 %(limit_value)d 个字,现在有 %(show_value)d 个,请删减后再提交。",
        "min_length": "至少 %(limit_value)d 个字,现在只有 %(show_value)d 个,请补充后再提交。",
        "null_characters_not_allowed": "里面有看不见的字符,多半是从别处复制时带来的,请删掉重新填写。",
        "max_value": "最大是 %(limit_value)s,请改小。",
        "min_value": "最小是 %(limit_value)s,请改大。",
        "max_digits": "数字太长,连小数最多 %(max)s 位,请核对。",
        "max_decimal_places": "最多写到小数点后 %(max)s 位,请四舍五入。",
        "max_whole_digits": "数字太大,小数点前最多 %(max)s 位,请核对。",
    },
    forms.ChoiceField: {"required": "请选择。", "invalid_choice": "请从列表里选择。"},
    forms.MultipleChoiceField: {"invalid_choice": "请从列表里选择。", "invalid_list": "请从列表里选择。"},
    forms.ModelChoiceField: {"required": "请选择。", "invalid_choice": "请从列表里选择。"},
    forms.ModelMultipleChoiceField: {
        "invalid_choice": "请从列表里选择。",
        "invalid_list": "请从列表里选择。",
        "invalid_pk_value": "请从列表里选择。",
    },
    forms.BooleanField: {"required": "请勾选。"},
    forms.FileField: {"required": "请选择文件。", "invalid": "文件没有传上来,请重新选择。", "empty": "文件是空的,请重新选择。"},
    forms.IntegerField: {"invalid": "请填整数,例如 30。"},
    forms.FloatField: {"invalid": "请填数字,例如 3.5。"},
    forms.DecimalField: {"invalid": "请填数字,例如 3.5。"},
    forms.DateField: {"invalid": "请按 2026-11-25 的样子填写日期。"},
}


def install() -> None:
    """Put the sentences in the place of the framework's; once, at the start."""
    for field, sentences in SENTENCES.items():
        field.default_error_messages = {**field.__dict__.get("default_error_messages", {}), **sentences}
