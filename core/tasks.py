"""Tasks of core: thin, idempotent, called by the ticker."""

from __future__ import annotations

from urllib.parse import urlparse

from django.core.files.base import ContentFile
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import resolve
from django.utils import timezone

from core.models import Attachment, Job
from core.xlsx import write_xlsx


def drop_stale_uploads() -> int:
    """Remove photos that were uploaded and never attached; how many."""
    rows = list(Attachment.objects.stale(timezone.now())[:500])
    for row in rows:
        row.drop_files()
        row.delete()
    return len(rows)


def export_list(job: Job) -> str:
    """Write a list's filtered rows as xlsx, seen with the eyes of the person who asked (params: url, query, membership)."""
    match = resolve(urlparse(job.params["url"]).path)
    user = job.by
    user.membership = user.memberships.current().filter(pk=job.params["membership"]).first()
    request = RequestFactory().get(job.params["url"])
    request.GET = QueryDict(job.params["query"])
    request.user = user
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
