"""我的下载: one's own long work, with its progress and result."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import View

from core.models import Job
from core.views.base import ScopedDetail, ScopedList
from core.xlsx import file_response


class JobList(ScopedList):
    """One's own jobs, newest first."""

    model = Job
    title = "我的下载"
    template_name = "core/job_list.html"
    ordering = "-pk"
    empty_text = "还没有后台任务。"
    empty_hint = "较大的导入和导出会在这里显示进度,可以离开页面,完成后回来下载。"

    def get_queryset(self) -> object:
        """Newest first."""
        return super().get_queryset().order_by("-pk")


class JobDetail(ScopedDetail):
    """One job; reloads itself while it runs."""

    model = Job
    template_name = "core/job_detail.html"

    def get_template_names(self) -> list[str]:
        """Only the progress for htmx."""
        return ["core/_job_progress.html"] if self.request.htmx else [self.template_name]


class JobDownload(View):
    """The result file of one's own job."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes, or 404 while there are none."""
        job = get_object_or_404(Job.objects.for_user(request.user), pk=pk)
        if not job.result:
            raise Http404
        with job.result.open("rb") as stored:
            return file_response(stored.read(), job.result_name)
