"""Events: the append-only story of every row that has a state."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.module_loading import import_string

from core import moment


def subject_key(subject: models.Model) -> tuple[str, int]:
    """("app.model", pk): how a row is named by Events, Attachments, Holds and Signatures."""
    return subject._meta.label_lower, subject.pk


class EventQuerySet(models.QuerySet["Event"]):
    """Questions asked of the story."""

    def of(self, subject: models.Model) -> EventQuerySet:
        """The story of one row, oldest first."""
        model, pk = subject_key(subject)
        return self.filter(subject_model=model, subject_pk=pk).order_by("at", "pk")

    def visible_to(self, user: Any) -> EventQuerySet:
        """Without the town's internal entries for people of an enterprise and of a village."""
        return self if user.is_office else self.exclude(audience=Event.Audience.TOWN)


class Event(models.Model):
    """One fact that happened to one row; never changed, never deleted."""

    class Audience(models.TextChoices):
        ALL = "all", "有权查看该记录的人"
        TOWN = "town", "仅镇级人员"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("记录时间", default=moment.now)
    on = models.DateField("业务日期")
    move = models.CharField("动作", max_length=40)
    label = models.CharField("动作名称", max_length=40)
    from_state = models.CharField("原状态", max_length=32, blank=True)
    to_state = models.CharField("新状态", max_length=32, blank=True)
    note = models.TextField("说明", blank=True)
    data = models.JSONField("内容", default=dict, encoder=DjangoJSONEncoder)
    subject_model = models.CharField("对象类型", max_length=80)
    subject_pk = models.BigIntegerField("对象编号")
    enterprise_id = models.BigIntegerField("企业", null=True, db_index=True)
    area_code = models.CharField("区域", max_length=12, blank=True)
    audience = models.CharField("可见范围", max_length=8, choices=Audience, default=Audience.ALL)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        indexes = [models.Index(fields=["subject_model", "subject_pk", "at"], name="event_subject")]

    def __str__(self) -> str:
        return f"{self.label} {self.on}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert once; a second save is a programming error."""
        if self.pk:
            raise TypeError("Event 只能追加,不能修改")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: the story is append-only."""
        raise TypeError("Event 只能追加,不能删除")

    @classmethod
    def record(
        cls,
        subject: models.Model,
        *,
        by: Any,
        on: datetime.date,
        move: str,
        label: str,
        states: tuple[str, str] = ("", ""),
        note: str = "",
        data: dict[str, Any] | None = None,
        audience: str = Audience.ALL,
    ) -> Event:
        """Append one Event about `subject`, and run what reacts to it in the same transaction.

        The scope columns are read from the subject itself, which must already be as the move leaves it.
        """
        event = cls.about(subject, by=by, on=on, move=move, label=label, states=states, note=note, data=data, audience=audience)
        with transaction.atomic():
            event.save()
            react(subject, event)
        return event

    @classmethod
    def about(cls, subject: models.Model, *, states: tuple[str, str] = ("", ""), data: dict[str, Any] | None = None, **facts: Any) -> Event:
        """An Event of this row, not saved yet; for whoever appends many at once."""
        model, pk = subject_key(subject)
        enterprise_id, area_code = event_scope(subject)
        scope = {"subject_model": model, "subject_pk": pk, "enterprise_id": enterprise_id, "area_code": area_code}
        return cls(from_state=states[0], to_state=states[1], data=data or {}, **scope, **facts)


def react(subject: models.Model, event: Event) -> None:
    """Run what must happen above when this happens below: the functions listed under (model label, move)."""
    for dotted in import_string(settings.REACTIONS).get((subject._meta.label, event.move), ()):
        import_string(dotted)(subject, event)


def event_scope(subject: models.Model) -> tuple[int | None, str]:
    """(enterprise_id, area_code) of a row: its own `event_scope()`, else its enterprise's."""
    own = getattr(subject, "event_scope", None)
    if own is not None:
        return own()
    enterprise = getattr(subject, "enterprise", None)
    if enterprise is None:
        return None, ""
    return enterprise.pk, enterprise.area_id or ""
