"""Which template prints which kind of paper, and where one of its kind is issued. The wording is the templates'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Paper:
    """A template under templates/, and the URL name of the issuing page (it takes the subject's pk).

    `elsewhere` {model name: URL name} are the pages of a kind that is issued about rows of several models.
    """

    template: str = "papers/facts.html"
    issue_url: str = ""
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def issue_url_of(self, subject_model: str) -> str:
        """Where it is issued about a row of this model ("app.model")."""
        return self.elsewhere.get(subject_model.rpartition(".")[2], self.issue_url)


# DocumentKind.code → Paper. A kind that is not listed prints its facts as a plain table.
PAPERS: dict[str, Paper] = {
    "SELF_CHECK_RECORD": Paper("papers/self_check_record.html", "check_record"),
    "HAZARD_NOTICE": Paper("papers/hazard_notice.html", "hazard_notice"),
    "HAZARD_LEDGER": Paper("papers/hazard_ledger.html", "hazard_ledger"),
    "HAZARD_PUBLICITY": Paper("papers/hazard_publicity.html", "hazard_publicity"),
    "FIVE_FIX_PLAN": Paper("papers/five_fix_plan.html", "fix_plan_paper"),
    "MAJOR_REPORT": Paper("papers/major_report.html", "major_report"),
    "MAJOR_REPORT_DISTRICT": Paper("papers/major_report_district.html", "major_report_district"),
    "RECHECK_OPINION": Paper("papers/recheck_opinion.html", "recheck_opinion", {"inspection": "inspection_recheck_paper"}),
    "PLAN": Paper("papers/year_plan.html", "year_plan_paper"),
    "CHECK_PLAN": Paper("papers/check_plan.html", "inspection_plan_paper"),
    "CHECK_NOTICE": Paper("papers/check_notice.html", "inspection_notice"),
    "CHECK_RECORD": Paper("papers/check_record.html", "inspection_record_paper"),
    "ORDER_RECTIFY": Paper("papers/order_rectify.html", "order_paper"),
    "ONSITE_MEASURE": Paper("papers/onsite_measure.html", "measure_paper"),
    "EXTEND_APPROVE": Paper("papers/extend_approve.html", "order_extension_paper"),
    "RESUME": Paper("papers/resume.html", "measure_resume_paper"),
    "DELIVERY": Paper("papers/delivery.html", "service_receipt_paper"),
    "CASE_TRANSFER": Paper("papers/case_transfer.html", "transfer_paper"),
    "DRAW_RECORD": Paper("papers/draw_record.html", "draw_record_paper"),
    "DISTRICT_REPORT": Paper("papers/district_report.html", "inspection_district_paper"),
}


def paper_of(code: str) -> Paper:
    """The Paper of a kind."""
    return PAPERS.get(code, Paper())
