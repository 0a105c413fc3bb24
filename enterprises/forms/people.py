"""Forms of people and their roles: in an enterprise, and on the town's side."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone

from accounts.forms import tidy_username
from accounts.models import Area, Department, User
from accounts.models.areas import within
from accounts.roles import ENTERPRISE_ROLES, Role
from core.forms import ClientIdField, UserForm
from enterprises.forms.enterprise import DateInput, sent_before
from enterprises.models import Membership, Unit
from enterprises.names import VisibleNameMixin

LONGEST_ABSENCE = datetime.timedelta(days=90)
OVER_PRINCIPALS = frozenset({Role.ADMIN, Role.PRINCIPAL})
OF_UNIT = (Role.UNIT_HEAD, Role.TEAM_LEADER)
USERNAME = RegexValidator(r"^[a-z0-9][a-z0-9._-]{2,29}$", "用户名用 3 至 30 个小写字母、数字、点、横线,以字母或数字开头,例如姓名拼音。")
PHONE = RegexValidator(r"^1\d{10}$", "手机号是 1 开头的 11 位数字。")
TOWN_CHOICES = [
    (role.value, role.label) for role in (Role.INSPECTOR, Role.VILLAGE, Role.REVIEWER, Role.DEPARTMENT, Role.LEADER, Role.ADMIN)
]


class PersonPart(VisibleNameMixin, UserForm):
    """A person who does not exist yet."""

    client_id = ClientIdField()
    name = forms.CharField(label="姓名", max_length=40)
    username = forms.CharField(label="用户名", max_length=60, help_text="用来登录,建议用姓名拼音。不分大小写。")
    phone = forms.CharField(label="手机", required=False, validators=[PHONE], widget=forms.TextInput(attrs={"inputmode": "tel"}))
    email = forms.EmailField(label="邮箱", required=False, help_text="可不填;填了可以自己用邮箱找回密码。")

    def clean_username(self) -> str:
        """Well formed, and nobody's; the same form sent twice finds its own."""
        username = tidy_username(self.cleaned_data["username"])
        USERNAME(username)
        if User.objects.taken(username) and not sent_before(self.user, self.data.get("client_id")):
            raise ValidationError(f"用户名“{username}”已经有人用,请换一个,例如 {username}2。")
        return username


