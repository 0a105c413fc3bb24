"""The dossier: a visit as its page shows it to one reader, and what grew out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.roles import WHOLE_TOWN, Role
from core.models import Attachment
from core.models.events import subject_key
from documents.models import Document
from documents.models.publication import DRAFTERS
from hazards.models import Hazard
from inspections.models import (
    Draw,
    Finding,
    Inspection,
    InspectionItem,
    InspectionOfficer,
    InspectionResult,
    OnsiteMeasure,
    Order,
    OrderLine,
    Transfer,
    Violation,
    machine,
)
from inspections.models.loop import Part

PAPERS = 40
TOLD = "已通知,日期待定"


@dataclass(frozen=True)
class Going:
    """One officer with his certificate: the one shown when the visit began, before that the one valid on its day."""

    name: str
    is_lead: bool
    certificate: str
    missing: str = ""


@dataclass
class Found:
    """One problem of the record, with what was made of it as far as the reader may know."""

    finding: Finding
    photos: list[Attachment]
    orders: list[Order]
    measure: OnsiteMeasure | None
    violation: Violation | None
    disposal: str


def going(row: InspectionOfficer, visit: Inspection) -> Going:
    """One officer of a visit; reads what was prefetched as `officers__user__certificates`."""
    if row.certificate or visit.visited_on:
        return Going(row.user.name, row.is_lead, row.certificate)
    day = visit.planned_on
    valid = [one for one in row.user.certificates.all() if one.standing(day) == one.Standing.VALID]
    newest = max(valid, key=lambda one: (one.valid_to, one.pk), default=None)
    return Going(row.user.name, row.is_lead, newest.number if newest else "", "" if newest else f"{day:%Y-%m-%d} 没有有效的执法证")


def state_label(visit: Inspection, user: Any) -> str:
    """The state in words; a firm that was told is not told how the scheme stands."""
    if not user.is_office and not visit.is_day_told:
        return TOLD
    return visit.state_label


class Dossier:
    """Everything the page of a visit shows, each thing only to whoever may see it."""

    def __init__(self, visit: Inspection, user: Any) -> None:
        self.visit, self.user = visit, user
        self.today = timezone.localdate()
        self.is_office = user.is_office
        self.is_officer = visit.officer_of(user) is not None
        self.is_inspector = user.role == Role.INSPECTOR
        self.is_recorded = visit.recorded_on is not None

    @cached_property
    def draw(self) -> Any:
        """The draw it comes from, for whoever may see that draw; None otherwise."""
        return Draw.objects.for_user(self.user).filter(picks__inspection=self.visit).first() if self.visit.kind == "random" else None

    # Who goes

    @cached_property
    def officers(self) -> list[Going]:
        """All officers with their certificates."""
        return [going(row, self.visit) for row in self.visit.officers.all()]  # type: ignore[attr-defined]

    @cached_property
    def units(self) -> list[tuple[str, str, int]]:
        """[(unit, what it wants to look at, how many items are its)] of a joint visit; empty for a visit of one unit."""
        parties = list(self.visit.parties.all())  # type: ignore[attr-defined]
        if not parties:
            return []
        rows = self.visit.items.values("department").annotate(count=models.Count("pk"))  # type: ignore[attr-defined]
        owned: dict[int | None, int] = {row["department"]: row["count"] for row in rows}
        known = {self.visit.department_id, *(party.department_id for party in parties)}
        lead = owned.get(self.visit.department_id, 0) + sum(count for pk, count in owned.items() if pk not in known)
        others = [(str(party), party.note, owned.get(party.department_id, 0)) for party in parties]
        return [(self.visit.organ_name, self.visit.content, lead), *others]

    # What is to be done next

    @property
    def why_not_begin(self) -> str:
        """Why the officers cannot begin today; "" when they can, or when it is not their turn."""
        before = self.visit.state in machine.BEFORE and self.visit.state != machine.State.SCHEME_PENDING
        return self.visit.why_not_begin(self.today) if self.is_office and before else ""

    @property
    def can_choose(self) -> bool:
        """May choose points or share the items out."""
        before = self.visit.state in machine.BEFORE and self.visit.order_id is None
        return before and self.user.role in machine.OFFICERS and not self.visit.why_not_choose(self.user)

    @property
    def can_fill(self) -> bool:
        """May fill in the record now."""
        return self.visit.state == machine.State.IN_PROGRESS and self.is_officer

    @property
    def can_follow(self) -> bool:
        """May order, measure or hand over what was found."""
        return self.is_inspector and self.visit.state in machine.AFTER and bool(self.found)

    @cached_property
    def signers(self) -> list[Any]:
        """Who has signed the record as it stands, while the second signature is awaited."""
        return self.visit.record_signers if self.visit.state == machine.State.IN_PROGRESS and self.user.is_town else []

    # What was found, and what grew out of it

    @cached_property
    def items(self) -> list[InspectionItem]:
        """The items and their results, as far as this person may see them."""
        rows = InspectionItem.objects.for_user(self.user).filter(inspection=self.visit)
        return list(rows.select_related("department", "by").order_by("position"))

    @cached_property
    def found(self) -> list[Found]:
        """The problems of the record."""
        findings = list(Finding.objects.for_user(self.user).filter(inspection=self.visit).for_list())
        photos = self._photos(findings)
        orders: dict[int, list[Order]] = {}
        visible = {row.pk: row for row in self.orders}
        for finding, order in OrderLine.objects.filter(finding__in=findings).values_list("finding", "order"):
            if order in visible:
                orders.setdefault(finding, []).append(visible[order])
        violations = {row.finding_id: row for row in self.violations}
        measures = {row.pk: row for row in self.measures}

        def whole(row: Finding) -> Found:
            found = (measures.get(row.measure_id or 0), violations.get(row.pk), self._disposal(row))
            return Found(row, photos.get(row.hazard_id, []), orders.get(row.pk, []), *found)

        return [whole(row) for row in findings]

    def _disposal(self, row: Finding) -> str:
        is_told = self.is_office or row.disposal != InspectionItem.Disposal.TRANSFER
        return str(row.get_disposal_display()) if is_told else ""

    def _photos(self, findings: list[Finding]) -> dict[int, list[Attachment]]:
        found: dict[int, list[Attachment]] = {}
        key = {"subject_model": Hazard._meta.label_lower, "subject_pk__in": [row.hazard_id for row in findings]}
        for file in Attachment.objects.filter(**key, purpose__in=("before", "after")).order_by("pk"):
            found.setdefault(file.subject_pk or 0, []).append(file)
        return found

    @cached_property
    def violations(self) -> list[Violation]:
        """Of this visit, for the town's offices alone."""
        rows = Violation.objects.for_user(self.user).filter(finding__inspection=self.visit)
        return list(rows.select_related("scheme", "transfer").order_by("pk"))

    @cached_property
    def orders(self) -> list[Order]:
        """Those this person may see."""
        rows = Order.objects.for_user(self.user).filter(inspection=self.visit).select_related("document")
        return list(rows.prefetch_related("rechecks").order_by("pk"))

    @cached_property
    def measures(self) -> list[OnsiteMeasure]:
        """Those this person may see."""
        return list(OnsiteMeasure.objects.for_user(self.user).filter(inspection=self.visit).select_related("document").order_by("pk"))

    @cached_property
    def transfers(self) -> list[Transfer]:
        """For the town's offices alone."""
        return list(Transfer.objects.for_user(self.user).filter(inspection=self.visit).select_related("document").order_by("pk"))

    @cached_property
    def parts(self) -> list[Part]:
        """The three-part loop, for the town's offices; a re-check is a part of another visit's, unless it found something new."""
        return self.visit.parts() if self.is_office and (self.visit.order_id is None or self.found) else []

    @cached_property
    def signature(self) -> list[Attachment]:
        """The firm's newest signature, once the record stands; none when it refused in the end."""
        if not self.is_recorded or self.visit.refusal:
            return []
        files = [file for file in Attachment.objects.of(self.visit) if file.purpose.startswith("signature")]
        return [file for file in files if file.purpose == files[-1].purpose]

    # What of it is public

    @cached_property
    def results(self) -> list[InspectionResult]:
        """Its publications, as far as this person may know of them."""
        return list(InspectionResult.objects.for_user(self.user).filter(inspection=self.visit).for_list())

    @property
    def sees_drafts(self) -> bool:
        """May open publications inside the town."""
        return self.user.role in WHOLE_TOWN

    @property
    def can_draft_result(self) -> bool:
        """May draft what it owes to the public now."""
        return self.user.role in DRAFTERS and not self.visit.why_not_draft()

    @property
    def is_result_late(self) -> bool:
        """Owed to the public and past its last day."""
        return self.is_office and self.visit.is_result_late(self.today)

    @property
    def has_result(self) -> bool:
        """Whether the page has something to say of it to this person."""
        return bool(self.results) or self.is_office and self.visit.publish_by_on is not None

    # Papers

    @cached_property
    def papers(self) -> list[Document]:
        """What was issued about the visit and what grew out of it, the newest first."""
        subjects = models.Q()
        for row in (self.visit, *self.orders, *self.measures, *self.transfers):
            model, pk = subject_key(row)
            subjects |= models.Q(subject_model=model, subject_pk=pk)
        rows = Document.objects.for_user(self.user).filter(subjects)
        return list(rows.select_related("kind").defer("facts").order_by("-pk")[:PAPERS])

    # The firm's entry code

    @property
    def entry_url(self) -> str:
        """Where the code leads; only for the officers, once the firm may know of the visit."""
        told = self.visit.noticed_on or self.visit.state in machine.VISITED
        if not told or self.visit.is_carried or self.user.role not in machine.OFFICERS:
            return ""
        return f"{settings.SITE_URL}{reverse('inspection_entry', args=[self.visit.entry_code])}"

    def entry_qr(self, url: str) -> str:
        """That address as a picture."""
        return str(segno.make(url, error="m").svg_data_uri(scale=5, border=2)) if url else ""
