"""The enterprise: who it is, where, under whom, how large, with which hazards."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from pypinyin import Style, lazy_pinyin
from simple_history.models import HistoricalRecords
from stdnum.cn import uscc

from accounts.models import Area, Department, Sector
from accounts.models.areas import within
from accounts.roles import ENTERPRISE_ROLES, WHOLE_TOWN, Role
from core.models import Event
from core.models.deadlines import Dated

SMALLEST = 3
PRINCIPALS = ("legal", "controller", "investor", "manager")


def check_credit_code(code: str) -> None:
    """ValidationError unless the 18 characters and the check digit of GB 32100-2015 are right."""
    if not uscc.is_valid(code):
        raise ValidationError("统一社会信用代码有误(18 位,末位是校验位),请对照营业执照核对。")


def initials(name: str) -> str:
    """The pinyin initials of a name, lower case: 重庆 → cq."""
    letters = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=lambda rest: "".join(c for c in rest if c.isalnum()))
    return "".join(letters).lower()[:100]


class HazardTrait(Dated):
    """A dangerous trait an enterprise may have: dust, confined space, metal smelting …"""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    hint = models.CharField("判断要点", max_length=500, blank=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "危险特性"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    """Who sees which enterprises: every other scope ends here."""

    def for_user(self, user: Any) -> EnterpriseQuerySet:
        """Town roles: their area. Department: led by it, or of its sectors. Enterprise roles: their own."""
        held = user.membership
        if held is None:
            return self.none()
        if held.role in WHOLE_TOWN or held.role == Role.VILLAGE:
            return self.filter(within("area_id", held.area_id))
        if held.role == Role.DEPARTMENT:
            office = held.department
            mine = models.Q(lead_department=office) | models.Q(sector__in=office.sectors.all())
            return self.filter(within("area_id", office.area_id)).filter(mine)
        return self.filter(pk=held.enterprise_id) if held.role in ENTERPRISE_ROLES else self.none()

    def for_list(self) -> EnterpriseQuerySet:
        """With what a list shows of each row, in as many queries as one row needs; `people_now` holds the key people."""
        people = models.Prefetch("key_people", queryset=apps.get_model("enterprises.KeyPerson").objects.current(), to_attr="people_now")
        return self.select_related("sector", "area", "lead_department").prefetch_related("traits", people).order_by("name", "pk")

    def search(self, text: str) -> EnterpriseQuerySet:
        """By name, pinyin initials or credit code."""
        text = unicodedata.normalize("NFKC", text).strip()
        code = "".join(text.split()).upper()
        return self.filter(
            models.Q(name__icontains=text) | models.Q(initials__icontains=text.lower()) | models.Q(credit_code__startswith=code)
        )

    def incomplete(self) -> EnterpriseQuerySet:
        """Without a confirmed principal: an incomplete file (R6)."""
        confirmed = models.Q(key_people__kind__in=PRINCIPALS, key_people__ended_on=None)
        return self.exclude(pk__in=Enterprise.objects.filter(confirmed, key_people__confirmed_on__isnull=False).values("pk"))


class Enterprise(models.Model):
    """A factory or workshop the township supervises."""

    class Status(models.TextChoices):
        ACTIVE = "active", "在营"
        STOPPED = "stopped", "停产"
        CLOSED = "closed", "已关闭"

    class Scale(models.TextChoices):
        ABOVE = "above", "规上"
        BELOW = "below", "规下"
        MICRO = "micro", "小微"
        INDIVIDUAL = "individual", "个体"

    name = models.CharField("企业名称", max_length=120)
    initials = models.CharField("拼音首字母", max_length=100, editable=False, db_index=True)
    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, unique=True, validators=[check_credit_code], error_messages={"unique": "这个信用代码已有档案。"}
    )
    sector = models.ForeignKey(Sector, models.PROTECT, null=True, blank=True, related_name="enterprises", verbose_name="行业")
    industry_code = models.CharField(
        "国民经济行业代码", max_length=4, blank=True, validators=[RegexValidator(r"^\d{2,4}$", "请填 GB/T 4754 的 2 至 4 位数字。")]
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="enterprises", verbose_name="所在村(社区)")
    address = models.CharField("详细地址", max_length=200, blank=True)
    lead_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="led_enterprises", verbose_name="牵头主管部门"
    )
    status = models.CharField("状态", max_length=8, choices=Status, default=Status.ACTIVE, db_index=True)
    scale = models.CharField("规模", max_length=12, choices=Scale, blank=True)
    headcount = models.PositiveIntegerField("从业人员", null=True, blank=True)
    dispatched = models.PositiveIntegerField("其中派遣", null=True, blank=True)
    interns = models.PositiveIntegerField("其中实习", null=True, blank=True)
    is_city_level = models.BooleanField("市属及以上", default=False)
    is_crowded = models.BooleanField("人员密集", default=False)
    is_scattered = models.BooleanField("小散乱", default=False)
    landlord = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="tenants", verbose_name="厂房出租方(厂中厂)")
    traits = models.ManyToManyField(HazardTrait, blank=True, related_name="enterprises", verbose_name="危险特性")
    founded_on = models.DateField("成立日期", null=True, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)
    created_at = models.DateTimeField("建档时间", auto_now_add=True)

    objects = EnterpriseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "企业"
        indexes = [models.Index(fields=["area", "status"], name="enterprise_area_status")]
        constraints = [
            models.CheckConstraint(condition=models.Q(credit_code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), name="enterprise_code_format"),
            models.CheckConstraint(
                condition=models.Q(headcount=None) | models.Q(headcount__gte=Coalesce("dispatched", 0) + Coalesce("interns", 0)),
                name="enterprise_headcount_parts",
                violation_error_message="派遣和实习人数是从业人员的一部分,合计不能超过从业人员。",
            ),
            models.CheckConstraint(
                condition=models.Q(landlord=None) | ~models.Q(landlord=models.F("pk")), name="enterprise_not_own_landlord"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the pinyin initials beside the name."""
        self.initials = initials(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The enterprise file."""
        return reverse("enterprise_detail", args=[self.pk])

    def tell_traits(self, before: str, after: str, *, by: Any, on: datetime.date) -> None:
        """The Event of changed traits: the field history does not hold them."""
        Event.record(self, by=by, on=on, move="change_traits", label="修改危险特性", note=f"{before or '无'} → {after or '无'}")

    def event_scope(self) -> tuple[int | None, str]:
        """Its own scope columns for Events."""
        return self.pk, self.area_id

    @property
    def is_incomplete(self) -> bool:
        """Without a confirmed principal (R6): the row's own side of `incomplete()`."""
        people = self.people_now if hasattr(self, "people_now") else self.key_people.current()
        return not any(person.kind in PRINCIPALS and person.confirmed_on for person in people)

    @property
    def flags(self) -> list[str]:
        """The three marks of R82, in words."""
        return [
            str(self._meta.get_field(name).verbose_name) for name in ("is_crowded", "is_scattered", "is_city_level") if getattr(self, name)
        ]

    @property
    def is_smallest(self) -> bool:
        """One to three people: nobody inside can accept another's work, so town or village does (R23)."""
        return self.headcount is not None and self.headcount <= SMALLEST

    @property
    def sector_mismatch(self) -> bool:
        """Whether the GB/T 4754 code belongs to another sector than the one filed."""
        return bool(self.sector and self.industry_code and not self.sector.covers(self.industry_code))
