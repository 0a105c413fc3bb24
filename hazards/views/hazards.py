"""Pages of hazards: list, detail, moves, 随手拍."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.generic import FormView

from accounts.roles import ENTERPRISE_ROLES, Role
from core.forms import LONGEST_WORDS
from core.models import Attachment, Event
from core.submit import ContentConflict, take_once
from core.views import MoveView, RoleMixin, ScopedDetail, ScopedList
from core.views.base import FormMixin422
from enterprises.models import Enterprise
from enterprises.views.base import FileMixin
from hazards.dossier import Dossier
from hazards.filters import HazardFilter
from hazards.forms import ReportForm
from hazards.models import Hazard

FOUND_SHOWN = 20
REPORTERS = ENTERPRISE_ROLES | {Role.INSPECTOR, Role.VILLAGE}


class HazardList(ScopedList):
    """Hazards of one's scope, newest first."""

    model = Hazard
    title = "隐患"
    filterset_class = HazardFilter
    template_name = "hazards/hazard_list.html"
    empty_text = "没有符合条件的隐患。"
    empty_hint = "检查中判为不合格的项目和“随手拍”会自动登记到这里。"
    columns = (
        ("编号", lambda h: h.number),
        ("企业", lambda h: h.enterprise.name),
        ("部门班组", lambda h: h.unit.name if h.unit else ""),
        ("位置", lambda h: h.place),
        ("情况描述", lambda h: h.description),
        ("级别", lambda h: h.get_level_display()),
        ("来源", lambda h: h.get_source_display()),
        ("状态", lambda h: h.state_label),
        ("发现日期", lambda h: h.found_on),
        ("发现人", lambda h: h.found_by.name),
        ("整改人", lambda h: h.rectifier.name if h.rectifier else ""),
        ("整改期限", lambda h: h.due_on),
        ("是否逾期", lambda h: h.is_overdue()),
        ("整改日期", lambda h: h.fixed_on),
        ("销案日期", lambda h: h.closed_on),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may report."""
        return super().get_context_data(can_report=self.request.user.role in REPORTERS, **kwargs)


class EnterpriseHazards(FileMixin, HazardList):
    """A tab of the enterprise's file: its hazards."""

    template_name = "hazards/enterprise_hazards.html"

    def get_queryset(self) -> Any:
        """Of this enterprise only."""
        return super().get_queryset().filter(enterprise=self.enterprise)


class HazardDetail(ScopedDetail):
    """A hazard: facts, photos before and after in pairs, requests for more time, moves, story."""

    model = Hazard
    template_name = "hazards/hazard_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        return super().get_queryset().select_related("enterprise", "unit", "rectifier", "found_by", "closed_by", "answer__check_row")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the photos by purpose and the request for more time."""
        files = list(Attachment.objects.of(self.object))
        after = [f for f in files if f.purpose.startswith("after")]
        latest = after[-1].purpose if after else ""
        back = Event.objects.of(self.object).filter(move="return_fix").select_related("by").last()
        return super().get_context_data(
            returned=back if self.object.state == Hazard.State.RETURNED else None,
            before=[f for f in files if f.purpose == "before"],
            after=[f for f in after if f.purpose == latest],
            earlier=[f for f in after if f.purpose != latest],
            accepted=[f for f in files if f.purpose == "accepted"],
            extension=self.object.open_extension,
            overdue=self.object.is_overdue(),
            dossier=Dossier(self.object, self.request.user, files) if self.object.round or self.object.is_suspected else None,
            **kwargs,
        )


class HazardMove(MoveView):
    """One move of a hazard."""

    model = Hazard

    def get_queryset(self) -> Any:
        """With the people its guards compare."""
        return super().get_queryset().select_related("enterprise__sector", "rectifier", "found_by")


class HazardReport(FormMixin422, RoleMixin, FormView):
    """随手拍: three fields and a photo, by anybody of a firm; inspectors and villages report at an enterprise of theirs."""

    roles = REPORTERS
    form_class = ReportForm
    template_name = "hazards/hazard_report.html"

    def get_initial(self) -> dict[str, Any]:
        """The enterprise chosen."""
        return {"enterprise": self.chosen()}

    def chosen(self) -> Enterprise | None:
        """The enterprise named by the URL or the form, for the town's people; within their scope, else none."""
        named = self.request.POST.get("enterprise") or self.request.GET.get("enterprise") or ""
        if not (self.request.user.is_town and named.isdecimal() and len(named) < 16):
            return None
        return Enterprise.objects.for_user(self.request.user).filter(pk=named).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """For the town's people: the enterprise, or a search for it."""
        chosen, words = self.chosen(), self.request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_WORDS]
        if self.request.user.is_town and chosen is None:
            found = Enterprise.objects.for_user(self.request.user).search(words).order_by("name")
            kwargs |= {"must_choose": True, "words": words, "found": found[:FOUND_SHOWN], "more": found.count() > FOUND_SHOWN}
        return super().get_context_data(chosen=chosen, **kwargs)

    def form_valid(self, form: ReportForm) -> HttpResponse:
        """Register it once; the same id again shows the same receipt."""
        data, user = form.cleaned_data, self.request.user
        facts = {"place": data["place"], "description": data["description"]}
        photos = data["photos"]
        unit, enterprise = data.get("unit"), data.get("enterprise") or user.membership.enterprise
        content = {
            **facts,
            "unit": unit.pk if unit else None,
            "enterprise": enterprise.pk,
            "photos": sorted(p.source_sha256 for p in photos),
        }
        source = Hazard.Source.INSPECTION if user.is_town else Hazard.Source.SNAP

        def make() -> tuple[Hazard, str]:
            row = Hazard.report(
                by=user,
                on=timezone.localdate(),
                enterprise=enterprise,
                unit=unit,
                source=source,
                photos=photos,
                level=Hazard.Level.NORMAL,
                **facts,
            )
            return row, row.number

        try:
            taken = take_once(user=user, client_id=data["client_id"], kind="report", content=content, make=make)
        except ContentConflict as conflict:
            form.add_error(
                None, f"这份上报已收到(回执 {conflict.submission.receipt}),内容与现在填写的不同。要另报一条,请打开新的“随手拍”再填。"
            )
            return self.render_to_response(self.get_context_data(form=form, conflict=conflict.submission), status=409)
        messages.success(self.request, f"已收到,回执号 {taken.receipt}。安全管理员会尽快处理,可在“隐患”里看进展。")
        return redirect("hazard_detail", pk=taken.subject_pk)
