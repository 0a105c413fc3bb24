"""URLs of documents: /documents/ and /verify/."""

from django.urls import path

from documents.views import documents, numbers, verify

urlpatterns = [
    path("documents/", documents.DocumentList.as_view(), name="document_list"),
    path("documents/batch/", documents.DocumentBatch.as_view(), name="document_batch"),
    path("documents/numbers/", numbers.Numbers.as_view(), name="document_numbers"),
    path("documents/scans/<int:pk>/", documents.ScanFile.as_view(), name="document_scan_file"),
    path("documents/<int:pk>/", documents.DocumentDetail.as_view(), name="document_detail"),
    path("documents/<int:pk>/pdf/", documents.DocumentPdf.as_view(), name="document_pdf"),
    path("documents/<int:pk>/void/", documents.DocumentVoid.as_view(), name="document_void"),
    path("documents/<int:pk>/scan/", documents.ScanNew.as_view(), name="document_scan"),
    path("verify/", verify.Verify.as_view(), name="verify"),
    path("verify/<str:code>/", verify.Verify.as_view(), name="verify_code"),
]
