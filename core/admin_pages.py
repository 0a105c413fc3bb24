"""What every page of the admin site is: shown only, or kept by an administrator with each change as an Event."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from core.fields import EncryptedField
from core.models import Event

HIDDEN = frozenset({"password", "hash", "session_key", "token", "digest", "is_staff", "is_superuser", "groups", "user_permissions"})
SHORT = ("state", "code", "name", "role", "edition", "effective_from", "effective_to", "verify", "at", "created_at")


class OfficePage(admin.ModelAdmin):
    """The base: secrets and encrypted fields are never on the page, nothing is ever deleted."""

    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All but secrets."""
        fields = [*self.model._meta.fields, *self.model._meta.many_to_many]
        return [
            f.name
            for f in fields
            if f.name not in HIDDEN
            and not isinstance(f, EncryptedField)
            and (f.editable or self.has_only_view(request))
            and not f.auto_created
        ]

    def has_only_view(self, request: HttpRequest) -> bool:
        """Whether the page only shows."""
        return not self.has_change_permission(request)

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """The row's words, then its short facts."""
        names = {f.name for f in self.model._meta.fields}
        return ["__str__", *[name for name in SHORT if name in names]]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Nobody asks by a secret."""
        return not any(part in HIDDEN for part in lookup.split("__")) and super().lookup_allowed(lookup, value, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: records point at rows; a row of law is retired by its last day."""
        return False


class ReadOnlyAdmin(OfficePage):
    """Shown, never added or changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class CatalogueAdmin(OfficePage):
    """Rows an administrator keeps: each addition and change is an Event."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save, then one Event that says what changed; admin views are atomic, so both stand or neither."""
        super().save_related(request, form, formsets, change)
        row, names = form.instance, form.changed_data
        if change and not names:
            return
        lines = [f"{form.fields[n].label}:{shown(form.initial.get(n))} → {shown(form.cleaned_data[n])}" for n in names]
        Event.record(
            row,
            by=request.user,
            on=timezone.localdate(),
            move="admin_change" if change else "admin_add",
            label=f"{'修改' if change else '新增'}{row._meta.verbose_name}"[:40],
            note=str(row),
            data={"lines": lines},
            audience=Event.Audience.TOWN,
        )


def shown(value: Any) -> str:
    """A value in an Event's words."""
    if value is None or value == "":
        return "空"
    if isinstance(value, list | tuple) or hasattr(value, "model"):
        return "、".join(map(str, value)) or "空"
    return str(value)


def register_rest(app: Any, *, hidden: frozenset[str] = frozenset()) -> None:
    """Show read-only every model of this app that has no page yet, but for the histories and those hidden."""
    for model in app.get_models():
        name = model.__name__
        if not admin.site.is_registered(model) and not name.startswith("Historical") and name not in hidden:
            admin.site.register(model, ReadOnlyAdmin)
