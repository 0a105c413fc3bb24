"""The tabs of an enterprise's file: each is a URL of its own, in the app it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.roles import TOWN_ROLES, Role


@dataclass(frozen=True)
class Tab:
    """Chinese label, URL name (takes the enterprise's pk), and who may open it."""

    label: str
    url_name: str
    roles: frozenset[str]


READERS = TOWN_ROLES | {Role.PRINCIPAL, Role.SAFETY_MANAGER}

FILE_TABS: tuple[Tab, ...] = (
    Tab("概况", "enterprise_detail", READERS),
    Tab("部门班组", "enterprise_units", READERS),
    Tab("人员", "people_list", frozenset({Role.ADMIN, Role.INSPECTOR, Role.PRINCIPAL, Role.SAFETY_MANAGER})),
    Tab("任务计划", "plan_list", READERS),
    Tab("日历", "enterprise_calendar", READERS),
    Tab("检查", "enterprise_checks", READERS),
    Tab("隐患", "enterprise_hazards", READERS),
    Tab("执法检查", "enterprise_inspections", READERS),
    Tab("台账", "enterprise_ledgers", READERS),
    Tab("三同时", "enterprise_projects", READERS),
    Tab("走访", "enterprise_patrols", READERS),
    Tab("停产", "enterprise_stops", READERS),
    Tab("记录", "enterprise_history", READERS),
)
