"""/healthz/ and /ops/: is the house standing, and what its components look like."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.generic import TemplateView

from core.models import Job
from core.views.base import RoleMixin

ADMIN_ONLY = frozenset({"admin"})


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database and cache answer; 500 otherwise, from the exception itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cache.set("healthz", 1, 5)
    return JsonResponse({"status": "ok", "cache": cache.get("healthz") == 1})


class Operations(RoleMixin, TemplateView):
    """Queue depth, the oldest unfinished work, and parked jobs with their errors."""

    roles = ADMIN_ONLY
    template_name = "core/ops.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Adds the figures."""
        waiting = Job.objects.filter(state__in=(Job.State.PENDING, Job.State.RUNNING))
        return super().get_context_data(
            waiting=waiting.count(),
            oldest=waiting.order_by("created_at").first(),
            parked=Job.objects.filter(state=Job.State.PARKED).select_related("by").order_by("-pk")[:50],
            **kwargs,
        )


class Components(RoleMixin, TemplateView):
    """Each component in its states, for the people who build pages."""

    roles = ADMIN_ONLY
    template_name = "core/components.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Adds samples; nothing is read from the database."""
        now = timezone.now()
        person = SimpleNamespace(name="李敏")
        events = [
            SimpleNamespace(
                label="登记", by=person, at=now - datetime.timedelta(days=2), to_state="reported", note="配电箱门未关", data={}
            ),
            SimpleNamespace(label="指派整改", by=person, at=now - datetime.timedelta(days=1), to_state="assigned", note="", data={}),
        ]
        tones = [("blue", "整改中"), ("orange", "待验收"), ("green", "已销案"), ("red", "已逾期"), ("secondary", "已驳回")]
        return super().get_context_data(events=events, tones=tones, **kwargs)
