"""The form of a paper's service."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import User
from core.forms import ClientIdField, PhotosField, PhotosMixin, UserForm
from core.models import Submission
from documents.models import Document, Service
from documents.models.service import inspectors_of

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
M = Service.Method
# Which fields a method needs beyond what all need; the others are left out of the record.
NEEDS: dict[str, tuple[str, ...]] = {
    M.DIRECT: ("served_on",),
    M.LEFT: ("served_on", "refusal", "second_server"),
    M.MAIL: ("sent_on", "served_on", "reference"),
    M.ENTRUSTED: ("served_on", "reference"),
    M.ANNOUNCED: ("sent_on", "reference"),
    M.ELECTRONIC: ("served_on", "reference", "confirmed_on"),
}
OWN = ("sent_on", "served_on", "reference", "confirmed_on", "refusal")


class ServiceForm(PhotosMixin, UserForm):
    """How, when and to whom a paper was handed over; which fields are needed follows from the method."""

    client_id = ClientIdField()
    method = forms.ChoiceField(label="送达方式", choices=M.choices, initial=M.DIRECT, widget=forms.RadioSelect)
    receiver = forms.CharField(
        label="签收人", max_length=60, help_text="留置的填拒收人,公告的填受送达人。", error_messages={"required": "请填写签收人。"}
    )
    receiver_role = forms.CharField(
        label="签收人身份",
        max_length=60,
        help_text="例如:主要负责人、单位负责收件的人、受委托人。",
        error_messages={"required": "请填写签收人身份。"},
    )
    served_on = forms.DateField(label="送达日期", required=False, widget=DAY, help_text="签收或留置之日;公告的不填,由公告期算出。")
    sent_on = forms.DateField(label="寄出或公告日期", required=False, widget=DAY, help_text="邮寄、公告的填写。")
    place = forms.CharField(label="送达地点", max_length=200, error_messages={"required": "请填写送达地点。"})
    reference = forms.CharField(
        label="邮件号、受委托单位、公告载体或电子地址",
        required=False,
        max_length=200,
        help_text="邮寄、委托、公告、电子送达各填对应的一项。",
    )
    confirmed_on = forms.DateField(
        label="书面确认日期", required=False, widget=DAY, help_text="电子送达须当事人事先书面确认接受电子送达和地址。"
    )
    refusal = forms.CharField(
        label="拒收情况",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="留置送达的填写:谁、为什么拒收。",
    )
    witnesses = forms.CharField(label="见证人", required=False, max_length=200, help_text="姓名和单位,例如:王某某(刘罗坪村委会)。")
    is_recorded = forms.BooleanField(label="没有见证人,送达过程已拍照或录像", required=False)
    server = forms.ModelChoiceField(label="送达人", queryset=User.objects.none(), empty_label=None)
    second_server = forms.ModelChoiceField(
        label="第二送达人", queryset=User.objects.none(), required=False, empty_label="没有", help_text="留置送达须两人。"
    )
    note = forms.CharField(label="备注", required=False, max_length=300)
    photos = PhotosField(label="送达回证等凭据的照片")
    correction_reason = forms.CharField(label="更正原因", max_length=300, error_messages={"required": "请写明为什么更正,原来的记录保留。"})

    def __init__(self, *args: Any, document: Document, corrects: Service | None = None, **kwargs: Any) -> None:
        self.document = document
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=inspectors_of(self.user), is_active=True).order_by("name")
        for name in ("server", "second_server"):
            self.fields[name].queryset = people
        self.fields["server"].initial = self.user.pk
        self.fields["served_on"].initial = timezone.localdate()
        if document.enterprise:
            self.fields["place"].initial = document.enterprise.address
        if corrects is None:
            del self.fields["correction_reason"]
            return
        for name in (*OWN, "method", "receiver", "receiver_role", "place", "witnesses", "is_recorded", "note"):
            self.fields[name].initial = getattr(corrects, name)
        self.fields["server"].initial, self.fields["second_server"].initial = corrects.server_id, corrects.second_server_id

    def received(self) -> Submission | None:
        """What this form's id brought before."""
        client_id = self.cleaned_data.get("client_id")
        return Submission.objects.filter(user=self.user, client_id=client_id).first() if client_id else None

    def clean(self) -> dict[str, Any]:
        """What the method needs is there; what it does not know is left out."""
        data: dict[str, Any] = super().clean() or {}
        needed = NEEDS.get(data.get("method", ""), ())
        for name in needed:
            if name not in self.errors and not data.get(name):
                self.add_error(name, f"{M(data['method']).label}须填写{self.fields[name].label}。")
        for name in OWN:
            if name not in needed:
                self.errors.pop(name, None)
                data[name] = "" if isinstance(self.fields[name], forms.CharField) else None
        self._check_people(data)
        return data

    def _check_people(self, data: dict[str, Any]) -> None:
        if data.get("method") == M.LEFT and not data.get("witnesses") and not data.get("is_recorded"):
            self.add_error("witnesses", "留置送达须有见证人,或者拍照、录像记录过程。")
        if data.get("server") and data.get("server") == data.get("second_server"):
            self.add_error("second_server", "两位送达人不能是同一个人。")
        for later, earlier, words in (
            ("served_on", "sent_on", "送达日期不能早于寄出日期。"),
            ("served_on", "confirmed_on", "书面确认不能晚于送达。"),
        ):
            if data.get(later) and data.get(earlier) and data[later] < data[earlier]:
                self.add_error(later, words)
