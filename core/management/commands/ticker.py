"""manage.py ticker"""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from core.ticker import Ticker


class Command(BaseCommand):
    """Runs the schedule until it is told to stop; one process of it per installation."""

    help = "按计划运行定时任务和后台任务,直到收到停止信号。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Stop cleanly on SIGINT and SIGTERM."""
        ticker = Ticker()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ticker.stop())
        self.stdout.write("定时任务已启动。")
        ticker.run()
