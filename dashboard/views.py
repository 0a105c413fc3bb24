"""今天: what each role has to do, and the figures it watches; every figure opens to its rows."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView

from accounts.roles import MANAGERS, WHOLE_TOWN, Role
from core.views import RoleMixin
from dashboard.figures import villages
from documents.models import Publication
from duties.models import Occurrence
from duties.statistics import without_plans
from enterprises.models import Enterprise
from hazards.due import missed_by, owed_by
from hazards.models import Hazard
from inspections import desk
from inspections.models import Inspection
from inspections.views.results import READERS as RESULT_READERS

SHOWN = 8
MISSED_SHOWN = 5


class Home(RoleMixin, TemplateView):
    """The home of whoever is signed in."""

    def get_template_names(self) -> list[str]:
        """Town or enterprise; a page of its own without any role."""
        if not self.request.user.role:
            return ["dashboard/home_without_role.html"]
        return ["dashboard/home_town.html" if self.request.user.is_town else "dashboard/home_enterprise.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What waits for this person, overdue first."""
        user, today = self.request.user, timezone.localdate()
        if not user.role:
            return super().get_context_data(**kwargs)
        waiting = Hazard.objects.waiting_for(user).for_list().pressing_first()
        common = {"today": today, "waiting": waiting[:SHOWN], "waiting_count": waiting.count(), **kwargs}
        own = self.town(user, today) if user.is_town else self.enterprise(user, today)
        return super().get_context_data(**common, **own)

    def enterprise(self, user: Any, today: datetime.date) -> dict[str, Any]:
        """Checks owed now, and what became of one's own reports."""
        reported = Hazard.objects.for_user(user).filter(found_by=user).for_list()
        figures = hazard_figures(Hazard.objects.for_user(user), today) if user.role in MANAGERS else []
        return {
            "owed": [one for one in owed_by(user, timezone.now()) if one.is_mine],
            "missed": missed_by(user)[:MISSED_SHOWN],
            "climbed": Occurrence.objects.climbed_to(user).for_list()[:MISSED_SHOWN],
            "reported": reported[:5],
            "figures": figures,
            "visits": desk.announced_to(user)[:SHOWN],
            "orders": desk.owed_by_firm(user)[:SHOWN],
            "measures": desk.measures_on_firm(user)[:SHOWN],
        }

    def town(self, user: Any, today: datetime.date) -> dict[str, Any]:
        """Figures of the area, and the villages with what is open and overdue."""
        enterprises = Enterprise.objects.for_user(user)
        active = enterprises.filter(status=Enterprise.Status.ACTIVE)
        listing = reverse("enterprise_list")
        climbed = Occurrence.objects.climbed_to(user)
        climbed_count = climbed.count()
        figures = [
            *hazard_figures(Hazard.objects.for_user(user), today),
            ("在营企业", active.count(), f"{listing}?status=active", ""),
            *duty_figures(user, today, climbed_count),
            ("档案不完整(主要负责人未确认)", active.incomplete().count(), f"{listing}?status=active&incomplete=true", ""),
            *result_figures(user, today),
            ("没有牵头部门", active.filter(lead_department=None).count(), f"{listing}?status=active&no_lead=true", ""),
        ]
        notices = Publication.objects.waiting_for(user)
        publications = {"publications": notices.for_list()[:MISSED_SHOWN], "publications_count": notices.count()}
        shown = {**publications, "climbed": climbed.for_list()[:SHOWN], "climbed_count": climbed_count}
        return {
            **shown,
            "figures": figures,
            "villages": villages(user, enterprises, today),
            "sees_publications": user.role in WHOLE_TOWN,
            "can_import": user.role in (Role.ADMIN, Role.INSPECTOR),
            "piles": desk.home_piles(user, today),
            "has_desk": user.role in desk.READERS,
        }


def duty_figures(user: Any, today: datetime.date, climbed: int) -> list[tuple[str, int, str, str]]:
    """(label, value, URL, tone) of the daily lists of today, what reached the town, and who is not set up."""
    listing = reverse("occurrence_list")
    daily = Occurrence.objects.for_user(user).filter(period_start=today, frequency="day")
    done = daily.filter(state=Occurrence.State.DONE).count()
    open_now = daily.filter(state=Occurrence.State.DUE).count()
    unplanned = without_plans(Enterprise.objects.for_user(user), today).count()
    span = f"start={today}&end={today}&frequency=day"
    return [
        ("今天日检查已做", done, f"{listing}?{span}&state=done", ""),
        ("今天日检查未做", open_now, f"{listing}?{span}&state=due", ""),
        ("漏做报到镇里", climbed, f"{listing}?view=climbed", "red" if climbed else ""),
        ("没有设置任务计划", unplanned, f"{reverse('silent_list')}?kind=unplanned", "red" if unplanned else ""),
    ]


def result_figures(user: Any, today: datetime.date) -> list[tuple[str, int, str, str]]:
    """(label, value, URL, tone) of results of visits owed to the public, for whoever may open their list and has no desk that says it."""
    if user.role not in RESULT_READERS - desk.TOWN:
        return []
    owed, listing = Inspection.objects.for_user(user).result_owed(), reverse("result_list")
    late = owed.filter(publish_by_on__lt=today).count()
    return [
        ("检查结果待公示", owed.count(), f"{listing}?view=owed", ""),
        ("公示逾期", late, f"{listing}?view=late", "red" if late else ""),
    ]


def hazard_figures(rows: Any, today: datetime.date) -> list[tuple[str, int, str, str]]:
    """(label, value, URL, tone) of the hazards in scope; red only for a breach."""
    listing = reverse("hazard_list")
    overdue = rows.overdue(today).count()
    major = rows.open().filter(major_on__isnull=False).count()
    return [
        ("逾期隐患", overdue, f"{listing}?view=overdue", "red" if overdue else ""),
        ("未销案隐患", rows.open().count(), f"{listing}?view=open", ""),
        ("重大隐患未销案", major, f"{listing}?view=major", ""),
        ("待受理", rows.filter(state=Hazard.State.REPORTED).count(), f"{listing}?state=reported", ""),
        ("待验收", rows.filter(state=Hazard.State.PENDING_ACCEPTANCE).count(), f"{listing}?state=pending_acceptance", ""),
    ]
