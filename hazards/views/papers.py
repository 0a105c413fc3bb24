"""Issuing pages of the papers of hazards; which of them a row's page offers."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from accounts.roles import MANAGERS, Role
from core.models import Event, MoveRefused
from documents.forms import IssueForm
from documents.models import Document
from documents.views.issue import PaperView
from hazards import documents, documents_major
from hazards.models import Check, FiveFixPlan, Hazard, MajorReport
from hazards.models.machine import ASSIGNERS

LONG = 2000


class HazardPaper(PaperView):
    """A paper of this app: what refuses to make its facts is why it cannot be issued."""

    url_name: ClassVar[str] = ""
    label: ClassVar[str] = ""

    def problem(self, subject: Any) -> str:
        """The sentence of the facts."""
        try:
            self.facts(subject)
        except MoveRefused as refused:
            return refused.message
        return ""

    @classmethod
    def is_offered(cls, row: Any) -> bool:
        """Whether the row's page shows the button; cheap, the page itself decides."""
        return True


class CheckRecord(HazardPaper):
    """隐患排查检查记录 of a submitted check, by who leads the unit or manages the firm."""

    kind, url_name, label = "SELF_CHECK_RECORD", "check_record", "出检查记录"
    model = Check
    roles = MANAGERS | {Role.UNIT_HEAD, Role.TEAM_LEADER}

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = ("enterprise__area", "enterprise__sector", "unit", "submitted_by", "occurrence", "version_used__checklist")
        return super().get_queryset().select_related(*related)

    def facts(self, subject: Check) -> dict[str, Any]:
        """Of the check."""
        return documents.check_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """Which check, and what it found."""
        failed = [row for section in facts["sections"] for row in section["rows"] if row["failed"]]
        return [
            ("检查", f"{facts['unit']} {facts['checklist']} {facts['window']}"),
            ("回执号", facts["receipt"]),
            ("结果", ",".join(f"{label} {count} 项" for label, count in facts["counts"])),
            ("不合格项", "\n".join(f"{row['number']}. {row['name']}:{row['note']}" for row in failed)),
            ("照片", f"{sum(len(row['photos']) for row in failed)} 张"),
        ]

    @classmethod
    def is_offered(cls, row: Any) -> bool:
        """Submitted."""
        return row.state == Check.State.SUBMITTED


class HazardSheet(HazardPaper):
    """A paper about one hazard."""

    model = Hazard

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = ("enterprise__area", "enterprise__sector", "unit", "rectifier", "found_by")
        return super().get_queryset().select_related(*related)


class HazardNotice(HazardSheet):
    """隐患整改通知单, by who assigns."""

    kind, url_name, label = "HAZARD_NOTICE", "hazard_notice", "出整改通知单"
    roles = ASSIGNERS

    def facts(self, subject: Hazard) -> dict[str, Any]:
        """Of the hazard and its assignment."""
        return documents.notice_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """Who, what, until when."""
        return [
            ("整改人", f"{facts['rectifier']} {facts['rectifier_unit']}"),
            ("存在问题", f"{facts['place']}:{facts['description']}"),
            ("依据", facts["basis"]),
            ("整改要求", facts["requirement"]),
            ("整改期限", facts["due_on"]),
            ("照片", f"{len(facts['photos'])} 张"),
        ]

    @classmethod
    def is_offered(cls, row: Any) -> bool:
        """Assigned, not yet fixed, and not major."""
        return row.state in Hazard.IN_WORK and not row.is_major


class MajorSheet(HazardSheet):
    """A paper about one confirmed major hazard."""

    def finding(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """The lines all of them begin with."""
        criteria = [f"{one['item']} {one['words']}({one['edition']}版)" for one in facts["criteria"]]
        return [
            ("企业", facts["firm"]["name"]),
            ("隐患", f"{facts['hazard']} {facts['place']}:{facts['description']}"),
            ("判定依据", "\n".join([*criteria, *([facts["other_standard"]] if facts["other_standard"] else [])])),
            ("认定", f"{facts['confirmed_at']} {'、'.join(facts['confirmed_by'])}"),
            ("临时措施", "\n".join(f"{one['kind']}:{one['text']}" for one in facts["interim"])),
            ("照片", f"{len(facts['photos'])} 张"),
        ]

    @classmethod
    def is_offered(cls, row: Any) -> bool:
        """Confirmed."""
        return bool(row.is_major)


class ReportSheet(MajorSheet):
    """A report that a major hazard owes; the paper makes it."""

    target: ClassVar[str] = ""

    def issue(self, subject: Hazard, facts: dict[str, Any], old: Document | None) -> Document:
        """The paper, put to the report."""
        paper = super().issue(subject, facts, old)
        subject.report_by_paper(by=self.request.user, on=timezone.localdate(), to=self.target, document=paper)
        return paper


class ReportForm(IssueForm):
    """What the record does not hold: why it came about, how dangerous and how hard to remove it is."""

    hint = "还不清楚可以不填,文书上会写明随后补报。"
    cause = forms.CharField(label="产生原因", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 3}), help_text=hint)
    analysis = forms.CharField(
        label="危害程度和整改难易程度", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 4}), help_text=hint
    )


