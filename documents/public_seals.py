"""The seals anybody may note down: the last of each day, and one by the number printed on a paper."""

from __future__ import annotations

import datetime

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from core.models import Seal

DAYS = 30
# More seals than DAYS can hold at one a minute: a look of that many by key, whatever the age of the table.
LOOK_BACK = (DAYS + 1) * 24 * 60


def with_count() -> QuerySet[Seal]:
    """Seals without their entries; `count` says how many Events each holds."""
    return Seal.objects.defer("entries").annotate(count=Count("members"))


def daily(today: datetime.date) -> QuerySet[Seal]:
    """The last seal of each of the last DAYS days, the newest first."""
    newest = Seal.newest()
    if newest is None:
        return with_count().none()
    first = timezone.make_aware(datetime.datetime.combine(today - datetime.timedelta(days=DAYS), datetime.time()))
    recent = Seal.objects.filter(number__gt=newest.number - LOOK_BACK, sealed_at__gte=first)
    last = recent.annotate(day=TruncDate("sealed_at")).values("day").annotate(last=Max("number"))
    return with_count().filter(number__in=list(last.order_by().values_list("last", flat=True))).order_by("-number")


def numbered(number: int) -> Seal | None:
    """The seal of that number."""
    return with_count().filter(number=number).first()
