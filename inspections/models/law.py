"""The law of inspections as dated rows: what is looked at, what a fault breaks and costs, who may act, how often (R65–R72)."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models

from core.models.deadlines import Dated, DatedQuerySet
from documents.models import Organ
from enterprises.models import Enterprise

WINDOW, CAP = "visit.window", "visit.cap"


class InspectionKind(models.TextChoices):
    """Why the town goes there; the kinds are apart from day one."""

    PLANNED = "planned", "计划检查"
    RANDOM = "random", "双随机抽查"
    CAMPAIGN = "campaign", "专项检查"
    COMPLAINT = "complaint", "投诉举报核查"
    ACCIDENT = "accident", "事故检查"
    RECHECK = "recheck", "整改复查"
    TWO_IN_ONE = "two_in_one", "二合一检查"


def dates_in_order(name: str) -> models.CheckConstraint:
    """The constraint that a row of law does not end before it begins."""
    in_order = models.Q(effective_to=None) | models.Q(effective_to__gte=models.F("effective_from"))
    return models.CheckConstraint(condition=in_order, name=name, violation_error_message="失效日期不能早于生效日期。")


def range_in_order(phase: str) -> models.CheckConstraint:
    """The constraint that a fine has both ends or none, in order."""
    low, high = f"{phase}_min", f"{phase}_max"
    both = models.Q(**{f"{low}__isnull": False, f"{high}__isnull": False, f"{high}__gte": models.F(low)})
    whole = models.Q(**{low: None, high: None}) | both
    return models.CheckConstraint(
        condition=whole, name=f"penalty_scheme_{phase}", violation_error_message="罚款的下限和上限要么都填,要么都不填。"
    )


def yuan(amount: int) -> str:
    """2万元, 5千元, 500元."""
    for size, word in ((10_000, "万"), (1_000, "千")):
        if amount and amount % size == 0:
            return f"{amount // size}{word}元"
    return f"{amount}元"


class PenaltyScheme(Dated):
    """What a breach costs under one article of one edition: at first discovery, and when it is not put right (R65, R66)."""

    class Target(models.TextChoices):
        ENTERPRISE = "enterprise", "生产经营单位"
        PRINCIPAL = "principal", "主要负责人"
        OFFICER = "officer", "其他负责人、安全管理人员"

    code = models.CharField("代码", max_length=20, unique=True)
    law = models.CharField("法律法规", max_length=60)
    article = models.CharField("条款", max_length=40)
    title = models.CharField("违法行为", max_length=100)
    first_order = models.CharField("首次:责令", max_length=100, blank=True)
    first_min = models.PositiveIntegerField("首次:罚款下限(元)", null=True, blank=True)
    first_max = models.PositiveIntegerField("首次:罚款上限(元)", null=True, blank=True)
    first_discretionary = models.BooleanField("首次:可以罚(裁量)", null=True, blank=True)
    first_other = models.CharField("首次:其他", max_length=100, blank=True)
    overdue_order = models.CharField("逾期或拒不改正:情形", max_length=100, blank=True)
    overdue_min = models.PositiveIntegerField("逾期:罚款下限(元)", null=True, blank=True)
    overdue_max = models.PositiveIntegerField("逾期:罚款上限(元)", null=True, blank=True)
    overdue_discretionary = models.BooleanField("逾期:可以罚(裁量)", null=True, blank=True)
    overdue_other = models.CharField("逾期:其他", max_length=100, blank=True)
    responsible_person = models.CharField("责任人员", max_length=100, blank=True)
    responsible_ranges = models.JSONField(
        "责任人员罚款", default=list, blank=True, help_text="[{phase: first|overdue, min, max, discretionary}],单位元"
    )
    fine_target = models.CharField("罚谁", max_length=12, choices=Target, default=Target.ENTERPRISE)
    first_offence_finable = models.BooleanField("首次即可罚款", default=False)
    notes = models.CharField("说明", max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "罚则"
        ordering = ["effective_from", "pk"]
        constraints = [
            dates_in_order("penalty_scheme_dates"),
            range_in_order("first"),
            range_in_order("overdue"),
            models.CheckConstraint(
                condition=models.Q(first_offence_finable=True, first_max__isnull=False)
                | models.Q(first_offence_finable=False, first_max=None),
                name="penalty_scheme_first_finable",
                violation_error_message="首次即可罚款的要写罚款数额,不可罚的不写。",
            ),
        ]

    def __str__(self) -> str:
        return f"《{self.law}》({self.edition}){self.article} {self.title}"

    def words(self, phase: str) -> str:
        """What happens at `phase` ("first" or "overdue"), e.g. 责令限期改正,可以处5万元以下罚款; "" when nothing does."""
        order, low, high, may, other = (getattr(self, f"{phase}_{part}") for part in ("order", "min", "max", "discretionary", "other"))
        fine = ""
        if high is not None:
            amount = f"{yuan(low)}以上{yuan(high)}以下" if low else f"{yuan(high)}以下"
            fine = f"{'可以处' if may else '处'}{amount}罚款"
        return ",".join(part for part in (order, fine, other) if part)


class InspectionPointQuerySet(DatedQuerySet):
    """Points by day and firm."""

    def for_visit(self, enterprise: Enterprise, on: datetime.date) -> list[InspectionPoint]:
        """What a visit of that day looks at in this firm: focus first, then by section; bases and schemes are read along."""
        sector = enterprise.sector.code if enterprise.sector else ""
        traits = {trait.code for trait in enterprise.traits.all()}
        bases = models.Prefetch("bases", queryset=PointBasis.objects.select_related("scheme"))
        rows = self.in_force(on).order_by("-is_focus", "position", "code").prefetch_related(bases)
        return [row for row in rows if row.is_for(sector, traits)]


class InspectionPoint(Dated):
    """One thing an inspection looks at; a focus point is skipped only with a reason (R71)."""

    code = models.CharField("代码", max_length=20)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    section = models.CharField("类别", max_length=40)
    name = models.CharField("检查要点", max_length=100)
    how_to_check = models.CharField("怎么查", max_length=300)
    is_focus = models.BooleanField("重点", default=False)
    is_policy = models.BooleanField("仅为政策要求", default=False, help_text="法律没有罚则,没有做到只记隐患。")
    traits = models.JSONField("适用危险特性", default=list, blank=True, help_text="空为都适用。")
    sectors = models.JSONField("适用行业", default=list, blank=True, help_text="空为都适用。")
    caution = models.CharField("注意", max_length=200, blank=True)

    objects = InspectionPointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查要点"
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="inspection_point_edition"),
            dates_in_order("inspection_point_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def is_for(self, sector: str, traits: set[str]) -> bool:
        """Whether it concerns a firm of this sector with these traits; an empty list excludes nobody."""
        return (not self.sectors or sector in self.sectors) and (not self.traits or bool(traits & set(self.traits)))

    def basis_on(self, day: datetime.date) -> list[PointBasis]:
        """What a fault of that day breaks, each with its scheme or None: the Work Safety Law first, regulations beside it.

        Empty when no law in force that day asks for it: then it is a hazard, never a violation.
        """
        return [row for row in self.bases.all() if row.is_in_force(day)]  # type: ignore[attr-defined]

    def basis_words(self, day: datetime.date) -> str:
        """Those articles in one line."""
        return ";".join(str(row) for row in self.basis_on(day))

    def words(self, on: datetime.date) -> dict[str, Any]:
        """What a visit of that day shows of it, to be frozen."""
        fields = ("code", "section", "name", "how_to_check", "is_focus", "is_policy", "caution", "edition", "source", "verify")
        bases = [row.words() for row in self.basis_on(on)]
        return {"row": self.pk, **{name: getattr(self, name) for name in fields}, "bases": bases}


class PointBasis(Dated):
    """The article a fault at a point breaks under one edition of a law, and the penalty scheme behind it, if there is one."""

    point = models.ForeignKey(InspectionPoint, models.PROTECT, related_name="bases", verbose_name="检查要点")
    law = models.CharField("法律法规", max_length=60)
    article = models.CharField("条款", max_length=60, blank=True)
    scheme = models.ForeignKey(PenaltyScheme, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="罚则")
    scheme_item = models.CharField("罚则的项", max_length=20, blank=True)
    note = models.CharField("说明", max_length=100, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查要点的依据"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["point", "law", "effective_from"], name="point_basis_once"),
            dates_in_order("point_basis_dates"),
        ]

    def __str__(self) -> str:
        return f"《{self.law}》({self.edition}){self.article}"

    def is_in_force(self, day: datetime.date) -> bool:
        """The row's own side of `in_force()`."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    def words(self) -> dict[str, Any]:
        """The article and the penalty in words, to be frozen."""
        scheme = self.scheme
        return {
            "row": self.pk,
            "basis": str(self),
            "scheme": scheme.code if scheme else "",
            "penalty": f"《{scheme.law}》({scheme.edition}){scheme.article}{self.scheme_item}" if scheme else "",
            "is_finable": bool(scheme and scheme.first_offence_finable),
            "note": self.note,
            "verify": self.verify or bool(scheme and scheme.verify),
        }


