"""The roster import from the command line: a dry run unless told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import Area, User
from core.models import Job
from enterprises.models import RosterImport, RosterRow
from enterprises.roster import work
from enterprises.roster.parts import RosterRefused


class Command(BaseCommand):
    """Prints the result table and the counts; writes only with --apply, all rows or none."""

    help = "核对一份企业名册(xlsx 或 CSV),打印逐行结果;加 --apply 才写入企业档案。"

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE [--apply]."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="写入好的行")

    def handle(self, *args: Any, **options: Any) -> None:
        """A dry run leaves nothing behind, not even the import itself."""
        area = Area.objects.filter(code=settings.HOME_AREA).first()
        if area is None:
            raise CommandError(f"没有区域 {settings.HOME_AREA},请先运行 manage.py load_catalogue。")
        path = options["file"]
        if not path.is_file():
            raise CommandError(f"没有这个文件:{path}")
        with transaction.atomic():
            try:
                roster = work.take_in(path.read_bytes(), path.name, by=User.objects.system(), area=area)
            except RosterRefused as refused:
                raise CommandError(str(refused)) from refused
            self.run(roster, write=options["apply"])
            if not options["apply"]:
                transaction.set_rollback(True)

    def run(self, roster: RosterImport, *, write: bool) -> None:
        """Check, print, and write when asked."""
        if problems := work.ready(roster.layout):
            raise CommandError(";".join(problems))
        by, on = User.objects.system(), timezone.localdate()
        roster.review(by=by, on=on)
        counts = work.review(self.started(roster))
        self.table(roster)
        self.stdout.write(counts)
        if not write:
            self.stdout.write("这是试运行,没有写入。加 --apply 写入。")
            return
        roster.refresh_from_db()
        if roster.rows.good().exists():
            roster.apply(by=by, on=on)
            self.stdout.write(work.apply(self.started(roster)))
        else:
            self.stdout.write("没有可以写入的行,档案没有变化。")

    def started(self, roster: RosterImport) -> Job:
        """The import's Job, closed to the sweeper: this process does it."""
        job = Job.objects.get(pk=roster.job_id)  # type: ignore[misc]
        job.state = Job.State.DONE
        job.save(update_fields=["state"])
        return job

    def table(self, roster: RosterImport) -> None:
        """One line per row, and one per finding beneath it."""
        for left in roster.layout["ignored"]:
            self.stdout.write(f"工作表“{left['name']}”:{left['why']}")
        for skip in roster.layout["skipped"]:
            self.stdout.write(f"{skip['sheet']}\t第{skip['number']}行\t{skip['why']}")
        for row in roster.rows.all():
            self.stdout.write(f"{row.sheet}\t第{row.number}行\t{RosterRow.Verdict(row.verdict).label}\t{row.name}")
            for m in row.messages:
                self.stdout.write(f"\t{m['column']}列 {m['heading']}\t{m['found']}\t{m['text']}" if m["column"] else f"\t{m['text']}")
