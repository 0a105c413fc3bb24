"""Which template prints which kind of paper, and where one of its kind is issued. The wording is the templates'."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A template under templates/, and the URL name of the issuing page (it takes the subject's pk)."""

    template: str = "papers/facts.html"
    issue_url: str = ""


# DocumentKind.code → Paper. A kind that is not listed prints its facts as a plain table.
PAPERS: dict[str, Paper] = {
    "SELF_CHECK_RECORD": Paper("papers/self_check_record.html", "check_record"),
    "HAZARD_NOTICE": Paper("papers/hazard_notice.html", "hazard_notice"),
    "HAZARD_LEDGER": Paper("papers/hazard_ledger.html", "hazard_ledger"),
    "HAZARD_PUBLICITY": Paper("papers/hazard_publicity.html", "hazard_publicity"),
    "FIVE_FIX_PLAN": Paper("papers/five_fix_plan.html", "fix_plan_paper"),
    "MAJOR_REPORT": Paper("papers/major_report.html", "major_report"),
    "MAJOR_REPORT_DISTRICT": Paper("papers/major_report_district.html", "major_report_district"),
    "RECHECK_OPINION": Paper("papers/recheck_opinion.html", "recheck_opinion"),
}


def paper_of(code: str) -> Paper:
    """The Paper of a kind."""
    return PAPERS.get(code, Paper())
