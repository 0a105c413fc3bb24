"""Admin pages of notices: the rules are kept, deliveries are shown; what is in people's inboxes and their addresses is not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin

from core.admin_pages import CatalogueAdmin, register_rest
from notices.models import NoticeRule, Receiver


class NoticeRuleForm(forms.ModelForm):
    """A rule, its receivers as ticks."""

    receivers = forms.MultipleChoiceField(label="收件人", choices=Receiver, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = NoticeRule
        exclude: tuple[str, ...] = ()


@admin.register(NoticeRule)
class NoticeRuleAdmin(CatalogueAdmin):
    """Who is told what, and when."""

    form = NoticeRuleForm

    def get_list_display(self, request: Any) -> list[str]:
        """With when and how urgent."""
        return ["name", "kind", "stage", "offset", "unit", "is_urgent", "edition", "effective_from", "effective_to"]


register_rest(apps.get_app_config("notices"), hidden=frozenset({"Notice", "Channel", "NotifySettings", "DeliveryItem"}))
