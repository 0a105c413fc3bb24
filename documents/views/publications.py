"""Pages of publications inside the town: list, draft with its masking, detail, moves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView

from accounts.roles import WHOLE_TOWN
from core.models import Event, MoveRefused
from core.models.submissions import digest
from core.submit import ContentConflict, take_once
from core.views import MoveView, RoleMixin, ScopedDetail, ScopedList
from core.views.base import FormMixin422
from documents.filters_publications import PublicationFilter
from documents.forms_publications import CorrectionForm, DraftForm, TextsForm
from documents.masking import compare, propose
from documents.models import Document, Publication
from documents.models.publication import CHECKERS, DRAFTERS
from enterprises.models import Enterprise


class PublicationList(ScopedList):
    """What was, is and will be public, newest first."""

    model = Publication
    roles = WHOLE_TOWN
    title = "公示"
    filterset_class = PublicationFilter
    template_name = "documents/publication_list.html"
    empty_text = "没有符合条件的公示。"
    empty_hint = "在文书页面按“拟公示”,或在这里新拟一条;另一个人审核后才能发布。"
    columns = (
        ("公示号", lambda p: p.number or ""),
        ("种类", lambda p: p.get_kind_display()),
        ("标题", lambda p: p.title),
        ("当事人", lambda p: p.party),
        ("文书", lambda p: p.document.number if p.document else ""),
        ("状态", lambda p: p.state_label),
        ("公示期限", lambda p: p.due_on),
        ("是否逾期", lambda p: p.is_late),
        ("拟稿人", lambda p: p.drafted_by.name),
        ("审核人", lambda p: p.reviewed_by.name if p.reviewed_by else ""),
        ("公示日期", lambda p: p.published_on),
        ("公示到", lambda p: p.expires_on),
        ("撤下日期", lambda p: p.withdrawn_on),
        ("撤下说明", lambda p: p.explanation),
        ("检查日期", lambda p: p.inspected_on),
        ("更正的公示", lambda p: p.corrects.number if p.corrects else ""),
        ("已由更正", lambda p: "、".join(one.number or "" for one in p.published_corrections)),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may draft, and whether he checks others' drafts."""
        role = self.request.user.role
        return super().get_context_data(can_draft=role in DRAFTERS, can_check=role in CHECKERS, **kwargs)


class PublicationDetail(ScopedDetail):
    """A publication: both texts side by side, facts, moves, story."""

    model = Publication
    roles = WHOLE_TOWN
    template_name = "documents/publication_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("enterprise", "document__kind", "drafted_by", "reviewed_by", "corrects")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the comparison, why it came back, why it cannot be published yet, and its corrections, drafts too."""
        row, user = self.object, self.request.user
        back = Event.objects.of(row).filter(move="send_back").select_related("by").last() if row.is_returned else None
        blocked = row.guard_publish(user) if row.state == Publication.State.REVIEWED else ""
        about: dict[str, Any] = {"returned": back, "blocked": blocked, "corrections": row.corrections.order_by("pk")}
        can_correct = user.role in DRAFTERS and row.is_corrigible
        return super().get_context_data(lines=compare(row.original, row.body), can_correct=can_correct, **about, **kwargs)


class Masking:
    """The button 生成遮盖稿: the page again, with the public text proposed from the original; nothing is saved."""

    request: HttpRequest

    def with_proposal(self, form: Any, enterprise: Enterprise | None) -> Any:
        """The form filled with what was posted and the proposal as its public text; unbound, so that it complains of nothing yet."""
        original = self.request.POST.get("original", "")
        form.initial = self.request.POST.dict() | {"body": propose(original, names_of(enterprise))}
        return form


def names_of(enterprise: Enterprise | None) -> set[str]:
    """The persons of a firm, whose names a text about it may hold."""
    if enterprise is None:
        return set()
    people: Any = enterprise.key_people.values_list("name", flat=True)  # type: ignore[attr-defined]
    members: Any = enterprise.memberships.values_list("user__name", flat=True)  # type: ignore[attr-defined]
    return {*people, *members}


class PublicationMove(Masking, MoveView):
    """One move of a publication; the moves that look at the text show it."""

    model = Publication
    WITH_TEXT = ("revise", "review", "publish", "send_back")

    def get_queryset(self) -> Any:
        """With what its guards look at."""
        return super().get_queryset().select_related("enterprise", "document__kind", "drafted_by")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the move, or propose the masking."""
        if self.name != "revise" or "propose" not in request.POST:
            return super().post(request, *args, **kwargs)
        return self.page(self.with_proposal(self.form(), self.object.enterprise))

    def page(self, form: forms.Form, *, status: int = 200, refused: MoveRefused | None = None) -> HttpResponse:
        """The move's page, with both texts."""
        answer = super().page(form, status=status, refused=refused)
        if self.name in self.WITH_TEXT:
            answer.template_name = "documents/publication_move.html"
            original, body = (
                (form["original"].value(), form["body"].value()) if self.name == "revise" else (self.object.original, self.object.body)
            )
            answer.context_data |= {"lines": compare(original or "", body or ""), "is_revision": self.name == "revise"}
        return answer


