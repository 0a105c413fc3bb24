"""Many publications at once: each shown whole and ticked, one button for all that were ticked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.models import MoveRefused
from core.submit import ContentConflict, take_once
from core.views import ScopedList
from documents.filters_publications import BatchFilter
from documents.forms_publications import BatchForm, ReviewBatchForm
from documents.masking import compare
from documents.models import Publication
from documents.models.publication import CHECKERS

CONFLICT = "这一页已经提交过,勾选的与现在的不同。请刷新后再勾选。"


class PublicationBatch(ScopedList):
    """Publications that wait for one move by this person: all that are ticked take it, or none does."""

    model = Publication
    roles = CHECKERS
    paginate_by = 20
    filterset_class = BatchFilter
    template_name = "documents/publication_batch.html"
    move: ClassVar[str]
    form_class: ClassVar[type[BatchForm]] = BatchForm

    def waiting(self, rows: Any) -> Any:
        """Those of these rows that this person may move now."""
        raise NotImplementedError

    def get_queryset(self) -> Any:
        """What waits, the nearest last day first."""
        return self.waiting(super().get_queryset()).order_by("due_on", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds each row whole: both texts compared, its tick, and whether it is ticked."""
        form = kwargs.pop("form", None) or self.form_class(user=self.request.user)
        ticked = set(self.request.POST.getlist("rows"))
        context = super().get_context_data(form=form, label=Publication.MOVES[self.move].label, refused=kwargs.pop("refused", ""), **kwargs)
        ticks = [(row, f"{row.pk}:{row.version}") for row in context["object_list"]]
        context["whole"] = [(row, compare(row.original, row.body), tick, tick in ticked) for row, tick in ticks]
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Move what is ticked, once however often it is sent."""
        form = self.form_class(request.POST, user=request.user)
        if not form.is_valid():
            return self.again(form, 422)
        ticks, client_id = form.cleaned_data["rows"], form.cleaned_data["client_id"]
        asked: dict[str, Any] = {"kind": f"publication_{self.move}", "content": {"rows": sorted(map(list, ticks))}}
        try:
            taken = take_once(user=request.user, client_id=client_id, make=lambda: self.take(ticks), **asked)
        except MoveRefused as refused:
            return self.again(form, 409, refused.message)
        except ContentConflict:
            return self.again(None, 409, CONFLICT)
        messages.success(request, f"已{taken.receipt}。")
        return redirect(request.get_full_path())

    def take(self, ticks: Collection[tuple[int, int]]) -> tuple[Publication, str]:
        """Each of these by its verb, as it was seen; MoveRefused, and nothing done, when one of them has changed or may not."""
        label, user = Publication.MOVES[self.move].label, self.request.user
        seen = Publication.objects.for_user(user).select_related("enterprise", "document__kind").in_bulk([pk for pk, _ in ticks])
        for pk, version in ticks:
            row = seen.get(pk)
            if row is None or row.version != version:
                raise MoveRefused(f"“{row or pk}”在您看的时候变了,勾选的一条也没有“{label}”。请看过现在的内容再勾选。")
            try:
                getattr(row, self.move)(by=user, on=timezone.localdate())
            except MoveRefused as refused:
                raise MoveRefused(f"“{row}”:{refused.message}勾选的一条也没有“{label}”,请去掉它再提交。") from refused
        return seen[ticks[0][0]], f"{label} {len(ticks)} 条"  # type: ignore[index]

    def again(self, form: BatchForm | None, status: int, refused: str = "") -> HttpResponse:
        """The page as it stands now, the ticks of what has not changed kept; without a form as a new one."""
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(form=form, refused=refused), status=status)


class PublicationReviews(PublicationBatch):
    """Drafts of others, to be compared line by line."""

    title = "批量审核公示"
    move = "review"
    form_class = ReviewBatchForm
    empty_text = "没有等您审核的公示。"
    empty_hint = "自己拟的、改过的由别人审核;退回的等拟稿人修改。"

    def waiting(self, rows: Any) -> Any:
        """Drafts that this person did not write."""
        return rows.to_review(self.request.user)


class PublicationReleases(PublicationBatch):
    """What was reviewed, to be published."""

    title = "批量发布公示"
    move = "publish"
    empty_text = "没有可以发布的公示。"
    empty_hint = "审核通过的会出现在这里;依据的文书没有送达的,送达以后才出现。"

    def waiting(self, rows: Any) -> Any:
        """Reviewed, and their paper was served."""
        return rows.to_publish(timezone.localdate())
