"""The machines of a visit, of an order and of an on-site measure: states, and who may take which arrow (workflows §7)."""

from __future__ import annotations

from django.db import models

from accounts.roles import MANAGERS, Role
from core.models import Move
from inspections.models.law import InspectionKind as Kind

OFFICERS = frozenset({Role.INSPECTOR, Role.DEPARTMENT})
INSPECTOR = frozenset({Role.INSPECTOR})
LEADER = frozenset({Role.LEADER})
# The firm's managers; an inspector registers what a firm, with an account or without, hands in on paper.
APPLICANTS = MANAGERS | INSPECTOR
REASON = "core.forms.ReasonForm"


class State(models.TextChoices):
    """Where a visit stands."""

    PLANNED = "planned", "拟定中"
    SCHEME_PENDING = "scheme_pending", "方案待批"
    SCHEME_APPROVED = "scheme_approved", "方案已批"
    NOTICED = "noticed", "已通知"
    IN_PROGRESS = "in_progress", "检查中"
    RECORDED = "recorded", "待处置"
    DISPOSED = "disposed", "已处置"
    FOLLOW_UP = "follow_up", "整改复查中"
    CLOSED = "closed", "已办结"
    ABORTED = "aborted", "已取消"


BEFORE = (State.PLANNED, State.SCHEME_PENDING, State.SCHEME_APPROVED, State.NOTICED)
AFTER = (State.RECORDED, State.DISPOSED, State.FOLLOW_UP)
VISITED = (State.IN_PROGRESS, *AFTER, State.CLOSED)
OPEN = (*BEFORE, State.IN_PROGRESS, *AFTER)
WITHOUT_SCHEME = (Kind.ACCIDENT, Kind.RECHECK)
TONES: dict[str, str] = {
    State.PLANNED: "secondary",
    State.SCHEME_PENDING: "orange",
    State.SCHEME_APPROVED: "blue",
    State.NOTICED: "blue",
    State.IN_PROGRESS: "blue",
    State.RECORDED: "orange",
    State.DISPOSED: "orange",
    State.FOLLOW_UP: "orange",
    State.CLOSED: "green",
}
MOVES = {
    "submit_scheme": Move(
        "提交检查方案",
        {State.PLANNED},
        State.SCHEME_PENDING,
        OFFICERS,
        tone="primary",
        description="两名持有效证件的检查人员、检查内容和时间都定好后,报分管领导审批。",
    ),
    "approve_scheme": Move(
        "批准检查方案", {State.SCHEME_PENDING}, State.SCHEME_APPROVED, LEADER, "inspections.forms.ApproveSchemeForm", "primary"
    ),
    "return_scheme": Move("退回检查方案", {State.SCHEME_PENDING}, State.PLANNED, LEADER, REASON, "danger"),
    "replan": Move("改期换人", set(BEFORE), State.PLANNED, OFFICERS, "inspections.forms.ReplanForm"),
    "take_drawn_officers": Move(
        "替换抽中的检查人员", set(BEFORE), State.PLANNED, frozenset({Role.LEADER, Role.REVIEWER}), is_offered=False
    ),
    "join": Move(
        "并入联合检查",
        {State.PLANNED, State.SCHEME_PENDING, State.SCHEME_APPROVED},
        State.PLANNED,
        OFFICERS,
        "inspections.forms.JoinForm",
        description="与已经安排的这次检查同一天去,各部门各查各的项目;方案要重新报批。",
    ),
    "notify": Move("已通知企业", {State.SCHEME_APPROVED}, State.NOTICED, INSPECTOR, is_offered=False),
    "lose_notice": Move("通知书作废", {State.NOTICED}, State.SCHEME_APPROVED, INSPECTOR, is_offered=False),
    "say_ready": Move(
        "我们已准备好,可以提前来",
        {State.NOTICED},
        None,
        MANAGERS,
        "inspections.forms.ReadyForm",
        description="检查人员会看到;是否提前由他们安排。",
    ),
    "begin": Move(
        "到场,开始检查",
        {State.PLANNED, State.SCHEME_APPROVED, State.NOTICED},
        State.IN_PROGRESS,
        OFFICERS,
        "inspections.forms.BeginForm",
        "primary",
    ),
    "sign_record": Move("填完,第一人签名", {State.IN_PROGRESS}, None, OFFICERS, is_offered=False),
    "record": Move("会签检查记录", {State.IN_PROGRESS}, State.RECORDED, OFFICERS, is_offered=False),
    "dispose": Move(
        "问题都已处置",
        {State.RECORDED},
        State.DISPOSED,
        OFFICERS,
        tone="primary",
        description="每个问题都要有去处:当场改正、责令整改、现场措施或移送。",
    ),
    "follow_up": Move("转入整改复查", {State.DISPOSED}, State.FOLLOW_UP, OFFICERS, is_offered=False),
    "report_district": Move(
        "登记已报区",
        {*AFTER, State.CLOSED},
        None,
        INSPECTOR,
        "inspections.forms.ReportDistrictForm",
        description="发现的违法行为和重大隐患要及时报区(渝条例第35条)。",
    ),
    "lose_report": Move("报区的报告作废", {*AFTER, State.CLOSED}, None, INSPECTOR, is_offered=False),
    "waive_part": Move("注明某部分不适用", set(AFTER), None, INSPECTOR, "inspections.forms.WaivePartForm"),
    "close": Move("办结", {State.DISPOSED, State.FOLLOW_UP}, State.CLOSED, OFFICERS, tone="primary"),
    "waive_result": Move(
        "不公示检查结果",
        {State.CLOSED},
        None,
        LEADER,
        REASON,
        "danger",
        "只有涉及国家秘密、商业秘密、个人隐私或法律规定不公开的才可以(政府信息公开条例第14至16条);理由留在记录里。",
    ),
    "owe_again": Move("恢复公示检查结果", {State.CLOSED}, None, LEADER, REASON),
    "abort": Move("取消检查", {*BEFORE, State.IN_PROGRESS}, State.ABORTED, OFFICERS | LEADER, REASON, "danger"),
}


