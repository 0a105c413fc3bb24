"""Pages of five-fix plans: list, one plan as five cards, its moves."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from core.models import Attachment
from core.views import MoveView, ScopedDetail, ScopedList
from hazards.filters import PlanFilter
from hazards.models import FiveFixPlan


class PlanList(ScopedList):
    """Five-fix plans of one's scope, newest first."""

    model = FiveFixPlan
    title = "五定整改方案"
    filterset_class = PlanFilter
    template_name = "hazards/fix_plan_list.html"
    empty_text = "没有符合条件的五定方案。"
    empty_hint = "隐患确认为重大以后,系统自动生成一份空白方案,由企业填写。"
    columns = (
        ("隐患编号", lambda p: p.hazard.number),
        ("企业", lambda p: p.enterprise.name),
        ("隐患情况", lambda p: p.hazard.description),
        ("第几版", lambda p: p.number),
        ("状态", lambda p: p.state_label),
        ("责任人", lambda p: p.person.name if p.person else ""),
        ("职务", lambda p: p.person_post),
        ("整改措施", lambda p: p.measures),
        ("资金(元)", lambda p: p.funds_amount),
        ("资金来源", lambda p: p.funds_source),
        ("完成期限", lambda p: p.due_on),
        ("提交日期", lambda p: p.submitted_on),
        ("镇接收日期", lambda p: p.received_on),
        ("下次报进展期限", lambda p: p.progress_by_on),
        ("进展是否逾期", lambda p: p.is_progress_late()),
    )


class PlanDetail(ScopedDetail):
    """One version as five cards with what is missing, its progress, the other versions, its story."""

    model = FiveFixPlan
    template_name = "hazards/fix_plan_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("hazard__enterprise", "person", "engineer", "received_by", "replaces")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the cards, progress with photos, versions, and why it came back."""
        plan, cards = self.object, self.object.cards()
        photos: dict[str, list[Attachment]] = {}
        for row in Attachment.objects.of(plan):
            photos.setdefault(row.purpose, []).append(row)
        context = super().get_context_data(
            cards={card.code: card for card in cards},
            whole=sum(card.is_whole for card in cards),
            missing=[words for card in cards for words in card.missing],
            progress=[(row, photos.get(f"progress-{row.pk}", [])) for row in plan.progress.select_related("by").order_by("-pk")],
            versions=plan.hazard.plans.order_by("number"),
            has_measures=plan.hazard.interim_measures.exists(),
            is_progress_late=plan.is_progress_late(),
            **kwargs,
        )
        back = context["events"].filter(move="hand_back").last()
        return {**context, "returned": back if plan.state == FiveFixPlan.State.RETURNED else None}


class PlanMove(MoveView):
    """One move of a plan."""

    model = FiveFixPlan

    def get_queryset(self) -> Any:
        """With what its guards compare."""
        return super().get_queryset().select_related("hazard__enterprise", "person", "replaces")

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """A change leads to the new version, which is to be written next."""
        response = super().post(request, *args, **kwargs)
        newer = self.object.open_amendment if self.name == "amend" and response.status_code == 302 else None  # type: ignore[attr-defined]
        return redirect(newer.get_absolute_url()) if newer else response
