"""URLs of documents: /documents/ and /verify/."""

from django.urls import path

from documents.views import verify

urlpatterns = [
    path("verify/", verify.Verify.as_view(), name="verify"),
    path("verify/<str:code>/", verify.Verify.as_view(), name="verify_code"),
]
