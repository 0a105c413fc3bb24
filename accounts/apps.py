"""Accounts: people, roles, areas, departments, sectors; sign-in and the second factor."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The application of people, roles, areas."""

    name = "accounts"
    verbose_name = "账号与权限"
