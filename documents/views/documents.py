"""Pages of papers: list, one paper with its state, its PDF, voiding, signed copies, packing many."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, View

from accounts.roles import MANAGERS, TOWN_ROLES, Role
from core.forms import parsed_uid
from core.models import Attachment, Event, Job, MoveRefused
from core.pdf import PaperRefused
from core.submit import ContentConflict, take_once
from core.views import RoleMixin, ScopedDetail, ScopedList
from core.views.base import FormMixin422
from documents import batch
from documents.filters import DocumentFilter
from documents.forms import ScanForm, VoidForm
from documents.models import Document, Scan
from documents.papers import paper_of
from documents.views.files import pdf_response

READERS = TOWN_ROLES | MANAGERS
KEEPERS = MANAGERS | {Role.INSPECTOR}


class DocumentList(ScopedList):
    """Papers of one's scope, newest first."""

    roles = READERS
    model = Document
    title = "文书"
    filterset_class = DocumentFilter
    template_name = "documents/document_list.html"
    empty_text = "没有符合条件的文书。"
    empty_hint = "检查、隐患等页面上的“制发”按钮制发的文书都会出现在这里。"
    columns = (
        ("编号", lambda d: d.number),
        ("标题", lambda d: d.title),
        ("种类", lambda d: d.kind.name),
        ("企业", lambda d: d.enterprise.name if d.enterprise else ""),
        ("制发日期", lambda d: d.issued_on),
        ("制发人", lambda d: d.issued_by.name),
        ("情况", lambda d: d.standing),
        ("作废原因", lambda d: d.void_reason),
        ("页数", lambda d: d.pages),
        ("SHA-256", lambda d: d.sha256),
    )

    def get_queryset(self) -> Any:
        """Without the facts, which may be large."""
        return super().get_queryset().defer("facts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds how many may be packed at once."""
        return super().get_context_data(max_papers=batch.MAX_PAPERS, client_id=uuid.uuid4(), **kwargs)


class DocumentBatch(DocumentList):
    """Pack the papers of the list's filter into one download."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """To the Job, or back with a sentence."""
        papers = list(self.get_queryset()[: batch.MAX_PAPERS + 1])
        back = f"{reverse('document_list')}?{request.GET.urlencode()}"
        if self.filter.is_bound and not self.filter.is_valid():
            messages.error(request, "筛选条件填写有误,没有打包。请改正后再打包。")
            return redirect(back)
        if not papers:
            messages.error(request, "没有符合筛选条件的文书,没有打包。")
            return redirect(back)
        if len(papers) > batch.MAX_PAPERS:
            messages.error(request, f"超过 {batch.MAX_PAPERS} 份,没有打包。请用筛选分几次。")
            return redirect(back)
        papers.reverse()

        def make() -> tuple[Job, str]:
            job = batch.start(papers, by=request.user, title=f"文书 {len(papers)} 份 {timezone.localdate():%Y%m%d}")
            return job, str(job.pk)

        client_id, content = parsed_uid(request.POST.get("client_id", "")), {"query": request.GET.urlencode()}
        if client_id is None:
            return self.stale(back)
        try:
            taken = take_once(user=request.user, client_id=client_id, kind="document_batch", content=content, make=make)
        except ContentConflict:
            return self.stale(back)
        return redirect("job_detail", pk=taken.subject_pk)

    def stale(self, back: str) -> HttpResponse:
        """The button of a page that asks for something else by now."""
        messages.error(self.request, "页面已过期,没有打包,请再按一次。")
        return redirect(back)


class DocumentDetail(ScopedDetail):
    """A paper: its state, its PDF, signed copies, what became of it; for htmx only the state."""

    model = Document
    template_name = "documents/document_detail.html"

    def get_template_names(self) -> list[str]:
        """Only the state for htmx."""
        return ["documents/_state.html"] if self.request.htmx else [self.template_name]

    def get_queryset(self) -> Any:
        """With what the page shows."""
        related = ("kind", "enterprise", "issued_by", "voided_by", "replaces", "replaced_by")
        return super().get_queryset().select_related(*related).defer("facts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the row it is about, signed copies, its story, and what this person may do."""
        paper, user = self.object, self.request.user
        is_kept = paper.is_kept_by(user)
        return super().get_context_data(
            subject=self.subject(),
            scans=paper.scans.select_related("by"),
            scan_photos=list(Attachment.objects.of(paper).filter(purpose="scan")),
            events=Event.objects.of(paper).visible_to(user).select_related("by"),
            can_void=is_kept and paper.is_valid,
            can_file=is_kept,
            correct_url=self.correct_url() if is_kept and paper.is_valid else "",
            **kwargs,
        )

    def subject(self) -> Any:
        """The row it is about, when this person may see it and it has a page."""
        rows = apps.get_model(self.object.subject_model)._default_manager
        if not hasattr(rows, "for_user"):
            return None
        row = rows.for_user(self.request.user).filter(pk=self.object.subject_pk).first()
        return row if hasattr(row, "get_absolute_url") else None

    def correct_url(self) -> str:
        """Where its correction is issued."""
        name = paper_of(self.object.kind.code).issue_url_of(self.object.subject_model)
        return f"{reverse(name, args=[self.object.subject_pk])}?replaces={self.object.pk}" if name else ""


class DocumentPdf(View):
    """The PDF; of a voided paper a copy that says so."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes, or 404 while there are none."""
        rows = Document.objects.for_user(request.user).select_related("kind", "enterprise", "replaces")
        paper = get_object_or_404(rows, pk=pk)
        if not paper.file:
            raise Http404
        try:
            return pdf_response(paper.bytes(), paper.file_name)
        except PaperRefused as refused:
            messages.error(request, f"没有取到 PDF:{refused}")
            return redirect(paper)


class KeeperForm(FormMixin422, RoleMixin, FormView):
    """A form about one paper for whoever keeps it."""

    roles = KEEPERS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """404 outside the scope, 403 for the other side."""
        if request.user.is_authenticated and request.user.role in self.roles:
            rows = Document.objects.for_user(request.user).select_related("kind", "enterprise")
            self.object = get_object_or_404(rows, pk=kwargs["pk"])
            if not self.object.is_kept_by(request.user):
                raise PermissionDenied("只有制发单位的负责人员可以做这件事。")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the paper."""
        return super().get_context_data(object=self.object, **kwargs)


class DocumentVoid(KeeperForm):
    """Void a paper with a reason; sent twice it is voided once."""

    form_class = VoidForm
    template_name = "documents/void.html"

    def form_valid(self, form: VoidForm) -> HttpResponse:
        """Void it, or say that it is void already."""
        reason = form.cleaned_data["reason"]
        try:
            self.object.void(by=self.request.user, on=timezone.localdate(), reason=reason)
        except MoveRefused as refused:
            self.object.refresh_from_db()
            is_echo = self.object.voided_by == self.request.user and self.object.void_reason == reason
            if not is_echo:
                messages.error(self.request, refused.message)
            return redirect(self.object.get_absolute_url())
        messages.success(self.request, f"已作废 {self.object.number}。")
        return redirect(self.object.get_absolute_url())


class ScanNew(KeeperForm):
    """File a signed copy to its paper; sent twice it is filed once."""

    form_class = ScanForm
    template_name = "documents/scan.html"

    def form_valid(self, form: ScanForm) -> HttpResponse:
        """File it."""
        pdf, photos, user = form.cleaned_data["pdf"], form.cleaned_data["photos"], self.request.user
        scanned = hashlib.sha256(pdf[1]).hexdigest() if pdf else ""
        content = {"paper": self.object.pk, "pdf": scanned, "photos": sorted(photo.source_sha256 for photo in photos)}

        def make() -> tuple[Document, str]:
            Scan.file_away(self.object, pdf=pdf, photos=photos, by=user)
            return self.object, self.object.number

        try:
            take_once(user=user, client_id=form.cleaned_data["client_id"], kind="scan", content=content, make=make)
        except ContentConflict:
            form.add_error(None, "这一页已经上传过一次,内容与现在的不同。要再加,请重新打开这一页。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, "签章件已归档。")
        return redirect(self.object.get_absolute_url())


class ScanFile(View):
    """The PDF of a signed copy, saved, never opened in place."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes."""
        scan = get_object_or_404(Scan.objects.for_user(request.user), pk=pk)
        with scan.file.open("rb") as stored:
            return pdf_response(stored.read(), scan.name, is_ours=False)
