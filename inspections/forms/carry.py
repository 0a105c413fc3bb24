"""Forms of the carry-in: a file, or one matter typed in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.forms import UserForm
from enterprises.roster.parts import RosterRefused
from hazards.models import Hazard
from inspections.carry import work
from inspections.carry.facts import Doubt, HazardFacts, OrderFacts, VisitFacts
from inspections.carry.ledger import Ledger
from inspections.carry.reading import LONGEST, MOST_ROWS
from inspections.forms.patrols import ChosenFirm
from inspections.forms.visits import DAY
from inspections.models import CarryImport, Inspection

MOST_LINES = 50


def day(label: str, *, required: bool = True) -> forms.DateField:
    """A date."""
    widget = forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, error_messages={"required": f"请填{label}。"})


def words(label: str, name: str, *, required: bool = True, rows: int = 0, **kwargs: Any) -> forms.CharField:
    """A text as long as the file's column may be."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    missing = {"required": f"请填{label}。"}
    return forms.CharField(label=label, max_length=LONGEST[name], required=required, widget=widget, error_messages=missing, **kwargs)


class CarryUploadForm(UserForm):
    """One file; what is refused never becomes an import, and nothing is written to the records yet."""

    file = forms.FileField(
        label="xlsx 文件",
        allow_empty_file=True,
        help_text=f"可以有检查、指令、隐患三种工作表,按列名识别;一次最多 {MOST_ROWS} 行。先核对,全部没有问题才写入。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": "请选择文件。"},
    )

    def clean_file(self) -> Any:
        """Read it at once."""
        upload = self.cleaned_data["file"]
        try:
            self.carry: CarryImport = work.take_in(
                upload.read(), upload.name, by=self.user, area=self.user.membership.area, today=timezone.localdate()
            )
        except RosterRefused as refused:
            raise ValidationError(str(refused)) from refused
        return upload


class CarryForm(ChosenFirm):
    """One matter of one firm, with the number it has on paper."""

    facts_class: Any = None
    # Fields that are called otherwise on the page.
    SPOTS = {"kind": "kind_of", "text": "texts"}

    def facts(self) -> Any:
        """What is to be written."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("client_id", "enterprise") and value}
        return self.facts_class.of(self.cleaned_data["enterprise"], given)

    def clean(self) -> dict[str, Any]:
        """Dates in their order, and nothing that came in before (unless by this very form)."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.received():
            facts = self.facts()
            try:
                self.check(facts, Ledger.of([facts]))
            except Doubt as doubt:
                self.add_error(self.SPOTS.get(doubt.about, doubt.about), doubt.message)
        return data

    def check(self, facts: Any, ledger: Ledger) -> None:
        """Doubt when it cannot stand."""
        facts.check(timezone.localdate(), ledger)


class CarryVisitForm(CarryForm):
    """An inspection done on paper."""

    kind_of = forms.ChoiceField(label="检查类型", choices=[one for one in Inspection.Kind.choices if one[0] != Inspection.Kind.RECHECK])
    number = words("原检查编号", "number")
    done_on = day("检查日期")
    officers = words("检查人员", "officers", help_text="当时的检查人员,照纸质记录写。")
    note = words("检查情况", "note", required=False, rows=3)
    kind, facts_class = "carry_inspection", VisitFacts

    def facts(self) -> VisitFacts:
        """The kind is called otherwise on the page: `kind` names the form's receipts."""
        found: VisitFacts = VisitFacts.of(
            self.cleaned_data["enterprise"], {name: self.cleaned_data[name] for name in ("number", "done_on", "officers", "note")}
        )
        found.kind = self.cleaned_data["kind_of"]
        return found


class CarryOrderForm(CarryForm):
    """An order issued and served on paper."""

    number = words("指令书文号", "number")
    issued_on = day("制发日期")
    served_on = day("送达日期")
    due_on = day("整改期限")
    texts = forms.CharField(
        label="责令整改内容",
        max_length=LONGEST["text"] * MOST_LINES,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="一行一项。",
        error_messages={"required": "请填责令整改内容。"},
    )
    rechecked_on = day("复查日期", required=False)
    result = forms.ChoiceField(
        label="复查结果", required=False, choices=[("", "还没有复查"), ("passed", "复查合格"), ("failed", "复查不合格")]
    )
    kind, facts_class = "carry_order", OrderFacts

    def clean_texts(self) -> list[tuple[str, str]]:
        """Each line one thing to be put right."""
        lines = [line.strip() for line in self.cleaned_data["texts"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES or any(len(line) > LONGEST["text"] for line in lines):
            raise ValidationError(f"最多 {MOST_LINES} 项,每项最多 {LONGEST['text']} 个字。")
        return [(line, "") for line in lines]

    def facts(self) -> OrderFacts:
        """With all its lines."""
        given = {name: self.cleaned_data[name] for name in ("number", "issued_on", "served_on", "due_on", "rechecked_on", "result")}
        return OrderFacts(self.cleaned_data["enterprise"], lines=self.cleaned_data["texts"], **given)


class CarryHazardForm(CarryForm):
    """A hazard standing on paper."""

    number = words("原纸质编号", "number")
    found_on = day("发现日期")
    due_on = day("整改期限")
    place = words("位置", "place")
    text = words("情况描述", "text", rows=4)
    level = forms.ChoiceField(label="级别", choices=Hazard.Level, initial=Hazard.Level.NORMAL)
    order = words("责令整改文号", "order", required=False, help_text="有指令书的填文号(先补录指令);没有的留空。")
    kind, facts_class, SPOTS = "carry_hazard", HazardFacts, {}

    def check(self, facts: HazardFacts, ledger: Ledger) -> None:
        """The order it names stands."""
        super().check(facts, ledger)
        facts.check_order(ledger)


FORMS: dict[str, type[CarryForm]] = {"inspection": CarryVisitForm, "order": CarryOrderForm, "hazard": CarryHazardForm}
