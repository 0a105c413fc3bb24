"""/healthz/ and /ops/: is the house standing, and what its components look like."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from core import operations, seals
from core.forms import PhotosField
from core.models import Move
from core.models.states import Offer
from core.views.base import RoleMixin

ADMIN_ONLY = frozenset({"admin"})
TONES = (("blue", "整改中"), ("orange", "待验收"), ("green", "已销案"), ("red", "已逾期"), ("secondary", "已驳回"))


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database and cache answer; 500 otherwise, from the exception itself. Says which process is silent, without failing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.set("healthz", 1, 5)
    return JsonResponse({"status": "ok", "cache": cache.get("healthz") == 1, **operations.signs_of_life()})


class Operations(RoleMixin, TemplateView):
    """Who is alive, what waits and since when, what was given up and why, what the schedule did last."""

    roles = ADMIN_ONLY
    template_name = "core/ops.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the figures."""
        queues, planned = operations.queues(), operations.planned()
        return super().get_context_data(
            processes=operations.processes(),
            queues=queues,
            waiting=sum(queue.waiting + queue.running for queue in queues),
            given_up=sum(queue.parked for queue in queues),
            oldest=min((queue.oldest for queue in queues if queue.oldest), default=None),
            parked=operations.parked(),
            planned=planned,
            sealed=seals.newest_line(),
            sweep=next((one.tick for one in planned if one.name == operations.SWEEPER), None),
            **kwargs,
        )


class Retry(RoleMixin, View):
    """Puts one parked row back; sent twice it is put back once."""

    roles = ADMIN_ONLY
    http_method_names = ["post"]

    def post(self, request: HttpRequest, label: str, pk: int) -> HttpResponse:
        """Back to the page, with what happened."""
        try:
            put_back = operations.retry(label, pk, by=request.user)
        except LookupError as error:
            raise Http404 from error
        if put_back:
            messages.success(request, "已放回队列,马上再试。")
        else:
            messages.info(request, "这一项已经不在搁置中,没有再放一次。")
        return redirect("ops")


class SampleForm(forms.Form):
    """One of each control."""

    place = forms.CharField(label="在哪里", max_length=10, help_text="例如“2号冲床旁”。")
    level = forms.ChoiceField(label="级别", choices=[("minor", "轻微"), ("serious", "较重")], widget=forms.RadioSelect)
    unit = forms.ChoiceField(label="部门班组", choices=[("", "请选择"), ("a", "甲班"), ("b", "乙班")], required=False)
    due_on = forms.DateField(label="期限", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    note = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label="我已到现场看过", required=False)
    photos = PhotosField(label="照片", required=False)


class SampleFilter(forms.Form):
    """What a list's filter bar holds."""

    q = forms.CharField(label="名称", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), ("open", "整改中"), ("closed", "已销案")], required=False)


class Components(RoleMixin, TemplateView):
    """Each component in its states, for the people who build pages."""

    roles = ADMIN_ONLY
    template_name = "core/components.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds samples; nothing is read from the database."""
        here = reverse("components")
        filled = SimpleNamespace(form=SampleFilter({"q": "冲压", "state": "open"}))
        return super().get_context_data(
            tones=TONES,
            events=sample_story(timezone.now()),
            tab_items=[("概况", here, True), ("隐患", f"{here}#story", False), ("检查", f"{here}#pager", False)],
            good_form=SampleForm(initial={"place": "2号冲床旁", "level": "minor"}),
            bad_form=SampleForm({"place": "这个位置写得实在太长了,超过十个字", "level": ""}),
            offers=sample_offers(),
            filter=filled,
            is_filtered=True,
            page_obj=Paginator(range(95), 30).page(2),
            **kwargs,
        )


def sample_story(now: datetime.datetime) -> list[SimpleNamespace]:
    """Two entries of a time line."""
    person, day = SimpleNamespace(name="李敏"), datetime.timedelta(days=1)
    first = SimpleNamespace(label="登记", by=person, at=now - 2 * day, note="配电箱门未关", data={})
    second = SimpleNamespace(label="指派整改", by=person, at=now - day, note="", data={"lines": ["整改人:王强", "期限:3天"]})
    return [first, second]


def sample_offers() -> list[Offer]:
    """A main move, a plain one and a dangerous one."""
    moves = {"accept": ("验收通过", "primary"), "return": ("退回重改", "secondary"), "reject": ("驳回", "danger")}
    return [Offer(name, Move(label, (), None, (), tone=tone)) for name, (label, tone) in moves.items()]
