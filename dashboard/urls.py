"""URLs of dashboard."""

from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [path("", TemplateView.as_view(template_name="core/job_list.html"), name="home")]
