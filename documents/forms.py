"""Forms of documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from documents import verifying


class VerifyForm(forms.Form):
    """One of three ways: the PDF, the code, or number and date."""

    file = forms.FileField(label="文书的 PDF 文件", required=False, help_text="点击选择,或把文件拖到这里。文件只用来比对,不会保存。")
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
