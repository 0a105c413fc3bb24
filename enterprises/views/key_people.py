"""Key people of an enterprise: proposed by the firm or the town, confirmed by the town (R6)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from enterprises.forms.parts import KeyPersonForm
from enterprises.models import KeyPerson
from enterprises.views.base import CONFIRMERS, READERS, PartAct, PartCreate, PartMixin, PartUpdate
from enterprises.views.enterprises import EnterpriseDetail


class KeyPersonCreate(PartCreate):
    """A key person registered, not yet confirmed."""

    model = KeyPerson
    form_class = KeyPersonForm
    title = "登记主要人员"
    secret = ("phone",)


class KeyPersonUpdate(PartUpdate):
    """A key person changed; once confirmed, only by the town."""

    model = KeyPerson
    form_class = KeyPersonForm
    title = "修改主要人员"

    @property
    def part(self) -> KeyPerson:
        """403 for the firm when the town has confirmed the person."""
        person = super().part
        if person.confirmed_on and self.request.user.role not in CONFIRMERS:
            raise PermissionDenied("这个人已经由镇里确认,要改请联系镇里。")
        return person

    def get_initial(self) -> dict[str, Any]:
        """The whole phone is opened on the file's page alone, where that is an Event."""
        return {"phone": ""}


class KeyPersonConfirm(PartAct):
    """The town's confirmation."""

    model = KeyPerson
    roles = CONFIRMERS
    done = "已确认。"

    def act(self) -> str:
        """Confirm."""
        self.part.confirm(by=self.request.user, on=timezone.localdate())
        return ""


class KeyPersonEnd(PartAct):
    """The person leaves the post."""

    model = KeyPerson
    done = "已登记离任。"

    def act(self) -> str:
        """End; a confirmed person's end is the town's to write."""
        if self.part.confirmed_on and self.request.user.role not in CONFIRMERS:
            return "这个人已经由镇里确认,离任请联系镇里登记。"
        self.part.end(by=self.request.user, on=timezone.localdate())
        return ""


class KeyPersonPhone(PartMixin, EnterpriseDetail):
    """The whole phone number, once, on the file's page; that it was opened is an Event."""

    model = KeyPerson
    roles = READERS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page with this one number open; never cached."""
        phone = self.part.open_phone(by=request.user, on=timezone.localdate())
        response = self.render_to_response(self.get_context_data(opened=self.part.pk, phone=phone))
        response["Cache-Control"] = "private, no-store"
        return response
