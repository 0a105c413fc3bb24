"""Orders to rectify, many at once: which hazards still lack one, and the Job that issues and packs them (R23)."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.roles import MANAGERS
from core.models import Event, Job
from documents import batch
from documents.models import Document
from hazards.documents import notice_facts
from hazards.models import Hazard
from hazards.models.hazard import HazardQuerySet

NOTICE = "HAZARD_NOTICE"
MAX_NOTICES = 500


def lacking_notice(rows: HazardQuerySet) -> HazardQuerySet:
    """Those to be rectified whose rectifier has no valid order since he was named; major ones go by their plan."""
    own = {"subject_model": Hazard._meta.label_lower, "subject_pk": models.OuterRef("pk")}
    named = Event.objects.filter(**own, move__in=("assign", "reassign")).order_by("-at").values("at")[:1]
    orders = Document.objects.filter(**own, kind__code=NOTICE, voided_at=None, issued_at__gte=models.OuterRef("named_at"))
    to_do = rows.filter(state__in=Hazard.IN_WORK, major_on=None).exclude(rectifier=None)
    return to_do.annotate(named_at=models.Subquery(named)).filter(~models.Exists(orders))


def issue_notice(pk: int, *, by: Any, on: datetime.date) -> Document | None:
    """The order of one hazard; None when it needs none any more. Running it twice issues one."""
    with transaction.atomic():
        Hazard.objects.select_for_update().get(pk=pk)
        hazard = lacking_notice(Hazard.objects.filter(pk=pk)).select_related("enterprise__area", "enterprise__sector", "unit").first()
        if hazard is None:
            return None
        return Document.issue(NOTICE, subject=hazard, enterprise=hazard.enterprise, facts=notice_facts(hazard), by=by, on=on)


def issue_notices(job: Job) -> str:
    """Issue what is lacking (params: hazards, membership), then pack the valid orders of these hazards into one zip."""
    wanted: list[int] = job.params["hazards"]
    user = job.by
    user.membership = user.memberships.current().filter(pk=job.params["membership"], role__in=MANAGERS).first()
    if user.membership is None:
        return "您已不再担任这个企业的安全管理员或主要负责人,没有制发。"
    allowed = set(Hazard.objects.for_user(user).filter(pk__in=wanted).values_list("pk", flat=True))
    for number, pk in enumerate(wanted, start=1):
        if pk in allowed:
            issue_notice(pk, by=user, on=timezone.localdate())
        job.progress(number, 2 * len(wanted))
    key = {"subject_model": Hazard._meta.label_lower, "subject_pk__in": allowed}
    orders = dict(Document.objects.valid().filter(kind__code=NOTICE, **key).order_by("pk").values_list("subject_pk", "pk"))
    job.params["papers"] = sorted(orders.values())
    return batch.pack(job)
