"""Pages that draft what a visit leads to: an order, an on-site measure, a transfer."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import FormView

from core.models import MoveRefused, Stateful
from core.pdf import PaperRefused
from core.submit import ContentConflict, take_once
from core.views import RoleMixin
from core.views.base import FormMixin422
from documents.models import Document
from documents.views.files import pdf_response
from inspections.documents_orders import order_facts
from inspections.forms.drafts import MeasureForm, OrderForm, TransferForm
from inspections.models import Inspection, OnsiteMeasure, Order, Transfer, machine
from inspections.models.powers import not_the_towns, town_may_order

CONFLICT = "这一页已经提交过一次,内容与现在填写的不同。要另拟一份,请重新打开这一页。"


class Draft(FormMixin422, RoleMixin, FormView):
    """The base: a form under a recorded visit whose row is made once, however often it is sent."""

    roles = machine.INSPECTOR
    kind: ClassVar[str] = ""
    label: ClassVar[str] = ""

    @cached_property
    def visit(self) -> Inspection:
        """The visit of the URL, within the user's scope."""
        rows = Inspection.objects.for_user(self.request.user).select_related("enterprise__area", "enterprise__sector")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or the visit with the reason why not."""
        if self.visit.state not in machine.AFTER:
            messages.error(request, f"现在是“{self.visit.state_label}”,检查记录签完、办结以前才能{self.label}。")
            return redirect(self.visit.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The visit."""
        return {**super().get_form_kwargs(), "visit": self.visit}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the visit."""
        return super().get_context_data(visit=self.visit, **kwargs)

    def draft(self, form: Any) -> Stateful:
        """The row, made by its model."""
        raise NotImplementedError

    def facts(self, form: Any) -> dict[str, Any]:
        """What is drafted, as the model's arguments."""
        told = {name: value for name, value in form.cleaned_data.items() if name != "client_id"}
        return {**told, "by": self.request.user, "on": timezone.localdate()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The row; a second sending goes to what the first one made."""
        form = self.get_form()
        before = form.received(self.kind)
        if before is not None:
            return self.shown(before.subject_pk) if before.same(form.content()) else self.conflict(form)
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def shown(self, pk: Any) -> HttpResponse:
        """To the row's page."""
        return redirect(reverse(f"{self.kind}_detail", args=[pk]))

    def conflict(self, form: Any) -> HttpResponse:
        """The page again, with what is written there now."""
        form.full_clean()
        form.add_error(None, CONFLICT)
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def form_valid(self, form: Any) -> HttpResponse:
        """To the row; what the law refuses comes back with its sentence."""

        def make() -> tuple[models.Model, str]:
            if self.visit.state not in machine.AFTER:
                raise MoveRefused(f"现在是“{self.visit.state_label}”,不能{self.label}。")
            row = self.draft(form)
            return row, str(getattr(row, "number", row.pk))

        asked = {"client_id": form.cleaned_data["client_id"], "content": form.content()}
        try:
            taken = take_once(user=self.request.user, kind=self.kind, make=make, **asked)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.form_invalid(form)
        except ContentConflict:
            return self.conflict(form)
        return self.shown(taken.subject_pk)


class OrderNew(Draft):
    """An order to correct: problems, requirements, a day; with `?previous=` what a failed order left undone."""

    kind, label = "order", "拟制责令整改指令"
    form_class = OrderForm
    template_name = "inspections/order_new.html"

    @cached_property
    def previous(self) -> Order | None:
        """The failed order of this visit that is taken up again."""
        named = self.request.GET.get("previous", "")
        if not named:
            return None
        rows = Order.objects.for_user(self.request.user).filter(inspection=self.visit)
        return get_object_or_404(rows, pk=named if named.isdecimal() and len(named) < 16 else 0)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The order before."""
        return {**super().get_form_kwargs(), "previous": self.previous}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the order before, and what the town may not order."""
        findings = self.visit.findings.orderable(self.previous).select_related("item__point").order_by("number")  # type: ignore[attr-defined]
        return super().get_context_data(previous=self.previous, powerless=not_the_towns(timezone.localdate(), findings), **kwargs)

    def draft(self, form: OrderForm) -> Order:
        """The order."""
        return Order.draft(self.visit, previous=self.previous, **self.facts(form))

    def form_valid(self, form: OrderForm) -> HttpResponse:
        """The preview of its paper, or the order."""
        return self.preview(form) if "preview" in self.request.POST else super().form_valid(form)

    def preview(self, form: OrderForm) -> HttpResponse:
        """The paper as it would be, kept nowhere: the draft is made, read, and rolled back."""
        today = timezone.localdate()
        try:
            with transaction.atomic():
                facts = order_facts(self.draft(form), today)
                transaction.set_rollback(True)
            named: dict[str, Any] = {"enterprise": self.visit.enterprise, "organ": town_may_order(today, form.cleaned_data["findings"])}
            paper = Document.draft("ORDER_RECTIFY", facts=facts, by=self.request.user, on=today, **named)
            return pdf_response(paper.preview(), f"预览 {paper.file_name}")
        except (MoveRefused, PaperRefused) as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)


class MeasureNew(Draft):
    """An on-site measure; what is coercion is refused with its rule and the way to a transfer."""

    kind, label = "measure", "拟制现场处理措施"
    form_class = MeasureForm
    template_name = "inspections/measure_new.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether a coercive kind was asked for."""
        return super().get_context_data(coercive=self.request.POST.get("kind") in OnsiteMeasure.COERCIVE, **kwargs)

    def draft(self, form: MeasureForm) -> OnsiteMeasure:
        """The measure."""
        return OnsiteMeasure.draft(self.visit, **self.facts(form))


class TransferNew(Draft):
    """A transfer to who may act."""

    kind, label = "transfer", "拟制移送"
    form_class = TransferForm
    template_name = "inspections/transfer_new.html"

    def draft(self, form: TransferForm) -> Transfer:
        """The transfer."""
        return Transfer.draft(self.visit, **self.facts(form))
