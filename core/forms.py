"""Forms of core: the move's form, photos, and a client-made id."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.images import PhotoRefused
from core.models import Attachment, Submission

# What anybody types into a search: a pattern of many thousand letters is more than a database takes.
LONGEST_WORDS = 100


class UserForm(forms.Form):
    """A form that knows who fills it, so that its choices start at `for_user`."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)


class VersionField(forms.IntegerField):
    """The version of the row as the person saw it."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        stale = dict.fromkeys(("required", "invalid", "max_value", "min_value"), "页面已过期,请刷新后再提交。")
        super().__init__(label="版本", error_messages=stale, **kwargs)


class MoveForm(UserForm):
    """The base of every move's form: carries the version the person saw."""

    version = VersionField()

    def __init__(self, *args: Any, instance: Any, **kwargs: Any) -> None:
        self.instance = instance
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = instance.version

    def fresh_version(self) -> int:
        """The version now, for a page shown again after somebody was faster."""
        return self.instance.version


class NoteForm(MoveForm):
    """A move that asks for nothing but an optional remark."""

    note = forms.CharField(label="说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(MoveForm):
    """A move that must be explained."""

    note = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由,对方会看到。"},
    )


class RowsField(forms.ModelMultipleChoiceField):
    """Any number of rows by their keys; a number larger than any column holds and a NUL are keys that are not offered, as all others."""

    def clean(self, value: Any) -> Any:
        """The rows; ValidationError for keys that are not offered."""
        try:
            return super().clean(value)
        except OverflowError:
            raise self._not_offered(value) from None

    def validate_no_null_characters(self, value: Any) -> None:
        """No sentence of its own."""
        if "\0" in str(value):
            raise self._not_offered(value)

    def _not_offered(self, value: Any) -> ValidationError:
        return ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})


class ClientIdField(forms.UUIDField):
    """A hidden client-made id: the same form sent twice carries the same one."""

    def __init__(self, **kwargs: Any) -> None:
        stale = "页面已过期,请刷新后再提交。"
        kwargs = {"label": "提交编号", "widget": forms.HiddenInput, "initial": uuid.uuid4, **kwargs}
        super().__init__(error_messages={"required": stale, "invalid": stale}, **kwargs)


class PhotosInput(forms.ClearableFileInput):
    """Several photos; those already uploaded travel as ids in `<name>_ids`."""

    allow_multiple_selected = True
    template_name = "core/widgets/photos.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """(new files, ids of uploaded ones)."""
        return files.getlist(name) if files else [], data.getlist(f"{name}_ids") if hasattr(data, "getlist") else []

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Never: an empty answer is an answer."""
        return False

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Adds the rows already uploaded, so that a page shown again keeps them."""
        context = super().get_context(name, None, attrs)
        context["widget"]["uploaded"] = getattr(self, "uploaded", [])
        return context


class PhotosField(forms.Field):
    """Photos taken in as orphans while the form is checked: a form that fails keeps them."""

    widget = PhotosInput

    def __init__(self, *, maximum: int = 9, **kwargs: Any) -> None:
        self.maximum = maximum
        super().__init__(**kwargs)

    def take(self, value: Any, *, user: Any, received: Callable[[], Submission | None]) -> list[Attachment]:
        """The uploads named by ids and made from files; ValidationError with a sentence per bad file.

        Only photos tied to nothing yet count: one photo is evidence once. When the form was `received`
        before, those tied to what it made count too, so that the second sending meets the first.
        """
        files, ids = value or ([], [])
        uids = [uid for text in ids if (uid := parsed_uid(text))]
        taken = list(Attachment.objects.filter(by=user, uid__in=uids).order_by("pk"))
        if any(row.attached_at for row in taken):
            # Asked after the photos were read: who sees them tied also sees what they were tied by.
            before = received()
            made = (before.subject_model, before.subject_pk) if before else None
            taken = [row for row in taken if row.attached_at is None or (row.subject_model, row.subject_pk) == made]
        errors = []
        for upload in files:
            try:
                taken.append(Attachment.take_in(upload, by=user))
            except PhotoRefused as refused:
                errors.append(str(refused))
        self.widget.uploaded = taken
        if errors:
            raise ValidationError(errors)
        if self.required and not taken:
            raise ValidationError("请至少拍一张照片。")
        if len(taken) > self.maximum:
            raise ValidationError(f"最多 {self.maximum} 张照片,现在有 {len(taken)} 张,请删去几张。")
        return taken

    def clean(self, value: Any) -> Any:
        """The form's `clean_photos` does the work: it knows the user."""
        return value


class PhotosMixin:
    """For forms with a `photos` field: cleaned to a list of Attachments of this user."""

    fields: dict[str, Any]
    cleaned_data: dict[str, Any]
    user: Any

    def clean_photos(self) -> list[Attachment]:
        """Take the files in."""
        return self.fields["photos"].take(self.cleaned_data["photos"], user=self.user, received=self.received)

    def received(self) -> Submission | None:
        """What the same client-made id brought before, for forms that carry one."""
        return None


def parsed_uid(text: str) -> uuid.UUID | None:
    """A UUID, or None for anything else."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
