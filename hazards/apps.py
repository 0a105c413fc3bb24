"""Hazards: checklists, checks, hazards."""

from django.apps import AppConfig


class HazardsConfig(AppConfig):
    """Checklists, checks, hazards."""

    name = "hazards"
    verbose_name = "检查与隐患"
