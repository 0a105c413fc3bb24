"""Whom a draw may fall on: firms and officers by rule, who is out and why, who must not meet whom (R49, R59)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Area, Department, Sector, User
from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core import moment
from core.models import Event, MoveRefused
from core.models.deadlines import Dated, DatedQuerySet
from enterprises.models import Enterprise, HazardTrait, Membership
from inspections.models import machine
from inspections.models.law import dates_in_order

MANY = 500


class Grade(models.TextChoices):
    """How much can happen at a firm, as the town has graded it; the four words of the four colours."""

    MAJOR = "major", "重大风险"
    LARGER = "larger", "较大风险"
    GENERAL = "general", "一般风险"
    LOW = "low", "低风险"


class GradeWeightQuerySet(DatedQuerySet):
    """The weights of a day."""

    def on(self, day: datetime.date) -> dict[str, int]:
        """{grade: tickets} by the editions in force that day; firms without a grade weigh as low ones."""
        return {row.grade: row.value for row in self.in_force(day).order_by("effective_from", "pk")}


class GradeWeight(Dated):
    """How many tickets a firm of this grade has in a draw; published, because a greater risk is drawn more often."""

    grade = models.CharField("风险等级", max_length=8, choices=Grade)
    value = models.PositiveSmallIntegerField("权重")

    objects = GradeWeightQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽取权重"
        constraints = [
            models.UniqueConstraint(fields=["grade", "edition"], name="grade_weight_edition"),
            models.CheckConstraint(condition=models.Q(value__gte=1), name="grade_weight_value"),
            dates_in_order("grade_weight_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.get_grade_display()} {self.value}"


class FirmRowQuerySet(models.QuerySet[Any]):
    """Rows about one firm that only the town's offices read."""

    def for_user(self, user: Any) -> FirmRowQuerySet:
        """Of visible enterprises, for the town's offices; nobody else."""
        may = user.role in WHOLE_TOWN or user.role == Role.DEPARTMENT
        return self.filter(enterprise__in=Enterprise.objects.for_user(user)) if may else self.none()

    def on(self, day: datetime.date) -> FirmRowQuerySet:
        """In force on that day."""
        return self.filter(since__lte=day).filter(models.Q(until=None) | models.Q(until__gte=day))


class FirmGrade(models.Model):
    """The grade the town has given a firm, from a day on; the newest counts, the older ones stay."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="grades", verbose_name="企业")
    grade = models.CharField("风险等级", max_length=8, choices=Grade)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    reason = models.CharField("理由", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="评定人")

    objects = FirmRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业风险等级"
        constraints = [
            models.UniqueConstraint(fields=["enterprise"], condition=models.Q(until=None), name="firm_grade_one_open"),
            models.CheckConstraint(condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="firm_grade_dates"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="firm_grade_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.get_grade_display()}"

    @classmethod
    def give(cls, enterprise: Enterprise, *, by: Any, on: datetime.date, grade: str, reason: str) -> FirmGrade:
        """Grade a firm from this day on, with the reason; the same grade again is refused."""
        with transaction.atomic():
            Enterprise.objects.select_for_update().get(pk=enterprise.pk)
            old = cls.objects.filter(enterprise=enterprise, until=None).first()
            if old and old.grade == grade:
                raise MoveRefused(f"该企业现在就是“{old.get_grade_display()}”。")
            if old and old.since >= on:
                raise MoveRefused(f"该企业 {old.since:%Y-%m-%d} 才评定过,同一天不能再改。")
            if old:
                old.until = on - datetime.timedelta(days=1)
                old.save(update_fields=["until"])
            row = cls.objects.create(enterprise=enterprise, by=by, since=on, grade=grade, reason=reason)
            told = f"{old.get_grade_display() if old else '未评定'} → {row.get_grade_display()}:{reason}"
            Event.record(enterprise, by=by, on=on, move="grade", label="评定风险等级", note=told[:500], audience=Event.Audience.TOWN)
        return row


class PoolQuerySet(models.QuerySet["Pool"]):
    """Scope."""

    def for_user(self, user: Any) -> PoolQuerySet:
        """The town's offices: of their area; a department: its own."""
        if user.role in WHOLE_TOWN:
            return self.filter(within("area_id", user.membership.area_id))
        return self.filter(department=user.membership.department_id) if user.role == Role.DEPARTMENT else self.none()

    def for_list(self) -> PoolQuerySet:
        """With what a list shows."""
        held = models.Count("entries", filter=models.Q(entries__left_on=None))
        return self.select_related("area", "department").annotate(size=held).order_by("name", "pk")


