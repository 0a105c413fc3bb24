"""Photos: upload as an orphan with a receipt, private serving."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import View

from core.forms import parsed_uid
from core.images import PhotoRefused
from core.models import Attachment


class Upload(View):
    """Take one photo in; the answer is its receipt. The same uid sent again gets the same receipt."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        """JSON {uid, receipt, url, name}, or 422 {error} with a Chinese sentence."""
        uid, upload = parsed_uid(request.POST.get("uid", "")), request.FILES.get("file")
        if uid is None or upload is None:
            return JsonResponse({"error": "没有收到照片,请重新选择后再传。"}, status=422)
        try:
            row = Attachment.take_in(upload, by=request.user, uid=uid)
        except PhotoRefused as refused:
            return JsonResponse({"error": str(refused)}, status=422)
        return JsonResponse(
            {"uid": str(row.uid), "receipt": row.receipt, "name": row.name, "url": reverse("file_thumbnail", args=[row.pk])}
        )


class Discard(View):
    """Take back an upload that belongs to nothing yet."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, uid: Any) -> HttpResponse:
        """204; discarding twice is the same."""
        for row in Attachment.objects.orphans_of(request.user).filter(uid=uid):
            row.discard()
        return HttpResponse(status=204)


class Serve(View):
    """A photo or its thumbnail, for whoever may see the row it belongs to; everybody else gets 404."""

    thumbnail = False

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        """The bytes, as a download that browsers show inside <img> only."""
        row = get_object_or_404(Attachment, pk=pk)
        if not row.is_visible_to(request.user):
            raise Http404
        stored = row.thumbnail if self.thumbnail else row.file
        response = FileResponse(
            stored.open("rb"),
            as_attachment=True,
            filename=row.receipt + row.suffix,
            content_type="image/jpeg" if self.thumbnail else row.media_type,
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cache-Control"] = "private, max-age=3600"
        return response
