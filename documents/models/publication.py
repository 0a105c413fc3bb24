"""Publication (公示): drafted with its masking, reviewed by another person, published, withdrawn with an explanation or expired."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Area, User
from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core import clock, moment
from core.fields import EncryptedField
from core.models import Counter, Event, Move, MoveRefused, Stateful
from core.models.submissions import digest
from documents.masking import leaks
from documents.models.document import Document
from documents.models.service import Service, needs_service
from enterprises.models import Enterprise

DRAFTERS = frozenset({Role.INSPECTOR, Role.REVIEWER})
CHECKERS = frozenset({Role.REVIEWER, Role.LEADER, Role.INSPECTOR})
BODY_MAX = 20_000
WRITING = ("open", "revise")


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Scope inside the town, and what anyone may read."""

    def for_user(self, user: Any) -> PublicationQuerySet:
        """The whole town's roles: of visible enterprises, and without an enterprise of their area. Nobody else: drafts hold what must not out."""
        if user.role not in WHOLE_TOWN:
            return self.none()
        town = models.Q(enterprise=None) & within("area_id", user.membership.area_id)
        return self.filter(models.Q(enterprise__in=Enterprise.objects.for_user(user)) | town)

    def for_list(self) -> PublicationQuerySet:
        """With what a list shows, the newest first."""
        return self.with_corrections().select_related("enterprise", "document", "drafted_by", "reviewed_by").order_by("-pk")

    def public(self, today: datetime.date) -> PublicationQuerySet:
        """What anyone may read: published and not past its last day, the newest first."""
        return self.filter(state=Publication.State.PUBLISHED, expires_on__gte=today).order_by("-published_on", "-pk")

    def withdrawn(self) -> PublicationQuerySet:
        """Taken back; their explanation is public, their content is not."""
        return self.filter(state=Publication.State.WITHDRAWN).order_by("-withdrawn_on", "-pk")

    def once_public(self) -> PublicationQuerySet:
        """Whatever has a number: public, withdrawn or expired."""
        return self.exclude(number=None)

    def over(self, today: datetime.date) -> PublicationQuerySet:
        """Published, and past the last day."""
        return self.filter(state=Publication.State.PUBLISHED, expires_on__lt=today)

    def late(self, today: datetime.date) -> PublicationQuerySet:
        """Not published by the day the rule sets."""
        return self.filter(state__in=Publication.UNPUBLISHED, due_on__lt=today)

    def with_corrections(self) -> PublicationQuerySet:
        """With what they correct, and in `published_corrections` what corrects them and is or was public: a draft tells nobody."""
        told = models.Prefetch("corrections", Publication.objects.once_public().order_by("pk"), to_attr="published_corrections")
        return self.select_related("corrects").prefetch_related(told)

    def void(self) -> PublicationQuerySet:
        """Public although their paper was voided: to be withdrawn with an explanation (2021处罚法 §48)."""
        return self.filter(state=Publication.State.PUBLISHED, document__voided_at__isnull=False)

    def waiting_for(self, user: Any) -> PublicationQuerySet:
        """Where the next step is this person's: another's draft to review, what was reviewed to publish, what is void to withdraw."""
        if user.role not in CHECKERS:
            return self.none()
        drafts = models.Q(state=Publication.State.DRAFT, is_returned=False) & ~models.Q(drafted_by=user)
        own = models.Q(state=Publication.State.DRAFT, is_returned=True, drafted_by=user)
        ready = models.Q(state=Publication.State.REVIEWED)
        void = models.Q(state=Publication.State.PUBLISHED, document__voided_at__isnull=False)
        return self.for_user(user).filter(drafts | own | ready | void)

    def to_review(self, user: Any) -> PublicationQuerySet:
        """Drafts that are not back with their drafter, and that this person did not write: the same question as `guard_review`."""
        wrote = Event.objects.filter(subject_model=Publication._meta.label_lower, subject_pk=models.OuterRef("pk"), by=user)
        mine = models.Exists(wrote.filter(move__in=WRITING))
        return self.filter(~mine, state=Publication.State.DRAFT, is_returned=False).exclude(drafted_by=user)

    def to_publish(self, today: datetime.date) -> PublicationQuerySet:
        """Reviewed, their paper stands and was served where it must be: the same question as `guard_publish`."""
        served = models.Exists(Service.objects.done(today).filter(document=models.OuterRef("document")))
        to_party = models.Q(document__enterprise__isnull=False, document__audience=Event.Audience.ALL, document__kind__issuer="town")
        free = models.Q(document=None) | models.Q(document__voided_at=None) & (~to_party | models.Q(served))
        return self.filter(free, state=Publication.State.REVIEWED)

    def expire(self, today: datetime.date) -> int:
        """Take what is over off the public site, as the system; how many. Run again it changes nothing."""
        return Publication._move_many(self.over(today), "expire", by=User.objects.system(), on=today)


