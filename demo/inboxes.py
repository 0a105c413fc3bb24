"""What people find in their inboxes: the last days' lists, reminders and misses, told by the rules; older ones are read."""

from __future__ import annotations

import datetime

from django.db.models import F
from django.utils import timezone

from core import moment
from hazards import major_reminders, reminders
from inspections.tasks import tell_deadlines
from notices.models import Notice
from notices.tasks import tell_duties, tell_morning, tell_projects

DAYS = 4
HOURS = (6, 21)


def fill(today: datetime.date) -> None:
    """Play the ticks of the last DAYS days up to this morning, then read what is older than a day."""
    for back in range(DAYS, -1, -1):
        for hour in HOURS if back else HOURS[:1]:
            day = today - datetime.timedelta(days=back)
            now = timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour)))
            with moment.at(now):
                tell_morning(now)
                tell_duties(now)
                reminders.tell(day)
                major_reminders.tell(now)
                tell_projects(day)
                tell_deadlines(day)
    old = timezone.make_aware(datetime.datetime.combine(today - datetime.timedelta(days=1), datetime.time()))
    Notice.objects.unread().filter(at__lt=old).update(read_at=F("at") + datetime.timedelta(hours=2))
