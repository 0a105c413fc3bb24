"""Forms of documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from core.forms import ClientIdField, PhotosField, PhotosMixin, UserForm
from core.models import Submission
from documents import verifying
from documents.models.scans import ScanRefused, read_scan

MAX_NUMBER = 99_999


class VerifyForm(forms.Form):
    """One of three ways: the PDF, the code, or number and date."""

    file = forms.FileField(
        label="文书的 PDF 文件",
        required=False,
        help_text="文件只用来比对,不会保存。",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )
    code = forms.CharField(label="查验码", required=False, max_length=200, help_text="印在文书末尾二维码旁边,24 位字母和数字。")
    number = forms.CharField(label="编号", required=False, max_length=80, help_text="例如 整改通知〔2026〕3号。")
    issued_on = forms.DateField(label="制发日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean_file(self) -> Any:
        """A PDF of at most the upload limit."""
        upload = self.cleaned_data["file"]
        if upload and upload.size > settings.UPLOAD_MAX_BYTES:
            raise forms.ValidationError(f"文件超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB,没有比对。请用查验码查询。")
        return upload

    def clean(self) -> dict[str, Any]:
        """Something must be given, and a number comes with its date."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if data.get("number") and not data.get("issued_on") and not (data.get("file") or data.get("code")):
            self.add_error("issued_on", "按编号查询还需要制发日期,它印在文书上。")
        elif not (data.get("file") or data.get("code") or data.get("number")):
            raise forms.ValidationError("请放入 PDF 文件,或填写查验码,或填写编号和制发日期。")
        return data

    def answer(self) -> verifying.Answer:
        """The verdict for what was given; the file says most, then the code."""
        data = self.cleaned_data
        if data["file"]:
            return verifying.by_file(data["file"].read())
        if data["code"]:
            return verifying.by_code(data["code"])
        return verifying.by_number(data["number"], data["issued_on"])


class IssueForm(UserForm):
    """The check-answers page of an issuing page; a subclass adds what its paper asks of the person."""

    client_id = ClientIdField()
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    replaces = forms.IntegerField(widget=forms.HiddenInput, required=False)
    OWN = ("client_id", "seen", "replaces")

    def given(self) -> dict[str, Any]:
        """What the person wrote, for the facts."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.OWN}


class VoidForm(UserForm):
    """Why a paper no longer counts."""

    reason = forms.CharField(
        label="作废原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="编号保留,不再使用;扫码查验会显示“已作废”,原因只有本系统里能看到。",
        error_messages={"required": "请写明作废原因。"},
    )


class ScanForm(PhotosMixin, UserForm):
    """The signed copy: a PDF, photos, or both."""

    client_id = ClientIdField()
    pdf = forms.FileField(label="扫描的 PDF", required=False, widget=forms.FileInput(attrs={"accept": "application/pdf"}))
    photos = PhotosField(label="或拍照", required=False, maximum=20)

    def clean_pdf(self) -> Any:
        """(name, bytes), or None."""
        upload = self.cleaned_data["pdf"]
        if not upload:
            return None
        try:
            return read_scan(upload)
        except ScanRefused as refused:
            raise forms.ValidationError(str(refused)) from None

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("pdf") and not data.get("photos"):
            raise forms.ValidationError("请选择扫描的 PDF,或拍下签章件的每一页。")
        return data

    def received(self) -> Submission | None:
        """What the same client-made id brought before."""
        client_id = self.cleaned_data.get("client_id")
        return Submission.objects.filter(user=self.user, client_id=client_id, kind="scan").first() if client_id else None


class NumberForm(forms.Form):
    """Where a year already begun on paper goes on."""

    kind = forms.CharField(max_length=40)
    organ = forms.CharField(max_length=40, required=False)
    first = forms.IntegerField(
        label="起始号",
        min_value=1,
        max_value=MAX_NUMBER,
        error_messages={
            "required": "请填写起始号。",
            "invalid": "起始号要是整数。",
            "min_value": "起始号最小是 1。",
            "max_value": f"起始号最大是 {MAX_NUMBER}。",
        },
    )
