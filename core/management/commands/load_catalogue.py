"""manage.py load_catalogue"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Loads each app's reference data; running it again adds nothing."""

    help = "载入参考数据(法规条目、检查表、时限)。可重复运行,使用中的条目不会被改动。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load bottom up."""
        for dotted in settings.CATALOGUES:
            for loaded in import_string(dotted)():
                self.stdout.write(str(loaded))
