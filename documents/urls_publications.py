"""URLs of a paper's service and of publications: /documents/<pk>/service/ and /documents/publications/."""

from django.urls import path

from documents.views import publication_batch, publications, receipt, service

urlpatterns = [
    path("documents/<int:pk>/service/", service.ServiceList.as_view(), name="service_list"),
    path("documents/<int:pk>/service/new/", service.ServiceCreate.as_view(), name="service_new"),
    path("documents/services/<int:pk>/receipt/", receipt.ReceiptPaper.as_view(), name="service_receipt_paper"),
    path("documents/publications/", publications.PublicationList.as_view(), name="publication_list"),
    path("documents/publications/new/", publications.PublicationCreate.as_view(), name="publication_new"),
    path("documents/publications/review/", publication_batch.PublicationReviews.as_view(), name="publication_reviews"),
    path("documents/publications/publish/", publication_batch.PublicationReleases.as_view(), name="publication_releases"),
    path("documents/publications/<int:pk>/", publications.PublicationDetail.as_view(), name="publication_detail"),
    path("documents/publications/<int:pk>/correct/", publications.PublicationCorrect.as_view(), name="publication_correct"),
    path("documents/publications/<int:pk>/moves/<slug:name>/", publications.PublicationMove.as_view(), name="publication_move"),
]
