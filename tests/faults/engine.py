"""What the real worker and beat of test_worker.py run: Jobs that can be killed, and switches that take one protection away.

Started as `celery -A tests.faults.engine`; TEST_OFF names the protection that is off in a control run.
"""

import datetime
import os
import time
from pathlib import Path

from celery import signals

from shijiao.schedule import Entry

__all__ = ["app"]
OFF = os.environ.get("TEST_OFF", "").split()

SCHEDULE = {
    "work": Entry("core.work.sweep", datetime.timedelta(seconds=0.5), "test"),
    "counted": Entry("tests.faults.engine.count", datetime.timedelta(hours=1), "test"),
}
if os.environ.get("TEST_MORNING"):
    SCHEDULE["morning"] = Entry("tests.faults.engine.morning", datetime.timedelta(seconds=1), "test")
HANDLERS = {
    "list_export": "core.tasks.export_list",
    "quick": "tests.faults.engine.quick",
    "noop": "tests.faults.engine.noop",
    "hangs": "tests.faults.engine.hangs",
    "slow": "tests.faults.engine.slow",
    "poison": "tests.faults.engine.poison",
}


def note_run(subject, by):
    """Each run leaves one Event, with the process that made it."""
    from django.utils import timezone

    from core.models import Event

    Event.record(subject, by=by, on=timezone.localdate(), move="ran", label="跑", data={"pid": os.getpid()})


def count():
    """The scheduled entry whose runs are counted."""
    from accounts.models import User

    note_run(User.objects.system(), User.objects.system())


def quick(job):
    """Done at once."""
    note_run(job, job.by)
    return "好"


def noop(job):
    """Done without a trace."""
    return "好"


def hangs(job):
    """The first attempt hangs until it is killed."""
    note_run(job, job.by)
    if job.attempts == 1:
        time.sleep(300)
    return "好"


def slow(job):
    """Longer than two leases."""
    note_run(job, job.by)
    time.sleep(2.5 * float(os.environ["TEST_LEASE"]))
    return "好"


def poison(job):
    """Never works."""
    note_run(job, job.by)
    raise ValueError("毒")


def morning():
    """The morning list, firm by firm and slow enough to be killed in between; each firm leaves the process that took it."""
    from django.utils import timezone

    from accounts.models import User
    from notices import duty_rules
    from notices.models import notice

    class Slow(duty_rules.Morning):
        def lists_in(self, firms):
            note_run(User.objects.system(), User.objects.system())
            time.sleep(0.15)
            return super().lists_in(firms)

        def untold(self, lists):
            if "once" not in OFF:
                yield from super().untold(lists)
            for person, rows in lists.values() if "once" in OFF else ():
                yield self.notice(person, rows)

    plain, duty_rules.Morning, duty_rules.FIRMS, notice.CHUNK = duty_rules.Morning, Slow, 1, 1
    if "once" in OFF:
        notice.Notice._send_chunk = classmethod(lambda cls, rows: len(cls.objects.bulk_create(rows)))
    try:
        duty_rules.tell_morning(timezone.now())
    finally:
        duty_rules.Morning = plain


def cut_writing(folder):
    """The first PDF is written as far as the last step before it is whole, and then hangs until its process is killed."""
    from types import SimpleNamespace

    from core import files
    from documents.models import document

    def fsync(descriptor):
        if not (folder / "cut").exists():
            (folder / "cut").write_text(str(os.getpid()))
            time.sleep(300)

    def in_place(name, data):
        path = Path(files.default_storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.write(data[: len(data) // 2])
            out.flush()
            fsync(out.fileno())
            out.write(data[len(data) // 2 :])
        return name

    files.os = SimpleNamespace(fsync=fsync)
    if "whole" in OFF:
        document.keep_whole = in_place


from shijiao.celery import app  # noqa: E402 - it reads the SCHEDULE above


@signals.worker_init.connect
@signals.beat_init.connect
def weaken(**kwargs):
    """Take away the protection that TEST_OFF names."""
    from django.db import models

    from core import work
    from core.models import Tick
    from core.models.work import WorkRow, WorkRowQuerySet

    if "TEST_CUT" in os.environ:
        cut_writing(Path(os.environ["TEST_CUT"]))
    if "takeover" in OFF:
        WorkRowQuerySet.due = lambda self, now: self.filter(state="pending").order_by("pk")
    if "keeper" in OFF:
        work.Keeper.run = lambda self: None
    if "parking" in OFF:
        WorkRow.fail = lambda self, error: self._held().update(
            state="pending", leased_until=None, attempts=0, last_error=error, token=models.F("token")
        )
    if "guard" in OFF:
        Tick.take = classmethod(lambda cls, name, every, now: bool(cls.objects.update_or_create(name=name, defaults={"started_at": now})))
