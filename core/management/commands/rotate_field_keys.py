"""manage.py rotate_field_keys"""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from core.fields import EncryptedField


class Command(BaseCommand):
    """Encrypts every encrypted field anew with the first of FIELD_KEYS; afterwards the older keys may be dropped."""

    help = "用 FIELD_KEYS 里的第一把密钥重新加密电话等字段。先把新密钥加在最前面,运行本命令,再去掉旧密钥。可重复运行。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Row by row, without touching anything else; history rows included."""
        for model in apps.get_models():
            names = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedField)]
            if not names:
                continue
            rows = model._base_manager.only("pk", *names).order_by("pk")
            count = 0
            for row in rows.iterator(chunk_size=500):
                model._base_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in names})
                count += 1
            self.stdout.write(f"{model._meta.verbose_name}: {count}")
