"""Papers of a firm's month: the ledger and what its people are told; and orders for many hazards at once."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.db import models
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from accounts.roles import MANAGERS
from core.forms import ClientIdField, UserForm
from core.models import Job, MoveRefused
from core.submit import ContentConflict, take_once
from core.views import RoleMixin
from documents.models import Document
from duties.periods import Frequency, period
from enterprises.models import Enterprise
from enterprises.views.base import FileMixin
from hazards import documents
from hazards.filters import HazardFilter
from hazards.models import Hazard
from hazards.papers import MAX_NOTICES, lacking_notice
from hazards.views.papers import HazardPaper

MONTHS = 12
FIRST_YEAR = 2019
LEDGER, PUBLICITY = "HAZARD_LEDGER", "HAZARD_PUBLICITY"
NOTHING_LACKING = "这个筛选里没有要出通知单的隐患,没有制发。可能刚才已由别人制发,请回到隐患列表核对。"


class Ledgers(FileMixin, TemplateView):
    """A tab of the enterprise's file: the last months, how many hazards each, and which papers were issued for it."""

    template_name = "hazards/enterprise_ledgers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the months, the newest first."""
        first = months_back(timezone.localdate(), MONTHS)
        rows = Hazard.objects.for_user(self.request.user).filter(enterprise=self.enterprise)
        found = rows.filter(found_on__gte=first[-1]).exclude(state=Hazard.State.REJECTED)
        counts = dict(found.annotate(month=TruncMonth("found_on")).values_list("month").annotate(n=models.Count("pk")).order_by())
        papers = Document.objects.for_user(self.request.user).of(self.enterprise).valid().filter(kind__code__in=(LEDGER, PUBLICITY))
        issued: dict[tuple[str, str], list[Document]] = {}
        for paper in papers.select_related("kind").annotate(period=models.F("facts__period")).defer("facts"):
            issued.setdefault((paper.kind.code, paper.period), []).append(paper)
        lines = [
            {
                "month": month,
                "last": period(Frequency.MONTH, month)[1],
                "found": counts.get(month, 0),
                "is_running": number == 0,
                "ledger": issued.get((LEDGER, f"{month:%Y-%m}"), []),
                "publicity": issued.get((PUBLICITY, f"{month:%Y-%m}"), []),
            }
            for number, month in enumerate(first)
        ]
        return super().get_context_data(lines=lines, can_issue=self.request.user.role in MANAGERS, **kwargs)


def months_back(today: datetime.date, count: int) -> list[datetime.date]:
    """The first days of this month and those before it."""
    days = [period(Frequency.MONTH, today)[0]]
    while len(days) < count:
        days.append(period(Frequency.MONTH, days[-1] - datetime.timedelta(days=1))[0])
    return days


