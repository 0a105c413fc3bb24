"""The public site: no sign-in, no cookies, no script; only what was published shows."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, ListView, TemplateView, View

from core.models import Seal
from core.seals import newest_line
from core.views.base import NearestPage
from documents import public_seals
from documents.models import Publication
from documents.opendata import COLUMNS, csv_lines

LOOKS = {"size": "xl", "contrast": "high"}
NEWEST = 20
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
NO_DAY = {"invalid": "日期要写成 2026-11-25 这样,没有按它查找。"}


class SearchForm(forms.Form):
    """What a public list may be asked for: a firm, words, and days."""

    firm = forms.CharField(label="企业名称", required=False, max_length=60)
    q = forms.CharField(label="搜索", required=False, max_length=60)
    since = forms.DateField(label="公示日期自", required=False, widget=DAY, error_messages=NO_DAY)
    until = forms.DateField(label="公示日期至", required=False, widget=DAY, error_messages=NO_DAY)

    why_nothing = ""

    def clean(self) -> dict[str, Any]:
        """A question that can have no answer is said to be one: days out of order."""
        data: dict[str, Any] = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.why_nothing = "结束日期早于开始日期,请改正日期再查找。"
        return data


class PublicForm(SearchForm):
    """Also a kind, and what was withdrawn."""

    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *Publication.Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "公示中"), ("withdrawn", "已撤下")])

    field_order = ("firm", "q", "kind", "state", "since", "until")

    def clean(self) -> dict[str, Any]:
        """Neither has the firm of what was withdrawn, which it hides."""
        data = super().clean()
        if data.get("firm") and data.get("state") == "withdrawn" and not self.why_nothing:
            self.why_nothing = "撤下的公示不再显示企业,不能按企业查找。请去掉企业名称,按公示号、说明或日期查找。"
        return data


FILTERS = tuple(PublicForm.base_fields)


@method_decorator(login_not_required, name="dispatch")
class PublicMixin(View):
    """A public page: its look (特大字, high contrast) is carried by the address, so that no cookie is needed."""

    request: HttpRequest
    section = "list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the look, how links keep it, and the foot of a government site."""
        look = {name: value for name, value in LOOKS.items() if self.request.GET.get(name) == value}
        foot: dict[str, Any] = {
            "site_code": settings.SITE_CODE,
            "icp_number": settings.ICP_NUMBER,
            "police_number": settings.POLICE_NUMBER,
            "police_digits": "".join(re.findall(r"[0-9]", settings.POLICE_NUMBER)),
        }
        foot["newest_seal"] = Seal.newest()
        look_query = f"?{urlencode(look)}" if look else ""
        return super().get_context_data(look=look, look_query=look_query, section=self.section, **foot, **kwargs)


def asked(request: HttpRequest) -> tuple[PublicForm, models.QuerySet[Publication]]:
    """The form, and the public rows it asks for; what was withdrawn is not searched by what it hid."""
    form = PublicForm(request.GET)
    form.full_clean()
    given = form.cleaned_data
    withdrawn = given.get("state") == "withdrawn"
    fields = ("number", "explanation") if withdrawn else ("number", "title", "party", "body")
    rows = Publication.objects.withdrawn() if withdrawn else Publication.objects.public(timezone.localdate())
    rows = rows.none() if form.why_nothing else rows
    if words := given.get("q"):
        rows = rows.filter(models.Q(*((f"{field}__icontains", words) for field in fields), _connector=models.Q.OR))
    lookups = {"firm": "party__icontains", "kind": "kind", "since": "published_on__gte", "until": "published_on__lte"}
    asked_for = {lookup: given[name] for name, lookup in lookups.items() if given.get(name)}
    return form, rows.filter(**asked_for).select_related("document").with_corrections()


class PublicList(PublicMixin, NearestPage, ListView):
    """What is public now, newest first; search, kind, and what was withdrawn."""

    template_name = "public/list.html"
    paginate_by = NEWEST

    def get_queryset(self) -> models.QuerySet[Publication]:
        """What was asked for."""
        self.form, rows = asked(self.request)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the form and the address's query without its page."""
        query = {k: v for k, v in self.request.GET.items() if k in (*FILTERS, *LOOKS) and v}
        filtered = any(name in query for name in FILTERS)
        return super().get_context_data(
            form=self.form, query=urlencode(query), is_filtered=filtered, is_withdrawn=query.get("state") == "withdrawn", **kwargs
        )


class PublicDetail(PublicMixin, DetailView):
    """One notice under its permanent address: its content, or why it was withdrawn, or that it is over (410)."""

    template_name = "public/detail.html"

    def get_object(self, queryset: Any = None) -> Publication:
        """Whatever was public once."""
        rows = Publication.objects.once_public().select_related("document").with_corrections()
        return get_object_or_404(rows, number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds which of the three it is, and the address that stays."""
        row, path = self.object, reverse("public_detail", args=[self.object.number])
        is_public = row.state == Publication.State.PUBLISHED and row.expires_on >= timezone.localdate()
        address = f"{settings.SITE_URL}{path}" if settings.SITE_URL else self.request.build_absolute_uri(path)
        what = {"is_public": is_public, "is_withdrawn": row.state == Publication.State.WITHDRAWN}
        return super().get_context_data(address=address, **what, **kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """410 when it is over."""
        gone = not context["is_public"] and not context["is_withdrawn"]
        return super().render_to_response(context, **kwargs, **({"status": 410} if gone else {}))


class SealForm(forms.Form):
    """A seal's number, as it is printed on papers."""

    number = forms.IntegerField(label="文书上印的封条编号", required=False, min_value=1, max_value=10**12)


class Seals(PublicMixin, TemplateView):
    """每日封条: the newest seal with what it does not cover yet, the last of each day, and one by its number."""

    template_name = "public/seals.html"
    section = "seals"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the seals."""
        form = SealForm(self.request.GET)
        asked = form.cleaned_data["number"] if form.is_valid() else None
        return super().get_context_data(
            line=newest_line(),
            form=form,
            asked=asked,
            found=public_seals.numbered(asked) if asked else None,
            seals=public_seals.daily(timezone.localdate()),
            days=public_seals.DAYS,
            **kwargs,
        )


class OpenData(PublicMixin, TemplateView):
    """What the columns of the open data mean, and where the file is."""

    template_name = "public/data.html"
    section = "data"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the columns."""
        return super().get_context_data(columns=COLUMNS, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class OpenDataFile(View):
    """The public rows as CSV, or exactly those the list was asked for; without a filter the withdrawn ones too."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        """Line by line."""
        _, rows = asked(request)
        is_filtered = any(request.GET.get(name) for name in FILTERS)
        withdrawn = Publication.objects.withdrawn().select_related("document").with_corrections()
        parts = [rows] if is_filtered else [rows, withdrawn]
        lines = csv_lines(row for part in parts for row in part.iterator(chunk_size=500))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="publications-{timezone.localdate():%Y%m%d}.csv"'
        return response
