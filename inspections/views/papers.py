"""Issuing pages of the papers of a visit: scheme, notice, record, re-check opinion, the report to the district; which a row's page offers.

Those of orders, measures and transfers are in `papers_orders`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from accounts.roles import Role
from core.models import Event, MoveRefused
from documents.forms import IssueForm
from documents.models import Document, Organ
from documents.views.issue import PaperView
from inspections import documents, documents_orders
from inspections.models import Inspection, PowerItem, machine
from inspections.models.powers import organ_over

LONG = 2000
INSPECTOR = frozenset({Role.INSPECTOR})


class InspectionPaper(PaperView):
    """A paper of this app, by an inspector; what refuses to make its facts, or its move, is why it cannot be issued."""

    roles = INSPECTOR
    url_name: ClassVar[str] = ""
    label: ClassVar[str] = ""

    def problem(self, subject: Any) -> str:
        """The sentence of the move, or of the facts."""
        try:
            self.check(subject)
            self.facts(subject)
        except MoveRefused as refused:
            return refused.message
        return ""

    def check(self, subject: Any) -> None:
        """MoveRefused when its move cannot be taken now."""

    @property
    def is_correction(self) -> bool:
        """Whether the page issues a paper in the place of an older one."""
        return bool(self.request.POST.get("replaces") or self.request.GET.get("replaces"))

    @classmethod
    def is_offered_to(cls, user: Any, row: Any) -> bool:
        """Whether the row's page shows this person the way here."""
        return user.role in (cls.roles or ()) and cls.is_offered(row)

    @classmethod
    def is_offered(cls, row: Any) -> bool:
        """Whether the row's page shows the button; cheap, the page itself decides."""
        return True


class VisitPaper(InspectionPaper):
    """A paper about one visit, in the name of who holds the power to check."""

    model = Inspection

    def get_queryset(self) -> Any:
        """With what the facts read."""
        related = ("enterprise__area", "enterprise__sector", "department", "approved_by", "planned_by", "order__document")
        return super().get_queryset().select_related(*related)

    def organ(self, subject: Inspection) -> Organ | None:
        """The bureau that delegated the check."""
        return documents.organ_to(PowerItem.Kind.CHECK, timezone.localdate())

    def lines(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """What all check pages begin with."""
        people = [f"{one['name']}({one['certificate'] or '没有执法证'})" for one in facts["officers"]]
        return [("企业", facts["firm"]["name"]), ("检查", f"{facts['visit']} {facts['kind']}"), ("检查人员", "、".join(people))]


class CheckPlan(VisitPaper):
    """现场检查方案 of an approved scheme; the firm does not see it."""

    kind, url_name, label = "CHECK_PLAN", "inspection_plan_paper", "出检查方案"

    def facts(self, subject: Inspection) -> dict[str, Any]:
        """Of the scheme."""
        return documents.plan_facts(subject)

    def audience(self, subject: Inspection) -> str:
        """The town's own."""
        return Event.Audience.TOWN

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """When, what, and who approved it."""
        rows = [(section["name"], f"{len(section['rows'])} 项") for section in facts["sections"]]
        return [
            *self.lines(facts),
            ("检查日期", facts["planned_on"]),
            ("依据", facts["basis"]),
            ("检查内容", facts["content"] or "、".join(f"{name} {count}" for name, count in rows)),
            ("批准", f"{facts['approved_on']} {facts['approved_by']} {facts['opinion']}"),
        ]

    @classmethod
    def is_offered(cls, row: Inspection) -> bool:
        """Approved."""
        return row.approved_by_id is not None


class CheckNotice(VisitPaper):
    """行政检查通知书: issuing it tells the firm, which sees the visit from now on."""

    kind, url_name, label = "CHECK_NOTICE", "inspection_notice", "制发检查通知书"
    button = "制发并通知企业"

    def check(self, subject: Inspection) -> None:
        """Approved, and not told yet; told already only in the place of the older notice."""
        if subject.state == machine.State.NOTICED and not self.is_correction:
            raise MoveRefused("已经制发过通知书;内容有误的,在那份通知书的页面上更正。")
        if subject.planned_on < timezone.localdate():
            raise MoveRefused(f"计划检查日期 {subject.planned_on:%Y-%m-%d} 已经过了,请先改期。")
        if reason := subject.why_not_two(subject.planned_on):
            raise MoveRefused(reason)

    def facts(self, subject: Inspection) -> dict[str, Any]:
        """Of the visit, without its scheme."""
        return documents.notice_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """When and what."""
        return [
            *self.lines(facts),
            ("检查日期", facts["planned_on"]),
            ("依据", facts["basis"]),
            ("检查内容", facts["content"] or "、".join(facts["sections"])),
        ]

    def issue(self, subject: Inspection, facts: dict[str, Any], old: Document | None) -> Document:
        """The paper, and the move."""
        paper = super().issue(subject, facts, old)
        if old is None:
            subject.notify(by=self.request.user, on=timezone.localdate(), note=paper.number)
        return paper

    @classmethod
    def is_offered(cls, row: Inspection) -> bool:
        """Approved, and to be announced."""
        return row.state == machine.State.SCHEME_APPROVED and not row.is_unannounced


class CheckRecord(VisitPaper):
    """现场检查记录, once both officers have signed."""

    kind, url_name, label = "CHECK_RECORD", "inspection_record_paper", "出现场检查记录"

    def facts(self, subject: Inspection) -> dict[str, Any]:
        """Of the record."""
        return documents.record_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """How it went and who signed."""
        party = facts["party"]
        problems = "\n".join(f"{row['number']}. {row['description']}({row['disposal']})" for row in facts["problems"])
        return [
            *self.lines(facts),
            ("时间", f"{facts['began_at']}至{facts['ended_at']}"),
            ("场所", facts["place"]),
            ("结果", ",".join(f"{label} {count} 项" for label, count in facts["counts"])),
            ("问题", problems),
            ("照片", f"{sum(len(row['photos']) for row in facts['problems'])} 张"),
            ("企业意见", party["opinion"]),
            ("企业签字", f"拒签:{facts['refusal']},见证人{facts['witness']}" if facts["refusal"] else f"{party['name']} {party['post']}"),
            ("检查人员签字", "、".join(f"{one['name']} {one['at']}" for one in facts["signers"])),
        ]

    @classmethod
    def is_offered(cls, row: Inspection) -> bool:
        """Signed by both."""
        return row.recorded_on is not None


class RecheckOpinion(VisitPaper):
    """整改复查意见书 of a re-check visit, in the name of who ordered."""

    kind, url_name, label = "RECHECK_OPINION", "inspection_recheck_paper", "出复查意见书"

    def organ(self, subject: Inspection) -> Organ | None:
        """The bureau that delegated the order."""
        order = subject.order
        if order is None:
            return None
        return organ_over(order.issued_on or timezone.localdate(), order.findings.select_related("item__point"))

    def facts(self, subject: Inspection) -> dict[str, Any]:
        """Of the re-check."""
        return documents_orders.recheck_facts(subject)

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """Each line and the conclusion."""
        rows = [f"{row['number']}. {row['description']}:{row['result']} {row['note']}" for row in facts["rows"]]
        return [
            *self.lines(facts),
            ("指令书", facts["order"]),
            ("逐项结果", "\n".join(rows)),
            ("另外发现的问题", "\n".join(f"{row['number']}. {row['description']}({row['disposal']})" for row in facts["found"])),
            ("结论", "全部整改到位" if facts["passed"] else f"{facts['left']}未整改到位"),
        ]

    @classmethod
    def is_offered(cls, row: Inspection) -> bool:
        """A re-check signed by both."""
        return row.kind == machine.Kind.RECHECK and row.recorded_on is not None


class DistrictForm(IssueForm):
    """What the town adds."""

    view = forms.CharField(
        label="我镇意见", required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 4}), help_text="写在文末;不填就不印这一节。"
    )


