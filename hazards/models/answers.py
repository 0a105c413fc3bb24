"""Answers: one item's result in a check; a FAIL grows into a hazard."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models

from core import moment
from core.models import Attachment
from duties.periods import Frequency
from enterprises.models import Enterprise
from hazards.models.hazard import LONGEST, Hazard

SOURCES = {Frequency.DAY: Hazard.Source.TEAM, Frequency.WEEK: Hazard.Source.DEPARTMENT}


class AnswerQuerySet(models.QuerySet["Answer"]):
    """Scope."""

    def for_user(self, user: Any) -> AnswerQuerySet:
        """Of the checks this user may see."""
        checks = self.model._meta.get_field("check_row").related_model
        return self.filter(check_row__in=checks.objects.for_user(user))


class Answer(models.Model):
    """One item's result; a FAIL says what was seen, how grave, until when."""

    class Result(models.TextChoices):
        PASS = "pass", "合格"
        FAIL = "fail", "不合格"
        NA = "na", "不适用"

    check_row = models.ForeignKey("hazards.Check", models.CASCADE, related_name="answers", verbose_name="检查")
    position = models.PositiveSmallIntegerField("第几项")
    result = models.CharField("结果", max_length=4, choices=Result)
    note = models.CharField("情况描述", max_length=500, blank=True)
    level = models.CharField("级别", max_length=10, choices=Hazard.Level, blank=True)
    due_on = models.DateField("建议期限", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("填写时间", default=moment.now)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查结果"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["check_row", "position"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.position + 1} {self.get_result_display()}"

    @property
    def enterprise(self) -> Enterprise:
        """The check's enterprise, for the scope columns of its photos."""
        return self.check_row.enterprise

    @property
    def item(self) -> dict[str, Any]:
        """The frozen item it answers."""
        return self.check_row.items[self.position]

    def content(self) -> dict[str, Any]:
        """What counts when two submissions are compared; a PASS or NA has no details."""
        due_on = self.due_on.isoformat() if self.due_on else ""
        return bare({"result": self.result, "note": self.note, "level": self.level, "due_on": due_on})

    def differs(self, given: dict[str, Any]) -> bool:
        """Whether what was given is other content than what is stored."""
        return self.content() != bare(given)

    def write(self, given: dict[str, Any], *, by: Any) -> None:
        """Save what was given: result, note, level, due_on (ISO or ""), and `photos` (uids of one's own uploads)."""
        clean = bare(given)
        self.result, self.by, self.at = clean["result"], by, moment.now()
        self.note, self.level = clean.get("note", ""), clean.get("level", "")
        self.due_on = datetime.date.fromisoformat(clean["due_on"]) if clean.get("due_on") else None
        self.version += 1
        self.save()
        self.add_photos(given, by=by)

    def add_photos(self, given: dict[str, Any], *, by: Any) -> None:
        """Tie the uploads named by `photos` to a FAIL; those already tied stay."""
        uids = given.get("photos") if self.result == self.Result.FAIL else None
        if uids:
            Attachment.attach(list(Attachment.objects.orphans_of(by).filter(uid__in=uids)), self, purpose="before", by=by)

    def make_hazard(self, *, by: Any, on: datetime.date) -> Hazard:
        """The hazard of this FAIL, with its words, basis and photos; in the caller's transaction."""
        item, check = self.item, self.check_row
        hazard = Hazard.report(
            by=by,
            on=on,
            enterprise=check.enterprise,
            unit=check.unit,
            answer=self,
            source=SOURCES.get(Frequency(check.frequency), Hazard.Source.PLANT),
            level=self.level or Hazard.Level.NORMAL,
            place=f"{check.unit}·{item['name']}"[:100],
            description=self.note,
            basis=item["basis"],
            proposed_due_on=self.due_on if self.due_on and on <= self.due_on <= on + LONGEST else None,
        )
        Attachment.hand_on(self, hazard)
        return hazard


def bare(given: dict[str, Any]) -> dict[str, Any]:
    """An answer's content without what does not count in a comparison; only a FAIL has details."""
    if given["result"] != Answer.Result.FAIL:
        return {"result": given["result"]}
    level = given.get("level") or Hazard.Level.NORMAL.value
    return {"result": given["result"], "note": given.get("note", ""), "level": level, "due_on": given.get("due_on", "")}
