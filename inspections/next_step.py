"""What is asked of a person at an order or a measure now, in words, and where it is done."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.roles import Role
from core.workdays import day_name
from inspections.models import OnsiteMeasure, Order, machine


@dataclass(frozen=True)
class Step:
    """A sentence, and the page of the act when it is this person's."""

    words: str
    label: str = ""
    url: str = ""


def day_words(day: datetime.date | None) -> str:
    """2026-12-01 周二."""
    return f"{day:%Y-%m-%d} {day_name(day)}" if day else ""


def of_order(order: Order, user: Any) -> Step | None:
    """Of an order."""
    return _order_in_town(order, user) if user.is_town else _order_in_firm(order)


def _order_in_firm(order: Order) -> Step | None:
    state = machine.OrderState
    if order.state == state.ISSUED:
        return Step(f"指令书已经制发,执法人员会送达签收。请在 {day_words(order.due_on)} 前整改完。")
    if order.state == state.SERVED:
        late = f"来不及的,请在 {day_words(order.ask_by_on)} 前申请延期,写明理由和防范措施。"
        return Step(f"请在 {day_words(order.due_on)} 前逐项整改完,拍照后点“整改完了,申请复查”。{late}")
    if order.state == state.PENDING_RECHECK:
        return Step(f"等待复查:两名执法人员在 {day_words(order.recheck_by_on)} 前到场逐项核对,请保持整改后的样子。")
    if order.state == state.FAILED:
        return Step("复查不合格。请继续整改没有到位的项目;镇将依法作出下一步处理。")
    return None


def _order_in_town(order: Order, user: Any) -> Step | None:
    state, mine = machine.OrderState, user.role == Role.INSPECTOR
    if order.state == state.DRAFT:
        return _act(mine, "还没有制发,对企业没有约束力。", "制发指令书", "order_paper", order.pk)
    if order.state == state.ISSUED and order.document_id:
        if announced := _announced(order):
            return announced
        words = f"待送达:企业的期限从送达次日起算,整改期限 {day_words(order.due_on)}。"
        return _act(mine, words, "登记送达", "service_new", order.document_id)
    if order.state == state.SERVED and (asked := order.open_extension):
        return Step(f"企业申请延至 {day_words(asked.until)},请领导在 {day_words(asked.reply_by_on)} 前答复。")
    if order.state == state.PENDING_RECHECK:
        planned = order.open_recheck
        if planned is not None:
            return Step(f"复查已安排在 {day_words(planned.planned_on)}。", "看复查", planned.get_absolute_url())
        return Step(f"请安排两名执法人员在 {day_words(order.recheck_by_on)} 前复查。")
    if order.state == state.FAILED and order.inspection_id and not hasattr(order, "follower") and not order.is_settled:
        words = "复查不合格:再下一份指令,或者移送有处罚权的机关。"
        found = _act(mine, words, "再下一份指令", "order_new", order.inspection_id)
        return Step(found.words, found.label, f"{found.url}?previous={order.pk}" if found.url else "")
    return None


def _announced(row: Order | OnsiteMeasure) -> Step | None:
    """While the period of an announcement runs nothing is to be done."""
    service = row.document.services.standing().first() if row.document else None  # type: ignore[attr-defined]
    return Step(f"已公告送达:公告期到 {day_words(service.served_on)} 满,满了才算送达。") if service else None


def _act(mine: bool, words: str, label: str, url_name: str, pk: int) -> Step:
    return Step(words, label, reverse(url_name, args=[pk])) if mine else Step(words)


def of_measure(row: OnsiteMeasure, user: Any) -> Step | None:
    """Of an on-site measure."""
    state, mine = machine.MeasureState, user.role == Role.INSPECTOR
    if row.state == state.DRAFT:
        return _act(mine, "还没有制发,对企业没有约束力。", "制发决定书", "measure_paper", row.pk)
    if row.state == state.ORDERED and user.is_town and row.document_id:
        return _announced(row) or _act(mine, "待送达:送达后措施生效。", "登记送达", "service_new", row.document_id)
    words = {
        state.ORDERED: "决定已经作出,请立即执行;执法人员会送达签收。",
        state.IN_FORCE: f"措施正在执行,未经审查同意不得恢复。达到解除条件({row.condition})后,由企业申请恢复。",
        state.RELEASE_APPLIED: f"企业已申请恢复,两名执法人员在 {day_words(row.examine_by_on)} 前到场审查。",
        state.EXAMINED: "两名执法人员审查合格,等领导批准;批准前不得恢复。",
        state.RELEASED: "",
    }.get(machine.MeasureState(row.state), "")
    return Step(words) if words else None
