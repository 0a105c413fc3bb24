"""一键设置: an enterprise gets its plans by sector, size and traits: open, choose the days, confirm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.models import MoveRefused
from duties.forms import CalendarForm
from duties.posts import Staff
from duties.views.plans import PlanPage
from hazards.setup import proposals, set_up


class PlanSetup(PlanPage):
    """The proposals, all ticked; one form."""

    form_class = CalendarForm
    template_name = "hazards/plan_setup.html"
    title, button = "按行业一键设置", "确认设置"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the proposals with who would answer for each."""
        today = timezone.localdate()
        rows = proposals(self.enterprise, today)
        staff = Staff([self.enterprise.pk], today)
        lines = [(one, staff.holders(one.unit, one.duty.level)) for one in rows]
        ticked = self.request.POST.getlist("plan") if self.request.method == "POST" else [one.key for one in rows]
        missing = any(one.existing is None for one in rows)
        return super().get_context_data(lines=lines, ticked=ticked, missing=missing, **kwargs)

    def form_valid(self, form: CalendarForm) -> HttpResponse:
        """Begin what is ticked and not there yet."""
        offered = proposals(self.enterprise, timezone.localdate())
        chosen = [one for one in offered if one.key in self.request.POST.getlist("plan")]
        if not chosen:
            form.add_error(None, "一项也没有勾选,请至少勾选一项要开始的计划。")
            return self.form_invalid(form)
        try:
            begun = set_up(chosen, by=self.request.user, on=timezone.localdate(), **form.cleaned_data)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, f"已开始 {begun} 项任务计划,今后 14 天的期次已经排好。" if begun else "没有新的任务计划需要开始。")
        return redirect("plan_list", self.enterprise.pk)
