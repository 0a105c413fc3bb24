"""The course of a draw as its page draws it: each step, whether it is done, by whom and when, and what of it is public (R49)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.models import Event
from inspections.models import Draw


@dataclass
class Step:
    """One step: its label, who did it, and what the public knows of it from then on."""

    label: str
    public: str
    event: Event | None = None
    facts: list[tuple[str, str]] = field(default_factory=list)
    is_next: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it was taken."""
        return self.event is not None


PUBLIC = {
    "承诺": "公开:承诺、规则、公共随机值的来源。",
    "冻结": "公开:名单的摘要。名单本身不公开,免得走漏风声。",
    "公共随机值": "不公开,到公布时一起公开;来源自己会公布这个值。",
    "抽取": "不公开,到公布时一起公开。",
    "确认": "不公开,到公布时一起公开。",
    "下达": "不公开;企业在检查前按规定收到通知。",
    "检查": "不公开,到公布时一起公开。",
    "公布": "公开:名单、密钥、公共随机值、结果和每一次变更,任何人都能重算。",
}
MOVES = {
    "承诺": ("open",),
    "冻结": ("freeze",),
    "公共随机值": ("enter_value",),
    "抽取": ("draw",),
    "确认": ("confirm",),
    "下达": ("issue_tasks",),
    "检查": ("finish",),
    "公布": ("publish", "disclose"),
}


def course(draw: Draw, events: list[Event]) -> list[Step]:
    """The steps in their order; the first that is not done is next, unless the draw is void."""
    made = {event.move: event for event in events}
    steps = [
        Step(label, public, next((made[move] for move in MOVES[label] if move in made), None), facts_of(draw, label))
        for label, public in PUBLIC.items()
    ]
    following = next((step for step in steps if not step.is_done), None)
    if following is not None and draw.state != Draw.State.VOIDED:
        following.is_next = True
    return steps


def facts_of(draw: Draw, label: str) -> list[tuple[str, str]]:
    """What the town's offices read of a step; never the secret or the seed before the publication."""
    found: dict[str, list[tuple[str, str]]] = {
        "承诺": [("承诺", draw.commitment), ("来源", draw.public_event)],
        "冻结": [("名单摘要", draw.lists_sha256)],
        "公共随机值": [("公共随机值", draw.public_value)],
        "确认": [("见证人", "、".join(draw.witnesses))],
    }
    if draw.is_disclosed:
        found["公布"] = [("密钥", draw.secret), ("种子", draw.seed)]
    return [(name, value) for name, value in found.get(label, []) if value]


def running(draw: Draw) -> dict[str, Any]:
    """What a Job is doing for the draw, or why its last one did not come to an end."""
    job = draw.job
    if job is None:
        return {"running": None, "stopped": ""}
    if not job.is_over:
        return {"running": job, "stopped": ""}
    if draw.state not in draw.MOVES[job.kind.removeprefix("draw_")].sources:
        return {"running": None, "stopped": ""}
    failed = f"后台办理出错,没有办完。请再试一次,已经办好的不会重复;再出错请把编号 {job.pk} 告诉管理员。"
    return {"running": None, "stopped": failed if job.state == job.State.PARKED else job.message}
