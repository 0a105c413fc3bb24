"""Tasks of accounts: thin, idempotent, called by the ticker."""

from __future__ import annotations

import datetime

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import OneTimeCode, SignInSession

KEPT = datetime.timedelta(days=90)


def drop_old_sign_ins() -> int:
    """Remove ended sessions, and sign-in rows, failed tries and dead codes older than KEPT; how many rows."""
    now = timezone.now()
    rows = (
        Session.objects.filter(expire_date__lt=now),
        SignInSession.objects.filter(seen_at__lt=now - KEPT),
        AccessAttempt.objects.filter(attempt_time__lt=now - KEPT),
        AccessLog.objects.filter(attempt_time__lt=now - KEPT),
        OneTimeCode.objects.filter(expires_at__lt=now - KEPT),
    )
    return sum(found.delete()[0] for found in rows)
