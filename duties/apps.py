"""Duties: who owes what how often, and each dated occurrence of it."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Duties, plans, occurrences."""

    name = "duties"
    verbose_name = "周期任务"
