"""URLs of inspections: /inspections/."""

from django.urls import URLPattern, path

from inspections.views import carry, desk, exports, patrols

# The visit.
visit_urlpatterns: list[URLPattern] = []

# Orders, measures, transfers, violations, papers.
order_urlpatterns: list[URLPattern] = []

# Desk, patrols, exports, carry-in.
desk_urlpatterns: list[URLPattern] = [
    path("inspections/desk/", desk.Desk.as_view(), name="inspection_desk"),
    path("inspections/desk/sheet/", desk.DaySheet.as_view(), name="inspection_day_sheet"),
    path("inspections/patrols/", patrols.PatrolList.as_view(), name="patrol_list"),
    path("inspections/patrols/new/", patrols.PatrolCreate.as_view(), name="patrol_new"),
    path("inspections/patrols/<int:pk>/", patrols.PatrolDetail.as_view(), name="patrol_detail"),
    path("inspections/outside/", patrols.OutsideList.as_view(), name="outside_list"),
    path("inspections/outside/new/", patrols.OutsideCreate.as_view(), name="outside_new"),
    path("inspections/exports/", exports.LayoutList.as_view(), name="district_export"),
    path("inspections/exports/<int:pk>/", exports.LayoutRows.as_view(), name="district_export_rows"),
    path("inspections/exports/<int:pk>/columns/", exports.LayoutEdit.as_view(), name="district_export_layout"),
    path("inspections/carry/", carry.CarryList.as_view(), name="carry_in"),
    path("inspections/carry/templates/<slug:what>/", carry.CarryTemplate.as_view(), name="carry_template"),
    path("inspections/carry/new/<slug:what>/", carry.CarryCreate.as_view(), name="carry_new"),
    path("inspections/carry/<int:pk>/", carry.CarryDetail.as_view(), name="carry_detail"),
    path("inspections/carry/<int:pk>/moves/<slug:name>/", carry.CarryMove.as_view(), name="carry_move"),
    path("enterprises/<int:pk>/patrols/", patrols.EnterprisePatrols.as_view(), name="enterprise_patrols"),
]

urlpatterns = [*desk_urlpatterns, *order_urlpatterns, *visit_urlpatterns]
