"""The active Membership of a request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

SESSION_KEY = "membership"


class MembershipMiddleware:
    """Sets `request.user.membership`: the one chosen, if still in force, else the first in force."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read afresh on each request, so that ending a role acts on the next one."""
        if request.user.is_authenticated:
            held = list(request.user.memberships.current())
            chosen = request.session.get(SESSION_KEY)
            request.memberships = held
            request.user.membership = next((m for m in held if m.pk == chosen), held[0] if held else None)
        return self.get_response(request)
