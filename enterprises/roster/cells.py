"""Cleaning one cell: pure functions from what a person typed to a value, with what was done about it."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

from stdnum.cn import uscc

from core.fields import masked
from enterprises.names import visible
from enterprises.roster.columns import catalogue, text_of
from enterprises.roster.sheets import Value

MENDED, WARNED, REFUSED = "mended", "warned", "refused"
LENGTH = 18
OLD_CODES = {9: "旧的组织机构代码", 15: "旧的营业执照注册号"}
CONFUSED = {"O": "0", "I": "1", "S": "5", "Z": "2", "V": "U"}
FORMULA = ("=", "+", "-", "@")
MOST_PEOPLE = 200_000
EPOCH = datetime.date(1899, 12, 30)
FIRST_YEAR = 1900
ABOUT = re.compile(r"^(约|大约|近|余)?\s*(\d+)\s*(余|多)?\s*(人|名|个)?\s*(左右|余|多)?$")
PART = re.compile(r"(派遣|劳务|实习)\D{0,4}?(\d+)")
DAY = re.compile(r"^(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*日?$")
MONTH = re.compile(r"^(\d{4})\s*[年./\-]\s*(\d{1,2})\s*月?$")
YEAR = re.compile(r"^(\d{4})\s*年?$")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
SEPARATORS = re.compile(r"[/;、,,;\s+]+")


@dataclass(frozen=True)
class Cell:
    """A cleaned value (None: nothing to write), and, when something was done, its kind and a sentence."""

    value: Any = None
    kind: str = ""
    text: str = ""


def is_none(text: str) -> bool:
    """Whether a cell says that there is nothing."""
    return text in {"", *(text_of(word) for word in catalogue()["none"])}


def clean_name(value: Value) -> Cell:
    """The firm's name: required, never a formula."""
    raw = "" if value is None else str(value)
    name = visible(raw)
    if not name:
        return Cell(None, REFUSED, "没有企业名称,请补上")
    if text_of(name).startswith(FORMULA):
        return Cell(None, REFUSED, "名称以 = + - @ 开头,是公式不是名称,请改成文字")
    if len(name) > 120:
        return Cell(None, REFUSED, "名称超过 120 个字,请核对")
    return Cell(name, MENDED, f"去掉多余空格和看不见的字符,改为“{name}”") if name != raw else Cell(name)


def clean_code(value: Value) -> Cell:
    """The 18 characters with a right check digit; a wrong one is never guessed."""
    raw = "" if value is None else str(value)
    code = re.sub(r"[\s\-—]+", "", text_of(value)).upper()
    if not code:
        return Cell(None, REFUSED, "没有统一社会信用代码,请补上")
    if len(code) != LENGTH:
        old = f",像是{OLD_CODES[len(code)]}" if len(code) in OLD_CODES else ""
        return Cell(None, REFUSED, f"“{code[:40]}”有 {len(code)} 位{old},应为 18 位,请对照营业执照核对")
    if not uscc.is_valid(code):
        return Cell(None, REFUSED, _wrong_code(code))
    return Cell(code, MENDED, f"去掉空格、统一为大写半角,改为 {code}") if code != raw else Cell(code)


def _wrong_code(code: str) -> str:
    repairs = [(c, CONFUSED[c]) for i, c in enumerate(code) if c in CONFUSED and uscc.is_valid(code[:i] + CONFUSED[c] + code[i + 1 :])]
    hint = f";可能把 {repairs[0][1]} 写成了 {repairs[0][0]},系统不猜" if len(repairs) == 1 else ""
    return f"“{code}”校验位不符{hint},请对照营业执照逐位核对"


def clean_number(value: Value) -> Cell:
    """A count of people; 约40 is 40."""
    text = text_of(value)
    if is_none(text):
        return Cell()
    found = ABOUT.match(text)
    if found is None or int(found[2][:9]) > MOST_PEOPLE:
        return Cell(None, WARNED, f"“{text[:20]}”不是人数,未采用")
    number = int(found[2])
    return Cell(number) if text == str(number) else Cell(number, MENDED, f"“{text}”按 {number} 人")


