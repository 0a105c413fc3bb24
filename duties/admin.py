"""Admin pages of duties: the catalogue is kept, everything else is shown."""

from django.apps import apps
from django.contrib import admin

from core.admin_pages import CatalogueAdmin, register_rest
from duties.models import Duty

admin.site.register(Duty, CatalogueAdmin)
register_rest(apps.get_app_config("duties"))
