"""What of a visit becomes public: which results the law publishes, by when, and the publication each has (workflows §12, 国办发〔2018〕118号)."""

from __future__ import annotations

import datetime
import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from accounts.roles import WHOLE_TOWN
from core import clock
from core.models import Event, MoveRefused, Stateful
from core.models.deadlines import Dated, DatedQuerySet
from documents.models import Publication
from documents.models.publication import DRAFTERS
from inspections.models import machine
from inspections.models.law import InspectionKind, dates_in_order

log = logging.getLogger(__name__)


def result_starts_on(inspection: Any) -> datetime.date | None:
    """The day the period to publish runs from; None while that day has not come.

    The day the visit was closed; of a drawn visit the day the last visit of its draw was over, unless the draw was voided.
    """
    draw = draw_of(inspection)
    return draw.results_in_on if draw is not None and draw.state != "voided" else inspection.closed_on


def why_not_public(inspection: Any) -> str:
    """Why the result of a visit may not be public yet, as a sentence; "" when it may."""
    if inspection.state != machine.State.CLOSED:
        return "检查还没有办结,结果不能公示。"
    if inspection.result_waiver:
        return "这次检查的结果已决定不公示。"
    draw = draw_of(inspection)
    return "" if draw is None or draw.is_disclosed else f"这次检查由{draw} 抽中,抽取公布以后才能公示结果。"


def draw_of(inspection: Any) -> Any:
    """The draw that drew this visit, as it stands now; None of one that was not drawn."""
    pick = type(inspection)._meta.get_field("pick").related_model.objects.filter(inspection=inspection).select_related("draw").first()
    return pick.draw if pick else None


class ResultRuleQuerySet(DatedQuerySet):
    """The rules of a day."""

    def of(self, kind: str, day: datetime.date) -> str:
        """As which kind of publication the results of this kind of visit are public that day; "" when they are not."""
        row = self.in_force(day).filter(kind=kind).order_by("-effective_from", "-pk").first()
        return row.published_as if row else ""


