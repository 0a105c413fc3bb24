"""统计: completion by level, unit, enterprise, village and period; who does not report is shown apart."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters as df
from django import forms
from django.urls import reverse
from django.utils import timezone

from accounts.roles import MANAGERS, TOWN_ROLES
from core.views import ScopedList
from duties import statistics
from duties.filters import DATE, OccurrenceFilter, areas, firms
from duties.models import Occurrence
from duties.periods import Frequency, period
from enterprises.models import Enterprise, Unit

READERS = TOWN_ROLES | MANAGERS
BY = [("level", "层级"), ("village", "村(社区)"), ("firm", "企业"), ("unit", "部门班组")]
PASSED_ON = ("start", "end", "area", "enterprise", "unit", "level", "frequency", "duty", "q")


def with_period(data: Any) -> Any:
    """The URL's data with this month up to today for a day that is missing or is none: the page counts what it says it counts."""
    data, today = data.copy(), timezone.localdate()
    for name, day in (("start", period(Frequency.MONTH, today)[0]), ("end", today)):
        try:
            forms.DateField(required=True).clean(data.get(name))
        except forms.ValidationError:
            data[name] = day.isoformat()
    return data


def chosen(filter: df.FilterSet) -> dict[str, Any]:
    """What of the filter is valid; the rest filters nothing either."""
    filter.form.is_valid()
    return dict(filter.form.cleaned_data)


class StatisticsFilter(OccurrenceFilter):
    """The list's filter, with how to group; the period is this month unless the URL says otherwise."""

    by = df.ChoiceFilter(label="按", choices=BY, method="group", empty_label=None)
    view = state = None

    class Meta:
        model = Occurrence
        fields: ClassVar[list[str]] = []

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        data = with_period(data)
        data.setdefault("by", "level")
        super().__init__(data, *args, **kwargs)
        self.form.order_fields(["by", "start", "end"])

    def group(self, rows: Any, name: str, value: str) -> Any:
        """Grouping is the page's own work."""
        return rows

    @property
    def grouping(self) -> str:
        """The chosen grouping, level by default."""
        return chosen(self).get("by") or "level"

    @property
    def span(self) -> tuple[datetime.date, datetime.date]:
        """The chosen first and last day."""
        data = chosen(self)
        return data["start"], data["end"]


