"""manage.py make_occurrences [--date DATE]"""

from __future__ import annotations

import datetime
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date

from duties.making import Maker, make_ahead


class Command(BaseCommand):
    """Makes the occurrences of the days ahead, or of the periods that begin on one date; the last number printed is how many."""

    help = "生成任务期次:默认生成今天起 14 天内的;--date 只生成从那一天开始的周期。重复运行不会重复生成。"

    def add_arguments(self, parser: Any) -> None:
        """--date."""
        parser.add_argument("--date", default="", help="如 2026-11-25")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them."""
        started = time.monotonic()
        try:
            day = parse_date(options["date"]) if options["date"] else None
        except ValueError:
            day = None
        if options["date"] and not isinstance(day, datetime.date):
            raise CommandError("--date 要写成 2026-11-25 这样的日期。")
        made = Maker().make(day, day) if day else make_ahead()
        self.stdout.write(f"用时 {time.monotonic() - started:.2f} 秒,新生成任务期次 {made}")
