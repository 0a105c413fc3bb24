"""The demo township: complete, deterministic, once."""

import io

import pytest
from django.core.management import call_command
from django.db import transaction

from core.models import Event
from enterprises.models import Enterprise, Project
from hazards.models import Check, Hazard

pytestmark = pytest.mark.django_db
DAY = "2026-11-24"


class Undo(Exception):
    pass


def picture(today):
    """What a seed made, without what is random by nature (upload ids, password salts)."""
    found = {}
    try:
        with transaction.atomic():
            call_command("seed_demo", today=today, stdout=io.StringIO())
            first = Enterprise.objects.order_by("pk").first().pk
            found["hazards"] = list(
                Hazard.objects.order_by("number").values_list("number", "description", "state", "found_on", "due_on", "rectifier__username")
            )
            found["checks"] = [
                (unit, start, state, holder, holder and len(receipt or ""))
                for unit, start, state, holder, receipt in Check.objects.order_by("pk").values_list(
                    "unit__name", "window_start", "state", "holder__name", "receipt"
                )
            ]
            found["firms"] = list(Enterprise.objects.order_by("pk").values_list("name", "credit_code", "lead_department__code"))
            found["events"] = list(
                Event.objects.filter(subject_model="hazards.hazard").order_by("at", "label", "note").values_list("at", "label", "note")
            )
            found["projects"] = list(
                Project.objects.order_by("pk").values_list("name", "state", "approved_on", "notify_by_on", "notified_on")
            )
            assert first
            raise Undo
    except Undo:
        return found


def test_same_today_gives_the_same_township():
    first, second = picture(DAY), picture(DAY)
    without_names = [row[:5] for row in first["hazards"]], [row[:5] for row in second["hazards"]]
    assert without_names[0] == without_names[1]
    assert first["checks"] == second["checks"]
    assert first["firms"] == second["firms"]
    assert first["events"] == second["events"]
    assert first["projects"] == second["projects"]
    assert [row[1] for row in first["projects"]] == ["design_review", "pre_evaluation", "trial_run", "in_use"]
    assert [row[4] is None for row in first["projects"]] == [False, True, False, False]
    assert {row[2] for row in first["hazards"]} == set(Hazard.State.values)
