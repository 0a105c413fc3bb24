"""The core app: what every other app stands on, with no noun of the domain."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


class CoreConfig(AppConfig):
    """What the other apps are built from."""

    name = "core"
    verbose_name = "基础"

    def ready(self) -> None:
        """Load Celery once at the start where there is a broker, not in somebody's request."""
        if settings.BROKER_URL:
            import_string(settings.CELERY_APP)
