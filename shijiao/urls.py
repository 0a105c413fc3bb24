"""All URLs: the prefixes are a contract with whoever uses the system from outside."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from enterprises.urls_people import account_urlpatterns

handler400 = "core.views.errors.refused_input"
handler403 = "core.views.errors.denied"
handler404 = "core.views.errors.not_found"

urlpatterns = [
    path("", include("dashboard.urls")),
    path("", include("core.urls")),
    path("", include(account_urlpatterns)),
    path("", include("accounts.urls")),
    path("account/notices/", include("notices.urls")),
    path("enterprises/", include("enterprises.urls")),
    path("", include("documents.urls_publications")),
    path("public/draws/", include("inspections.urls_public")),
    path("public/", include("documents.urls_public")),
    path("", include("duties.urls")),
    path("", include("documents.urls")),
    path("", include("hazards.urls")),
    path("", include("inspections.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
]
