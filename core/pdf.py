"""PDFs out of our own templates; the only place that knows WeasyPrint.

Whatever a template is given is text: templates escape it, and the fetcher opens nothing but our own static
files and `data:` URIs, so no word of a user can make the server fetch a file or an address.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousOperation
from django.template.loader import render_to_string

# Must stand before the first font is looked for: the system's fonts and those of build/fonts.
os.environ.setdefault("FONTCONFIG_FILE", str(Path(__file__).with_name("fonts.conf")))

OPTIONS = {"optimize_images": True, "dpi": 150, "jpeg_quality": 70}
MAX_PAGES = 400
MAX_CHARACTERS = 200_000
MAX_ROWS = 3_000
STATIC = "static:"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}
# One layout at a time in a process: Pango's font map is shared, and memory stays bounded.
_turn = threading.Lock()


class PaperRefused(ValueError):
    """A paper that cannot be made; the text is a Chinese sentence for the person."""


@dataclass(frozen=True)
class Paper:
    """A finished PDF and how many pages it has."""

    data: bytes
    pages: int


def render(template: str, context: dict[str, Any], *, watermark: str = "") -> bytes:
    """The PDF of a paper's template; `watermark` stands across each page. Raises PaperRefused."""
    return make(template, context, watermark=watermark).data


def make(template: str, context: dict[str, Any], *, watermark: str = "") -> Paper:
    """The same with its number of pages."""
    html = measured(template, {**context, "watermark": watermark})
    engine = _engine()
    with _turn:
        try:
            return _made(engine, html)
        except engine.fatal as error:
            raise PaperRefused(f"文书引用了不允许的内容,没有生成:{error}") from error


def _made(engine: Engine, html: str) -> Paper:
    laid_out = engine.lay_out(html)
    if len(laid_out.pages) > MAX_PAGES:
        raise PaperRefused(f"文书排版后有 {len(laid_out.pages)} 页,超过 {MAX_PAGES} 页,没有生成。请分成几份。")
    return Paper(laid_out.write_pdf(**OPTIONS), len(laid_out.pages))


def measured(template: str, context: dict[str, Any]) -> str:
    """The paper as HTML, refused before any layout when it is too long to make in reasonable time. Raises PaperRefused."""
    html = render_to_string(template, context)
    rows = html.count("<tr")
    if rows > MAX_ROWS:
        raise PaperRefused(f"文书有 {rows} 行,超过 {MAX_ROWS} 行,没有生成。请缩小范围或分成几份。")
    letters = len(re.sub(r'"data:[^"]*"|<[^>]*>|\s+', "", html))
    if letters > MAX_CHARACTERS:
        raise PaperRefused(f"文书有 {letters} 字,超过 {MAX_CHARACTERS} 字,没有生成。请删减或分成几份。")
    return html


class Engine:
    """WeasyPrint with one font configuration, the parsed style sheet, and the fetcher that refuses."""

    def __init__(self) -> None:
        # Imported when the first paper is made: half a second and native libraries that other pages do not need.
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError

        logging.getLogger("weasyprint").setLevel(logging.ERROR)
        self.weasyprint, self.fonts, self.fatal = weasyprint, FontConfiguration(), FatalURLFetchingError
        self.fetcher = _fetcher()
        sheet = Path(str(finders.find("papers/paper.css"))).read_text(encoding="utf-8")
        self.sheet = weasyprint.CSS(string=families() + sheet, url_fetcher=self.fetcher, font_config=self.fonts)

    def lay_out(self, html: str) -> Any:
        """The paper with its pages, not yet written."""
        source = self.weasyprint.HTML(string=html, url_fetcher=self.fetcher)
        return source.render(font_config=self.fonts, stylesheets=[self.sheet], **OPTIONS)


@functools.cache
def _engine() -> Engine:
    return Engine()


def families() -> str:
    """The office's fonts as CSS variables; each list ends in the font that has every character."""
    named = {"title": settings.FONT_TITLE, "song": settings.FONT_SONG, "fang": settings.FONT_FANG, "hei": settings.FONT_HEI}
    named["kai"] = settings.FONT_KAI
    lists = {name: ", ".join(f"'{family}'" for family in [*chosen, "Noto Serif CJK SC"]) for name, chosen in named.items()}
    return ":root{" + "".join(f"--{name}:{families};" for name, families in lists.items()) + "}"


def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):
        """`static:NAME` of our static files and `data:`; anything else ends the paper."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The bytes, or an error."""
            if url.startswith("data:"):
                return super().fetch(url, headers)
            return URLFetcherResponse(url, *static_file(url))

    return OwnFilesOnly(allowed_protocols=["data"], allow_redirects=False, fail_on_errors=True)


def static_file(url: str) -> tuple[bytes, dict[str, str]]:
    """Bytes and headers of one of our own static files. ValueError for any other URL."""
    name = url.removeprefix(STATIC)
    try:
        found = finders.find(name) if url.startswith(STATIC) else None
    except SuspiciousOperation:
        found = None
    if found is None or Path(name).suffix not in TYPES:
        raise ValueError(f"not one of our static files: {url[:100]}")
    return Path(str(found)).read_bytes(), {"Content-Type": TYPES[Path(name).suffix]}
