"""Pages of draws: the list, a new one, its course with who did what, its moves, every ticket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import DetailView, FormView

from core.models import Event, MoveRefused
from core.models.submissions import digest
from core.submit import ContentConflict, take_once
from core.views import MoveView, RoleMixin, ScopedDetail, ScopedList
from core.views.base import FormMixin422
from inspections.draw_course import course, running
from inspections.draw_tickets import Tickets, seats
from inspections.filters_draws import DrawFilter, TicketFilter
from inspections.forms.draws import ConfigureForm
from inspections.models import Draw, DrawObject, DrawPick, machine
from inspections.views.pools import READERS

SHOWN = 50
KEPT = ("csrfmiddlewaretoken", "client_id")


class DrawList(ScopedList):
    """Draws of one's scope, newest first."""

    model = Draw
    roles = READERS
    title = "双随机抽取"
    filterset_class = DrawFilter
    template_name = "inspections/draw_list.html"
    empty_text = "没有符合条件的抽取。"
    columns = (
        ("编号", lambda draw: draw.number),
        ("名称", lambda draw: draw.title),
        ("状态", lambda draw: draw.state_label),
        ("抽取单位", lambda draw: draw.organ_name),
        ("抽查对象库", lambda draw: draw.pool.name),
        ("抽取家数", lambda draw: draw.n),
        ("检查期间自", lambda draw: draw.visits_from),
        ("检查期间至", lambda draw: draw.visits_until),
        ("抽取时间", lambda draw: draw.drawn_at),
        ("检查完成日期", lambda draw: draw.results_in_on),
        ("公布期限", lambda draw: draw.publish_by_on),
        ("公布时间", lambda draw: draw.published_at),
    )

    @property
    def empty_hint(self) -> str:
        """What next."""
        may = self.request.user.role in machine.OFFICERS
        return "可以放宽上面的筛选条件,或点“组织抽取”。" if may else "抽取由执法人员和行业主管部门组织。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may configure one."""
        return super().get_context_data(can_configure=self.request.user.role in machine.OFFICERS, **kwargs)


class DrawNew(FormMixin422, RoleMixin, FormView):
    """Configure a draw: its commitment is public from now on; `?redraw_of=` makes it the redraw of a void one."""

    roles = machine.OFFICERS
    form_class = ConfigureForm
    template_name = "inspections/draw_new.html"

    @property
    def redraw_of(self) -> Draw | None:
        """The void draw of the address, within the user's scope; 404 for one that cannot be drawn anew."""
        named = self.request.GET.get("redraw_of", "")
        if not named:
            return None
        if not hasattr(self, "_redraw_of"):
            if not (named.isascii() and named.isdecimal() and len(named) < 16):
                raise Http404
            rows = Draw.objects.for_user(self.request.user).filter(state=Draw.State.VOIDED)
            self._redraw_of = get_object_or_404(rows, pk=named)
        return self._redraw_of

    def get_initial(self) -> dict[str, Any]:
        """Of a redraw what the void one asked for."""
        old = self.redraw_of
        if old is None:
            return {}
        names = ("title", "pool", "n", "officers_per_object", "max_per_officer", "visits_until", "public_event")
        return {name: getattr(old, name) for name in names}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the void one."""
        return {**super().get_form_kwargs(), "redraw_of": self.redraw_of}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the void one."""
        return super().get_context_data(redraw_of=self.redraw_of, **kwargs)

    def form_valid(self, form: ConfigureForm) -> HttpResponse:
        """Configure it once, however often it is sent."""
        user = self.request.user

        def make() -> tuple[Draw, str]:
            row = Draw.configure(by=user, on=timezone.localdate(), **form.facts())
            return row, row.number

        given = {name: values for name, values in self.request.POST.lists() if name not in KEPT}
        content = digest([self.redraw_of.pk if self.redraw_of else None, given])
        try:
            taken = take_once(user=user, client_id=form.cleaned_data["client_id"], kind="draw", content=content, make=make)
        except ContentConflict:
            return self.refuse(form, "这张表已经用别的内容提交过一次,这一次的内容没有保存。要另组织一次,请打开新的表再填。", 409)
        except MoveRefused as refused:
            return self.refuse(form, refused.message, 422)
        messages.success(self.request, f"已公布承诺,编号 {taken.receipt}。核对无误后请冻结名单。")
        return redirect("draw_detail", pk=taken.subject_pk)

    def refuse(self, form: ConfigureForm, sentence: str, status: int) -> HttpResponse:
        """The page again with the reason."""
        form.add_error(None, sentence)
        return self.render_to_response(self.get_context_data(form=form), status=status)


