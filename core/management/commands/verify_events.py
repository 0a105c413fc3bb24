"""manage.py verify_events [--printed NUMBER:DIGEST …]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.seals import newest_line
from core.verification import verify


class Command(BaseCommand):
    """Checks every Event against the seals: exit 0 with a sentence, or 1 with the first bad row's id and what was done to it."""

    help = (
        "核对全部事件与封条。无误时退出码为 0;有误时为 1,并写出首个有问题的行及情况。截尾和整体改写要靠打印件上的封条(--printed)才看得出。"
    )

    def add_arguments(self, parser: Any) -> None:
        """--printed, any number of them."""
        parser.add_argument(
            "--printed", nargs="+", default=[], metavar="编号:摘要", help="纸质文书或公示页上印的封条,如 128:3f9a2b7c81d04e55,可写多个"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk and say."""
        try:
            verdict = verify(options["printed"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        if verdict.finding:
            raise CommandError(f"核对不符,首个有问题的行:{verdict.finding}", returncode=1)
        compared = f",与 {len(options['printed'])} 个打印的封条相符" if options["printed"] else ""
        self.stdout.write(f"核对无误:{verdict.seals} 个封条,{verdict.events} 条事件{compared};另有 {verdict.unsealed} 条待封存。")
        self.stdout.write(newest_line())
