"""The pages of the roster import: upload, columns, result table, confirm, undo, bad rows back."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import View

from core import work
from core.models import MoveRefused
from core.views.base import MoveView, ScopedList, ScopedMixin
from core.xlsx import file_response
from enterprises.forms.roster import ColumnsForm, UploadForm
from enterprises.models import RosterImport, RosterRow
from enterprises.models.roster import IMPORTERS
from enterprises.roster.refused import refused_xlsx
from enterprises.roster.work import counts


class RosterList(ScopedList):
    """Upload a roster; the imports so far."""

    model = RosterImport
    roles = IMPORTERS
    title = "导入企业名册"
    template_name = "enterprises/roster_list.html"
    empty_text = "还没有导入过名册。"
    empty_hint = "选择一份 xlsx 或 CSV 名册上传,核对结果后再确认写入。"

    def get_queryset(self) -> Any:
        """With who uploaded."""
        return super().get_queryset().select_related("by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the upload form."""
        kwargs.setdefault("form", UploadForm(user=self.request.user))
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a file in."""
        form = UploadForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            return redirect(form.roster)
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RowFilter(django_filters.FilterSet):
    """Rows by what was found."""

    verdict = django_filters.ChoiceFilter(label="结论", choices=[v for v in RosterRow.Verdict.choices if v[0]], empty_label="全部")
    name = django_filters.CharFilter(label="企业名称", lookup_expr="icontains")

    class Meta:
        model = RosterRow
        fields: tuple[str, ...] = ()


class RosterDetail(ScopedList):
    """One import: its columns while they can be corrected, its result table, its moves."""

    model = RosterRow
    roles = IMPORTERS
    filterset_class = RowFilter
    template_name = "enterprises/roster_detail.html"
    empty_text = "没有符合条件的行。"

    @property
    def roster(self) -> RosterImport:
        """The import of the URL, within the user's scope."""
        if not hasattr(self, "_roster"):
            rows = RosterImport.objects.for_user(self.request.user).select_related("job", "by")
            self._roster = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._roster

    def get_queryset(self) -> Any:
        """Its rows."""
        self.model = RosterRow
        return super().get_queryset().filter(roster=self.roster).select_related("enterprise")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the import, its moves without the one the columns' form makes, and the counts."""
        roster = self.roster
        self.title = f"导入:{roster.name}"
        kwargs.setdefault("form", ColumnsForm(roster=roster) if can_map(roster) else None)
        offers = [offer for offer in roster.moves_for(self.request.user) if offer.name != "review"]
        running = roster.job if roster.job and not roster.job.is_over else None
        refusal = roster.guard_undo(self.request.user) if roster.state == RosterImport.State.APPLIED else ""
        return super().get_context_data(roster=roster, offers=offers, counts=counts(roster), running=running, refusal=refusal, **kwargs)


def can_map(roster: RosterImport) -> bool:
    """Whether the columns can still be corrected."""
    return roster.state in (RosterImport.State.UPLOADED, RosterImport.State.REVIEWED)


def start(roster: RosterImport) -> None:
    """Do a small import's work at once; a large one's is picked up by the sweeper."""
    if roster.is_small and roster.job and roster.job.claim(timezone.now()):
        work.run(roster.job)


class RosterColumns(RosterDetail):
    """The columns as corrected; starts the check."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check with these columns; a second sending finds the check made."""
        form = ColumnsForm(request.POST, roster=self.roster)
        if not form.is_valid():
            self.object_list = self.get_queryset()
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if form.cleaned_data["version"] == self.roster.version:
            self.review(form.layout)
        return redirect(self.roster)

    def review(self, layout: dict[str, Any]) -> None:
        """Start the check, unless somebody was faster."""
        try:
            self.roster.review(by=self.request.user, on=timezone.localdate(), layout=layout)
        except MoveRefused as refused:
            messages.error(self.request, refused.message)
        else:
            start(self.roster)


class RosterMove(MoveView):
    """Confirm, or undo."""

    model = RosterImport
    roles = IMPORTERS

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the move; a small import is done when the next page shows."""
        response = super().post(request, *args, **kwargs)
        if response.status_code == 302:
            self.object.refresh_from_db()
            start(self.object)
        return response


class RosterRefusedRows(ScopedMixin, View):
    """The rows a person must look at, in the layout of the file they came from."""

    model = RosterImport
    roles = IMPORTERS

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The xlsx; 404 when there are none."""
        roster = get_object_or_404(self.get_queryset(), pk=pk)
        if not roster.rows.filter(verdict=RosterRow.Verdict.REFUSED).exists():
            raise Http404
        return file_response(refused_xlsx(roster), f"需人工-{roster.name.rsplit('.', 1)[0]}.xlsx")
