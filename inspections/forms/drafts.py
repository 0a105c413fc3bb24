"""Forms that draft what a visit leads to: an order, an on-site measure, a transfer; each chooses among the visit's findings."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone

from core import clock
from core.forms import ClientIdField, RowsField, UserForm, parsed_uid
from core.models import Submission
from core.workdays import day_name
from hazards.forms.hazards import DueMixin, day_fields
from inspections.forms.orders import text
from inspections.models import Finding, Inspection, OnsiteMeasure, Order, PowerItem
from inspections.models.inspection import TOWN_OFFICE

DAYS = (3, 7, 15, 30)


class FindingsField(RowsField):
    """Findings of the visit, ticked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, label: str) -> None:
        wrong = "有的问题已经不能选了,请刷新后重新选择。"
        missing = {"required": "请至少选一个问题。", "invalid_choice": wrong, "invalid_pk_value": wrong}
        super().__init__(queryset=Finding.objects.none(), label=label, error_messages=missing)

    def label_from_instance(self, obj: Any) -> str:
        """Number, place and words."""
        return f"{obj.number}. {obj.place + ':' if obj.place else ''}{obj.description}"


class DraftForm(UserForm):
    """The base: whose visit, and a client-made id."""

    client_id = ClientIdField()

    def __init__(self, *args: Any, visit: Inspection, **kwargs: Any) -> None:
        self.visit = visit
        super().__init__(*args, **kwargs)

    def content(self) -> dict[str, Any]:
        """What counts when two sendings are compared: the posted words. PostgreSQL keeps no NUL."""
        kept = {name: texts for name, texts in self.data.lists() if name not in ("csrfmiddlewaretoken", "client_id")}
        return {"visit": self.visit.pk, **{name: [text.replace("\0", "") for text in texts] for name, texts in kept.items()}}

    def received(self, kind: str) -> Submission | None:
        """What the same client-made id brought before; asked before the form is checked, for what was chosen then is not offered any more."""
        uid = parsed_uid(self.data.get("client_id", ""))
        return Submission.objects.filter(user=self.user, client_id=uid, kind=kind).exclude(subject_pk=None).first() if uid else None


@dataclass(frozen=True)
class Line:
    """A finding with its two fields: whether it is ordered, and in which words."""

    finding: Finding
    tick: Any
    words: Any


