"""The core app: what every other app stands on, with no noun of the domain."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

from core import form_sentences


class CoreConfig(AppConfig):
    """What the other apps are built from."""

    name = "core"
    verbose_name = "基础"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # A field takes its sentences when it is made, so they stand before any form is imported.
        form_sentences.install()

    def ready(self) -> None:
        """Load Celery once at the start where there is a broker, not in somebody's request."""
        if settings.BROKER_URL:
            import_string(settings.CELERY_APP)
