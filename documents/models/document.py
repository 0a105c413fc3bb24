"""The document: a number, frozen facts, one PDF made once; voided with a reason, corrected by a new one."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import secrets
from typing import Any

import segno
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Area
from accounts.models.areas import within
from accounts.roles import MANAGERS, WHOLE_TOWN, Role
from core import moment, pdf
from core.files import keep_whole
from core.models import Attachment, Event, MoveRefused
from core.models.events import subject_key
from core.models.work import WorkRow, WorkRowQuerySet
from core.seals import newest_line
from core.work import enqueue
from documents.models.kinds import DocumentKind
from documents.models.numbers import NumberSeries, Organ
from documents.papers import paper_of
from enterprises.models import Enterprise, Membership


def new_code() -> str:
    """120 random bits as 24 letters and digits: what the QR code leads to, not to be guessed."""
    return base64.b32encode(secrets.token_bytes(15)).decode()


def frozen(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as they come back from the database: dates and amounts are words."""
    read: dict[str, Any] = json.loads(json.dumps(facts, cls=DjangoJSONEncoder))
    return read


class DocumentQuerySet(WorkRowQuerySet):
    """Scope, and the papers of one row."""

    def for_user(self, user: Any) -> DocumentQuerySet:
        """Town: of visible enterprises, and without an enterprise of their area, or of their department. Managers: their firm's. Others: what they issued.

        What is the town's own is for its offices: villages read what a firm may read.
        """
        seen = models.Q(enterprise__in=Enterprise.objects.for_user(user))
        if user.is_town:
            held = user.membership
            seen &= models.Q() if user.is_office else models.Q(audience=Event.Audience.ALL)
            if held.role in WHOLE_TOWN:
                seen |= models.Q(within("area_id", held.area_id), enterprise=None)
            elif held.role == Role.DEPARTMENT:
                colleagues = Membership.objects.filter(department=held.department).values("user")
                seen |= models.Q(enterprise=None, issued_by__in=colleagues)
            return self.filter(seen)
        rows = self.filter(seen, audience=Event.Audience.ALL)
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

    def without_scan(self) -> DocumentQuerySet:
        """No signed copy was filed, neither as PDF nor as photos."""
        photos = Attachment.objects.filter(subject_model=Document._meta.label_lower, purpose="scan").values("subject_pk")
        return self.filter(scans=None).exclude(pk__in=photos)


