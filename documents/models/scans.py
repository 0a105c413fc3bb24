"""Signed copies that come back on paper and are scanned."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from core import moment
from core.files import keep_whole
from core.images import clean_name
from core.models import Attachment, Event
from documents.models.document import Document

# What a scanner never writes and a stranger's file may: programs, other files, things that start by themselves.
ACTIVE = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")
# A name may be written in hexadecimal: /J#61vaScript.
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
LEAD = b"\xef\xbb\xbf \t\r\n"
HEAD, TAIL = 1024, 2048


class ScanRefused(ValueError):
    """A file that cannot be taken; the text is a Chinese sentence for the person."""


class ScanQuerySet(models.QuerySet["Scan"]):
    """Scope."""

    def for_user(self, user: Any) -> ScanQuerySet:
        """Whoever sees the paper."""
        return self.filter(document__in=Document.objects.for_user(user))


class Scan(models.Model):
    """The signed copy of a paper, scanned as a PDF; photos of it are attachments of the paper."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="scans", verbose_name="文书")
    file = models.FileField("文件", upload_to="scans/%Y/%m")
    name = models.CharField("原文件名", max_length=120)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("摘要", max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间", default=moment.now)

    objects = ScanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "签章件"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def file_away(cls, document: Document, *, pdf: tuple[str, bytes] | None, photos: list[Attachment], by: Any) -> None:
        """Put a signed copy to its paper: a PDF (name, bytes) as checked by `read_scan`, photos, or both. One Event."""
        with transaction.atomic():
            parts = [f"照片 {len(photos)} 张"] if photos else []
            if pdf is not None:
                name, data = pdf
                parts.insert(0, f"PDF“{name}”")
                digest = hashlib.sha256(data).hexdigest()
                stored = keep_whole(f"scans/{timezone.localdate():%Y/%m}/{document.pk}-{digest[:16]}.pdf", data)
                cls.objects.create(document=document, file=stored, name=name, size=len(data), sha256=digest, by=by)
            if photos:
                Attachment.attach(photos, document, purpose="scan", by=by)
            note, today = "、".join(parts), timezone.localdate()
            Event.record(document, by=by, on=today, move="file_scan", label="归档签章件", note=note, audience=document.audience)


def read_scan(upload: Any) -> tuple[str, bytes]:
    """(name, bytes) of an uploaded PDF: size first, then what it is by its bytes, then nothing active in it. Raises ScanRefused."""
    name = clean_name(upload.name)
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise ScanRefused(f"“{name}”超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB,没有上传。请降低扫描分辨率后再传。")
    data: bytes = upload.read()
    if not data[:HEAD].lstrip(LEAD).startswith(b"%PDF-"):
        raise ScanRefused(f"“{name}”不是 PDF,没有上传。照片请传到下面的照片栏。")
    if b"%%EOF" not in data[-TAIL:]:
        raise ScanRefused(f"“{name}”不完整,没有上传。请重新扫描或重新导出。")
    plain = ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), data)
    if any(word in plain for word in ACTIVE):
        raise ScanRefused(f"“{name}”里有脚本或内嵌文件,没有上传。请打印后重新扫描。")
    return name, data
