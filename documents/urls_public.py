"""URLs of the public site: /public/."""

from django.urls import path

from documents.views import public

urlpatterns = [
    path("", public.PublicList.as_view(), name="public_list"),
    path("data/", public.OpenData.as_view(), name="public_data"),
    path("data.csv", public.OpenDataFile.as_view(), name="public_csv"),
    path("seals/", public.Seals.as_view(), name="public_seals"),
    path("<slug:number>/", public.PublicDetail.as_view(), name="public_detail"),
]