class PowerItemQuerySet(DatedQuerySet):
    """Who may do what on a day."""

    def holder_of(self, kind: str, on: datetime.date, point: str = "") -> PowerItem:
        """The row that says who holds this power on that day: one for the point before one for all, the youngest first.

        Without a row the district holds it (an unsaved row says so): what the town lacks is handed over, never done.
        """
        rows = self.in_force(on).filter(kind=kind, point__in={"", point})
        found: PowerItem | None = rows.order_by("-point", "-effective_from", "-pk").first()
        return found or PowerItem(kind=kind, holder=PowerItem.Holder.DISTRICT, point=point)

    def delegating(self, first: datetime.date, last: datetime.date) -> list[Organ]:
        """The organs in whose name the town acts on some day of the span, each once, by name."""
        rows = PowerItem.objects.filter(holder=PowerItem.Holder.DELEGATED, effective_from__lte=last)
        rows = rows.filter(models.Q(effective_to=None) | models.Q(effective_to__gte=first)).order_by("effective_from", "pk")
        named = {row.organ_code: row.organ for row in rows}
        return sorted((organ for organ in named.values() if organ), key=lambda organ: organ.name)


class PowerItem(Dated):
    """Who holds a power over inspections: the town itself, the town for a bureau that delegates, or the district (handbook §0.2)."""

    class Kind(models.TextChoices):
        CHECK = "check", "检查"
        ORDER = "order", "责令改正"
        PENALTY = "penalty", "行政处罚"
        COERCIVE = "coercive", "行政强制"

    class Holder(models.TextChoices):
        TOWN = "town", "镇"
        DELEGATED = "delegated", "受委托"
        DISTRICT = "district", "区县"

    kind = models.CharField("权限", max_length=10, choices=Kind)
    holder = models.CharField("由谁行使", max_length=10, choices=Holder)
    point = models.CharField("检查要点", max_length=20, blank=True, help_text="检查要点的代码;空为全部。")
    organ_code = models.CharField("机关代码", max_length=28, blank=True, help_text="受委托时必填,同一机关始终用同一个代码,编号按它连续。")
    organ_name = models.CharField("机关名称", max_length=80, blank=True, help_text="受委托时印在文书上;由区县行使时是移送给谁。")
    organ_mark = models.CharField("机关代字", max_length=10, blank=True, help_text="受委托时必填,例如 綦。")

    objects = PowerItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "执法权限事项"
        ordering = ["kind", "-effective_from", "point"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "point", "effective_from"], name="power_item_once"),
            dates_in_order("power_item_dates"),
            models.CheckConstraint(
                condition=~models.Q(kind="coercive") | models.Q(holder="district"),
                name="power_item_coercive",
                violation_error_message="行政强制措施权不得委托(行政强制法第17条),只能由区县行使。",
            ),
            models.CheckConstraint(
                condition=~models.Q(holder="delegated") | ~(models.Q(organ_code="") | models.Q(organ_name="") | models.Q(organ_mark="")),
                name="power_item_organ",
                violation_error_message="受委托的事项要写明委托机关的代码、名称和代字。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}:{self.get_holder_display()}{f'({self.point})' if self.point else ''}"

    @property
    def organ(self) -> Organ | None:
        """In whose name and number a paper is issued; None in the town's own, or not at all."""
        return Organ(self.organ_code, self.organ_name, self.organ_mark) if self.holder == self.Holder.DELEGATED else None


def delegating(first: datetime.date, last: datetime.date) -> list[Organ]:
    """Whose numbers the town keeps besides its own (settings.DELEGATING)."""
    return PowerItem.objects.delegating(first, last)


class VisitLimitQuerySet(DatedQuerySet):
    """The limits of a day."""

    def window_on(self, day: datetime.date) -> VisitLimit | None:
        """Within how many days a second visit needs a reason; None when no such rule is in force."""
        return self._newest(WINDOW, day)

    def cap_on(self, day: datetime.date) -> VisitLimit | None:
        """How many visits a year a firm has at most; None before 2025."""
        return self._newest(CAP, day)

    def _newest(self, code: str, day: datetime.date) -> VisitLimit | None:
        return self.in_force(day).filter(code=code).order_by("-effective_from", "-pk").first()


class VisitLimit(Dated):
    """How often a firm may be visited, and which kinds of inspection count (R72)."""

    class Unit(models.TextChoices):
        DAYS = "days", "日内"
        VISITS = "visits", "次一年"

    code = models.CharField("代码", max_length=40, help_text=f"{WINDOW} 是间隔,{CAP} 是一年的上限。")
    name = models.CharField("名称", max_length=60)
    value = models.PositiveSmallIntegerField("数值")
    unit = models.CharField("单位", max_length=8, choices=Unit)
    kinds = models.JSONField("计入的检查", default=list)

    objects = VisitLimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查频次规则"
        ordering = ["code", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="visit_limit_edition"),
            models.CheckConstraint(condition=models.Q(value__gte=1), name="visit_limit_value"),
            dates_in_order("visit_limit_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}{self.get_unit_display()}"
