"""Whom a draw may fall on: firms by rule, graded by the town, each in and out of a pool told (R49, R59)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Area, Department, Sector
from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core import moment
from core.models import Event, MoveRefused
from core.models.deadlines import Dated, DatedQuerySet
from enterprises.models import Enterprise, HazardTrait
from inspections.models import machine
from inspections.models.law import dates_in_order

MANY = 500
UNGRADED = "none"
RULE = {"villages": "area", "sectors": "sector", "traits": "traits"}


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

    def for_list(self) -> FirmRowQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "by").order_by("-since", "-pk")

    def on(self, day: datetime.date) -> FirmRowQuerySet:
        """In force on that day."""
        return self.filter(since__lte=day).filter(models.Q(until=None) | models.Q(until__gte=day))


def acted_for(user: Any) -> models.QuerySet[Enterprise]:
    """The firms this person acts for: a department's only those it leads, of its sectors' others it reads (R59)."""
    rows: models.QuerySet[Enterprise] = Enterprise.objects.for_user(user)
    return rows.filter(lead_department=user.membership.department_id) if user.role == Role.DEPARTMENT else rows


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
        rows = self.select_related("area", "department", "by").prefetch_related(*RULE)
        return rows.annotate(size=held).order_by("name", "pk")


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

    @property
    def chosen(self) -> dict[str, Any]:
        """What the rule asks for: each list of keys that is not empty narrows it."""
        lists = {name: [row.pk for row in getattr(self, name).all()] for name in RULE}
        return {**lists, "grades": self.grades}

    def rule(self, on: datetime.date) -> models.QuerySet[Enterprise]:
        """The firms that belong in it on that day."""
        return firms_by(self.area_id, self.department_id, self.chosen, on)

    @property
    def rule_words(self) -> list[tuple[str, str]]:
        """The rule as [(what, which)]."""
        labels = (("村(社区)", "villages"), ("行业", "sectors"), ("危险特性", "traits"))
        lists = [(label, "、".join(str(row) for row in getattr(self, name).all())) for label, name in labels]
        names = {UNGRADED: "未评定", **dict(Grade.choices)}
        return [*lists, ("风险等级", "、".join(names[grade] for grade in self.grades))]

    @classmethod
    def keep(cls, *, by: Any, on: datetime.date, name: str, rule: Mapping[str, Any], pool: Pool | None = None, version: int = 0) -> Pool:
        """Make a pool, or change its rule, and bring it in line; refused when the name is taken, or somebody changed it since `version`."""
        office = pool.department if pool else by.membership.department if by.role == Role.DEPARTMENT else None
        area = pool.area_id if pool else office.area_id if office else by.membership.area_id
        with transaction.atomic():
            Area.objects.select_for_update().get(pk=area)
            if cls.objects.filter(area=area, name=name).exclude(pk=pool.pk if pool else 0).exists():
                raise MoveRefused("已经有这个名称的库。")
            grades = list(rule["grades"])
            if pool is None:
                pool = cls.objects.create(name=name, area_id=area, department=office, grades=grades, by=by)
            elif not cls.objects.filter(pk=pool.pk, version=version).update(name=name, grades=grades, version=version + 1):
                raise MoveRefused("别人刚刚改过这个库的规则,您填写的没有保存。")
            pool.refresh_from_db()
            for field in RULE:
                getattr(pool, field).set(rule[field])
            lines = [f"{label}:{words or '不限'}" for label, words in cls.objects.get(pk=pool.pk).rule_words]
            told: dict[str, Any] = {
                "move": "change" if pool.version else "open",
                "label": "修改规则" if pool.version else "建库",
                "note": name,
            }
            Event.record(pool, by=by, on=on, data={"lines": lines}, audience=Event.Audience.TOWN, **told)
            pool.refresh(by=by, on=on)
        return pool

    def is_kept_by(self, user: Any) -> bool:
        """By its own unit: the inspectors for the town, a department's people for the department."""
        held = user.membership
        return user.role in machine.OFFICERS and self.department_id == (held.department_id if user.role == Role.DEPARTMENT else None)

    def members(self) -> models.QuerySet[Enterprise]:
        """The firms that are in it now."""
        return Enterprise.objects.filter(pool_entries__pool=self, pool_entries__left_on=None)

    def refresh(self, *, by: Any, on: datetime.date) -> tuple[int, int]:
        """Bring it in line with its rule: (came in, went out). Run again, nothing changes."""
        with transaction.atomic():
            now = type(self).objects.select_for_update().get(pk=self.pk)  # its rule as it is, whatever it was when this row was read
            belongs, held = set(now.rule(on).values_list("pk", flat=True)), set(self.members().values_list("pk", flat=True))
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


class PoolEntryQuerySet(FirmRowQuerySet):
    """The times of firms in pools."""

    def for_list(self) -> PoolEntryQuerySet:
        """With what a list shows: who is in first, then the newest that went out."""
        rows = self.select_related("enterprise__area", "enterprise__sector")
        return rows.order_by(models.F("left_on").desc(nulls_first=True), "enterprise__name", "pk")


class PoolEntry(models.Model):
    """A firm's time in a pool."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="entries", verbose_name="抽查对象库")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="pool_entries", verbose_name="企业")
    entered_on = models.DateField("进入日期")
    left_on = models.DateField("移出日期", null=True, blank=True)

    objects = PoolEntryQuerySet.as_manager()

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


def firms_by(area: str, department: int | None, rule: Mapping[str, Any], on: datetime.date) -> models.QuerySet[Enterprise]:
    """The working firms of an area, led by a department when one is named, that fit every list of the rule that is not empty."""
    rows = Enterprise.objects.filter(within("area_id", area), status=Enterprise.Status.ACTIVE)
    if department:
        rows = rows.filter(lead_department=department)
    for name, field in RULE.items():
        keys = list(rule[name])
        rows = rows.filter(**{f"{field}__in": keys}) if keys else rows
    if rule["grades"]:
        graded = FirmGrade.objects.on(on)
        wanted = models.Q(pk__in=graded.filter(grade__in=rule["grades"]).values("enterprise"))
        if UNGRADED in rule["grades"]:
            wanted |= ~models.Q(pk__in=graded.values("enterprise"))
        rows = rows.filter(wanted)
    return rows.distinct()


def grades_on(firms: models.QuerySet[Any], day: datetime.date) -> dict[int, str]:
    """{enterprise pk: grade} of those of these firms that have one that day."""
    return dict(FirmGrade.objects.on(day).filter(enterprise__in=firms).values_list("enterprise", "grade"))
