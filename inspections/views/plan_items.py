"""Pages of a plan's items: the list, candidates with ticks, random visits, changing one, taking one out, the adjustment."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from core.models import MoveRefused
from core.submit import ContentConflict, take_once
from core.views import ScopedList
from enterprises.models import Enterprise
from inspections import candidates
from inspections.filters_plans import CandidateFilter, PlanItemFilter
from inspections.forms.plans import CandidatesForm, DropItemForm, ItemForm, RandomItemForm
from inspections.models import InspectionPlan, PlanChange, PlanItem, machine
from inspections.models.plan_items import ItemFacts
from inspections.models.plan_keys import Must
from inspections.models.plan_law import MISSED
from inspections.views.plans import OTHER_CONTENT, READERS, OfPlan, PlanForms, content

LONGEST_WHY = 300
CHANGING = (InspectionPlan.State.DRAFT, InspectionPlan.State.FILED)


class YearPlanItems(OfPlan, ScopedList):
    """The items of one plan."""

    model = PlanItem
    roles = READERS
    filterset_class = PlanItemFilter
    template_name = "inspections/year_plan_items.html"
    empty_text = "没有符合条件的计划项。"
    empty_hint = "拟制中的计划可以从候选名单加入,或用 xlsx 导入。"
    columns = (
        ("企业名称", lambda row: row.enterprise.name if row.enterprise else ""),
        ("统一社会信用代码", lambda row: row.enterprise.credit_code if row.enterprise else ""),
        ("类别", lambda row: row.get_segment_display()),
        ("起月", lambda row: row.from_month),
        ("止月", lambda row: row.to_month),
        ("次数", lambda row: row.count),
        ("列入理由", lambda row: row.why),
        ("所在村(社区)", lambda row: row.enterprise.area.name if row.enterprise else ""),
        ("状态", lambda row: row.state_label),
        ("检查编号", lambda row: row.inspection.number if row.inspection else ""),
        ("检查日期", lambda row: row.inspection.visited_on if row.inspection else None),
        ("取消理由", lambda row: row.cancel_reason),
        ("区级计划也有", lambda row: row.at_district),
        ("其他单位计划也有", lambda row: row.elsewhere),
    )

    @property
    def title(self) -> str:
        """Of which plan."""
        return f"{self.plan.year} 年度计划项"

    def get_queryset(self) -> Any:
        """Of this plan, as far as one sees."""
        return super().get_queryset().filter(plan=self.plan)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds who may change what, and what is overdue."""
        user, today = self.request.user, timezone.localdate()
        is_mine = user.role in machine.OFFICERS and not self.plan.why_not_mine(user)
        context = super().get_context_data(can_change=is_mine and self.plan.can_change, **kwargs)
        is_draft = self.plan.state == InspectionPlan.State.DRAFT
        rows = [(row, row.is_overdue(today), row.state == PlanItem.State.PLANNED) for row in context["object_list"]]
        return {**context, "items": rows, "is_draft": is_draft, "visits": self.object_list.visits()}


