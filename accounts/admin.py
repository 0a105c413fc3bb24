"""Admin pages of accounts: areas, departments, sectors are kept; people are shown, their codes and sign-ins not at all."""

from django.apps import apps
from django.contrib import admin

from accounts.models import Area, Department, Sector
from core.admin_pages import CatalogueAdmin, register_rest

admin.site.register([Area, Department, Sector], CatalogueAdmin)
register_rest(apps.get_app_config("accounts"), hidden=frozenset({"OneTimeCode", "SignInSession"}))
