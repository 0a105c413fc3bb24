"""manage.py seed_demo [--scale N] [--today DATE] [--if-empty]"""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import User
from core.seals import seal_all
from demo.township import seed


class Command(BaseCommand):
    """Fills an empty database with the demo township; the same --today gives the same township."""

    help = "演示镇:导入台账样表,半年的检查、隐患、重大隐患和文书;五家企业最近几周逐步办理,其余批量生成。"

    def add_arguments(self, parser: Any) -> None:
        """--scale, --today, --if-empty."""
        parser.add_argument("--scale", type=int, default=1, help="企业数量的倍数(多出的为编造的企业)")
        parser.add_argument("--today", default="", help="演示的“今天”,如 2026-11-24")
        parser.add_argument("--if-empty", action="store_true", help="已有演示数据时什么也不做")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, once."""
        today = parse_date(options["today"]) if options["today"] else timezone.localdate()
        if not isinstance(today, datetime.date) or options["scale"] < 1:
            raise CommandError("--today 要写成 2026-11-24 这样的日期,--scale 是正整数。")
        if User.objects.filter(username="inspector").exists():
            if options["if_empty"]:
                self.stdout.write("已有演示数据,不再生成。")
                return
            raise CommandError("数据库里已有演示数据。要重来请先删除 var/db.sqlite3 和 var/media。")
        started = time.monotonic()
        call_command("load_catalogue", stdout=self.stdout)
        with transaction.atomic():
            for line in seed(today=today, scale=options["scale"], sample=Path(__file__).parents[2] / "roster-sample.xlsx"):
                self.stdout.write(line)
        self.stdout.write(f"封存事件 {seal_all()} 条。")
        self.stdout.write(f"演示镇已就绪,用时 {time.monotonic() - started:.1f} 秒。")
