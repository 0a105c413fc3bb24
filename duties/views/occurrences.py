"""Pages of occurrences: list, one with its ladder, moves, samples."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import View

from accounts.roles import MANAGERS, Role
from core.views import MoveView, RoleMixin, ScopedDetail, ScopedList
from duties.filters import OccurrenceFilter
from duties.forms import SampleForm
from duties.models import Occurrence, Sample
from duties.models.duty import doers
from duties.posts import Staff
from enterprises.models import Unit

OWN_PAGES = {"complete", "complete_late", "review"}


class OccurrenceList(ScopedList):
    """Occurrences of one's scope, newest first; every figure of the statistics opens here."""

    model = Occurrence
    title = "任务期次"
    filterset_class = OccurrenceFilter
    template_name = "duties/occurrence_list.html"
    empty_text = "没有符合条件的任务期次。"
    empty_hint = "企业设置任务计划后,按日、周、月自动生成;可以放宽上面的筛选条件。"
    columns = (
        ("企业", lambda o: o.enterprise.name),
        ("村(社区)", lambda o: o.enterprise.area.name),
        ("部门班组", lambda o: o.unit.name),
        ("任务", lambda o: o.plan.duty.name),
        ("周期开始", lambda o: o.period_start),
        ("周期结束", lambda o: o.period_end),
        ("班次", lambda o: o.shift),
        ("责任人", lambda o: o.responsible.name if o.responsible else "部门班组负责人"),
        ("状态", lambda o: o.state_label),
        ("完成时间", lambda o: o.done_at),
        ("漏做时间", lambda o: o.missed_at),
        ("补做时间", lambda o: o.late_done_at),
        ("上级处理时间", lambda o: o.taken_up_at),
        ("系统中断后补记", lambda o: o.made_late),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the time: what has not begun says when it begins."""
        return super().get_context_data(now=timezone.now(), **kwargs)


class OccurrenceDetail(ScopedDetail):
    """One occurrence: what became of it, who answers for it, how far a miss has climbed, its record and story."""

    model = Occurrence
    template_name = "duties/occurrence_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("enterprise", "unit__parent", "plan__duty", "responsible", "done_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds people, ladder, samples, and whether it can be done now."""
        row, user, now = self.object, self.request.user, timezone.now()
        staff = Staff([row.enterprise_id], min(row.last_day, timezone.localdate()))
        can_do = (
            user.role in doers(row.frequency) and row.plan.checklist_code and (row.is_open(now) or row.state == Occurrence.State.MISSED)
        )
        context = super().get_context_data(
            people=staff.of(row),
            above=staff.above(row),
            steps=ladder(row),
            samples=Sample.objects.for_user(user).filter(upper=row).select_related("lower__plan__duty", "lower__unit"),
            sampled=row.samples_above.exclude(verdict="").select_related("by", "upper__plan__duty", "upper__unit"),
            below=Occurrence.objects.climbing().under(row).for_list() if row.plan.duty.is_ladder else [],
            is_open=row.is_open(now),
            is_ahead=row.opens_at > now,
            can_do=can_do,
            **kwargs,
        )
        context["offers"] = [offer for offer in context["offers"] if offer.name not in OWN_PAGES]
        return context


def ladder(row: Occurrence) -> list[dict[str, Any]]:
    """The steps a miss climbs: 班组 → 部门 → 厂长 → 镇, and where this one stands; empty when nothing was missed."""
    if row.missed_at is None or not row.plan.duty.is_ladder:
        return []
    order = [Unit.Kind.TEAM, Unit.Kind.DEPARTMENT, Unit.Kind.PLANT]
    at = order.index(Unit.Kind(row.level)) + 1
    climbing = row.is_climbing
    if climbing:
        upper = Occurrence.objects.climbing().filter(
            enterprise_id=row.enterprise_id, closes_at__gte=row.closes_at, plan__duty__is_ladder=True
        )
        missed_above = set(upper.exclude(pk=row.pk).values_list("level", flat=True))
        while at < len(order) and order[at] in missed_above:
            at += 1
    names = [("班组", "日"), ("部门", "周"), ("厂长", "月"), ("镇", "")]
    steps = []
    for number, (name, often) in enumerate(names):
        is_here = climbing and number == at
        word = "漏做" if number == order.index(Unit.Kind(row.level)) else "报到这里" if is_here else ""
        steps.append({"label": name, "text": word or often, "is_here": is_here})
    return steps


class OccurrenceMove(MoveView):
    """Exempt one, or deal with a miss."""

    model = Occurrence

    def get_queryset(self) -> Any:
        """With what its guards compare."""
        return super().get_queryset().select_related("enterprise", "unit", "plan__duty", "responsible")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What is done in its own form has its own page."""
        if kwargs["name"] in OWN_PAGES and self.get_queryset().filter(pk=kwargs["pk"]).exists():
            return redirect("occurrence_detail", pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)


class SampleAnswer(RoleMixin, View):
    """What the reviewer found in one sample; twice is once."""

    roles = MANAGERS | {Role.UNIT_HEAD}
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Back to where the reviewer was."""
        rows = Sample.objects.for_user(request.user).select_related("upper", "lower__plan__duty", "lower__unit", "lower__enterprise")
        sample = get_object_or_404(rows, pk=pk)
        form = SampleForm(request.POST)
        if form.is_valid():
            sample.answer(by=request.user, on=timezone.localdate(), **form.cleaned_data)
        else:
            messages.error(request, "".join(form.non_field_errors()) or "请选择“属实”或“不符”。")
        back = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
        return redirect(f"{back}#samples" if is_ours and back else sample.upper.get_absolute_url())
