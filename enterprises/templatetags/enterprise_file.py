"""What every tab of an enterprise's file shows above its own content."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

register = template.Library()


@register.inclusion_tag("enterprises/_file_head.html", takes_context=True)
def file_head(context: Any, enterprise: Any) -> dict[str, Any]:
    """Name, badges and the tabs this user may open; apps above add theirs to the list of `settings.FILE_TABS`."""
    request = context["request"]
    found = [
        (tab.label, reverse(tab.url_name, args=[enterprise.pk]))
        for tab in import_string(settings.FILE_TABS)
        if request.user.role in tab.roles
    ]
    current = max((url for _, url in found if request.path.startswith(url)), key=len, default="")
    return {"enterprise": enterprise, "items": [(label, url, url == current) for label, url in found], "request": request}
