"""Checks: one checklist version, one unit, one window; answers saved at once, submitted once (R20–R22)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.roles import ENTERPRISE_ROLES, MANAGERS, Role
from core import moment
from core.models import Attachment, Move, MoveRefused, Stateful, Submission, SubmissionVariant
from duties.models import Occurrence, Sample
from duties.models.duty import DOERS, doers
from duties.periods import Frequency
from enterprises.models import Enterprise, Membership, Unit
from hazards.models.answers import Answer, bare
from hazards.models.checklists import Checklist, ChecklistVersion

EVERY_FILLER = DOERS
fillers = doers


class Incomplete(Exception):
    """A check that cannot be submitted yet: {position: sentence}."""

    def __init__(self, problems: dict[int, str]) -> None:
        super().__init__(f"{len(problems)} 项没有完成")
        self.problems = problems


class CheckQuerySet(models.QuerySet["Check"]):
    """Scope."""

    def for_user(self, user: Any) -> CheckQuerySet:
        """Town: of visible enterprises. Managers: of their firm. Heads and leaders: of their units. All: those they hold."""
        rows = self.filter(enterprise__in=Enterprise.objects.for_user(user))
        if user.is_town or user.role in MANAGERS:
            return rows
        own = models.Q(holder=user) | models.Q(submitted_by=user)
        if user.role in (Role.UNIT_HEAD, Role.TEAM_LEADER):
            return rows.filter(own | models.Q(unit__in=Unit.objects.led_by(user.membership)))
        return rows.filter(own)

    def for_list(self) -> CheckQuerySet:
        """With what a list shows, newest first."""
        rows = self.select_related("enterprise", "unit", "holder", "version_used__checklist").defer("version_used__items")
        failed = _count_of(Answer.objects.filter(result=Answer.Result.FAIL))
        return rows.annotate(answered=_count_of(Answer.objects.all()), failed=failed).order_by("-window_start", "-pk")


def _count_of(answers: models.QuerySet[Answer]) -> Coalesce:
    """How many of these answers a check has: counted for the rows of the page only, never joined over all answers."""
    per_check = answers.filter(check_row=models.OuterRef("pk")).order_by().values("check_row").annotate(n=models.Count("pk"))
    return Coalesce(models.Subquery(per_check.values("n")), 0)


class Check(Stateful):
    """The filled checklist of one occurrence: one unit, one day, week or month."""

    class State(models.TextChoices):
        OPEN = "open", "填写中"
        SUBMITTED = "submitted", "已提交"

    TONES = {State.OPEN: "blue", State.SUBMITTED: "green"}
    MOVES = {
        "hand_over": Move("交给别人填", {State.OPEN}, None, ENTERPRISE_ROLES, "hazards.forms.HandOverForm"),
        "submit": Move("提交检查", {State.OPEN}, State.SUBMITTED, EVERY_FILLER, "core.forms.NoteForm", "primary"),
        "keep_first": Move("保留先收到的内容", {State.SUBMITTED}, None, EVERY_FILLER),
        "correct": Move("改用后收到的内容", {State.SUBMITTED}, None, EVERY_FILLER, "hazards.forms.CorrectForm"),
    }

    occurrence = models.OneToOneField(Occurrence, models.PROTECT, null=True, blank=True, related_name="check_row", verbose_name="任务期次")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="checks", verbose_name="企业")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="checks", verbose_name="部门班组")
    version_used = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="checks", verbose_name="检查表版本")
    checklist_code = models.CharField("检查表", max_length=40)
    frequency = models.CharField("频次", max_length=10, choices=Frequency)
    window_start = models.DateField("周期开始")
    window_end = models.DateField("周期结束")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="held_checks", verbose_name="填写人")
    opened_at = models.DateTimeField("开始时间", default=moment.now)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="submitted_checks", verbose_name="提交人"
    )
    receipt = models.CharField("回执号", max_length=24, null=True, blank=True, unique=True)
    participants = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name="参加人员")

    objects = CheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查"
        indexes = [
            models.Index(fields=["enterprise", "window_start"], name="check_enterprise_window"),
            models.Index(fields=["window_start", "frequency", "state"], name="check_window_start"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(window_end__gte=models.F("window_start")), name="check_window"),
            models.CheckConstraint(
                condition=models.Q(state="open", submitted_at=None, submitted_by=None, receipt=None)
                | models.Q(state="submitted", submitted_at__isnull=False, submitted_by__isnull=False, receipt__isnull=False),
                name="check_submitted_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.title} {self.window_start:%m-%d}"

    def get_absolute_url(self) -> str:
        """The check's page."""
        return reverse("check_detail", args=[self.pk])

    @property
    def title(self) -> str:
        """The list's name."""
        return self.version_used.checklist.name

    @property
    def items(self) -> list[dict[str, Any]]:
        """The frozen items, in order; an answer's position is the index."""
        return self.version_used.items

    @property
    def is_exempt(self) -> bool:
        """Begun, and then the period was exempt."""
        return self.occurrence is not None and self.occurrence.state == Occurrence.State.EXEMPT

    @property
    def is_plants(self) -> bool:
        """The plant's own list of the ladder, led by the principal and signed by who took part (R13, R22)."""
        return self.occurrence is not None and self.occurrence.level == Unit.Kind.PLANT and self.occurrence.plan.duty.is_ladder

    @classmethod
    def start(cls, *, occurrence: Occurrence, by: Any, on: datetime.date) -> Check:
        """The check of this occurrence, made empty when there is none: yesterday's answers are never carried over.

        PermissionDenied unless the person's role may fill a list of this frequency for this unit (heads and leaders
        for what they lead, managers for the whole firm, the named person for his own). MoveRefused before the window,
        when it is exempt, and when no edition of the list is in force.
        """
        unit = occurrence.unit
        leads = by.role in MANAGERS or occurrence.responsible == by or Unit.objects.led_by(by.membership).filter(pk=unit.pk).exists()
        if by.role not in fillers(occurrence.frequency) or not leads:
            raise PermissionDenied("您的岗位不填写这个部门班组的这张检查表。")
        found = cls.objects.filter(occurrence=occurrence).first()
        if found is not None:
            return found
        if occurrence.opens_at > moment.now():
            raise MoveRefused(f"“{occurrence}”还没有开始,到时候再填。")
        if occurrence.state == Occurrence.State.EXEMPT:
            raise MoveRefused(f"“{occurrence}”已经免除,不用填。")
        checklist = Checklist.current(occurrence.plan.checklist_code, occurrence.period_start)
        if checklist is None:
            raise MoveRefused("这张检查表现在没有生效的版本,请联系镇管理员。")
        with transaction.atomic():
            row, new = cls.objects.get_or_create(
                occurrence=occurrence,
                defaults={
                    "unit": unit,
                    "checklist_code": checklist.code,
                    "window_start": occurrence.period_start,
                    "window_end": occurrence.period_end,
                    "enterprise": occurrence.enterprise,
                    "version_used": checklist.freeze(occurrence.enterprise, occurrence.period_start),
                    "frequency": occurrence.frequency,
                    "holder": by,
                    "state": cls.State.OPEN,
                },
            )
            if new:
                row.opened(by=by, on=on)
        return row

    # Who may not

    def guard_submit(self, by: Any) -> str:
        """Only who fills it, and only with a role that may (workflows §4)."""
        if self.is_exempt:
            return "这一期已经免除,不用填,也不用提交。"
        if by != self.holder:
            return f"现在由{self.holder.name}填写,请他提交或先交给您。"
        if self.is_plants and by.role != Role.PRINCIPAL:
            return "厂长(经理)月排查由主要负责人带队并提交(R13),填好后请交给他。"
        return "" if by.role in fillers(self.frequency) else "您现在的岗位不能提交这张检查表。"

    def guard_hand_over(self, by: Any) -> str:
        """Who fills it, or a manager of the firm."""
        if self.is_exempt:
            return "这一期已经免除,不用填,也不用提交。"
        return "" if by == self.holder or by.role in MANAGERS else f"现在由{self.holder.name}填写。"

    def guard_correct(self, by: Any) -> str:
        """Only who submitted it, and only when other content came under the same id."""
        if by != self.submitted_by:
            return "只有提交人能改用后收到的内容。"
        return "" if self.variants.exists() else "没有后收到的不同内容。"

    guard_keep_first = guard_correct

    @property
    def variants(self) -> models.QuerySet[SubmissionVariant]:
        """Other content that came for this check and waits for the submitter's choice."""
        received = Submission.objects.filter(subject_model=self._meta.label_lower, subject_pk=self.pk)
        return SubmissionVariant.objects.filter(submission__in=received, chosen="")

    # Verbs

    def save_answers(self, content: dict[int, dict[str, Any]], *, by: Any) -> dict[int, Answer]:
        """Write a draft's answers at once; only by who fills it, while it is open.

        {position: answer as in `Answer.content`, with `seen`, the answer's version on the page}. An answer
        changed meanwhile in another window stays as it is; those are returned, so that the page can show both.
        """
        with transaction.atomic():
            if not Check.objects.filter(pk=self.pk, state=self.State.OPEN, holder=by).update(version=models.F("version")):
                raise MoveRefused(self._why_not_saved(by))
            known = {answer.position: answer for answer in self.answers.all()}  # type: ignore[attr-defined]
            newer: dict[int, Answer] = {}
            for position, given in content.items():
                answer = known.get(position) or Answer(check_row=self, position=position)
                if answer.pk and not answer.differs(given):
                    answer.add_photos(given, by=by)
                elif answer.pk and given.get("seen") != answer.version:
                    newer[position] = answer
                else:
                    answer.write(given, by=by)
        return newer

    def _why_not_saved(self, by: Any) -> str:
        now = Check.objects.select_related("holder").get(pk=self.pk)
        if now.state != self.State.OPEN:
            return f"这次检查已经提交,回执号 {now.receipt},不能再改。"
        return f"这次检查现在由{now.holder.name}填写,您的这一项没有保存。"

    def hand_over(self, *, by: Any, on: datetime.date, to: Any, note: str = "") -> None:
        """Let another person go on filling; what is answered stays."""
        roles = fillers(self.frequency)
        if not Membership.objects.current().filter(enterprise=self.enterprise, user=to, role__in=sorted(roles)).exists():
            raise MoveRefused("只能交给本企业有权填写这张表的人。")
        self._move("hand_over", by=by, on=on, note=note, data={"lines": [f"{self.holder.name} → {to.name}"]}, holder=to)

    def submit(
        self,
        *,
        by: Any,
        on: datetime.date,
        content: dict[int, dict[str, Any]] | None = None,
        note: str = "",
        participants: list[Any] | None = None,
    ) -> str:
        """Take it in with its receipt number; each FAIL makes its hazard in the same transaction (R20–R23).

        `content` are answers sent along, written first; `participants` who took part in the plant's own list. Raises
        Incomplete when an item is unanswered or a FAIL lacks its description or photo; then nothing is written. The
        occurrence is done by it, in time or late. Returns the receipt number.
        """
        with transaction.atomic():
            if self.state == self.State.OPEN:
                newer = self.save_answers(content or {}, by=by)
                problems = self.problems() | {p: f"在别处已改为“{a.get_result_display()}”,请看过再提交" for p, a in newer.items()}
                if problems:
                    raise Incomplete(problems)
            self._check_level(by, participants or [])
            at = moment.now()
            fails = list(self.answers.filter(result=Answer.Result.FAIL).order_by("position"))  # type: ignore[attr-defined]
            receipt = f"JC{on:%Y%m%d}-{self.pk:06d}"
            self._move(
                "submit",
                by=by,
                on=on,
                note=note,
                data={"lines": [f"回执 {receipt}", f"共 {len(self.items)} 项,不合格 {len(fails)} 项"]},
                submitted_at=at,
                submitted_by=by,
                receipt=receipt,
            )
            self.participants.set(participants or [])
            for answer in fails:
                answer.make_hazard(by=by, on=on)
            if self.occurrence:
                self.occurrence.refresh_from_db()
                self.occurrence.finish(by=by, on=on, record=self)
        return receipt

    def _check_level(self, by: Any, participants: list[Any]) -> None:
        """What the levels above the team owe besides their items: the samples looked at, the plant's people named."""
        if self.state != self.State.OPEN or self.occurrence is None:
            return
        open_samples = Sample.objects.unanswered().filter(upper=self.occurrence).exclude(lower__done_by=by)
        if open_samples.exists():
            raise MoveRefused(f"还有 {open_samples.count()} 次下级检查等您抽查,请先给出结论。")
        if self.is_plants and not participants:
            raise MoveRefused("请勾选参加这次月排查的人员(签到)。")

    def keep_first(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Stay with what was received first, as the person chose; what came second is kept on file."""
        with transaction.atomic():
            self._move("keep_first", by=by, on=on, note=note)
            self.variants.update(chosen="first")

    def correct(self, *, by: Any, on: datetime.date, variant: SubmissionVariant, note: str = "") -> None:
        """Use the content that came second under the same id, as the person chose.

        New FAILs make hazards; hazards already made stay and must be rejected with a reason.
        """
        content = {int(position): given for position, given in variant.content.items()}
        with transaction.atomic():
            before = {a.position: a.content() for a in self.answers.all()}  # type: ignore[attr-defined]
            changed = [p for p, given in content.items() if before.get(p) != bare(given)]
            names = "、".join(self.items[p]["name"] for p in changed[:20])
            self._move("correct", by=by, on=on, note=note, data={"lines": [f"改动 {len(changed)} 项:{names}"]})
            for answer in self.answers.filter(position__in=changed):  # type: ignore[attr-defined]
                answer.write(content[answer.position], by=by)
            lacking = [f"{self.items[p]['name']}({text})" for p, text in self.problems(set(changed)).items()]
            if lacking:
                raise MoveRefused(f"后收到的内容不完整,不能改用:{'、'.join(lacking[:5])}。请在“随手拍”里补报。")
            for answer in self.answers.filter(position__in=changed, result=Answer.Result.FAIL, hazard=None):  # type: ignore[attr-defined]
                answer.make_hazard(by=by, on=on)
            SubmissionVariant.objects.filter(pk=variant.pk).update(chosen="second")

    def problems(self, positions: set[int] | None = None) -> dict[int, str]:
        """{position: what is missing}, of all items or of these: each answered, each FAIL with description and photo.

        A FAIL that has its hazard already had both.
        """
        answers = {a.position: a for a in self.answers.select_related("hazard")}  # type: ignore[attr-defined]
        photographed = set(
            Attachment.objects.filter(subject_model=Answer._meta.label_lower, subject_pk__in=[a.pk for a in answers.values()]).values_list(
                "subject_pk", flat=True
            )
        )
        found: dict[int, str] = {}
        for position in sorted(positions) if positions is not None else range(len(self.items)):
            answer = answers.get(position)
            if answer is None:
                found[position] = "还没有填"
            elif answer.result == Answer.Result.FAIL and not answer.note:
                found[position] = "不合格,请写明情况"
            elif answer.result == Answer.Result.FAIL and answer.pk not in photographed and not hasattr(answer, "hazard"):
                found[position] = "不合格,请拍照片"
        return found
