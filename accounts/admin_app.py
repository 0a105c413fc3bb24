"""The admin site's application, with our own site as its default."""

from django.contrib.admin.apps import AdminConfig


class OfficeAdminConfig(AdminConfig):
    """django.contrib.admin with accounts.admin_site.OfficeSite."""

    default_site = "accounts.admin_site.OfficeSite"
