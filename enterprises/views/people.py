"""人员账号 of an enterprise: who holds which role; inviting, codes, ending, standing in; choosing one's own role."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.generic import FormView, TemplateView, View

from accounts.models import OneTimeCode
from accounts.roles import MANAGERS, Role
from core.fields import masked
from core.forms import parsed_uid
from core.models.submissions import digest
from core.submit import ContentConflict, take_once
from core.views.base import FormMixin422, ScopedList
from enterprises import actions_people as act
from enterprises.filters_people import PeopleFilter
from enterprises.forms.people import OVER_PRINCIPALS, DelegateForm, ExistingPersonForm, InviteForm
from enterprises.middleware import SESSION_KEY
from enterprises.models import Membership
from enterprises.views.base import FileMixin, PartMixin

PEOPLE_KEEPERS = MANAGERS | {Role.ADMIN}
PEOPLE_READERS = PEOPLE_KEEPERS | {Role.INSPECTOR}
TAKEN = "这个用户名刚刚被别人用了,请换一个。"
PRINCIPAL_ONLY = "主要负责人的岗位和账号只能由主要负责人或镇系统管理员处理。"
CONFLICT = "这张表已经用别的内容提交过一次,这一次的内容没有保存。请重新打开本页再填。"


def code_page(request: HttpRequest, row: OneTimeCode, back: str) -> HttpResponse:
    """The code to print or copy, shown by the answer to who asked for it and nowhere else."""
    context = {"title": "一次性代码", "code": row, "person": row.user, "back": back}
    return render(request, "enterprises/people_code.html", context)


def hand_out(request: HttpRequest, kind: str, content: Any, make: Callable[[Any], OneTimeCode]) -> OneTimeCode | None:
    """Make a code once per client-made id: sent twice, the same code again. None when other content came first."""
    nonce = parsed_uid(request.POST.get("client_id", ""))
    if nonce is None:
        return None

    def once() -> tuple[OneTimeCode, str]:
        row = make(nonce)
        return row, f"C{row.pk}"

    try:
        taken = take_once(
            user=request.user, client_id=nonce, kind=kind, content={"digest": salted_hmac(kind, digest(content)).hexdigest()}, make=once
        )
    except ContentConflict:
        return None
    row = OneTimeCode.objects.issued(by=request.user).get(pk=taken.subject_pk)
    row.reveal(nonce)
    return row


class PeopleList(FileMixin, ScopedList):
    """The roles in force, and those ended under a fold."""

    model = Membership
    roles = PEOPLE_READERS
    title = "人员账号"
    template_name = "enterprises/people_list.html"
    filterset_class = PeopleFilter
    empty_text = "没有符合条件的人员。"
    columns = (
        ("姓名", lambda m: m.user.name),
        ("用户名", lambda m: m.user.username),
        ("岗位", lambda m: str(m)),
        ("手机", lambda m: masked(m.user.phone)),
        ("自", lambda m: m.starts_on),
        ("至", lambda m: m.ends_on),
    )

    def rows(self) -> Any:
        """All of this enterprise."""
        return Membership.objects.for_user(self.request.user).filter(enterprise=self.enterprise).for_list()

    def get_queryset(self) -> Any:
        """Not over, filtered by the URL."""
        self.filter = PeopleFilter(self.request.GET, queryset=self.rows().lasting(), request=self.request)
        return self.filter.qs.order_by("user__name", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the ended ones and who may act."""
        role = self.request.user.role
        context = super().get_context_data(ended=self.rows().ended()[:50], may_keep=role in PEOPLE_KEEPERS, **kwargs)
        people = {held.user_id for held in context["object_list"]}
        dead = {code.user_id: code for code in OneTimeCode.objects.dead().filter(user__in=people)}
        for held in context["object_list"]:
            held.dead_code = dead.get(held.user_id)
        return {**context, "over_principals": role in OVER_PRINCIPALS}


