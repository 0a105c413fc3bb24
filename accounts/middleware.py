"""Middleware of accounts: the sign-in's own row, and the second factor."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.address import client_address
from accounts.models import SignInSession
from core.views.errors import expired

SEEN_EVERY = datetime.timedelta(minutes=5)


class SignInMiddleware:
    """Keeps a row per signed-in browser, and signs out the browser whose row was revoked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find, make or refuse the row."""
        if request.user.is_authenticated and not self.admit(request):
            logout(request)
        return self.get_response(request)

    def admit(self, request: HttpRequest) -> bool:
        """False when this browser's sign-in was revoked."""
        now = timezone.now()
        row, new = SignInSession.objects.get_or_create(
            session_key=request.session.session_key,
            defaults={
                "user": request.user,
                "address": client_address(request) or None,
                "browser": request.headers.get("User-Agent", "")[:200],
            },
        )
        request.sign_in = row
        if row.revoked_at or row.user_id != request.user.pk:
            return False
        if not new and now - row.seen_at > SEEN_EVERY:
            SignInSession.objects.filter(pk=row.pk).update(seen_at=now)
        return True


class SignedInMiddleware(LoginRequiredMiddleware):
    """Deny by default; what was typed before the sign-in ran out is not lost.

    A fragment or an upload answers 401, which the page's script explains; a form answers 401 with its fields
    kept for sending once more. It runs after the CSRF check, so the form is one of ours.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponseBase:
        """401 with what was sent, or the way to the sign-in page."""
        if request.htmx or request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return HttpResponse("登录已过期", status=401, content_type="text/plain; charset=utf-8")
        if request.method == "POST":
            return expired(request)
        return super().handle_no_permission(request, view_func)


class SecondFactorMiddleware:
    """Whoever has, or must have, a second factor reaches only the pages that ask for it or set it up, until it is given.

    A view opts out by `second_factor_exempt = True`, on the function or on the view class.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, *_: object) -> HttpResponse | None:
        """Send to the second step; a person with a device must always use it."""
        user = request.user
        if not user.is_authenticated or user.is_verified() or not getattr(view, "login_required", True):
            return None
        if getattr(getattr(view, "view_class", view), "second_factor_exempt", False):
            return None
        if user.has_second_factor:
            return redirect(
                f"{reverse('second_factor')}?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else "second_factor"
            )
        return redirect("second_factor_setup") if user.needs_second_factor else None