class Pool(models.Model):
    """抽查对象库: the firms a rule describes, kept current; each that comes in or goes out is told."""

    name = models.CharField("名称", max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="行业主管部门")
    villages = models.ManyToManyField(Area, blank=True, related_name="+", verbose_name="村(社区)")
    sectors = models.ManyToManyField(Sector, blank=True, related_name="+", verbose_name="行业")
    traits = models.ManyToManyField(HazardTrait, blank=True, related_name="+", verbose_name="危险特性")
    grades = models.JSONField("风险等级", default=list, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="建库人")
    at = models.DateTimeField("建库时间", default=moment.now)
    version = models.PositiveIntegerField("版本", default=0)

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查对象库"
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="pool_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The pool's page."""
        return reverse("pool_detail", args=[self.pk])

    def event_scope(self) -> tuple[int | None, str]:
        """No firm's; the area's."""
        return None, self.area_id

    def rule(self, on: datetime.date) -> models.QuerySet[Enterprise]:
        """The firms that belong in it on that day: working ones of the area, and of each list that is not empty."""
        rows = Enterprise.objects.filter(within("area_id", self.area_id), status=Enterprise.Status.ACTIVE)
        if self.department_id:
            rows = rows.filter(lead_department=self.department_id)
        for field, wanted in (("area", self.villages), ("sector", self.sectors), ("traits", self.traits)):
            keys = list(wanted.values_list("pk", flat=True))
            rows = rows.filter(**{f"{field}__in": keys}) if keys else rows
        if self.grades:
            rows = rows.filter(pk__in=FirmGrade.objects.on(on).filter(grade__in=self.grades).values("enterprise"))
        return rows.distinct()

    def members(self) -> models.QuerySet[Enterprise]:
        """The firms that are in it now."""
        return Enterprise.objects.filter(pool_entries__pool=self, pool_entries__left_on=None)

    def refresh(self, *, by: Any, on: datetime.date) -> tuple[int, int]:
        """Bring it in line with its rule: (came in, went out). Run again, nothing changes."""
        with transaction.atomic():
            type(self).objects.select_for_update().get(pk=self.pk)
            belongs, held = set(self.rule(on).values_list("pk", flat=True)), set(self.members().values_list("pk", flat=True))
            came, gone = sorted(belongs - held), sorted(held - belongs)
            firms = Enterprise.objects.in_bulk([*came, *gone])
            made = [PoolEntry(pool=self, enterprise=firms[pk], entered_on=on) for pk in came]
            PoolEntry.objects.bulk_create(made, batch_size=MANY)
            for start in range(0, len(gone), MANY):
                self.entries.filter(left_on=None, enterprise__in=gone[start : start + MANY]).update(left_on=on)  # type: ignore[attr-defined]
            words = [("pool_in", "进入抽查对象库", came), ("pool_out", "移出抽查对象库", gone)]
            told = [self._told(firms[pk], by, on, move, label) for move, label, pks in words for pk in pks]
            Event.objects.bulk_create(told, batch_size=MANY)
        return len(came), len(gone)

    def _told(self, firm: Enterprise, by: Any, on: datetime.date, move: str, label: str) -> Event:
        return Event.about(firm, by=by, on=on, move=move, label=label, note=self.name, audience=Event.Audience.TOWN)


class PoolEntry(models.Model):
    """A firm's time in a pool."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="entries", verbose_name="抽查对象库")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="pool_entries", verbose_name="企业")
    entered_on = models.DateField("进入日期")
    left_on = models.DateField("移出日期", null=True, blank=True)

    objects = FirmRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查对象"
        constraints = [
            models.UniqueConstraint(fields=["pool", "enterprise"], condition=models.Q(left_on=None), name="pool_entry_once"),
            models.CheckConstraint(
                condition=models.Q(left_on=None) | models.Q(left_on__gte=models.F("entered_on")), name="pool_entry_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool} {self.enterprise}"


class Out(models.Model):
    """The base of what keeps somebody out of draws from a day to a day, with its reason; lifted early it stays, ended."""

    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=moment.now)
    lifted_on = models.DateField("解除日期", null=True, blank=True)

    LABEL = ""

    class Meta:
        abstract = True

    @classmethod
    def log(cls, *, by: Any, on: datetime.date, **facts: Any) -> Any:
        """Register it, and tell it to the town's offices."""
        if facts.get("until") and facts["until"] < facts["since"]:
            raise MoveRefused("结束日期不能早于开始日期。")
        with transaction.atomic():
            row = cls(by=by, **facts)
            row.save()
            Event.record(row, by=by, on=on, move="open", label=f"登记{cls.LABEL}", note=str(row), audience=Event.Audience.TOWN)
        return row

    def lift(self, *, by: Any, on: datetime.date, note: str) -> None:
        """End it today, with the reason; what was drawn meanwhile stays as it was."""
        with transaction.atomic():
            if not type(self)._base_manager.filter(pk=self.pk, lifted_on=None).update(lifted_on=on):
                raise MoveRefused("已经解除。")
            self.lifted_on = on
            Event.record(self, by=by, on=on, move="lift", label=f"解除{self.LABEL}", note=note, audience=Event.Audience.TOWN)


def out_on(rows: Any, day: datetime.date) -> Any:
    """Those of these rows that keep somebody out on that day."""
    running = models.Q(until=None) | models.Q(until__gte=day)
    return rows.filter(running, since__lte=day).filter(models.Q(lifted_on=None) | models.Q(lifted_on__gt=day))


