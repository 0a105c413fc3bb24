"""Pages of results owed to the public: the list with its last days, one draft, and drafts for all that have none."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from accounts.roles import WHOLE_TOWN, Role
from core.forms import parsed_uid
from core.models import MoveRefused
from core.submit import ContentConflict, take_once
from core.views import RoleMixin, ScopedList
from documents.masking import compare
from documents.models import Publication
from documents.models.publication import DRAFTERS
from inspections.filters_results import ResultFilter
from inspections.models import Inspection, InspectionResult
from inspections.publishing import draft_results
from inspections.result_words import result_texts

READERS = WHOLE_TOWN | {Role.DEPARTMENT}
AT_ONCE = 100
REASONS_SHOWN = 3


def shown_of(visit: Any) -> Publication | None:
    """Its publication: what anyone reads now, the newest correction; else the draft. Reads what was prefetched as `standing`, newest first."""
    rows = [row.publication for row in visit.standing]
    return next((row for row in rows if row.number), rows[0] if rows else None)


def standing_of(visit: Any) -> str:
    """How its publication stands, in a word."""
    if visit.result_waiver:
        return "不公示"
    row = shown_of(visit)
    return row.state_label if row else "未拟"


def number_of(visit: Any) -> str:
    """Its public number, "" before."""
    row = shown_of(visit)
    return (row.number or "") if row else ""


def published_on(visit: Any) -> Any:
    """The day it became public, None before."""
    row = shown_of(visit)
    return row.published_on if row else None


class ResultList(ScopedList):
    """Closed visits whose result is owed to the public: those without a publication by their last day, all others newest first."""

    model = Inspection
    roles = READERS
    title = "检查结果公示"
    filterset_class = ResultFilter
    template_name = "inspections/result_list.html"
    empty_text = "没有符合条件的检查结果。"
    empty_hint = "检查办结后,要公示的结果会出现在这里,写明公示期限。"
    columns = (
        ("检查编号", lambda v: v.number),
        ("企业", lambda v: v.enterprise.name),
        ("检查类型", lambda v: v.get_kind_display()),
        ("检查单位", lambda v: v.organ_name),
        ("检查日期", lambda v: v.visited_on),
        ("办结日期", lambda v: v.closed_on),
        ("公示期限", lambda v: v.publish_by_on),
        ("公示", standing_of),
        ("公示号", number_of),
        ("公示日期", published_on),
        ("不公示的理由", lambda v: v.result_waiver),
    )
    PRESSING = ("owed", "undrafted", "late")

    def get_queryset(self) -> Any:
        """Those with a last day, and the standing publication of each."""
        results = InspectionResult.objects.standing().select_related("publication").order_by("-pk")
        rows = super().get_queryset().filter(publish_by_on__isnull=False)
        order = ("publish_by_on", "pk") if self.request.GET.get("view") in self.PRESSING else ("-closed_on", "-pk")
        return rows.prefetch_related(Prefetch("results", results, to_attr="standing")).order_by(*order)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds how each stands, and how many of the filter have no draft."""
        user, today = self.request.user, timezone.localdate()
        context = super().get_context_data(**kwargs)
        may = user.role in DRAFTERS
        rows = context["object_list"]
        context["visits"] = [(visit, shown_of(visit), standing_of(visit), number_of(visit), is_late(visit, today)) for visit in rows]
        context["undrafted"] = self.undrafted().count() if may else 0
        return context | {"at_once": AT_ONCE, "client_id": uuid.uuid4(), "sees_drafts": user.role in WHOLE_TOWN}

    def undrafted(self) -> Any:
        """Those of the filter that nobody has drafted."""
        return self.get_queryset().result_undrafted().order_by("publish_by_on", "pk")


def is_late(visit: Any, today: Any) -> bool:
    """Its last day has passed and it is not public; the same question as `Inspection.is_result_late`, asked of what was prefetched."""
    is_public = any(row.publication.number for row in visit.standing)
    return not visit.result_waiver and not is_public and visit.publish_by_on < today


class ResultDrafts(ResultList):
    """A draft for each closed visit of the list's filter that has none."""

    http_method_names = ["post"]
    roles = DRAFTERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Draft them once, and say of which none could be made."""
        back = f"{reverse('result_list')}?{request.GET.urlencode()}"
        client_id = parsed_uid(request.POST.get("client_id", ""))
        if client_id is None or not ResultFilter(request.GET, queryset=Inspection.objects.none(), request=request).is_valid():
            messages.error(request, "页面已过期或筛选条件有误,没有拟公示,请刷新后再按一次。")
            return redirect(back)
        content = {"query": request.GET.urlencode()}
        try:
            taken = take_once(user=request.user, client_id=client_id, kind="result_drafts", content=content, make=self.make)
        except MoveRefused as refused:
            messages.error(request, refused.message)
            return redirect(back)
        except ContentConflict:
            messages.error(request, "页面已过期,没有拟公示,请刷新后再按一次。")
            return redirect(back)
        messages.success(request, f"已{taken.receipt},请核对修改,再由另一个人审核。")
        return redirect(f"{reverse('publication_list')}?state=draft")

    def make(self) -> tuple[Publication, str]:
        """The drafts; MoveRefused when none could be made."""
        visits = self.undrafted().select_related("enterprise", "department")[:AT_ONCE]
        drafted = draft_results(visits, by=self.request.user, on=timezone.localdate())
        reasons = [f"{visit.number}:{reason}" for visit, reason in drafted.refused[:REASONS_SHOWN]]
        if not drafted.made:
            raise MoveRefused(f"没有拟公示。{''.join(reasons) or '筛选出来的检查都已拟过公示。'}")
        if reasons:
            messages.warning(self.request, f"有 {len(drafted.refused)} 次检查没有拟:{''.join(reasons)}")
        return drafted.made[0].publication, f"拟公示 {len(drafted.made)} 条"


class ResultDraft(RoleMixin, View):
    """The publication of one visit's result, as it would be drafted; a button drafts it once."""

    roles = DRAFTERS

    def visit(self, pk: int) -> Inspection:
        """The visit, or 404."""
        rows = Inspection.objects.for_user(self.request.user).select_related("enterprise", "department")
        return get_object_or_404(rows, pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Both texts, or back with the reason why not."""
        visit = self.visit(pk)
        if sentence := visit.why_not_draft():
            messages.error(request, sentence)
            return redirect(visit)
        texts = result_texts(visit)
        context = {"visit": visit, "texts": texts, "lines": compare(texts["original"], texts["body"]), "client_id": uuid.uuid4()}
        return TemplateResponse(request, "inspections/result_draft.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Draft it, once however often it is sent."""
        visit, client_id = self.visit(pk), parsed_uid(request.POST.get("client_id", ""))
        if client_id is None:
            messages.error(request, "页面已过期,没有拟公示,请再按一次。")
            return redirect("result_draft", pk=visit.pk)

        def make() -> tuple[Publication, str]:
            row = InspectionResult.draft(visit, by=request.user, on=timezone.localdate(), **result_texts(visit)).publication
            return row, f"GS{row.pk}"

        try:
            taken = take_once(user=request.user, client_id=client_id, kind="result_draft", content={"visit": visit.pk}, make=make)
        except (MoveRefused, ContentConflict) as refused:
            messages.error(request, getattr(refused, "message", "页面已过期,没有拟公示,请再按一次。"))
            return redirect(visit)
        messages.success(request, "已拟公示。请核对,需要时按“修改草稿”,再由另一个人审核。")
        return redirect("publication_detail", pk=taken.subject_pk)