class MajorReportPaper(ReportSheet):
    """重大事故隐患报告, the firm's to the town."""

    kind, url_name, label = "MAJOR_REPORT", "major_report", "出重大隐患报告"
    roles = MANAGERS
    form_class = ReportForm
    target = MajorReport.To.TOWN
    button = "制发并报镇"

    def facts(self, subject: Hazard) -> dict[str, Any]:
        """Without what the form asks."""
        return documents_major.report_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """The finding and how far the plan is."""
        plan = facts["plan"]
        how = f"第 {plan['version']} 版,{plan['person']},{plan['due_on']}前完成" if plan else f"还没有提交,{facts['plan_by_on']}前提交"
        return [("报送", facts["to"]), *self.finding(facts), ("五定方案", how)]


class DistrictForm(IssueForm):
    """What the town adds."""

    view = forms.CharField(
        label="我镇意见", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 4}), help_text="写在文末;不填就不印这一节。"
    )


class DistrictReportPaper(ReportSheet):
    """关于重大事故隐患的报告, the town's letter to the district; the firm does not see it."""

    kind, url_name, label = "MAJOR_REPORT_DISTRICT", "major_report_district", "出报区县的报告"
    roles = frozenset({Role.INSPECTOR})
    form_class = DistrictForm
    target = MajorReport.To.DISTRICT

    def facts(self, subject: Hazard) -> dict[str, Any]:
        """Without what the form asks."""
        return documents_major.district_facts(subject, timezone.localdate())

    def title(self, subject: Hazard) -> str:
        """Organ, matter and kind, as official titles have it."""
        return documents_major.district_title(subject)

    def audience(self, subject: Hazard) -> str:
        """The town's own."""
        return Event.Audience.TOWN

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """To whom, and the finding."""
        return [("主送", facts["to"]), *self.finding(facts)]


class RecheckOpinion(MajorSheet):
    """整改复查意见书, of the last re-check that two inspectors have signed; also when it closed the hazard."""

    kind, url_name, label = "RECHECK_OPINION", "recheck_opinion", "出复查意见书"
    roles = frozenset({Role.INSPECTOR})

    def facts(self, subject: Hazard) -> dict[str, Any]:
        """Of the re-check."""
        return documents_major.recheck_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """Each item, and what was concluded."""
        row = facts["recheck"]
        items = [f"{'合格' if item['passed'] else '不合格'}:{item['words']} {item['remark']}" for item in row["items"]]
        return [
            ("被复查单位", facts["firm"]["name"]),
            ("复查", f"{row['on']} {'、'.join(row['by'])}"),
            ("逐项结果", "\n".join(items)),
            ("复查意见", row["opinion"]),
            ("结论", "同意销案" if row["passed"] else "隐患未消除,继续整改"),
        ]

    @classmethod
    def is_offered(cls, row: Any) -> bool:
        """Confirmed, and re-checked by two since."""
        return row.is_major and row.rechecks.signed(row.round).exists()


class PlanPaper(HazardPaper):
    """五定整改方案, of a version that was submitted and counts."""

    kind, url_name, label = "FIVE_FIX_PLAN", "fix_plan_paper", "出五定方案文书"
    model = FiveFixPlan
    roles = MANAGERS

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = (
            "hazard__enterprise__area",
            "hazard__enterprise__sector",
            "hazard__unit",
            "hazard__rectifier",
            "hazard__found_by",
            "person",
        )
        return super().get_queryset().select_related(*related)

    def facts(self, subject: FiveFixPlan) -> dict[str, Any]:
        """Of the plan and its hazard."""
        return documents_major.plan_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """The five."""
        plan = facts["plan"]
        return [
            ("隐患", f"{facts['hazard']} {facts['place']}:{facts['description']}"),
            ("定责任人", f"{plan['person']} {plan['person_post']}"),
            ("定措施", "\n".join(f"{number}. {words}" for number, words in enumerate(plan["measures"], start=1))),
            ("定资金", f"{plan['funds_amount']},{plan['funds_source']}"),
            ("定时限", plan["due_on"]),
            ("定预案", plan["emergency_plan"]),
            ("总工程师意见", plan["engineer_opinion"]),
        ]

    @classmethod
    def is_offered(cls, row: Any) -> bool:
        """Submitted and living."""
        return row.state in documents_major.PLANNED


OFFERED: dict[type, tuple[type[HazardPaper], ...]] = {
    Check: (CheckRecord,),
    Hazard: (HazardNotice, MajorReportPaper, DistrictReportPaper, RecheckOpinion),
    FiveFixPlan: (PlanPaper,),
}


def offers(row: Any, user: Any) -> list[type[HazardPaper]]:
    """The issuing pages this person may open for the row now."""
    return [page for page in OFFERED[type(row)] if user.role in (page.roles or ()) and page.is_offered(row)]