class OrderState(models.TextChoices):
    """Where an order to correct stands."""

    DRAFT = "draft", "拟制中"
    ISSUED = "issued", "待送达"
    SERVED = "served", "整改中"
    PENDING_RECHECK = "pending_recheck", "待复查"
    PASSED = "passed", "复查合格"
    FAILED = "failed", "复查不合格"
    CANCELLED = "cancelled", "已撤销"


ORDER_STANDING = (OrderState.ISSUED, OrderState.SERVED, OrderState.PENDING_RECHECK)
ORDER_OPEN = (OrderState.DRAFT, *ORDER_STANDING)
ORDER_TONES: dict[str, str] = {
    OrderState.DRAFT: "secondary",
    OrderState.ISSUED: "orange",
    OrderState.SERVED: "blue",
    OrderState.PENDING_RECHECK: "orange",
    OrderState.PASSED: "green",
    OrderState.FAILED: "red",
}
ORDER_MOVES = {
    "issue": Move("制发指令书", {OrderState.DRAFT}, OrderState.ISSUED, INSPECTOR, is_offered=False),
    "mark_served": Move("已送达", {OrderState.ISSUED}, OrderState.SERVED, INSPECTOR, is_offered=False),
    "ask_extension": Move("申请延期", {OrderState.SERVED}, None, APPLICANTS, "inspections.forms.AskExtensionForm"),
    "grant_extension": Move("同意延期", {OrderState.SERVED}, None, LEADER, "inspections.forms.GrantExtensionForm", "primary"),
    "refuse_extension": Move("不同意延期", {OrderState.SERVED}, None, LEADER, "inspections.forms.RefuseExtensionForm", "danger"),
    "apply_recheck": Move(
        "整改完了,申请复查", {OrderState.SERVED}, OrderState.PENDING_RECHECK, APPLICANTS, "inspections.forms.ApplyRecheckForm", "primary"
    ),
    "fall_due": Move("期限已到,转入复查", {OrderState.SERVED}, OrderState.PENDING_RECHECK, ()),
    "plan_recheck": Move(
        "安排复查", {OrderState.SERVED, OrderState.PENDING_RECHECK}, None, INSPECTOR, "inspections.forms.PlanRecheckForm", "primary"
    ),
    "pass_recheck": Move("复查合格", {OrderState.SERVED, OrderState.PENDING_RECHECK}, OrderState.PASSED, OFFICERS, is_offered=False),
    "fail_recheck": Move("复查不合格", {OrderState.SERVED, OrderState.PENDING_RECHECK}, OrderState.FAILED, OFFICERS, is_offered=False),
    "cancel": Move("撤销", {OrderState.DRAFT, OrderState.ISSUED}, OrderState.CANCELLED, INSPECTOR, REASON, "danger"),
    "take_paper": Move("指令书更正", {OrderState.ISSUED}, None, INSPECTOR, is_offered=False),
    "lose_paper": Move("指令书作废,指令撤销", set(ORDER_STANDING), OrderState.CANCELLED, INSPECTOR, is_offered=False),
    "correct_served": Move(
        "更正送达日期",
        {OrderState.SERVED, OrderState.PENDING_RECHECK, OrderState.PASSED, OrderState.FAILED},
        None,
        INSPECTOR,
        is_offered=False,
    ),
}


