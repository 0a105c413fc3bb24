"""The visit itself: items chosen, answered on two phones, signed by two officers and by the firm (R43, R71)."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from core import moment
from core.models import Attachment, Event, MoveRefused, Signature, Stateful
from core.models.events import subject_key
from documents.models import DocumentKind
from inspections.models import machine
from inspections.models.findings import Finding
from inspections.models.guard import override_lines, weigh
from inspections.models.items import InspectionItem, last_suggested, why_not_suggested
from inspections.models.law import InspectionPoint

LEAST_REASON = 4
CHANGED = "在您填写的时候,这次检查已经变了,还没有保存。请核对后再保存。"


class Incomplete(MoveRefused):
    """The record cannot be signed: {position: what is missing}."""

    def __init__(self, problems: dict[int, str]) -> None:
        super().__init__(f"还有 {len(problems)} 项没有填完。")
        self.problems = problems


class Visit(Stateful):
    """What happens at the firm, from arriving to the record."""

    kind: Any
    order: Any
    enterprise: Any
    is_unannounced: Any
    planned_on: Any

    visited_on = models.DateField("检查日期", null=True, blank=True)
    began_at = models.DateTimeField("开始时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    place = models.CharField("检查场所", max_length=200, blank=True)
    party_name = models.CharField("现场负责人", max_length=40, blank=True)
    party_post = models.CharField("职务", max_length=40, blank=True)
    party_phone = models.CharField("电话", max_length=20, blank=True)
    party_opinion = models.CharField("被检查单位意见", max_length=500, blank=True)
    refusal = models.CharField("拒绝签字的情况", max_length=300, blank=True)
    witness = models.CharField("见证人", max_length=60, blank=True)
    recorded_on = models.DateField("记录日期", null=True, blank=True)

    class Meta:
        abstract = True

    # Items

    def choose_items(self, *, on: datetime.date) -> None:
        """For a re-check the lines of its order, else the points in force that day for this firm, focus first; in the caller's transaction."""
        if self.order is not None:
            rows = [self._line_item(position, line) for position, line in enumerate(self.order.lines.live())]
        else:
            points = InspectionPoint.objects.for_visit(self.enterprise, on)
            rows = [self._point_item(position, point, on) for position, point in enumerate(points)]
        InspectionItem.objects.bulk_create(rows)

    def _point_item(self, position: int, point: InspectionPoint, on: datetime.date) -> InspectionItem:
        words = {"section": point.section, "name": point.name, "how_to_check": point.how_to_check, "is_focus": point.is_focus}
        return InspectionItem(inspection_id=self.pk, position=position, point=point, basis=point.basis_words(on)[:300], **words)

    def renew_bases(self, day: datetime.date) -> None:
        """The items rest on the law of this day, on which the visit is to be or is; in the caller's transaction."""
        items = list(self.items.exclude(point=None).select_related("point").prefetch_related("point__bases"))  # type: ignore[attr-defined]
        for item in items:
            item.basis = item.point.basis_words(day)[:300]
        InspectionItem.objects.bulk_update(items, ["basis"])

    def _line_item(self, position: int, line: Any) -> InspectionItem:
        words = {"section": "责令整改项", "name": line.description, "how_to_check": line.requirement, "basis": line.basis, "is_focus": True}
        return InspectionItem(inspection_id=self.pk, position=position, line=line, **words)

    def change_items(self, *, by: Any, on: datetime.date, points: Collection[InspectionPoint], reasons: Mapping[int, str]) -> None:
        """Keep exactly these points; a focus item left out needs its reason (R71): {point pk: reason}. While it is being planned.

        Refused when the visit was changed since it was read.
        """
        chosen = {point.pk for point in points}
        offered = list(InspectionPoint.objects.for_visit(self.enterprise, self.planned_on))  # type: ignore[attr-defined]
        left = [point for point in offered if point.is_focus and point.pk not in chosen]
        bare = [point.name for point in left if len(reasons.get(point.pk, "").strip()) < LEAST_REASON]
        if bare:
            raise MoveRefused(f"必查项不查要写明理由:{'、'.join(bare[:3])}{'等' if len(bare) > 3 else ''}。")
        with transaction.atomic():
            self._touch({machine.State.PLANNED}, unchanged=True)
            owners = dict(self.items.exclude(point=None).values_list("point", "department"))  # type: ignore[attr-defined]
            self.items.exclude(point=None).delete()  # type: ignore[attr-defined]
            rows = [self._point_item(n, p, self.planned_on) for n, p in enumerate(p for p in offered if p.pk in chosen)]  # type: ignore[attr-defined]
            for row in rows:
                row.department_id = owners.get(row.point_id)
            InspectionItem.objects.bulk_create(rows)
            lines = [f"检查 {len(rows)} 项", *(f"不查“{point.name}”:{reasons[point.pk].strip()}" for point in left)]
            self._tell(by, on, "change_items", "选定检查项目", lines)

    def own_items(self, *, by: Any, on: datetime.date, department: Any, positions: Collection[int]) -> None:
        """Say which unit answers these items in a joint visit; refused when the visit was changed since it was read."""
        with transaction.atomic():
            self._touch(set(machine.BEFORE), unchanged=True)
            count = self.items.filter(position__in=positions).update(department=department)  # type: ignore[attr-defined]
            self._tell(by, on, "own_items", "分工", [f"{department.name if department else '镇应急办'}:{count} 项"])

    def add_item(
        self, *, by: Any, on: datetime.date, name: str = "", section: str = "其他", point: InspectionPoint | None = None
    ) -> InspectionItem:
        """One more thing seen on the spot: a point not chosen before with the law of the visit's day, or in own words.

        By an officer, while the visit goes on.
        """
        self._check_officer(by)
        with transaction.atomic():
            self._touch({machine.State.IN_PROGRESS})
            if point is not None and self.items.filter(point=point).exists():  # type: ignore[attr-defined]
                raise MoveRefused(f"“{point.name}”已经在检查项目里。")
            last = self.items.aggregate(last=models.Max("position"))["last"]  # type: ignore[attr-defined]
            position = 0 if last is None else last + 1
            if point is not None:
                row = self._point_item(position, point, self.visited_on or on)
                row.save()
                return row
            return InspectionItem.objects.create(inspection_id=self.pk, section=section, name=name, position=position)

    def save_items(self, content: Mapping[int, dict[str, Any]], *, by: Any) -> dict[int, InspectionItem]:
        """Write answers at once, by any officer of the visit while it goes on.

        {position: answer as `items.bare` reads it, with `seen`, the item's version on the page}. An item changed
        meanwhile on another phone stays as it is; those are returned, so that the page can show both. Anything
        written makes a first signature void: it was given for other words.
        """
        self._check_officer(by)
        with transaction.atomic():
            self._lock({machine.State.IN_PROGRESS})
            known = {item.position: item for item in InspectionItem.objects.filter(inspection_id=self.pk)}
            if set(content) - set(known):
                raise MoveRefused("检查项目已经变化,请刷新后再填,这一次没有保存。")
            newer: dict[int, InspectionItem] = {}
            written = 0
            for position, given in content.items():
                item = known[position]
                if item.result and not item.differs(given):
                    written += item.add_photos(given, by=by)
                elif item.version != given.get("seen", 0):
                    newer[position] = item
                else:
                    item.write(given, by=by)
                    written += 1
            if written:
                self._touch({machine.State.IN_PROGRESS})
        return newer

    def _lock(self, states: set[Any]) -> None:
        """Wait for other writers of this visit, and see that it still stands in one of these states; else MoveRefused."""
        now = type(self)._base_manager.select_for_update().get(pk=self.pk)
        self.state, self.version = now.state, now.version
        if self.state not in states:
            raise self._closed()

    def _touch(self, states: set[Any], *, unchanged: bool = False) -> None:
        """Bump the version while it stands in one of these states, and, where asked, as it was read; else MoveRefused."""
        seen = {"version": self.version} if unchanged else {}
        rows = type(self)._base_manager.filter(pk=self.pk, state__in=states, **seen)
        if not rows.update(version=models.F("version") + 1):
            self.refresh_from_db(fields=["state", "version"])
            raise MoveRefused(CHANGED) if self.state in states else self._closed()
        self.refresh_from_db(fields=["state", "version"])
        self._prefetched_objects_cache: dict[str, Any] = {}

    def _closed(self) -> MoveRefused:
        return MoveRefused(f"现在是“{self.state_label}”,不能再改检查项目,您的内容没有保存。")

    def tell_office(self, *, by: Any, on: datetime.date, move: str, label: str, lines: list[str]) -> None:
        """A line in its story that only the town's offices read."""
        self._tell(by, on, move, label, lines)

    def _tell(self, by: Any, on: datetime.date, move: str, label: str, lines: list[str]) -> None:
        Event.record(self, by=by, on=on, move=move, label=label, data={"lines": lines}, audience=Event.Audience.TOWN)

    def _check_officer(self, by: Any) -> None:
        if self.officer_of(by) is None:  # type: ignore[attr-defined]
            raise MoveRefused("只有这次检查的检查人员可以填写和签名。")

    # Who may not

    def needs_notice(self, on: datetime.date) -> bool:
        """Whether the law of that day asks for a notice before the visit: a notice form is in force (国办发〔2024〕54号)."""
        return DocumentKind.objects.in_force(on).filter(code="CHECK_NOTICE").exists()

    def why_not_begin(self, on: datetime.date) -> str:
        """Approved, announced where the day asks for it, by two officers with certificates valid that day; else the sentence."""
        if self.kind not in machine.WITHOUT_SCHEME:
            if self.state == machine.State.PLANNED:
                return "检查方案还没有批准,不能开始检查。"
            if self.state == machine.State.SCHEME_APPROVED and not self.is_unannounced and self.needs_notice(on):
                return "还没有制发行政检查通知书;不通知即检要在批准方案时注明。"
        return self.why_not_two(on)  # type: ignore[attr-defined]

    def guard_begin(self, by: Any) -> str:
        """An officer of the visit; see `why_not_begin` for the rest."""
        if self.officer_of(by) is None:  # type: ignore[attr-defined]
            return "只有这次检查的检查人员可以开始检查。"
        return ""

    def guard_sign_record(self, by: Any) -> str:
        """An officer of the visit."""
        return "" if self.officer_of(by) else "只有这次检查的检查人员可以签名。"  # type: ignore[attr-defined]

    def guard_record(self, by: Any) -> str:
        """Another officer of the visit than who signed first, for the same words."""
        if refused := self.guard_sign_record(by):
            return refused
        signed = self.record_signers
        if not signed:
            return "还没有第一名检查人员签名,或签名后内容又有改动,请重新签名。"
        return "检查记录要两名检查人员签名,您已经签过,请另一名会签。" if by in signed else ""

    @property
    def record_signers(self) -> list[Any]:
        """Who has signed the record as it stands now; an answer changed afterwards leaves nobody."""
        model, pk = subject_key(self)
        key = {"subject_model": model, "subject_pk": pk, "move": "record", "round": self.version}
        return [row.by for row in Signature.objects.filter(**key).select_related("by").order_by("pk")]

    # Verbs

    def begin(self, *, by: Any, on: datetime.date, place: str, note: str = "", override_reason: str = "") -> None:
        """Arrive and show the certificates: their numbers are kept (安全生产法2021 §67). The law of this day is what counts.

        On another day than planned it goes past the guard again (R72).
        """
        if self.state in machine.MOVES["begin"].sources and (reason := self.why_not_begin(on)):
            raise MoveRefused(reason)
        with transaction.atomic():
            now, weighed = moment.now(), self._weighed_anew(override_reason, by=by, on=on)
            self._move("begin", by=by, on=on, note=note, visited_on=on, began_at=now, place=place, **weighed)
            self.renew_bases(on)
            for row in self.officers.select_related("user"):  # type: ignore[attr-defined]
                certificate = row.user.certificate_on(on)
                row.certificate = certificate.number if certificate else ""
                row.save(update_fields=["certificate"])

    def _weighed_anew(self, reason: str, *, by: Any, on: datetime.date) -> dict[str, Any]:
        if on == self.planned_on:
            return {}
        weighed = weigh(self.enterprise, on, self.kind, reason, beside=self)
        if not weighed["warnings"]:
            return {}
        # Before the move, and for the town alone: the firm reads the story of the beginning.
        self._tell(by, on, "weigh", "改日检查的提醒", override_lines(weighed))
        return weighed

    def problems(self) -> dict[int, str]:
        """{position: what is missing}: each item answered, a focus item not looked at explained (R71), each problem whole, its day to come."""
        items = list(self.items.all())  # type: ignore[attr-defined]
        tied = Attachment.objects.filter(subject_model=InspectionItem._meta.label_lower, subject_pk__in=[i.pk for i in items])
        photos = set(tied.values_list("subject_pk", "purpose"))
        today = timezone.localdate(moment.now())
        last = last_suggested(today)
        return {item.position: text for item in items if (text := _missing(item, photos) or _bad_day(item, today, last))}

    def sign_record(
        self,
        *,
        by: Any,
        on: datetime.date,
        party_name: str,
        party_post: str,
        party_phone: str = "",
        party_opinion: str = "",
        refusal: str = "",
        witness: str = "",
        signature: list[Attachment] | None = None,
        note: str = "",
    ) -> None:
        """The first officer signs the whole record, with the firm's signature, or its refusal before a witness (安全生产法2021 §68).

        Each time anew: what the firm signed before was other words.
        """
        self._check_officer(by)
        if problems := self.problems():
            raise Incomplete(problems)
        if refusal and not witness:
            raise MoveRefused("企业拒绝签字的,要写明情况并由见证人签名。")
        if not refusal and not signature:
            raise MoveRefused("请企业现场负责人签名,或注明拒绝签字的情况和见证人。")
        party: dict[str, Any] = {
            "party_name": party_name,
            "party_post": party_post,
            "party_phone": party_phone,
            "party_opinion": party_opinion,
        }
        with transaction.atomic():
            event = self._move("sign_record", by=by, on=on, note=note, refusal=refusal, witness=witness, **party)
            Attachment.attach(signature or [], self, purpose=f"signature-{event.pk}", by=by)
            Signature.collect(self, move="record", by=by, needed=2)

    def record(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The second officer signs: problems become hazards and violations; a re-check closes or returns its order (R43).

        A re-check that found nothing new is done with that.
        """
        with transaction.atomic():
            signed_at = self.version
            self._move("record", by=by, on=on, note=note, recorded_on=on, ended_at=moment.now())
            Signature.collect(self, move="record", by=by, needed=2, round=signed_at)
            if self.order is not None:
                self.order.conclude(self, by=by, on=on)
            found = Finding.make_all(self, by=by, on=on)
            if self.order is not None and not found:
                self.dispose(by=by, on=on)  # type: ignore[attr-defined]
                self.close(by=by, on=on)  # type: ignore[attr-defined]
            self.owe_district_report(on)  # type: ignore[attr-defined]


def _bad_day(item: InspectionItem, today: datetime.date, last: datetime.date) -> str:
    if item.result != InspectionItem.Result.FAIL or item.due_on is None or item.disposal == InspectionItem.Disposal.ON_SPOT:
        return ""
    return why_not_suggested(item.due_on, item.level, today, last)


def _missing(item: InspectionItem, photos: set[tuple[int | None, str]]) -> str:
    result = InspectionItem.Result
    if not item.result:
        return "还没有填"
    if item.line_id and item.result not in item.OF_LINE:
        return "整改项请填已整改或未整改到位"
    if item.result in (result.SKIP, result.NA) and item.is_focus and len(item.note.strip()) < LEAST_REASON:
        return "必查项未查或不适用,请写明理由"
    if item.result != result.FAIL:
        return ""
    if not item.note:
        return "有问题,请写明情况"
    if (item.pk, "before") not in photos:
        return "有问题,请拍照片"
    if item.line_id:
        return ""
    if not item.disposal:
        return "有问题,请选怎样处置"
    if item.disposal == InspectionItem.Disposal.ON_SPOT and (item.pk, "after") not in photos:
        return "当场改正的,请拍改正后的照片"
    return ""
