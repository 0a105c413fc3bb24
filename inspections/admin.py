"""Admin pages of inspections: its law is kept, everything else is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin

from accounts.models import Sector
from core.admin_pages import CatalogueAdmin, register_rest
from enterprises.models import HazardTrait
from inspections.models import (
    GradeWeight,
    InspectionKind,
    InspectionPoint,
    KeyRule,
    PenaltyScheme,
    PlanLimit,
    PointBasis,
    PowerItem,
    ResultRule,
    VisitLimit,
)


class Ticks(forms.MultipleChoiceField):
    """Codes of a JSON list as ticks."""

    widget = forms.CheckboxSelectMultiple


def traits() -> list[tuple[str, str]]:
    """(code, name) of every dangerous trait."""
    return list(HazardTrait.objects.values_list("code", "name"))


def sectors() -> list[tuple[str, str]]:
    """(code, name) of every sector."""
    return list(Sector.objects.values_list("code", "name"))


def points() -> list[tuple[str, str]]:
    """(code, code and name) of every point, after "all"."""
    return [("", "全部"), *((row.code, str(row)) for row in InspectionPoint.objects.all())]


class PointForm(forms.ModelForm):
    """A point, whom it is for as ticks."""

    traits = Ticks(label="适用危险特性", choices=traits, required=False, help_text="都不选为都适用。")
    sectors = Ticks(label="适用行业", choices=sectors, required=False, help_text="都不选为都适用。")

    class Meta:
        model = InspectionPoint
        exclude: tuple[str, ...] = ()


class PowerForm(forms.ModelForm):
    """A power, its point chosen."""

    point = forms.ChoiceField(label="检查要点", choices=points, required=False)

    class Meta:
        model = PowerItem
        exclude: tuple[str, ...] = ()


class LimitForm(forms.ModelForm):
    """A limit, the kinds it counts as ticks."""

    kinds = Ticks(label="计入的检查", choices=InspectionKind)

    class Meta:
        model = VisitLimit
        exclude: tuple[str, ...] = ()


@admin.register(InspectionPoint)
class InspectionPointAdmin(CatalogueAdmin):
    """What is looked at."""

    form = PointForm


@admin.register(PowerItem)
class PowerItemAdmin(CatalogueAdmin):
    """Who may do what."""

    form = PowerForm

    def get_list_display(self, request: Any) -> list[str]:
        """With whom, and since when."""
        return ["kind", "holder", "point", "organ_name", "edition", "effective_from", "effective_to", "verify"]


@admin.register(VisitLimit)
class VisitLimitAdmin(CatalogueAdmin):
    """How often."""

    form = LimitForm


admin.site.register([GradeWeight, KeyRule, PenaltyScheme, PlanLimit, PointBasis, ResultRule], CatalogueAdmin)
register_rest(apps.get_app_config("inspections"))
