"""Middleware of core."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django_htmx.http import trigger_client_event

from core.models import MoveRefused
from core.views.errors import kept_fields

UNSEEN = ("client_id", "version", "seen")


class HtmxVaryMiddleware:
    """Pages differ for htmx, so caches must know; personal pages are never stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add Vary and, for signed-in pages, no-store."""
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class MoveRefusedMiddleware:
    """A move refused outside a MoveView becomes a page that says why (409), for htmx an event with the sentence; never a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass through."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for MoveRefused."""
        if not isinstance(exception, MoveRefused):
            return None
        if request.htmx:
            return trigger_client_event(HttpResponse(status=409), "refused", {"text": exception.message})
        kept = [value for name, value in kept_fields(request) if name not in UNSEEN and value.strip()]
        return TemplateResponse(request, "core/refused.html", {"refused": exception, "kept": kept}, status=409).render()