class ResultRule(Dated):
    """Results of which kind of visit are public, and as what."""

    kind = models.CharField("检查类型", max_length=12, choices=InspectionKind)
    published_as = models.CharField(
        "公示种类",
        max_length=12,
        choices=[(kind.value, kind.label) for kind in (Publication.Kind.RANDOM, Publication.Kind.INSPECTION)],
    )

    objects = ResultRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结果公示规则"
        ordering = ["kind", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "effective_from"], name="result_rule_once"),
            dates_in_order("result_rule_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}:{self.get_published_as_display()}"


class Disclosed(Stateful):
    """A visit whose result is owed to the public, from the day it was closed."""

    kind: Any
    order_id: Any
    closed_on: Any

    publish_by_on = models.DateField("公示期限", null=True, blank=True)
    result_waiver = models.CharField("不公示的理由", max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def published_as(self) -> str:
        """As which kind of publication its result is public, by the rule of the day it was closed; "" when it is not.

        What a re-check found of its order stands in the result of the order's own visit.
        """
        day = result_starts_on(self)
        if day is None or self.order_id and not self.findings.exists():  # type: ignore[attr-defined]
            return ""
        return ResultRule.objects.of(self.kind, day)

    def owe_result(self) -> bool:
        """Start the clock of its publication where its kind is public; whether it runs now. In the caller's transaction."""
        day, kind = result_starts_on(self), self.published_as
        if day is None or not kind:
            return False
        try:
            self.publish_by_on = clock.due_on(Publication.DUE.get(Publication.Kind(kind), "publication.due"), day)
        except clock.NoRule as lacking:
            log.error("the result of visit %s has no last day: %s", self.pk, lacking)
            return False
        type(self)._base_manager.filter(pk=self.pk).update(publish_by_on=self.publish_by_on)
        return True

    def is_result_late(self, today: datetime.date) -> bool:
        """Owed to the public, not public, and its last day has passed."""
        owed = self.publish_by_on is not None and not self.result_waiver and self.publish_by_on < today
        return owed and not self.results.public().exists()  # type: ignore[attr-defined]

    def why_not_draft(self) -> str:
        """Why no publication of its result can be drafted now, as a sentence; "" when one can."""
        if self.publish_by_on is None:
            return "这次检查没有需要公示的结果,或者期限还没有起算:检查没有办结,或同一次抽取还有检查没有结束。"
        if self.result_waiver:
            return "这次检查的结果已决定不公示。"
        return "这次检查的结果已拟公示。" if self.results.standing().exists() else ""  # type: ignore[attr-defined]

    # Who may not

    def guard_waive_result(self, by: Any) -> str:
        """Something is owed, and nothing of it is drafted or public."""
        if self.publish_by_on is None or self.result_waiver:
            return "这次检查没有需要公示的结果。"
        drafted = self.results.standing().exists()  # type: ignore[attr-defined]
        return "这次检查的结果已拟公示:先作废草稿,或者撤下已发布的。" if drafted else ""

    def guard_owe_again(self, by: Any) -> str:
        """It was waived."""
        return "" if self.result_waiver else "这次检查的结果没有决定不公示。"

    # Verbs

    def waive_result(self, *, by: Any, on: datetime.date, note: str) -> None:
        """The leader decides that the result is not published, and why: secrecy, or what the law keeps back (政府信息公开条例 §14–16)."""
        self._move("waive_result", by=by, on=on, note=note, audience=Event.Audience.TOWN, result_waiver=note[:300])

    def owe_again(self, *, by: Any, on: datetime.date, note: str) -> None:
        """It is to be published after all, by the day set when it was closed."""
        self._move("owe_again", by=by, on=on, note=note, audience=Event.Audience.TOWN, result_waiver="")


class InspectionResultQuerySet(models.QuerySet["InspectionResult"]):
    """Scope, and which of them count."""

    def for_user(self, user: Any) -> InspectionResultQuerySet:
        """Drafts for the whole town's roles alone; what is or was public for whoever may see the visit."""
        visits = self.model._meta.get_field("inspection").related_model.objects.for_user(user)
        rows = self.filter(inspection__in=visits)
        return rows if user.role in WHOLE_TOWN else rows.exclude(publication__number=None)

    def for_list(self) -> InspectionResultQuerySet:
        """With what a page shows, the newest first."""
        return self.select_related("publication__corrects", "inspection__enterprise").order_by("-pk")

    def standing(self) -> InspectionResultQuerySet:
        """Neither withdrawn nor dropped."""
        return self.filter(ended_on=None)

    def public(self) -> InspectionResultQuerySet:
        """Standing, and published: what is over has been public."""
        return self.standing().filter(publication__state__in=(Publication.State.PUBLISHED, Publication.State.EXPIRED))


class InspectionResult(models.Model):
    """The publication of a visit's result; a correction is a row of its own beside the corrected one."""

    inspection = models.ForeignKey("inspections.Inspection", models.PROTECT, related_name="results", verbose_name="检查")
    publication = models.OneToOneField(Publication, models.PROTECT, related_name="inspection_result", verbose_name="公示")
    is_correction = models.BooleanField("是更正", default=False)
    ended_on = models.DateField("撤下或作废日期", null=True, blank=True)

    objects = InspectionResultQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查结果公示"
        constraints = [
            models.UniqueConstraint(
                fields=["inspection"], condition=models.Q(ended_on=None, is_correction=False), name="inspection_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.inspection.number} {self.publication}"

    @classmethod
    def draft(cls, inspection: Any, *, by: Any, on: datetime.date, **texts: Any) -> InspectionResult:
        """A draft of what becomes public of a closed visit, once; the second person, the masking and the rest are the publication's."""
        if by.role not in DRAFTERS:
            raise PermissionDenied("您的岗位不能拟公示。")
        with transaction.atomic():
            visit = type(inspection)._base_manager.select_for_update(of=("self",)).get(pk=inspection.pk)
            if sentence := visit.why_not_draft():
                raise MoveRefused(sentence)
            starts_on: Any = result_starts_on(visit)
            facts: dict[str, Any] = {"kind": visit.published_as, "enterprise": visit.enterprise, "inspected_on": visit.visited_on}
            row = Publication.draft(by=by, on=on, starts_on=starts_on, **facts, **texts)
            return cls.objects.create(inspection=visit, publication=row)
