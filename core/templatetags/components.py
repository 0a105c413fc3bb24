"""The components every page is made of."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

from core.fields import masked
from core.models import Attachment
from core.workdays import day_name

register = template.Library()
register.filter("masked", masked)
register.filter("day_name", day_name)


@lru_cache(maxsize=256)
def _icon_source(name: str) -> str:
    path = finders.find(f"vendor/icons/{name}.svg")
    if path is None:
        raise template.TemplateSyntaxError(f"no icon {name}: add it to bin/vendor-files")
    return Path(path).read_text(encoding="utf-8").replace("<svg", '<svg aria-hidden="true"', 1)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the set, inline, hidden from screen readers: a word stands beside it."""
    return mark_safe(_icon_source(name))  # noqa: S308 - a file of our own vendor folder


@register.inclusion_tag("core/components/state_badge.html")
def state_badge(row: Any) -> dict[str, Any]:
    """The state of a Stateful row: word and colour."""
    return {"label": row.state_label, "tone": row.tone}


@register.inclusion_tag("core/components/badge.html")
def badge(label: str, tone: str = "secondary") -> dict[str, str]:
    """A word with a colour."""
    return {"label": label, "tone": tone}


@register.inclusion_tag("core/components/move_buttons.html")
def move_buttons(row: Any, offers: list[Any], url_name: str) -> dict[str, Any]:
    """The moves this user may make; the first primary one is the page's main button."""
    return {"row": row, "offers": offers, "url_name": url_name}


@register.inclusion_tag("core/components/timeline.html", takes_context=True)
def timeline(context: Any, events: Any) -> dict[str, Any]:
    """The story of a row, the same everywhere."""
    return {"events": events, "request": context.get("request")}


@register.inclusion_tag("core/components/filter_bar.html", takes_context=True)
def filter_bar(context: Any, filter: Any) -> dict[str, Any]:
    """The filter of a list, as a plain GET form, with the export of exactly that filter; on a phone all but the first field are folded."""
    fields = filter.form.visible_fields() if filter else []
    has_more = any(bound.value() for bound in fields[1:])
    shown = {key: context.get(key) for key in ("query", "is_filtered", "has_export", "page_obj", "request")}
    return shown | {"filter": filter, "first_fields": fields[:1], "more_fields": fields[1:], "has_more": has_more}


@register.inclusion_tag("core/components/pager.html", takes_context=True)
def pager(context: Any) -> dict[str, Any]:
    """Where one is in a list, and the way on."""
    return {"page_obj": context.get("page_obj"), "query": context.get("query", "")}


@register.inclusion_tag("core/components/empty_state.html")
def empty_state(text: str, hint: str = "", icon: str = "inbox") -> dict[str, str]:
    """Why a list is empty, and what next."""
    return {"text": text, "hint": hint, "icon": icon}


@register.inclusion_tag("core/components/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """All errors of a form at its top, each a link to its field."""
    return {"form": form}


@register.inclusion_tag("core/components/field.html")
def field(bound: Any) -> dict[str, Any]:
    """One form field: label, control, help, error."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", widget.__class__.__name__.lower())
    is_group = kind in ("radio", "checkbox") and hasattr(widget, "choices")
    return {"field": bound, "kind": kind, "is_group": is_group, "draws_itself": getattr(widget, "draws_itself", False)}


@register.inclusion_tag("core/components/form_fields.html")
def form_fields(form: Any) -> dict[str, Any]:
    """The whole form: summary, hidden and visible fields."""
    return {"form": form}


@register.inclusion_tag("core/components/tabs.html", takes_context=True)
def tabs(context: Any, items: Any) -> dict[str, Any]:
    """Tabs that are links: items of (label, url, is_current)."""
    return {"items": items}


@register.inclusion_tag("core/components/photos.html")
def photos(rows: list[Attachment], label: str = "") -> dict[str, Any]:
    """Thumbnails that open the photo, with when and where it was taken."""
    return {"rows": rows, "label": label}


@register.inclusion_tag("core/components/figure.html")
def figure(value: Any, label: str, url: str = "", tone: str = "") -> dict[str, Any]:
    """One number that opens to its list."""
    return {"value": value, "label": label, "url": url, "tone": tone}


@register.filter
def control(bound: Any) -> Any:
    """The field's control with Tabler's class and its ARIA links to help and error."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    css = {"select": "form-select", "checkbox": "form-check-input", "radio": "form-check-input"}.get(kind, "form-control")
    described = [f"{bound.auto_id}_{part}" for part, there in (("help", bound.help_text), ("error", bound.errors)) if there]
    attrs = {"class": f"{css} {'is-invalid' if bound.errors else ''} {widget.attrs.get('class', '')}".strip()}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return bound.as_widget(attrs=attrs)
