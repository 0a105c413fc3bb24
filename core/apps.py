"""The core app: what every other app stands on, with no noun of the domain."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What the other apps are built from."""

    name = "core"
    verbose_name = "基础"
