"""The core app: what every other app stands on, with no noun of the domain."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "基础"