class MonthPaper(HazardPaper):
    """A paper of one month of a firm, in several parts when it is long (URL kwargs pk, year, month)."""

    model = Enterprise
    roles = MANAGERS
    facts_of: ClassVar[Any] = None
    form_url: ClassVar[str] = ""
    made: list[dict[str, Any]] | None = None

    def get(self, request: HttpRequest, pk: int, year: int = 0, month: int = 0) -> HttpResponse:
        """The check page of the month; without a month that of the paper to be corrected, or the list of months."""
        if not year:
            return self.to_month(request, pk)
        return super().get(request, pk)

    def post(self, request: HttpRequest, pk: int, year: int = 0, month: int = 0) -> HttpResponse:
        """Issue it."""
        return super().post(request, pk)

    def to_month(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the page of the month."""
        firm = get_object_or_404(self.get_queryset(), pk=pk)
        old = self.old(firm, request.GET.get("replaces"))
        if old is None:
            return redirect("enterprise_ledgers", pk)
        year, month = (int(part) for part in old.facts["period"].split("-"))
        return redirect(f"{reverse(self.form_url, args=[pk, year, month])}?replaces={old.pk}")

    @property
    def month(self) -> datetime.date:
        """The first day of the month of the URL, or 404."""
        year, month = self.kwargs.get("year", 0), self.kwargs.get("month", 0)
        if not (FIRST_YEAR <= year <= timezone.localdate().year and 1 <= month <= 12):
            raise Http404
        return datetime.date(year, month, 1)

    def get_queryset(self) -> Any:
        """With what the facts read."""
        return super().get_queryset().select_related("area", "sector")

    def enterprise(self, subject: Enterprise) -> Enterprise:
        """The firm itself."""
        return subject

    def parts(self, subject: Enterprise) -> list[dict[str, Any]]:
        """The facts of every part, made once a request: what is issued is what was compared."""
        if self.made is None:
            self.made = type(self).facts_of(subject, self.month, timezone.localdate())
        return self.made

    def corrected(self, subject: Enterprise) -> Document | None:
        """The paper whose part alone is issued again; None when all parts are."""
        return self.old(subject, self.request.POST.get("replaces") or self.request.GET.get("replaces"), may_be_void=True)

    def facts(self, subject: Enterprise) -> dict[str, Any]:
        """The part to be corrected, else the first."""
        old, parts = self.corrected(subject), self.parts(subject)
        return parts[min(old.facts["part"], len(parts)) - 1] if old else parts[0]

    def printed(self, subject: Enterprise, facts: dict[str, Any]) -> Any:
        """Every part, unless one is corrected alone."""
        return facts if self.corrected(subject) else self.parts(subject)

    def old(self, subject: Any, pk: Any, *, may_be_void: bool = False) -> Document | None:
        """Of the same month."""
        found = super().old(subject, pk, may_be_void=may_be_void)
        if found and self.kwargs.get("year") and found.facts["period"] != f"{self.month:%Y-%m}":
            raise Http404
        return found

    def issue(self, subject: Enterprise, facts: dict[str, Any], old: Document | None) -> Document:
        """Every part a paper of its own; a correction only its part. The first one is returned."""
        papers = [super(MonthPaper, self).issue(subject, one, old) for one in ([facts] if old else self.parts(subject))]
        return papers[0]

    def page(self, subject: Any, facts: dict[str, Any], form: Any, **more: Any) -> HttpResponse:
        """Names as issued before only the papers of this month."""
        response = super().page(subject, facts, form, **more)
        assert isinstance(response, TemplateResponse)  # noqa: S101 - what PaperView.page makes
        context = response.context_data or {}
        context["earlier"] = context["earlier"].filter(facts__period=facts["period"])
        return response

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """Which month, how many rows and papers."""
        counts = facts["counts"]
        split = f"共 {facts['parts']} 份,每份单独编号" if facts["parts"] > 1 else "1 份"
        return [
            ("企业", facts["firm"]["name"]),
            ("月份", f"{facts['month']},统计截至{facts['as_of']}"),
            ("隐患", f"本月登记 {counts['found']} 条,连同以前未销案的共 {counts['total']} 条"),
            ("情况", f"已销案 {counts['closed']} 条,未销案 {counts['open']} 条,其中逾期 {counts['overdue']} 条"),
            ("文书", split),
        ]


class LedgerPaper(MonthPaper):
    """月度隐患排查治理台账."""

    kind, form_url = LEDGER, "hazard_ledger_month"
    facts_of = staticmethod(documents.ledger_facts)


class PublicityPaper(MonthPaper):
    """隐患整改情况公示."""

    kind, form_url = PUBLICITY, "hazard_publicity_month"
    facts_of = staticmethod(documents.publicity_facts)


class BatchForm(UserForm):
    """Nothing but the client-made id."""

    client_id = ClientIdField()


class NoticeBatch(RoleMixin, View):
    """Orders for all hazards of the list's filter that still lack one: how many, then a Job under 我的下载."""

    roles = MANAGERS

    def rows(self) -> Any:
        """The filter of the URL, those that lack an order, oldest first; of a filter that cannot be read none, not all."""
        rows = Hazard.objects.for_user(self.request.user).for_list()
        asked = HazardFilter(self.request.GET, queryset=rows, request=self.request)
        return lacking_notice(asked.qs if asked.is_valid() or not asked.is_bound else rows.none()).order_by("pk")

    def get(self, request: HttpRequest) -> HttpResponse:
        """How many, and which."""
        return self.page(BatchForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Start the Job, once however often it is sent."""
        form = BatchForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.page(form, status=422)
        content = {"query": request.GET.urlencode()}

        def make() -> tuple[models.Model, str]:
            pks = list(self.rows().values_list("pk", flat=True)[:MAX_NOTICES])
            if not pks:
                raise MoveRefused(NOTHING_LACKING)
            params = {"hazards": pks, "membership": request.user.membership_id}
            title = f"隐患整改通知单 {len(pks)} 份 {timezone.localdate():%Y%m%d}"
            job = Job.start(kind="hazard_notices", title=title, by=request.user, params=params, total=2 * len(pks))
            return job, f"J{job.pk}"

        try:
            taken = take_once(user=request.user, client_id=form.cleaned_data["client_id"], kind="notices", content=content, make=make)
        except ContentConflict:
            messages.error(request, "这一页已经提交过一次,筛选条件与现在的不同,这一次没有制发。请重新打开这一页。")
            return redirect("hazard_list")
        except MoveRefused as refused:
            messages.error(request, refused.message)
            return self.page(form, status=409)
        return redirect("job_detail", pk=taken.subject_pk)

    def page(self, form: BatchForm, *, status: int = 200) -> HttpResponse:
        """The page."""
        rows = self.rows()
        context = {"form": form, "count": rows.count(), "shown": rows[:30], "max_notices": MAX_NOTICES}
        return TemplateResponse(self.request, "hazards/notice_batch.html", context, status=status)