class DistrictReport(VisitPaper):
    """关于安全生产违法行为的报告, the town's letter to the district; issuing it is the report."""

    kind, url_name, label = "DISTRICT_REPORT", "inspection_district_paper", "出报区的报告"
    form_class = DistrictForm
    button = "制发并登记已报区"

    def organ(self, subject: Inspection) -> Organ | None:
        """The town writes in its own name."""
        return None

    def check(self, subject: Inspection) -> None:
        """Owed and not made, or in the place of an older one."""
        if not self.is_correction and (reason := subject.guard_report_district(self.request.user)):
            raise MoveRefused(reason)

    def facts(self, subject: Inspection) -> dict[str, Any]:
        """Without what the form asks."""
        return documents_orders.district_facts(subject, timezone.localdate())

    def title(self, subject: Inspection) -> str:
        """Organ, matter and kind."""
        return documents_orders.district_title(subject)

    def audience(self, subject: Inspection) -> str:
        """The town's own."""
        return Event.Audience.TOWN

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """To whom, and what."""
        rows = [
            f"{row['number']}. {row['description']}({'疑似重大隐患 ' if row['major'] else ''}{row['articles']})" for row in facts["rows"]
        ]
        return [("主送", facts["to"]), *self.lines(facts), ("报告的问题", "\n".join(rows))]

    def issue(self, subject: Inspection, facts: dict[str, Any], old: Document | None) -> Document:
        """The paper, and the move; of a correction the move follows the void paper (`inspections.actions.follow_void`)."""
        paper = super().issue(subject, facts, old)
        if old is None:
            subject.report_district(by=self.request.user, on=timezone.localdate(), how=documents_orders.reported_by(paper))
        return paper

    @classmethod
    def is_offered(cls, row: Inspection) -> bool:
        """Owed and not made."""
        return row.report_by_on is not None and row.reported_on is None and row.recorded_on is not None
