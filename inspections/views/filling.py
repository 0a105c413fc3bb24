"""Pages of a visit on the spot: filling in its items, adding one, the check-answers page with both signatures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.generic import FormView, View

from core.images import PhotoRefused
from core.models import Attachment, MoveRefused
from core.submit import ContentConflict, take_once
from core.views import RoleMixin
from core.views.base import FormMixin422
from inspections.forms.answers import fresh_uploads, posted_items, typed
from inspections.forms.visit import AddItemForm, CountersignForm, RecordForm
from inspections.models import Inspection, machine
from inspections.models.visit import Incomplete
from inspections.sheet import Sheet, items_of

RELATED = ("enterprise", "department", "order__document", "planned_by")


class OnTheSpot(RoleMixin):
    """A page of a visit under way, for its officers; everybody else is led to the visit's page."""

    roles = machine.OFFICERS
    kwargs: dict[str, Any]

    @property
    def visit(self) -> Inspection:
        """The visit of the URL, within the user's scope."""
        if not hasattr(self, "_visit"):
            rows = Inspection.objects.for_user(self.request.user).select_related(*RELATED).prefetch_related("officers__user", "parties")
            self._visit = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._visit

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Reading is for its officers while it goes on; a POST that comes too late is told so by the verb."""
        self.kwargs = kwargs
        may_open = request.user.role in self.roles
        if may_open and request.method == "GET" and not self.is_open():
            return redirect(self.visit)
        return super().dispatch(request, *args, **kwargs)

    def is_open(self) -> bool:
        """Under way, and this person is one of its officers."""
        return self.visit.state == machine.State.IN_PROGRESS and self.visit.officer_of(self.request.user) is not None


class InspectionFill(OnTheSpot, View):
    """All items by section; every tap is saved at once, by htmx or by the page's own button."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page."""
        return self.page(Sheet(self.visit, by=request.user))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Save what was touched; 422 with what is wrong, 409 with both answers where another officer was faster."""
        items = {item.position: item for item in items_of(self.visit)}
        given, problems = posted_items(request.POST, items, fresh=fresh_uploads(request.POST, items, request.user))
        problems |= self.take_files(given, {position: item for position, item in items.items() if position not in problems})
        newer = self.visit.save_items(given, by=request.user) if given else {}
        kept = {p: typed(request.POST, p, items[p]) for p in {*problems, *newer}}
        sheet = Sheet(self.visit, by=request.user, typed=kept, problems=problems, newer=newer)
        status = 422 if problems else 409 if newer else 200
        if request.htmx:
            return self.saved(sheet, given, status)
        if status != 200:
            return self.page(sheet, status=status)
        if request.POST.get("go") == "sign":
            return redirect("inspection_sign", pk=pk)
        messages.success(request, f"已保存 {timezone.localtime():%H:%M}。")
        return redirect("inspection_fill", pk=pk)

    def saved(self, sheet: Sheet, given: dict[int, dict[str, Any]], status: int) -> HttpResponse:
        """What changed on the page: progress, versions of what was written here, whole items that were written elsewhere."""
        wrong = {*sheet.problems, *sheet.newer}
        mine = [row for row in sheet.rows if row.position in given and row.position not in wrong]
        there = [row for row in sheet.rows if row.position not in {*given, *wrong} and f"s-{row.position}" in self.request.POST]
        moved = [row for row in there if self.request.POST[f"s-{row.position}"] != str(row.item.version)]
        added = [row for row in sheet.rows if f"s-{row.position}" not in self.request.POST]
        conflicts = [row for row in sheet.rows if row.newer]
        context = {"sheet": sheet, "visit": self.visit, "mine": mine, "fresh": moved, "added": added, "conflicts": conflicts}
        context |= {"now": timezone.localtime(), "oob": True, **sheet.choices()}
        return TemplateResponse(self.request, "inspections/_saved.html", context, status=status)

    def take_files(self, given: dict[int, dict[str, Any]], items: Any) -> dict[int, str]:
        """Photos sent with the page itself (no JavaScript) become uploads of their items."""
        problems: dict[int, str] = {}
        for position, item in items.items():
            for key, name in (("p", "photos"), ("q", "after_photos")):
                for file in self.request.FILES.getlist(f"{key}-{position}"):
                    answer = given.get(position) or {**typed(self.request.POST, position, item), "seen": item.version}
                    if answer.get("result") != "fail":
                        continue
                    try:
                        answer.setdefault(name, []).append(str(Attachment.take_in(file, by=self.request.user).uid))
                        given[position] = answer
                    except PhotoRefused as refused:
                        problems[position] = str(refused)
        return problems

    def page(self, sheet: Sheet, *, status: int = 200) -> HttpResponse:
        """The page."""
        context = {"visit": self.visit, "sheet": sheet, "sections": sheet.sections, "signed": self.visit.record_signers, **sheet.choices()}
        if self.visit.order:
            context["firm_photos"] = after_photos(self.visit.order)
        return TemplateResponse(self.request, "inspections/inspection_fill.html", context, status=status)


def after_photos(order: Any) -> list[Attachment]:
    """What the firm showed with its newest application for a re-check."""
    files = [file for file in Attachment.objects.of(order) if file.purpose.startswith("after")]
    return [file for file in files if file.purpose == files[-1].purpose]


class InspectionItemAdd(OnTheSpot, FormMixin422, FormView):
    """One more item, once however often it is sent."""

    form_class = AddItemForm
    template_name = "inspections/inspection_item_add.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the visit."""
        return {**super().get_form_kwargs(), "instance": self.visit}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the visit."""
        return super().get_context_data(visit=self.visit, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Add it, and go to it."""
        facts = {**form.cleaned_data}
        client_id, point = facts.pop("client_id"), facts["point"]
        content = {**facts, "point": point.pk if point else None, "visit": self.visit.pk}

        def make() -> tuple[Inspection, str]:
            item = self.visit.add_item(by=self.request.user, on=timezone.localdate(), **facts)
            return self.visit, str(item.position)

        try:
            taken = take_once(user=self.request.user, client_id=client_id, kind="inspection_item", content=content, make=make)
        except ContentConflict:
            form.add_error(None, "这张表已经加过一项,内容与现在填写的不同。要再加一项,请重新打开这一页。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        except MoveRefused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        return redirect(f"{self.fill_url()}#item-{taken.receipt}")

    def fill_url(self) -> str:
        """Where it is filled in."""
        return str(redirect("inspection_fill", pk=self.visit.pk).url)


class InspectionSign(OnTheSpot, View):
    """Check answers; the first officer signs with the firm's person, the second countersigns the same words. Each is taken once."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is to be signed."""
        return self.page(self.new_form())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Sign, or countersign."""
        is_second = request.POST.get("step") == "countersign"
        form: Any = (CountersignForm if is_second else RecordForm)(request.POST, request.FILES, user=request.user)
        if not form.is_valid():
            return self.page(form, status=422)
        data = {**form.cleaned_data}
        client_id, version = data.pop("client_id"), data.pop("version")
        content = {"visit": self.visit.pk, "step": "countersign" if is_second else "sign", **data}
        if not is_second:
            content["signature"] = sorted(file.source_sha256 for file in data["signature"])

        def make() -> tuple[Inspection, str]:
            if version != self.visit.version:
                raise MoveRefused(f"在您核对的时候,检查记录又有改动,还没有签名。{newest_words(self.visit)}下面是现在的内容,请重新核对。")
            verb = self.visit.record if is_second else self.visit.sign_record
            verb(by=request.user, on=timezone.localdate(), **data)
            return self.visit, f"{self.visit.number}-{'2' if is_second else '1'}"

        try:
            taken = take_once(user=request.user, client_id=client_id, kind="inspection_record", content=content, make=make)
        except Incomplete:
            return self.page(form, status=422)
        except ContentConflict as conflict:
            words = f"这份记录已经签过(回执 {conflict.submission.receipt}),内容与现在填写的不同。这一次的没有保存。"
            return self.page(form, status=409, refused=MoveRefused(words))
        except MoveRefused as refused:
            return self.page(form, status=409, refused=refused)
        words = "两名检查人员都已签名,检查记录完成。" if is_second else "您已签名。请另一名检查人员在自己的手机上会签。"
        messages.success(request, f"{words}回执号 {taken.receipt}。")
        return redirect("inspection_detail" if is_second else "inspection_sign", pk=pk)

    def new_form(self) -> Any:
        """The first signature's form, with what was said of the firm's person before; or the second's."""
        if self.visit.record_signers:
            return CountersignForm(user=self.request.user, initial={"version": self.visit.version})
        names = ("party_name", "party_post", "party_phone", "party_opinion", "version")
        return RecordForm(user=self.request.user, initial={name: getattr(self.visit, name) for name in names})

    def page(self, form: Any, *, status: int = 200, refused: MoveRefused | None = None) -> HttpResponse:
        """The check-answers page as the record stands now."""
        visit, user = self.visit, self.request.user
        visit.refresh_from_db()
        sheet, signers = Sheet(visit, by=user), visit.record_signers
        problems = visit.problems() if visit.state == machine.State.IN_PROGRESS else {}
        kept: list[tuple[str, str]] = []
        if signers and isinstance(form, RecordForm):
            kept = [(bound.label, bound.value()) for bound in form if bound.name in RecordForm.WORDS and bound.value()]
            form = self.new_form()
        elif form.is_bound:
            form.data = form.data.copy()
            form.data["version"] = visit.version
        context = {
            "visit": visit,
            "sheet": sheet,
            "sections": sheet.sections,
            "missing": [(row.item.number, row.item.name, problems[row.position]) for row in sheet.rows if row.position in problems],
            "signers": signers,
            "has_signed": user in signers,
            "is_second": isinstance(form, CountersignForm),
            "form": form,
            "refused": refused,
            "kept": kept,
            "signature": signature_of(visit),
        }
        return TemplateResponse(self.request, "inspections/inspection_sign.html", context, status=status)


def newest_words(visit: Inspection) -> str:
    """Who wrote in this record last, and when, as a sentence; "" when nobody has."""
    newest = visit.items.exclude(by=None).select_related("by").order_by("at").last()
    return f"最后填写的是 {newest.by.name}({timezone.localtime(newest.at):%H:%M},第 {newest.number} 项)。" if newest else ""


def signature_of(visit: Inspection) -> list[Attachment]:
    """The firm's newest signature on this record."""
    files = [file for file in Attachment.objects.of(visit) if file.purpose.startswith("signature")]
    return [file for file in files if file.purpose == files[-1].purpose]
