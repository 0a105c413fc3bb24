"""Middleware of core."""

from __future__ import annotations

from collections.abc import Callable
from io import IOBase
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django_htmx.http import trigger_client_event

from core.models import MoveRefused
from core.views.errors import kept_fields

UNSEEN = ("client_id", "version", "seen")


class WholeStream(IOBase):
    """A body that ends where its Content-Length says: an earlier end is a broken line (OSError), not the end of the form."""

    def __init__(self, stream: Any, length: int) -> None:
        self.stream, self.left = stream, length

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes, or what is left of the body; OSError where the line ends before."""
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        found = b""
        while len(found) < wanted:
            data = self.stream.read(wanted - len(found))
            if not data:
                raise OSError("the body was cut short")
            found += data
        self.left -= wanted
        return found

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line; OSError likewise."""
        line: bytes = self.stream.readline(size)
        if not line and self.left and size != 0:
            raise OSError("the body was cut short")
        self.left -= len(line)
        return line


class WholeFormMiddleware:
    """A form cut short on its way reaches no page (400): half a form reads like a whole one with other words (ADR 8).

    Before the middleware that looks for the form's token, which would take what cannot be read for an empty form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Watch the body."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length):
            request._stream = WholeStream(request._stream, int(length))  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Read the form before anybody acts on it."""
        try:
            request.POST  # noqa: B018
        except UnreadablePostError as cut:
            raise BadRequest("the body was cut short") from cut


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
