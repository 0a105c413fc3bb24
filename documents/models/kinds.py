"""Kinds of papers: name, number pattern, who issues them, by edition."""

from __future__ import annotations

import functools

from django.conf import settings
from django.db import models

from core.models.deadlines import Dated, DatedQuerySet


class DocumentKind(Dated):
    """One kind of paper in one edition; a Document points at the edition in force on its day."""

    class Issuer(models.TextChoices):
        TOWN = "town", "镇"
        ENTERPRISE = "enterprise", "企业"

    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=60)
    issuer = models.CharField("制发单位", max_length=12, choices=Issuer)
    pattern = models.CharField("编号式样", max_length=80)
    is_official = models.BooleanField("公文格式", default=False)
    is_published = models.BooleanField("须公示", default=False)
    is_delegable = models.BooleanField("可受委托制发", default=False, help_text="受委托时以委托机关的名义和编号制发。")
    recipients = models.CharField("送达对象", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "文书种类"
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="document_kind_edition"),
            models.CheckConstraint(
                condition=models.Q(is_delegable=False) | models.Q(issuer="town", pattern__contains="{MARK}"),
                name="document_kind_delegable",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(code, newest name) of each kind, in order."""
        found = dict(cls.objects.order_by("effective_from").values_list("code", "name"))
        places = dict(cls.objects.values_list("code", "order"))
        return sorted(found.items(), key=lambda kind: (places[kind[0]], kind[0]))

    def number_for(self, year: int, serial: int, mark: str = "") -> str:
        """The printed number with the organ's mark, the town's own without one, e.g. (綦石)应急检记〔2026〕3号."""
        words = {"{MARK}": mark or settings.HOME_MARK, "{YYYY}": str(year), "{N}": str(serial)}
        return functools.reduce(lambda text, word: text.replace(*word), words.items(), self.pattern)
