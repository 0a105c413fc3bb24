"""Seals: each committed Event in exactly one, whatever wrote it; the canonical row; the sentence for papers and pages."""

import datetime
import hashlib
import itertools
import json

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from core import seals
from core.models import Event, Seal, SealedEvent
from core.models.seals import GENESIS
from core.seals import newest_line, row_digest, seal_all, seal_new, unsealed_window
from core.verification import Verdict, verify
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.req("B10")]
NOON = datetime.datetime(2026, 3, 2, 4, 0, tzinfo=datetime.UTC)


def tell(count, by, **facts):
    """So many Events about this person, in one statement."""
    day = timezone.localdate()
    rows = [Event.about(by, by=by, on=day, move="note", label="记录", note=f"第{n}条", data={"n": n}, **facts) for n in range(count)]
    return Event.objects.bulk_create(rows)


@pytest.fixture
def person(db):
    return UserFactory()


def sealed():
    """[[event pks of a seal], …] by the rows of membership, which must agree with what the seals themselves list."""
    members = [list(seal.events.values_list("pk", flat=True)) for seal in Seal.objects.order_by("number")]
    assert members == [[pk for pk, _ in seal.entries] for seal in Seal.objects.order_by("number")]
    return members


def test_events_are_sealed_once_in_order_and_chained(person, monkeypatch):
    monkeypatch.setattr(seals, "CHUNK", 4)
    first = [event.pk for event in tell(6, person)]
    assert (seal_new(), seal_new()) == (6, 0)
    single = Event.record(person, by=person, on=timezone.localdate(), move="note", label="记录")
    assert (seal_new(), seal_all()) == (1, 0)
    assert sealed() == [first[:4], first[4:], [single.pk]]
    chain = list(Seal.objects.order_by("number"))
    assert [seal.number for seal in chain] == [1, 2, 3]
    assert [seal.prev for seal in chain] == [GENESIS, chain[0].digest, chain[1].digest]
    assert len({seal.digest for seal in chain}) == 3
    assert verify() == Verdict(seals=3, events=7)


def test_the_digest_is_that_of_a_row_anybody_can_write_down(person):
    at = NOON.astimezone(datetime.timezone(datetime.timedelta(hours=8)))
    event = Event.about(person, by=person, on=at.date(), at=at, move="note", label="记录", note="喆赟", data={"b": 1.5, "a": ["一"]})
    event.save()
    seal_new()
    row = f'[{event.pk},"accounts.user",{person.pk},"note","记录","","",{person.pk},"2026-03-02T04:00:00+00:00","2026-03-02"'
    row += ',"喆赟",{"a":["一"],"b":1.5},null,"","all"]'
    seal = Seal.objects.get()
    assert seal.entries == [[event.pk, hashlib.sha256(row.encode()).hexdigest()]]
    content = [GENESIS, seal.sealed_at.astimezone(datetime.UTC).isoformat(), seal.entries]
    assert seal.digest == hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def test_every_column_of_an_event_is_in_its_canonical_row(person):
    """A column added later must be thought of here: old seals hold rows without it."""
    named = {Event._meta.pk.attname if name == "pk" else name for name in seals.FIELDS}
    assert named == {field.attname for field in Event._meta.concrete_fields}
    [event] = tell(1, person)
    before = list(Event.objects.values_list(*seals.FIELDS).get(pk=event.pk))
    changed = [before[:place] + ["other"] + before[place + 1 :] for place in range(len(before))]
    assert len({row_digest(row) for row in [before, *changed]}) == len(before) + 1


def test_a_lower_id_that_comes_late_is_sealed_by_the_next_minute(person):
    tell(5, person)
    late, early = Event.objects.last(), Event.objects.first()
    facts = {field.attname: getattr(early, field.attname) for field in Event._meta.concrete_fields}
    Event.objects.bulk_create([Event(**facts | {"id": late.pk + 50})])
    seal_new()
    Event.objects.bulk_create([Event(**facts | {"id": late.pk + 20})])
    assert seal_new() == 1
    assert sealed()[1] == [late.pk + 20]


