"""Pages of the yearly plan: the list, one plan, drawing it up, its moves."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import FormView

from accounts.roles import TOWN_ROLES, Role
from core.models import Event, MoveRefused
from core.submit import ContentConflict, take_once
from core.views import MoveView, RoleMixin, ScopedDetail, ScopedList
from core.views.base import FormMixin422
from enterprises.models import Enterprise
from inspections.filters_plans import YearPlanFilter
from inspections.forms.plans import EditPlanForm, NewPlanForm
from inspections.models import InspectionPlan, PlanItem, machine
from inspections.models.plan_law import ADJUST, PlanLimit
from inspections.progress import live_items, progress_of

READERS = TOWN_ROLES - {Role.VILLAGE}
OTHER_CONTENT = "这张表已经用别的内容提交过一次,这一次的内容没有保存。要再填,请重新打开这一页。"


def content(request: HttpRequest) -> dict[str, Any]:
    """What was sent, without the hidden marks of the form."""
    return {name: values for name, values in request.POST.lists() if name not in ("csrfmiddlewaretoken", "client_id")}


class YearPlanList(ScopedList):
    """The plans of one's town, the newest year first."""

    model = InspectionPlan
    roles = READERS
    title = "年度监督检查计划"
    filterset_class = YearPlanFilter
    template_name = "inspections/year_plan_list.html"
    empty_text = "还没有年度监督检查计划。"
    empty_hint = "执法人员和行业主管部门可以拟制本单位的计划。"
    columns = (
        ("年度", lambda row: row.year),
        ("单位", lambda row: row.organ_name),
        ("编号", lambda row: row.printed),
        ("状态", lambda row: row.state_label),
        ("计划次数", lambda row: row.total or 0),
        ("已完成", lambda row: row.done or 0),
        ("拟制人", lambda row: row.drafted_by.name),
        ("批准日期", lambda row: row.approved_on),
        ("备案日期", lambda row: row.filed_on),
        ("区备案回执号", lambda row: row.receipt_number),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether one may draw up a plan."""
        return super().get_context_data(can_write=self.request.user.role in machine.OFFICERS, **kwargs)


class OfPlan(RoleMixin):
    """A page under one plan: the plan out of scope is a 404; one that cannot be changed here leads back with the reason."""

    roles: ClassVar[frozenset[str] | None] = machine.OFFICERS
    states: ClassVar[tuple[str, ...]] = ()
    kwargs: dict[str, Any]

    @cached_property
    def plan(self) -> InspectionPlan:
        """The plan of the URL, within the user's scope."""
        rows = InspectionPlan.objects.for_user(self.request.user).select_related("area", "department", "drafted_by", "approved_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def why_not(self) -> str:
        """Why this person may not write here now."""
        if reason := self.plan.why_not_mine(self.request.user):
            return reason
        return "" if self.plan.state in self.states else f"现在是“{self.plan.state_label}”,不能在这里修改。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the plan."""
        return super().get_context_data(plan=self.plan, **kwargs)  # type: ignore[misc]


class PlanForms(FormMixin422, OfPlan, FormView):
    """A form that changes a plan: refused before it is shown, and 409 with the typed text when it cannot be taken."""

    template_name = "inspections/year_plan_form.html"
    title = ""
    lead = ""
    button = "保存"
    done = "已保存。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Back with the reason where it cannot be changed; what was sent is answered by its form."""
        if request.user.is_authenticated and request.user.role in (self.roles or ()) and request.method == "GET":
            self.kwargs = kwargs
            if reason := self.why_not():
                messages.error(request, reason)
                return redirect(self.plan)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        words = {"title": self.title, "lead": self.lead, "button": self.button, "back": self.back()}
        return super().get_context_data(**words, **kwargs)

    def back(self) -> str:
        """Where one came from, and goes."""
        return self.plan.get_absolute_url()

    def write(self, form: Any) -> Any:
        """Write it; MoveRefused when it cannot be."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        """Once however often it is sent; a refusal is said on the page."""
        try:
            if reason := self.why_not():
                raise MoveRefused(reason)
            self.take(form)
        except ContentConflict:
            return self.refused(form, OTHER_CONTENT)
        except MoveRefused as refused:
            return self.refused(form, refused.message)
        messages.success(self.request, self.done)
        return redirect(self.back())

    def take(self, form: Any) -> None:
        """By its client-made id where it has one."""
        if "client_id" not in form.cleaned_data:
            self.write(form)
            return

        def make() -> tuple[InspectionPlan, str]:
            self.write(form)
            return self.plan, str(self.plan.pk)

        sent = {**content(self.request), "plan": [str(self.plan.pk)]}
        take_once(user=self.request.user, client_id=form.cleaned_data["client_id"], kind="year_plan", content=sent, make=make)

    def refused(self, form: Any, message: str) -> HttpResponse:
        """The page again, the typed text kept."""
        self.plan.refresh_from_db()
        form.add_error(None, message)
        return self.render_to_response(self.get_context_data(form=form), status=409)


class YearPlanNew(FormMixin422, RoleMixin, FormView):
    """Draw up a plan of one's own unit."""

    roles = machine.OFFICERS
    form_class = NewPlanForm
    template_name = "inspections/year_plan_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The words of the page."""
        lead = "先填工作日测算,再加入计划项。一个单位一年一份。"
        return super().get_context_data(title="拟制年度监督检查计划", lead=lead, button="拟制", **kwargs)

    def form_valid(self, form: NewPlanForm) -> HttpResponse:
        """Once however often it is sent."""

        def make() -> tuple[InspectionPlan, str]:
            year = form.cleaned_data["year"]
            row = InspectionPlan.draft(by=self.request.user, on=timezone.localdate(), year=year, **form.facts())
            return row, str(row.pk)

        sent, client_id = content(self.request), form.cleaned_data["client_id"]
        try:
            taken = take_once(user=self.request.user, client_id=client_id, kind="year_plan", content=sent, make=make)
        except (ContentConflict, MoveRefused) as refused:
            form.add_error(None, refused.message if isinstance(refused, MoveRefused) else OTHER_CONTENT)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, "已拟制。请加入计划项,齐全后提交。")
        return redirect("year_plan_detail", pk=taken.subject_pk)


class YearPlanEdit(PlanForms):
    """The words and the working days of a draft."""

    form_class = EditPlanForm
    states = (InspectionPlan.State.DRAFT,)
    title = "修改计划"
    lead = "工作日以人·日计;全年法定工作日按节假日表自动计算。"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The plan to be changed."""
        return {**super().get_form_kwargs(), "instance": self.plan}

    def write(self, form: EditPlanForm) -> None:
        """As the person saw it."""
        if form.is_as_it_stands:
            return
        self.plan.version = form.cleaned_data["version"]
        self.plan.edit(by=self.request.user, on=timezone.localdate(), **form.facts())


class YearPlanDetail(ScopedDetail):
    """One plan: how far it is, its working days, months and segments, what is missing, adjustments, papers, story, moves."""

    model = InspectionPlan
    roles = READERS
    template_name = "inspections/year_plan_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("area", "department", "drafted_by", "approved_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds all of it."""
        plan, today = self.object, timezone.localdate()
        is_mine = self.request.user.role in machine.OFFICERS and not plan.why_not_mine(self.request.user)
        is_draft = plan.state == InspectionPlan.State.DRAFT
        missing = plan.missing(today) if is_draft or plan.is_executing else []
        is_whole = plan.is_read_whole_by(self.request.user)
        if missing and not is_whole:
            own = set(Enterprise.objects.for_user(self.request.user).values_list("pk", flat=True))
            missing = [must for must in missing if must.enterprise.pk in own]
        seen = PlanItem.objects.for_user(self.request.user)
        visits = plan.items.live().visits()
        shown = {
            "now": progress_of(plan, live_items(seen, [plan])[plan.pk], today),
            "visits": visits,
            "is_mine": is_mine,
            "can_change": is_mine and plan.can_change,
            "is_draft": is_draft,
            "problems": plan.problems(today) if is_draft else [],
            "missing": missing[:50],
            "missing_count": len(missing),
            "is_over": visits > plan.capacity,
            "adjustments": plan.adjustments.select_related("proposed_by", "decided_by").order_by("-number"),
            "adjustment": plan.open_adjustment,
            "limit": PlanLimit.objects.value_on(ADJUST, today, 0),
            "flags": self.flags(),
        }
        context = super().get_context_data(is_whole=is_whole, **shown, today=today, **kwargs)
        return context if is_whole else {**context, "events": without_lines(context["events"])}

    def flags(self) -> list[tuple[str, int, str]]:
        """(label, how many visits, the filter that opens to them) of what needs somebody."""
        rows = PlanItem.objects.for_user(self.request.user).filter(plan=self.object)
        live = rows.live().flagged()
        counts = (
            ("过期未安排", rows.overdue(timezone.localdate()).visits(), "view=overdue"),
            ("区级计划也有", live.filter(at_district=True).visits(), "view=district"),
            ("其他单位计划也有", live.filter(elsewhere=True).visits(), "view=elsewhere"),
        )
        return [one for one in counts if one[1]]


def without_lines(events: Any) -> list[Any]:
    """The story for another unit: who did what and when, without the lines that name firms."""
    found = list(events)
    for event in found:
        event.data = {}
    return found


class YearPlanMove(MoveView):
    """One move of a plan."""

    model = InspectionPlan

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Another department is sent back before a form names the firms."""
        if not self.object.is_read_whole_by(request.user):  # type: ignore[attr-defined]
            messages.error(request, self.object.why_not_mine(request.user))  # type: ignore[attr-defined]
            return redirect(self.object.get_absolute_url())  # type: ignore[attr-defined]
        return super().post(request, *args, **kwargs)

    def is_echo(self) -> bool:
        """Also of an adjustment that settled at once: two moves, both told with the digest of the one form."""
        newest = Event.objects.of(self.object).last()
        settled = newest is not None and newest.move == "settle_adjustment" and newest.by_id == self.request.user.pk
        return super().is_echo() or settled and newest.data.get("sent") == self.sent()  # type: ignore[union-attr]

    def get_queryset(self) -> Any:
        """With the people its guards compare."""
        return super().get_queryset().select_related("area", "department", "drafted_by", "approved_by")