def clean_parts(value: Value) -> Cell:
    """(dispatched, interns) from 派遣5, 实习2人 or a bare number, which counts as dispatched."""
    text = text_of(value)
    if is_none(text):
        return Cell()
    if text.isdecimal():
        number = int(text[:9])
        return Cell((number, None), MENDED, f"只写了 {number},按派遣 {number} 人,请核对") if number else Cell((0, 0))
    found = {word: int(number[:9]) for word, number in PART.findall(text)}
    dispatched, interns = found.get("派遣", found.get("劳务")), found.get("实习")
    return Cell((dispatched, interns)) if found else Cell(None, WARNED, f"“{text[:20]}”分不清派遣和实习,未采用")


def clean_phone(value: Value) -> Cell:
    """A mobile or fixed number; only digits (and the dash of an area code) stay."""
    raw = "" if value is None else str(value)
    text = text_of(value)
    if is_none(text):
        return Cell()
    digits = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", re.sub(r"[\s\-—.()]+", "", text))
    if re.fullmatch(r"1\d{10}", digits):
        how = "数字格式改为文字" if isinstance(value, int | float) else "去掉多余符号"
        return Cell(digits) if digits == raw else Cell(digits, MENDED, f"{how},改为 {masked(digits)}")
    if re.fullmatch(r"0?\d{2,3}-?\d{7,8}|\d{7,8}", re.sub(r"[\s()]+", "", text)):
        return Cell(re.sub(r"[\s()]+", "", text))
    return Cell(None, WARNED, "不是 11 位手机号或固定电话,未采用")


def clean_date(value: Value, today: datetime.date) -> Cell:
    """An ISO date; a month stands for its first day, a year for its first."""
    text = text_of(value)
    if is_none(text):
        return Cell()
    for pattern, note in ((DAY, ""), (COMPACT, ""), (MONTH, "只有年月"), (YEAR, "只有年份")):
        if found := pattern.match(text):
            return _date([int(part) for part in found.groups()], note, text, today)
    if isinstance(value, int) and 10_000 < value < 80_000:
        day = EPOCH + datetime.timedelta(days=value)
        return _date([day.year, day.month, day.day], "是 Excel 的日期序号", text, today)
    return Cell(None, WARNED, f"“{text[:20]}”不是日期,未采用")


def _date(parts: list[int], note: str, text: str, today: datetime.date) -> Cell:
    year, month, day = [*parts, 1, 1][:3]
    try:
        found = datetime.date(year, month, day)
    except ValueError:
        return Cell(None, WARNED, f"“{text}”没有这一天,未采用")
    if found > today or found.year < FIRST_YEAR:
        return Cell(None, WARNED, f"“{text}”不可能是成立日期,未采用")
    return Cell(found.isoformat(), MENDED, f"“{text}”{note},按 {found.isoformat()}") if note else Cell(found.isoformat())


def clean_industry_code(value: Value) -> Cell:
    """Two to four digits of GB/T 4754; the letter of the section may stand before them."""
    text = text_of(value).upper()
    if is_none(text):
        return Cell()
    found = re.fullmatch(r"([A-T]?)(\d{2,4})", text)
    if found is None:
        return Cell(None, WARNED, f"“{text[:20]}”不是 GB/T 4754 的 2 至 4 位代码,未采用")
    return Cell(found[2], MENDED, f"去掉门类字母,改为 {found[2]}") if found[1] else Cell(found[2])


def clean_word(value: Value, table: str) -> Cell:
    """One of our codes for a word, by the synonyms of the catalogue."""
    text = text_of(value)
    if is_none(text):
        return Cell()
    for code, words in catalogue()[table].items():
        if text in words:
            return Cell(code)
    return Cell(None, WARNED, f"“{text[:20]}”不认识,未采用")


def clean_text(value: Value, most: int) -> Cell:
    """Free text, cut to what the file holds."""
    raw = "" if value is None else str(value)
    text = visible(raw)
    if len(text) > most:
        return Cell(text[:most], WARNED, f"超过 {most} 个字,只保留前 {most} 个字")
    return Cell(text or None)


def split(text: str) -> list[str]:
    """The words of a list, whatever they are separated by."""
    return [word for word in SEPARATORS.split(text) if word]
