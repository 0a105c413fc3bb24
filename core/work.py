"""Work: claiming and running Jobs. The ticker sweeps; a request runs only a small one it has just made, by the same function."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from core.models import Job

log = logging.getLogger(__name__)


def sweep(limit: int = 5) -> int:
    """Run up to `limit` due Jobs; how many were run. Safe to call from several processes."""
    ran = 0
    for job in Job.objects.due(timezone.now())[:limit]:
        if job.claim(timezone.now()):
            run(job)
            ran += 1
    return ran


def run(job: Job) -> None:
    """Run one claimed Job. What its handler raises is written on the Job and retried, then parked."""
    try:
        message = import_string(import_string(settings.JOB_HANDLERS)[job.kind])(job)
    except Exception as error:
        log.exception("job %s failed", job.pk)
        job.fail(f"{type(error).__name__}: {error}")
    else:
        job.finish(message)
