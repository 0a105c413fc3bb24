"""Masking: what is found, what is left alone, and both texts side by side."""

import time

import pytest

from documents.masking import Line, compare, leaks, propose, short

ID = "110101199003077758"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"身份证{ID}", ["身份证号"]),
        ("身份证11010119900307775X,", ["身份证号"]),
        ("身份证1101 0119 9003 0777 58", ["身份证号"]),
        ("身份证110101-19900307-7758", ["身份证号"]),
        ("老身份证110101900307775", ["身份证号"]),
        ("电话13812345678", ["手机号"]),
        ("tel13812345678", ["手机号"]),
        ("电话138 1234 5678", ["手机号"]),
        ("电话+86 138-1234-5678", ["手机号"]),
        ("电话\uff11\uff13\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", ["手机号"]),
        ("电话138\u200b1234\u200b5678", ["手机号"]),
        ("卡号6222021234567890128", ["银行卡号"]),
        (f"张三 {ID} 13812345678", ["身份证号", "手机号"]),
    ],
)
def test_personal_numbers_are_found_however_they_are_written(text, kinds):
    assert leaks(text) == kinds
    assert leaks(propose(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01至2026-03-08共8天",
        "2026-3-15 2026-03-18",
        "罚款50000 30000 200000元",
        "统一社会信用代码915001107093847562",
        "统一社会信用代码91500110MA0000017K",
        "(綦石)应急复查〔2026〕13号,面积1380㎡,①防护罩②急停",
        "编号YH2026-138123456789",
    ],
)
def test_dates_amounts_and_codes_are_left_alone(text):
    assert leaks(text) == []
    assert propose(text) == text


def test_the_proposal_shortens_names_and_leaves_addresses_out():
    text = "法定代表人(负责人)\uff1a欧阳建国\uff0c联系人:张小明\uff0c住址\uff1a石角镇刘罗坪村3组12号\uff0c李四到场。欧阳建国、王五签字\uff0c电话023-48612345\uff0c邮箱a@b.cn"
    masked = "法定代表人(负责人)\uff1a欧阳某某\uff0c联系人:张某某\uff0c住址\uff1a(略)\uff0c李某到场。欧阳某某、王五签字\uff0c电话***********\uff0c邮箱***@***"
    assert propose(text, ["李四"]) == masked
    assert propose(masked, ["李四"]) == masked


def test_a_name_keeps_its_surname():
    assert [short(name) for name in ("张三", "张小明", "欧阳锋", "诸葛建国", "欧阳")] == ["张某", "张某某", "欧阳某", "诸葛某某", "欧某"]


def test_both_texts_stand_side_by_side():
    assert compare("甲\n联系人张三\n丙", "甲\n联系人张某\n丙\n丁") == [
        Line([("甲", False)], [("甲", False)], False),
        Line([("联系人张", False), ("三", True)], [("联系人张", False), ("某", True)], True),
        Line([("丙", False)], [("丙", False)], False),
        Line([], [("丁", True)], True),
    ]
    assert compare("", "") == []


def test_a_long_text_is_compared_in_time():
    """20,000 characters on one line: the line is marked as a whole."""
    long = "防护罩缺失" * 4000
    assert compare(long, long + "甲") == [Line([(long, True)], [(long + "甲", True)], True)]


def test_texts_made_to_keep_the_server_busy_take_no_time():
    """The same line over and over, and letters without end before an @: both once took half a minute."""
    begun = time.monotonic()
    lines = compare("甲\n" * 1000, "甲\n乙\n" * 500)
    longer = compare("\n" * 10_000, "甲\n" * 10_000)
    proposed = propose("a" * 20_000 + "@")
    assert (len(longer), {line.differs for line in longer}, proposed) == (10_000, {True}, "a" * 20_000 + "@")
    assert "".join(text for line in lines for text, _ in line.after) == "甲乙" * 500
    assert time.monotonic() - begun < 5
