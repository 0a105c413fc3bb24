"""消息: one's own inbox."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import View

from core.views.base import ScopedDetail, ScopedList
from notices.filters import NoticeFilter
from notices.models import Notice


class Inbox(ScopedList):
    """One's notices, the newest first."""

    model = Notice
    title = "消息"
    filterset_class = NoticeFilter
    template_name = "notices/notice_list.html"
    empty_text = "没有消息。"
    empty_hint = "要做的检查、快到期的隐患、上级的答复会出现在这里。"
    columns = (
        ("时间", lambda n: n.at),
        ("种类", lambda n: n.get_kind_display()),
        ("标题", lambda n: n.title),
        ("内容", lambda n: n.body),
        ("紧急", lambda n: n.is_urgent),
        ("已读时间", lambda n: n.read_at),
        ("了结时间", lambda n: n.settled_at),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds up to which notice this page knows, so that "all read" marks none that came later."""
        rows = Notice.objects.for_user(self.request.user)
        newest = rows.order_by("-pk").values_list("pk", flat=True).first()
        return super().get_context_data(newest=newest, has_unread=rows.unread().exists(), **kwargs)


class Open(ScopedDetail):
    """A notice opened is read, and leads to its record; one without a record is shown whole."""

    model = Notice
    template_name = "notices/notice_detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """On to the record."""
        self.object = row = self.get_object()
        Notice.objects.for_user(request.user).filter(pk=row.pk).mark_read(timezone.now())
        if row.url and url_has_allowed_host_and_scheme(row.url, allowed_hosts=None):
            return redirect(row.url if self.is_at_hand(row) else f"{reverse('membership_choose')}?{urlencode({'next': row.url})}")
        return self.render_to_response(self.get_context_data())

    def is_at_hand(self, row: Notice) -> bool:
        """Whether the role in use reaches the record: not when it is of another firm the person also serves, then he chooses first."""
        held = self.request.user.membership
        others = {one.enterprise_id for one in self.request.memberships if one.enterprise_id}
        return held is None or row.enterprise_id not in others or held.enterprise_id == row.enterprise_id or held.enterprise_id is None


class Read(View):
    """Mark one as read; twice is once."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Back to the list as it was."""
        row = get_object_or_404(Notice.objects.for_user(request.user), pk=pk)
        Notice.objects.for_user(request.user).filter(pk=row.pk).mark_read(timezone.now())
        return back(request)


class ReadAll(View):
    """Mark all as read that the page knew of."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Up to `newest`, within the page's filter."""
        newest = request.POST.get("newest", "")
        rows = Notice.objects.for_user(request.user).filter(pk__lte=int(newest) if newest.isdecimal() and len(newest) < 19 else 0)
        filtered = NoticeFilter(request.GET, queryset=rows, request=request)
        marked = filtered.qs.mark_read(timezone.now())
        messages.success(request, f"{marked} 条已标为已读。" if marked else "都已经是已读。")
        return back(request)


def back(request: HttpRequest) -> HttpResponse:
    """The inbox with the filter and page in this URL."""
    query = request.GET.urlencode()
    return redirect(f"{reverse('notice_list')}?{query}" if query else reverse("notice_list"))
