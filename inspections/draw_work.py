"""Freezing, drawing and giving the tasks in the background: large draws, one Job at a time, with progress."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core.models import Job, MoveRefused
from inspections.models import Draw
from inspections.models.draw_making import Progress


def freeze(job: Job) -> str:
    """Fix the lists; what refuses is the Job's sentence, and nothing has changed."""
    return work(job, "freeze", "名单已冻结。")


def draw(job: Job) -> str:
    """Draw; what refuses is the Job's sentence, and nothing has changed."""
    return work(job, "draw", "已抽取。")


def issue_tasks(job: Job) -> str:
    """Give the tasks; what refuses is the Job's sentence, and those given before it stay."""
    return work(job, "issue_tasks", "检查任务已下达。")


def work(job: Job, name: str, done: str) -> str:
    """Do it for whoever asked, in the role that may; run again when it is done it changes nothing."""
    row = Draw.objects.select_related("job", "pool").get(pk=job.params["draw"])
    if row.job_id != job.pk or row.state not in row.MOVES[name].sources:
        return "已经办过。"
    by, row.working = acting(job), job.pk
    if by is None:
        return "发起人已不在岗,没有办理,请由在岗人员再办一次。"
    try:
        getattr(row, f"{name}_now")(by=by, on=timezone.localdate(), progress=watched(job))
    except MoveRefused as refused:
        return refused.message
    return done


def acting(job: Job) -> Any:
    """Who asked for it, in the membership he asked in; None when he has left it."""
    person = job.by
    person.membership = person.memberships.current().filter(pk=job.params["membership"]).first()
    return person if person.membership else None


def watched(job: Job) -> Progress:
    """Write the progress; a worker that lost its lease to another stops here."""

    def tell(done: int, total: int) -> None:
        job.done, job.total = done, total
        if not job.renew(done=done, total=total):
            raise RuntimeError("another worker has taken this job")

    return tell
