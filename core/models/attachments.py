"""Attachments: photos are uploaded first as orphans, then attached to a row inside its transaction."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import moment
from core.images import Photo, read_photo
from core.models.events import event_scope, subject_key
from core.models.states import MoveRefused

ORPHAN_LIFE = datetime.timedelta(days=3)


def _path(attachment: Attachment, _name: str) -> str:
    return f"photos/{attachment.uploaded_at:%Y/%m}/{attachment.uid.hex}-{attachment.pk or ''}{attachment.suffix}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Whose files, and of which row."""

    def of(self, subject: models.Model) -> AttachmentQuerySet:
        """The files of one row, in the order of upload."""
        model, pk = subject_key(subject)
        return self.filter(subject_model=model, subject_pk=pk).order_by("pk")

    def orphans_of(self, user: Any) -> AttachmentQuerySet:
        """What this person uploaded and has not yet attached."""
        return self.filter(by=user, attached_at=None)

    def stale(self, now: datetime.datetime) -> AttachmentQuerySet:
        """Orphans past their time to live."""
        return self.filter(attached_at=None, uploaded_at__lt=now - ORPHAN_LIFE)


class Attachment(models.Model):
    """One re-encoded photo: no metadata in the file, taken-at and position kept as data."""

    uid = models.UUIDField("上传编号", default=uuid.uuid4)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=moment.now)
    file = models.FileField("文件", upload_to=_path)
    thumbnail = models.FileField("缩略图", upload_to="thumbnails/%Y/%m")
    name = models.CharField("原文件名", max_length=120)
    media_type = models.CharField("类型", max_length=20)
    size = models.PositiveIntegerField("字节数")
    sha256 = models.CharField("摘要", max_length=64)
    source_sha256 = models.CharField("原文件摘要", max_length=64)
    width = models.PositiveIntegerField("宽")
    height = models.PositiveIntegerField("高")
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    purpose = models.CharField("用途", max_length=20, blank=True)
    subject_model = models.CharField("对象类型", max_length=80, blank=True)
    subject_pk = models.BigIntegerField("对象编号", null=True)
    enterprise_id = models.BigIntegerField("企业", null=True, db_index=True)
    attached_at = models.DateTimeField("关联时间", null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        constraints = [
            models.UniqueConstraint(fields=["by", "uid"], name="attachment_once"),
            models.CheckConstraint(
                condition=models.Q(attached_at=None, subject_pk=None) | models.Q(attached_at__isnull=False, subject_pk__isnull=False),
                name="attachment_subject",
            ),
        ]
        indexes = [models.Index(fields=["subject_model", "subject_pk"], name="attachment_subject_key")]

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """ ".jpg", ".png" or ".webp"."""
        return {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}[self.media_type]

    @property
    def receipt(self) -> str:
        """What the person sees when this one file has arrived."""
        return f"P{timezone.localtime(self.uploaded_at):%y%m%d}-{self.uid.hex[:6].upper()}"

    @classmethod
    def take_in(cls, upload: Any, *, by: Any, uid: uuid.UUID | None = None) -> Attachment:
        """Read, check, re-encode and store one uploaded photo as an orphan.

        Raises `core.images.PhotoRefused` with a Chinese sentence. The same uid again gives the same row.
        """
        uid = uid or uuid.uuid4()
        if found := cls.objects.filter(by=by, uid=uid).first():
            return found
        photo = read_photo(upload)
        row = cls._row(photo, by=by, uid=uid)
        row.file.save(row.suffix, ContentFile(photo.data), save=False)
        row.thumbnail.save(f"{uid.hex}.jpg", ContentFile(photo.thumbnail), save=False)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            row.drop_files()
            return cls.objects.get(by=by, uid=uid)
        return row

    @classmethod
    def _row(cls, photo: Photo, *, by: Any, uid: uuid.UUID) -> Attachment:
        return cls(
            uid=uid,
            by=by,
            name=photo.name,
            media_type=photo.media_type,
            size=len(photo.data),
            sha256=hashlib.sha256(photo.data).hexdigest(),
            source_sha256=photo.source_sha256,
            width=photo.width,
            height=photo.height,
            taken_at=photo.taken_at,
            latitude=photo.latitude,
            longitude=photo.longitude,
        )

    @classmethod
    def attach(cls, files: list[Attachment], subject: models.Model, *, purpose: str, by: Any) -> None:
        """Tie one's own orphans to a row; call inside the row's transaction.

        MoveRefused when one of them is tied elsewhere: a photo is evidence once.
        """
        model, pk = subject_key(subject)
        enterprise_id, _ = event_scope(subject)
        tied = (
            cls.objects.orphans_of(by)
            .filter(pk__in=[f.pk for f in files])
            .update(subject_model=model, subject_pk=pk, purpose=purpose, enterprise_id=enterprise_id, attached_at=moment.now())
        )
        if tied != len({f.pk for f in files}):
            raise MoveRefused("有照片已经用在别的记录上,不能再用一次,请重新拍照。")

    @classmethod
    def hand_on(cls, old: models.Model, new: models.Model) -> None:
        """Tie the files of one row to the row that grew out of it."""
        (model, pk), (new_model, new_pk) = subject_key(old), subject_key(new)
        cls.objects.filter(subject_model=model, subject_pk=pk).update(subject_model=new_model, subject_pk=new_pk)

    def is_visible_to(self, user: Any) -> bool:
        """An orphan: its uploader. Attached: whoever may see the row it belongs to, by that row's `for_user`."""
        if self.attached_at is None:
            return self.by_id == user.pk
        rows: QuerySet[Any] = apps.get_model(self.subject_model)._default_manager.for_user(user)  # type: ignore[attr-defined]
        return rows.filter(pk=self.subject_pk).exists()

    def discard(self) -> bool:
        """Delete an orphan and its bytes; False, and nothing touched, when it was attached meanwhile."""
        deleted, _ = Attachment.objects.filter(pk=self.pk, attached_at=None).delete()
        if deleted:
            self.drop_files()
        return bool(deleted)

    def drop_files(self) -> None:
        """Remove the stored bytes; the row is deleted by the caller."""
        self.file.delete(save=False)
        self.thumbnail.delete(save=False)
