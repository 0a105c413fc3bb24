"""镇村人员账号: the town's own people, kept by its administrator."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView, TemplateView, View

from accounts.models import OfficerCertificate, OneTimeCode, User
from accounts.roles import Role
from core.models import Event
from core.views.base import FormMixin422, RoleMixin, ScopedList
from enterprises import actions_people as act
from enterprises.filters_people import StaffFilter
from enterprises.forms.people import DelegateForm, StaffInviteForm, TownPlacePart
from enterprises.models import Membership
from enterprises.views.people import CONFLICT, TAKEN, code_page, hand_out

ADMIN = frozenset({Role.ADMIN})


class StaffList(ScopedList):
    """Everybody who holds or held a role on the town's side."""

    model = User
    roles = ADMIN
    title = "镇村人员账号"
    template_name = "enterprises/people_staff.html"
    filterset_class = StaffFilter
    columns = (
        ("姓名", lambda u: u.name),
        ("用户名", lambda u: u.username),
        ("岗位", lambda u: "、".join(str(m) for m in u.held_now)),
        ("账号", lambda u: "在用" if u.is_active else "已停用"),
    )

    def get_queryset(self) -> Any:
        """With the roles in force."""
        now = Prefetch("memberships", Membership.objects.for_user(self.request.user).current(), to_attr="held_now")
        town = Membership.objects.for_user(self.request.user).town().values("user")
        return super().get_queryset().filter(pk__in=town).prefetch_related(now).order_by("name", "pk")


