"""Pages of who keeps out of draws for a while, and of grades: lists, registering, lifting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, View

from accounts.roles import Role
from core.models import MoveRefused
from core.models.submissions import digest
from core.submit import ContentConflict, take_once
from core.views import RoleMixin, ScopedList
from core.views.base import FormMixin422
from inspections.filters import town_of
from inspections.filters_draws import AbsenceFilter, AvoidanceFilter, ExclusionFilter, GradeFilter
from inspections.forms.pools import AbsenceForm, AvoidanceForm, ExclusionForm, GradeForm, LiftForm
from inspections.models import Absence, Avoidance, Exclusion, FirmGrade, machine
from inspections.models.pools import acted_for
from inspections.views.firm_forms import FirmForm
from inspections.views.pools import READERS

KINDS: dict[str, tuple[Any, str]] = {
    "exclusion": (Exclusion, "exclusion_list"),
    "avoidance": (Avoidance, "avoidance_list"),
    "absence": (Absence, "absence_list"),
}


class OutList(ScopedList):
    """The base of the lists: one template, its columns by the kind."""

    roles = READERS
    template_name = "inspections/out_list.html"
    kind = ""
    new = ""
    label = ""
    lead = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the kind, whether this person may register one, and which he may lift."""
        shown = {"kind": self.kind, "new": self.new, "label": self.label, "lead": self.lead}
        context = super().get_context_data(can_keep=self.request.user.role in machine.OFFICERS, **shown, **kwargs)
        context["rows"] = [(row, row.lifted_on is None and may_lift(self.request.user, row)) for row in context["object_list"]]
        return context


def may_lift(user: Any, row: Any) -> bool:
    """An officer; of a department only for the firms it leads, as it may register (R59); 回避 by another than whom it keeps away."""
    if isinstance(row, Avoidance) and row.user_id == user.pk:
        return False
    is_own = user.role != Role.DEPARTMENT or isinstance(row, Absence) or row.enterprise.lead_department_id == user.membership.department_id
    return user.role in machine.OFFICERS and is_own


class ExclusionList(OutList):
    """Firms not drawn for a while."""

    model = Exclusion
    filterset_class = ExclusionFilter
    title, kind, new, label = "不列入抽取", "exclusion", "exclusion_new", "登记不列入"
    lead = "停产、责令停产停业、近期已检查和达到年度上限的企业由系统自动排除,不用在这里登记。"
    empty_text = "没有符合条件的登记。"
    empty_hint = "确有理由一段时间内不抽的企业登记在这里,理由随名单公布。"
    columns = (
        ("企业", lambda row: row.enterprise.name),
        ("理由", lambda row: row.reason),
        ("自", lambda row: row.since),
        ("至", lambda row: row.until),
        ("状态", lambda row: row.standing_today),
        ("解除日期", lambda row: row.lifted_on),
        ("说明", lambda row: row.note),
        ("登记人", lambda row: row.by.name),
    )


class AvoidanceList(OutList):
    """Pairs that must not meet."""

    model = Avoidance
    filterset_class = AvoidanceFilter
    title, kind, new, label = "回避", "avoidance", "avoidance_new", "登记回避"
    lead = "登记的一对从不会被抽到一起。只登记种类,不写私事。"
    empty_text = "没有符合条件的回避。"
    empty_hint = "检查人员与企业有近亲属、曾任职或利害关系的,登记在这里。"
    columns = (
        ("企业", lambda row: row.enterprise.name),
        ("执法人员", lambda row: row.user.name),
        ("种类", lambda row: row.get_reason_display()),
        ("自", lambda row: row.since),
        ("至", lambda row: row.until),
        ("状态", lambda row: row.standing_today),
        ("解除日期", lambda row: row.lifted_on),
        ("登记人", lambda row: row.by.name),
    )


class AbsenceList(OutList):
    """Officers who are away."""

    model = Absence
    filterset_class = AbsenceFilter
    title, kind, new, label = "不参加抽取的人员", "absence", "absence_new", "登记不参加"
    lead = "整个检查期间都不在的人员不参加抽取;只缺席几天的照常参加。"
    empty_text = "没有符合条件的登记。"
    empty_hint = "休假、培训、借调的执法人员登记在这里。"
    columns = (
        ("执法人员", lambda row: row.user.name),
        ("理由", lambda row: row.get_reason_display()),
        ("自", lambda row: row.since),
        ("至", lambda row: row.until),
        ("状态", lambda row: row.standing_today),
        ("解除日期", lambda row: row.lifted_on),
        ("说明", lambda row: row.note),
        ("登记人", lambda row: row.by.name),
    )


