"""Pages of visits: the list, a new one past the guard, one visit, its moves, and the choice of its items."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import FormView, View

from accounts.roles import MANAGERS, TOWN_ROLES
from core.forms import LONGEST_WORDS
from core.models import MoveRefused
from core.submit import ContentConflict, take_once
from core.views import MoveView, RoleMixin, ScopedDetail, ScopedList
from core.views.base import FormMixin422
from core.workdays import day_name, overrides_between
from enterprises.forms.enterprise import sent_before
from enterprises.models import Enterprise
from enterprises.views.base import FileMixin
from inspections.actions import plan_visit
from inspections.dossier import Dossier, state_label
from inspections.filters import InspectionFilter
from inspections.forms.choice import ChoiceForm
from inspections.forms.visit import PlanForm
from inspections.models import FirmGrade, Inspection, machine
from inspections.planned import open_item, plan_of, unit_of
from inspections.views.papers_orders import offers

READERS = TOWN_ROLES | MANAGERS
FOUND_SHOWN = 20
FOR_ALL = (
    ("编号", lambda v: v.number),
    ("原纸质编号", lambda v: v.paper_number),
    ("企业", lambda v: v.enterprise.name),
    ("检查类型", lambda v: v.get_kind_display()),
    ("检查单位", lambda v: v.organ_name),
    ("检查依据和来由", lambda v: v.basis),
    ("计划日期", lambda v: v.planned_on if v.is_day_told else "待定"),
    ("检查日期", lambda v: v.visited_on),
    ("检查人员", lambda v: "、".join(row.user.name for row in v.officers.all())),
    ("记录日期", lambda v: v.recorded_on),
    ("办结日期", lambda v: v.closed_on),
)
FOR_OFFICE = (
    *FOR_ALL[:5],
    ("状态", lambda v: v.state_label),
    FOR_ALL[5],
    ("计划日期", lambda v: v.planned_on),
    *FOR_ALL[7:],
    ("投诉来源", lambda v: v.complaint_channel),
    ("转办单号", lambda v: v.complaint_number),
    ("回复期限", lambda v: v.return_by_on),
    ("仍要检查的理由", lambda v: v.override_reason),
    ("报区期限", lambda v: v.report_by_on),
    ("报区日期", lambda v: v.reported_on),
)


class InspectionList(ScopedList):
    """Visits of one's scope, newest first; for a firm those it was told of."""

    model = Inspection
    roles = READERS
    filterset_class = InspectionFilter
    template_name = "inspections/inspection_list.html"

    @property
    def title(self) -> str:
        """By its reader."""
        return "执法检查" if self.request.user.is_town else "检查通知"

    @property
    def columns(self) -> Any:
        """What the export holds: the town's affairs for the town's offices."""
        return FOR_OFFICE if self.request.user.is_office else FOR_ALL

    @property
    def empty_text(self) -> str:
        """Why nothing is shown."""
        if self.request.user.is_town:
            return "没有符合条件的执法检查。"
        return "还没有发给您企业的检查通知。"

    @property
    def empty_hint(self) -> str:
        """What next."""
        if not self.request.user.is_town:
            return "镇里安排检查并通知后,会显示在这里;检查完成后可以看到检查记录和整改要求。"
        if self.request.user.role in machine.OFFICERS:
            return "可以放宽上面的筛选条件,或点“安排检查”。村(社区)、网格员和第三方的活动请登记为走访。"
        return "可以放宽上面的筛选条件。检查由执法人员和行业主管部门安排。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds how each visit stands for this reader, and whether he may plan one."""
        user = self.request.user
        context = super().get_context_data(can_plan=user.role in machine.OFFICERS, is_office=user.is_office, **kwargs)
        today, shown = timezone.localdate(), list(context["object_list"])
        days = [visit.planned_on for visit in shown]
        overrides = overrides_between(min(days), max(days)) if days else {}
        context["visits"] = [
            (visit, state_label(visit, user), day_name(visit.planned_on, overrides), user.is_office and visit.is_report_overdue(today))
            for visit in shown
        ]
        return context


