"""Draws on the public site: the commitment and the digest at once, everything after publication, and how to check it (R49, B1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, ListView, View

from core.views.base import NearestPage
from documents.views.public import NEWEST, PublicMixin, SearchForm
from inspections import drawing
from inspections.draw_file import approved, text_of
from inspections.models import Draw

PAGE = 100


class DrawSearchForm(SearchForm):
    """A draw by a firm it has drawn, by number or title, by the day of its commitment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["firm"].label, self.fields["q"].label = "抽中的企业", "编号或名称"
        self.fields["since"].label, self.fields["until"].label = "承诺公布日期自", "承诺公布日期至"


class PublicDraws(PublicMixin, NearestPage, ListView):
    """All draws, newest first, from their commitment on; searched by what is public of each."""

    template_name = "public/draws.html"
    section = "draws"
    paginate_by = NEWEST

    def get_queryset(self) -> Any:
        """Each of them: one that was never published is seen to be missing; or what was asked for."""
        self.form = DrawSearchForm(self.request.GET)
        self.form.full_clean()
        rows = Draw.objects.announced()
        return rows.none() if self.form.why_nothing else rows.known_as(**self.form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the form, and whether it asks for anything."""
        is_filtered = any(self.request.GET.get(name) for name in self.form.fields)
        return super().get_context_data(form=self.form, is_filtered=is_filtered, **kwargs)


class OfDraw(PublicMixin, DetailView):
    """The base of a page of one draw, under its permanent address."""

    section = "draws"
    object: Draw

    def get_object(self, queryset: Any = None) -> Draw:
        """By number."""
        return get_object_or_404(Draw.objects.announced(), number=self.kwargs["number"])


class PublicDraw(OfDraw):
    """One draw: what is public of it now; after its publication the result, each change, and the check in the browser."""

    template_name = "public/draw.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the result, page by page, and the changes; nothing of them before publication."""
        kwargs["rule"] = drawing.FORMAT
        if not self.object.is_disclosed:
            return super().get_context_data(**kwargs)
        page = Paginator(self.object.drawn_rows(), PAGE).get_page(self.request.GET.get("page"))
        anew = getattr(self.object, "redrawn_as", None)
        changes = [(row, self.named(row.object), self.named(row.officer), self.named(row.replacement)) for row in approved(self.object)]
        return super().get_context_data(page_obj=page, changes=changes, anew=anew, **kwargs)

    def named(self, key: str) -> str:
        """The name of a firm or an officer of the frozen lists."""
        return self.object.name_of(key) if key else ""


class ListForm(forms.Form):
    """A firm in the frozen list, by name or credit code."""

    q = forms.CharField(label="企业名称或信用代码", required=False, max_length=60)


class PublicDrawLists(OfDraw):
    """The frozen lists of a published draw, each firm with its ticket and how it came."""

    template_name = "public/draw_lists.html"

    def get_object(self, queryset: Any = None) -> Draw:
        """404 before publication, and of a draw that was void before its lists were frozen."""
        draw = super().get_object(queryset)
        if not draw.is_disclosed or draw.frozen_at is None:
            raise Http404
        return draw

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds a page of firms, the officers, and the pairs of these firms."""
        draw, form = self.object, ListForm(self.request.GET)
        words = form.cleaned_data["q"] if form.is_valid() else ""
        page = Paginator(draw.firms_listed(words), PAGE).get_page(self.request.GET.get("page"))
        seed = draw.seed
        rows = [(row, drawing.object_ticket(seed, row.key, row.weight) if seed and row.excluded is None else "") for row in page]
        lists = {"officers": draw.officers_in_order(), "conflicts": draw.pairs_in_order().filter(object__in=[row.key for row in page])}
        return super().get_context_data(form=form, words=words, page_obj=page, rows=rows, **lists, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class PublicDrawFile(View):
    """The file from which anyone can make the draw again; 404 before publication."""

    def get(self, request: HttpRequest, number: str, name: str) -> HttpResponse:
        """The file, for programs on other sites too."""
        draw = get_object_or_404(Draw.objects.announced(), number=number)
        if not draw.is_disclosed or name != number:
            raise Http404
        response = HttpResponse(text_of(draw), content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="draw-{draw.number}.json"'
        response["Access-Control-Allow-Origin"] = "*"
        return response
