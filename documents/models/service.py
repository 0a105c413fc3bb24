"""Service (送达): how, when and to whom a town's paper was handed over; the party's periods start the day after."""

from __future__ import annotations

import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse

from accounts.models.areas import within
from accounts.roles import Role
from core import clock, moment
from core.models import Attachment, Event, MoveRefused
from documents.models.document import Document
from documents.models.kinds import DocumentKind
from enterprises.models import Membership

SERVERS = frozenset({Role.INSPECTOR})


def needs_service(document: Document) -> bool:
    """Whether the paper must reach a party: the town issued it to a firm that may see it."""
    to_party = document.enterprise_id is not None and document.audience == Event.Audience.ALL
    return to_party and document.kind.issuer == DocumentKind.Issuer.TOWN


def inspectors_of(user: Any) -> models.QuerySet[Any]:
    """The pks of the town's inspectors in office in this person's area: who may hand a paper over."""
    held = Membership.objects.current().filter(within("area_id", user.membership.area_id), role__in=SERVERS)
    return held.values_list("user", flat=True)


def check_days(document: Document, day: datetime.date, today: datetime.date) -> None:
    """MoveRefused when nothing can have been sent or handed over that day."""
    if day < document.issued_on:
        raise MoveRefused(f"不能早于文书的制发日期 {document.issued_on:%Y-%m-%d}。")
    if day > today:
        raise MoveRefused("送达、寄出和公告的日期都不能晚于今天。")


class ServiceQuerySet(models.QuerySet["Service"]):
    """Scope, and which records count."""

    def for_user(self, user: Any) -> ServiceQuerySet:
        """Of the papers this person may see."""
        return self.filter(document__in=Document.objects.for_user(user))

    def for_list(self) -> ServiceQuerySet:
        """With what a page shows, the newest first."""
        return self.select_related("server", "second_server", "by", "corrected_by").order_by("-pk")

    def standing(self) -> ServiceQuerySet:
        """Not corrected by a later record."""
        return self.filter(corrected_by=None)

    def done(self, today: datetime.date) -> ServiceQuerySet:
        """Standing, and the day of service has come: an announcement serves only when its period is over."""
        return self.standing().filter(served_on__lte=today)


