"""Tasks of core: thin, idempotent, called by the ticker."""

from __future__ import annotations

import datetime
from urllib.parse import urlparse

from django.core.files.base import ContentFile
from django.http import HttpRequest, QueryDict
from django.urls import resolve
from django.utils import timezone

from core.models import Attachment, Job
from core.xlsx import write_xlsx

RESULTS_KEPT = datetime.timedelta(days=30)


def drop_stale_uploads() -> int:
    """Remove photos that were uploaded and never attached; how many."""
    rows = list(Attachment.objects.stale(timezone.now())[:500])
    return sum(row.discard() for row in rows)


def drop_old_results() -> int:
    """Remove result files of jobs finished more than RESULTS_KEPT ago; the rows stay. How many."""
    old = Job.objects.filter(finished_at__lt=timezone.now() - RESULTS_KEPT).exclude(result="")
    for job in old[:500]:
        job.result.delete(save=False)
        Job.objects.filter(pk=job.pk).update(result="", message="结果文件已过保存期,需要时请重新导出。")
    return len(old)


def export_list(job: Job) -> str:
    """Write a list's filtered rows as xlsx, seen with the eyes of the person who asked (params: url, query, membership)."""
    match = resolve(urlparse(job.params["url"]).path)
    user = job.by
    user.membership = user.memberships.current().filter(pk=job.params["membership"]).first()
    request = HttpRequest()
    request.method, request.path, request.GET, request.user = "GET", job.params["url"], QueryDict(job.params["query"]), user
    view = match.func.view_class()  # type: ignore[attr-defined]
    view.setup(request, *match.args, **match.kwargs)
    rows = view.get_queryset()
    total = rows.count()

    def lines():
        for number, row in enumerate(rows.iterator(chunk_size=1000), start=1):
            if number % 1000 == 0:
                job.progress(number, total)
            yield [read(row) for _, read in view.columns]

    data = write_xlsx([heading for heading, _ in view.columns], lines())
    job.result.save(f"{job.pk}.xlsx", ContentFile(data), save=False)
    job.result_name = f"{view.export_name()}.xlsx"
    return f"共 {total} 行"
