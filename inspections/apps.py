"""Inspections: what the town's inspectors look at, under which law, with which power."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Inspections of the town."""

    name = "inspections"
    verbose_name = "执法检查"