class FirmGradeList(ScopedList):
    """Grades of firms, the newest first."""

    model = FirmGrade
    roles = READERS
    title = "企业风险等级"
    filterset_class = GradeFilter
    template_name = "inspections/firm_grade_list.html"
    empty_text = "没有符合条件的等级。"
    empty_hint = "没有评定的企业按低风险的权重抽取。"
    columns = (
        ("企业", lambda row: row.enterprise.name),
        ("风险等级", lambda row: row.get_grade_display()),
        ("自", lambda row: row.since),
        ("至", lambda row: row.until),
        ("理由", lambda row: row.reason),
        ("评定人", lambda row: row.by.name),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may grade."""
        return super().get_context_data(can_keep=self.request.user.role in machine.OFFICERS, **kwargs)


class OwnFirmForm(FirmForm):
    """About a firm one acts for."""

    def firms(self) -> Any:
        """A department's: those it leads."""
        return acted_for(self.request.user)


class FirmGradeNew(OwnFirmForm):
    """Grade a firm from today on."""

    roles = machine.OFFICERS
    form_class = GradeForm
    title = "评定风险等级"
    lead = "等级从今天起生效,以前的等级留在记录里。等级决定抽取的权重,权重和理由公布。"
    back = "firm_grade_list"

    def make(self, form: GradeForm) -> FirmGrade:
        """Told in the firm's story, for the town's offices."""
        data = form.cleaned_data
        return FirmGrade.give(data["enterprise"], by=self.request.user, on=timezone.localdate(), grade=data["grade"], reason=data["reason"])

    def done(self, pk: int) -> str:
        """The firm's tab of inspections."""
        return reverse("enterprise_inspections", args=[FirmGrade.objects.for_user(self.request.user).get(pk=pk).enterprise_id])


class ExclusionNew(OwnFirmForm):
    """Keep a firm out for a while."""

    roles = machine.OFFICERS
    form_class = ExclusionForm
    title = "登记不列入抽取"
    lead = "理由随名单公布。"
    back = "exclusion_list"

    def make(self, form: ExclusionForm) -> Exclusion:
        """Told to the town's offices."""
        given = {name: form.cleaned_data[name] for name in ("enterprise", "since", "until", "reason", "note")}
        row: Exclusion = Exclusion.log(by=self.request.user, on=timezone.localdate(), **given)
        return row


class AvoidanceNew(OwnFirmForm):
    """Register a pair that must not meet."""

    roles = machine.OFFICERS
    form_class = AvoidanceForm
    title = "登记回避"
    lead = "只登记种类,不写私事。"
    back = "avoidance_list"

    def make(self, form: AvoidanceForm) -> Avoidance:
        """Told to the town's offices."""
        given = {name: form.cleaned_data[name] for name in ("enterprise", "since", "until", "reason")}
        row: Avoidance = Avoidance.log(by=self.request.user, on=timezone.localdate(), user=form.cleaned_data["officer"], **given)
        return row


class AbsenceNew(FormMixin422, RoleMixin, FormView):
    """Register an officer who is away; once however often it is sent."""

    roles = machine.OFFICERS
    form_class = AbsenceForm
    template_name = "inspections/absence_form.html"

    def form_valid(self, form: AbsenceForm) -> HttpResponse:
        """Told to the town's offices."""
        given = {name: form.cleaned_data[name] for name in ("since", "until", "reason", "note")}
        town = town_of(self.request.user)

        def make() -> tuple[Absence, str]:
            row = Absence.log(by=self.request.user, on=timezone.localdate(), area_id=town, user=form.cleaned_data["officer"], **given)
            return row, str(row)

        content = digest({name: values for name, values in self.request.POST.lists() if name not in ("csrfmiddlewaretoken", "client_id")})
        try:
            take_once(user=self.request.user, client_id=form.cleaned_data["client_id"], kind=form.kind, content=content, make=make)
        except ContentConflict:
            form.add_error(None, "这张表已经用别的内容提交过一次,这一次的内容没有保存。要另登记一条,请打开新的表再填。")
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, "已登记。")
        return redirect("absence_list")


class OutLift(RoleMixin, View):
    """End it today, with the reason."""

    roles = machine.OFFICERS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """404 for a kind there is not."""
        if kwargs["kind"] not in KINDS:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        """The reason's form."""
        return self.page(self.row(kind, pk), LiftForm(user=request.user))

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        """Lift it; lifted already it says so."""
        row, form = self.row(kind, pk), LiftForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.page(row, form, status=422)
        try:
            row.lift(by=request.user, on=timezone.localdate(), note=form.cleaned_data["note"])
        except MoveRefused as refused:
            messages.info(request, refused.message)
        else:
            messages.success(request, "已解除。")
        return redirect(KINDS[kind][1])

    def row(self, kind: str, pk: int) -> Any:
        """The row of the URL, within the user's scope; 403 for one of a firm that one only reads."""
        row = get_object_or_404(KINDS[kind][0].objects.for_user(self.request.user).for_list(), pk=pk)
        if not may_lift(self.request.user, row):
            raise PermissionDenied("您不能解除这一条:回避不由本人解除,企业的事项由牵头部门解除。")
        return row

    def page(self, row: Any, form: LiftForm, *, status: int = 200) -> HttpResponse:
        """The page."""
        context = {"row": row, "form": form, "back": KINDS[self.kwargs["kind"]][1]}
        return TemplateResponse(self.request, "inspections/out_lift.html", context, status=status)
