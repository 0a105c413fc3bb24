"""The document: a number, frozen facts, one PDF made once; voided with a reason, corrected by a new one."""

from __future__ import annotations

import base64
import datetime
import secrets
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Area
from accounts.roles import MANAGERS
from core import moment
from core.models import Event
from core.models.events import subject_key
from core.models.work import WorkRow, WorkRowQuerySet
from core.work import enqueue
from documents.models.kinds import DocumentKind
from documents.models.numbers import NumberSeries
from enterprises.models import Enterprise


def new_code() -> str:
    """120 random bits as 24 letters and digits: what the QR code leads to, not to be guessed."""
    return base64.b32encode(secrets.token_bytes(15)).decode()


class DocumentQuerySet(WorkRowQuerySet):
    """Scope, and the papers of one row."""

    def for_user(self, user: Any) -> DocumentQuerySet:
        """Town: of visible enterprises, and without an enterprise of their area. Managers: their firm's. Others: what they issued."""
        rows = self.filter(models.Q(enterprise__in=Enterprise.objects.for_user(user)) | models.Q(enterprise=None, issued_by=user))
        if user.is_town:
            return rows
        rows = rows.filter(audience=Event.Audience.ALL)
        return rows if user.role in MANAGERS else rows.filter(issued_by=user)

    def for_list(self) -> DocumentQuerySet:
        """With what a list shows, the newest first."""
        return self.select_related("kind", "enterprise", "issued_by").order_by("-pk")

    def of(self, subject: models.Model) -> DocumentQuerySet:
        """The papers about one row, oldest first."""
        model, pk = subject_key(subject)
        return self.filter(subject_model=model, subject_pk=pk).order_by("pk")

    def valid(self) -> DocumentQuerySet:
        """Not voided."""
        return self.filter(voided_at=None)


class Document(WorkRow):
    """A numbered paper about one row: facts frozen at issue, PDF rendered once by a worker (architecture §1.6)."""

    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="+", verbose_name="种类")
    organ = models.CharField("机关", max_length=40)
    year = models.PositiveSmallIntegerField("年")
    serial = models.PositiveIntegerField("流水号")
    number = models.CharField("编号", max_length=80)
    title = models.CharField("标题", max_length=200)
    facts = models.JSONField("内容", encoder=DjangoJSONEncoder)
    code = models.CharField("查验码", max_length=24, unique=True, default=new_code)
    subject_model = models.CharField("对象类型", max_length=80)
    subject_pk = models.BigIntegerField("对象编号")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name="企业")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区域")
    audience = models.CharField("可见范围", max_length=8, choices=Event.Audience, default=Event.Audience.ALL)
    issued_on = models.DateField("制发日期")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="制发人")
    issued_at = models.DateTimeField("制发时间", default=moment.now)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="更正")
    seal = models.CharField("当时最新封印", max_length=64, blank=True)
    file = models.FileField("文件", upload_to="papers/%Y/%m", blank=True)
    sha256 = models.CharField("摘要", max_length=64, blank=True, db_index=True)
    pages = models.PositiveIntegerField("页数", default=0)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废人")
    void_reason = models.CharField("作废原因", max_length=500, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta(WorkRow.Meta):
        verbose_name = verbose_name_plural = "文书"
        indexes = [*WorkRow.Meta.indexes, models.Index(fields=["subject_model", "subject_pk"], name="document_subject_key")]
        constraints = [
            *WorkRow.Meta.constraints,
            models.UniqueConstraint(fields=["organ", "kind", "year", "serial"], name="document_number_once"),
            models.CheckConstraint(
                condition=models.Q(voided_at=None, voided_by=None, void_reason="")
                | models.Q(voided_at__isnull=False, voided_by__isnull=False) & ~models.Q(void_reason=""),
                name="document_void_whole",
            ),
            models.CheckConstraint(condition=~models.Q(state="done") | ~models.Q(file="", sha256=""), name="document_done_has_file"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """The paper's page."""
        return reverse("document_detail", args=[self.pk])

    def event_scope(self) -> tuple[int | None, str]:
        """Its own scope columns for Events."""
        return self.enterprise_id, self.area_id or ""

    @property
    def is_valid(self) -> bool:
        """Not voided."""
        return self.voided_at is None

    @classmethod
    def issue(
        cls,
        kind: str,
        *,
        subject: models.Model,
        enterprise: Enterprise | None,
        facts: dict[str, Any],
        by: Any,
        on: datetime.date,
        title: str = "",
        audience: str = Event.Audience.ALL,
        replaces: Document | None = None,
    ) -> Document:
        """A numbered paper with these facts, frozen; a worker makes its PDF after commit.

        Call it last in the transaction of what it documents: the number is locked until commit, so numbers have no
        gaps. `kind` is a DocumentKind's code; the edition in force on `on` is used. An Event on the subject tells it.
        """
        edition = DocumentKind.objects.in_force(on).get(code=kind)
        model, pk = subject_key(subject)
        organ = f"enterprise:{enterprise.pk}" if edition.issuer == DocumentKind.Issuer.ENTERPRISE and enterprise else settings.HOME_AREA
        with transaction.atomic():
            serial = NumberSeries.take(organ, kind, on.year)
            row = cls.objects.create(
                kind=edition,
                organ=organ,
                year=on.year,
                serial=serial,
                number=edition.number_for(on.year, serial),
                title=title or edition.name,
                facts=facts,
                subject_model=model,
                subject_pk=pk,
                enterprise=enterprise,
                area_id=enterprise.area_id if enterprise else settings.HOME_AREA,
                audience=audience,
                issued_on=on,
                issued_by=by,
                replaces=replaces,
            )
            Event.record(
                subject, by=by, on=on, move="issue_paper", label="制发文书", note=str(row), data={"document": row.pk}, audience=audience
            )
            enqueue(row)
        return row

    def void(self, *, by: Any, on: datetime.date, reason: str) -> None:
        """Keep the number, never use it again, and say why; voiding twice is once (workflows, numbering rule)."""
        raise NotImplementedError

    def perform(self) -> str:
        """Render the frozen facts into a PDF once; store it with its SHA-256."""
        raise NotImplementedError
