"""Pages of the carry-in: upload and look, confirm, templates, and one matter typed in."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from core import work
from core.models import Event
from core.views import MoveView, RoleMixin, ScopedList
from core.xlsx import file_response, write_xlsx
from inspections.carry.columns import catalogue, labels
from inspections.forms.carry import FORMS, CarryForm, CarryUploadForm
from inspections.models import CarryImport, CarryRow
from inspections.models.carried import CARRIERS
from inspections.views.firm_forms import FirmForm

TITLES = {"inspection": "补录检查", "order": "补录指令", "hazard": "补录隐患"}


class CarryList(ScopedList):
    """Upload a file, type one matter in, the imports so far."""

    model = CarryImport
    roles = CARRIERS
    title = "纸质档案补录"
    template_name = "inspections/carry_list.html"
    empty_text = "还没有补录过文件。"
    empty_hint = "下载模板填好后上传,或逐条录入。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the upload form and the three kinds."""
        kwargs.setdefault("form", CarryUploadForm(user=self.request.user))
        return super().get_context_data(kinds=[(what, catalogue()[what]["name"]) for what in TITLES], **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a file in; sent twice it is one import."""
        form = CarryUploadForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            return redirect(form.carry)
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RowFilter(df.FilterSet):
    """Rows by what was found."""

    verdict = df.ChoiceFilter(label="结论", choices=CarryRow.Verdict, empty_label="全部")
    what = df.ChoiceFilter(label="种类", choices=CarryRow.What, empty_label="全部")

    class Meta:
        model = CarryRow
        fields: tuple[str, ...] = ()


class CarryDetail(ScopedList):
    """One import: its result table by sheet, row and column, and its moves."""

    model = CarryRow
    roles = CARRIERS
    filterset_class = RowFilter
    template_name = "inspections/carry_detail.html"
    empty_text = "没有符合条件的行。"

    @property
    def carry(self) -> CarryImport:
        """The import of the URL, within the user's scope."""
        if not hasattr(self, "_carry"):
            rows = CarryImport.objects.for_user(self.request.user).select_related("job", "by")
            self._carry = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._carry

    def get_queryset(self) -> Any:
        """Its rows."""
        return super().get_queryset().filter(carry=self.carry)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the import, its moves, the counts, and whether it is running."""
        carry = self.carry
        self.title = f"补录:{carry.name}"
        found = [(value, label, carry.rows.filter(verdict=value).count()) for value, label in CarryRow.Verdict.choices]
        running = carry.job if carry.state == CarryImport.State.APPLYING and carry.job and not carry.job.is_over else None
        offers = carry.moves_for(self.request.user)
        refusal = carry.guard_apply(self.request.user) if carry.state == CarryImport.State.REVIEWED else ""
        events = Event.objects.of(carry).select_related("by")
        shown = {"running": running, "offers": offers, "refusal": refusal, "events": events}
        return super().get_context_data(carry=carry, counts=found, **shown, **kwargs)


class CarryMove(MoveView):
    """Confirm, or drop."""

    model = CarryImport
    roles = CARRIERS

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the move; a small import is written when the next page shows."""
        response = super().post(request, *args, **kwargs)
        if response.status_code == 302:
            self.object.refresh_from_db()
            job = self.object.job
            if self.object.is_small and job and job.claim(timezone.now()):
                work.run(job)
        return response


class CarryTemplate(RoleMixin, View):
    """An empty workbook with the columns of one kind."""

    roles = CARRIERS

    def get(self, request: HttpRequest, what: str) -> HttpResponse:
        """The xlsx; 404 for a kind there is not."""
        if what not in TITLES:
            raise Http404
        name = catalogue()[what]["name"]
        return file_response(write_xlsx(labels(what), [], sheet=name), f"补录模板-{name}.xlsx")


class CarryCreate(FirmForm):
    """One matter typed in."""

    roles = CARRIERS
    button = "补录"
    back = "carry_in"
    lead = "照纸质材料填写。记录会标明“由纸质档案补录”和原编号,不另编文书号;期限从原来的日期继续算。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """404 for a kind there is not."""
        if kwargs["what"] not in FORMS:
            raise Http404
        self.title = TITLES[kwargs["what"]]
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[CarryForm]:
        """By the kind of the URL."""
        return FORMS[self.kwargs["what"]]

    def make(self, form: CarryForm) -> Any:
        """The record."""
        return form.facts().carry_in(by=self.request.user, on=timezone.localdate())

    def done(self, pk: int) -> str:
        """Its page; of a second sending the page the first one led to."""
        return reverse(
            {"inspection": "inspection_detail", "order": "order_detail", "hazard": "hazard_detail"}[self.kwargs["what"]], args=[pk]
        )
