"""URLs of enterprises."""

from django.urls import path
from django.views.generic import TemplateView

page = TemplateView.as_view(template_name="404.html")
urlpatterns = [path("", page, name="enterprise_list"), path("<int:pk>/", page, name="enterprise_detail")]
