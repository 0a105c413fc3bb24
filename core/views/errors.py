"""Error pages that say what happened to the answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

SECRET_FIELDS = ("csrfmiddlewaretoken", "password", "old_password", "new_password1", "new_password2", "token", "code")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token died (signed in again in another tab): the typed fields are kept for sending once more.

    Only when the form came from our own pages, so that nobody can lead a person into sending a stranger's form.
    """
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    kept = kept_fields(request) if own or request.user.is_authenticated else []
    get_token(request)
    context = {"kept": kept, "had_files": bool(request.FILES)}
    return render(request, "403_csrf.html", context, status=403)


def expired(request: HttpRequest) -> HttpResponse:
    """A form sent after the sign-in ran out: sign in in another window, then send it once more from here (401)."""
    get_token(request)
    context = {"kept": kept_fields(request), "had_files": bool(request.FILES)}
    return render(request, "401.html", context, status=401)


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """The posted fields without secrets."""
    return [(name, value) for name in request.POST for value in request.POST.getlist(name) if name not in SECRET_FIELDS]


def refused_input(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: too large, too many fields, or not a form."""
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403, with the reason when it was written for people."""
    reason = str(exception) if exception and exception.args else ""
    return render(request, "403.html", {"reason": reason}, status=403)
