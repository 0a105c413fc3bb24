"""Which template prints which kind of paper, and where one of its kind is issued. The wording is the templates'."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A template under templates/, and the URL name of the issuing page (it takes the subject's pk)."""

    template: str = "papers/facts.html"
    issue_url: str = ""


# DocumentKind.code → Paper. A kind that is not listed prints its facts as a plain table.
PAPERS: dict[str, Paper] = {}


def paper_of(code: str) -> Paper:
    """The Paper of a kind."""
    return PAPERS.get(code, Paper())
