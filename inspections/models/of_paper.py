"""What an order, a measure and a transfer owe to the paper they stand on: corrected, voided, served on another day than was written down."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, transaction

from core.models import Event, MoveRefused, Stateful
from documents.models import Document

WRITTEN = "代企业登记书面申请"


def registered(by: Any) -> list[str]:
    """What the story adds when an officer registers the firm's written application; nothing for the firm's own."""
    return [WRITTEN] if by.is_town else []


class OfPaper(Stateful):
    """A row that binds by its paper: a paper voided by hand takes the row with it, or may not be voided any more."""

    document: Any
    # Who reads its story; where nothing stands any more that a void paper could shake; why its paper stays.
    STORY: ClassVar[str] = Event.Audience.ALL
    ENDED: ClassVar[Iterable[str]] = ()
    WHY_STANDS: ClassVar[str] = ""

    class Meta:
        abstract = True

    def follow_void(self, *, by: Any, on: datetime.date, note: str, newer: Document | None) -> None:
        """Its paper was voided: by a corrected one it stands on that, else it falls; MoveRefused where it can do neither."""
        if self.state in self.ENDED:
            return
        name = "take_paper" if newer else "lose_paper"
        if self.state not in self.MOVES[name].sources:
            raise MoveRefused(self.WHY_STANDS)
        if newer:
            self.take_paper(by=by, on=on, document=newer, note=note)
        else:
            self.lose_paper(by=by, on=on, note=note)

    def take_paper(self, *, by: Any, on: datetime.date, document: Document, note: str = "") -> None:
        """Stand on the corrected paper."""
        self._move("take_paper", by=by, on=on, note=note, audience=self.STORY, document=document)

    def lose_paper(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Fall with the paper: as if it had been withdrawn."""
        with transaction.atomic():
            self._move("lose_paper", by=by, on=on, note=note, audience=self.STORY)
            self.let_go(by=by, on=on, note=note)

    def let_go(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Give back what it held; in the caller's transaction."""


class Served(OfPaper):
    """One whose paper must reach the firm."""

    served_on = models.DateField("送达日期", null=True, blank=True)

    class Meta:
        abstract = True

    def correct_served(self, *, by: Any, on: datetime.date, served_on: datetime.date, note: str = "") -> None:
        """Follows the correction of the service of its paper; not to a day that has not come: what binds already does not wait again."""
        if served_on > on:
            raise MoveRefused(f"更正后的送达日期 {served_on:%Y-%m-%d} 还没有到;文书已经按送达处理,请到那一天再更正。")
        was = f"{self.served_on:%Y-%m-%d}" if self.served_on else "无"
        lines = {"lines": [f"送达日期:{was} 改为 {served_on:%Y-%m-%d}"]}
        self.check_served(served_on)
        self._move("correct_served", by=by, on=on, note=note, data=lines, served_on=served_on)

    def check_served(self, served_on: datetime.date) -> None:
        """MoveRefused where it cannot have been served that day."""
