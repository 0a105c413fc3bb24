"""What a form says of an answer it cannot take: sentences of ours, on every page."""

import re

import pytest
from django import forms
from django.urls import reverse

from accounts.models import User
from core.form_sentences import SENTENCES
from core.forms import RowsField
from tests.hazards import course

pytestmark = pytest.mark.django_db
MACHINE = ("确保", "确认小数", "确认总共", "空字符串", "字符数", "输入一个", "输入整数")


def write(client, plan, **typed):
    """{field: sentences} of the plan's page."""
    response = client.post(reverse("fix_plan_move", args=[plan.pk, "write"]), {"version": plan.version, **typed})
    assert response.status_code == 422
    text = response.content.decode()
    assert [words for words in MACHINE if words in text] == []
    assert all(sentence in text for sentences in response.context["form"].errors.values() for sentence in sentences)
    return response.context["form"].errors


def test_a_page_says_in_sentences_what_is_wrong(people, sign_in):
    client, plan = sign_in(people.safety), course.confirmed(people).plan
    errors = write(client, plan, measures="换" * 5001, funds_source="自\0筹", funds_amount="12.345", due_on="明天", goal="目标")
    assert errors == {
        "measures": ["最多 5000 个字,现在有 5001 个,请删减后再提交。"],
        "funds_source": ["里面有看不见的字符,多半是从别处复制时带来的,请删掉重新填写。"],
        "funds_amount": ["最多写到小数点后 2 位,请四舍五入。"],
        "due_on": ["请按 2026-11-25 的样子填写日期。"],
    }


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1234567890123.45", "数字太长,连小数最多 12 位,请核对。"),
        ("12345678901", "数字太大,小数点前最多 10 位,请核对。"),
        ("0.001", "最多写到小数点后 2 位,请四舍五入。"),
        ("-1", "金额不能是负数。"),
        ("三万", "请写数字,例如 35000。"),
    ],
)
def test_an_amount_is_judged_in_sentences_and_a_fields_own_come_first(people, sign_in, typed, sentence):
    errors = write(sign_in(people.safety), course.confirmed(people).plan, funds_amount=typed)
    assert sentence in errors["funds_amount"]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (forms.CharField(min_length=3), "甲", "至少 3 个字,现在只有 1 个,请补充后再提交。"),
        (forms.IntegerField(min_value=1), "0", "最小是 1,请改大。"),
        (forms.IntegerField(max_value=9), "10", "最大是 9,请改小。"),
        (forms.IntegerField(), "甲", "请填整数,例如 30。"),
        (forms.DecimalField(), "NaN", "请填数字,例如 3.5。"),
        (forms.FloatField(), "甲", "请填数字,例如 3.5。"),
        (forms.CharField(), "", "请填写。"),
        (forms.ChoiceField(choices=[("a", "甲")]), "b", "请从列表里选择。"),
        (forms.MultipleChoiceField(choices=[("a", "甲")]), ["b"], "请从列表里选择。"),
        (forms.ModelChoiceField(User.objects.none()), "x", "请从列表里选择。"),
        (forms.ModelMultipleChoiceField(User.objects.none()), ["x"], "请从列表里选择。"),
        (forms.CharField(max_length=1, error_messages={"max_length": "太长"}), "甲乙", "太长"),
    ],
)
def test_every_field_has_them(field, typed, sentence):
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(typed)
    assert refused.value.messages == [sentence]


def test_all_sentences_end_as_sentences_and_tell_what_to_do():
    words = [text for sentences in SENTENCES.values() for text in sentences.values()]
    assert [text for text in words if not re.search("请.*。$", text)] == []


@pytest.mark.parametrize("key", ["99999999999999999999", "-99999999999999999999", "x", "0", "\0"])
def test_a_key_that_no_row_can_have_is_one_that_is_not_offered(db, key):
    class Chosen(forms.Form):
        rows = RowsField(queryset=User.objects.all())

    form = Chosen({"rows": [key]})
    assert form.errors["rows"] == ["请从列表里选择。"]
