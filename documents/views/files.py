"""PDFs to browsers."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse


def pdf_response(data: bytes, name: str, *, is_ours: bool = True) -> HttpResponse:
    """A PDF: ours opens in the browser, a stranger's is only saved; never cached, never sniffed, never framed."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f"{'inline' if is_ours else 'attachment'}; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # The browser's own viewer needs styles and an object; nothing else.
    ours = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    response["Content-Security-Policy"] = ours if is_ours else "default-src 'none'; sandbox"
    return response
