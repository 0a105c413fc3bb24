"""How a draw comes to its visits: lists frozen, value entered, tickets drawn, tasks given; a large one in a Job that shows its progress (R49)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from core import moment
from core.models import Event, Job, MoveRefused
from inspections import drawing
from inspections.models.draw_changes import Changes
from inspections.models.draw_lists import conflicts_for, firms_for, officers_for
from inspections.models.draw_rows import DrawConflict, DrawObject, DrawOfficer
from inspections.models.pools import MANY, GradeWeight

Progress = Callable[[int, int], None]
LARGE_LISTS, LARGE_DRAWS, LARGE_TASKS, STEP = 2000, 200, 25, 25


def quiet(_done: int, _total: int) -> None:
    """For whoever does not watch."""


def second() -> datetime.datetime:
    """Now, in whole seconds: the published file tells no more."""
    return moment.now().replace(microsecond=0)


class Making(Changes):
    """The part of a draw from its lists to its visits."""

    pool: Any
    n: int
    secret: str
    commitment: str
    lists_sha256: str
    frozen_at: Any
    public_value: str
    job: Any
    job_id: Any

    class Meta:
        abstract = True

    # Who may not

    def why_busy(self) -> str:
        """A sentence while a Job of somebody else's call works on it."""
        if self.job is None or self.job.is_over or self.working == self.job_id:
            return ""
        return "后台正在办理,请等它完成。"

    def guard_start_freeze(self, by: Any) -> str:
        """Not twice at a time, and nothing undecided."""
        return self.why_busy() or self.why_undecided()

    guard_freeze = guard_start_freeze

    def guard_enter_value(self, by: Any) -> str:
        """Once."""
        return "公共随机值已经录入,不能修改。" if self.public_value else self.why_undecided()

    def guard_draw(self, by: Any) -> str:
        """After the value; not twice at a time."""
        return "还没有录入公共随机值。" if not self.public_value else self.why_busy() or self.why_undecided()

    guard_start_draw = guard_draw

    def guard_issue_tasks(self, by: Any) -> str:
        """Nothing undecided, not twice at a time."""
        return self.why_busy() or self.why_undecided()

    guard_start_issue_tasks = guard_issue_tasks

    def check_move(self, name: str, by: Any) -> None:
        """What `_move` would refuse, said before any work is done."""
        move = self.MOVES[name]
        if not by.is_system and by.role not in move.roles:
            raise PermissionDenied(f"您的岗位不能执行“{move.label}”。")
        if self.state not in move.sources:
            raise self._refused(f"现在是“{self.state_label}”,不能“{move.label}”。", by)
        if sentence := self.guard(name, by):
            raise MoveRefused(sentence)

    # Large ones, in a Job

    def is_large(self, on: datetime.date) -> bool:
        """Whether it takes so long that nobody should wait for the page."""
        if self.n > LARGE_DRAWS:
            return True
        # Before the freeze the rows are what an unfinished Job has left.
        listed: int = self.objects_listed.count() if self.frozen_at else self.pool.rule(on).count()  # type: ignore[attr-defined]
        return listed > LARGE_LISTS

    def start_freeze(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Fix the lists in a Job: one at a time, whoever asks."""
        self._start("freeze", by=by, on=on, note=note)

    def start_draw(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Draw in a Job: one at a time, whoever asks."""
        self._start("draw", by=by, on=on, note=note)

    def start_issue_tasks(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Give the tasks in a Job: one at a time, whoever asks."""
        self._start("issue_tasks", by=by, on=on, note=note)

    def _start(self, name: str, *, by: Any, on: datetime.date, note: str) -> None:
        self.check_move(f"start_{name}", by)
        held = by.membership.pk if by.membership else None
        params = {"draw": self.pk, "membership": held}
        with transaction.atomic():
            job = Job.start(kind=f"draw_{name}", title=f"{self.MOVES[name].label}:{self.title}", by=by, params=params)  # type: ignore[attr-defined]
            self._move(f"start_{name}", by=by, on=on, note=note, audience=Event.Audience.TOWN, job=job)

    def _hold(self, by: Any) -> None:
        """Nobody else changes it until the transaction ends; MoveRefused when somebody was faster."""
        rows = type(self)._base_manager.select_for_update().filter(pk=self.pk, **self._unchanged())
        if not list(rows.values_list("pk")):
            raise self._refused("别人已处理,您的操作没有保存。", by)

    # Freeze

    def freeze(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Fix both lists; only their digest is public from now on. Long lists are fixed in a Job.

        Refused when there are fewer firms or officers than asked for.
        """
        self.check_move("freeze", by)
        if self.is_large(on):
            self.start_freeze(by=by, on=on, note=note)
            return
        with transaction.atomic():
            self._hold(by)
            self.freeze_now(by=by, on=on, note=note)

    def freeze_now(self, *, by: Any, on: datetime.date, note: str = "", progress: Progress = quiet) -> None:
        """The same at once, chunk by chunk; nothing counts before the last step."""
        self.check_move("freeze", by)
        self.collect(by=by, on=on, progress=progress)
        lists = self.lists()  # type: ignore[attr-defined]
        able = [sum(row["excluded"] is None for row in lists[name]) for name in ("objects", "officers")]
        if able[0] < self.n:
            raise MoveRefused(f"可抽取的企业只有 {able[0]} 家,不够抽 {self.n} 家。")
        if able[1] < self.officers_per_object:  # type: ignore[attr-defined]
            raise MoveRefused(f"可抽取的检查人员只有 {able[1]} 人,不够每个对象 {self.officers_per_object} 人。")  # type: ignore[attr-defined]
        digest = drawing.lists_sha256(lists)
        firms, officers = len(lists["objects"]), len(lists["officers"])
        counts = [f"企业 {firms} 家,可抽 {able[0]} 家", f"检查人员 {officers} 人,可抽 {able[1]} 人,回避 {len(lists['conflicts'])} 对"]
        facts: dict[str, Any] = {"lists_sha256": digest, "frozen_at": second(), "weights": GradeWeight.objects.on(on)}
        told = {"lines": [f"名单摘要:{digest}", *counts]}
        self._move("freeze", by=by, on=on, note=note, data=told, audience=Event.Audience.TOWN, **facts)

    def collect(self, *, by: Any, on: datetime.date, progress: Progress = quiet) -> None:
        """Write both lists and the conflicts as they are now, before the freeze; run again they are written anew.

        Each chunk in its own transaction, while the draw is still as it was: two at once cannot mix their lists.
        """
        self.pool.refresh(by=by, on=on)
        firms = list(firms_for(self, GradeWeight.objects.on(on), on))
        with transaction.atomic():
            self._hold(by)
            for rows in (self.objects_listed, self.officers_listed, self.conflicts_listed):  # type: ignore[attr-defined]
                rows.all().delete()
        for start in range(0, len(firms), MANY):
            with transaction.atomic():
                self._hold(by)
                progress(min(start + MANY, len(firms)), len(firms))
                DrawObject.objects.bulk_create(firms[start : start + MANY])
        with transaction.atomic():
            self._hold(by)
            officers = list(officers_for(self, by=by, on=on))
            DrawOfficer.objects.bulk_create(officers)
            listed = {row.enterprise_id: row.key for row in firms}
            DrawConflict.objects.bulk_create(conflicts_for(self, listed, officers))

    # Draw

    def enter_value(self, *, by: Any, on: datetime.date, public_value: str, public_value_at: datetime.datetime, note: str = "") -> None:
        """Record the public value, once; its time lies after the freeze and not ahead of now."""
        at = public_value_at.replace(microsecond=0)
        if self.frozen_at and at <= self.frozen_at:
            raise MoveRefused("公共随机值必须产生在名单冻结之后,否则不能用。")
        if at > moment.now():
            raise MoveRefused("公共随机值的产生时间不能晚于现在。")
        told = {"lines": [f"公共随机值:{public_value}"]}
        facts: dict[str, Any] = {"public_value": public_value, "public_value_at": at}
        self._move("enter_value", by=by, on=on, note=note, data=told, audience=Event.Audience.TOWN, **facts)

    def draw(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Draw: the lists must still have the digest that was published, the secret its commitment. Large ones in a Job."""
        self.check_move("draw", by)
        if self.is_large(on):
            self.start_draw(by=by, on=on, note=note)
        else:
            self.draw_now(by=by, on=on, note=note)

    def draw_now(self, *, by: Any, on: datetime.date, note: str = "", progress: Progress = quiet) -> None:
        """The same at once."""
        self.check_move("draw", by)
        lists = self.whole_lists()
        if drawing.commitment(self.secret) != self.commitment:
            raise MoveRefused("密钥与公布的承诺不一致,不能抽取。请申请作废,并查明原因。")
        result = self.new_result(lists)  # type: ignore[attr-defined]
        for done, _ in enumerate(result.steps(), start=1):
            if done % STEP == 0:
                progress(done, self.n)
        short = sum(not pick.officers for pick in result.picks)
        lines = [f"抽中 {len(result.picks)} 家", *([f"其中 {short} 家检查人员不足,没有抽出人员"] if short else [])]
        with transaction.atomic():
            self._move("draw", by=by, on=on, note=note, data={"lines": lines}, drawn_at=second(), audience=Event.Audience.TOWN)
            self._keep(result)

    def whole_lists(self) -> dict[str, Any]:
        """The frozen lists; MoveRefused when they are no longer what was frozen, however they were changed."""
        lists: dict[str, Any] = self.lists()  # type: ignore[attr-defined]
        if drawing.lists_sha256(lists) != self.lists_sha256:
            raise MoveRefused("名单与冻结时公布的摘要不一致,不能抽取。请申请作废,并查明谁改了名单。")
        return lists

    def _keep(self, result: drawing.Result) -> None:
        objects = {row.key: row for row in self.objects_listed.only("pk", "key", "draw")}  # type: ignore[attr-defined]
        officers = {row.key: row for row in self.officers_listed.all()}  # type: ignore[attr-defined]
        self.keep_picks(list(enumerate(result.picks, start=1)), objects, officers)

    # Tasks

    def issue_tasks(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """One visit of kind `random` for each drawn object with its drawn officers; those without officers get none, and it is said.

        Many are given in a Job.
        """
        self.check_move("issue_tasks", by)
        if self.standing().count() > LARGE_TASKS:
            self.start_issue_tasks(by=by, on=on, note=note)
            return
        with transaction.atomic():
            self.issue_tasks_now(by=by, on=on, note=note)

    def issue_tasks_now(self, *, by: Any, on: datetime.date, note: str = "", progress: Progress = quiet) -> None:
        """The same at once, chunk by chunk; run again it goes on where it stopped. The record must still be what the tickets say."""
        self.check_move("issue_tasks", by)
        self.checked_result()  # type: ignore[attr-defined]
        picks = list(self.standing())
        without = [pick.listed.name for pick in picks if not pick.seats.all()]  # type: ignore[attr-defined]
        for start in range(0, len(picks), STEP):
            with transaction.atomic():
                self._hold(by)
                progress(min(start + STEP, len(picks)), len(picks))
                for pick in picks[start : start + STEP]:
                    if pick.inspection is None:
                        self.give_task(pick, by, on)
        lines = [f"检查人员不足,没有安排:{'、'.join(without)}"] if without else []
        with transaction.atomic():
            self._move("issue_tasks", by=by, on=on, note=note, data={"lines": lines}, audience=Event.Audience.TOWN)
            self.note_over(on)