class YearPlanCandidates(OfPlan, ScopedList):
    """The firms of the unit with the numbers that speak for a visit; ticked ones go into the plan, or into its adjustment."""

    model = Enterprise
    roles = machine.OFFICERS
    template_name = "inspections/year_plan_candidates.html"
    empty_text = "没有符合条件的企业。"

    @property
    def title(self) -> str:
        """Of which plan."""
        return f"{self.plan.year} 年度计划候选企业"

    @cached_property
    def musts(self) -> dict[int, Must]:
        """Which firms the plan must hold."""
        return {must.enterprise.pk: must for must in self.plan.musts(timezone.localdate())}

    @cached_property
    def missed_days(self) -> int:
        """How far back missed duties count."""
        return candidates.window(MISSED, timezone.localdate())

    def get_queryset(self) -> Any:
        """Explained, then the filter of the URL."""
        rows = candidates.candidates(self.request.user, self.plan, timezone.localdate())
        self.filter = CandidateFilter(self.request.GET, queryset=rows, request=self.request, musts=self.musts)
        return self.filter.qs

    @property
    def columns(self) -> Any:  # type: ignore[override]
        """What the export holds."""
        return (
            ("企业名称", lambda row: row.name),
            ("统一社会信用代码", lambda row: row.credit_code),
            ("必须列入", lambda row: self.musts[row.pk].why if row.pk in self.musts else ""),
            ("未销案重大隐患", lambda row: row.majors),
            ("其中逾期", lambda row: row.majors_late),
            ("逾期隐患", lambda row: row.late),
            (f"近 {self.missed_days} 天漏做任务", lambda row: row.missed),
            ("投诉举报", lambda row: row.complaints),
            ("上次检查", lambda row: row.last_on),
            ("已列入", lambda row: row.is_in),
            ("区级计划也有", lambda row: row.at_district),
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list, or back with the reason."""
        if reason := self.why_not():
            messages.error(request, reason)
            return redirect(self.plan)
        return super().get(request, *args, **kwargs)

    states = CHANGING

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the ticked firms in, once however often it is sent."""
        firms = candidates.firms_of(self.plan.area_id, self.plan.department)
        form = CandidatesForm(request.POST, user=request.user, firms=firms & Enterprise.objects.for_user(request.user))
        if not form.is_valid():
            return self.again(form, 422)
        sent = {**content(request), "plan": [str(self.plan.pk)]}
        try:
            if reason := self.why_not():
                raise MoveRefused(reason)
            take_once(
                user=request.user, client_id=form.cleaned_data["client_id"], kind="year_plan", content=sent, make=lambda: self.make(form)
            )
        except (ContentConflict, MoveRefused) as refused:
            form.add_error(None, refused.message if isinstance(refused, MoveRefused) else OTHER_CONTENT)
            self.plan.refresh_from_db()
            return self.again(form, 409)
        count, is_draft = len(form.cleaned_data["firms"]), self.plan.state == InspectionPlan.State.DRAFT
        messages.success(request, f"已加入计划 {count} 家。" if is_draft else f"已记入拟调整内容 {count} 家,提出后生效。")
        return redirect("year_plan_items" if is_draft else "year_plan_adjust", self.plan.pk)

    def make(self, form: CandidatesForm) -> tuple[InspectionPlan, str]:
        """The items, each with the numbers of its firm as its reason."""
        data, today = form.cleaned_data, timezone.localdate()
        rows = candidates.explained(data["firms"].select_related("area"), self.plan, today)
        facts = []
        for row in rows:
            must = self.musts.get(row.pk)
            words = [data["why"], must.why if must else "", candidates.why(row, self.missed_days)]
            segment = must.segment if must else PlanItem.Segment.CANDIDATE
            why = ";".join(word for word in words if word)[:LONGEST_WHY]
            facts.append(ItemFacts(row, segment, data["from_month"], data["to_month"], why))
        self.plan.add_items(facts, by=self.request.user, on=today)
        return self.plan, str(self.plan.pk)

    def again(self, form: CandidatesForm, status: int) -> HttpResponse:
        """The list, the ticks kept."""
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the form, and beside each firm why it must stand in the plan and whether it is ticked."""
        kwargs.setdefault("form", CandidatesForm(user=self.request.user, firms=Enterprise.objects.none()))
        context = super().get_context_data(missed_days=self.missed_days, **kwargs)
        ticked = set(self.request.POST.getlist("firms"))
        context["rows"] = [(row, self.musts.get(row.pk), str(row.pk) in ticked) for row in context["object_list"]]
        return context


class RandomItemNew(PlanForms):
    """A number of random visits, whose firms the draws find."""

    form_class = RandomItemForm
    states = CHANGING
    title = "加入随机抽查"
    lead = "随机抽查只写次数,企业由双随机抽取确定。执行中的计划记入拟调整内容。"
    button = "加入"
    done = "已加入。"

    def write(self, form: RandomItemForm) -> None:
        """Into the plan, or into its adjustment."""
        self.plan.add_items([form.facts()], by=self.request.user, on=timezone.localdate())

    def back(self) -> str:
        """The items, or the adjustment."""
        return reverse("year_plan_items" if self.plan.state == InspectionPlan.State.DRAFT else "year_plan_adjust", args=[self.plan.pk])


class OfItem(PlanForms):
    """A form about one item of a plan."""

    @cached_property
    def item(self) -> PlanItem:
        """The item of the URL, of this plan."""
        rows = PlanItem.objects.for_user(self.request.user).select_related("enterprise__area", "plan__department")
        return get_object_or_404(rows, pk=self.kwargs["item"], plan=self.plan)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """404 for an item out of scope."""
        if request.user.is_authenticated and request.user.role in (self.roles or ()):
            self.kwargs = kwargs
            self.item  # noqa: B018 - 404 before anything else
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The item."""
        return {**super().get_form_kwargs(), "instance": self.item}

    def back(self) -> str:
        """The items."""
        return reverse("year_plan_items", args=[self.plan.pk])


class PlanItemEdit(OfItem):
    """Other months, reasons or another segment, in a draft."""

    form_class = ItemForm
    states = (InspectionPlan.State.DRAFT,)

    @property
    def title(self) -> str:
        """Which item."""
        return f"修改计划项:{self.item.name}"

    def write(self, form: ItemForm) -> None:
        """As the person saw it."""
        if form.is_as_it_stands:
            return
        if form.cleaned_data["version"] != self.item.version:
            raise MoveRefused("在您修改的时候,别人改过这一项,您的内容没有保存。请看看现在的,再决定。")
        self.plan.change_item(self.item, form.facts(), by=self.request.user, on=timezone.localdate())


class PlanItemDrop(OfItem):
    """Out of a draft, or to be cancelled by the adjustment."""

    form_class = DropItemForm
    states = CHANGING

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What is out of the plan already stays out: sent twice it is once."""
        may = request.user.is_authenticated and request.user.role in (self.roles or ())
        if may and request.method == "POST" and not self.plan.items.filter(pk=kwargs["item"]).exists():  # type: ignore[attr-defined]
            return redirect(self.back())
        return super().dispatch(request, *args, **kwargs)

    @property
    def title(self) -> str:
        """Which item."""
        return f"取消计划项:{self.item.name}"

    @property
    def lead(self) -> str:
        """What happens."""
        return "从拟制中的计划移出。" if self.plan.state == InspectionPlan.State.DRAFT else "记入拟调整内容,提出调整后生效。"

    button = "取消这一项"
    done = "已记下。"

    def write(self, form: DropItemForm) -> None:
        """At once, or into the adjustment."""
        self.plan.drop_item(self.item, by=self.request.user, on=timezone.localdate(), note=form.cleaned_data["note"])

    def back(self) -> str:
        """The items, or the adjustment."""
        return reverse("year_plan_items" if self.plan.state == InspectionPlan.State.DRAFT else "year_plan_adjust", args=[self.plan.pk])


class YearPlanAdjust(OfPlan, TemplateView):
    """The adjustment being put together or waiting: its lines with reasons, the share they are, and those before it."""

    roles = READERS
    template_name = "inspections/year_plan_adjust.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the lines and what they come to."""
        plan, user, today = self.plan, self.request.user, timezone.localdate()
        adjustment = plan.open_adjustment
        related = ("enterprise", "item__enterprise")
        shown: dict[str, Any] = {"adjustment": adjustment, "changes": [], "offers": plan.moves_for(user)}
        if adjustment is not None:
            changed, limit, is_over = plan.weighed(adjustment, today)
            lines = adjustment.changes.for_user(user).select_related(*related)  # type: ignore[attr-defined]
            shown |= {"changes": lines, "changed": changed, "limit": limit, "is_over": is_over}
            shown |= {"dropped": plan.dropped_musts(adjustment, today)} if plan.is_read_whole_by(user) else {}
        earlier = plan.adjustments.exclude(decided_on=None).select_related("proposed_by", "decided_by")  # type: ignore[attr-defined]
        visible = Prefetch("changes", queryset=PlanChange.objects.for_user(user).select_related("enterprise"))
        earlier = earlier.prefetch_related(visible).order_by("-number")
        is_mine = user.role in machine.OFFICERS and not plan.why_not_mine(user)
        can_change = is_mine and plan.state == InspectionPlan.State.FILED
        is_whole = plan.is_read_whole_by(user)
        refused = plan.refused_last if can_change else None
        return super().get_context_data(earlier=earlier, can_change=can_change, is_whole=is_whole, refused=refused, **shown, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take one line out of the adjustment being put together, or take up what was refused; twice is once."""
        reason = self.why_not() if request.user.role in machine.OFFICERS else "您的岗位不能修改计划。"
        if "take_up" in request.POST and not reason:
            return self.take_up()
        named = request.POST.get("change", "")
        collecting = self.plan.adjustments.undecided().filter(proposed_on=None).first()  # type: ignore[attr-defined]
        is_number = named.isascii() and named.isdecimal() and len(named) < 16
        row = collecting.changes.filter(pk=named).select_related("enterprise").first() if collecting and is_number else None
        if reason:
            messages.error(request, reason)
        elif row is not None:
            try:
                self.plan.drop_change(row, by=request.user, on=timezone.localdate())
                messages.success(request, "已从拟调整内容里去掉。")
            except MoveRefused as refused:
                messages.error(request, refused.message)
        return redirect("year_plan_adjust", self.plan.pk)

    def take_up(self) -> HttpResponse:
        """The lines the leader did not agree to, to be changed and proposed again."""
        if self.plan.refused_last is None:
            return redirect("year_plan_adjust", self.plan.pk)
        try:
            gone = self.plan.take_up_refused(by=self.request.user, on=timezone.localdate())
            left_out = f"其中已经安排、没有放回的:{'、'.join(gone)}。" if gone else ""
            messages.success(self.request, f"已放回拟调整内容,修改后可以再提出。{left_out}")
        except MoveRefused as refused:
            messages.error(self.request, refused.message)
        return redirect("year_plan_adjust", self.plan.pk)

    states = (InspectionPlan.State.FILED,)