def out_constraints(name: str) -> list[models.BaseConstraint]:
    """The days of such a row are in order."""
    return [models.CheckConstraint(condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name=f"{name}_dates")]


class Exclusion(Out):
    """A firm that is not drawn for a while, by a decision with its reason."""

    LABEL = "不列入抽取"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="exclusions", verbose_name="企业")
    reason = models.CharField("理由", max_length=100)

    objects = FirmRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "不列入抽取"
        constraints = out_constraints("exclusion")

    def __str__(self) -> str:
        return f"{self.enterprise.name}:{self.reason}"


class OfficerRowQuerySet(models.QuerySet[Any]):
    """Rows about an officer."""

    def for_user(self, user: Any) -> OfficerRowQuerySet:
        """The whole town's roles: of their area; a department's officer: one's own."""
        if user.role in WHOLE_TOWN:
            return self.filter(within("area_id", user.membership.area_id))
        return self.filter(user=user) if user.role == Role.DEPARTMENT else self.none()


class Absence(Out):
    """An officer who cannot be drawn for a while: leave, training, another post."""

    LABEL = "不参加抽取"

    class Reason(models.TextChoices):
        LEAVE = "leave", "休假"
        TRAINING = "training", "培训学习"
        SECONDED = "seconded", "借调"
        OTHER = "other", "其他公务"

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name="执法人员")
    reason = models.CharField("理由", max_length=10, choices=Reason)

    objects = OfficerRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "不参加抽取"
        constraints = out_constraints("absence")

    def __str__(self) -> str:
        return f"{self.user.name}:{self.get_reason_display()}"

    def event_scope(self) -> tuple[int | None, str]:
        """No firm's; the area's."""
        return None, self.area_id


class Avoidance(Out):
    """回避: this officer does not go to this firm; only the kind of reason is kept, never a private fact (处罚法2021 §43)."""

    LABEL = "回避"

    class Reason(models.TextChoices):
        RELATIVE = "relative", "近亲属关系"
        FORMER_EMPLOYER = "former_employer", "曾在该企业任职"
        INTEREST = "interest", "有利害关系"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="avoidances", verbose_name="企业")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="avoidances", verbose_name="执法人员")
    reason = models.CharField("理由", max_length=16, choices=Reason)

    objects = FirmRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回避"
        constraints = [
            *out_constraints("avoidance"),
            models.UniqueConstraint(fields=["enterprise", "user"], condition=models.Q(lifted_on=None), name="avoidance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user.name} 对 {self.enterprise.name} 回避:{self.get_reason_display()}"


class OfficerEntry(models.Model):
    """An officer's time in the pool of officers of an area: in while he may inspect and holds a valid certificate."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="officer_entries", verbose_name="执法人员")
    entered_on = models.DateField("进入日期")
    left_on = models.DateField("移出日期", null=True, blank=True)

    objects = OfficerRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查人员名录"
        constraints = [
            models.UniqueConstraint(fields=["area", "user"], condition=models.Q(left_on=None), name="officer_entry_once"),
            models.CheckConstraint(
                condition=models.Q(left_on=None) | models.Q(left_on__gte=models.F("entered_on")), name="officer_entry_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}"

    def event_scope(self) -> tuple[int | None, str]:
        """No firm's; the area's."""
        return None, self.area_id

    @classmethod
    def refresh(cls, area: str, *, by: Any, on: datetime.date) -> tuple[int, int]:
        """Bring the officers' pool of an area in line with roles and certificates: (came in, went out). Each is told."""
        with transaction.atomic():
            Area.objects.select_for_update().get(pk=area)
            belongs = {person.pk: person for person in officers_of(area) if person.certificate_on(on)}
            held = {row.user_id: row for row in cls.objects.filter(area=area, left_on=None).select_related("user")}
            came = [cls.objects.create(area_id=area, user=belongs[pk], entered_on=on) for pk in sorted(belongs.keys() - held.keys())]
            gone = [held[pk] for pk in sorted(held.keys() - belongs.keys())]
            cls.objects.filter(pk__in=[row.pk for row in gone]).update(left_on=on)
            for rows, move, label in ((came, "open", "进入检查人员名录"), (gone, "leave", "移出检查人员名录")):
                for row in rows:
                    Event.record(row, by=by, on=on, move=move, label=label, note=row.user.name, audience=Event.Audience.TOWN)
        return len(came), len(gone)


def officers_of(area: str, department: Department | None = None) -> Iterable[User]:
    """Who may inspect in this area: its inspectors and its departments' officers, or those of one department alone, by key."""
    held = Membership.objects.current().filter(role__in=sorted(machine.OFFICERS))
    held = held.filter(department=department) if department else held.filter(within("area_id", area) | within("department__area_id", area))
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk").prefetch_related("certificates")


def grades_on(firms: Collection[int], day: datetime.date) -> dict[int, str]:
    """{enterprise pk: grade} of those of these firms that have one that day."""
    return dict(FirmGrade.objects.on(day).filter(enterprise__in=firms).values_list("enterprise", "grade"))