class PublicationCreate(Masking, FormMixin422, RoleMixin, FormView):
    """A draft: from a paper (`?document=`), about an enterprise (`?enterprise=`), or of its own; once however often it is sent."""

    roles = DRAFTERS
    form_class: type[TextsForm] = DraftForm
    template_name = "documents/publication_form.html"

    @cached_property
    def document(self) -> Document | None:
        """The paper named by the URL, within the user's scope."""
        return self._named("document", Document.objects.for_user(self.request.user).select_related("kind", "enterprise"))

    @cached_property
    def enterprise(self) -> Enterprise | None:
        """The paper's enterprise, or the one named by the URL."""
        if self.document:
            return self.document.enterprise
        return self._named("enterprise", Enterprise.objects.for_user(self.request.user))

    def _named(self, name: str, rows: models.QuerySet[Any]) -> Any:
        text = self.request.GET.get(name, "")
        return get_object_or_404(rows, pk=text if text.isdecimal() and len(text) < 16 else 0) if text else None

    def get_initial(self) -> dict[str, Any]:
        """From the paper: its title, day, and the text its kind is published by, when there is a template for it."""
        initial: dict[str, Any] = {"party": self.enterprise.name if self.enterprise else ""}
        if self.document:
            original = original_of(self.document)
            initial |= {"title": self.document.title, "starts_on": self.document.issued_on, "original": original}
            initial["body"] = propose(original, names_of(self.enterprise))
        return initial

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the draft, or propose the masking."""
        if "propose" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.with_proposal(self.form_class(user=request.user), self.enterprise)
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds both texts side by side."""
        context = super().get_context_data(document=self.document, enterprise=self.enterprise, **kwargs)
        form = context["form"]
        return context | {"lines": compare(form["original"].value() or "", form["body"].value() or "")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Make the draft; of what was sent only a digest is kept, the original is personal."""
        facts = {**form.cleaned_data}
        client_id = facts.pop("client_id")

        def make() -> tuple[Publication, str]:
            row = self.draft(**facts)
            return row, f"GS{row.pk}"

        content = {"digest": digest({**facts, "about": self.about()})}
        try:
            taken = take_once(user=self.request.user, client_id=client_id, kind="publication", content=content, make=make)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.form_invalid(form)
        except ContentConflict as conflict:
            form.add_error(None, f"这份草稿已收到(回执 {conflict.submission.receipt}),内容与现在填写的不同。要改请打开那一份修改。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, "草稿已保存,请另一个人审核。")
        return redirect("publication_detail", pk=taken.subject_pk)

    def about(self) -> list[str]:
        """What it is about, for the digest of what was sent."""
        return [str(row.pk) if row else "" for row in (self.document, self.enterprise)]

    def draft(self, **facts: Any) -> Publication:
        """The draft itself."""
        about = {"document": self.document, "enterprise": self.enterprise}
        return Publication.draft(by=self.request.user, on=timezone.localdate(), **about, **facts)


class PublicationCorrect(PublicationCreate):
    """A draft that corrects what is public; once however often it is sent."""

    form_class = CorrectionForm

    @cached_property
    def corrected(self) -> Publication:
        """The one of the address, within the user's scope."""
        rows = Publication.objects.for_user(self.request.user).select_related("document__kind", "enterprise")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def document(self) -> Document | None:
        """The paper it rests on."""
        return self.corrected.document

    @cached_property
    def enterprise(self) -> Enterprise | None:
        """The firm it is about."""
        return self.corrected.enterprise

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or back with the reason why not."""
        if not self.corrected.is_corrigible:
            messages.error(request, "这条公示没有发布、已到期,或已有一条更正,不能再拟更正。")
            return redirect(self.corrected)
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """As it stands; what is wrong in it is put right here."""
        return {name: getattr(self.corrected, name) for name in ("title", "party", "original", "body")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what is corrected."""
        return super().get_context_data(corrected=self.corrected, **kwargs)

    def about(self) -> list[str]:
        """What is corrected."""
        return [f"corrects {self.corrected.pk}"]

    def draft(self, **facts: Any) -> Publication:
        """The correction."""
        return self.corrected.correct(by=self.request.user, on=timezone.localdate(), **facts)


def original_of(document: Document) -> str:
    """The text a kind of paper is published by, from its frozen facts: `publications/<code>.txt`; "" without such a template."""
    try:
        template = get_template(f"publications/{document.kind.code.lower()}.txt")
    except TemplateDoesNotExist:
        return ""
    return template.render({"document": document, "facts": document.facts}).strip()
