"""URLs of inspections: /inspections/."""

from django.urls import URLPattern

# The visit.
visit_urlpatterns: list[URLPattern] = []

# Orders, measures, transfers, violations, papers.
order_urlpatterns: list[URLPattern] = []

# Desk, patrols, exports, carry-in.
desk_urlpatterns: list[URLPattern] = []

urlpatterns = [*desk_urlpatterns, *order_urlpatterns, *visit_urlpatterns]