class OrderForm(DueMixin, DraftForm):
    """Which problems, what is required of each, until which day; the last day allowed is said."""

    quick, other_day = day_fields("整改期限")

    def __init__(self, *args: Any, previous: Order | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.findings = list(self.visit.findings.orderable(previous).select_related("hazard", "item__point").order_by("number"))  # type: ignore[attr-defined]
        for row in self.findings:
            tick = forms.BooleanField(
                label=f"{row.number}. {row.description}", required=False, initial=row.disposal in ("order", "") or previous is not None
            )
            words = forms.CharField(
                label="整改要求", required=False, max_length=500, initial=row.requirement, widget=forms.Textarea(attrs={"rows": 2})
            )
            self.fields |= {f"finding_{row.pk}": tick, f"requirement_{row.pk}": words}
        self._begin_with(timezone.localdate())

    def _begin_with(self, today: datetime.date) -> None:
        self.offer_days(today, DAYS)
        self.last_day = clock.due_on("inspection.order.max", today)
        wished = [row.due_on for row in self.findings if row.due_on and today <= row.due_on <= self.last_day]
        day = min(wished) if wished else clock.due_on("inspection.order.default", today)
        tapped = day.isoformat() in [value for value, _ in self.fields["quick"].choices]
        self.fields["quick"].initial = day.isoformat() if tapped else ""
        self.fields["other_day"].initial = None if tapped else day
        cap = f"一般隐患最晚到 {self.last_day:%Y-%m-%d} {day_name(self.last_day)};到期完不成的由企业申请延期。"
        served = clock.due_on("service.announcement", today)
        self.fields["other_day"].help_text = f"{cap}要公告送达的,今天公告也要到 {served:%Y-%m-%d} 才算送达,期限不能早于这一天。"

    @property
    def lines(self) -> list[Line]:
        """The findings with their fields, for the page."""
        return [Line(row, self[f"finding_{row.pk}"], self[f"requirement_{row.pk}"]) for row in self.findings]

    def clean(self) -> dict[str, Any]:
        """At least one problem, each with its requirement, and a day not past."""
        data: dict[str, Any] = super().clean() or {}
        chosen = [row for row in self.findings if data.pop(f"finding_{row.pk}", False)]
        words = {row.pk: data.pop(f"requirement_{row.pk}", "") for row in self.findings}
        if not chosen:
            self.add_error(None, "请至少选一个要责令整改的问题。")
        for row in chosen:
            if not words[row.pk] and f"requirement_{row.pk}" not in self.errors:
                self.add_error(f"requirement_{row.pk}", f"第 {row.number} 个问题请写明整改要求。")
        data["findings"] = chosen
        data["requirements"] = {row.pk: words[row.pk] for row in chosen}
        data["due_on"] = self._day()
        return data

    def _day(self) -> datetime.date | None:
        day = self.chosen_day()
        self.cleaned_data.pop("quick", None)
        self.cleaned_data.pop("other_day", None)
        if day is None:
            if "other_day" not in self.errors:
                self.add_error("quick", "请选择整改期限。")
        elif day < timezone.localdate():
            self.add_error("other_day", "整改期限不能早于今天。")
        return day


class MeasureForm(DraftForm):
    """What stops, where, why, and until what; the coercive kinds stand there to be refused with their rule."""

    kind = forms.ChoiceField(label="措施", widget=forms.RadioSelect, error_messages={"required": "请选择措施。"})
    findings = FindingsField("针对哪些问题")
    scope = forms.CharField(
        label="范围", max_length=300, help_text="哪个场所、哪台设备、哪些人员。", error_messages={"required": "请写明范围。"}
    )
    danger = text("危险情形", "请写明有什么危险,为什么排除前或排除中不能保证安全。", rows=3)
    basis = forms.CharField(
        label="法律依据", max_length=300, help_text="写明法律名称、版本和条款项。", error_messages={"required": "请写明法律依据。"}
    )
    condition = forms.CharField(
        label="解除条件", max_length=300, help_text="做到什么程度可以申请恢复。", error_messages={"required": "请写明解除条件。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        coercive = [(value, f"{label}(行政强制措施,镇不能实施)") for value, label in OnsiteMeasure.COERCIVE.items()]
        self.fields["kind"].choices = [*OnsiteMeasure.Kind.choices, *coercive]
        rows = self.visit.findings.filter(measure=None).exclude(disposal="on_spot").order_by("number")  # type: ignore[attr-defined]
        self.fields["findings"].queryset = rows
        self.fields["findings"].initial = [row.pk for row in rows if row.disposal == "measure"]
        self.fields["danger"].initial = ";".join(row.description for row in rows if row.disposal == "measure")[:500]


class TransferForm(DraftForm):
    """To whom, which problems, why."""

    to_organ = forms.CharField(label="移送至", max_length=60, error_messages={"required": "请写明移送给哪个机关。"})
    findings = FindingsField("移送哪些问题")
    reason = text("移送理由", "请写明为什么由对方处理,例如:镇没有行政处罚权。", rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = self.visit.findings.filter(transfer=None).select_related("violation").order_by("number")  # type: ignore[attr-defined]
        self.fields["findings"].queryset = rows
        self.fields["findings"].initial = [row.pk for row in rows if row.disposal == "transfer" or getattr(row, "violation", None)]
        power = PowerItem.objects.holder_of(PowerItem.Kind.PENALTY, timezone.localdate())
        self.fields["to_organ"].initial = power.organ_name
        if power.holder == PowerItem.Holder.DISTRICT:
            self.fields["reason"].initial = f"涉嫌违法行为的行政处罚由{power.organ_name or '区县主管部门'}行使,{TOWN_OFFICE}没有处罚权。"
