"""ScopedList, ScopedDetail, ScopedCreate, ScopedUpdate, MoveView: each starts at `for_user`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.generic import CreateView, DetailView, ListView, UpdateView, View

from core.models import Event, Job, MoveRefused, Stateful
from core.models.submissions import digest
from core.xlsx import xlsx_response

Column = tuple[str, Callable[[Any], Any]]


class RoleMixin:
    """Who may open the page: `roles`, or None for everyone who is signed in."""

    roles: ClassVar[frozenset[str] | None] = None
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """403 for a role that is not listed."""
        if self.roles is not None and request.user.role not in self.roles:
            raise PermissionDenied("您的岗位不能打开这个页面。")
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ScopedMixin(RoleMixin):
    """Rows begin at `for_user`: what is out of scope does not exist (404)."""

    model: Any

    def get_queryset(self) -> Any:
        """The rows this user may see."""
        rows = self.model.objects.for_user(self.request.user)
        return rows.for_list() if isinstance(self, ListView) and hasattr(rows, "for_list") else rows


class NearestPage:
    """A list whose address may ask for any page: "abc", 0 or 99999 show the nearest there is, so that an old link still shows rows."""

    page_kwarg: str
    request: HttpRequest

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """The page of the URL, or the nearest."""
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get(self.page_kwarg))  # type: ignore[attr-defined]
        return page.paginator, page, page.object_list, page.has_other_pages()


class ScopedList(NearestPage, ScopedMixin, ListView):
    """A list that filters by URL, pages, and exports exactly its filter as xlsx (`?export=xlsx`)."""

    paginate_by = 30
    filterset_class: Any = None
    columns: ClassVar[tuple[Column, ...]] = ()
    title = ""
    empty_text = "没有符合条件的记录。"
    empty_hint = "可以放宽上面的筛选条件。"

    def get_queryset(self) -> Any:
        """Scope, then the filter of the URL."""
        rows = super().get_queryset()
        if self.filterset_class is None:
            return rows
        self.filter = self.filterset_class(self.request.GET, queryset=rows, request=self.request)
        return self.filter.qs

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or the export."""
        if request.GET.get("export") == "xlsx" and self.columns:
            return self.export()
        return super().get(request, *args, **kwargs)

    def export(self) -> HttpResponse:
        """The filtered rows as xlsx: at once when few, as a Job under 我的下载 when many."""
        rows = self.get_queryset()
        if rows.count() <= settings.EXPORT_DIRECT_ROWS:
            return xlsx_response(self.export_name(), self.columns, rows)
        query = self.request.GET.copy()
        query.pop("export", None)
        job = Job.start(
            kind="list_export",
            title=f"导出 {self.title}",
            by=self.request.user,
            params={"url": self.request.path, "query": query.urlencode(), "membership": self.request.user.membership_id},
        )
        return redirect("job_detail", pk=job.pk)

    def export_name(self) -> str:
        """The file name without suffix."""
        return f"{self.title}-{timezone.localdate():%Y%m%d}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds title, filter, the URL's query without its page, and why the list may be empty."""
        query = {k: v for k, v in self.request.GET.lists() if k not in ("page", "export") and any(v)}
        return super().get_context_data(
            title=self.title,
            filter=getattr(self, "filter", None),
            query=urlencode(query, doseq=True),
            is_filtered=bool(query),
            has_export=bool(self.columns),
            empty_text=self.empty_text,
            empty_hint=self.empty_hint,
            **kwargs,
        )


class ScopedDetail(ScopedMixin, DetailView):
    """One row, with its moves and its story when it has a state."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds `offers` and `events` for a Stateful row."""
        row = self.object
        if isinstance(row, Stateful):
            kwargs["offers"] = row.moves_for(self.request.user)
            kwargs["events"] = Event.objects.of(row).visible_to(self.request.user).select_related("by")
        return super().get_context_data(**kwargs)


class FormMixin422:
    """An invalid form answers 422 with the same page, the typed text kept."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)  # type: ignore[attr-defined]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Forms know the user, so that their choices can start at `for_user`."""
        return {**super().get_form_kwargs(), "user": self.request.user}  # type: ignore[misc,attr-defined]


class ScopedCreate(FormMixin422, RoleMixin, CreateView):
    """A form that makes a row."""


class ScopedUpdate(FormMixin422, ScopedMixin, UpdateView):
    """A form that changes a row within the user's scope."""


class MoveView(ScopedMixin, View):
    """One move of one row: GET shows its form, POST takes it by the verb of the same name.

    URL kwargs: pk, name. The form carries `version`; a row changed meanwhile answers 409 with who was
    faster, when, and the typed text. The same POST sent twice is one move and one answer.
    """

    template_name = "core/move.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """404 outside the scope, for an unknown move, or for one that only another row's verb takes."""
        self.object: Stateful = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        self.name: str = kwargs["name"]
        if self.name not in self.object.MOVES or not self.object.MOVES[self.name].is_offered:
            raise Http404
        self.move = self.object.MOVES[self.name]
        if request.user.role not in self.move.roles:
            raise PermissionDenied(f"您的岗位不能执行“{self.move.label}”。")
        return super().dispatch(request, *args, **kwargs)

    def form(self, data: Any = None, files: Any = None) -> Any:
        """The move's form for this row and user."""
        return import_string(self.move.form)(data, files, instance=self.object, user=self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or the page of the row with the reason why not."""
        if self.name not in [offer.name for offer in self.object.moves_for(request.user)]:
            messages.error(
                request, self.object.guard(self.name, request.user) or f"现在是“{self.object.state_label}”,不能“{self.move.label}”。"
            )
            return redirect(self.object.get_absolute_url())  # type: ignore[attr-defined]
        return self.page(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the move."""
        if self.is_echo():
            return redirect(self.object.get_absolute_url())  # type: ignore[attr-defined]
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=422)
        seen = form.cleaned_data.pop("version")
        self.object.sent = self.sent()
        try:
            if seen != self.object.version:
                raise self.object._refused("在您填写的时候,这条记录已经变了。", request.user)
            getattr(self.object, self.name)(by=request.user, on=timezone.localdate(), **form.cleaned_data)
        except MoveRefused as refused:
            if self.is_echo():
                return redirect(self.object.get_absolute_url())  # type: ignore[attr-defined]
            self.object.refresh_from_db()
            return self.page(form, status=409, refused=refused)
        messages.success(request, self.done_words())
        return redirect(self.object.get_absolute_url())  # type: ignore[attr-defined]

    def done_words(self) -> str:
        """What the next page says of the move."""
        return f"已{self.move.label}。"

    def is_echo(self) -> bool:
        """Whether this is the second sending of a move that the same person has just made."""
        seen = self.request.POST.get("version", "")
        newest = Event.objects.of(self.object).last()
        same = newest is not None and newest.by_id == self.request.user.pk and newest.data.get("sent") == self.sent()
        current = type(self.object)._base_manager.values_list("version", flat=True).get(pk=self.object.pk)
        return same and seen == str(current - 1)

    def sent(self) -> str:
        """The digest of what was posted for this move."""
        fields = {name: values for name, values in self.request.POST.lists() if name != "csrfmiddlewaretoken"}
        files = [(file.name, file.size) for name in self.request.FILES for file in self.request.FILES.getlist(name)]
        return digest([self.name, fields, files])

    def page(self, form: Any, *, status: int = 200, refused: MoveRefused | None = None) -> HttpResponse:
        """The move's page."""
        context = {"object": self.object, "move": self.move, "form": form, "refused": refused}
        return TemplateResponse(self.request, self.template_name, context, status=status)
