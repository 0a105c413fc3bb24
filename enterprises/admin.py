"""Admin pages of enterprises: the dangerous traits are kept; the enterprise file is shown, changes go through its own pages."""

from django.apps import apps
from django.contrib import admin

from core.admin_pages import CatalogueAdmin, register_rest
from enterprises.models import HazardTrait

admin.site.register([HazardTrait], CatalogueAdmin)
register_rest(apps.get_app_config("enterprises"))