class EnterpriseInspections(FileMixin, InspectionList):
    """A tab of the enterprise's file: its visits."""

    template_name = "inspections/enterprise_inspections.html"

    def get_queryset(self) -> Any:
        """Of this enterprise only."""
        return super().get_queryset().filter(enterprise=self.enterprise)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the firm's grade, for the town's offices."""
        grade = FirmGrade.objects.for_user(self.request.user).filter(enterprise=self.enterprise, until=None).first()
        return super().get_context_data(grade=grade, **kwargs)


class InspectionNew(FormMixin422, RoleMixin, FormView):
    """Plan a visit: choose the firm, see all that is known of it, fill in the scheme or join a visit already planned."""

    roles = machine.OFFICERS
    form_class = PlanForm
    template_name = "inspections/inspection_new.html"

    @property
    def chosen(self) -> Enterprise | None:
        """The firm of the address, within the user's scope, else none."""
        if not hasattr(self, "_chosen"):
            named = self.request.GET.get("enterprise", "")
            is_number = named.isdecimal() and len(named) < 16
            rows = Enterprise.objects.for_user(self.request.user).select_related("sector", "area")
            self._chosen = rows.filter(pk=named).first() if is_number else None
        return self._chosen

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The search, the form, or for htmx the guard of another day or kind."""
        if self.chosen is None:
            return TemplateResponse(request, "inspections/visit_choose.html", self.search())
        if request.htmx and "planned_on" in request.GET:
            return TemplateResponse(request, "inspections/_guard.html", self.guard(self.get_form()))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Plan it; without a firm there is nothing to plan."""
        if self.chosen is None:
            return TemplateResponse(request, "inspections/visit_choose.html", self.search(), status=422)
        earlier = sent_before(request.user, request.POST.get("client_id"))
        if earlier is None:
            return super().post(request, *args, **kwargs)
        # Taken before: by now the guard knows this very visit, so the form is not asked again.
        if earlier.same(self.content()):
            return redirect("inspection_detail", pk=earlier.subject_pk)
        return self.conflict(self.get_form(), earlier)

    def content(self) -> dict[str, Any]:
        """What was sent, and about which firm."""
        given = {k: v for k, v in self.request.POST.lists() if k not in ("csrfmiddlewaretoken", "client_id")}
        return {**given, "enterprise": [str(self.chosen.pk)]}

    def conflict(self, form: PlanForm, first: Any) -> HttpResponse:
        """Other content under the same id: nothing is planned, the text is kept."""
        words = f"这张表已经安排过一次检查({first.receipt}),内容与现在填写的不同。要另安排,请重新打开这一页。"
        form.add_error(None, words)
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def search(self) -> dict[str, Any]:
        """Firms by what was typed."""
        words = self.request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_WORDS]
        found = Enterprise.objects.for_user(self.request.user).search(words).order_by("name")
        return {"words": words, "found": found[:FOUND_SHOWN], "more": found.count() > FOUND_SHOWN}

    def get_initial(self) -> dict[str, Any]:
        """Day and kind of the address."""
        return {name: self.request.GET[name] for name in ("planned_on", "kind") if name in self.request.GET}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the firm."""
        return {**super().get_form_kwargs(), "enterprise": self.chosen}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds firm and guard."""
        context = super().get_context_data(**kwargs)
        return {**context, **self.guard(context["form"])}

    def guard(self, form: PlanForm) -> dict[str, Any]:
        """What is known, and which planned visits this person may join."""
        known = form.known
        joinable = {row.pk for row in known.mergeable if not row.guard("join", self.request.user)}
        plan = plan_of(self.chosen, unit_of(self.request.user), form.asked_day)
        year = {"plan": plan, "plan_item": plan and open_item(plan, self.chosen, form.asked_day), "unplanned": form.unplanned}
        return {"chosen": self.chosen, "known": known, "joinable": joinable, "day": form.asked_day, **year}

    def form_valid(self, form: PlanForm) -> HttpResponse:
        """Plan it once; what the guard saw meanwhile comes back with its reason field."""

        def make() -> tuple[Inspection, str]:
            row = plan_visit(by=self.request.user, on=timezone.localdate(), enterprise=self.chosen, **form.facts())
            return row, row.number

        client_id = form.cleaned_data["client_id"]
        try:
            taken = take_once(user=self.request.user, client_id=client_id, kind="inspection", content=self.content(), make=make)
        except ContentConflict as conflict:
            return self.conflict(form, conflict.submission)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.form_invalid(form)
        messages.success(self.request, f"已安排,编号 {taken.receipt}。请核对检查项目后提交检查方案。")
        return redirect("inspection_detail", pk=taken.subject_pk)


