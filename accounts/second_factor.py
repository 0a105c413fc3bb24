"""The second factor: an authenticator's 6 digits (TOTP), and recovery codes of which only a digest is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models.codes import secret_text
from core.models import Event

RECOVERY_CODES = 10
DIGITS = 6


def digest(text: str) -> str:
    """What is stored of a recovery code: 16 characters of a keyed digest."""
    code = "".join(c for c in text.upper() if c.isalnum())
    return base64.b32encode(hmac.digest(settings.SECRET_KEY.encode(), code.encode(), hashlib.sha256))[:16].decode()


def pending(user: Any) -> TOTPDevice | None:
    """The authenticator being set up, not yet confirmed."""
    return user.totpdevice_set.filter(confirmed=False).first()


def begin(user: Any) -> TOTPDevice:
    """An unconfirmed authenticator with a fresh secret; begun twice it is the same one."""
    return pending(user) or TOTPDevice.objects.create(user=user, name="验证器", confirmed=False)


def picture(device: TOTPDevice) -> str:
    """The QR code that an authenticator app scans, as a data: URI."""
    return segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=2)


def secret(device: TOTPDevice) -> str:
    """The same secret for typing, in groups of four."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def confirm(user: Any, token: str) -> TOTPDevice | None:
    """Confirm the pending authenticator with its first code; None when the code is wrong or comes too fast."""
    with transaction.atomic():
        device = user.totpdevice_set.select_for_update().filter(confirmed=False).first()
        if device is None or not device.verify_token(token):
            return None
        user.totpdevice_set.exclude(pk=device.pk).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        note_change(user, by=user, label="启用第二步验证")
    return device


def words(user: Any, nonce: uuid.UUID) -> list[str]:
    """The recovery codes that belong to this nonce."""
    return [secret_text("recovery", user.pk, nonce, number) for number in range(RECOVERY_CODES)]


def are_current(user: Any, nonce: uuid.UUID) -> bool:
    """Whether the unused recovery codes are exactly those of this nonce."""
    stored = {token.token for device in user.staticdevice_set.all() for token in device.token_set.all()}
    return stored == {digest(code) for code in words(user, nonce)}


def recovery_codes(user: Any, nonce: uuid.UUID) -> list[str]:
    """Ten new codes in words, the older ones die; the same nonce sent twice gives the same codes."""
    codes = words(user, nonce)
    with transaction.atomic():
        device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "恢复码"})
        hashes = {digest(code) for code in codes}
        if not are_current(user, nonce):
            device.token_set.all().delete()
            for text in sorted(hashes):
                device.token_set.create(token=text)
            note_change(user, by=user, label="生成恢复码")
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_left(user: Any) -> int:
    """How many recovery codes are unused."""
    return sum(device.token_set.count() for device in user.staticdevice_set.all())


def remove(user: Any, *, by: Any) -> None:
    """Take authenticator and recovery codes away; removing twice is removing once."""
    with transaction.atomic():
        removed = user.totpdevice_set.all().delete()[0] + user.staticdevice_set.all().delete()[0]
        if removed:
            note_change(user, by=by, label="解除第二步验证")


def verify(user: Any, text: str) -> tuple[Any, str]:
    """(device, "") for a right code, else (None, why as a sentence). A recovery code is used up by it."""
    text = "".join(text.split())
    is_recovery = not (len(text) == DIGITS and text.isdigit())
    rows = user.staticdevice_set if is_recovery else user.totpdevice_set
    with transaction.atomic():
        device = rows.select_for_update().filter(confirmed=True).first()
        if device is None:
            return None, "验证码不对。"
        allowed, why = device.verify_is_allowed()
        if not allowed:
            seconds = max(1, round((why["locked_until"] - timezone.now()).total_seconds())) if why else 1
            return None, f"连续输错,请等 {seconds} 秒再试。"
        if device.verify_token(digest(text) if is_recovery else text):
            return device, ""
    return None, "验证码不对,或已用过。请等手机上换下一组数字再输。"


def note_change(user: Any, *, by: Any, label: str) -> None:
    """The entry in the person's story."""
    Event.record(user, by=by, on=timezone.localdate(), move="second_factor", label=label)
