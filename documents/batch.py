"""Many papers as one download: a Job that makes what is not made yet and packs them."""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections.abc import Iterable
from typing import Any

from django.core.files.base import File

from core.models import Job
from core.work import run_one
from documents.models import Document

MAX_PAPERS = 1000
WAIT_SECONDS = 1
PATIENCE = 300


class NotReady(RuntimeError):
    """Papers that another process is still making, or that were given up."""


def start(papers: Iterable[Document], *, by: Any, title: str) -> Job:
    """A Job under 我的下载 that packs these papers into one zip; whoever calls has chosen them within the scope."""
    pks = [paper.pk for paper in papers]
    return Job.start(kind="paper_batch", title=title, by=by, params={"papers": pks}, total=len(pks))


def pack(job: Job) -> str:
    """Make what waits, then write the zip; papers given up are named and left out. Running it again changes nothing."""
    wanted: list[int] = job.params["papers"]
    for number, pk in enumerate(wanted, start=1):
        run_one(Document, pk)
        job.progress(number, len(wanted))
    _await(wanted, job)
    with tempfile.TemporaryFile() as out:
        left = _write(out, wanted)
        job.result.save(f"{job.pk}.zip", File(out), save=False)
    job.result_name = f"{job.title}.zip"
    return f"共 {len(wanted) - len(left)} 份" + (f";没有生成的 {len(left)} 份:{'、'.join(left)}" if left else "")


def _write(out: Any, wanted: list[int]) -> list[str]:
    left = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for number, pk in enumerate(wanted, start=1):
            paper = Document.objects.select_related("kind", "enterprise", "replaces").get(pk=pk)
            if paper.file:
                packed.writestr(f"{number:04d} {'' if paper.is_valid else '(作废)'}{paper.file_name}", paper.bytes())
            else:
                left.append(paper.number)
    return left


def _await(wanted: list[int], job: Job) -> None:
    """Until the papers that other processes are making are made."""
    ends = time.monotonic() + PATIENCE
    while Document.objects.filter(pk__in=wanted).exclude(state__in=(Document.State.DONE, Document.State.PARKED)).exists():
        if time.monotonic() > ends:
            raise NotReady("有文书还在生成,请稍后重试")
        for pk in wanted:
            run_one(Document, pk)
        job.progress(job.done, job.total)
        time.sleep(WAIT_SECONDS)
