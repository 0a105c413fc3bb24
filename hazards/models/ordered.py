"""A hazard under an order of the town: its day and its end are the order's, whoever works on it in the firm (R43)."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models

from core import clock
from hazards.models import machine
from hazards.models.removal import MajorRemoval


class OrderedRemoval(MajorRemoval):
    """What an order from above does to a hazard; `ordered_by` is its paper's number, "" for none."""

    ordered_by = models.CharField("责令凭据", max_length=80, blank=True)
    paper_number = models.CharField("原纸质编号", max_length=80, blank=True)

    class Meta:
        abstract = True

    @property
    def is_ordered(self) -> bool:
        """Whether an order of the town stands behind it."""
        return bool(self.ordered_by)

    def order_fix(
        self, *, by: Any, on: datetime.date, due_on: datetime.date, ordered_by: str, rectifier: Any = None, note: str = ""
    ) -> None:
        """Follows the order: to be put right until its day, by the firm; `rectifier` None when nobody there has an account."""
        lines = {"lines": [f"凭据:{ordered_by}", f"期限:{due_on:%Y-%m-%d}"]}
        kept = self.rectifier or rectifier
        self._move("order_fix", by=by, on=on, note=note, data=lines, due_on=due_on, ordered_by=ordered_by, rectifier=kept)

    def extend_fix(self, *, by: Any, on: datetime.date, until: datetime.date, note: str = "") -> None:
        """Follows the order's granted extension."""
        self._move("extend_fix", by=by, on=on, note=note, data={"lines": [f"期限改为 {until:%Y-%m-%d}"]}, due_on=until)

    def lift_order(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Follows the end of the order: its day stays, its end is the firm's own course again; that of nobody begins with being assigned."""
        if self.rectifier:
            self._move("lift_order", by=by, on=on, note=note, ordered_by="")
        else:
            decide = clock.due_on("hazard.decide", on)
            self._move("lift_order", by=by, on=on, note=note, target=machine.State.REPORTED, ordered_by="", decide_by_on=decide)

    def correct_order(self, *, by: Any, on: datetime.date, ordered_by: str, note: str = "") -> None:
        """Follows the corrected paper of the order: it stands on that one."""
        self._move("correct_order", by=by, on=on, note=note, data={"lines": [f"凭据:{ordered_by}"]}, ordered_by=ordered_by)

    def pass_fix(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Follows the order's re-check: put right, closed."""
        self._move("pass_fix", by=by, on=on, note=note, closed_on=on, closed_by=by)

    def fail_fix(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Follows the order's re-check: not put right, back to the firm."""
        self._move("fail_fix", by=by, on=on, note=note)

    def fix_on_spot(self, *, by: Any, on: datetime.date, ordered_by: str, note: str = "") -> None:
        """Put right before the officers' eyes, with a photo after: closed at once."""
        facts = {"ordered_by": ordered_by, "due_on": on, "fixed_on": on, "closed_on": on, "closed_by": by}
        self._move("fix_on_spot", by=by, on=on, note=note, data={"lines": [f"凭据:{ordered_by}"]}, **facts)
