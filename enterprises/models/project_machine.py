"""The machine of a construction project (三同时): its states, and who may take which arrow (workflows §11)."""

from __future__ import annotations

from django.db import models

from accounts.roles import MANAGERS, Role
from core.models import Move


class State(models.TextChoices):
    """The stage a project is in; the papers of a stage are asked for when it is left."""

    REGISTERED = "registered", "已登记"
    PRE_EVALUATION = "pre_evaluation", "安全预评价"
    DESIGN_REVIEW = "design_review", "安全设施设计审查"
    CONSTRUCTION = "construction", "施工"
    TRIAL_RUN = "trial_run", "试运行"
    ACCEPTANCE = "acceptance", "竣工验收"
    IN_USE = "in_use", "已投入使用"
    STOPPED = "stopped", "已停建"
    CANCELLED = "cancelled", "已取消"


STAGES = (
    State.REGISTERED,
    State.PRE_EVALUATION,
    State.DESIGN_REVIEW,
    State.CONSTRUCTION,
    State.TRIAL_RUN,
    State.ACCEPTANCE,
    State.IN_USE,
)
UNDER_WAY = frozenset(STAGES) - {State.IN_USE}
NOT_IN_USE = UNDER_WAY | {State.STOPPED}
TONES: dict[str, str] = {
    State.REGISTERED: "blue",
    State.PRE_EVALUATION: "blue",
    State.DESIGN_REVIEW: "blue",
    State.CONSTRUCTION: "blue",
    State.TRIAL_RUN: "orange",
    State.ACCEPTANCE: "orange",
    State.IN_USE: "green",
    State.STOPPED: "red",
}
REGISTRARS = frozenset({Role.DEPARTMENT, Role.INSPECTOR, Role.ADMIN})
TOWN_SIDE = frozenset({Role.DEPARTMENT, Role.INSPECTOR})
FORMS = "enterprises.forms.projects"
COURSE = {
    "start_evaluation": Move(
        "进入安全预评价", {State.REGISTERED}, State.PRE_EVALUATION, MANAGERS, tone="primary", description="项目已批准(核准、备案)才能进入。"
    ),
    "finish_evaluation": Move(
        "预评价完成,转入设计审查", {State.PRE_EVALUATION}, State.DESIGN_REVIEW, MANAGERS, f"{FORMS}.PaperForm", "primary"
    ),
    "apply_design": Move(
        "申请设计审查",
        {State.DESIGN_REVIEW},
        None,
        MANAGERS,
        f"{FORMS}.ApplyDesignForm",
        "primary",
        "金属冶炼、危险物品项目的安全设施设计由主管部门审查,受理期限从收到申请之日起算。",
    ),
    "accept_design": Move("登记受理", {State.DESIGN_REVIEW}, None, {Role.INSPECTOR}, f"{FORMS}.AcceptDesignForm", "primary"),
    "approve_design": Move(
        "设计审查通过,转入施工", {State.DESIGN_REVIEW}, State.CONSTRUCTION, MANAGERS | {Role.INSPECTOR}, f"{FORMS}.PaperForm", "primary"
    ),
    "extend_design": Move("登记延长决定期限", {State.DESIGN_REVIEW}, None, {Role.INSPECTOR}, "core.forms.ReasonForm"),
    "refuse_design": Move(
        "登记不予受理或不予批准",
        {State.DESIGN_REVIEW},
        None,
        {Role.INSPECTOR},
        "core.forms.ReasonForm",
        "danger",
        "企业修改设计后可以重新申请。",
    ),
    "start_trial": Move("施工完成,开始试运行", {State.CONSTRUCTION}, State.TRIAL_RUN, MANAGERS, f"{FORMS}.StartTrialForm", "primary"),
    "restart_trial": Move(
        "登记重新试运行",
        {State.TRIAL_RUN},
        None,
        {Role.INSPECTOR},
        f"{FORMS}.RestartTrialForm",
        description="试运行超过最长期限或中断的,由执法人员核实后重新起算。",
    ),
    "end_trial": Move("试运行结束,转入竣工验收", {State.TRIAL_RUN}, State.ACCEPTANCE, MANAGERS, f"{FORMS}.EndTrialForm", "primary"),
    "record_acceptance": Move("登记竣工验收", {State.ACCEPTANCE}, None, MANAGERS, f"{FORMS}.AcceptanceForm", "primary"),
    "put_in_use": Move("投入使用", {State.ACCEPTANCE}, State.IN_USE, MANAGERS, f"{FORMS}.UseForm", "primary"),
}
SOURCE_CONTROL = {
    "record_approval": Move("补登批准文件", NOT_IN_USE, None, TOWN_SIDE, f"{FORMS}.ApprovalForm", "primary"),
    "notify_bureau": Move(
        "登记告知区应急局",
        frozenset(State) - {State.CANCELLED},
        None,
        TOWN_SIDE,
        f"{FORMS}.NotifyForm",
        "primary",
        "谁审批谁负责:批准项目的部门要告知区县应急管理部门。",
    ),
    "find_in_use": Move(
        "发现未经验收投入使用",
        NOT_IN_USE,
        None,
        {Role.INSPECTOR},
        f"{FORMS}.FoundForm",
        "danger",
        "登记以后项目仍在原阶段;违法行为由监督检查处理。",
    ),
}
PAUSES = {
    "stop": Move("停建", UNDER_WAY, State.STOPPED, MANAGERS | TOWN_SIDE, "core.forms.ReasonForm"),
    "resume": Move("恢复(回到停建前的阶段)", {State.STOPPED}, None, MANAGERS | TOWN_SIDE, tone="primary"),
    "cancel": Move("取消项目", NOT_IN_USE, State.CANCELLED, TOWN_SIDE, "core.forms.ReasonForm", "danger"),
}
MOVES = COURSE | SOURCE_CONTROL | PAUSES
