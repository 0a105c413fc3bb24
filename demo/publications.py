"""The demo's public notices: drafted from a served opinion, reviewed by another person, published, withdrawn; and the town's circulars."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from core import moment
from demo.days import Days, at
from demo.people import Town
from documents.masking import propose
from documents.models import Document, Publication
from hazards.models import Hazard

CIRCULARS = (
    (
        "关于{year}年汛期工贸企业安全检查情况的通报",
        "汛期镇安监办组织对全镇在营工贸企业进行安全检查。\n"
        "共性问题:临时用电不规范、疏散通道堆物、有限空间警示标志缺失。\n"
        "各企业要对照检查,一周内完成自查自改,并在系统中登记。\n联系人:罗永刚,电话 13820004512",
    ),
    (
        "关于开展有限空间作业专项检查的公告",
        "自即日起一个月内,对全镇有污水池、腌渍池、纸浆池的企业开展有限空间专项检查。\n"
        "重点:台账和警示标志、作业审批、先通风再检测后作业、监护和救援装备。\n"
        "发现重大事故隐患的,依法责令立即停止使用。",
    ),
    (
        "关于岁末年初安全生产提示的公告",
        "岁末赶工、检维修和外包作业增多,请各企业主要负责人带队检查:\n"
        "一、停复产前组织安全检查和全员培训;\n二、动火、有限空间作业严格审批;\n三、节日期间落实带班值守。",
    ),
)

# On which day of the half year each of them was published.
PLACES = (50, 110, 165)


class Board:
    """Publications at the moment that is being replayed."""

    def __init__(self, days: Days, town: Town) -> None:
        self.days, self.town = days, town
        self.circulars = [days.after(days.past[place], 0) for place in PLACES]

    def draft(self, paper: Document, hazard: Hazard) -> Publication:
        """From the opinion of a re-check; the first inspector writes it."""
        firm = hazard.enterprise
        rectifier = hazard.rectifier.name if hazard.rectifier else ""
        original = (
            f"{firm.name}于{hazard.major_on:%Y年%-m月%-d日}确认的重大事故隐患“{hazard.description}”({hazard.place}),"
            f"已按五定方案完成治理,经两名执法人员复查合格,予以销案。\n整改责任人:{rectifier}\n依据文书:{paper.number}"
        )
        facts: dict[str, Any] = {"kind": "hazard", "title": f"{firm.name}重大事故隐患治理完成公示"[:120], "party": firm.name}
        texts: dict[str, Any] = {"original": original, "body": propose(original, [rectifier])}
        return Publication.draft(by=self.town.inspectors[0], on=self._on(), document=paper, starts_on=paper.issued_on, **facts, **texts)

    def review(self, row: Publication) -> Publication:
        """By the reviewer, who wrote none of it."""
        row.review(by=self.town.reviewer, on=self._on(), note="已逐行核对遮盖。")
        return row

    def publish(self, row: Publication) -> Publication:
        """Reviewed and made public."""
        self.review(row).publish(by=self.town.reviewer, on=self._on())
        return row

    def withdraw(self, row: Publication, note: str) -> None:
        """Taken back with its explanation."""
        Publication.objects.get(pk=row.pk).withdraw(by=self.town.leader, on=self._on(), note=note)

    def circular(self, number: int) -> None:
        """One of the town's own notices, about no firm and no paper."""
        title, text = CIRCULARS[number]
        facts: dict[str, Any] = {
            "kind": "circular" if "通报" in title else "other",
            "title": title.format(year=self._on().year),
            "party": "",
        }
        texts: dict[str, Any] = {"original": text, "body": propose(text, ["罗永刚"])}
        self.publish(Publication.draft(by=self.town.inspectors[1], on=self._on(), starts_on=self._on(), **facts, **texts))

    def day(self, day: datetime.date) -> None:
        """The circulars, each on its day."""
        if day in self.circulars:
            with moment.at(at(day, 11, 15)):
                self.circular(self.circulars.index(day))

    def _on(self) -> datetime.date:
        return timezone.localdate(moment.now())
