"""Enterprises: the enterprise file, units, people and their memberships, the roster."""

from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    """The enterprise file."""

    name = "enterprises"
    verbose_name = "企业档案"
