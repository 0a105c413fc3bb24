"""Masking: what of a text must not be published, a proposal without it, and both texts line by line."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from stdnum import luhn

LABELS = "法定代表人|主要负责人|实际控制人|负责人|投资人|联系人|当事人|经办人|整改人|责任人|发现人|举报人|投诉人|受伤人员|死者|伤者|姓名"
ADDRESSES = "家庭住址|户籍地址|户籍所在地|现住址|住址|家住"
DOUBLE = ("欧阳", "上官", "司马", "诸葛", "皇甫", "夏侯", "尉迟", "公孙", "慕容", "令狐", "东方", "司徒", "长孙", "宇文", "端木")
EXACT = 400
# Longer texts are compared line by line as they stand: looking for moved lines would take minutes.
LINES = 1000
GAP = r"[ \t\-–—·.]{0,2}"
HAN = "㐀-䶿一-鿿"

ID_NUMBER = re.compile(rf"(?<![0-9])[1-8](?:{GAP}[0-9]){{16}}{GAP}[0-9Xx](?![0-9])|(?<![0-9])[1-8][0-9]{{14}}(?![0-9])")
CARD = re.compile(rf"(?<![0-9])[3-6][0-9]{{3}}(?:{GAP}[0-9]{{4}}){{2,3}}{GAP}[0-9]{{1,4}}(?![0-9])")
MOBILE = re.compile(rf"(?<![0-9])(?:\+?86{GAP})?1[3-9][0-9]{GAP}[0-9]{{4}}{GAP}[0-9]{{4}}(?![0-9])")
LANDLINE = re.compile(r"(?<![0-9A-Za-z])[(\uff08]?0[0-9]{2,3}[)\uff09]?[ \-–—]?[2-9][0-9]{6,7}(?![0-9A-Za-z])")
MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
NAME = re.compile(rf"(?:{LABELS})(?:[(\uff08][^)\uff09\n]{{0,12}}[)\uff09])?[ \t]*[:\uff1a][ \t]*(?P<name>[{HAN}·]{{2,4}})(?![{HAN}])")
ADDRESS = re.compile(rf"(?:{ADDRESSES})[ \t]*[:\uff1a]?[ \t]*(?P<address>[^,\uff0c。;\uff1b\n]+)")


class Line(NamedTuple):
    """One line of two texts: the pieces of each as (text, differs)."""

    before: list[tuple[str, bool]]
    after: list[tuple[str, bool]]
    differs: bool


def is_id_number(text: str) -> bool:
    """Whether digits have the shape of a resident's number: a province, a day of birth; a wrong check digit still tells a person."""
    number = "".join(c for c in text if c.isalnum())
    born = number[6:14] if len(number) == 18 else "19" + number[6:12]
    return 11 <= int(number[:2]) <= 83 and "1900" <= born[:4] <= "2099" and "01" <= born[4:6] <= "12" and "01" <= born[6:] <= "31"


def is_card(text: str) -> bool:
    """Whether digits are a bank card's: by their number and check digit."""
    number = "".join(c for c in text if c.isdigit())
    return 15 <= len(number) <= 19 and luhn.is_valid(number)


HARD: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("身份证号", ID_NUMBER, is_id_number),
    ("银行卡号", CARD, is_card),
    ("手机号", MOBILE, bool),
)


def leaks(text: str) -> list[str]:
    """The kinds of personal numbers still in a text ("身份证号", "手机号" …); what holds one is never published."""
    text = plain(text)
    return [kind for kind, pattern, check in HARD if any(check(found.group()) for found in pattern.finditer(text))]


def propose(text: str, names: Iterable[str] = ()) -> str:
    """The text with numbers starred, addresses left out and persons shortened to 张某某; a person decides.

    `names` are persons known to appear; others are found only behind a label like 联系人:.
    """
    text = plain(text)
    for _, pattern, check in HARD:
        text = pattern.sub(partial(starred, check=check), text)
    text = LANDLINE.sub(starred, text)
    text = MAIL.sub("***@***", text)
    text = ADDRESS.sub(lambda found: found.group().replace(found["address"], "(略)"), text)
    known = {name for name in names if len(name) > 1} | {found["name"] for found in NAME.finditer(text)}
    for name in sorted(known, key=len, reverse=True):
        text = text.replace(name, short(name))
    return text


def short(name: str) -> str:
    """The surname, and 某 for each other character: 张小明 → 张某某."""
    kept = 2 if name.startswith(DOUBLE) and len(name) > 2 else 1
    return name[:kept] + "某" * (len(name) - kept)


def starred(found: re.Match[str], check: Callable[[str], bool] = bool) -> str:
    """One star for each letter and digit of what was found; what does not stand the check stays."""
    text = found.group()
    return "*" * sum(c.isalnum() for c in text) if check(text) else text


def plain(text: str) -> str:
    """Wide digits and letters as narrow ones, invisible characters gone; everything else as it is."""
    return "".join(_narrow(c) for c in text if unicodedata.category(c) != "Cf")


def _narrow(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return unicodedata.normalize("NFKC", char) if "\uff01" <= char <= "\uff5e" and char.isalpha() else char


def compare(before: str, after: str) -> list[Line]:
    """Both texts side by side, line by line, with the pieces that differ."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for kind, i, j, k, m in _moves(old, new):
        left, right = old[i:j], new[k:m]
        for row in range(max(len(left), len(right))):
            a, b = left[row] if row < len(left) else "", right[row] if row < len(right) else ""
            lines.append(Line(*_pieces(a, b), a != b or kind == "insert" or kind == "delete"))
    return lines


def _moves(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    if max(len(old), len(new)) > LINES:
        return [("replace", 0, len(old), 0, len(new))]
    # Lines that come again and again (blank ones) are not looked for in long texts, else the time grows with the cube.
    return list(difflib.SequenceMatcher(None, old, new).get_opcodes())


def _pieces(a: str, b: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    if a == b or max(len(a), len(b)) > EXACT:
        return [(a, a != b)], [(b, a != b)]
    codes = difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(a[i:j], kind != "equal") for kind, i, j, _, _ in codes if j > i], [
        (b[k:m], kind != "equal") for kind, _, _, k, m in codes if m > k
    ]
