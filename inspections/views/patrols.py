"""Pages of walks and of visits by other authorities: neither counts as an inspection of ours."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.roles import MANAGERS, TOWN_ROLES, Role
from core.models import Attachment, Event
from core.views import ScopedDetail, ScopedList
from enterprises.views.base import FileMixin
from inspections.filters_patrols import OutsideVisitFilter, PatrolFilter
from inspections.forms.patrols import OutsideVisitForm, PatrolForm
from inspections.models import OutsideVisit, Patrol
from inspections.views.firm_forms import FirmForm

WALKERS = frozenset({Role.VILLAGE, Role.INSPECTOR, Role.DEPARTMENT})
REPORTERS = frozenset({Role.VILLAGE, Role.INSPECTOR})
KNOWERS = frozenset({Role.INSPECTOR, Role.DEPARTMENT})
NOT_COUNTED = "不计为执法检查"


class PatrolList(ScopedList):
    """Walks of one's scope, newest first."""

    model = Patrol
    roles = TOWN_ROLES | MANAGERS
    title = "走访"
    filterset_class = PatrolFilter
    template_name = "inspections/patrol_list.html"
    empty_text = "没有符合条件的走访。"
    empty_hint = "村(社区)、网格员、第三方机构到企业看的,登记在这里;不计为执法检查。"
    columns = (
        ("日期", lambda row: row.on),
        ("企业", lambda row: row.enterprise.name),
        ("走访人员", lambda row: row.get_walker_display()),
        ("姓名", lambda row: row.names),
        ("情况和提醒", lambda row: row.text),
        ("登记人", lambda row: row.by.name),
        ("性质", lambda row: NOT_COUNTED),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may register one."""
        return super().get_context_data(can_walk=self.request.user.role in WALKERS, **kwargs)


class PatrolDetail(ScopedDetail):
    """A walk, its photos, and the way to report what was seen as a hazard."""

    model = Patrol
    roles = TOWN_ROLES | MANAGERS
    template_name = "inspections/patrol_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("enterprise__area", "by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the photos and the story."""
        events = Event.objects.of(self.object).visible_to(self.request.user).select_related("by")
        can_report = self.request.user.role in REPORTERS
        return super().get_context_data(files=list(Attachment.objects.of(self.object)), events=events, can_report=can_report, **kwargs)


class PatrolCreate(FirmForm):
    """Register a walk."""

    roles = WALKERS
    form_class = PatrolForm
    title = "登记走访"
    lead = "走访只提醒和上报,不出示执法证、不下指令,不计为执法检查。看到隐患的,登记后在走访页上报。"
    back = "patrol_list"

    def make(self, form: PatrolForm) -> Patrol:
        """With its photos."""
        given = {name: form.cleaned_data[name] for name in ("enterprise", "on", "walker", "names", "text", "photos")}
        return Patrol.log(by=self.request.user, today=timezone.localdate(), **given)

    def done(self, pk: int) -> str:
        """Its page."""
        return reverse("patrol_detail", args=[pk])


class OutsideList(ScopedList):
    """Visits of other authorities, newest first."""

    model = OutsideVisit
    roles = TOWN_ROLES
    title = "外单位检查"
    filterset_class = OutsideVisitFilter
    template_name = "inspections/outside_list.html"
    empty_text = "没有符合条件的外单位检查。"
    empty_hint = "区、市和别的部门来查过的,登记在这里,安排检查时会提醒,避免重复。"
    columns = (
        ("日期", lambda row: row.on),
        ("企业", lambda row: row.enterprise.name),
        ("检查单位", lambda row: row.organ),
        ("检查事项", lambda row: row.note),
        ("登记人", lambda row: row.by.name),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may register one."""
        return super().get_context_data(can_log=self.request.user.role in KNOWERS, **kwargs)


class OutsideCreate(FirmForm):
    """Register a visit of another authority."""

    roles = KNOWERS
    form_class = OutsideVisitForm
    title = "登记外单位检查"
    lead = "区、市或别的部门对企业的检查。登记后计入这家企业一年的检查次数,安排检查时会提醒。"
    back = "outside_list"

    def make(self, form: OutsideVisitForm) -> OutsideVisit:
        """Told in the firm's story."""
        given = {name: form.cleaned_data[name] for name in ("enterprise", "organ", "on", "note")}
        return OutsideVisit.log(by=self.request.user, today=timezone.localdate(), **given)


class EnterprisePatrols(FileMixin, PatrolList):
    """A tab of the enterprise's file: walks, and for the town the visits of other authorities."""

    template_name = "inspections/enterprise_patrols.html"

    def get_queryset(self) -> Any:
        """Of this enterprise only."""
        return super().get_queryset().filter(enterprise=self.enterprise)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the visits of other authorities."""
        outside = OutsideVisit.objects.for_user(self.request.user).for_list().filter(enterprise=self.enterprise)
        can_log = self.request.user.role in KNOWERS
        return super().get_context_data(outside=outside, can_log=can_log, **kwargs)
