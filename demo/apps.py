"""The demo township; installed only with DEMO=1."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Demo data."""

    name = "demo"
    verbose_name = "演示数据"