class FirmPlacePart(UserForm):
    """A role in an enterprise."""

    role = forms.ChoiceField(label="岗位", choices=[(r.value, r.label) for r in Role if r in ENTERPRISE_ROLES])
    unit = forms.ModelChoiceField(
        label="部门班组", queryset=Unit.objects.none(), required=False, empty_label="全厂", help_text="部门负责人、班组长必须选。"
    )
    starts_on = forms.DateField(label="从哪天起", widget=DateInput(), initial=timezone.localdate)

    def __init__(self, *args: Any, enterprise: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.for_user(self.user).filter(enterprise=enterprise).open().exclude(kind=Unit.Kind.PLANT)
        self.fields["unit"].queryset = units.order_by("kind", "name")
        if self.user.role not in OVER_PRINCIPALS:
            self.fields["role"].choices = [choice for choice in self.fields["role"].choices if choice[0] != Role.PRINCIPAL]

    def clean(self) -> dict[str, Any]:
        """Heads and leaders lead something."""
        data = super().clean() or self.cleaned_data
        if data.get("role") in OF_UNIT and not data.get("unit") and "unit" not in self.errors:
            self.add_error("unit", "部门负责人和班组长要选所在的部门班组;还没有的,先在“部门班组”里添加。")
        return data


class InviteForm(FirmPlacePart, PersonPart):
    """A new person with a first role in the enterprise."""

    field_order = ["client_id", "name", "username", "phone", "email", "role", "unit", "starts_on"]


class ExistingPersonForm(FirmPlacePart):
    """A role in the enterprise for a person who has an account already."""

    username = forms.CharField(label="用户名", max_length=60, help_text="已有账号的用户名,要完全一样。")
    field_order = ["username", "role", "unit", "starts_on"]

    def clean_username(self) -> str:
        """An active account."""
        person = User.objects.named(tidy_username(self.cleaned_data["username"]))
        if person is None or not person.is_active:
            raise ValidationError("没有这个用户名,或者账号已停用。")
        self.person = person
        return person.username


class DelegateForm(UserForm):
    """Who stands in, from when to when, and why."""

    to = forms.ModelChoiceField(label="由谁代理", queryset=User.objects.none(), empty_label="请选择")
    starts_on = forms.DateField(label="从哪天起", widget=DateInput(), initial=timezone.localdate)
    ends_on = forms.DateField(label="到哪天止(含当天)", widget=DateInput())
    reason = forms.CharField(label="原因", max_length=100, help_text="例如:请假、出差。")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        self.membership = membership
        super().__init__(*args, **kwargs)
        here = Membership.objects.for_user(self.user)
        here = here.filter(enterprise=membership.enterprise) if membership.enterprise_id else here.town()
        mates = here.current().exclude(user=membership.user)
        self.fields["to"].queryset = User.objects.filter(pk__in=mates.values("user"), is_active=True).order_by("name", "pk")
        self.fields["to"].label_from_instance = lambda person: f"{person.name}({person.username})"

    def clean_to(self) -> Any:
        """Nobody makes himself another's stand-in."""
        to = self.cleaned_data["to"]
        if to == self.user:
            raise ValidationError("不能把别人的岗位代理给自己,请由本人、另一位管理人员或镇系统管理员操作。")
        return to

    def clean(self) -> dict[str, Any]:
        """A period in order, not past, within the role's own."""
        data = super().clean() or self.cleaned_data
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if not starts_on or not ends_on:
            return data
        if ends_on < max(starts_on, timezone.localdate()):
            self.add_error("ends_on", "结束日期不能早于开始日期,也不能已经过去。")
        if ends_on > starts_on + LONGEST_ABSENCE:
            self.add_error("ends_on", f"代理最长 {LONGEST_ABSENCE.days} 天;更久的请结束岗位、另行任命。")
        if self.membership.ends_on and ends_on > self.membership.ends_on:
            self.add_error("ends_on", f"本人的岗位到 {self.membership.ends_on} 结束,代理不能更晚。")
        return data


class TownPlacePart(UserForm):
    """A role on the town's side."""

    role = forms.ChoiceField(label="岗位", choices=TOWN_CHOICES)
    area = forms.ModelChoiceField(label="区域", queryset=Area.objects.none(), required=False, help_text="村(社区)安全员选所在的村(社区)。")
    department = forms.ModelChoiceField(
        label="部门", queryset=Department.objects.none(), required=False, help_text="只有行业主管部门要选。"
    )
    starts_on = forms.DateField(label="从哪天起", widget=DateInput(), initial=timezone.localdate)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area = self.user.membership.area
        code = area.code
        self.fields["area"].empty_label = area.name
        self.fields["area"].queryset = Area.objects.filter(within("code", code))
        self.fields["department"].queryset = Department.objects.filter(within("area_id", code))

    def clean(self) -> dict[str, Any]:
        """A department for its people, a village for its safety officer, else the town."""
        data = super().clean() or self.cleaned_data
        role = data.get("role")
        if role == Role.DEPARTMENT:
            data["area"] = None
            if not data.get("department") and "department" not in self.errors:
                self.add_error("department", "请选择部门。")
            return data
        data["department"] = None
        if role == Role.VILLAGE and len(getattr(data.get("area"), "code", "")) != 12 and "area" not in self.errors:
            self.add_error("area", "请选择村(社区)。")
        if "area" not in self.errors and not data.get("area"):
            data["area"] = self.user.membership.area
        return data


class StaffInviteForm(TownPlacePart, PersonPart):
    """A new person with a first role on the town's side."""

    field_order = ["client_id", "name", "username", "phone", "email", "role", "area", "department", "starts_on"]