class Publication(Stateful):
    """A notice on the public site; its content is frozen from the review on, and nothing shows before it is published (R76, workflows §12)."""

    class State(models.TextChoices):
        DRAFT = "draft", "待审核"
        REVIEWED = "reviewed", "待发布"
        PUBLISHED = "published", "公示中"
        WITHDRAWN = "withdrawn", "已撤下"
        EXPIRED = "expired", "已到期"
        DROPPED = "dropped", "草稿作废"

    class Kind(models.TextChoices):
        RANDOM = "random", "双随机抽查结果"
        INSPECTION = "inspection", "检查结果"
        PENALTY = "penalty", "行政处罚"
        HAZARD = "hazard", "重大隐患治理"
        LISTING = "listing", "挂牌督办"
        DELISTING = "delisting", "摘牌"
        STANDARD = "standard", "标准化达标"
        ACCIDENT = "accident", "事故调查和评估"
        CIRCULAR = "circular", "通报"
        DISHONEST = "dishonest", "失信名单"
        OTHER = "other", "其他公告"

    UNPUBLISHED = (State.DRAFT, State.REVIEWED)
    LIVE = (*UNPUBLISHED, State.PUBLISHED)
    DUE = {Kind.PENALTY: "publication.due.penalty"}
    EXPIRE = {Kind.PENALTY: "publication.expire.penalty"}
    TONES = {State.DRAFT: "orange", State.REVIEWED: "blue", State.PUBLISHED: "green", State.WITHDRAWN: "red"}
    MOVES = {
        "revise": Move("修改草稿", {State.DRAFT}, None, DRAFTERS, "documents.forms_publications.ReviseForm"),
        "review": Move("审核通过", {State.DRAFT}, State.REVIEWED, CHECKERS, "documents.forms_publications.ReviewForm", "primary"),
        "publish": Move(
            "发布",
            {State.REVIEWED},
            State.PUBLISHED,
            CHECKERS,
            tone="primary",
            description="发布后任何人都能看到,内容不能再改,只能撤下并说明。",
        ),
        "send_back": Move("退回修改", {State.DRAFT, State.REVIEWED}, State.DRAFT, CHECKERS, "core.forms.ReasonForm", "danger"),
        "drop": Move(
            "作废草稿",
            {State.DRAFT, State.REVIEWED},
            State.DROPPED,
            DRAFTERS,
            "core.forms.ReasonForm",
            "danger",
            "不再公示。作废后不能恢复,需要时另拟一条。",
        ),
        "withdraw": Move(
            "撤下并说明",
            {State.PUBLISHED},
            State.WITHDRAWN,
            CHECKERS,
            "documents.forms_publications.WithdrawForm",
            "danger",
            "公开页面不再显示内容,只显示下面的说明。撤下后不能恢复,需要时另拟一条。",
        ),
        "be_corrected": Move("已由另一条更正", {State.PUBLISHED, State.WITHDRAWN, State.EXPIRED}, None, CHECKERS, is_offered=False),
        "expire": Move("公示到期", {State.PUBLISHED}, State.EXPIRED, frozenset()),
    }

    kind = models.CharField("种类", max_length=12, choices=Kind)
    number = models.CharField("公示号", max_length=16, unique=True, null=True, blank=True)
    title = models.CharField("标题", max_length=120)
    party = models.CharField("当事人", max_length=120, blank=True)
    original = EncryptedField("原文")
    body = models.TextField("公开正文", max_length=BODY_MAX)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="publications", verbose_name="文书")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="publications", verbose_name="企业")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="更正的公示")
    inspected_on = models.DateField("检查日期", null=True, blank=True)
    starts_on = models.DateField("起算日期")
    due_on = models.DateField("公示期限")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="拟稿人")
    is_returned = models.BooleanField("已退回", default=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    published_on = models.DateField("公示日期", null=True, blank=True)
    expires_on = models.DateField("公示到", null=True, blank=True)
    withdrawn_on = models.DateField("撤下日期", null=True, blank=True)
    explanation = models.CharField("撤下说明", max_length=500, blank=True)

    published_corrections: list[Publication]  # of `with_corrections`

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        indexes = [models.Index(fields=["state", "published_on"], name="publication_state_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="draft", reviewed_by=None)
                | models.Q(state="dropped")
                | ~models.Q(state__in=("draft", "dropped")) & models.Q(reviewed_by__isnull=False),
                name="publication_reviewed",
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=models.Q(state__in=("draft", "reviewed", "published"), corrects=None),
                name="publication_one_live",
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=models.Q(state__in=("draft", "reviewed", "published")), name="publication_one_correction"
            ),
            models.CheckConstraint(
                condition=models.Q(corrects=None) | ~models.Q(corrects=models.F("id")), name="publication_corrects_another"
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by=None) | ~models.Q(reviewed_by=models.F("drafted_by")), name="publication_second_person"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "reviewed", "dropped"), number=None, published_on=None, expires_on=None)
                | ~models.Q(state__in=("draft", "reviewed", "dropped"))
                & models.Q(number__isnull=False, published_on__isnull=False, expires_on__gte=models.F("published_on")),
                name="publication_published",
            ),
            models.CheckConstraint(
                condition=models.Q(state="withdrawn", withdrawn_on__isnull=False) & ~models.Q(explanation="")
                | ~models.Q(state="withdrawn") & models.Q(withdrawn_on=None, explanation=""),
                name="publication_explained",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page inside the town."""
        return reverse("publication_detail", args=[self.pk])

    def event_scope(self) -> tuple[int | None, str]:
        """Its own scope columns for Events."""
        return self.enterprise_id, self.area_id or ""

    @property
    def is_late(self) -> bool:
        """Not published by the day the rule sets."""
        return self.state in self.UNPUBLISHED and self.due_on < today()

    @property
    def is_void(self) -> bool:
        """Public although its paper was voided."""
        return self.state == self.State.PUBLISHED and self.document is not None and not self.document.is_valid

    @property
    def withdraw_by_on(self) -> datetime.date | None:
        """The last day to withdraw it after its paper was voided (`publication.withdraw`)."""
        if not self.is_void or self.document is None or self.document.voided_at is None:
            return None
        return clock.due_on("publication.withdraw", timezone.localdate(self.document.voided_at))

    @property
    def content_digest(self) -> str:
        """SHA-256 of what is shown; kept in the Events of review and publication, which are sealed."""
        more = [self.inspected_on, self.corrects.number if self.corrects else ""] if self.inspected_on or self.corrects else []
        return digest([self.kind, self.title, self.party, self.body, *more])

    @property
    def is_corrigible(self) -> bool:
        """Was public and is not over, and nothing that corrects it is under way or public: then a correction may be drafted."""
        may = self.state in (self.State.PUBLISHED, self.State.WITHDRAWN)
        return may and not self.corrections.filter(state__in=self.LIVE).exists()  # type: ignore[attr-defined]

    @classmethod
    def draft(
        cls,
        *,
        by: Any,
        on: datetime.date,
        document: Document | None = None,
        enterprise: Enterprise | None = None,
        kind: str,
        starts_on: datetime.date,
        inspected_on: datetime.date | None = None,
        corrects: Publication | None = None,
        **texts: str,
    ) -> Publication:
        """A draft with its original text and what of it may be public; another person reviews it (workflows §12).

        `texts` are title, party, original and body. The last day to publish is set now, from `starts_on`.
        """
        if by.role not in DRAFTERS:
            raise PermissionDenied("您的岗位不能拟公示。")
        refuse_leaks(texts["title"], texts["party"], texts["body"])
        enterprise = document.enterprise if document else enterprise
        with transaction.atomic():
            refuse_taken(document, corrects)
            row = cls.objects.create(
                state=cls.State.DRAFT,
                kind=kind,
                document=document,
                enterprise=enterprise,
                area_id=enterprise.area_id if enterprise else by.membership.area_id,
                starts_on=starts_on,
                due_on=publish_by(kind, starts_on),
                inspected_on=inspected_on,
                corrects=corrects,
                drafted_by=by,
                **texts,
            )
            row.opened(by=by, on=on, note=f"更正 {corrects.number}" if corrects else "")
        return row

    def correct(self, *, by: Any, on: datetime.date, **texts: Any) -> Publication:
        """A draft that corrects this one: of the same kind, firm and paper, or of the last that took its place; this one stays as it is."""
        paper = self.document
        while newer := getattr(paper, "replaced_by", None):
            paper = newer
        facts: dict[str, Any] = {"kind": self.kind, "inspected_on": self.inspected_on, "document": paper, "enterprise": self.enterprise}
        return Publication.draft(by=by, on=on, starts_on=on, corrects=self, **facts, **texts)

    # Who may not

    def guard_review(self, by: Any) -> str:
        """Whoever wrote any of it does not review it."""
        wrote = Event.objects.of(self).filter(move__in=WRITING, by=by).exists()
        return "审核人不能是拟稿人或改过稿的人。" if wrote or by == self.drafted_by else ""

    def guard_send_back(self, by: Any) -> str:
        """A draft is sent back by another; its drafter simply revises it."""
        return "这是您自己的草稿,请直接修改。" if self.state == self.State.DRAFT and by == self.drafted_by else ""

    def guard_publish(self, by: Any) -> str:
        """A paper that must be served was served, and stands."""
        paper = self.document
        if paper is None:
            return ""
        if not paper.is_valid:
            return "依据的文书已作废,不能发布。"
        if needs_service(paper) and not paper.services.done(today()).exists():  # type: ignore[attr-defined]
            return "依据的文书还没有送达当事人,不能发布。请先登记送达。"
        return ""

    # Verbs

    def revise(self, *, by: Any, on: datetime.date, title: str, party: str, original: str, body: str, note: str = "") -> None:
        """Change the draft; whoever does has written it, and cannot review it."""
        refuse_leaks(title, party, body)
        texts: dict[str, Any] = {"title": title, "party": party, "original": original, "body": body}
        self._move("revise", by=by, on=on, note=note, drafted_by=by, is_returned=False, **texts)

    def review(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """A second person has compared both texts: nothing personal or secret is left in what will be public."""
        refuse_leaks(self.title, self.party, self.body)
        self._move("review", by=by, on=on, note=note, data={"content": self.content_digest}, reviewed_by=by)

    def send_back(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Back to the drafter with the reason."""
        self._move("send_back", by=by, on=on, note=note, reviewed_by=None, is_returned=True)

    def publish(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Show it to everyone under a number of its own, until the last day by the rule of that day."""
        expires_on = clock.due_on(self.EXPIRE.get(self.Kind(self.kind), "publication.expire"), on)
        with transaction.atomic():
            number = f"{on.year}-{Counter.take(f'publication:{on.year}'):05d}"
            data = {"content": self.content_digest, "lines": [f"公示号:{number}", f"公示到:{expires_on:%Y-%m-%d}"]}
            self._move("publish", by=by, on=on, note=note, data=data, number=number, published_on=on, expires_on=expires_on)
            if self.corrects_id:
                Publication.objects.get(pk=self.corrects_id).be_corrected(by=by, on=on, note=f"更正见 {number}")

    def be_corrected(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows the publication of its correction; what it said stays readable, with the way to the correction."""
        self._move("be_corrected", by=by, on=on, note=note)

    def drop(self, *, by: Any, on: datetime.date, note: str) -> None:
        """It is not to be public, and why; what was never public has nothing to explain to anybody outside."""
        self._move("drop", by=by, on=on, note=note)

    def withdraw(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Take it back: the public reads the explanation and no longer the content (2021处罚法 §48)."""
        refuse_leaks(note)
        self._move("withdraw", by=by, on=on, note=note, withdrawn_on=on, explanation=note)

    def expire(self, *, by: Any, on: datetime.date) -> None:
        """The last day is past; the system's own move."""
        self._move("expire", by=by, on=on)


def today() -> datetime.date:
    """The business day of the moment records are stamped with."""
    return timezone.localdate(moment.now())


def publish_by(kind: str, starts_on: datetime.date) -> datetime.date:
    """The last day to publish, by the rule in force on the starting day; MoveRefused when none was."""
    try:
        return clock.due_on(Publication.DUE.get(Publication.Kind(kind), "publication.due"), starts_on)
    except clock.NoRule as error:
        raise MoveRefused(f"{starts_on:%Y-%m-%d} 没有适用的公示期限规则,请核对起算日期。") from error


def refuse_leaks(*texts: str) -> None:
    """MoveRefused when one of them still holds personal numbers."""
    found = sorted({kind for text in texts for kind in leaks(text)})
    if found:
        raise MoveRefused(f"要公开的文字里还有{'、'.join(found)},请先遮盖。")


def refuse_taken(document: Document | None, corrects: Publication | None) -> None:
    """MoveRefused when the paper or what is to be corrected stands in the way; both are locked, in the caller's transaction."""
    if corrects and not Publication.objects.select_for_update(of=("self",)).get(pk=corrects.pk).is_corrigible:
        raise MoveRefused("这条公示没有发布、已到期,或已有一条更正,不能再拟更正。")
    if document:
        refuse_document(Document.objects.select_for_update(of=("self",)).get(pk=document.pk), corrects)


def refuse_document(document: Document, corrects: Publication | None = None) -> None:
    """MoveRefused when the paper is the town's own, is void, or already has a publication under way that this one does not correct."""
    if document.audience == Event.Audience.TOWN:
        raise MoveRefused("这份文书只供镇内使用,不能公示。")
    if not document.is_valid:
        raise MoveRefused("这份文书已作废,不能公示。")
    if corrects is None and Publication.objects.filter(document=document, state__in=Publication.LIVE).exists():
        raise MoveRefused("这份文书已有一条公示,不用再拟。")
