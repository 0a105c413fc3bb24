"""任务计划: an enterprise's standing orders."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic.edit import FormView

from core.models import MoveRefused
from core.views import ScopedList
from core.views.base import FormMixin422
from duties.filters import PlanFilter
from duties.forms import PlanAssignForm, PlanEndForm, PlanForm
from duties.models import DutyPlan
from enterprises.views.base import KEEPERS, FileMixin, PartMixin


class PlanList(FileMixin, ScopedList):
    """A tab of the enterprise's file: its plans, those in force and to come unless the filter says otherwise."""

    model = DutyPlan
    title = "任务计划"
    filterset_class = PlanFilter
    template_name = "duties/plan_list.html"
    empty_text = "没有任务计划,所以没有日周月检查。"
    empty_hint = "点“按行业一键设置”,按行业、规模和危险特性排好。"
    columns = (
        ("部门班组", lambda p: p.unit.name),
        ("任务", lambda p: p.duty.name),
        ("频次", lambda p: p.duty.get_frequency_display()),
        ("检查表", lambda p: p.checklist_code),
        ("生产日", lambda p: p.calendar_label),
        ("责任人", lambda p: p.responsible.name if p.responsible else "部门班组负责人"),
        ("自", lambda p: p.starts_on),
        ("至", lambda p: p.ends_on),
    )

    def get_queryset(self) -> Any:
        """Of this enterprise only."""
        return super().get_queryset().filter(enterprise=self.enterprise)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds today: what is over cannot be changed any more."""
        return super().get_context_data(today=timezone.localdate(), **kwargs)


class PlanPage(FileMixin, FormMixin422, FormView):
    """A form about plans; what a verb refuses is said on the same page, nothing lost."""

    roles = KEEPERS
    template_name = "duties/plan_form.html"
    title = ""
    button = ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """Without the user: choices start at the enterprise, which is in scope."""
        kwargs = super().get_form_kwargs()
        kwargs.pop("user")
        return kwargs

    def form_valid(self, form: Any) -> HttpResponse:
        """Do it; twice is once, by the verb itself."""
        try:
            self.act(form.cleaned_data)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, f"已保存:{self.title}。")
        return redirect("plan_list", self.enterprise.pk)

    def act(self, data: dict[str, Any]) -> None:
        """The verb."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        return super().get_context_data(title=self.title, button=self.button, **kwargs)


class PlanNew(PlanPage):
    """One plan by hand."""

    form_class = PlanForm
    title, button = "新增任务计划", "开始计划"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Its choices are of this enterprise."""
        return {**super().get_form_kwargs(), "enterprise": self.enterprise}

    def act(self, data: dict[str, Any]) -> None:
        """Begin it, with the list its unit's other plans of the duty use, else the one the duty names."""
        DutyPlan.begin(by=self.request.user, on=timezone.localdate(), **data, checklist_code=self.checklist_code(data))

    def checklist_code(self, data: dict[str, Any]) -> str:
        """The list: named by the duty, or used by the firm for it already."""
        duty = data["duty"]
        used = DutyPlan.objects.for_user(self.request.user).filter(enterprise=self.enterprise, duty__code=duty.code).order_by("-pk").first()
        code = duty.checklist_code or (used.checklist_code if used else "")
        if not code:
            raise MoveRefused("本企业还没有这种任务的计划,请先用“按行业一键设置”。")
        return code


class PlanPart(PartMixin, PlanPage):
    """A form about one plan."""

    roles = KEEPERS
    model = DutyPlan

    def get_form_kwargs(self) -> dict[str, Any]:
        """The plan of the URL."""
        return {**super().get_form_kwargs(), "plan": self.part}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the plan."""
        return super().get_context_data(plan=self.part, **kwargs)


class PlanEnd(PlanPart):
    """A plan's last day."""

    form_class = PlanEndForm
    title, button = "结束任务计划", "结束计划"

    def act(self, data: dict[str, Any]) -> None:
        """End it."""
        self.part.end(by=self.request.user, on=timezone.localdate(), **data)


class PlanAssign(PlanPart):
    """Another person answers for a plan."""

    form_class = PlanAssignForm
    title, button = "更换责任人", "更换责任人"

    def act(self, data: dict[str, Any]) -> None:
        """From the next period on."""
        self.part.assign(by=self.request.user, on=timezone.localdate(), **data)
