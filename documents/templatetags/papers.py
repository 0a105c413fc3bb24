"""What paper templates need: photos as data, codes in groups."""

from __future__ import annotations

import base64
from typing import Any

from django import template

from core.images import shrunk
from core.models import Attachment
from core.pdf import PaperRefused

register = template.Library()
PRINTED_SIDE = 1000
GROUP = 6
ENDS = "。.;,\uff1b\uff0c"
BLANK = "\u3000" * 4


@register.filter
def grouped(code: str) -> str:
    """A code in groups of six, to be read and typed."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


@register.filter
def sentence(text: str) -> str:
    """The text with one full stop at its end; "" stays empty."""
    bare = text.strip().rstrip(ENDS)
    return f"{bare}。" if bare else ""


@register.filter
def officers(people: list[dict[str, Any]]) -> str:
    """People with the numbers of their certificates, as a sentence names them."""
    return "、".join(f"{one['name']}\uff08执法证号{one['certificate'] or BLANK}\uff09" for one in people)


@register.filter
def photo_src(photo: dict[str, Any]) -> str:
    """The photo {"pk", "sha256"} that the facts name, at print size, as a `data:` URI. PaperRefused when it is no longer the same."""
    row = Attachment.objects.filter(pk=photo["pk"], sha256=photo["sha256"]).first()
    if row is None or not row.file.storage.exists(str(row.file.name)):
        raise PaperRefused(f"第 {photo['pk']} 号照片已不在或已不是原来的一张,文书没有生成。")
    with row.file.open("rb") as stored:
        data = shrunk(stored, PRINTED_SIDE)
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
