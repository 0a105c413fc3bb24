"""The project's URLs, and a plain page of a visit for tests of what follows it."""

from django.http import HttpResponse
from django.urls import include, path

handler400 = "core.views.errors.refused_input"
handler403 = "core.views.errors.denied"
handler404 = "core.views.errors.not_found"


def visit(request, pk):
    return HttpResponse("检查")


urlpatterns = [path("inspections/<int:pk>/", visit, name="inspection_detail"), path("", include("shijiao.urls"))]
