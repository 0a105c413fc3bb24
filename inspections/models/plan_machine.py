"""The machines of a yearly plan and of its items: states, and who may take which arrow (workflows §5)."""

from __future__ import annotations

from django.db import models

from core.models import Move
from inspections.models.machine import LEADER, OFFICERS, REASON


class PlanState(models.TextChoices):
    """Where a plan stands; from its filing on it is executed."""

    DRAFT = "draft", "拟制中"
    SUBMITTED = "submitted", "待批准"
    APPROVED = "approved", "已批准,待备案"
    FILED = "filed", "执行中"
    ADJUSTING = "adjusting", "调整待批"
    CLOSED = "closed", "已结束"
    VOIDED = "voided", "已作废"


EXECUTING = (PlanState.FILED, PlanState.ADJUSTING)
PLAN_TONES: dict[str, str] = {
    PlanState.SUBMITTED: "orange",
    PlanState.APPROVED: "blue",
    PlanState.FILED: "green",
    PlanState.ADJUSTING: "orange",
}
PLAN_MOVES = {
    "submit": Move(
        "提交计划",
        {PlanState.DRAFT},
        PlanState.SUBMITTED,
        OFFICERS,
        tone="primary",
        description="报镇领导批准。法定工作日数在提交时固定下来。",
    ),
    "approve": Move("批准计划", {PlanState.SUBMITTED}, PlanState.APPROVED, LEADER, tone="primary"),
    "hand_back": Move(
        "退回计划",
        {PlanState.SUBMITTED, PlanState.APPROVED},
        PlanState.DRAFT,
        LEADER,
        REASON,
        "danger",
        description="退回修改;已批准、区里备案没有通过的也从这里退回,改好后重新报批。",
    ),
    "file": Move(
        "报区备案",
        {PlanState.APPROVED},
        PlanState.FILED,
        OFFICERS,
        "inspections.forms.FilePlanForm",
        "primary",
        description="登记备案日期和区里的回执号,计划从此开始执行:计划检查都从计划项里安排。",
    ),
    "propose_adjustment": Move(
        "提出计划调整",
        {PlanState.FILED},
        PlanState.ADJUSTING,
        OFFICERS,
        "inspections.forms.ProposeForm",
        "primary",
        description="自批准以来变动的次数没有超过规定比例的立即生效,超过的、使必须列入的企业不再检查的由镇领导重新批准。",
    ),
    "settle_adjustment": Move("计划调整生效", {PlanState.ADJUSTING}, PlanState.FILED, OFFICERS, is_offered=False),
    "approve_adjustment": Move("批准计划调整", {PlanState.ADJUSTING}, PlanState.FILED, LEADER, "inspections.forms.AnswerForm", "primary"),
    "refuse_adjustment": Move("不同意计划调整", {PlanState.ADJUSTING}, PlanState.FILED, LEADER, "inspections.forms.RefuseForm", "danger"),
    "close": Move(
        "结束计划",
        {PlanState.FILED},
        PlanState.CLOSED,
        OFFICERS,
        "inspections.forms.ClosePlanForm",
        description="没有安排的计划项要结转到下一年度,或写明理由取消。",
    ),
    "withdraw": Move("作废计划", {PlanState.DRAFT, PlanState.SUBMITTED, PlanState.APPROVED}, PlanState.VOIDED, OFFICERS, REASON, "danger"),
}


class ItemState(models.TextChoices):
    """Where an item stands."""

    PLANNED = "planned", "未安排"
    SCHEDULED = "scheduled", "已安排"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已取消"
    CARRIED_OVER = "carried_over", "已结转"


LIVE = (ItemState.PLANNED, ItemState.SCHEDULED, ItemState.DONE)
WITH_VISIT = (ItemState.SCHEDULED, ItemState.DONE)
ITEM_TONES: dict[str, str] = {ItemState.SCHEDULED: "blue", ItemState.DONE: "green", ItemState.CARRIED_OVER: "orange"}
# Taken only by the visit, the plan or the adjustment they belong to: no page asks for them.
ITEM_MOVES = {
    "schedule": Move("安排检查", {ItemState.PLANNED}, ItemState.SCHEDULED, OFFICERS, is_offered=False),
    "finish": Move("检查已记录", {ItemState.SCHEDULED}, ItemState.DONE, OFFICERS, is_offered=False),
    "release": Move("检查取消,重新待安排", {ItemState.SCHEDULED}, ItemState.PLANNED, OFFICERS | LEADER, is_offered=False),
    "cancel": Move("取消计划项", {ItemState.PLANNED}, ItemState.CANCELLED, OFFICERS | LEADER, is_offered=False),
    "carry_over": Move("结转到下一年度", {ItemState.PLANNED}, ItemState.CARRIED_OVER, OFFICERS, is_offered=False),
}


class Segment(models.TextChoices):
    """Why a firm is in the plan."""

    KEY = "key", "重点企业"
    CITY = "city", "市属及以上"
    CANDIDATE = "candidate", "风险提示"
    RANDOM = "random", "随机抽查"
