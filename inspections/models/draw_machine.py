"""The machine of a draw: states, and who may take which arrow (workflows §6, design/draw.md)."""

from __future__ import annotations

from django.db import models

from accounts.roles import Role
from core.models import Move
from inspections.models.machine import LEADER, OFFICERS, REASON

CHECKERS = frozenset({Role.LEADER, Role.REVIEWER})
FORMS = "inspections.forms.draws"


class State(models.TextChoices):
    """Where a draw stands."""

    CONFIGURED = "configured", "已公布承诺"
    FROZEN = "frozen", "名单已冻结"
    DRAWN = "drawn", "已抽取"
    CONFIRMED = "confirmed", "已确认"
    ISSUED = "issued", "任务已下达"
    RESULTS_IN = "results_in", "检查已完成"
    PUBLISHED = "published", "已公布"
    VOIDED = "voided", "已作废"


RUNNING = (State.CONFIGURED, State.FROZEN, State.DRAWN, State.CONFIRMED, State.ISSUED, State.RESULTS_IN)
CHANGEABLE = (State.DRAWN, State.CONFIRMED, State.ISSUED)
TONES: dict[str, str] = {
    State.CONFIGURED: "secondary",
    State.FROZEN: "blue",
    State.DRAWN: "blue",
    State.CONFIRMED: "blue",
    State.ISSUED: "orange",
    State.RESULTS_IN: "orange",
    State.PUBLISHED: "green",
    State.VOIDED: "red",
}
MOVES = {
    "freeze": Move(
        "冻结名单",
        {State.CONFIGURED},
        State.FROZEN,
        OFFICERS,
        tone="primary",
        description="企业和检查人员两份名单从此不能再改,名单的摘要同时公布;名单本身到检查结束后才公布。",
    ),
    "enter_value": Move(
        "录入公共随机值",
        {State.FROZEN},
        None,
        OFFICERS,
        f"{FORMS}.EnterValueForm",
        "primary",
        "公共随机值录入后立即抽取,不能修改,也不能重来。请两个人核对无误再提交。",
    ),
    "draw": Move(
        "抽取", {State.FROZEN}, State.DRAWN, OFFICERS, tone="primary", description="公共随机值已经录入,但抽取没有完成,在这里再办一次。"
    ),
    "start_freeze": Move("开始冻结名单", {State.CONFIGURED}, None, OFFICERS, is_offered=False),
    "start_draw": Move("开始抽取", {State.FROZEN}, None, OFFICERS, is_offered=False),
    "start_issue_tasks": Move("开始下达检查任务", {State.CONFIRMED}, None, OFFICERS, is_offered=False),
    "confirm": Move(
        "确认抽取结果",
        {State.DRAWN},
        State.CONFIRMED,
        CHECKERS,
        f"{FORMS}.ConfirmForm",
        "primary",
        "由没有参加抽取操作的人确认,写明在场见证的人。",
    ),
    "issue_tasks": Move(
        "下达检查任务",
        {State.CONFIRMED},
        State.ISSUED,
        OFFICERS,
        tone="primary",
        description="为每个抽中的对象建立一次双随机抽查,由抽中的检查人员拟定方案。",
    ),
    "ask_change": Move(
        "申请替换", set(CHANGEABLE), None, OFFICERS, f"{FORMS}.AskChangeForm", description="替换由审批人批准后才生效,理由永久公开。"
    ),
    "ask_void": Move("申请作废", set(RUNNING), None, OFFICERS, f"{FORMS}.AskVoidForm", "danger", "作废由审批人批准后才生效,理由永久公开。"),
    "approve_change": Move("批准替换或作废", set(RUNNING), None, CHECKERS, f"{FORMS}.ApproveChangeForm", "primary"),
    "refuse_change": Move("不批准", set(RUNNING), None, CHECKERS, REASON, "danger"),
    "void": Move("作废", set(RUNNING), State.VOIDED, CHECKERS, is_offered=False),
    "finish": Move("检查全部完成", {State.ISSUED}, State.RESULTS_IN, frozenset(), is_offered=False),
    "publish": Move(
        "公布抽取和名单",
        {State.RESULTS_IN},
        State.PUBLISHED,
        CHECKERS,
        tone="primary",
        description="公布后任何人都能看到名单、密钥和全部过程,并能自己重算;不能收回。",
    ),
    "disclose": Move(
        "公布作废的抽取",
        {State.VOIDED},
        None,
        CHECKERS,
        tone="primary",
        description="名单、密钥和作废的理由一起公布,公众可以核对作废前的结果。",
    ),
}
__all__ = ["CHANGEABLE", "CHECKERS", "LEADER", "MOVES", "RUNNING", "TONES", "State"]
