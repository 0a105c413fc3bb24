"""URLs of accounts."""

from django.contrib.auth import views
from django.urls import path
from django.views.generic import TemplateView

page = TemplateView.as_view(template_name="404.html")
urlpatterns = [
    path("login/", views.LoginView.as_view(template_name="404.html"), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("account/", page, name="account"),
    path("account/membership/", page, name="membership_choose"),
    path("login/code/", page, name="second_factor"),
    path("account/second-factor/", page, name="second_factor_setup"),
]