class Document(WorkRow):
    """A numbered paper about one row: facts frozen at issue, PDF rendered once by a worker (architecture §1.6)."""

    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="+", verbose_name="种类")
    organ = models.CharField("机关", max_length=40)
    organ_name = models.CharField("制发单位", max_length=120, blank=True)
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
    seal = models.CharField("制发时最新的封条", max_length=160, blank=True)
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
        organ: Organ | None = None,
    ) -> Document:
        """A numbered paper with these facts, frozen; a worker makes its PDF after commit.

        Call it last in the transaction of what it documents: the number is locked until commit, so numbers have no
        gaps. `kind` is a DocumentKind's code; the edition in force on `on` is used. An Event on the subject tells it.
        `replaces` is the paper this one corrects: it is voided by the same act. Raises PaperRefused when too long.
        `organ` is the bureau that delegated the town to issue it: its name, mark and numbers (handbook §0.8).
        """
        row = cls.draft(kind, enterprise=enterprise, facts=facts, by=by, on=on, title=title, organ=organ)
        pdf.measured(row.template, row.render_context(with_photos=False))
        row.subject_model, row.subject_pk = subject_key(subject)
        row.audience, row.replaces, row.seal = audience, replaces, newest_line()
        with transaction.atomic():
            row.serial = NumberSeries.take(row.organ, kind, on.year)
            row.number = row.kind.number_for(on.year, row.serial, organ.mark if organ else "")
            row.code = new_code()
            row.save()
            # After the new one is there: what stands on the old one can stand on it.
            if replaces is not None:
                replaces.void(by=by, on=on, reason=f"更正,由 {row.number} 代替")
            note, data = str(row), {"document": row.pk}
            Event.record(subject, by=by, on=on, move="issue_paper", label="制发文书", note=note, data=data, audience=audience)
            enqueue(row)
        return row

    @classmethod
    def draft(
        cls,
        kind: str,
        *,
        enterprise: Enterprise | None,
        facts: dict[str, Any],
        by: Any,
        on: datetime.date,
        title: str = "",
        organ: Organ | None = None,
    ) -> Document:
        """The paper as it would be issued, not saved: no number, no code."""
        edition = DocumentKind.objects.in_force(on).get(code=kind)
        own = enterprise if edition.issuer == DocumentKind.Issuer.ENTERPRISE else None
        if organ and not edition.is_delegable:
            raise ValueError(f"{kind} is never issued for another organ")
        return cls(
            kind=edition,
            organ=organ.series if organ else NumberSeries.organ_of(own),
            organ_name=organ.name if organ else own.name if own else settings.ORGANISER,
            year=on.year,
            number="(预览,未编号)",
            code="",
            title=title or edition.name,
            facts=frozen(facts),
            enterprise=enterprise,
            area_id=enterprise.area_id if enterprise else settings.HOME_AREA,
            issued_on=on,
            issued_by=by,
        )

    @property
    def issuer(self) -> str:
        """Who issued it, as printed; papers from before the name was kept say today's."""
        if self.organ_name:
            return self.organ_name
        is_town = self.kind.issuer == DocumentKind.Issuer.TOWN
        return settings.ORGANISER if is_town or self.enterprise is None else self.enterprise.name

    @property
    def standing(self) -> str:
        """In a word: voided and replaced, or how far its PDF is."""
        if not self.is_valid:
            return "已作废"
        return "有效" if self.state == self.State.DONE else str(self.get_state_display())

    @property
    def tone(self) -> str:
        """The colour beside that word."""
        if not self.is_valid or self.state == self.State.PARKED:
            return "red"
        return "green" if self.state == self.State.DONE else "blue"

    @property
    def template(self) -> str:
        """The template of its kind."""
        return paper_of(self.kind.code).template

    @property
    def verify_url(self) -> str:
        """Where anybody checks it: what the QR code says. Without SITE_URL only the path."""
        return f"{settings.SITE_URL}{reverse('verify_code', args=[self.code])}"

    def render_context(self, *, with_photos: bool = True) -> dict[str, Any]:
        """What the template of a paper is given: paper, facts, issuer, is_official, qr, verify_address, with_photos."""
        return {
            "paper": self,
            "facts": self.facts,
            "issuer": self.issuer,
            "is_official": self.kind.is_official,
            "qr": segno.make(self.verify_url, error="m").png_data_uri(border=0, scale=6) if self.code else "",
            "verify_address": f"{settings.SITE_URL}{reverse('verify')}",
            "with_photos": with_photos,
        }

    def preview(self, watermark: str = "预览") -> bytes:
        """The PDF with a watermark, kept nowhere. Raises PaperRefused."""
        return pdf.render(self.template, self.render_context(), watermark=watermark)

    def void(self, *, by: Any, on: datetime.date, reason: str) -> None:
        """Keep the number, never use it again, and say why; by the side that issued it. Voiding twice is MoveRefused."""
        if not self.is_kept_by(by):
            raise MoveRefused("只有制发单位的负责人员可以作废或更正文书。")
        reason = reason.strip()[:500]
        if not reason:
            raise MoveRefused("请写明作废原因。")
        with transaction.atomic():
            stamp = {"voided_at": moment.now(), "voided_by": by, "void_reason": reason}
            if not Document.objects.valid().filter(pk=self.pk).update(**stamp):
                raise MoveRefused("这份文书已经作废。")
            for name, value in stamp.items():
                setattr(self, name, value)
            Event.record(self, by=by, on=on, move="void", label="作废文书", note=reason, audience=self.audience)

    def is_kept_by(self, user: Any) -> bool:
        """Whether this person voids, corrects and files it: a manager of the firm that issued it, an inspector when the town did.

        The system voids a notice of the town's that another row's move has overtaken.
        """
        if self.kind.issuer == DocumentKind.Issuer.TOWN:
            return user.is_system or user.role == Role.INSPECTOR
        return user.role in MANAGERS and user.membership.enterprise_id == self.enterprise_id

    @property
    def file_name(self) -> str:
        """The name of its PDF outside."""
        return f"{self.number.replace('/', '-')} {self.title.replace('/', '-')}.pdf"

    def bytes(self) -> bytes:
        """Its PDF as issued; of a voided paper a copy that says so on every page. Only when it is ready."""
        if not self.is_valid:
            return self.preview("作废")
        with self.file.open("rb") as stored:
            data: bytes = stored.read()
        return data

    def perform(self) -> str:
        """Render the frozen facts into a PDF once; it is kept whole, with its SHA-256."""
        made = pdf.make(self.template, self.render_context())
        self.sha256, self.pages = hashlib.sha256(made.data).hexdigest(), made.pages
        self.file.name = keep_whole(f"papers/{self.issued_on:%Y/%m}/{self.pk}-{self.sha256[:16]}.pdf", made.data)
        return f"共 {made.pages} 页"

    def outcome(self, message: str) -> dict[str, Any]:
        """The file, written together with "done"."""
        return {"file": self.file.name, "sha256": self.sha256, "pages": self.pages}
