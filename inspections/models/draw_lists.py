"""Who stands in the lists of a draw, with which weight, and who is left out and why (R49)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q

from enterprises.models import StopPeriod
from inspections.models import machine
from inspections.models.draw_rows import DrawConflict, DrawObject, DrawOfficer
from inspections.models.inspection import Inspection
from inspections.models.law import VisitLimit
from inspections.models.measures import OnsiteMeasure
from inspections.models.officer_pool import OfficerEntry, officers_of
from inspections.models.outs import Absence, Avoidance, Exclusion, out_on, out_within
from inspections.models.patrols import OutsideVisit
from inspections.models.pools import grades_on


def firms_for(draw: Any, weights: dict[str, int], on: datetime.date) -> Iterator[DrawObject]:
    """The firms of its pool by key, each with the weight of its grade and the reason why it is left out, if any."""
    firms = list(draw.pool.members().order_by("credit_code").only("pk", "name", "credit_code"))
    grades, left_out = grades_on(draw.pool.members().values("pk"), on), reasons(draw, on)
    for firm in firms:
        grade = grades.get(firm.pk, "")
        facts = {"key": firm.credit_code, "name": firm.name, "weight": weights.get(grade or "low", 1), "grade": grade}
        yield DrawObject(draw=draw, enterprise=firm, excluded=left_out.get(firm.pk), **facts)


def reasons(draw: Any, on: datetime.date) -> dict[int, str]:
    """{enterprise: why it is not drawn}: by decision, standing still, under an order to stop, or visited enough."""
    found: dict[int, str] = _visited(draw, on)
    stops = StopPeriod.objects.covering(draw.visits_from).filter(Q(ends_on=None) | Q(ends_on__gte=draw.visits_until))
    found |= dict.fromkeys(stops.values_list("enterprise", flat=True), "检查期间停产")
    stopped = OnsiteMeasure.objects.standing().filter(kind=OnsiteMeasure.Kind.STOP)
    found |= dict.fromkeys(stopped.values_list("enterprise", flat=True), "责令停产停业期间")
    return found | dict(out_on(Exclusion.objects.all(), draw.visits_from).values_list("enterprise", "reason"))


def _visited(draw: Any, on: datetime.date) -> dict[int, str]:
    found: dict[int, str] = {}
    window, cap = VisitLimit.objects.window_on(on), VisitLimit.objects.cap_on(on)
    if cap:
        this_year = Inspection.objects.filter(kind__in=cap.kinds, visited_on__year=on.year)
        outside = OutsideVisit.objects.filter(on__year=on.year)
        counts: dict[int, int] = {}
        for rows in (this_year, outside):
            for firm, count in rows.order_by().values_list("enterprise").annotate(n=Count("pk")):
                counts[firm] = counts.get(firm, 0) + count
        found |= {firm: f"今年已检查 {count} 次,达到年度上限" for firm, count in counts.items() if count >= cap.value}
    if window:
        since = on - datetime.timedelta(days=window.value)
        near = Q(visited_on__gte=since) | Q(planned_on__gte=since, state__in=machine.BEFORE)
        recent = Inspection.objects.filter(near, kind__in=window.kinds).exclude(pick__draw=draw)
        words = f"近 {window.value} 天内已检查或已安排检查"
        found |= dict.fromkeys(recent.values_list("enterprise", flat=True), words)
        found |= dict.fromkeys(OutsideVisit.objects.filter(on__gte=since).values_list("enterprise", flat=True), words)
    return found


def officers_for(draw: Any, *, by: Any, on: datetime.date) -> Iterator[DrawOfficer]:
    """The officers of the area, or of the drawing department, by key; who is away or loses his certificate meanwhile is left out."""
    OfficerEntry.refresh(draw.area_id, by=by, on=on)
    held = set(OfficerEntry.objects.filter(area=draw.area_id, left_on=None).values_list("user", flat=True))
    away = out_on(Absence.objects.filter(area=draw.area_id), draw.visits_from)
    gone = {row.user_id: row.get_reason_display() for row in away if row.until is None or row.until >= draw.visits_until}
    for person in sorted(officers_of(draw.area_id, draw.department), key=lambda one: str(one.staff_number)):
        if person.pk not in held:
            continue
        lasts = person.certificate_on(draw.visits_until)
        excluded = gone.get(person.pk) or (None if lasts else "执法证在检查期间到期")
        yield DrawOfficer(draw=draw, user=person, key=person.staff_number, name=person.name, excluded=excluded)


def conflicts_for(draw: Any, listed: dict[int, str], officers: list[DrawOfficer]) -> Iterator[DrawConflict]:
    """The pairs that are registered as 回避 on some day of the visits among these firms and officers, in canonical order."""
    keys = {row.user_id: row.key for row in officers}
    rows = out_within(Avoidance.objects.filter(user__in=keys), draw.visits_from, draw.visits_until).order_by("pk")
    pairs = {(listed[row.enterprise_id], keys[row.user_id]): row.reason for row in rows if row.enterprise_id in listed}
    for (firm, officer), reason in sorted(pairs.items()):
        yield DrawConflict(draw=draw, object=firm, officer=officer, reason=reason)
