"""Admin pages of core: periods and the calendar are kept, everything else is shown."""

from django.apps import apps
from django.contrib import admin

from core.admin_pages import CatalogueAdmin, register_rest
from core.models import DeadlineRule, WorkdayOverride

admin.site.register([DeadlineRule, WorkdayOverride], CatalogueAdmin)
register_rest(apps.get_app_config("core"))