class Service(models.Model):
    """One handing-over of a paper with its receipt; never changed: a correction is a new record naming the old."""

    class Method(models.TextChoices):
        DIRECT = "direct", "直接送达"
        LEFT = "left", "留置送达"
        MAIL = "mail", "邮寄送达"
        ENTRUSTED = "entrusted", "委托送达"
        ANNOUNCED = "announced", "公告送达"
        ELECTRONIC = "electronic", "电子送达"

    SENT = (Method.MAIL, Method.ANNOUNCED)
    REFERENCES = {
        Method.MAIL: "邮件号",
        Method.ENTRUSTED: "受委托单位",
        Method.ANNOUNCED: "公告载体",
        Method.ELECTRONIC: "确认的电子地址",
    }

    document = models.ForeignKey(Document, models.PROTECT, related_name="services", verbose_name="文书")
    method = models.CharField("送达方式", max_length=12, choices=Method)
    receiver = models.CharField("签收人", max_length=60)
    receiver_role = models.CharField("签收人身份", max_length=60)
    sent_on = models.DateField("发出日期", null=True, blank=True)
    served_on = models.DateField("送达日期")
    place = models.CharField("送达地点", max_length=200)
    reference = models.CharField("凭据", max_length=200, blank=True)
    confirmed_on = models.DateField("书面确认日期", null=True, blank=True)
    refusal = models.CharField("拒收情况", max_length=300, blank=True)
    witnesses = models.CharField("见证人", max_length=200, blank=True)
    is_recorded = models.BooleanField("过程已拍照或录像", default=False)
    server = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="送达人")
    second_server = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="第二送达人"
    )
    note = models.CharField("备注", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=moment.now)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="更正")
    correction_reason = models.CharField("更正原因", max_length=300, blank=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "送达"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(method="left") & ~models.Q(refusal="") & (~models.Q(witnesses="") | models.Q(is_recorded=True))
                | ~models.Q(method="left") & models.Q(refusal=""),
                name="service_refusal_witnessed",
            ),
            models.CheckConstraint(condition=~models.Q(method="left") | models.Q(second_server__isnull=False), name="service_left_by_two"),
            models.CheckConstraint(
                condition=models.Q(method__in=("mail", "announced"), sent_on__isnull=False, sent_on__lte=models.F("served_on"))
                | ~models.Q(method__in=("mail", "announced")) & models.Q(sent_on=None),
                name="service_sent_before_served",
            ),
            models.CheckConstraint(condition=models.Q(method__in=("direct", "left")) | ~models.Q(reference=""), name="service_reference"),
            models.CheckConstraint(
                condition=models.Q(method="electronic", confirmed_on__isnull=False, confirmed_on__lte=models.F("served_on"))
                | ~models.Q(method="electronic") & models.Q(confirmed_on=None),
                name="service_electronic_confirmed",
            ),
            models.CheckConstraint(
                condition=models.Q(second_server=None) | ~models.Q(second_server=models.F("server")), name="service_two_servers"
            ),
            models.CheckConstraint(
                condition=models.Q(corrects=None, correction_reason="")
                | models.Q(corrects__isnull=False) & ~models.Q(correction_reason=""),
                name="service_correction_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.served_on}"

    def get_absolute_url(self) -> str:
        """The page of the paper's service."""
        return reverse("service_list", args=[self.document_id])

    def event_scope(self) -> tuple[int | None, str]:
        """As of its paper."""
        return self.document.event_scope()

    @property
    def period_starts_on(self) -> datetime.date:
        """The first day that counts for the party: the day after (民法典第201条). `clock.due_on` is given `served_on`."""
        return self.served_on + datetime.timedelta(days=1)

    @property
    def reference_label(self) -> str:
        """What `reference` is in this method."""
        return self.REFERENCES.get(self.Method(self.method), "")

    @classmethod
    def record(
        cls,
        document: Document,
        *,
        by: Any,
        on: datetime.date,
        photos: list[Attachment] | None = None,
        corrects: Service | None = None,
        correction_reason: str = "",
        **facts: Any,
    ) -> Service:
        """Register how a paper was served, with photos of the receipt; an Event of the paper's subject tells it (2021处罚法 §61).

        An announcement has no `served_on`: it serves when its period (`service.announcement`) after `sent_on` is over.
        MoveRefused for a paper that needs no service, is void, or for days that cannot be.
        """
        if by.role not in SERVERS:
            raise PermissionDenied("只有镇执法人员可以登记送达。")
        with transaction.atomic():
            paper = Document.objects.select_for_update(of=("self",)).select_related("kind").get(pk=document.pk)
            check_days(paper, facts.get("sent_on") or facts["served_on"], on)
            if facts["method"] == cls.Method.ANNOUNCED:
                facts["served_on"] = clock.due_on("service.announcement", facts["sent_on"])
            row = cls(document=paper, by=by, corrects=corrects, correction_reason=correction_reason, **facts)
            row._check(on)
            row.save()
            Attachment.attach(photos or [], row, purpose="receipt", by=by)
            row._tell(by=by, on=on)
        return row

    def _check(self, today: datetime.date) -> None:
        """MoveRefused with a sentence when this cannot have happened."""
        paper = self.document
        if not needs_service(paper):
            raise MoveRefused("这份文书不需要送达:只有镇发给企业的文书才登记送达。")
        if not paper.is_valid:
            raise MoveRefused("这份文书已作废,不能再登记送达。")
        if self.method != self.Method.ANNOUNCED:
            check_days(paper, self.served_on, today)
        present = set(inspectors_of(self.by))
        if {self.server_id, self.second_server_id} - {None} - present:
            raise MoveRefused("送达人须是本镇在岗的执法人员。")
        if self.corrects and (self.corrects.document_id != paper.pk or Service.objects.filter(corrects=self.corrects).exists()):
            raise MoveRefused("这条送达记录已经被更正过,请更正最新的那一条。")
        if not self.corrects and paper.services.standing().exists():  # type: ignore[attr-defined]
            raise MoveRefused("这份文书已经登记过送达。登记有误请用“更正”。")

    def _tell(self, *, by: Any, on: datetime.date) -> None:
        subject = apps.get_model(self.document.subject_model)._base_manager.get(pk=self.document.subject_pk)
        who = "、".join(person.name for person in (self.server, self.second_server) if person)
        lines = [
            f"文书:{self.document.number}",
            f"方式:{self.get_method_display()}",
            f"签收人:{self.receiver}({self.receiver_role})",
            f"送达日期:{self.served_on:%Y-%m-%d},期限自 {self.period_starts_on:%Y-%m-%d} 起算",
            f"送达人:{who}",
        ]
        Event.record(
            subject,
            by=by,
            on=on,
            move="correct_service" if self.corrects else "serve",
            label="更正送达" if self.corrects else "送达",
            note=self.correction_reason,
            data={"document": self.document_id, "service": self.pk, "served_on": self.served_on, "lines": lines},
            audience=self.document.audience,
        )
