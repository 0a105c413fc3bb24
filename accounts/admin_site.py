"""The admin site: parameters, dated law and catalogue rows, for the role `admin`; records are only shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from accounts.roles import Role
from core.admin_pages import OfficePage


class OfficeSite(admin.AdminSite):
    """Open to an administrator whose second factor, when there is or must be one, was given."""

    site_header = site_title = "参数和目录管理"
    index_title = "参数、目录和记录"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages of our own kind: what other packages bring (secrets of authenticators, groups) has no page here."""
        if admin_class is not None and issubclass(admin_class, OfficePage):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """By the active role of this request, never by a flag of the account."""
        user = request.user
        if not (user.is_active and user.is_authenticated and user.role == Role.ADMIN):
            return False
        return user.is_verified() or not (user.needs_second_factor or user.has_second_factor)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The one sign-in page of the house; whoever is signed in with another role gets a 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied("只有系统管理员能打开这个页面。")
        return redirect(f"{reverse('login')}?{urlencode({'next': request.GET.get('next', reverse('admin:index'))})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """From our own page, so that the sign-in's row ends too."""
        return redirect("account")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """On our own page."""
        return redirect("password_change")
