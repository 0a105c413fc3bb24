"""Tasks of notices: thin, idempotent, called by the schedule without arguments."""

from __future__ import annotations

import datetime

from django.db.models import Exists, F, OuterRef, Q, TimeField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.work import enqueue
from notices import duty_rules, project_rules, receivers
from notices.models import Channel, Delivery, Notice
from notices.models.channels import GROUPED_AT
from notices.models.deliveries import pending

FRESH = datetime.timedelta(hours=24)
BATCH = 500


def tell_duties(now: datetime.datetime | None = None) -> int:
    """Tell what is due of the periodic duties and not yet told; how many notices are new."""
    return duty_rules.tell(now or timezone.now())


def tell_morning(now: datetime.datetime | None = None) -> int:
    """Put the day's lists into the inboxes; how many are new."""
    return duty_rules.tell_morning(now or timezone.now())


def tell_projects(today: datetime.date | None = None) -> int:
    """Remind of the construction projects of which the district's bureau is still to be informed; how many notices are new."""
    return project_rules.tell(today or timezone.localdate())


def pack(now: datetime.datetime | None = None) -> int:
    """Make the deliveries that are due: urgent ones at once, the grouped one of the day at its time; how many."""
    now = now or timezone.now()
    return pack_urgent(now) + pack_grouped(now)


def pack_urgent(now: datetime.datetime) -> int:
    """One delivery for each urgent unread notice of the last FRESH over each channel that was on when it came."""
    made = 0
    day = timezone.localdate(now)
    urgent = Notice.objects.unread().filter(is_urgent=True, at__gt=now - FRESH, at__lte=now)
    for kind in Channel.Kind.values:
        channel = Channel.objects.on().filter(user=OuterRef("recipient"), kind=kind, on_since__lte=OuterRef("at"))
        sent = Delivery.objects.filter(notice=OuterRef("pk"), channel__kind=kind)
        rows = urgent.filter(Exists(channel)).exclude(Exists(sent)).annotate(channel=channel.values("pk")[:1])
        new = [
            Delivery(kind=Delivery.Kind.URGENT, channel_id=pk, notice_id=notice, day=day, cutoff=now, created_at=now)
            for notice, pk in rows.order_by("pk").values_list("pk", "channel")[:BATCH]
        ]
        made += publish(new)
    return made


def pack_grouped(now: datetime.datetime) -> int:
    """The day's one message over each channel whose time has come and that has something unread to carry."""
    made = 0
    here = timezone.localtime(now)
    day = here.date()
    at = Coalesce(F("user__notify_settings__grouped_at"), Value(GROUPED_AT), output_field=TimeField())
    done = Delivery.objects.filter(channel=OuterRef("pk"), day=day, kind=Delivery.Kind.GROUPED)
    channels = Channel.objects.on().annotate(grouped_at=at).filter(grouped_at__lte=here.time()).exclude(Exists(done))
    for time in sorted(set(channels.order_by().values_list("grouped_at", flat=True))):
        cutoff = timezone.make_aware(datetime.datetime.combine(day, time))
        waiting = Exists(pending(OuterRef(OuterRef("pk")), cutoff, OuterRef("user")))
        rows = channels.filter(Q(grouped_at=time), waiting, on_since__lte=now).order_by("pk")
        new = [
            Delivery(kind=Delivery.Kind.GROUPED, channel_id=pk, day=day, cutoff=cutoff, created_at=now)
            for pk in rows.values_list("pk", flat=True)[:BATCH]
        ]
        made += publish(new)
    return made


def publish(new: list[Delivery]) -> int:
    """Write these deliveries, those already there left out, and hand the waiting ones to a worker; how many were given."""
    if not new:
        return 0
    Delivery.objects.bulk_create(new, ignore_conflicts=True)
    written = Delivery.objects.filter(
        channel__in={row.channel_id for row in new}, state=Delivery.State.PENDING, attempts=0, not_before=None
    )
    for row in written.filter(created_at=new[0].created_at):
        enqueue(row)
    return len(new)


def report_parked(now: datetime.datetime | None = None) -> int:
    """Tell of the messages that were given up, once each; how many."""
    now = now or timezone.now()
    rows = list(Delivery.objects.unreported().select_related("channel__user", "notice").order_by("pk")[:BATCH])
    for row in rows:
        receivers.report(row)
        Delivery.objects.filter(pk=row.pk).update(reported_at=now)
    return len(rows)
