"""manage.py write_docs"""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from core.models import Stateful


class Command(BaseCommand):
    """Prints the state pictures and the move × role tables, as Markdown made from MOVES."""

    help = "打印状态图和“动作 × 岗位”表(Markdown),内容取自各模型的 MOVES。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Every Stateful model, by label."""
        machines = [model for model in apps.get_models() if issubclass(model, Stateful)]
        self.stdout.write("# 状态与动作")
        for model in sorted(machines, key=lambda model: model._meta.label):
            self.stdout.write("\n".join(["", f"## {model._meta.verbose_name}({model.__name__})", "", *picture(model), "", *table(model)]))


def picture(model: type[Stateful]) -> list[str]:
    """The machine as a mermaid state diagram; moves that keep the state are loops."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"  state {state.label!r} as {state.value}".replace("'", '"') for state in model.State]
    for move in model.MOVES.values():
        for source in sorted(move.sources):
            lines.append(f"  {source} --> {move.target or source}: {move.label}")
    return [*lines, "```"]


def table(model: type[Stateful]) -> list[str]:
    """Who may make which move, from which state to which."""
    lines = ["| 动作 | 从 | 到 | 岗位 |", "|---|---|---|---|"]
    for move in model.MOVES.values():
        sources = "、".join(state.label for state in model.State if state in move.sources)
        target = model.State(move.target).label if move.target else "不变"
        roles = "、".join(sorted(str(getattr(role, "label", role)) for role in move.roles)) or "系统"
        lines.append(f"| {move.label} | {sources} | {target} | {roles} |")
    return lines
