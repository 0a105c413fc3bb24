"""Stateful: one conditional update, one Event, reactions in the same transaction."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from core.models import Event, Hold, MoveRefused, Signature
from shijiao import reactions
from tests.factories import a_hazard

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
SEEN = []


def remember(row, event):
    """A reaction that notes what it was told."""
    SEEN.append((row.pk, row.state, event.move))


def place_hold(row, event):
    """A reaction that writes."""
    Hold.place(row, kind="test", reason="联动", by=event.by, on=event.on)


def break_down(row, event):
    """A reaction that fails."""
    raise RuntimeError("broken reaction")


@pytest.fixture
def hazard(people):
    return a_hazard(people)


def reject(row, by, **kwargs):
    return row._move("reject", by=by, on=TODAY, **{"note": "重复上报", **kwargs})


def test_a_move_writes_state_version_fields_and_one_event(people, hazard):
    before = Event.objects.count()
    event = reject(hazard, people.safety, data={"lines": ["一"]})
    stored = type(hazard).objects.get(pk=hazard.pk)
    assert (stored.state, stored.version) == (hazard.state, hazard.version) == ("rejected", 1)
    assert Event.objects.count() == before + 1
    kept = Event.objects.get(pk=event.pk)
    facts = (kept.by, kept.on, kept.move, kept.label, kept.from_state, kept.to_state, kept.note, kept.data)
    assert facts == (people.safety, TODAY, "reject", "驳回", "reported", "rejected", "重复上报", {"lines": ["一"]})
    assert (kept.subject_model, kept.subject_pk) == ("hazards.hazard", hazard.pk)
    assert (kept.enterprise_id, kept.area_code, kept.audience) == (people.factory.pk, people.factory.area_id, "all")


def test_wrong_role_wrong_state_wrong_person(people, hazard):
    before = Event.objects.count()
    with pytest.raises(PermissionDenied, match="您的岗位不能执行“驳回”"):
        reject(hazard, people.employee)
    hazard.guard_reject = lambda by: "这件事要别人来做。"
    with pytest.raises(MoveRefused, match="这件事要别人来做。"):
        reject(hazard, people.safety)
    del hazard.guard_reject
    reject(hazard, people.safety)
    with pytest.raises(MoveRefused, match="现在是“已驳回”,不能“驳回”。") as refused:
        reject(hazard, people.safety)
    assert (refused.value.faster.by, refused.value.faster.move) == (people.safety, "reject")
    assert Event.objects.count() == before + 1


def test_the_slower_of_two_is_told_who_was_faster(people, hazard):
    mine, theirs = (type(hazard).objects.get(pk=hazard.pk) for _ in range(2))
    reject(theirs, people.safety, note="先到")
    with pytest.raises(MoveRefused, match="别人已处理,您的操作没有保存。") as refused:
        reject(mine, people.principal, note="后到")
    assert (refused.value.faster.by, refused.value.faster.note) == (people.safety, "先到")
    assert (mine.state, mine.version) == ("reported", 0)
    assert list(Event.objects.of(hazard).values_list("note", flat=True))[1:] == ["先到"]


def test_the_system_may_move_without_a_role(hazard):
    event = reject(hazard, User.objects.system())
    assert (event.by.username, hazard.state) == ("system", "rejected")


def test_reactions_run_with_the_row_and_its_event(people, hazard, monkeypatch):
    monkeypatch.setitem(reactions.REACTIONS, ("hazards.Hazard", "reject"), (f"{__name__}.remember", f"{__name__}.place_hold"))
    SEEN.clear()
    reject(hazard, people.safety)
    assert [(hazard.pk, "rejected", "reject")] == SEEN
    assert [(hold.kind, hold.reason) for hold in hazard.holds] == [("test", "联动")]


def test_a_reaction_that_fails_takes_everything_back(people, hazard, monkeypatch):
    monkeypatch.setitem(reactions.REACTIONS, ("hazards.Hazard", "reject"), (f"{__name__}.place_hold", f"{__name__}.break_down"))
    before = Event.objects.count()
    with pytest.raises(RuntimeError):
        reject(hazard, people.safety)
    stored = type(hazard).objects.get(pk=hazard.pk)
    assert (stored.state, stored.version, Event.objects.count(), stored.holds.count()) == ("reported", 0, before, 0)


def test_the_story_is_append_only(hazard):
    event = Event.objects.of(hazard).first()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()


def test_town_entries_are_hidden_from_firm_and_village(people, hazard):
    facts = {"by": people.inspector, "on": TODAY, "move": "note", "label": "内部备注"}
    inside = Event.record(hazard, **facts, audience=Event.Audience.TOWN)
    assert inside in Event.objects.of(hazard).visible_to(people.inspector)
    for outside in (people.safety, people.village):
        assert inside not in Event.objects.of(hazard).visible_to(outside)
        assert Event.objects.of(hazard).visible_to(outside).count() == 1


def test_a_hold_is_placed_and_lifted_once(people, hazard):
    facts = {"kind": "court", "by": people.inspector, "on": TODAY}
    hold = Hold.place(hazard, reason="复议期间", until=TODAY + datetime.timedelta(days=5), **facts)
    assert Hold.place(hazard, reason="又一次", **facts).pk == hold.pk
    assert [h.reason for h in hazard.holds] == ["复议期间"]
    for _ in range(2):
        hold.lift(hazard, by=people.inspector, on=TODAY)
    assert list(hazard.holds) == []
    assert list(Event.objects.of(hazard).values_list("move", flat=True)) == ["open", "hold", "lift_hold"]
    assert Hold.place(hazard, reason="第二次", **facts).pk != hold.pk


def test_signatures_count_different_people_of_one_version(people, hazard):
    sign = lambda by: Signature.collect(hazard, move="reject", by=by, needed=2)  # noqa: E731
    assert [sign(people.safety), sign(people.safety), sign(people.principal)] == [False, False, True]
    hazard.version += 1
    assert sign(people.principal) is False
