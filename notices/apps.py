"""Notices: the inbox, the rules by which it fills, and the ways outside."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices and their delivery channels."""

    name = "notices"
    verbose_name = "消息"
