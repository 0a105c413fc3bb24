"""One-time codes by mail: asked for on a public page, sent by a Job, so that the page's answer tells nothing."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from accounts.models import OneTimeCode, User
from core.models import Job

KIND = "mail_code"


def ask_for_code(username: str) -> Job:
    """A Job for any name, known or not."""
    return Job.start(kind=KIND, title="邮寄一次性代码", by=User.objects.system(), params={"username": username})


def send_code(job: Job) -> str:
    """Send a code to the address on file; run again it sends the same code."""
    user = User.objects.named(job.params["username"])
    if user is None or not user.is_active or not user.email:
        return "没有可寄的地址"
    row = OneTimeCode.issue(user, purpose=OneTimeCode.Purpose.RESET, by=job.by, nonce=uuid.uuid5(uuid.NAMESPACE_OID, f"mail:{job.pk}"))
    text = render_to_string("accounts/code_mail.txt", {"person": user, "code": row, "site_name": settings.SITE_NAME})
    send_mail(f"{settings.SITE_NAME}:一次性代码", text, None, [user.email])
    return "已寄出"