class Statistics(ScopedList):
    """One line per group; each figure opens to its rows."""

    model = Occurrence
    roles = READERS
    title = "日周月排查统计"
    filterset_class = StatisticsFilter
    template_name = "duties/statistics.html"
    empty_text = "这段时间没有任务期次。"
    empty_hint = "可能还没有设置任务计划,或者筛选的日期太早。"
    columns = (
        ("名称", lambda line: line["label"]),
        ("应做", lambda line: line["owed"]),
        ("按时完成", lambda line: line["done"]),
        ("漏做", lambda line: line["missed"]),
        ("其中补做", lambda line: line["late"]),
        ("未到期", lambda line: line["due"]),
        ("已免除", lambda line: line["exempt"]),
        ("按时完成率%", lambda line: line["rate"]),
    )

    def get_queryset(self) -> Any:
        """The lines; kept beside them, the rows they count."""
        self.filter = self.filterset_class(self.request.GET, queryset=Occurrence.objects.for_user(self.request.user), request=self.request)
        self.rows = self.filter.qs
        return Lines(statistics.completion(self.rows, self.filter.grouping), self)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the totals as figures, and who does not report."""
        first, last = self.filter.span
        whole = self.line({**statistics.totals(self.rows), "key": None})
        seen = Enterprise.objects.for_user(self.request.user)
        query, asked = {"start": first, "end": last}, chosen(self.filter)
        for name, lookup in (("area", "area"), ("enterprise", "pk")):
            if asked.get(name):
                seen, query[name] = seen.filter(**{lookup: asked[name].pk}), asked[name].pk
        quiet = reverse("silent_list")
        apart = [
            ("没有报过一次的企业", statistics.silent(seen, first, last).count(), f"{quiet}?{urlencode({**query, 'kind': 'silent'})}"),
            ("没有设置任务计划的企业", statistics.without_plans(seen, timezone.localdate()).count(), f"{quiet}?{urlencode({**query, 'kind': 'unplanned'})}"),
        ]  # fmt: skip
        return super().get_context_data(
            whole=whole,
            apart=apart if self.request.user.is_town else [],
            first=first,
            last=last,
            by=dict(BY)[self.filter.grouping],
            **kwargs,
        )

    def line(self, counted: dict[str, Any]) -> dict[str, Any]:
        """A line with its words and the URLs its figures open."""
        by, key = self.filter.grouping, counted.get("key")
        name = counted.get("name") or (Unit.Kind(key).label if by == "level" and key else "全部")
        label = f"{counted['firm']}·{name}" if counted.get("firm") else name
        parameter = {"level": "level", "village": "area", "firm": "enterprise", "unit": "unit"}[by]
        query = {k: v for k, v in self.filter.form.data.items() if k in PASSED_ON and v}
        if key is not None:
            query[parameter] = str(key)
        url = f"{reverse('occurrence_list')}?{urlencode(query)}"
        owed = counted["total"] - counted["exempt"]
        urls = {s: f"{url}&state={s}" for s in Occurrence.State.values} | {"missed": f"{url}&view=missed"}
        return {**counted, "label": label, "owed": owed, "rate": statistics.rate(counted), "urls": urls}


class Lines:
    """The grouped rows as a sequence that pages and exports like a queryset, each line with its words."""

    def __init__(self, rows: Any, page: Statistics) -> None:
        self.rows, self.page = rows, page
        self.ordered = True

    def count(self) -> int:
        """How many lines."""
        return self.rows.count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[dict[str, Any]]:
        return [self.page.line(line) for line in self.rows[wanted]]

    def __iter__(self) -> Any:
        return (self.page.line(line) for line in self.rows)

    def iterator(self, chunk_size: int = 1000) -> Any:
        """Line by line, for the export in the background."""
        return (self.page.line(line) for line in self.rows.iterator(chunk_size=chunk_size))


class SilentFilter(df.FilterSet):
    """Which kind of silence, in which period, where."""

    kind = df.ChoiceFilter(
        label="哪一种", choices=[("silent", "没有报过一次"), ("unplanned", "没有设置任务计划")], method="silence", empty_label=None
    )
    start = df.DateFilter(label="周期自", method="silence", widget=DATE)
    end = df.DateFilter(label="周期至", method="silence", widget=DATE)
    area = df.ModelChoiceFilter(label="村(社区)", queryset=areas, field_name="area", empty_label="全部")
    enterprise = df.ModelChoiceFilter(queryset=firms, method="only", widget=forms.HiddenInput)

    class Meta:
        model = Enterprise
        fields: ClassVar[list[str]] = []

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(with_period(data), *args, **kwargs)

    def only(self, rows: Any, name: str, firm: Enterprise) -> Any:
        """That one."""
        return rows.filter(pk=firm.pk)

    def silence(self, rows: Any, name: str, value: Any) -> Any:
        """Done for all three at once in `qs`."""
        return rows

    @property
    def qs(self) -> Any:
        """The enterprises of that silence."""
        data, rows = chosen(self), super().qs
        if data.get("kind") == "unplanned":
            return statistics.without_plans(rows, timezone.localdate())
        return statistics.silent(rows, data["start"], data["end"])


class SilentList(ScopedList):
    """Enterprises that did not report: an unreported team is not a pass."""

    model = Enterprise
    roles = TOWN_ROLES
    title = "未报企业"
    filterset_class = SilentFilter
    template_name = "duties/silent_list.html"
    empty_text = "没有未报的企业。"
    columns = (
        ("企业", lambda e: e.name),
        ("统一社会信用代码", lambda e: e.credit_code),
        ("村(社区)", lambda e: e.area.name),
        ("行业", lambda e: e.sector.name if e.sector else ""),
        ("牵头主管部门", lambda e: e.lead_department.name if e.lead_department else ""),
    )
