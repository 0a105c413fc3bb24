"""The hazard's machine: its states, and who may take which arrow, in general and once it is major (workflows §1)."""

from __future__ import annotations

from django.db import models

from accounts.roles import ENTERPRISE_ROLES, MANAGERS, Role
from core.models import Move

ASSIGNERS = MANAGERS | {Role.UNIT_HEAD}
DECIDERS = MANAGERS | {Role.INSPECTOR}
ACCEPTORS = MANAGERS | {Role.UNIT_HEAD, Role.TEAM_LEADER, Role.INSPECTOR, Role.VILLAGE}
PROPOSERS = MANAGERS | {Role.UNIT_HEAD, Role.TEAM_LEADER, Role.INSPECTOR, Role.REVIEWER, Role.VILLAGE, Role.DEPARTMENT}


class State(models.TextChoices):
    """Where a hazard stands; the three in the middle and the re-check are for confirmed major ones only."""

    REPORTED = "reported", "待受理"
    REJECTED = "rejected", "已驳回"
    ASSIGNED = "assigned", "待整改"
    MAJOR_CONFIRMED = "major_confirmed", "重大,待报方案"
    PLAN_PENDING = "plan_pending", "方案待镇接收"
    PLAN_APPROVED = "plan_approved", "方案已接收"
    RECTIFYING = "rectifying", "整改中"
    PENDING_ACCEPTANCE = "pending_acceptance", "待验收"
    PENDING_RECHECK = "pending_recheck", "待镇复查"
    RETURNED = "returned", "已退回"
    CLOSED = "closed", "已销案"


class Level(models.TextChoices):
    """How grave; a major one is only suspected until two people have signed."""

    MINOR = "minor", "轻微"
    LIGHT = "light", "较轻"
    NORMAL = "normal", "一般"
    SERIOUS = "serious", "较重"
    MAJOR = "major", "疑似重大"


class Source(models.TextChoices):
    """Who found it; what the firm found itself never opens anything punitive."""

    TEAM = "team", "班组日检查"
    DEPARTMENT = "department", "部门周检查"
    PLANT = "plant", "厂长月检查"
    SNAP = "snap", "随手拍"
    INSPECTION = "inspection", "镇村发现"