def test_what_lies_further_back_than_a_minute_looks_is_sealed_within_the_hour(person, monkeypatch):
    monkeypatch.setattr(seals, "LOOK_BACK", 10)
    [event] = tell(1, person)
    facts = {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}
    Event.objects.bulk_create([Event(**facts | {"id": event.pk + 500})])
    seal_new()
    Event.objects.bulk_create([Event(**facts | {"id": event.pk + 100})])
    assert (seal_new(), unsealed_window().count, seal_all()) == (0, 0, 1), "the control: an id alone would have passed it for ever"
    assert verify() == Verdict(seals=2, events=3)


def test_a_run_ends_when_its_time_is_up_and_the_next_goes_on(person, monkeypatch):
    monkeypatch.setattr(seals, "CHUNK", 2)
    tell(6, person)
    clock = itertools.chain([0.0, 1.0, 2.0], itertools.repeat(99.0))
    monkeypatch.setattr(seals.time, "monotonic", lambda: next(clock))
    assert seal_new() == 4
    assert unsealed_window().count == 2
    assert seal_all() == 2


def test_a_slower_sealer_leaves_the_link_to_the_faster(person, monkeypatch):
    """What the slower one read is old: its link has a number that is taken, and nothing of it is kept."""
    tell(2, person)
    stale = Seal.newest()
    seal_new()
    pks = [event.pk for event in tell(2, person)]
    with pytest.raises(IntegrityError), transaction.atomic():
        seals._seal_chunk(stale, pks)
    assert (Seal.objects.count(), SealedEvent.objects.count()) == (1, 2)
    assert seal_new() == 2
    assert verify() == Verdict(seals=2, events=4)


def test_what_is_sealed_cannot_be_deleted_by_the_program(person):
    tell(1, person)
    seal_new()
    with pytest.raises((models.ProtectedError, IntegrityError)), transaction.atomic():
        Event.objects.all().delete()
    assert verify() == Verdict(seals=1, events=1)


def test_the_line_names_the_newest_seal_and_what_waits(person):
    assert newest_line() == "数据封存:还没有封条,0 条记录待封存。"
    tell(2, person)
    assert newest_line() == "数据封存:还没有封条,2 条记录待封存。"
    with time_machine.travel(NOON, tick=False):
        seal_new()
    short = Seal.objects.get().digest[:16]
    assert newest_line() == f"数据封存:第 1 号封条 {short}(2026-03-02 12:00),其后没有待封存的记录。"
    tell(3, person)
    assert newest_line() == f"数据封存:第 1 号封条 {short}(2026-03-02 12:00),其后 3 条记录待封存。"
    assert (unsealed_window().count, unsealed_window().since) == (3, Event.objects.order_by("-pk")[2].at)


def test_the_operations_page_shows_the_newest_seal(people, sign_in):
    tell(1, people.inspector)
    seal_new()
    assert newest_line() in sign_in(people.admin).get("/ops/").content.decode()


def test_the_command_says_that_all_fits(person, capsys):
    call_command("verify_events")
    assert capsys.readouterr().out.splitlines()[0] == "核对无误:0 个封条,0 条事件;另有 0 条待封存。"
    tell(3, person)
    seal_new()
    tell(1, person)
    seal = Seal.objects.get()
    call_command("verify_events", "--printed", f"1:{seal.digest}", str(seal), seal.short.upper())
    assert capsys.readouterr().out.splitlines() == ["核对无误:1 个封条,3 条事件,与 3 个打印的封条相符;另有 1 条待封存。", newest_line()]


@pytest.mark.parametrize("text", ["128", "1:3f9a", "1:zzzzzzzzzzzzzzzz", "x:3f9a2b7c81d04e55", ""])
def test_what_is_no_printed_seal_is_refused_with_a_sentence(db, text):
    with pytest.raises(CommandError, match="不是打印的封条") as refused:
        call_command("verify_events", "--printed", text)
    assert refused.value.returncode == 2


def test_what_was_committed_just_after_the_last_seal_of_the_day_is_no_insertion(person):
    """The machine is switched off for the night while a transaction of before the last seal is being committed."""
    noon = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
    hour = datetime.timedelta(hours=1)
    late = Event.about(person, by=person, on=noon.date(), move="note", label="记录", at=noon - datetime.timedelta(seconds=1))
    with time_machine.travel(noon, tick=False):
        tell(1, person)
        seal_new()
    late.save()
    with time_machine.travel(noon + 10 * hour, tick=False):
        assert verify() == Verdict(seals=1, events=1, unsealed=1)
        tell(1, person)
        seal_new()
        assert verify() == Verdict(seals=2, events=3)
