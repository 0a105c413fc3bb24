"""The accounts of the demo, named on its sign-in page."""

from __future__ import annotations

from accounts.models import User

PASSWORD = "shijiao-demo"  # noqa: S105 - printed on the demo's sign-in page
ACCOUNTS = {
    "admin": "系统管理员",
    "leader": "镇领导",
    "inspector": "镇执法人员",
    "inspector2": "镇执法人员",
    "reviewer": "审核人员",
    "department": "行业主管部门",
    "village": "村安全员",
    "principal": "企业主要负责人",
    "safety": "安全管理员",
    "head": "部门负责人",
    "team": "班组长",
    "employee": "员工",
    "outsider": "另一家企业的安全管理员",
}


def present() -> list[tuple[str, str]]:
    """(user name, who that is) of those that exist, in the order above."""
    there = set(User.objects.filter(username__in=ACCOUNTS, is_active=True).values_list("username", flat=True))
    return [(name, label) for name, label in ACCOUNTS.items() if name in there]
