"""The hazard: reported, assigned, rectified, accepted by another person (R23, workflows §1)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import MANAGERS, Role
from core import clock, moment
from core.models import Attachment, Counter, DeadlineRule, MoveRefused, Signature
from enterprises.models import Enterprise, Membership, Unit
from enterprises.models.enterprise import SMALLEST
from hazards.models import machine
from hazards.models.extensions import Extension
from hazards.models.machine import ASSIGNERS
from hazards.models.major import FIRM, TOWN
from hazards.models.measures import InterimMeasure
from hazards.models.ordered import OrderedRemoval
from hazards.models.plans import FiveFixPlan
from hazards.models.reports import MajorReport

LONGEST = datetime.timedelta(days=366)
TO_PROPOSE = "可能是重大隐患的,请用“提请认定重大”,写明理由。"


class HazardQuerySet(models.QuerySet["Hazard"]):
    """Scope and derived states."""

    def for_user(self, user: Any) -> HazardQuerySet:
        """Town: of visible enterprises. Managers: of their firm. Heads and leaders: their units' and their own. Others: their own."""
        rows = self.filter(enterprise__in=Enterprise.objects.for_user(user))
        if user.is_town or user.role in MANAGERS:
            return rows
        own = models.Q(found_by=user) | models.Q(rectifier=user)
        if user.role in (Role.UNIT_HEAD, Role.TEAM_LEADER):
            return rows.filter(own | models.Q(unit__in=Unit.objects.led_by(user.membership)))
        return rows.filter(own)

    def for_list(self) -> HazardQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "unit", "rectifier", "found_by").order_by("-pk")

    def open(self) -> HazardQuerySet:
        """Neither closed nor rejected."""
        return self.exclude(state__in=(Hazard.State.CLOSED, Hazard.State.REJECTED))

    def pressing_first(self) -> HazardQuerySet:
        """What is, or may be, major before the rest, then by the last day."""
        rank = models.Case(models.When(level=Hazard.Level.MAJOR, then=0), default=1)
        return self.order_by(rank, "due_on", "pk")

    def overdue(self, today: datetime.date) -> HazardQuerySet:
        """Open, not waiting for acceptance, and past the day it was due."""
        return self.filter(state__in=Hazard.IN_WORK, due_on__lt=today)

    def recheck_where_due(self, today: datetime.date) -> int:
        """Major ones past their plan's day without an application go to the re-check, by the system, whose period runs from that day; how many."""
        rows = self.filter(state=Hazard.State.RECTIFYING, major_on__isnull=False, due_on__lt=today)
        by, moved = User.objects.system(), 0
        for day in list(rows.order_by("due_on").values_list("due_on", flat=True).distinct()):
            due = clock.due_on("hazard.recheck", day)
            moved += Hazard._move_many(rows.filter(due_on=day), "recheck_due", by=by, on=today, recheck_by_on=due)
        return moved

    def waiting_for(self, user: Any) -> HazardQuerySet:
        """Where the next step is this person's: to assign, to rectify, to accept, to decide, to sign, to re-check."""
        mine = models.Q(state__in=Hazard.IN_WORK, rectifier=user)
        for_town = models.Q(source=Hazard.Source.INSPECTION) | models.Q(level=Hazard.Level.MAJOR)
        small = models.Q(enterprise__headcount__lte=SMALLEST)
        fixed = models.Q(state=Hazard.State.PENDING_ACCEPTANCE, ordered_by="") & ~models.Q(rectifier=user)
        asked = models.Q(pk__in=Extension.objects.open().exclude(asked_by=user).values("hazard"), state__in=Hazard.IN_WORK)
        if user.role in MANAGERS | {Role.UNIT_HEAD, Role.TEAM_LEADER}:
            mine |= fixed & ~for_town & ~small & ~models.Q(found_by=user)
        if user.role in ASSIGNERS:
            mine |= models.Q(state=Hazard.State.REPORTED)
        if user.role in MANAGERS:
            mine |= asked & ~models.Q(source=Hazard.Source.INSPECTION)
        if user.role == Role.INSPECTOR:
            mine |= fixed & (for_town | small) | asked & models.Q(source=Hazard.Source.INSPECTION)
        if user.role == Role.VILLAGE:
            mine |= fixed & small & ~for_town
        return self.for_user(user).filter(mine | self._major_for(user))

    def _major_for(self, user: Any) -> models.Q:
        """Of suspected and major hazards: to sign, to plan, to receive a plan, to report, to re-check, to examine measures."""
        suspected = models.Q(level=Hazard.Level.MAJOR, major_on=None, state__in=machine.SUSPECT)
        if user.role in MANAGERS:
            to_sign = suspected & models.Q(models.Exists(signed(FIRM).exclude(by=user)), ~models.Exists(signed(FIRM).filter(by=user)))
            owed = models.Q(pk__in=MajorReport.objects.owed().exclude(to=MajorReport.To.DISTRICT).values("hazard"))
            return models.Q(state__in=(Hazard.State.MAJOR_CONFIRMED, Hazard.State.PLAN_APPROVED)) | to_sign | owed
        if user.role == Role.INSPECTOR:
            to_sign = suspected & models.Q(~models.Exists(signed(TOWN).filter(by=user)))
            submitted = FiveFixPlan.objects.filter(state=FiveFixPlan.State.SUBMITTED)
            to_district = MajorReport.objects.owed().filter(to=MajorReport.To.DISTRICT)
            examine = models.Q(state=Hazard.State.CLOSED, pk__in=InterimMeasure.objects.in_force().values("hazard"))
            asked = models.Q(pk__in=submitted.values("hazard")) | models.Q(pk__in=to_district.values("hazard"))
            return to_sign | asked | examine | models.Q(state=Hazard.State.PENDING_RECHECK)
        return models.Q(pk__in=())