class InspectionDetail(ScopedDetail):
    """One visit as its reader may see it: facts, scheme, officers, the loop, findings, papers, story, moves."""

    model = Inspection
    roles = READERS
    template_name = "inspections/inspection_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        related = ("enterprise__area", "department", "order__document", "planned_by", "approved_by")
        return super().get_queryset().select_related(*related).prefetch_related("officers__user__certificates", "parties__department")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the dossier, the state in this reader's words, and the entry code."""
        dossier = Dossier(self.object, self.request.user)
        url = dossier.entry_url
        address = self.request.build_absolute_uri(url) if url else ""
        return super().get_context_data(
            dossier=dossier,
            state_label=state_label(self.object, self.request.user),
            paper_pages=offers(self.object, self.request.user),
            entry_address=address,
            entry_qr=dossier.entry_qr(address),
            today=timezone.localdate(),
            **kwargs,
        )


class InspectionMove(MoveView):
    """One move of a visit."""

    model = Inspection

    def get_queryset(self) -> Any:
        """With the people its guards compare."""
        related = ("enterprise", "department", "planned_by", "order")
        return super().get_queryset().select_related(*related).prefetch_related("officers__user", "parties")


class InspectionItems(RoleMixin, View):
    """Choose the points of a visit while it is planned, and share the items out in a joint visit."""

    roles = machine.OFFICERS

    def visit(self, pk: int) -> Inspection:
        """The visit, or 404."""
        rows = Inspection.objects.for_user(self.request.user).select_related("enterprise__sector", "department", "planned_by")
        return get_object_or_404(rows.prefetch_related("officers__user", "parties__department", "enterprise__traits"), pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The points that fit the firm, or back with the reason why not."""
        visit = self.visit(pk)
        if sentence := self.why_not(visit):
            messages.error(request, sentence)
            return redirect(visit)
        return self.page(visit, ChoiceForm(instance=visit, user=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep the choice; a focus point left out has its reason (R71)."""
        visit = self.visit(pk)
        form = ChoiceForm(request.POST, instance=visit, user=request.user)
        if sentence := self.why_not(visit):
            return self.page(visit, form, status=409, refused=sentence)
        if not form.is_valid():
            return self.page(visit, form, status=422)
        try:
            form.save(by=request.user, on=timezone.localdate())
        except MoveRefused as refused:
            visit.refresh_from_db()
            return self.page(visit, form, status=409, refused=refused.message)
        messages.success(request, "检查项目已保存。")
        return redirect(visit)

    def why_not(self, visit: Inspection) -> str:
        """Why this person may not choose here now."""
        if visit.order_id is not None:
            return "复查的项目就是指令书的整改项,不用另选。"
        if visit.state not in machine.BEFORE:
            return f"现在是“{visit.state_label}”,不能再改检查项目。"
        return visit.why_not_choose(self.request.user)

    def page(self, visit: Inspection, form: ChoiceForm, *, status: int = 200, refused: str = "") -> HttpResponse:
        """The page."""
        context = {"visit": visit, "form": form, "refused": refused}
        return TemplateResponse(self.request, "inspections/inspection_items.html", context, status=status)
