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
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, ListView, TemplateView, View

from core.models import Seal
from core.seals import newest_line
from documents import public_seals
from documents.models import Publication
from documents.opendata import COLUMNS, csv_lines

LOOKS = {"size": "xl", "contrast": "high"}
NEWEST = 20


class PublicForm(forms.Form):
    """What the public list may be asked for."""

    q = forms.CharField(label="搜索", required=False, max_length=60)
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *Publication.Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "公示中"), ("withdrawn", "已撤下")])


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
    words, kind = form.cleaned_data.get("q", ""), form.cleaned_data.get("kind", "")
    withdrawn = form.cleaned_data.get("state") == "withdrawn"
    fields = ("number", "explanation") if withdrawn else ("number", "title", "party", "body")
    found = models.Q(*((f"{field}__icontains", words) for field in fields), _connector=models.Q.OR)
    rows = Publication.objects.withdrawn() if withdrawn else Publication.objects.public(timezone.localdate())
    rows = rows.select_related("document")
    return form, rows.filter(**{"kind": kind} if kind else {}).filter(found if words else models.Q())


class PublicList(PublicMixin, ListView):
    """What is public now, newest first; search, kind, and what was withdrawn."""

    template_name = "public/list.html"
    paginate_by = NEWEST

    def get_queryset(self) -> models.QuerySet[Publication]:
        """What was asked for."""
        self.form, rows = asked(self.request)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the form and the address's query without its page."""
        query = {k: v for k, v in self.request.GET.items() if k in ("q", "kind", "state", *LOOKS) and v}
        filtered = any(name in query for name in ("q", "kind", "state"))
        return super().get_context_data(
            form=self.form, query=urlencode(query), is_filtered=filtered, is_withdrawn=query.get("state") == "withdrawn", **kwargs
        )


class PublicDetail(PublicMixin, DetailView):
    """One notice under its permanent address: its content, or why it was withdrawn, or that it is over (410)."""

    template_name = "public/detail.html"

    def get_object(self, queryset: Any = None) -> Publication:
        """Whatever was public once."""
        return get_object_or_404(Publication.objects.once_public().select_related("document"), number=self.kwargs["number"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds which of the three it is."""
        row = self.object
        is_public = row.state == Publication.State.PUBLISHED and row.expires_on >= timezone.localdate()
        return super().get_context_data(is_public=is_public, is_withdrawn=row.state == Publication.State.WITHDRAWN, **kwargs)

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
        parts = (
            [rows] if request.GET.keys() & {"q", "kind", "state"} else [rows, Publication.objects.withdrawn().select_related("document")]
        )
        lines = csv_lines(row for part in parts for row in part.iterator(chunk_size=500))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="publications-{timezone.localdate():%Y%m%d}.csv"'
        return response
