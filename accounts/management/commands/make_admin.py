"""`manage.py make_admin USERNAME NAME`: the first administrator, and the code that lets the person in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.forms import tidy_username
from accounts.models import Area, OneTimeCode, Role, User
from core.models import Event


class Command(BaseCommand):
    """Makes the account when it is missing; run again it prints a new code."""

    help = "建立系统管理员账号,打印一次性代码"

    def add_arguments(self, parser: CommandParser) -> None:
        """User name and name."""
        parser.add_argument("username", help="用户名")
        parser.add_argument("name", help="姓名")

    @transaction.atomic
    def handle(self, *args: Any, username: str, name: str, **options: Any) -> None:
        """Account, role, code, Event."""
        username = tidy_username(username)
        area, _ = Area.objects.get_or_create(code=settings.HOME_AREA, defaults={"name": settings.ORGANISER})
        user, new = User.objects.get_or_create(username=username, defaults={"name": name, "password": "!"})
        held = user.memberships.filter(role=Role.ADMIN).current()
        if not new and not held.exists():
            raise CommandError(f"用户名 {username} 已有人用,而且不是系统管理员,请换一个。")
        if new:
            user.memberships.create(role=Role.ADMIN, area=area)
        system = User.objects.system()
        Event.record(user, by=system, on=timezone.localdate(), move="make_admin", label="建立系统管理员" if new else "签发一次性代码")
        purpose = OneTimeCode.Purpose.INVITE if new else OneTimeCode.Purpose.RESET
        code = OneTimeCode.issue(user, purpose=purpose, by=system)
        self.stdout.write(f"用户名:{username}\n一次性代码:{code.text}(7 天内有效,只能用一次)\n请打开 /account/activate/ 设置密码。")
