"""Exports for the district's systems: layouts that the town sets itself, their rows to look at, and the xlsx."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import FormView

from core.views import ScopedList
from core.views.base import FormMixin422, ScopedMixin
from inspections import exports
from inspections.forms.exports import LayoutForm, NewLayoutForm
from inspections.forms.visits import DAY
from inspections.models import ExportLayout
from inspections.models.exports import KEEPERS


class LayoutList(FormMixin422, ScopedList):
    """The layouts of the town, and a form for one more."""

    model = ExportLayout
    roles = KEEPERS
    title = "区系统导出"
    template_name = "inspections/export_list.html"
    empty_text = "还没有导出格式。"
    empty_hint = "起个名字、选好导出什么,再定列和表头。"

    def get_queryset(self) -> Any:
        """With who changed it last."""
        return super().get_queryset().select_related("by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the form."""
        kwargs.setdefault("form", NewLayoutForm(user=self.request.user))
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One more layout; sent twice, the second finds the name taken."""
        form = NewLayoutForm(request.POST, user=request.user)
        if form.is_valid():
            return redirect("district_export_layout", pk=form.save().pk)
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(form=form), status=422)


class LayoutEdit(FormMixin422, ScopedMixin, FormView):
    """The columns of one layout."""

    model = ExportLayout
    roles = KEEPERS
    form_class = LayoutForm
    template_name = "inspections/export_layout.html"

    @cached_property
    def layout(self) -> ExportLayout:
        """The layout of the URL, within the user's scope."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """The layout to be changed."""
        return {**super().get_form_kwargs(), "instance": self.layout}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the layout."""
        return super().get_context_data(layout=self.layout, **kwargs)

    def form_valid(self, form: LayoutForm) -> HttpResponse:
        """Saved, or 409 with what was typed when somebody was faster."""
        if not form.save():
            form.add_error(None, "在您修改的时候,别人改过这个格式,您的内容没有保存。请另开一页看看现在的,再决定。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, "格式已保存。")
        return redirect(self.layout)


class DaysForm(forms.Form):
    """From when to when."""

    start = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    end = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))


class LayoutRows(ScopedList):
    """The rows of a layout as the file will hold them; `?export=xlsx` is the file, at once or as a Job."""

    roles = KEEPERS
    template_name = "inspections/export_rows.html"
    empty_text = "这些日期里没有记录。"

    @cached_property
    def layout(self) -> ExportLayout:
        """The layout of the URL, within the user's scope."""
        return get_object_or_404(ExportLayout.objects.for_user(self.request.user), pk=self.kwargs["pk"])

    @property
    def columns(self) -> Any:  # type: ignore[override]
        """As the layout says."""
        return exports.readers(self.layout)

    @cached_property
    def days(self) -> DaysForm:
        """The days of the URL."""
        form = DaysForm(self.request.GET)
        form.is_valid()
        return form

    def get_queryset(self) -> Any:
        """What is asked for."""
        given = self.days.cleaned_data
        return exports.rows(self.layout.what, self.request.user, given.get("start"), given.get("end"))

    def export_name(self) -> str:
        """The layout's name and the day."""
        return f"{self.layout.name}-{timezone.localdate():%Y%m%d}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the layout, the days, and the cells of this page."""
        self.title = self.layout.name
        context = super().get_context_data(layout=self.layout, days=self.days, **kwargs)
        columns = self.columns
        context["headings"] = [heading for heading, _ in columns]
        context["cells"] = [[(heading, shown(read(row))) for heading, read in columns] for row in context["object_list"]]
        return context


def shown(value: Any) -> str:
    """A cell as the page shows it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
