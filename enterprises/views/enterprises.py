"""The list of enterprises, and the facts of one: reading, making, changing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import TemplateView, UpdateView

from accounts.roles import Role
from core.fields import masked
from core.models import Event, MoveRefused
from core.submit import ContentConflict, take_once
from core.views.base import FormMixin422, ScopedCreate, ScopedList, ScopedMixin
from enterprises.filters import EnterpriseFilter
from enterprises.forms.enterprise import EnterpriseForm, newest, sent_before
from enterprises.models import Enterprise
from enterprises.models.roster import IMPORTERS
from enterprises.views.base import CONFIRMERS, READERS, FileMixin, OneWriter

EDITORS = CONFIRMERS | {Role.DEPARTMENT}


def key_person(kind: str, *, phone: bool = False) -> Any:
    """Reads the names, or the masked phones, of an enterprise's key people of one kind."""

    def read(row: Enterprise) -> str:
        people = [person for person in row.people_now if person.kind == kind]
        return "、".join(masked(person.phone) if phone else person.name for person in people)

    return read


def yes(value: bool) -> str:
    """是 or nothing, for a column that is read down."""
    return "是" if value else ""


class EnterpriseList(ScopedList):
    """Enterprises of one's scope, by name (R6, R59, R82)."""

    model = Enterprise
    roles = READERS
    title = "企业"
    filterset_class = EnterpriseFilter
    template_name = "enterprises/enterprise_list.html"
    empty_text = "没有符合条件的企业。"
    empty_hint = "可以放宽筛选条件,或由执法人员、管理员新建或导入企业名册。"
    columns = (
        ("企业名称", lambda e: e.name),
        ("统一社会信用代码", lambda e: e.credit_code),
        ("行业", lambda e: e.sector.name if e.sector else ""),
        ("国民经济行业代码", lambda e: e.industry_code),
        ("所在村(社区)", lambda e: e.area.name),
        ("详细地址", lambda e: e.address),
        ("牵头主管部门", lambda e: e.lead_department.name if e.lead_department else ""),
        ("状态", lambda e: e.get_status_display()),
        ("规模", lambda e: e.get_scale_display()),
        ("从业人员", lambda e: e.headcount),
        ("其中派遣", lambda e: e.dispatched),
        ("其中实习", lambda e: e.interns),
        ("人员密集", lambda e: yes(e.is_crowded)),
        ("小散乱", lambda e: yes(e.is_scattered)),
        ("市属及以上", lambda e: yes(e.is_city_level)),
        ("危险特性", lambda e: "、".join(trait.name for trait in e.traits.all())),
        ("主要负责人", key_person("manager")),
        ("联系电话", key_person("manager", phone=True)),
        ("法定代表人", key_person("legal")),
        ("安全管理员", key_person("safety")),
        ("安全员电话", key_person("safety", phone=True)),
        ("成立日期", lambda e: e.founded_on),
        ("档案", lambda e: "不完整" if e.is_incomplete else "完整"),
        ("备注", lambda e: e.remark),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds who may make and import."""
        role = self.request.user.role
        return super().get_context_data(can_create=role in CONFIRMERS, can_import=role in IMPORTERS, **kwargs)


class EnterpriseDetail(FileMixin, TemplateView):
    """概况: facts, marks, landlord and tenants, key people with masked phones, what is missing."""

    template_name = "enterprises/enterprise_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds people, neighbours under the same roof that the user may see, and hints."""
        enterprise, user = self.enterprise, self.request.user
        seen = Enterprise.objects.for_user(user)
        return super().get_context_data(
            people=enterprise.key_people.current().select_related("confirmed_by"),
            tenants=seen.filter(landlord=enterprise).order_by("name"),
            landlord_seen=enterprise.landlord_id is not None and seen.filter(pk=enterprise.landlord_id).exists(),
            hints=hints(enterprise),
            can_edit=may_edit(user, enterprise),
            **kwargs,
        )


def hints(enterprise: Enterprise) -> list[str]:
    """What the file lacks, as sentences."""
    found = [
        (enterprise.is_incomplete, "档案不完整:还没有经镇里确认的主要负责人(法定代表人、实际控制人、投资人或主要负责人)。"),
        (enterprise.lead_department_id is None, "没有牵头主管部门:三管三必须要求每家企业有一个。"),
        (enterprise.sector_id is None, "没有填行业,行业检查条目用不上。"),
        (
            enterprise.sector_mismatch,
            f"国民经济行业代码 {enterprise.industry_code} 不属于“{enterprise.sector}”,请核对行业或代码。",
        ),
    ]
    return [text for is_so, text in found if is_so]


def may_edit(user: Any, enterprise: Enterprise) -> bool:
    """Inspectors and administrators; a department for those it leads (谁主管谁负责, R59)."""
    if user.role == Role.DEPARTMENT:
        return enterprise.lead_department_id == user.membership.department_id
    return user.role in EDITORS


class EnterpriseCreate(ScopedCreate):
    """A new enterprise, once however often the form is sent."""

    model = Enterprise
    form_class = EnterpriseForm
    roles = CONFIRMERS
    template_name = "enterprises/enterprise_form.html"
    extra_context = {"title": "新建企业"}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A second sending answers as the first did."""
        earlier = sent_before(request.user, request.POST.get("client_id"))
        if earlier and earlier.same(self.content()):
            return redirect("enterprise_detail", earlier.subject_pk)
        return super().post(request, *args, **kwargs)

    def content(self) -> dict[str, Any]:
        """What was sent."""
        return {k: v for k, v in self.request.POST.lists() if k not in ("csrfmiddlewaretoken", "client_id")}

    def form_valid(self, form: EnterpriseForm) -> HttpResponse:
        """Make it, with the first entry of its story."""
        client_id = form.cleaned_data["client_id"]
        if client_id is None:
            return self.finish(self.make(form)[0])
        try:
            taken = take_once(
                user=self.request.user, client_id=client_id, kind="enterprise", content=self.content(), make=lambda: self.make(form)
            )
        except ContentConflict as conflict:
            raise MoveRefused("这张表已经提交过一次,企业已经建档;这一次的不同内容没有保存。请到企业档案里修改。") from conflict
        return redirect("enterprise_detail", taken.subject_pk)

    def make(self, form: EnterpriseForm) -> tuple[Enterprise, str]:
        """The row and its receipt."""
        enterprise = form.save()
        on = timezone.localdate(enterprise.created_at)
        Event.record(enterprise, by=self.request.user, on=on, move="create", label="建档", note=enterprise.name)
        return enterprise, enterprise.credit_code

    def finish(self, enterprise: Enterprise) -> HttpResponse:
        """To its file."""
        return redirect(enterprise)


class EnterpriseUpdate(FormMixin422, ScopedMixin, OneWriter, UpdateView):
    """Facts of an enterprise changed; a file changed meanwhile answers 409 with both, nothing lost."""

    model = Enterprise
    form_class = EnterpriseForm
    roles = EDITORS
    template_name = "enterprises/enterprise_form.html"
    extra_context = {"title": "修改档案"}

    def get_object(self, queryset: Any = None) -> Enterprise:
        """404 out of scope; 403 for a department that does not lead it."""
        enterprise = super().get_object(queryset)
        if not may_edit(self.request.user, enterprise):
            raise PermissionDenied("这家企业由别的部门牵头,您可以查看,不能修改。")
        return enterprise

    def form_valid(self, form: EnterpriseForm) -> HttpResponse:
        """Save, unless somebody was faster."""
        differences = form.differences()
        if not differences:
            messages.info(self.request, "没有改动。")
            return redirect("enterprise_detail", self.object.pk)
        if form.cleaned_data["seen"] != newest(self.object):
            return self.conflict(form, differences)
        form.save()
        for before, after in [(now, typed) for label, now, typed in differences if label == form.fields["traits"].label]:
            self.object.tell_traits(before, after, by=self.request.user, on=timezone.localdate())
        for now, typed in [(now, typed) for label, now, typed in differences if label == form.fields["status"].label]:
            on = timezone.localdate()
            Event.record(self.object, by=self.request.user, on=on, move="change_status", label="修改状态", note=f"{now} → {typed}")
        messages.success(self.request, f"已保存:{'、'.join(label for label, _, _ in differences)}。")
        return redirect("enterprise_detail", self.object.pk)

    def conflict(self, form: EnterpriseForm, differences: list[tuple[str, str, str]]) -> HttpResponse:
        """Both texts beside each other; sending again then saves."""
        faster = self.object.history.select_related("history_user").first()
        context = self.get_context_data(form=form, differences=differences, faster=faster, fresh=newest(self.object))
        return self.render_to_response(context, status=409)