IN_WORK = (State.ASSIGNED, State.RECTIFYING, State.RETURNED)
SUSPECT = {State.REPORTED, *IN_WORK, State.PENDING_ACCEPTANCE}
PLANNING = (State.MAJOR_CONFIRMED, State.PLAN_PENDING, State.PLAN_APPROVED)
MAJOR = {*PLANNING, State.RECTIFYING, State.PENDING_RECHECK, State.RETURNED}
OPEN = SUSPECT | MAJOR
TONES: dict[str, str] = {
    State.REPORTED: "orange",
    State.ASSIGNED: "blue",
    State.MAJOR_CONFIRMED: "red",
    State.PLAN_PENDING: "orange",
    State.PLAN_APPROVED: "blue",
    State.RECTIFYING: "blue",
    State.PENDING_ACCEPTANCE: "orange",
    State.PENDING_RECHECK: "orange",
    State.RETURNED: "red",
    State.CLOSED: "green",
}
SEEN = "看过现场或照片,确认已经整改到位。"
GENERAL_MOVES = {
    "assign": Move("指派整改", {State.REPORTED}, State.ASSIGNED, ASSIGNERS, "hazards.forms.AssignForm", "primary"),
    "start_fix": Move("开始整改", {State.ASSIGNED, State.RETURNED}, State.RECTIFYING, ENTERPRISE_ROLES),
    "submit_fix": Move("提交整改", set(IN_WORK), State.PENDING_ACCEPTANCE, ENTERPRISE_ROLES, "hazards.forms.FixForm", "primary"),
    "accept_fix": Move("验收通过", {State.PENDING_ACCEPTANCE}, State.CLOSED, ACCEPTORS, "hazards.forms.AcceptForm", "primary", SEEN),
    "return_fix": Move("退回整改", {State.PENDING_ACCEPTANCE}, State.RETURNED, ACCEPTORS, "core.forms.ReasonForm", "danger"),
    "ask_extension": Move("申请延期", set(IN_WORK), None, ENTERPRISE_ROLES, "hazards.forms.ExtensionForm"),
    "grant_extension": Move("同意延期", set(IN_WORK), None, DECIDERS, "core.forms.NoteForm", "primary"),
    "refuse_extension": Move("不同意延期", set(IN_WORK), None, DECIDERS, "core.forms.ReasonForm", "danger"),
    "reassign": Move("改派", set(IN_WORK), State.ASSIGNED, ASSIGNERS, "hazards.forms.ReassignForm"),
    "regrade": Move("改定级别", {State.REPORTED, *IN_WORK}, None, {Role.INSPECTOR, Role.REVIEWER}, "hazards.forms.RegradeForm"),
    "reject": Move("驳回", {State.REPORTED}, State.REJECTED, MANAGERS | {Role.INSPECTOR}, "core.forms.ReasonForm", "danger"),
}
TO_CONFIRM = {
    "propose_major": Move("提请认定重大", {State.REPORTED, *IN_WORK}, None, PROPOSERS, "hazards.forms.ProposeMajorForm"),
    "sign_major": Move(
        "认定重大(第一人签名)",
        SUSPECT,
        None,
        DECIDERS,
        "hazards.forms.SignMajorForm",
        "danger",
        "选定判定条目并签名;另一个人签名后才确认。企业自己认定由安全管理员和主要负责人签,镇认定由两名执法人员签。",
    ),
    "confirm_major": Move(
        "会签,确认重大",
        SUSPECT,
        State.MAJOR_CONFIRMED,
        DECIDERS,
        "hazards.forms.ConfirmMajorForm",
        "danger",
        "您是第二个签名的人。签名后立即确认为重大事故隐患,上报和方案的时限从现在起算。",
    ),
}
MAJOR_MOVES = {
    "plan_in": Move("五定方案已提交", {State.MAJOR_CONFIRMED}, State.PLAN_PENDING, {Role.PRINCIPAL}),
    "plan_back": Move("五定方案已退回", {State.PLAN_PENDING}, State.MAJOR_CONFIRMED, {Role.INSPECTOR}),
    "plan_received": Move("五定方案已接收", {State.PLAN_PENDING}, State.PLAN_APPROVED, {Role.INSPECTOR}),
    "plan_started": Move("按方案开始整改", {State.PLAN_APPROVED}, State.RECTIFYING, {Role.PRINCIPAL}),
    "plan_changed": Move("按变更后的方案整改", {State.RECTIFYING, State.RETURNED}, None, {Role.INSPECTOR}),
    "apply_recheck": Move(
        "申请复查", {State.RECTIFYING, State.RETURNED}, State.PENDING_RECHECK, ENTERPRISE_ROLES, "hazards.forms.ApplyRecheckForm", "primary"
    ),
    "recheck_due": Move("期限已到,转入复查", {State.RECTIFYING}, State.PENDING_RECHECK, ()),
    "record_recheck": Move("填写复查结果", {State.PENDING_RECHECK}, None, {Role.INSPECTOR}, "hazards.forms.RecheckForm", "primary"),
    "pass_recheck": Move(
        "会签,复查通过", {State.PENDING_RECHECK}, State.CLOSED, {Role.INSPECTOR}, "core.forms.NoteForm", "primary", "签名后销案。"
    ),
    "fail_recheck": Move(
        "会签,复查不通过",
        {State.PENDING_RECHECK},
        State.RETURNED,
        {Role.INSPECTOR},
        "core.forms.NoteForm",
        "danger",
        "签名后退回企业继续整改。",
    ),
    "make_report": Move("登记上报", {*MAJOR, State.CLOSED}, None, DECIDERS, "hazards.forms.MakeReportForm"),
    "add_criteria": Move("加注判定条目", MAJOR, None, {Role.INSPECTOR}, "hazards.forms.AddCriteriaForm"),
    "downgrade": Move("降级为一般隐患", MAJOR, State.REPORTED, {Role.REVIEWER, Role.INSPECTOR}, "hazards.forms.DowngradeForm", "danger"),
}
MEASURE_MOVES = {
    "take_measure": Move("登记临时措施", OPEN, None, ASSIGNERS | {Role.INSPECTOR}, "hazards.forms.TakeMeasureForm"),
    "lift_measure": Move("解除临时措施", {*OPEN, State.CLOSED}, None, {Role.INSPECTOR}, "hazards.forms.LiftMeasureForm"),
}
OFFICERS = {Role.INSPECTOR, Role.DEPARTMENT}
ORDERED_MOVES = {
    "order_fix": Move("责令整改", SUSPECT, State.ASSIGNED, {Role.INSPECTOR}, is_offered=False),
    "extend_fix": Move("延长责令期限", SUSPECT, None, {Role.LEADER}, is_offered=False),
    "lift_order": Move("责令已解除", SUSPECT, None, OFFICERS, is_offered=False),
    "correct_order": Move("责令凭据更正", SUSPECT, None, {Role.INSPECTOR}, is_offered=False),
    "pass_fix": Move("复查合格", SUSPECT, State.CLOSED, OFFICERS, is_offered=False),
    "fail_fix": Move("复查不合格", SUSPECT, State.RETURNED, OFFICERS, is_offered=False),
    "fix_on_spot": Move("当场改正", {State.REPORTED}, State.CLOSED, OFFICERS, is_offered=False),
}
MOVES = GENERAL_MOVES | TO_CONFIRM | MAJOR_MOVES | MEASURE_MOVES | ORDERED_MOVES
