"""The desk: what waits, in piles that are each one query over `for_user`; a count and its rows come from the same one."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from accounts.models import OfficerCertificate
from accounts.roles import MANAGERS, Role
from documents.models import DocumentKind
from inspections.models import Draw, Inspection, InspectionOfficer, OnsiteMeasure, Order, OrderExtension, draw_machine, machine

TOWN = frozenset({Role.INSPECTOR, Role.DEPARTMENT, Role.LEADER})
READERS = TOWN | {Role.REVIEWER}
LEAST_OFFICERS = 2
ONE_DAY = datetime.timedelta(days=1)
Rows = QuerySet[Any]
Within = Callable[[Rows, datetime.date], Rows]


@dataclass(frozen=True)
class Pile:
    """One pile of the desk: which rows of a model lie in it on a day."""

    code: str
    label: str
    model: Any
    within: Within
    why: str
    is_breach: bool = False

    def rows(self, user: Any, today: datetime.date, *, mine: bool = False) -> Rows:
        """Its rows among what this user may see; `mine`: of the visits he takes part in, and what hangs on no visit."""
        rows = self.within(self.model.objects.for_user(user), today)
        if not mine:
            return rows
        if self.model is Draw:
            return rows.filter(configured_by=user)
        held = InspectionOfficer.objects.filter(user=user).values("inspection")
        return rows.filter(pk__in=held) if self.model is Inspection else rows.filter(Q(inspection__in=held) | Q(inspection=None))

    @property
    def order(self) -> tuple[str, ...]:
        """What is most pressing comes first."""
        orders = {Inspection: ("planned_on", "pk"), Order: ("due_on", "pk"), Draw: ("publish_by_on", "pk")}
        return orders.get(self.model, ("pk",))


def standing(*states: str) -> Within:
    """Rows in one of these states."""
    return lambda rows, day: rows.filter(state__in=states)


def planned(first: int, last: int) -> Within:
    """Visits not begun and planned so many days from today."""
    return lambda rows, day: rows.filter(state__in=machine.BEFORE, planned_on__range=(day + first * ONE_DAY, day + last * ONE_DAY))


def ready(rows: Rows, today: datetime.date) -> Rows:
    """Nothing stands in the way: approved, announced where the day asks for it, two officers with certificates of today."""
    state = machine.State
    can_go = Q(state=state.NOTICED) | Q(state=state.SCHEME_APPROVED, is_unannounced=True)
    can_go |= Q(state=state.PLANNED, kind__in=machine.WITHOUT_SCHEME)
    if not DocumentKind.objects.in_force(today).filter(code="CHECK_NOTICE").exists():
        can_go |= Q(state=state.SCHEME_APPROVED)
    valid = OfficerCertificate.objects.valid_on(today).filter(user=OuterRef("user"))
    without = InspectionOfficer.objects.filter(~Exists(valid)).values("inspection")
    officers = InspectionOfficer.objects.order_by().values("inspection").annotate(n=Count("pk")).filter(n__gte=LEAST_OFFICERS)
    return rows.filter(can_go, pk__in=officers.values("inspection")).exclude(pk__in=without)


def of_week(rows: Rows, today: datetime.date) -> Rows:
    """Planned from today to Sunday."""
    return planned(0, 6 - today.weekday())(rows, today)


def not_gone(rows: Rows, today: datetime.date) -> Rows:
    """Planned for a day that has passed."""
    return rows.filter(state__in=machine.BEFORE, planned_on__lt=today)


def early(rows: Rows, today: datetime.date) -> Rows:
    """The firm says that it is ready."""
    return rows.filter(state__in=machine.BEFORE, ready_at__isnull=False)


def asked_more(rows: Rows, today: datetime.date) -> Rows:
    """With a request for more time that nobody has answered."""
    return rows.filter(pk__in=OrderExtension.objects.open().values("order"))


def order_late(rows: Rows, today: datetime.date) -> Rows:
    """The firm's last day has passed and nobody has re-checked."""
    return rows.overdue(today)  # type: ignore[attr-defined,no-any-return]


def recheck_late(rows: Rows, today: datetime.date) -> Rows:
    """The re-check's last day has passed."""
    return rows.recheck_overdue(today)  # type: ignore[attr-defined,no-any-return]


def to_report(rows: Rows, today: datetime.date) -> Rows:
    """Something is owed to the district."""
    return rows.filter(report_by_on__isnull=False, reported_on=None)


