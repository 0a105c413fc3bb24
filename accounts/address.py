"""The address a request comes from, also behind our own proxy."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

SOCKET = "unix"


def client_address(request: HttpRequest) -> str:
    """The client's address, "" when unknown; what a client writes into X-Forwarded-For is believed of no one but our proxies.

    Behind one of `TRUSTED_PROXIES` it is the right-most forwarded address that is no proxy of ours.
    """
    address = request.META.get("REMOTE_ADDR") or ""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    while forwarded and is_ours(address) and is_address(forwarded[-1]):
        address = forwarded.pop()
    return address if is_address(address) else ""


def is_address(text: str) -> bool:
    """Whether it is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_ours(address: str) -> bool:
    """Whether `TRUSTED_PROXIES` names it; no address at all is a local socket."""
    if not is_address(address):
        return SOCKET in settings.TRUSTED_PROXIES and not address
    networks = (ipaddress.ip_network(text, strict=False) for text in settings.TRUSTED_PROXIES if text != SOCKET)
    return any(ipaddress.ip_address(address) in network for network in networks)
