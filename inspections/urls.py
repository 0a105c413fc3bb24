"""URLs of inspections: /inspections/ and the tab of the enterprise's file."""

from django.urls import URLPattern, path

from inspections.views import entry, filling, visits

# The visit.
visit_urlpatterns: list[URLPattern] = [
    path("inspections/", visits.InspectionList.as_view(), name="inspection_list"),
    path("inspections/new/", visits.InspectionNew.as_view(), name="inspection_new"),
    path("inspections/entry/<slug:code>/", entry.InspectionEntry.as_view(), name="inspection_entry"),
    path("inspections/<int:pk>/", visits.InspectionDetail.as_view(), name="inspection_detail"),
    path("inspections/<int:pk>/items/", visits.InspectionItems.as_view(), name="inspection_items"),
    path("inspections/<int:pk>/items/add/", filling.InspectionItemAdd.as_view(), name="inspection_item_add"),
    path("inspections/<int:pk>/fill/", filling.InspectionFill.as_view(), name="inspection_fill"),
    path("inspections/<int:pk>/sign/", filling.InspectionSign.as_view(), name="inspection_sign"),
    path("inspections/<int:pk>/moves/<slug:name>/", visits.InspectionMove.as_view(), name="inspection_move"),
    path("enterprises/<int:pk>/inspections/", visits.EnterpriseInspections.as_view(), name="enterprise_inspections"),
]

# Orders, measures, transfers, violations, papers.
order_urlpatterns: list[URLPattern] = []

# Desk, patrols, exports, carry-in.
desk_urlpatterns: list[URLPattern] = []

urlpatterns = [*desk_urlpatterns, *order_urlpatterns, *visit_urlpatterns]
