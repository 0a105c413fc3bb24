"""Root URLs for this folder: the project's, and for names of the contract that are not there yet a page that only answers.

Where every name is there nothing is added.
"""

from django.http import HttpResponse
from django.urls import path

from shijiao.urls import handler400, handler403, handler404
from shijiao.urls import urlpatterns as own

__all__ = ["handler400", "handler403", "handler404", "urlpatterns"]

CONTRACT = {
    "inspection_list": "inspections/",
    "inspection_detail": "inspections/<int:pk>/",
    "inspection_entry": "inspections/entry/<slug:code>/",
    "order_detail": "inspections/orders/<int:pk>/",
    "measure_detail": "inspections/measures/<int:pk>/",
    "violation_detail": "inspections/violations/<int:pk>/",
    "transfer_detail": "inspections/transfers/<int:pk>/",
}


def names(patterns):
    """Every named URL, but the admin site's."""
    for pattern in patterns:
        if not hasattr(pattern, "url_patterns"):
            yield pattern.name
        elif getattr(pattern, "namespace", None) != "admin":
            yield from names(pattern.url_patterns)


def page(request, **kwargs):
    return HttpResponse("还没有这个页面。")


there = set(names(own))
urlpatterns = [*own, *(path(where, page, name=name) for name, where in CONTRACT.items() if name not in there)]
