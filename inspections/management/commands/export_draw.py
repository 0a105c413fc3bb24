"""manage.py export_draw ID: print the file of a published draw."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.models import MoveRefused
from inspections.draw_file import text_of
from inspections.models import Draw


class Command(BaseCommand):
    """Print what is published of a draw, by its number (2026-001) or key; refused before its publication."""

    help = "打印一次已公布的双随机抽取(编号或主键)的 JSON 文件"

    def add_arguments(self, parser: CommandParser) -> None:
        """The draw."""
        parser.add_argument("id", help="编号,例如 2026-001,或主键")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print it."""
        named = options["id"]
        rows = Draw._base_manager.filter(pk=int(named)) if named.isdigit() and len(named) < 19 else Draw._base_manager.filter(number=named)
        draw = rows.first()
        if draw is None:
            raise CommandError(f"没有编号为 {named} 的抽取。")
        try:
            self.stdout.write(text_of(draw), ending="")
        except MoveRefused as refused:
            raise CommandError(refused.message) from refused
