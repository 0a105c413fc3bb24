"""Fields encrypted at rest."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])


class EncryptedField(models.TextField):
    """Text that the database holds only encrypted (MultiFernet, keys from `FIELD_KEYS`, newest first).

    It cannot be looked up; where it must be, put an HMAC column beside it.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in; empty stays empty."""
        value = super().get_prep_value(value)
        return _fernet(tuple(settings.FIELD_KEYS)).encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """Decrypt on the way out."""
        return _fernet(tuple(settings.FIELD_KEYS)).decrypt(value.encode()).decode() if value else value


class EncryptedJSONField(EncryptedField):
    """A JSON value that the database holds only encrypted; `None` and empty values come back as given."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        """Encode, then encrypt."""
        return super().get_prep_value(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        """Decrypt, then decode."""
        text = super().from_db_value(value)
        return json.loads(text) if text else None


def masked(text: str) -> str:
    """The first three and the last four characters, the rest as stars: 138****8294."""
    return text if len(text) < 8 else f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
