"""Admin pages of hazards: all are shown; their states change only through moves."""

from django.apps import apps

from core.admin_pages import register_rest

register_rest(apps.get_app_config("hazards"))
