"""Dashboard: each role's home; owns no model."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The role's home."""

    name = "dashboard"
    verbose_name = "首页"
