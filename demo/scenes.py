"""Drawn photos for the demo: a simple scene before and after."""

from __future__ import annotations

import datetime
import io
from functools import lru_cache
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from core import moment
from core.models import Attachment
from core.models.events import event_scope, subject_key

COPIED = ("file", "thumbnail", "name", "media_type", "size", "sha256", "source_sha256", "width", "height")
FLOOR, WALL, STEEL, DANGER, SAFE = "#b9b4aa", "#d9dde0", "#6b7885", "#c0392b", "#2e8b57"


@lru_cache(maxsize=64)
def scene(kind: int, fixed: bool) -> bytes:
    """JPEG of one of four scenes: machine guard, wiring, passage, cylinder."""
    image = Image.new("RGB", (800, 600), WALL)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 400, 800, 600), fill=FLOOR)
    (_machine, _cabinet, _passage, _cylinders)[kind % 4](draw, fixed)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _machine(draw: ImageDraw.ImageDraw, fixed: bool) -> None:
    draw.rectangle((220, 160, 580, 480), fill=STEEL)
    draw.ellipse((330, 230, 470, 370), fill="#3b444d")
    if fixed:
        draw.rectangle((310, 210, 490, 390), outline=SAFE, width=12)
        for x in range(330, 490, 24):
            draw.line((x, 215, x, 385), fill=SAFE, width=5)
    else:
        draw.ellipse((330, 230, 470, 370), outline=DANGER, width=8)


def _cabinet(draw: ImageDraw.ImageDraw, fixed: bool) -> None:
    draw.rectangle((280, 120, 520, 460), fill=STEEL)
    if fixed:
        draw.rectangle((295, 135, 505, 445), fill="#8b98a5")
        draw.ellipse((480, 280, 496, 296), fill=SAFE)
    else:
        draw.rectangle((295, 135, 505, 445), fill="#2d343b")
        for x, colour in ((330, DANGER), (380, "#e0a030"), (430, "#3a6ea5")):
            draw.line((x, 150, x + 40, 430), fill=colour, width=8)


def _passage(draw: ImageDraw.ImageDraw, fixed: bool) -> None:
    draw.polygon(((300, 400), (500, 400), (700, 600), (100, 600)), fill="#d8cf6a")
    if not fixed:
        for x, y in ((300, 420), (400, 400), (360, 480)):
            draw.rectangle((x, y, x + 110, y + 90), fill="#8d6e4b", outline=DANGER, width=5)


def _cylinders(draw: ImageDraw.ImageDraw, fixed: bool) -> None:
    for x in (300, 420):
        draw.rounded_rectangle((x, 180, x + 80, 500), 30, fill="#2f6f9f")
    if fixed:
        draw.line((250, 320, 560, 320), fill=SAFE, width=12)


class Album:
    """Each drawn scene taken in once, like any upload; every further photo of it is a row over the same stored file."""

    def __init__(self, keeper: Any) -> None:
        self.keeper = keeper
        self.taken: dict[tuple[int, bool], Attachment] = {}

    def upload(self, by: Any, kind: int, *, fixed: bool) -> list[Attachment]:
        """One photo as an orphan of this person's, to be attached by a verb."""
        row = self._copy(kind, fixed, by=by, uploaded_at=moment.now())
        row.save()
        return [row]

    def print(self, kind: int, fixed: bool, *, by: Any, at: datetime.datetime, subject: Any, purpose: str) -> Attachment:
        """One photo tied to a row, not saved yet; for whoever writes many at once."""
        model, pk = subject_key(subject)
        tied = {"subject_model": model, "subject_pk": pk, "purpose": purpose, "attached_at": at}
        return self._copy(kind, fixed, by=by, uploaded_at=at, enterprise_id=event_scope(subject)[0], **tied)

    def _copy(self, kind: int, fixed: bool, **facts: Any) -> Attachment:
        key = (kind % 4, fixed)
        if key not in self.taken:
            file = ContentFile(scene(*key), name="现场照片.jpg")
            self.taken[key] = Attachment.take_in(file, by=self.keeper)
            Attachment.objects.filter(pk=self.taken[key].pk).delete()
        first = self.taken[key]
        return Attachment(**{name: getattr(first, name) for name in COPIED}, **facts)