def report_late(rows: Rows, today: datetime.date) -> Rows:
    """Its last day has passed."""
    return rows.report_overdue(today)  # type: ignore[attr-defined,no-any-return]


def result_owed(rows: Rows, today: datetime.date) -> Rows:
    """Closed, its result not public yet."""
    return rows.result_owed()  # type: ignore[attr-defined,no-any-return]


def result_late(rows: Rows, today: datetime.date) -> Rows:
    """Its last day has passed."""
    return rows.result_late(today)  # type: ignore[attr-defined,no-any-return]


def to_answer(rows: Rows, today: datetime.date) -> Rows:
    """Handed on by somebody who wants an answer, and not closed."""
    return rows.filter(state__in=machine.OPEN, return_by_on__isnull=False)


def answer_late(rows: Rows, today: datetime.date) -> Rows:
    """The day of the answer has passed."""
    return to_answer(rows, today).filter(return_by_on__lt=today)


def draw_asked(rows: Rows, today: datetime.date) -> Rows:
    """With a replacement or void that nobody has answered."""
    return rows.asking()  # type: ignore[attr-defined,no-any-return]


def to_publish(rows: Rows, today: datetime.date) -> Rows:
    """Nothing is to be visited any more; the public is to know it."""
    return rows.to_publish()  # type: ignore[attr-defined,no-any-return]


def publish_late(rows: Rows, today: datetime.date) -> Rows:
    """Its day has passed."""
    return rows.publish_late(today)  # type: ignore[attr-defined,no-any-return]


VISIT, ORDER, MEASURE = machine.State, machine.OrderState, machine.MeasureState
GROUPS: tuple[tuple[str, tuple[Pile, ...]], ...] = (
    (
        "去检查",
        (
            Pile("ready", "准备好可以去的", Inspection, ready, "方案已批、该通知的已通知、两名以上人员都有有效执法证。"),
            Pile("today", "今天", Inspection, planned(0, 0), "计划今天去、还没有开始。"),
            Pile("tomorrow", "明天", Inspection, planned(1, 1), "计划明天去。"),
            Pile("week", "本周", Inspection, of_week, "计划今天到星期日去。"),
            Pile("overdue", "逾期没有去", Inspection, not_gone, "计划日期已过,请改期或取消。", is_breach=True),
            Pile("early", "企业说可以提前", Inspection, early, "企业表示已经准备好,是否提前由检查人员安排。"),
        ),
    ),
    (
        "要办的",
        (
            Pile("record", "检查中、待会签", Inspection, standing(VISIT.IN_PROGRESS), "已到场,检查记录还没有签完。"),
            Pile("dispose", "问题待处置", Inspection, standing(VISIT.RECORDED, VISIT.DISPOSED), "记录已签:每个问题都要有去处,然后办结。"),
            Pile("serve", "指令书待送达", Order, standing(ORDER.ISSUED), "已制发,还没有送达。"),
            Pile("serve_measure", "决定书待送达", OnsiteMeasure, standing(MEASURE.ORDERED), "已制发,还没有送达。"),
            Pile("recheck", "待复查", Order, standing(ORDER.PENDING_RECHECK), "企业申请了复查,或期限已到。"),
            Pile("recheck_late", "复查逾期", Order, recheck_late, "复查期限已过。", is_breach=True),
            Pile("examine", "恢复待审查", OnsiteMeasure, standing(MEASURE.RELEASE_APPLIED), "企业申请恢复,两名执法人员到现场审查。"),
        ),
    ),
    (
        "等别人",
        (
            Pile("scheme", "方案待批", Inspection, standing(VISIT.SCHEME_PENDING), "等领导批准或退回。"),
            Pile("extension", "延期待答复", Order, asked_more, "企业申请延期,等领导答复。"),
            Pile("release", "恢复待批准", OnsiteMeasure, standing(MEASURE.EXAMINED), "审查合格,等领导批准。"),
            Pile("fixing", "企业整改中", Order, standing(ORDER.SERVED), "指令已送达,等企业整改。"),
            Pile("order_late", "企业逾期未改", Order, order_late, "整改期限已过,还没有复查。", is_breach=True),
            Pile("in_force", "现场措施执行中", OnsiteMeasure, standing(MEASURE.IN_FORCE), "等企业消除危险后申请恢复。"),
        ),
    ),
    (
        "期限",
        (
            Pile("district", "待报区", Inspection, to_report, "发现违法行为或可能的重大隐患,要报区。"),
            Pile("district_late", "报区逾期", Inspection, report_late, "报区期限已过。", is_breach=True),
            Pile("complaint", "转办件待回复", Inspection, to_answer, "投诉举报转办件,办结前都算。"),
            Pile("complaint_late", "转办件逾期", Inspection, answer_late, "回复期限已过。", is_breach=True),
            Pile("result", "检查结果待公示", Inspection, result_owed, "已办结,结果还没有公示:没有拟的、在审核的和待发布的都算。"),
            Pile("result_late", "公示逾期", Inspection, result_late, "公示期限已过,还没有公示。", is_breach=True),
        ),
    ),
    (
        "双随机",
        (
            Pile("draw_confirm", "抽取待确认", Draw, standing(draw_machine.State.DRAWN), "已抽取,由没有参加操作的人当着见证人确认。"),
            Pile("draw_asked", "抽取变更待批", Draw, draw_asked, "申请了替换或作废,等审批人答复。"),
            Pile("draw_publish", "抽取待公布", Draw, to_publish, "检查已全部结束或已作废,等公布。"),
            Pile("draw_late", "抽取公布逾期", Draw, publish_late, "公布期限已过。", is_breach=True),
        ),
    ),
)
BY_CODE = {pile.code: pile for _, piles in GROUPS for pile in piles}
OF_OFFICER = (
    "ready",
    "today",
    "overdue",
    "record",
    "dispose",
    "serve",
    "serve_measure",
    "recheck",
    "examine",
    "district",
    "complaint_late",
    "result",
    "result_late",
)
OF_DRAWS = ("draw_confirm", "draw_asked", "draw_publish", "draw_late")
HOME = {
    Role.LEADER: ("scheme", "extension", "release", "overdue", "order_late", "recheck_late", "district_late", "result_late", *OF_DRAWS),
    Role.REVIEWER: OF_DRAWS,
    Role.INSPECTOR: OF_OFFICER,
    Role.DEPARTMENT: OF_OFFICER,
}
FIRST = {Role.LEADER: "scheme", Role.REVIEWER: "draw_confirm"}


