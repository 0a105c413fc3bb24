"""Is this paper genuine: by its code, by number and date, by the PDF's own bytes. Nothing of the content is told."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import re
import zlib
from dataclasses import dataclass
from typing import Any

from django.db import models

from documents.models import Document

CODE = re.compile(rb"(?<![A-Z2-7])[A-Z2-7]{24}(?![A-Z2-7])")
OBJECT_STREAM = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)
# Whatever brackets a keyboard has: 〔2026〕 for the year, () for the organ.
BRACKETS = str.maketrans("[]【】\uff3b\uff3d\uff08\uff09", "〔〕〔〕〔〕()")
CODES_TRIED = 20
INFLATED = 1024 * 1024
# A paper of ours has few object streams; a file made to keep the server busy has a million.
STREAMS_TRIED, STREAM_BYTES = 200, 1024 * 1024


class Verdict(models.TextChoices):
    """What the page says."""

    GENUINE = "genuine", "真实有效"
    VOIDED = "voided", "已作废"
    ALTERED = "altered", "与原件不一致"
    UNKNOWN = "unknown", "没有查到"


@dataclass(frozen=True)
class Answer:
    """A verdict, how it was reached, and the paper it is about."""

    verdict: Verdict
    by: str
    paper: Document | None = None

    @property
    def tone(self) -> str:
        """The colour beside the word."""
        return {Verdict.GENUINE: "green", Verdict.UNKNOWN: "secondary"}.get(self.verdict, "red")


def _answer(by: str, paper: Document | None, found: Verdict = Verdict.GENUINE) -> Answer:
    if paper is None:
        return Answer(Verdict.UNKNOWN, by)
    return Answer(found if paper.is_valid else Verdict.VOIDED, by, paper)


def _papers() -> Any:
    return Document.objects.select_related("kind", "replaced_by").defer("facts")


def normal_code(text: str) -> str:
    """A code as typed or scanned: without blanks and dashes, in capitals; the address around it is taken off."""
    tail = text.strip().rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[\s\-·]", "", tail).upper()


def by_code(text: str) -> Answer:
    """By the code under the QR code."""
    code = normal_code(text)
    is_code = CODE.fullmatch(code.encode("utf-8", "replace")) is not None
    return _answer("code", _papers().filter(code=code).first() if is_code else None)


def by_number(number: str, on: datetime.date) -> Answer:
    """By number and date of issue together; a valid one counts before a voided one of another firm."""
    wanted = re.sub(r"\s", "", number).translate(BRACKETS)
    found = list(_papers().filter(issued_on=on, number__in={wanted, wanted.replace("(", "\uff08").replace(")", "\uff09")}))
    return _answer("number", min(found, key=lambda paper: not paper.is_valid, default=None))


def by_file(data: bytes) -> Answer:
    """By the bytes: the same as issued; or a paper of ours that was changed, known by the code it still carries."""
    same = _papers().filter(sha256=hashlib.sha256(data).hexdigest()).first()
    if same is not None:
        return _answer("file", same)
    named = _papers().filter(code__in=codes_in(data)).first()
    return _answer("file", named, Verdict.ALTERED)


def codes_in(data: bytes) -> list[str]:
    """What looks like a code in a PDF, as it stands and inside compressed objects (as other programs save them)."""
    found = dict.fromkeys(CODE.findall(data))
    room = INFLATED
    for start in itertools.islice(OBJECT_STREAM.finditer(data), STREAMS_TRIED):
        packed = data[start.end() : start.end() + STREAM_BYTES]
        try:
            plain = zlib.decompressobj().decompress(packed, room)
        except zlib.error:
            continue
        found |= dict.fromkeys(CODE.findall(plain))
        room -= len(plain)
        if room <= 0:
            break
    return [code.decode() for code in list(found)[:CODES_TRIED]]
