"""How notices say times."""

from __future__ import annotations

import datetime

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def deadline(moment: datetime.datetime) -> str:
    """The end of a window in words: 11月25日24:00, not 11月26日00:00."""
    here = timezone.localtime(moment)
    if here.time() == datetime.time():
        day = here.date() - datetime.timedelta(days=1)
        return f"{day.month}月{day.day}日24:00"
    return f"{here.month}月{here.day}日{here:%H:%M}"
