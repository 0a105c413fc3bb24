"""The base of every issuing page: look at what will be printed, preview it, issue it once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import View

from core.models import Event, MoveRefused
from core.models.submissions import digest
from core.pdf import PaperRefused
from core.submit import ContentConflict, take_once
from core.views import RoleMixin
from documents.forms import IssueForm
from documents.models import Document, Organ
from documents.models.document import frozen
from documents.views.files import pdf_response


class FactsChanged(Exception):
    """What would be printed is no longer what the person looked at."""


class PaperView(RoleMixin, View):
    """Issue one kind of paper about one row (URL kwarg pk).

    A subclass names `kind` (DocumentKind.code), `model`, `roles`, writes `facts`, and may override the other hooks.
    GET shows what will be printed, `?preview=1` its PDF with a watermark and without number; POST issues it, once
    however often it is sent, and goes to the paper. Facts that changed since the person looked are shown again (409).
    `?replaces=PK` makes it the correction of that paper.
    """

    kind: ClassVar[str] = ""
    model: Any
    form_class: type[IssueForm] = IssueForm
    template_name = "documents/issue.html"
    button = "制发并编号"

    # -- What a subclass says

    def facts(self, subject: Any) -> dict[str, Any]:
        """Everything the paper prints, as words, numbers and dates; photos as {"pk", "sha256", "caption"}."""
        raise NotImplementedError

    def complete(self, facts: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """The facts together with what the person wrote into the form of this page."""
        return {**facts, **given}

    def printed(self, subject: Any, facts: dict[str, Any]) -> Any:
        """All that will be issued by this page: the facts; several papers' when it issues several."""
        return facts

    def answers(self, facts: dict[str, Any]) -> list[tuple[str, Any]]:
        """(label, value) lines of the check page; without them the page shows only the preview's button."""
        return []

    def problem(self, subject: Any) -> str:
        """Why it cannot be issued now, as a sentence; "" when it can."""
        return ""

    def get_queryset(self) -> Any:
        """The rows this person may see."""
        return self.model.objects.for_user(self.request.user)

    def enterprise(self, subject: Any) -> Any:
        """Whose paper it is."""
        return subject.enterprise

    def title(self, subject: Any) -> str:
        """The paper's title; "" for the kind's name."""
        return ""

    def audience(self, subject: Any) -> str:
        """Who may see it."""
        return Event.Audience.ALL

    def organ(self, subject: Any) -> Organ | None:
        """The bureau in whose name it is issued; None in one's own."""
        return None

    def initial(self, subject: Any) -> dict[str, Any]:
        """What the form of the page begins with."""
        return {}

    # -- What every issuing page does

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """404 outside the scope; 403 by role first."""
        self.args, self.kwargs = args, kwargs
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The check page, the preview, or the row's page with the reason why not."""
        subject = get_object_or_404(self.get_queryset(), pk=pk)
        old = self.old(subject, request.GET.get("replaces"))
        if sentence := self.problem(subject):
            messages.error(request, sentence)
            return redirect(subject.get_absolute_url())
        facts = self.facts(subject)
        given = self.initial(subject)
        if request.GET.get("preview"):
            return self.preview(subject, self.complete(facts, given))
        first = {**given, "seen": self.seen(subject, facts), "replaces": old.pk if old else None}
        return self.page(subject, facts, self.form_class(user=request.user, initial=first), old=old)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The paper, or the page again: 422 when the form is wrong, 409 when the facts changed or it is not the time."""
        subject = get_object_or_404(self.get_queryset(), pk=pk)
        form = self.form_class(request.POST, user=request.user)
        if not form.is_valid():
            return self.page(subject, self.facts(subject), form, status=422)
        if "preview" in request.POST:
            return self.preview(subject, self.complete(self.facts(subject), form.given()), form)
        old = self.old(subject, form.cleaned_data["replaces"], may_be_void=True)
        try:
            paper = self.issue_once(subject, form, old)
        except (FactsChanged, MoveRefused, ContentConflict) as refused:
            text = refused.message if isinstance(refused, MoveRefused) else CHANGED if isinstance(refused, FactsChanged) else CONFLICT
            return self.page(subject, self.facts(subject), form, status=409, refused=text, old=old)
        except PaperRefused as refused:
            form.add_error(None, str(refused))
            return self.page(subject, self.facts(subject), form, status=422, old=old)
        messages.success(request, f"已制发 {paper.number}。PDF 正在生成,稍后可以下载。")
        return redirect(paper.get_absolute_url())

    def issue_once(self, subject: Any, form: IssueForm, old: Document | None) -> Document:
        """Issue it exactly once for the form's client-made id."""
        data, given = form.cleaned_data, form.given()
        content = frozen({"kind": self.kind, "subject": subject.pk, "given": given, "seen": data["seen"], "replaces": data["replaces"]})

        def make() -> tuple[models.Model, str]:
            facts = self.facts(subject)
            if sentence := self.problem(subject):
                raise MoveRefused(sentence)
            if self.seen(subject, facts) != data["seen"]:
                raise FactsChanged
            paper = self.issue(subject, self.complete(facts, given), old)
            return paper, paper.number

        taken = take_once(user=self.request.user, client_id=data["client_id"], kind="paper", content=content, make=make)
        return Document.objects.for_user(self.request.user).get(pk=taken.subject_pk)

    def issue(self, subject: Any, facts: dict[str, Any], old: Document | None) -> Document:
        """The paper; a subclass may move the subject in the same transaction, before this."""
        return Document.issue(
            self.kind,
            subject=subject,
            enterprise=self.enterprise(subject),
            facts=facts,
            by=self.request.user,
            on=timezone.localdate(),
            title=self.title(subject),
            audience=self.audience(subject),
            replaces=old,
            organ=self.organ(subject),
        )

    def seen(self, subject: Any, facts: dict[str, Any]) -> str:
        """The digest of what the person looks at: everything printed, and in whose name."""
        organ = self.organ(subject)
        return digest(frozen({"printed": self.printed(subject, facts), "organ": organ.series if organ else ""}))

    def old(self, subject: Any, pk: Any, *, may_be_void: bool = False) -> Document | None:
        """The paper this one corrects: of the same kind about the same row, kept by this person. 404 for another."""
        if not pk:
            return None
        if not str(pk).isdecimal() or len(str(pk)) > 15:
            raise Http404
        rows = Document.objects.for_user(self.request.user).of(subject).filter(kind__code=self.kind)
        found = get_object_or_404(rows if may_be_void else rows.valid(), pk=pk)
        if not found.is_kept_by(self.request.user):
            raise PermissionDenied("只有制发单位的负责人员可以更正文书。")
        return found

    def preview(self, subject: Any, facts: dict[str, Any], form: Any = None) -> HttpResponse:
        """The PDF with its watermark, or the page with the reason why there is none."""
        draft = self.draft(subject, facts)
        try:
            return pdf_response(draft.preview(), f"预览 {draft.file_name}")
        except PaperRefused as refused:
            form = form or self.form_class(self.request.GET, user=self.request.user)
            form.full_clean()
            form.add_error(None, str(refused))
            return self.page(subject, self.facts(subject), form, status=422)

    def draft(self, subject: Any, facts: dict[str, Any]) -> Document:
        """The paper as it would be issued today."""
        named: dict[str, Any] = {"enterprise": self.enterprise(subject), "title": self.title(subject), "organ": self.organ(subject)}
        return Document.draft(self.kind, facts=facts, by=self.request.user, on=timezone.localdate(), **named)

    def page(
        self, subject: Any, facts: dict[str, Any], form: Any, *, status: int = 200, refused: str = "", old: Document | None = None
    ) -> HttpResponse:
        """The check page; `seen` is what this page shows, so that what is issued is what was looked at."""
        if form.is_bound:
            form.data = form.data.copy()
            form.data["seen"] = self.seen(subject, facts)
        context = {
            "object": subject,
            "draft": self.draft(subject, facts),
            "answers": self.answers(facts),
            "form": form,
            "refused": refused,
            "old": old,
            "earlier": Document.objects.for_user(self.request.user).of(subject).filter(kind__code=self.kind).valid(),
            "asks": bool(form.visible_fields()),
            "button": self.button,
        }
        return TemplateResponse(self.request, self.template_name, context, status=status)


CHANGED = "在您查看的时候,要印的内容变了,还没有制发。下面是现在的内容,请核对后再制发。"
CONFLICT = "这一页已经制发过一份,内容与现在填写的不同。要另制发一份,请重新打开这一页。"
