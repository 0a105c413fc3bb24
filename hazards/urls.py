"""URLs of hazards."""

from django.urls import path
from django.views.generic import TemplateView

page = TemplateView.as_view(template_name="404.html")
urlpatterns = [
    path("hazards/", page, name="hazard_list"),
    path("hazards/report/", page, name="hazard_report"),
    path("checks/", page, name="check_list"),
]
