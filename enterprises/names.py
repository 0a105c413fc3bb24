"""Names as people read them."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError

INVISIBLE = ("Cc", "Cf")


def visible(text: str) -> str:
    """The text without control and format characters (turned writing, zero width), single spaces between words."""
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c) not in INVISIBLE).split())


class VisibleNameMixin:
    """For forms with a `name`: what is stored is what is read."""

    cleaned_data: dict[str, Any]

    def clean_name(self) -> str:
        """Without invisible characters; something must be left."""
        name = visible(self.cleaned_data["name"])
        if not name:
            raise ValidationError("名称里没有看得见的字,请重新填写。")
        return name
