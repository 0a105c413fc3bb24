"""URLs of core: files, jobs, health, operations."""

from django.urls import path

from core.views import files, jobs, ops

urlpatterns = [
    path("healthz/", ops.healthz, name="healthz"),
    path("ops/", ops.Operations.as_view(), name="ops"),
    path("ops/work/<str:label>/<int:pk>/retry/", ops.Retry.as_view(), name="work_retry"),
    path("ops/components/", ops.Components.as_view(), name="components"),
    path("files/", files.Upload.as_view(), name="file_upload"),
    path("files/<uuid:uid>/discard/", files.Discard.as_view(), name="file_discard"),
    path("files/<int:pk>/", files.Serve.as_view(), name="file_detail"),
    path("files/<int:pk>/thumbnail/", files.Serve.as_view(thumbnail=True), name="file_thumbnail"),
    path("account/downloads/", jobs.JobList.as_view(), name="job_list"),
    path("account/downloads/<int:pk>/", jobs.JobDetail.as_view(), name="job_detail"),
    path("account/downloads/<int:pk>/file/", jobs.JobDownload.as_view(), name="job_download"),
]
