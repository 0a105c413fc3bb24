"""URLs of dashboard: the role's home."""

from django.urls import path

from dashboard.views import Home

urlpatterns = [path("", Home.as_view(), name="home")]