def counted(piles: Iterable[Pile], user: Any, today: datetime.date, *, mine: bool = False) -> list[tuple[Pile, int]]:
    """Each pile with how many rows lie in it."""
    return [(pile, pile.rows(user, today, mine=mine).count()) for pile in piles]


def home_piles(user: Any, today: datetime.date) -> list[tuple[Pile, int]]:
    """What the home of a leader or an officer shows: the piles that are not empty."""
    return [(pile, number) for pile, number in counted((BY_CODE[code] for code in HOME.get(user.role, ())), user, today) if number]


def visits_on(user: Any, day: datetime.date) -> Rows:
    """The visits of a day: begun on it, or planned for it and not begun; those under way by their time, the others by village and name."""
    here = Q(visited_on=day) | Q(planned_on=day, state__in=machine.BEFORE)
    rows = Inspection.objects.for_user(user).filter(here, is_carried=False)
    rows = rows.select_related("enterprise__area", "department").prefetch_related("officers__user")
    return rows.order_by(F("began_at").asc(nulls_last=True), "enterprise__area", "enterprise__name", "pk")


# The firm's side


def announced_to(user: Any) -> Rows:
    """Visits that the firm's managers may expect, and those under way; nobody else has any."""
    rows = Inspection.objects.for_user(user) if user.role in MANAGERS else Inspection.objects.none()
    return rows.filter(state__in=(VISIT.NOTICED, VISIT.IN_PROGRESS)).select_related("department", "enterprise").order_by("planned_on", "pk")


def owed_by_firm(user: Any) -> Rows:
    """Orders the firm has to obey now, the nearest day first, with the requests for more time and their answers."""
    rows = Order.objects.for_user(user) if user.role in MANAGERS else Order.objects.none()
    asked = Prefetch("extensions", OrderExtension.objects.order_by("pk"))
    return rows.standing().select_related("document", "enterprise").prefetch_related(asked).order_by("due_on", "pk")


def measures_on_firm(user: Any) -> Rows:
    """On-site measures that stand against the firm."""
    rows = OnsiteMeasure.objects.for_user(user) if user.role in MANAGERS else OnsiteMeasure.objects.none()
    return rows.standing().select_related("document", "enterprise").order_by("pk")
