"""The navigation: entries in the order of the policy, shown to the roles that may open them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.roles import ENTERPRISE_ROLES, TOWN_ROLES, WHOLE_TOWN, Role
from notices.models import Notice


@dataclass(frozen=True)
class Entry:
    """One entry: Chinese label, icon, URL name, roles."""

    label: str
    icon: str
    url_name: str
    roles: frozenset[str]


MANY = 100
EVERYONE = ENTERPRISE_ROLES | TOWN_ROLES

SIDE = (
    Entry("今天", "home", "home", EVERYONE),
    Entry("工作台", "list-check", "inspection_desk", frozenset({Role.INSPECTOR, Role.DEPARTMENT, Role.LEADER, Role.REVIEWER})),
    Entry("企业", "building", "enterprise_list", TOWN_ROLES | {Role.PRINCIPAL, Role.SAFETY_MANAGER}),
    Entry("三同时", "sitemap", "project_list", TOWN_ROLES | {Role.PRINCIPAL, Role.SAFETY_MANAGER}),
    Entry("检查", "clipboard-check", "check_list", EVERYONE - {Role.EMPLOYEE}),
    Entry("隐患", "alert-triangle", "hazard_list", EVERYONE),
    Entry("执法检查", "shield-check", "inspection_list", TOWN_ROLES),
    Entry("年度计划", "calendar", "year_plan_list", TOWN_ROLES - {Role.VILLAGE}),
    Entry("双随机抽取", "numbers", "draw_list", WHOLE_TOWN | {Role.DEPARTMENT}),
    Entry("检查通知", "shield-check", "inspection_list", frozenset({Role.PRINCIPAL, Role.SAFETY_MANAGER})),
    Entry("公示", "speakerphone", "publication_list", WHOLE_TOWN),
    Entry("随手拍", "camera", "hazard_report", ENTERPRISE_ROLES | {Role.INSPECTOR, Role.VILLAGE}),
    Entry("走访", "users", "patrol_list", TOWN_ROLES | {Role.PRINCIPAL, Role.SAFETY_MANAGER}),
    Entry("文书", "file-text", "document_list", TOWN_ROLES | {Role.PRINCIPAL, Role.SAFETY_MANAGER}),
    Entry("我的", "user", "account", EVERYONE),
    Entry("运行状况", "settings", "ops", frozenset({Role.ADMIN})),
)
BOTTOM = ("home", "hazard_list", "hazard_report", "account")
BOTTOM_TOWN = ("home", "enterprise_list", "hazard_list", "account")


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for every template: `nav`, `bottom_nav`, `unread`, and the site's names."""
    context: dict[str, Any] = {
        "site_name": settings.SITE_NAME,
        "organiser": settings.ORGANISER,
        "demo": settings.DEMO,
        "admin_path": settings.ADMIN_PATH,
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    here = _here(request.path)
    items = [_item(entry, here) for entry in SIDE if user.role in entry.roles]
    bottom = BOTTOM_TOWN if user.is_town else BOTTOM
    context["unread"] = SimpleLazyObject(lambda: unread_count(user))
    return {**context, "nav": items, "bottom_nav": [item for name in bottom for item in items if item["name"] == name]}


def unread_count(user: Any) -> str:
    """How many notices are new, "" for none: one query of at most MANY index entries, asked only by pages that show it."""
    found = Notice.objects.for_user(user).unread()[:MANY].count()
    return f"{MANY - 1}+" if found == MANY else str(found or "")


def _here(path: str) -> str:
    """The URL of the entry a page lies under: the longest that begins its path; "/" is the home alone."""
    urls = [reverse(entry.url_name) for entry in SIDE]
    return max((url for url in urls if path == url or (url != "/" and path.startswith(url))), key=len, default="")


def _item(entry: Entry, here: str) -> dict[str, Any]:
    url = reverse(entry.url_name)
    return {"label": entry.label, "icon": entry.icon, "name": entry.url_name, "url": url, "is_current": url == here}
