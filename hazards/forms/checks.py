"""Forms of checks: handing over, choosing between two contents, own items, and reading a checklist's many inputs."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from core.forms import NoteForm, PhotosInput, parsed_uid
from core.models import SubmissionVariant
from enterprises.models import Membership
from hazards.forms.hazards import NOTE_MAX
from hazards.models import Answer, Checklist, Hazard, OwnItem
from hazards.models.checks import fillers

FIRST_YEAR = 2019
RESULTS = set(Answer.Result.values)
LEVELS = set(Hazard.Level.values)


class HandOverForm(NoteForm):
    """To whom a half-done check goes."""

    to = forms.ModelChoiceField(
        label="交给", queryset=User.objects.none(), empty_label="请选择", error_messages={"required": "请选择交给谁。"}
    )
    field_order = ("to", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = sorted(fillers(self.instance.frequency))
        held = Membership.objects.current().filter(enterprise=self.instance.enterprise, role__in=roles)
        self.fields["to"].queryset = User.objects.filter(pk__in=held.values("user"), is_active=True).exclude(pk=self.instance.holder_id)


class CorrectForm(NoteForm):
    """Which content that came second is to be used."""

    variant = forms.ModelChoiceField(label="后收到的内容", queryset=SubmissionVariant.objects.none(), empty_label=None)
    field_order = ("variant", "note", "version")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["variant"].queryset = self.instance.variants


class OwnItemForm(forms.ModelForm):
    """An enterprise's own item for one of the lists."""

    checklist_code = forms.ChoiceField(label="加到哪张表")

    class Meta:
        model = OwnItem
        fields = ("checklist_code", "name", "how_to_check", "hazard_if")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        lists = Checklist.objects.in_force(timezone.localdate()).exclude(level="")
        self.fields["checklist_code"].choices = sorted({(row.code, row.name) for row in lists})
        self.instance.enterprise_id = user.membership.enterprise_id
        self.instance.by = user
        self.instance.added_on = timezone.localdate()

    def _post_clean(self) -> None:
        """Also what holds within the enterprise, which is not a field of the form."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                self.instance.validate_constraints()
            except ValidationError as errors:
                self.add_error(None, errors)


def posted_answers(data: Any, positions: range) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """({position: answer}, {position: sentence}) from inputs a-N result, n-N note, l-N level, d-N day, p-N_ids photos, s-N seen version.

    Unanswered items are absent. A remark that is too long or a value that is none of ours is a problem,
    and its answer is left out, so that the others can be saved.
    """
    found: dict[int, dict[str, Any]] = {}
    problems: dict[int, str] = {}
    for position in positions:
        result = data.get(f"a-{position}", "")
        if result not in RESULTS:
            continue
        given = {"result": result}
        if result == Answer.Result.FAIL:
            given |= _details(data, position)
            if len(given["note"]) > NOTE_MAX:
                problems[position] = f"描述有 {len(given['note'])} 字,最多 {NOTE_MAX} 字,这一项没有保存。"
                continue
        seen = data.get(f"s-{position}", "")
        if seen.isdecimal() and len(seen) < 10:
            given["seen"] = int(seen)
        found[position] = given
    return found, problems


def _details(data: Any, position: int) -> dict[str, Any]:
    level, day = data.get(f"l-{position}", ""), data.get(f"d-{position}", "")
    return {
        "note": clean_text(data.get(f"n-{position}", "")),
        "level": level if level in LEVELS else Hazard.Level.NORMAL.value,
        "due_on": day if _is_day(day) else "",
        "photos": sorted({str(uid) for text in data.getlist(f"p-{position}_ids") if (uid := parsed_uid(text))}),
    }


def clean_text(text: str) -> str:
    """Without control characters (line breaks stay) and outer blanks."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C").strip()


def _is_day(text: str) -> bool:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").year >= FIRST_YEAR and len(text) == 10
    except ValueError:
        return False


def photo_input(position: int) -> PhotosInput:
    """The photo control of one item."""
    return PhotosInput(attrs={"id": f"id_p-{position}"})
