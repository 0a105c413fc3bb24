"""Files of the yearly plan: its template and items from a sheet; the district's list, shown and taken in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import View

from core.models import MoveRefused
from core.submit import ContentConflict, take_once
from core.views import RoleMixin, ScopedList
from core.xlsx import file_response, write_xlsx
from enterprises.roster.parts import RosterRefused
from inspections import plan_file
from inspections.filters_plans import DistrictFilter
from inspections.forms.plans import DistrictForm, UploadForm
from inspections.models import DistrictListEntry, InspectionPlan, machine
from inspections.views.plans import OTHER_CONTENT, READERS, PlanForms

TEMPLATES = {"items": (plan_file.ITEM_COLUMNS, "年度计划项"), "district": (plan_file.LIST_COLUMNS, "区级计划名单")}


class PlanTemplate(RoleMixin, View):
    """An empty workbook with the columns of the plan's items, or of the district's list."""

    roles = machine.OFFICERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The xlsx; the items' columns unless the list's are asked for."""
        columns, name = TEMPLATES["district" if request.GET.get("what") == "district" else "items"]
        return file_response(write_xlsx(plan_file.headings(columns), [], sheet=name), f"模板-{name}.xlsx")


class PlanFile(PlanForms):
    """Items of a draft from a sheet: all of them or none, with a table that says what is wrong where."""

    form_class = UploadForm
    template_name = "inspections/year_plan_file.html"
    states = (InspectionPlan.State.DRAFT,)
    title = "导入计划项"
    lead = "类别可以不填:重点企业和市属及以上企业自动归类,其余为风险提示;随机抽查只写次数,不写企业。"
    button = "上传并写入"
    lines: tuple[Any, ...] = ()
    ignored: Sequence[str] = ()

    def form_valid(self, form: UploadForm) -> HttpResponse:
        """Look at every row first; nothing is written while one cannot be taken."""
        upload = form.cleaned_data["file"]
        self.data = upload.read()
        try:
            taken = take_once(
                user=self.request.user,
                client_id=form.cleaned_data["client_id"],
                kind="year_plan",
                content={"plan": self.plan.pk, "file": hashlib.sha256(self.data).hexdigest()},
                make=lambda: self.make(upload.name),
            )
        except RosterRefused as refused:
            form.add_error("file", str(refused))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        except (ContentConflict, MoveRefused) as refused:
            return self.refused(form, refused.message if isinstance(refused, MoveRefused) else OTHER_CONTENT)
        messages.success(self.request, f"已写入 {taken.receipt} 项。")
        tell_ignored(self)
        return redirect("year_plan_items", self.plan.pk)

    def make(self, name: str) -> tuple[InspectionPlan, str]:
        """The items; RosterRefused when a row cannot be taken."""
        if reason := self.why_not():
            raise MoveRefused(reason)
        today = timezone.localdate()
        lines, self.ignored = plan_file.read_items(self.data, name, self.plan, self.request.user, self.plan.musts(today))
        check(self, lines)
        count = self.plan.add_items([line.facts for line in lines if line.facts], by=self.request.user, on=today)
        return self.plan, str(count)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what was found in the file."""
        return super().get_context_data(lines=self.lines, **kwargs)


def check(page: Any, lines: list[plan_file.Line]) -> None:
    """RosterRefused while any row cannot be taken; the page shows those rows."""
    page.lines = tuple(line for line in lines if line.messages)
    if page.lines:
        raise RosterRefused(f"{len(lines)} 行里有 {len(page.lines)} 行不能写入,什么也没有写。请按下面的说明改正文件后重新上传。")


def tell_ignored(page: Any) -> None:
    """Which sheets of the file were not read."""
    for name in page.ignored:
        messages.warning(page.request, f"工作表“{name}”没有认得的标题行,没有读取。")


class DistrictList(ScopedList):
    """Firms of the town that the district's plans name; a year's list is taken in from a sheet."""

    model = DistrictListEntry
    roles = READERS
    title = "区级计划名单"
    filterset_class = DistrictFilter
    template_name = "inspections/district_list.html"
    empty_text = "没有符合条件的名单。"
    empty_hint = "把区里的年度检查计划中属于本镇的企业导入进来,本镇计划里重复的会标出来。"
    lines: tuple[Any, ...] = ()
    ignored: Sequence[str] = ()
    columns = (
        ("年度", lambda row: row.year),
        ("企业名称", lambda row: row.enterprise.name),
        ("统一社会信用代码", lambda row: row.enterprise.credit_code),
        ("所在村(社区)", lambda row: row.enterprise.area.name),
        ("来源", lambda row: row.source),
        ("导入日期", lambda row: row.on),
    )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a list in: all of it or nothing; those known already stay."""
        if request.user.role not in machine.OFFICERS:
            messages.error(request, "名单由执法人员和行业主管部门导入。")
            return redirect("district_list")
        form = DistrictForm(request.POST, request.FILES, user=request.user)
        if not form.is_valid():
            return self.again(form)
        try:
            count = self.take(form)
        except RosterRefused as refused:
            form.add_error("file", str(refused))
            return self.again(form)
        messages.success(request, f"已导入,新增 {count} 家。")
        tell_ignored(self)
        return redirect("district_list")

    def take(self, form: DistrictForm) -> int:
        """How many are new."""
        data, upload = form.cleaned_data, form.cleaned_data["file"]
        lines, self.ignored = plan_file.read_firms(upload.read(), upload.name, self.request.user)
        check(self, lines)
        given: dict[str, Any] = {"year": data["year"], "source": data["source"], "by": self.request.user, "on": timezone.localdate()}
        return DistrictListEntry.take_in([line.enterprise for line in lines], **given)

    def again(self, form: DistrictForm) -> HttpResponse:
        """The page with what is wrong."""
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the form, and what was found in the file."""
        kwargs.setdefault("form", DistrictForm(user=self.request.user))
        can_write = self.request.user.role in machine.OFFICERS
        return super().get_context_data(lines=self.lines, can_write=can_write, **kwargs)
