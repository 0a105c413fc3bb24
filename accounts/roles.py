"""Roles, and the sets of them that moves and pages name."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """What somebody is, within an area, a department or an enterprise."""

    ADMIN = "admin", "系统管理员"
    LEADER = "leader", "镇领导(安委会)"
    INSPECTOR = "inspector", "执法人员"
    REVIEWER = "reviewer", "审核人员"
    DEPARTMENT = "department", "行业主管部门"
    VILLAGE = "village", "村(社区)安全员"
    PRINCIPAL = "principal", "主要负责人"
    SAFETY_MANAGER = "safety_manager", "安全管理员"
    UNIT_HEAD = "unit_head", "部门负责人"
    TEAM_LEADER = "team_leader", "班组长"
    EMPLOYEE = "employee", "员工"


ENTERPRISE_ROLES = frozenset({Role.PRINCIPAL, Role.SAFETY_MANAGER, Role.UNIT_HEAD, Role.TEAM_LEADER, Role.EMPLOYEE})
MANAGERS = frozenset({Role.PRINCIPAL, Role.SAFETY_MANAGER})
WHOLE_TOWN = frozenset({Role.ADMIN, Role.LEADER, Role.INSPECTOR, Role.REVIEWER})
TOWN_ROLES = WHOLE_TOWN | {Role.DEPARTMENT, Role.VILLAGE}
