"""Pages of checks: today's, filling, check-answers and submit, receipt."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from accounts.roles import ENTERPRISE_ROLES
from core.forms import parsed_uid
from core.images import PhotoRefused
from core.models import Attachment, MoveRefused, Submission
from core.submit import ContentConflict, take_once
from core.views import MoveView, RoleMixin, ScopedDetail, ScopedList
from duties.models import Occurrence, Sample
from enterprises.models import Membership
from enterprises.views.base import FileMixin
from hazards.due import missed_by, owed_by
from hazards.filters import CheckFilter
from hazards.forms import posted_answers
from hazards.models import Answer, Check
from hazards.models.checks import EVERY_FILLER, Incomplete
from hazards.sheet import PER_PAGE, Sheet

SHOWN = 10


class CheckList(ScopedList):
    """Checks of one's scope, newest first; above them what is owed now."""

    model = Check
    title = "检查"
    filterset_class = CheckFilter
    template_name = "hazards/check_list.html"
    empty_text = "还没有检查记录。"
    empty_hint = "班组每天、部门每周、厂长每月各检查一次;开始填写后就会出现在这里。"
    columns = (
        ("企业", lambda c: c.enterprise.name),
        ("部门班组", lambda c: c.unit.name),
        ("检查表", lambda c: c.title),
        ("周期开始", lambda c: c.window_start),
        ("周期结束", lambda c: c.window_end),
        ("状态", lambda c: c.state_label),
        ("已填", lambda c: c.answered),
        ("应填", lambda c: c.version_used.item_count),
        ("不合格", lambda c: c.failed),
        ("填写人", lambda c: c.holder.name),
        ("提交时间", lambda c: c.submitted_at),
        ("回执号", lambda c: c.receipt),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what is owed now, what was missed, and what was missed below."""
        user = self.request.user
        return super().get_context_data(
            owed=owed_by(user, timezone.now()),
            missed=missed_by(user)[:SHOWN],
            climbed=[] if user.is_town else Occurrence.objects.climbed_to(user).for_list()[:SHOWN],
            **kwargs,
        )


class EnterpriseChecks(FileMixin, CheckList):
    """A tab of the enterprise's file: its checks."""

    template_name = "hazards/enterprise_checks.html"

    def get_queryset(self) -> Any:
        """Of this enterprise only."""
        return super().get_queryset().filter(enterprise=self.enterprise)


class CheckOpen(RoleMixin, View):
    """Begin, or find, the check of one occurrence: its window is running, or it was missed and is done late."""

    roles = EVERY_FILLER
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """To the sheet. Pressed twice, it is the same check."""
        rows = Occurrence.objects.for_user(request.user).select_related("enterprise", "unit", "plan__duty", "responsible")
        occurrence = get_object_or_404(rows, pk=_number(request.POST.get("occurrence")))
        check = Check.start(occurrence=occurrence, by=request.user, on=timezone.localdate())
        return redirect("check_fill" if check.state == Check.State.OPEN and check.holder == request.user else "check_detail", pk=check.pk)


class CheckDetail(ScopedDetail):
    """A check as it stands: results, hazards, receipt, story."""

    model = Check
    template_name = "hazards/check_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return (
            super()
            .get_queryset()
            .select_related("enterprise", "unit", "holder", "submitted_by", "version_used__checklist", "occurrence__plan__duty")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the sheet, all pages at once."""
        sheet = Sheet(self.object)
        can_fill = self.object.state == Check.State.OPEN and self.object.holder == self.request.user and not self.object.is_exempt
        people = list(self.object.participants.all())
        sections = sheet.on_page(range(sheet.total))
        context = super().get_context_data(sheet=sheet, sections=sections, can_fill=can_fill, participants=people, **kwargs)
        context["offers"] = [offer for offer in context["offers"] if offer.name != "submit"]
        return context


class SheetView(RoleMixin, View):
    """What the filling pages share: who may open them, and the check within scope."""

    roles = ENTERPRISE_ROLES

    def check_row(self, pk: int) -> Check:
        """The check, or 404."""
        rows = Check.objects.for_user(self.request.user).select_related(
            "enterprise", "unit", "holder", "version_used__checklist", "occurrence__plan__duty", "occurrence__unit"
        )
        return get_object_or_404(rows, pk=pk)


class CheckFill(SheetView):
    """One page of the sheet; every answer is saved at once, by htmx or by the page's own button."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page asked for, or the first with an unanswered item."""
        check = self.check_row(pk)
        if check.state != Check.State.OPEN or check.holder != request.user or check.is_exempt:
            return redirect("check_detail", pk=pk)
        sheet = Sheet(check)
        return self.page(sheet, self.wanted(sheet))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Save what was sent; 422 with what is wrong, the rest saved."""
        check = self.check_row(pk)
        given, problems = posted_answers(request.POST, range(len(check.items)))
        problems |= self.take_files(given)
        newer = check.save_answers(given, by=request.user)
        typed = {p: g for p, g in given.items() if p in problems or p in newer}
        typed |= {p: _typed(request.POST, p) for p in problems if p not in given}
        sheet = Sheet(check, typed=typed, problems=problems)
        sheet.newer = newer
        status = 422 if problems else 409 if newer else 200
        if request.htmx:
            context = {"sheet": sheet, "check": check, "now": timezone.localtime(), "positions": list(given), "problems": problems}
            return TemplateResponse(request, "hazards/_saved.html", context, status=status)
        if status != 200:
            return self.page(sheet, self.wanted(sheet), status=status)
        go = request.POST.get("go", "")
        if go == "review":
            return redirect("check_review", pk=pk)
        return redirect(f"{reverse('check_fill', args=[pk])}?page={_number(go) or self.wanted(sheet)}")

    def take_files(self, given: dict[int, dict[str, Any]]) -> dict[int, str]:
        """Photos sent with the page itself (no JavaScript) become uploads of their items."""
        problems: dict[int, str] = {}
        for position, answer in given.items():
            for file in self.request.FILES.getlist(f"p-{position}"):
                try:
                    answer.setdefault("photos", []).append(str(Attachment.take_in(file, by=self.request.user).uid))
                except PhotoRefused as refused:
                    problems[position] = str(refused)
        return problems

    def wanted(self, sheet: Sheet) -> int:
        """The page number of the URL, within bounds."""
        asked = _number(self.request.GET.get("page"))
        return min(asked, sheet.pages) if asked else sheet.next_open_page()

    def page(self, sheet: Sheet, number: int, *, status: int = 200) -> HttpResponse:
        """The page."""
        context = {
            "check": sheet.check,
            "sheet": sheet,
            "sections": sheet.on_page(sheet.positions(number)),
            "number": number,
            "next": number + 1 if number < sheet.pages else None,
            "previous": number - 1 if number > 1 else None,
            **sheet.choices(),
        }
        return TemplateResponse(self.request, "hazards/check_fill.html", context, status=status)


class CheckReview(SheetView):
    """Check answers, then submit once: the same id and content get the same receipt, other content is kept (409)."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All answers, with what is missing."""
        check = self.check_row(pk)
        if check.state != Check.State.OPEN or check.holder != request.user:
            return redirect("check_detail", pk=pk)
        return self.page(check, check.problems())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take it in."""
        check = self.check_row(pk)
        given, problems = posted_answers(request.POST, range(len(check.items)))
        client_id = parsed_uid(request.POST.get("client_id", ""))
        if client_id is None or problems:
            return self.unfinished(check, given, problems)
        content = {str(p): {k: v for k, v in answer.items() if k != "seen"} for p, answer in given.items()}
        today = timezone.localdate()

        def make() -> tuple[Check, str]:
            return check, check.submit(by=request.user, on=today, content=given, participants=self.participants(check))

        try:
            take_once(user=request.user, client_id=client_id, kind="check", content=content, make=make)
        except Incomplete as incomplete:
            return self.unfinished(check, given, incomplete.problems)
        except ContentConflict as conflict:
            return self.conflict(check, conflict.submission, conflict.variant.content)
        except MoveRefused as refused:
            return self.late(check, content, given, refused)
        return redirect("check_detail", pk=pk)

    def participants(self, check: Check) -> list[Any]:
        """Who was ticked as taking part, among the firm's people."""
        asked = [int(text) for text in self.request.POST.getlist("participant") if _number(text)]
        return [held.user for held in self.staff(check) if held.user_id in asked]

    def staff(self, check: Check) -> list[Membership]:
        """The firm's people, each once."""
        held = Membership.objects.current().filter(enterprise=check.enterprise)
        return list({m.user_id: m for m in held}.values())

    def unfinished(self, check: Check, given: dict[int, dict[str, Any]], problems: dict[int, str]) -> HttpResponse:
        """Keep the answers, show what is missing."""
        check.refresh_from_db()
        check.save_answers(given, by=self.request.user)
        return self.page(check, problems or check.problems(), status=422)

    def late(self, check: Check, content: dict[str, Any], given: dict[int, dict[str, Any]], refused: MoveRefused) -> HttpResponse:
        """The check was submitted meanwhile: the same content is the same receipt, other content is kept beside it.

        Refused while it is still open and one's own (samples, people): the page again, the answers kept.
        """
        first = Submission.first_of(check)
        if first is None:
            check.refresh_from_db()
            if check.state != Check.State.OPEN or check.holder != self.request.user:
                raise refused
            check.save_answers(given, by=self.request.user)
            return self.page(check, {}, status=422, refused=refused)
        if first.same(content):
            return redirect("check_detail", pk=check.pk)
        with transaction.atomic():
            first.keep_variant(content)
        return self.conflict(check, first, content)

    def conflict(self, check: Check, first: Submission, second: dict[str, Any]) -> HttpResponse:
        """Both contents, item by item; the person chooses."""
        check.refresh_from_db()
        lines = [
            {
                "item": item,
                "number": position + 1,
                "first": _words(first.content.get(str(position))),
                "second": _words(second.get(str(position))),
            }
            for position, item in enumerate(check.items)
            if first.content.get(str(position)) != second.get(str(position))
        ]
        context = {"check": check, "lines": lines, "submission": first, "can_correct": not check.guard_correct(self.request.user)}
        return TemplateResponse(self.request, "hazards/check_conflict.html", context, status=409)

    def page(self, check: Check, problems: dict[int, str], *, status: int = 200, refused: MoveRefused | None = None) -> HttpResponse:
        """The check-answers page."""
        sheet = Sheet(check, problems=problems)
        user = self.request.user
        upper = check.occurrence
        missing = [(p + 1, check.items[p]["name"], text, p // PER_PAGE + 1) for p, text in sorted(problems.items())]
        context = {
            "check": check,
            "sheet": sheet,
            "sections": sheet.on_page(range(sheet.total)),
            "missing": missing,
            "client_id": parsed_uid(self.request.POST.get("client_id", "")) or uuid.uuid4(),
            "refused": refused or check.guard_submit(user),
            "samples": Sample.draw(upper, by=user) if upper else [],
            "climbed": Occurrence.objects.climbing().under(upper).for_list()[:SHOWN] if upper else [],
            "staff": self.staff(check) if check.is_plants else [],
            "ticked": self.request.POST.getlist("participant"),
        }
        return TemplateResponse(self.request, "hazards/check_review.html", context, status=status)


class CheckMove(MoveView):
    """Hand over, or use the content that came second."""

    model = Check

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Submitting has its own page."""
        if kwargs["name"] == "submit" and Check.objects.for_user(request.user).filter(pk=kwargs["pk"]).exists():
            return redirect("check_review", pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)


def _number(text: Any) -> int:
    """A positive number, or 0."""
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 12 else 0


def _typed(data: Any, position: int) -> dict[str, Any]:
    """What was typed for an item that could not be saved, to be shown again."""
    keys = {"result": "a", "note": "n", "level": "l", "due_on": "d"}
    return {name: data.get(f"{key}-{position}", "") for name, key in keys.items()}


def _words(given: dict[str, Any] | None) -> str:
    """An answer as a person reads it."""
    if given is None:
        return "没有填"
    label = Answer.Result(given["result"]).label
    return f"{label}:{given['note']}" if given.get("note") else str(label)