class PeopleForm(FileMixin, FormMixin422, FormView):
    """A form about the people of an enterprise."""

    roles = PEOPLE_KEEPERS
    template_name = "enterprises/people_form.html"
    title = ""
    button = ""
    hint = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        return super().get_context_data(title=self.title, button=self.button, hint=self.hint, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the enterprise."""
        return {**super().get_form_kwargs(), "enterprise": self.enterprise}


class Invite(PeopleForm):
    """A new person: account, role, and a code on paper."""

    form_class = InviteForm
    title, button = "邀请人员", "建账号并生成代码"
    hint = "系统会生成一个一次性代码。把代码交给本人,由本人设置密码;您不会知道对方的密码。"

    def form_valid(self, form: Any) -> HttpResponse:
        """The code, shown once."""
        facts = {k: v for k, v in form.cleaned_data.items() if k != "client_id"}
        content = {k: str(v) for k, v in facts.items()} | {"enterprise": self.enterprise.pk}
        by, firm = self.request.user, self.enterprise
        try:
            row = hand_out(self.request, "invite", content, lambda nonce: act.invite(by=by, nonce=nonce, enterprise=firm, **facts))
        except act.NameTaken:
            form.add_error("username", TAKEN)
            return self.form_invalid(form)
        if row is None:
            form.add_error(None, CONFLICT)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        return code_page(self.request, row, self.back())

    def back(self) -> str:
        """The list."""
        return reverse("people_list", args=[self.enterprise.pk])


class AddExisting(PeopleForm):
    """A role for somebody who has an account already; by the town's administrator alone."""

    roles = frozenset({Role.ADMIN})
    form_class = ExistingPersonForm
    title, button = "添加已有账号", "添加岗位"
    hint = "同一个人在几家企业任职时用。"

    def form_valid(self, form: Any) -> HttpResponse:
        """Add it; a role held already stays one."""
        facts = {k: v for k, v in form.cleaned_data.items() if k != "username"}
        held = act.add_role(by=self.request.user, user=form.person, enterprise=self.enterprise, **facts)
        messages.success(self.request, f"{form.person.name}:{held}。")
        return redirect("people_list", self.enterprise.pk)


class RolePage(PartMixin, TemplateView):
    """A page about one role held in the enterprise."""

    roles = PEOPLE_KEEPERS
    model = Membership

    def refusal(self) -> str:
        """Why this person may not do it to this role, "" when he may."""
        return ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Back to the list with the reason, when there is one."""
        if request.user.role in PEOPLE_KEEPERS and (reason := self.refusal()):
            messages.error(request, reason)
            return redirect("people_list", self.enterprise.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the role, and an id that makes the button's work be done once."""
        return super().get_context_data(held=self.part, client_id=uuid.uuid4(), **kwargs)


def is_above(held: Membership, user: Any) -> bool:
    """Whether the role is a principal's and this user may not act on it."""
    return held.role == Role.PRINCIPAL and user.role not in OVER_PRINCIPALS


class IssueCode(RolePage):
    """A reset code for a person of this enterprise and of no other place."""

    template_name = "enterprises/people_confirm.html"
    extra_context = {
        "title": "签发一次性代码",
        "button": "签发代码",
        "tone": "primary",
        "text": "本人忘记密码或被锁定时用。签发后请当面交给本人;之前没用过的代码作废。本人用它设置新密码后,以前的登录全部退出。",
    }

    def refusal(self) -> str:
        """A code opens the whole account, so other places' people are their own administrator's."""
        user, person = self.request.user, self.part.user
        if person == user:
            return "自己的密码请在“我的账号”里修改。"
        if user.role not in OVER_PRINCIPALS and person.memberships.lasting().filter(role=Role.PRINCIPAL).exists():
            return PRINCIPAL_ONLY
        if person.memberships.beyond(user).exists():
            who = "上级系统管理员" if user.role == Role.ADMIN else "镇系统管理员"
            return f"{person.name} 在别处也有岗位,请{who}签发代码。"
        if self.part.is_over or not person.is_active:
            return f"{person.name} 的岗位已结束或账号已停用,不能签发代码。"
        return ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The code, shown once."""
        person = self.part.user
        content = {"user": person.pk, "enterprise": self.enterprise.pk}
        row = hand_out(
            request, "code", content, lambda nonce: act.issue_code(person, by=request.user, subject=self.enterprise, nonce=nonce)
        )
        if row is None:
            messages.error(request, CONFLICT)
            return redirect("people_list", self.enterprise.pk)
        return code_page(request, row, reverse("people_list", args=[self.enterprise.pk]))


class EndRole(RolePage):
    """Somebody leaves a role, after a question."""

    template_name = "enterprises/people_confirm.html"
    extra_context = {
        "title": "结束岗位",
        "button": "结束岗位",
        "tone": "danger",
        "text": "立即生效:对方下一次点击就不能再用这个岗位。做过的记录都保留。代理这个岗位的人也一起结束。",
    }

    def refusal(self) -> str:
        """Not one's own, nor a principal's."""
        if self.part.user == self.request.user:
            return "不能结束自己的岗位,请由另一位管理人员或镇系统管理员操作。"
        return PRINCIPAL_ONLY if is_above(self.part, self.request.user) else ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End it."""
        act.end_role(self.part, by=request.user)
        messages.success(request, f"{self.part.user.name} 的岗位“{self.part}”已结束。")
        return redirect("people_list", self.enterprise.pk)


class Delegate(PartMixin, FormMixin422, FormView):
    """Somebody else holds the role too while its holder is away."""

    roles = PEOPLE_KEEPERS
    model = Membership
    form_class = DelegateForm
    template_name = "enterprises/people_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only a role of one's own that lasts can be stood in for; a principal's by whoever may."""
        if request.user.role in PEOPLE_KEEPERS and (reason := self.refusal()):
            messages.error(request, reason)
            return redirect("people_list", self.enterprise.pk)
        return super().dispatch(request, *args, **kwargs)

    def refusal(self) -> str:
        """Why it cannot be delegated, "" when it can."""
        if self.part.is_over or self.part.stands_in_for_id:
            return "已结束的岗位和代理来的岗位不能再委托代理。"
        return PRINCIPAL_ONLY if is_above(self.part, self.request.user) else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the role."""
        return {**super().get_form_kwargs(), "membership": self.part}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        hint = f"{self.part.user.name} 的“{self.part}”。代理人用自己的账号,右上角可以切换到代理的岗位;到期自动结束。"
        return super().get_context_data(title="委托代理", button="委托代理", hint=hint, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Delegate."""
        stand_in = act.delegate(self.part, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, f"{stand_in.user.name} 从 {stand_in.starts_on} 到 {stand_in.ends_on} 代理“{self.part}”。")
        return redirect("people_list", self.enterprise.pk)


class MembershipChoose(RedirectURLMixin, View):
    """In which of one's roles to work; kept for this sign-in."""

    next_page = "home"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The roles in force."""
        return render(request, "enterprises/people_choose.html", {"title": "选择岗位", "next": self.get_redirect_url()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice; a role that ended meanwhile is asked again."""
        held = next((m for m in request.memberships if str(m.pk) == request.POST.get("membership")), None)
        if held is None:
            messages.error(request, "这个岗位已经结束或不是您的,请重新选择。")
            return redirect("membership_choose")
        request.session[SESSION_KEY] = held.pk
        return redirect(self.get_success_url())