class MeasureState(models.TextChoices):
    """Where an on-site measure stands."""

    DRAFT = "draft", "拟制中"
    ORDERED = "ordered", "待送达"
    IN_FORCE = "in_force", "执行中"
    RELEASE_APPLIED = "release_applied", "已申请解除"
    EXAMINED = "examined", "审查合格,待批准"
    RELEASED = "released", "已解除"
    CANCELLED = "cancelled", "已撤销"


MEASURE_STANDING = (MeasureState.ORDERED, MeasureState.IN_FORCE, MeasureState.RELEASE_APPLIED, MeasureState.EXAMINED)
MEASURE_OPEN = (MeasureState.DRAFT, *MEASURE_STANDING)
MEASURE_TONES: dict[str, str] = {
    MeasureState.DRAFT: "secondary",
    MeasureState.ORDERED: "orange",
    MeasureState.IN_FORCE: "red",
    MeasureState.RELEASE_APPLIED: "orange",
    MeasureState.EXAMINED: "orange",
    MeasureState.RELEASED: "green",
}
MEASURE_MOVES = {
    "issue": Move("制发决定书", {MeasureState.DRAFT}, MeasureState.ORDERED, INSPECTOR, is_offered=False),
    "mark_served": Move("已送达", {MeasureState.ORDERED}, MeasureState.IN_FORCE, INSPECTOR, is_offered=False),
    "apply_release": Move(
        "申请恢复", {MeasureState.IN_FORCE}, MeasureState.RELEASE_APPLIED, APPLICANTS, "inspections.forms.ApplyReleaseForm", "primary"
    ),
    "examine": Move("填写现场审查", {MeasureState.RELEASE_APPLIED}, None, INSPECTOR, "inspections.forms.ExamineForm", "primary"),
    "sign_fit": Move(
        "会签,审查合格",
        {MeasureState.RELEASE_APPLIED},
        MeasureState.EXAMINED,
        INSPECTOR,
        "inspections.forms.SignExaminationForm",
        "primary",
    ),
    "sign_unfit": Move(
        "会签,审查不合格",
        {MeasureState.RELEASE_APPLIED},
        MeasureState.IN_FORCE,
        INSPECTOR,
        "inspections.forms.SignExaminationForm",
        "danger",
    ),
    "release": Move("批准恢复", {MeasureState.EXAMINED}, MeasureState.RELEASED, LEADER, "inspections.forms.ReleaseForm", "primary"),
    "refuse_release": Move("不批准恢复", {MeasureState.EXAMINED}, MeasureState.IN_FORCE, LEADER, REASON, "danger"),
    "cancel": Move("撤销", {MeasureState.DRAFT, MeasureState.ORDERED}, MeasureState.CANCELLED, INSPECTOR, REASON, "danger"),
    "take_paper": Move("决定书更正", {MeasureState.ORDERED}, None, INSPECTOR, is_offered=False),
    "lose_paper": Move("决定书作废,措施撤销", {MeasureState.ORDERED}, MeasureState.CANCELLED, INSPECTOR, is_offered=False),
    "correct_served": Move(
        "更正送达日期",
        {MeasureState.IN_FORCE, MeasureState.RELEASE_APPLIED, MeasureState.EXAMINED, MeasureState.RELEASED},
        None,
        INSPECTOR,
        is_offered=False,
    ),
}
