"""Pages of the lists behind a draw: pools, officers, grades, and who keeps out for a while."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.generic import FormView, View

from accounts.roles import WHOLE_TOWN, Role
from core.models import Event, MoveRefused
from core.models.submissions import digest
from core.submit import ContentConflict, take_once
from core.views import RoleMixin, ScopedList
from core.views.base import FormMixin422
from enterprises.forms.enterprise import sent_before
from inspections.filters import town_of
from inspections.filters_draws import EntryFilter, OfficerFilter, PoolFilter
from inspections.forms.pools import PoolForm
from inspections.models import Absence, FirmGrade, OfficerEntry, Pool, PoolEntry, machine
from inspections.models.outs import out_on
from inspections.models.pools import Grade, firms_by

READERS = WHOLE_TOWN | {Role.DEPARTMENT}
SHOWN = 20
GRADES: dict[str, str] = dict(Grade.choices)


class PoolList(ScopedList):
    """The pools of one's scope, with how many firms each holds."""

    model = Pool
    roles = READERS
    title = "抽查对象库"
    filterset_class = PoolFilter
    template_name = "inspections/pool_list.html"
    empty_text = "还没有抽查对象库。"
    empty_hint = "按村、行业、危险特性或风险等级建一个库,企业按规则自动进出。"
    columns = (
        ("名称", lambda pool: pool.name),
        ("单位", lambda pool: pool.department.name if pool.department else "镇应急办"),
        ("规则", lambda pool: rule_line(pool)),
        ("企业数", lambda pool: pool.size),
        ("建库人", lambda pool: pool.by.name),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may make one, and each pool's rule in words."""
        context = super().get_context_data(can_keep=self.request.user.role in machine.OFFICERS, **kwargs)
        context["pools"] = [(pool, rule_line(pool)) for pool in context["object_list"]]
        return context


def rule_line(pool: Pool) -> str:
    """A pool's rule in one line."""
    return ";".join(f"{label}:{words}" for label, words in pool.rule_words if words) or "全部在营企业"


class PoolFormView(FormMixin422, RoleMixin, FormView):
    """A pool's name and rule, with a look at how many firms it would hold."""

    roles = machine.OFFICERS
    form_class = PoolForm
    template_name = "inspections/pool_form.html"

    @property
    def pool(self) -> Pool | None:
        """The pool of the URL, within the user's scope; None for a new one, 403 for another unit's."""
        if "pk" not in self.kwargs:
            return None
        if not hasattr(self, "_pool"):
            found = get_object_or_404(Pool.objects.for_user(self.request.user), pk=self.kwargs["pk"])
            if not found.is_kept_by(self.request.user):
                raise PermissionDenied("这个库由建库的单位维护,您不能修改。")
            self._pool = found
        return self._pool

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A second sending of what was taken answers as the first did: by now the name is taken, by this very pool."""
        earlier = sent_before(request.user, request.POST.get("client_id"))
        if earlier and earlier.same(self.content()):
            return redirect("pool_detail", pk=earlier.subject_pk)
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the pool."""
        return {**super().get_form_kwargs(), "instance": self.pool}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the pool."""
        return super().get_context_data(pool=self.pool, **kwargs)

    def form_valid(self, form: PoolForm) -> HttpResponse:
        """Show what it would hold, or keep it; once however often it is sent."""
        if "preview" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form, found=self.found(form)))

        def make() -> tuple[Pool, str]:
            given = {"name": form.cleaned_data["name"], "pool": self.pool, "version": form.cleaned_data["version"]}
            row = Pool.keep(by=self.request.user, on=timezone.localdate(), rule=form.rule(), **given)
            return row, row.name

        client_id, user = form.cleaned_data["client_id"], self.request.user
        try:
            taken = take_once(user=user, client_id=client_id, kind="pool", content=self.content(), make=make)
        except ContentConflict:
            return self.refuse(form, "这张表已经用别的内容提交过一次,这一次的内容没有保存。要再改,请重新打开这一页。")
        except MoveRefused as refused:
            return self.refuse(form, refused.message)
        messages.success(self.request, "已保存,企业已按规则更新。")
        return redirect("pool_detail", pk=taken.subject_pk)

    def refuse(self, form: PoolForm, sentence: str) -> HttpResponse:
        """The page again with the reason."""
        form.add_error(None, sentence)
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def content(self) -> str:
        """What was sent, about which pool."""
        ignored = ("csrfmiddlewaretoken", "client_id")
        given = {name: values for name, values in self.request.POST.lists() if name not in ignored}
        return digest([self.pool.pk if self.pool else None, given])

    def found(self, form: PoolForm) -> dict[str, Any]:
        """How many firms the rule describes, and the first of them."""
        user = self.request.user
        office = self.pool.department_id if self.pool else user.membership.department_id if user.role == Role.DEPARTMENT else None
        rows = firms_by(form.area, office, form.rule(), timezone.localdate())
        return {"count": rows.count(), "firms": rows.order_by("name")[:SHOWN], "shown": SHOWN}


class PoolDetail(ScopedList):
    """One pool: its rule, its members now and before, its story."""

    model = PoolEntry
    roles = READERS
    filterset_class = EntryFilter
    template_name = "inspections/pool_detail.html"
    empty_text = "没有符合条件的企业。"
    empty_hint = "可以放宽上面的筛选条件,或修改库的规则。"
    columns = (
        ("企业", lambda row: row.enterprise.name),
        ("统一社会信用代码", lambda row: row.enterprise.credit_code),
        ("所在村(社区)", lambda row: row.enterprise.area.name),
        ("行业", lambda row: row.enterprise.sector.name if row.enterprise.sector else ""),
        ("风险等级", lambda row: GRADES.get(row.grade, "未评定")),
        ("进入日期", lambda row: row.entered_on),
        ("移出日期", lambda row: row.left_on),
    )

    @property
    def pool(self) -> Pool:
        """The pool of the URL, within the user's scope."""
        if not hasattr(self, "_pool"):
            rows = Pool.objects.for_user(self.request.user).for_list()
            self._pool = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._pool

    def get_queryset(self) -> Any:
        """Its entries, each with the firm's grade of today."""
        self.title = self.pool.name
        given = FirmGrade.objects.on(timezone.localdate()).filter(enterprise=OuterRef("enterprise"))
        return super().get_queryset().filter(pool=self.pool).annotate(grade=Subquery(given.values("grade")[:1]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the rule, the story, and each firm's grade in words."""
        can_keep = self.pool.is_kept_by(self.request.user)
        events = Event.objects.of(self.pool).visible_to(self.request.user).select_related("by")
        context = super().get_context_data(pool=self.pool, rule=self.pool.rule_words, can_keep=can_keep, events=events, **kwargs)
        context["entries"] = [(row, GRADES.get(row.grade, "")) for row in context["object_list"]]
        return context


class Refresh(RoleMixin, View):
    """A button that brings a list in line with its rule; twice changes nothing more."""

    roles = machine.OFFICERS

    def told(self, came: int, gone: int) -> None:
        """How many came and went."""
        messages.success(self.request, f"已按规则更新:进入 {came},移出 {gone}。" if came or gone else "已按规则更新,没有变化。")


class PoolRefresh(Refresh):
    """Of a pool."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Now."""
        pool = get_object_or_404(Pool.objects.for_user(request.user), pk=pk)
        self.told(*pool.refresh(by=request.user, on=timezone.localdate()))
        return redirect(pool)


class OfficerRefresh(Refresh):
    """Of the officers of one's town."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Now."""
        self.told(*OfficerEntry.refresh(town_of(request.user), by=request.user, on=timezone.localdate()))
        return redirect("officer_list")


class OfficerList(ScopedList):
    """The officers' pool: certificate, department, absence."""

    model = OfficerEntry
    roles = READERS
    title = "检查人员名录"
    filterset_class = OfficerFilter
    template_name = "inspections/officer_list.html"
    empty_text = "没有符合条件的检查人员。"
    empty_hint = "在岗并持有效执法证的执法人员和行业主管部门人员,按规则自动进入名录。"
    columns = (
        ("编号", lambda row: row.user.staff_number),
        ("姓名", lambda row: row.user.name),
        ("单位", lambda row: unit_of(row)),
        ("执法证", lambda row: certificate_of(row)),
        ("进入日期", lambda row: row.entered_on),
        ("移出日期", lambda row: row.left_on),
    )

    def get_queryset(self) -> Any:
        """With certificates and posts."""
        return super().get_queryset().prefetch_related("user__certificates", "user__memberships__department")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds who is away today and until when."""
        context = super().get_context_data(can_keep=self.request.user.role in machine.OFFICERS, **kwargs)
        rows = list(context["object_list"])
        away = out_on(Absence.objects.for_user(self.request.user), timezone.localdate())
        gone = {row.user_id: row for row in away.filter(user__in=[row.user_id for row in rows])}
        context["officers"] = [(row, unit_of(row), certificate_of(row), gone.get(row.user_id)) for row in rows]
        return context


def unit_of(row: OfficerEntry) -> str:
    """For whom an officer acts now."""
    today = timezone.localdate()
    held = [one for one in row.user.memberships.all() if one.role in machine.OFFICERS and (one.ends_on is None or one.ends_on >= today)]
    return next((one.department.name if one.department else "镇应急办" for one in held), "")


def certificate_of(row: OfficerEntry) -> str:
    """The certificate that is valid today and ends last, with its last day; "" without one."""
    today = timezone.localdate()
    valid = [one for one in row.user.certificates.all() if one.standing(today) == one.Standing.VALID]
    last = max(valid, key=lambda one: (one.valid_to, one.pk), default=None)
    return f"{last.number}(至 {last.valid_to:%Y-%m-%d})" if last else ""