class DrawDetail(ScopedDetail):
    """One draw: its course, what is public at each step, drawn objects with officers and visits, changes, story, moves."""

    model = Draw
    roles = READERS
    template_name = "inspections/draw_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        related = ("department", "pool", "configured_by", "confirmed_by", "job", "redraw_of", "redrawn_as", "plan_item__plan")
        return super().get_queryset().select_related(*related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the course, the drawn objects, the changes, and what runs."""
        draw, user = self.object, self.request.user
        events = list(Event.objects.of(draw).visible_to(user).select_related("by"))
        picks = draw.picks.select_related("listed__enterprise", "inspection", "withdrawn_by").prefetch_related("seats__officer")
        changes = draw.changes.select_related("by", "approved_by", "refused_by").order_by("pk")
        page_obj = Paginator(picks.order_by("position"), SHOWN).get_page(self.request.GET.get("page"))
        shown = {"page_obj": page_obj, "changes": list(changes), "steps": course(draw, events), "visits": visits_of(draw)}
        can_redraw = draw.state == Draw.State.VOIDED and not hasattr(draw, "redrawn_as") and user.role in machine.OFFICERS
        return {**super().get_context_data(can_redraw=can_redraw, **shown, **running(draw), **kwargs), "events": events}


def visits_of(draw: Draw) -> dict[str, int]:
    """How many visits of the result in force there are, and how many are over."""
    states = list(draw.standing().exclude(inspection=None).values_list("inspection__state", flat=True))
    return {"total": len(states), "over": sum(state in (machine.State.CLOSED, machine.State.ABORTED) for state in states)}


class DrawMove(MoveView):
    """One move of a draw; the value entered, it is drawn at once."""

    model = Draw

    def get_queryset(self) -> Any:
        """With what its guards look at."""
        return super().get_queryset().select_related("pool", "department", "configured_by", "job")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the move; after the value, draw: what refuses is said, the value stays."""
        before = self.object.version
        response = super().post(request, *args, **kwargs)
        if response.status_code == 302 and self.name == "enter_value" and self.object.version > before:
            try:
                self.object.draw(by=request.user, on=timezone.localdate())
            except MoveRefused as refused:
                messages.error(request, f"公共随机值已经录入,但没有抽取:{refused.message}")
        return response

    def done_words(self) -> str:
        """Of a long one, that it has only begun."""
        return f"{self.move.label}已开始,在后台办理。" if self.object.why_busy() else super().done_words()

    def is_echo(self) -> bool:
        """Sent twice: a move may bring others after it, so the newest Event is not asked alone."""
        mine = Event.objects.of(self.object).filter(by=self.request.user)
        return mine.filter(data__sent=self.sent()).exists()


class DrawPart(RoleMixin):
    """A page of a draw that was made; before that there is nothing to see."""

    roles = READERS
    request: HttpRequest
    kwargs: dict[str, Any]

    @property
    def draw(self) -> Draw:
        """The draw of the URL, within the user's scope, once it is drawn."""
        if not hasattr(self, "_draw"):
            rows = Draw.objects.for_user(self.request.user).exclude(drawn_at=None).select_related("pool", "department")
            self._draw = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._draw


class DrawTickets(DrawPart, ScopedList):
    """Every firm of the frozen list by its ticket: weight, grade, why it is left out, drawn or not."""

    model = DrawObject
    filterset_class = TicketFilter
    template_name = "inspections/draw_tickets.html"
    paginate_by = 50
    title = "全部签号"
    empty_text = "没有符合条件的企业。"
    columns = (
        ("次序", lambda row: row.place),
        ("企业", lambda row: row.listed.name),
        ("统一社会信用代码", lambda row: row.listed.key),
        ("风险等级", lambda row: row.listed.grade_label),
        ("权重(签数)", lambda row: row.listed.weight),
        ("签号", lambda row: row.ticket),
        ("结果", lambda row: row.outcome[0]),
        ("排除理由", lambda row: row.listed.excluded),
    )

    def get_queryset(self) -> Any:
        """The rows of the filter, by ticket."""
        rows = self.draw.objects_listed.all()  # type: ignore[attr-defined]
        self.filter = TicketFilter(self.request.GET, queryset=rows, request=self.request)
        return Tickets(self.draw, self.filter.qs)

    def export_name(self) -> str:
        """Named after the draw."""
        return f"签号-{self.draw.number}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the draw and how a ticket is made."""
        return super().get_context_data(draw=self.draw, **kwargs)


class DrawOfficers(DrawPart, DetailView):
    """Every officer's ticket for one drawn firm."""

    model = DrawPick
    template_name = "inspections/draw_officers.html"

    def get_object(self, queryset: Any = None) -> DrawPick:
        """The drawn firm of the URL."""
        rows: Any = self.draw.picks.select_related("listed")  # type: ignore[attr-defined]
        found: DrawPick = get_object_or_404(rows, pk=self.kwargs["pick"])
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the draw and the tickets."""
        return super().get_context_data(draw=self.draw, seats=seats(self.draw, self.object), **kwargs)
