"""200 papers by the worker against one by one with a fresh font configuration; memory of the worker flat over 1,000.

Run by bin/bench: python -m bench.papers [papers]
"""

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shijiao.settings")
django.setup()

from django.conf import settings
from django.utils import timezone

from accounts.models import Area, Sector, User
from bench.notices import FLAT
from core import pdf
from core.work import run_one
from documents.models import Document, DocumentKind
from enterprises.models import Enterprise

PROCESSES = 2  # --concurrency of deploy/'s worker
RATIO = 0.6  # the batch against one by one
SOAK = 1000
SETTLED = 100  # fonts and templates are read by then
FACTS = {"隐患": "2号冲床防护罩缺失,喆赟祎㎡。" * 8, "整改要求": "立即停用,加装防护罩并经安全管理员验收。" * 6}


def megabytes():
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def issued(count):
    """So many numbered papers of one firm, their PDFs not made yet."""
    area, _ = Area.objects.get_or_create(code=settings.HOME_AREA, defaults={"name": "石角镇"})
    sector, _ = Sector.objects.get_or_create(
        code="MACHINERY", defaults={"name": "机械行业", "edition": "bench", "effective_from": "2019-01-01"}
    )
    found = {"name": "量测机械厂", "sector": sector, "industry_code": "3311", "area": area, "headcount": 30}
    firm, _ = Enterprise.objects.get_or_create(credit_code="91500110MA0000001W", defaults=found)
    by, day = User.objects.system(), timezone.localdate()
    return [Document.issue("BENCH", subject=firm, enterprise=firm, facts=FACTS | {"号": n}, by=by, on=day) for n in range(count)]


def kind():
    """A kind of paper that prints its facts as they are."""
    named = {"name": "量测单", "issuer": "enterprise", "pattern": "量测〔{YYYY}〕{N}号", "effective_from": "2019-01-01"}
    DocumentKind.objects.get_or_create(code="BENCH", edition="bench", defaults=named)


def make(pk):
    """One paper, claimed, rendered and stored as a worker does it."""
    return run_one(Document, pk)


def by_worker(papers, warm_up):
    """Seconds in which the two processes of deploy/'s worker make them, once both are warm."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES, initializer=django.setup) as worker:
        worker.map(make, [paper.pk for paper in warm_up], chunksize=1)
        began = time.perf_counter()
        done = worker.map(make, [paper.pk for paper in papers], chunksize=5)
        seconds = time.perf_counter() - began
    if not all(done):
        sys.exit("not every paper was made")
    return seconds


def one_process(papers, *, fresh=False):
    """Seconds in which this process makes them, with one font configuration or a fresh one for each."""
    pdf._engine.cache_clear()
    began = time.perf_counter()
    for paper in papers:
        if fresh:
            pdf._engine.cache_clear()
        make(paper.pk)
    return time.perf_counter() - began


def soak():
    """A process that makes SOAK papers: prints what it held when settled and at the end."""
    marks = []
    for number, paper in enumerate(Document.objects.filter(state="pending").order_by("pk")[:SOAK], start=1):
        run_one(Document, paper.pk)
        if number in (SETTLED, SOAK):
            marks.append(megabytes())
    print(*marks, Document.objects.filter(state="done").count())


def main(papers=200):
    """Prints the figures; exit 1 when one is over its limit."""
    kind()
    fresh, one = one_process(issued(papers), fresh=True), one_process(issued(papers))
    ratio = by_worker(issued(papers), issued(PROCESSES * 2)) / fresh
    print(f"{papers} papers one by one with fresh fonts {fresh:.1f} s, by one warm process {one / fresh:.2f} of that")
    print(f"by the worker's {PROCESSES} processes {ratio:.2f} of that (limit {RATIO})")
    issued(SOAK)
    done = subprocess.run([sys.executable, "-m", "bench.papers", "soak"], capture_output=True, text=True, check=True)  # noqa: S603
    settled, end, made = (float(text) for text in done.stdout.split()[-3:])
    print(f"memory {settled:.0f} MB after {SETTLED} papers, {end:.0f} MB after {SOAK} (limit {FLAT} times)")
    if ratio > RATIO or end > FLAT * settled or made != 3 * papers + 2 * PROCESSES + SOAK:
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["soak"]:
        soak()
    else:
        main(*map(int, sys.argv[1:]))
