"""Forms of the roster import: the file, and what its columns mean."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.forms import VersionField
from enterprises.models import RosterImport
from enterprises.roster import work
from enterprises.roster.columns import labels
from enterprises.roster.parts import RosterRefused


class UploadForm(forms.Form):
    """One roster file; a bad one is refused with a sentence."""

    file = forms.FileField(
        label="名册文件(xlsx 或 CSV)",
        allow_empty_file=True,
        help_text="前 30 行里要有标题行。合计行、空行和填表说明会自动跳过。文件本身不保存,只保存各行内容(加密)。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_file(self) -> Any:
        """Read it at once: what is refused never becomes an import."""
        upload = self.cleaned_data["file"]
        data = upload.read()
        try:
            self.roster: RosterImport = self.waiting(data) or work.take_in(data, upload.name, by=self.user, area=self.user.membership.area)
        except RosterRefused as refused:
            raise ValidationError(str(refused)) from refused
        return upload

    def waiting(self, data: bytes) -> RosterImport | None:
        """The same file of the same person, still waiting for its columns: a second sending leads to it."""
        mine = RosterImport.objects.for_user(self.user).filter(by=self.user, state=RosterImport.State.UPLOADED)
        return mine.filter(sha256=hashlib.sha256(data).hexdigest()).first()


class ColumnsForm(forms.Form):
    """One select per column of each recognised sheet."""

    version = VersionField()

    def __init__(self, *args: Any, roster: RosterImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roster = roster
        self.fields["version"].initial = roster.version
        choices = [("", "不导入"), *labels().items()]
        for s, part in enumerate(roster.layout["sheets"]):
            for c, heading in enumerate(part["headings"]):
                self.fields[f"s{s}c{c}"] = forms.ChoiceField(
                    label=heading or f"第 {c + 1} 列(没有标题)", choices=choices, initial=part["columns"][c], required=False
                )

    @property
    def parts(self) -> list[tuple[str, int, list[Any]]]:
        """(sheet, header row, its selects)."""
        return [
            (part["name"], part["header"], [self[f"s{s}c{c}"] for c in range(len(part["headings"]))])
            for s, part in enumerate(self.roster.layout["sheets"])
        ]

    def clean(self) -> dict[str, Any]:
        """No field twice in a sheet, and the three without which no row can be taken."""
        data = super().clean() or self.cleaned_data
        self.layout = copy.deepcopy(self.roster.layout)
        for s, part in enumerate(self.layout["sheets"]):
            part["columns"] = [data.get(f"s{s}c{c}", "") for c in range(len(part["headings"]))]
            for field in sorted({f for f in part["columns"] if f and part["columns"].count(f) > 1}):
                second = [c for c, f in enumerate(part["columns"]) if f == field][1]
                self.add_error(f"s{s}c{second}", f"“{labels()[field]}”选了两次,请只留一列。")
        if problems := work.ready(self.layout):
            raise ValidationError(problems)
        return data