def signed(side: str) -> models.QuerySet[Signature]:
    """Signatures of this side under the finding of the hazard at hand, for `Exists`."""
    finding = {"subject_pk": models.OuterRef("pk"), "round": models.OuterRef("round")}
    return Signature.objects.filter(subject_model="hazards.hazard", move=f"confirm_major.{side}", **finding)


class Hazard(OrderedRemoval):
    """Something found that must be put right: place, description, photo, who, until when."""

    State = machine.State
    Level = machine.Level
    Source = machine.Source
    IN_WORK = machine.IN_WORK
    PLANNING = machine.PLANNING
    TONES = machine.TONES
    MOVES = machine.MOVES

    number = models.CharField("编号", max_length=20, unique=True)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="hazards", verbose_name="企业")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="hazards", verbose_name="部门班组")
    answer = models.OneToOneField("hazards.Answer", models.PROTECT, null=True, blank=True, related_name="hazard", verbose_name="检查项")
    source = models.CharField("来源", max_length=12, choices=Source)
    level = models.CharField("级别", max_length=10, choices=Level, default=Level.NORMAL)
    place = models.CharField("位置", max_length=100)
    description = models.CharField("情况描述", max_length=500)
    basis = models.CharField("依据", max_length=300, blank=True)
    found_on = models.DateField("发现日期")
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="found_hazards", verbose_name="发现人")
    decide_by_on = models.DateField("受理期限")
    proposed_due_on = models.DateField("建议期限", null=True, blank=True)
    rectifier = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="assigned_hazards", verbose_name="整改人"
    )
    due_on = models.DateField("整改期限", null=True, blank=True)
    measures = models.CharField("整改措施", max_length=500, blank=True)
    fixed_on = models.DateField("整改日期", null=True, blank=True)
    accept_by_on = models.DateField("验收期限", null=True, blank=True)
    closed_on = models.DateField("销案日期", null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="验收人")

    objects = HazardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "隐患"
        indexes = [models.Index(fields=["enterprise", "state", "due_on"], name="hazard_enterprise_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_on=None, closed_by=None) | models.Q(closed_on__isnull=False, closed_by__isnull=False),
                name="hazard_closed_pair",
            ),
            models.CheckConstraint(condition=~models.Q(state="closed") | models.Q(closed_on__isnull=False), name="hazard_closed_on"),
            models.CheckConstraint(
                condition=models.Q(state__in=("reported", "rejected", *machine.PLANNING))
                | models.Q(due_on__isnull=False) & (models.Q(rectifier__isnull=False) | ~models.Q(ordered_by="")),
                name="hazard_assigned_pair",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=(*machine.PLANNING, "pending_recheck")) | models.Q(major_on__isnull=False),
                name="hazard_major_on",
            ),
            models.CheckConstraint(condition=models.Q(major_on=None) | models.Q(level="major"), name="hazard_major_level"),
            models.CheckConstraint(
                condition=models.Q(closed_by=None) | ~models.Q(closed_by=models.F("rectifier")), name="hazard_acceptor_not_rectifier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.description[:30]}"

    def get_absolute_url(self) -> str:
        """The hazard's page."""
        return reverse("hazard_detail", args=[self.pk])

    @classmethod
    def report(cls, *, by: Any, on: datetime.date, enterprise: Enterprise, photos: list[Attachment] | None = None, **facts: Any) -> Hazard:
        """Register a hazard with its number and its first Event; `photos` are the finder's uploads (R23)."""
        with transaction.atomic():
            number = f"YH{on.year}-{Counter.take(f'hazard:{on.year}'):06d}"
            row = cls.objects.create(
                number=number,
                enterprise=enterprise,
                state=cls.State.REPORTED,
                found_by=by,
                found_on=on,
                decide_by_on=clock.due_on("hazard.decide", on),
                **facts,
            )
            row.opened(by=by, on=on, note=row.description)
            Attachment.attach(photos or [], row, purpose="before", by=by)
        return row

    # Facts

    def get_level_display(self) -> str:  # type: ignore[no-redef]
        """The level's name; a major hazard is a suspected one until it is confirmed."""
        return "重大" if self.is_major else str(self.Level(self.level).label)

    @property
    def is_open(self) -> bool:
        """Neither closed nor rejected."""
        return self.state not in (self.State.CLOSED, self.State.REJECTED)

    def is_overdue(self, today: datetime.date | None = None) -> bool:
        """Open, not waiting for acceptance, and past the day it was due."""
        return self.state in self.IN_WORK and self.due_on is not None and self.due_on < (today or timezone.localdate())

    @property
    def step_by_on(self) -> datetime.date | None:
        """The last day of the step it waits for: the plan, the re-check, else the rectification."""
        steps = {self.State.MAJOR_CONFIRMED: self.plan_by_on, self.State.PENDING_RECHECK: self.recheck_by_on}
        return steps.get(self.State(self.state), self.due_on)

    @property
    def open_extension(self) -> Extension | None:
        """The request for more time that nobody has answered yet."""
        return self.extensions.open().first()  # type: ignore[attr-defined]

    def default_rule(self, level: str, on: datetime.date) -> DeadlineRule:
        """This level's DeadlineRule on that day; a suspected major one has the shortest."""
        return clock.rule_on(f"hazard.general.{self.Level.MINOR if level == self.Level.MAJOR else level}", on)

    def default_due_on(self, level: str, on: datetime.date) -> datetime.date:
        """The last day by this level's DeadlineRule."""
        return clock.due_on(self.default_rule(level, on).code, on)

    # Who may not

    def guard_start_fix(self, by: Any) -> str:
        """Only the rectifier."""
        return "" if by == self.rectifier else "只有整改人能做这一步。"

    guard_submit_fix = guard_start_fix

    def guard_ask_extension(self, by: Any) -> str:
        """Only the rectifier, one request at a time; under an order the firm asks for the order."""
        if self.is_ordered:
            return "责令整改的隐患,请由企业在责令整改指令上申请延期。"
        return self.guard_start_fix(by) or ("已有一个延期申请在等答复。" if self.open_extension else "")

    def guard_grant_extension(self, by: Any) -> str:
        """There is a request, and it is another's; what the town found the town decides."""
        asked = self.open_extension
        if asked is None:
            return "没有等待答复的延期申请。"
        if by.is_town != (self.source == self.Source.INSPECTION):
            return "镇村发现的隐患由镇执法人员答复延期,企业自己发现的由企业答复。"
        return "不能答复自己的延期申请。" if asked.asked_by == by else ""

    guard_refuse_extension = guard_grant_extension

    def guard_reject(self, by: Any) -> str:
        """By source: what the town found, or what may be major, the town rejects; the rest is the enterprise's own."""
        for_town = self.source == self.Source.INSPECTION or self.level == self.Level.MAJOR
        if by.is_town:
            return "" if for_town else "企业内部上报的隐患由企业自己受理或驳回。"
        if self.level == self.Level.MAJOR:
            return "疑似重大隐患不能由企业单独驳回,请联系镇安监办。"
        return "镇村发现的隐患不能由企业驳回。" if for_town else ""

    def guard_accept_fix(self, by: Any) -> str:
        """Another person than the rectifier and the finder; town or village for firms of one to three; the town for major ones.

        What an order stands behind is re-checked by two officers, not accepted.
        """
        if by == self.rectifier:
            return "验收人不能是整改人。"
        if self.is_ordered:
            return "责令整改的隐患由两名检查人员凭指令书复查。"
        if by.role == Role.INSPECTOR:
            return ""
        if self.source == self.Source.INSPECTION or self.level == self.Level.MAJOR:
            return "镇村发现的和疑似重大的隐患由镇执法人员验收。"
        if by.role == Role.VILLAGE:
            return "" if self.enterprise.is_smallest else "村(社区)只验收 3 人及以下企业的隐患。"
        if self.enterprise.is_smallest:
            return "3 人及以下企业的隐患由镇或村(社区)验收。"
        return "上报人不能验收自己上报的隐患。" if by == self.found_by else ""

    guard_return_fix = guard_accept_fix

    # Verbs

    def assign(self, *, by: Any, on: datetime.date, rectifier: Any, due_on: datetime.date, level: str, note: str = "") -> None:
        """Give it to a person of the firm with a last day (R23); the level of a suspected major one stays."""
        self._check_person(rectifier)
        if due_on < on:
            raise MoveRefused("整改期限不能早于今天。")
        if due_on > on + LONGEST:
            raise MoveRefused("整改期限不能超过一年。")
        if self.level == self.Level.MAJOR != level:
            raise MoveRefused("疑似重大隐患的级别由镇改定,请保留。")
        if level == self.Level.MAJOR != self.level:
            raise MoveRefused(TO_PROPOSE)
        lines = [f"整改人:{rectifier.name}", f"期限:{due_on:%Y-%m-%d}", f"级别:{self.Level(level).label}"]
        self._move("assign", by=by, on=on, note=note, data={"lines": lines}, rectifier=rectifier, due_on=due_on, level=level)

    def reassign(self, *, by: Any, on: datetime.date, rectifier: Any, note: str = "") -> None:
        """Give it to another person; the last day stays, and an open request for more time falls."""
        self._check_person(rectifier)
        old = self.rectifier.name if self.rectifier else ""
        with transaction.atomic():
            self._move("reassign", by=by, on=on, note=note, data={"lines": [f"整改人:{old} → {rectifier.name}"]}, rectifier=rectifier)
            Extension.objects.open().filter(hazard=self).update(answer=Extension.Answer.REFUSED, decided_by=by, decided_at=moment.now())

    def start_fix(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The rectifier begins."""
        self._move("start_fix", by=by, on=on, note=note)

    def submit_fix(self, *, by: Any, on: datetime.date, measures: str, photos: list[Attachment]) -> None:
        """The rectifier shows what was done, with a photo after (R23); an unanswered request for more time is void."""
        if not photos and not self.guard_submit_fix(by):
            raise MoveRefused("请至少拍一张整改后的照片。")
        with transaction.atomic():
            accept_by = clock.due_on("hazard.accept", on)
            event = self._move("submit_fix", by=by, on=on, note=measures, measures=measures, fixed_on=on, accept_by_on=accept_by)
            Attachment.attach(photos, self, purpose=f"after-{event.pk}", by=by)
            Extension.objects.open().filter(hazard=self).update(answer=Extension.Answer.VOID, decided_by=by, decided_at=moment.now())

    def accept_fix(self, *, by: Any, on: datetime.date, note: str = "", photos: list[Attachment] | None = None) -> None:
        """Close it; refused to the person who rectified it (R23)."""
        with transaction.atomic():
            self._move("accept_fix", by=by, on=on, note=note, closed_on=on, closed_by=by)
            Attachment.attach(photos or [], self, purpose="accepted", by=by)

    def return_fix(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Send it back with the reason; the last day stays."""
        self._move("return_fix", by=by, on=on, note=note)

    def reject(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Not a hazard, and why; the finder reads it."""
        self._move("reject", by=by, on=on, note=note)

    def regrade(self, *, by: Any, on: datetime.date, level: str, note: str) -> None:
        """The town sets another level with a written reason; the history stays. A major one is proposed, not graded."""
        if level == self.Level.MAJOR:
            raise MoveRefused(TO_PROPOSE)
        lines = [f"级别:{self.Level(self.level).label} → {self.Level(level).label}"]
        with transaction.atomic():
            self._move("regrade", by=by, on=on, note=note, data={"lines": lines}, level=level, round=self.round + 1)
            self.drop_finding()

    def ask_extension(self, *, by: Any, on: datetime.date, until: datetime.date, note: str) -> None:
        """The rectifier asks for a later last day."""
        if self.due_on is None or until <= self.due_on:
            raise MoveRefused("申请的日期要晚于现在的期限。")
        if until > on + LONGEST:
            raise MoveRefused("延期不能超过今天起一年。")
        with transaction.atomic():
            self._move("ask_extension", by=by, on=on, note=note, data={"lines": [f"申请延至 {until:%Y-%m-%d}"]})
            Extension.objects.create(hazard=self, asked_by=by, until=until, reason=note)

    def grant_extension(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Another person agrees: the last day moves."""
        asked = self._asked(by, "grant_extension")
        with transaction.atomic():
            self._move("grant_extension", by=by, on=on, note=note, data={"lines": [f"期限改为 {asked.until:%Y-%m-%d}"]}, due_on=asked.until)
            asked.decide(Extension.Answer.GRANTED, by)

    def refuse_extension(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Another person disagrees, and why: the last day stays."""
        asked = self._asked(by, "refuse_extension")
        with transaction.atomic():
            self._move("refuse_extension", by=by, on=on, note=note)
            asked.decide(Extension.Answer.REFUSED, by)

    def _asked(self, by: Any, name: str) -> Extension:
        asked = self.open_extension
        if asked is None:
            raise MoveRefused(self.guard(name, by))
        return asked

    def _check_person(self, rectifier: Any) -> None:
        if not Membership.objects.current().filter(enterprise=self.enterprise, user=rectifier).exists():
            raise MoveRefused("整改人须是本企业在岗人员。")
