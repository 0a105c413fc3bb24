"""Submissions: a form that a phone may send twice is taken once."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction

from core import moment
from core.models.events import subject_key


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON of a form's content."""
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Submission(models.Model):
    """What one person sent under one client-made id, and the receipt it got."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提交人")
    client_id = models.UUIDField("提交编号")
    kind = models.CharField("种类", max_length=40)
    digest = models.CharField("内容摘要", max_length=64)
    content = models.JSONField("内容", encoder=DjangoJSONEncoder)
    receipt = models.CharField("回执号", max_length=40, blank=True)
    subject_model = models.CharField("对象类型", max_length=80, blank=True)
    subject_pk = models.BigIntegerField("对象编号", null=True)
    at = models.DateTimeField("收到时间", default=moment.now)

    class Meta:
        verbose_name = verbose_name_plural = "提交"
        constraints = [models.UniqueConstraint(fields=["user", "client_id"], name="submission_once")]
        indexes = [models.Index(fields=["subject_model", "subject_pk"], name="submission_subject")]

    def __str__(self) -> str:
        return self.receipt or str(self.client_id)

    @classmethod
    def begin(cls, *, user: Any, client_id: uuid.UUID, kind: str, content: Any) -> tuple[Submission, bool]:
        """(row, new). Call inside a transaction: a second sender waits for the first to commit.

        An old row with another digest keeps the other content as a variant; the caller answers 409.
        """
        try:
            with transaction.atomic():
                return cls.objects.create(user=user, client_id=client_id, kind=kind, content=content, digest=digest(content)), True
        except IntegrityError:
            return cls.objects.get(user=user, client_id=client_id), False

    @classmethod
    def first_of(cls, subject: models.Model) -> Submission | None:
        """The submission that made or moved this row first, if any did."""
        model, pk = subject_key(subject)
        return cls.objects.filter(subject_model=model, subject_pk=pk).order_by("pk").first()

    def same(self, content: Any) -> bool:
        """Whether this content is what was received."""
        return self.digest == digest(content)

    def keep_variant(self, content: Any) -> SubmissionVariant:
        """Keep content that came under the same id but differs; once per content."""
        return SubmissionVariant.objects.get_or_create(submission=self, digest=digest(content), defaults={"content": content})[0]

    def finish(self, subject: models.Model, receipt: str) -> None:
        """Write the receipt: in the same transaction as what it acknowledges."""
        self.subject_model, self.subject_pk = subject_key(subject)
        self.receipt = receipt
        self.save(update_fields=["subject_model", "subject_pk", "receipt"])


class SubmissionVariant(models.Model):
    """Other content sent under an id already used; kept until the person chooses."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="variants", verbose_name="提交")
    digest = models.CharField("内容摘要", max_length=64)
    content = models.JSONField("内容", encoder=DjangoJSONEncoder)
    at = models.DateTimeField("收到时间", default=moment.now)
    chosen = models.CharField("选择", max_length=10, blank=True, choices=[("first", "保留先收到的"), ("second", "改用后收到的")])

    class Meta:
        verbose_name = verbose_name_plural = "不同内容的提交"
        constraints = [models.UniqueConstraint(fields=["submission", "digest"], name="submission_variant_once")]

    def __str__(self) -> str:
        return f"{self.submission} {self.at:%H:%M}"
