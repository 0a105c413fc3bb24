"""URLs of the draws on the public site: /public/draws/."""

from django.urls import path

from inspections.views import public_draws

urlpatterns = [
    path("", public_draws.PublicDraws.as_view(), name="public_draws"),
    path("<slug:number>/", public_draws.PublicDraw.as_view(), name="public_draw"),
    path("<slug:number>/lists/", public_draws.PublicDrawLists.as_view(), name="public_draw_lists"),
    path("<slug:number>/draw-<slug:name>.json", public_draws.PublicDrawFile.as_view(), name="public_draw_file"),
]
