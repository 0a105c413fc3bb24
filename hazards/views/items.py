"""Pages of an enterprise's own checklist items."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.generic import View

from accounts.roles import MANAGERS
from core.models import Event
from core.views import RoleMixin, ScopedCreate, ScopedList
from hazards.forms import OwnItemForm
from hazards.models import Checklist, OwnItem


class OwnItemList(ScopedList):
    """The enterprise's own items, those in use first."""

    model = OwnItem
    roles = MANAGERS
    title = "本企业自有检查项"
    template_name = "hazards/own_item_list.html"
    empty_text = "还没有自有检查项。"
    empty_hint = "添加后,从下一次开始的检查起排在表的最后;已经开始的检查不变。"
    columns = (
        ("检查表", lambda i: i.checklist_code),
        ("检查项", lambda i: i.name),
        ("怎么查", lambda i: i.how_to_check),
        ("不合格情形", lambda i: i.hazard_if),
        ("启用日期", lambda i: i.added_on),
        ("停用日期", lambda i: i.retired_on),
    )

    def get_queryset(self) -> Any:
        """In use first."""
        return super().get_queryset().order_by("retired_on", "checklist_code", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the lists' names."""
        return super().get_context_data(names=dict(Checklist.objects.values_list("code", "name")), **kwargs)


class OwnItemCreate(ScopedCreate):
    """Add an item."""

    model = OwnItem
    roles = MANAGERS
    form_class = OwnItemForm
    template_name = "hazards/own_item_form.html"
    success_url = reverse_lazy("own_item_list")

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, and tell it."""
        response = super().form_valid(form)
        Event.record(self.object, by=self.request.user, on=timezone.localdate(), move="add", label="添加自有检查项", note=self.object.name)
        messages.success(self.request, "已添加。从下一次开始的检查起生效。")
        return response


class OwnItemRetire(RoleMixin, View):
    """Take an item out of use; checks that used it keep its words."""

    roles = MANAGERS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Retire it from today; twice is the same."""
        item = get_object_or_404(OwnItem.objects.for_user(request.user), pk=pk)
        if OwnItem.objects.for_user(request.user).filter(pk=pk, retired_on=None).update(retired_on=timezone.localdate()):
            Event.record(item, by=request.user, on=timezone.localdate(), move="retire", label="停用自有检查项", note=item.name)
            messages.success(request, f"已停用“{item.name}”。")
        return redirect("own_item_list")