class PersonMixin(RoleMixin):
    """A page under `/account/staff/<pk>/`."""

    roles = ADMIN
    kwargs: dict[str, Any]
    request: HttpRequest

    @property
    def person(self) -> User:
        """The account of the URL."""
        if not hasattr(self, "_person"):
            self._person = get_object_or_404(User.objects.for_user(self.request.user), pk=self.kwargs["pk"])
        return self._person

    def refused(self) -> HttpResponse | None:
        """Nobody does this to himself."""
        if self.person != self.request.user:
            return None
        messages.error(self.request, "不能对自己的账号这样做,请由另一位系统管理员操作。")
        return self.back()

    def refused_account(self) -> HttpResponse | None:
        """Nobody does this to himself, nor to an account that opens other areas too."""
        beyond = self.person.memberships.beyond(self.request.user)
        if self.person == self.request.user or not beyond.exists():
            return self.refused()
        messages.error(self.request, f"{self.person.name} 在您的辖区以外也有岗位,他的账号请由上级系统管理员管理。")
        return self.back()

    def back(self) -> HttpResponse:
        """The person's page."""
        return redirect("staff_detail", self.person.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the person."""
        return super().get_context_data(person=self.person, **kwargs)  # type: ignore[misc]


class StaffDetail(PersonMixin, TemplateView):
    """One account: roles, certificates, state, story."""

    template_name = "enterprises/people_person.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds roles, certificates and story."""
        rows = Membership.objects.for_user(self.request.user).filter(user=self.person).for_list()
        events = Event.objects.of(self.person).visible_to(self.request.user).select_related("by")
        return super().get_context_data(
            title=self.person.name,
            held=rows.lasting(),
            ended=rows.ended(),
            certificates=OfficerCertificate.objects.for_user(self.request.user).filter(user=self.person).for_list(),
            is_officer=rows.town().lasting().exists(),
            events=events,
            dead_code=OneTimeCode.objects.for_user(self.person).dead().first(),
            client_id=uuid.uuid4(),
            **kwargs,
        )


class StaffForm(RoleMixin, FormMixin422, FormView):
    """A form about a person on the town's side."""

    roles = ADMIN
    template_name = "enterprises/people_form.html"
    title = ""
    button = ""
    hint = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        return super().get_context_data(title=self.title, button=self.button, hint=self.hint, **kwargs)


class StaffInvite(StaffForm):
    """A new person of the town: account, role, and a code on paper."""

    form_class = StaffInviteForm
    title, button = "新建镇村人员账号", "建账号并生成代码"
    hint = "系统会生成一个一次性代码。把代码交给本人,由本人设置密码。"

    def form_valid(self, form: Any) -> HttpResponse:
        """The code, shown once."""
        facts = {k: v for k, v in form.cleaned_data.items() if k != "client_id"}
        content = {k: str(v) for k, v in facts.items()}
        try:
            row = hand_out(self.request, "staff_invite", content, lambda nonce: act.invite(by=self.request.user, nonce=nonce, **facts))
        except act.NameTaken:
            form.add_error("username", TAKEN)
            return self.form_invalid(form)
        if row is None:
            form.add_error(None, CONFLICT)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        return code_page(self.request, row, reverse("staff_list"))


class StaffRole(PersonMixin, StaffForm):
    """One more role on the town's side."""

    form_class = TownPlacePart
    title, button = "增加岗位", "增加岗位"

    def form_valid(self, form: Any) -> HttpResponse:
        """Add it; a role held already stays one."""
        held = act.add_role(by=self.request.user, user=self.person, **form.cleaned_data)
        messages.success(self.request, f"{self.person.name}:{held}。")
        return self.back()


class StaffEndRole(PersonMixin, View):
    """A role of this person ends at once."""

    def post(self, request: HttpRequest, part: int, **kwargs: Any) -> HttpResponse:
        """End it; twice is once."""
        rows = Membership.objects.for_user(request.user).filter(user=self.person)
        held = get_object_or_404(rows, pk=part)
        if refused := self.refused():
            return refused
        act.end_role(held, by=request.user)
        messages.success(request, f"岗位“{held}”已结束。")
        return self.back()


class StaffDelegate(PersonMixin, StaffForm):
    """Somebody else of the town holds the role too while its holder is away."""

    form_class = DelegateForm
    title = button = "委托代理"

    @property
    def held(self) -> Membership:
        """The role of the URL: this person's own, on the town's side, not over."""
        rows = Membership.objects.for_user(self.request.user).filter(user=self.person, stands_in_for=None)
        return get_object_or_404(rows.town().lasting().for_list(), pk=self.kwargs["part"])

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the role."""
        return {**super().get_form_kwargs(), "membership": self.held}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whose role it is."""
        hint = f"{self.person.name} 的“{self.held}”。代理人用自己的账号,右上角可以切换到代理的岗位;到期自动结束。"
        return {**super().get_context_data(**kwargs), "hint": hint}

    def form_valid(self, form: Any) -> HttpResponse:
        """Delegate; twice is once."""
        stand_in = act.delegate(self.held, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{stand_in.user.name} 从 {stand_in.starts_on} 到 {stand_in.ends_on} 代理“{self.held}”。")
        return self.back()


class StaffCode(PersonMixin, View):
    """A reset code."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Shown once; a disabled account gets none."""
        if refused := self.refused_account():
            return refused
        if not self.person.is_active:
            messages.error(request, "账号已停用,请先启用。")
            return self.back()
        person = self.person
        content = {"user": person.pk}
        row = hand_out(request, "staff_code", content, lambda nonce: act.issue_code(person, by=request.user, subject=person, nonce=nonce))
        if row is None:
            messages.error(request, CONFLICT)
            return self.back()
        return code_page(request, row, reverse("staff_detail", args=[person.pk]))


class StaffActive(PersonMixin, View):
    """Enable or disable the account."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """By the posted wish, so that twice is once."""
        if refused := self.refused_account():
            return refused
        if request.POST.get("active") not in ("0", "1"):
            messages.error(request, "没有说明要启用还是停用,账号没有改动。")
            return self.back()
        active = request.POST["active"] == "1"
        act.set_active(self.person, by=request.user, active=active)
        messages.success(request, "账号已启用。" if active else "账号已停用,所有登录已退出。")
        return self.back()


class StaffSecondFactor(PersonMixin, View):
    """Take the second factor away from whoever lost phone and recovery codes."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Removed; twice is once."""
        if refused := self.refused_account():
            return refused
        act.reset_second_factor(self.person, by=request.user)
        messages.success(request, "已解除第二步验证,本人下次登录时重新设置。")
        return self.back()
