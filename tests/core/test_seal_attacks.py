"""The database's superuser against the seals, with SQL, triggers and foreign keys off: each attack is named, with the first bad row."""

import datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from core.models import Event, Seal, SealedEvent
from core.seals import FIELDS, row_digest, seal_all, seal_new
from core.verification import Finding, Kind, Verdict, verify
from tests.core.test_seals import NOON, tell
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("B10")]
TABLES = ("core_event", "core_seal", "core_sealedevent")
COLUMNS = ", ".join(f'"{field.column}"' for field in Event._meta.concrete_fields if not field.primary_key)
HOUR = datetime.timedelta(hours=1)


def switch(on):
    """Triggers and foreign keys of the three tables, as a superuser switches them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
            return
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} TRIGGER ALL")
            if on:
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")


@pytest.fixture
def sql(transactional_db):
    """sql(statement, *arguments), past every protection of the database."""

    def run(statement, *arguments):
        with connection.cursor() as cursor:
            cursor.execute(statement, arguments)

    switch(on=False)
    yield run
    for table in ("core_sealedevent", "core_seal", "core_event"):
        run(f"DELETE FROM {table}")
    switch(on=True)


@pytest.fixture
def story(transactional_db):
    """Twelve Events in three seals, four hours apart, and one that waits: the pks, from the first on."""
    person = UserFactory()
    for hours in (0, 4, 8):
        with time_machine.travel(NOON + hours * HOUR, tick=False):
            tell(4, person)
            seal_new()
    with time_machine.travel(NOON + 9 * HOUR, tick=False):
        tell(1, person)
    pks = list(Event.objects.order_by("pk").values_list("pk", flat=True))
    assert verify() == Verdict(seals=3, events=12, unsealed=1)
    return pks


def found(*printed):
    """(kind, "event" or "seal", pk) of the first bad row."""
    finding = verify(printed).finding
    return finding and (finding.kind.value, finding.row, finding.pk)


def digest_now(pk):
    return row_digest(Event.objects.values_list(*FIELDS).get(pk=pk))


CHANGES = [
    ("note", "'别的话'"),
    ("by_id", "by_id + 1"),
    ("on", "'2026-01-01'"),
    ("at", "'2026-03-02 04:00:00.000001+00:00'"),
    ("subject_pk", "subject_pk + 1"),
    ("data", """'{"n": 99}'"""),
    ("enterprise_id", "7"),
    ("audience", "'town'"),
]


@pytest.mark.parametrize(("column", "value"), CHANGES, ids=[column for column, _ in CHANGES])
def test_a_changed_event_is_named(story, sql, column, value):
    sql(f'UPDATE core_event SET "{column}" = {value} WHERE id IN (%s, %s)', story[5], story[9])
    assert found() == ("changed", "event", story[5])


def test_of_several_changes_the_first_in_the_chain_is_named(story, sql):
    sql("UPDATE core_event SET note = 'x' WHERE id = %s", story[11])
    sql("DELETE FROM core_event WHERE id = %s", story[6])
    sql("UPDATE core_event SET note = 'x' WHERE id = %s", story[5])
    assert found() == ("changed", "event", story[5])


@pytest.mark.parametrize("place", [0, 5, 7, 11])
@pytest.mark.parametrize("thorough", [False, True])
def test_a_deleted_event_is_named_though_nothing_of_it_is_left(story, sql, place, thorough):
    sql("DELETE FROM core_event WHERE id = %s", story[place])
    if thorough:
        sql("DELETE FROM core_sealedevent WHERE event_id = %s", story[place])
        # Two steps: SQLite looks at the unique places row by row.
        sql("UPDATE core_sealedevent SET position = position + 99 WHERE event_id > %s AND seal_id = %s", story[place], place // 4 + 1)
        sql("UPDATE core_sealedevent SET position = position - 100 WHERE position > 99")
    assert found() == ("deleted", "event", story[place])


def test_an_event_whose_place_is_deleted_so_that_it_is_sealed_anew_is_named(story, sql):
    sql("DELETE FROM core_sealedevent WHERE event_id = %s", story[2])
    seal_all()
    assert found() == ("deleted", "event", story[2])


def test_an_event_inserted_into_a_seal_is_named(story, sql):
    sql(f"INSERT INTO core_event (id, {COLUMNS}) SELECT 9999, {COLUMNS} FROM core_event WHERE id = %s", story[5])
    sql("UPDATE core_sealedevent SET position = position + 100 WHERE seal_id = 2 AND position >= 2")
    sql("UPDATE core_sealedevent SET position = position - 99 WHERE position >= 100")
    sql("INSERT INTO core_sealedevent (event_id, seal_id, position) VALUES (9999, 2, 2)")
    assert found() == ("inserted", "event", 9999)


@pytest.mark.parametrize("sealed_meanwhile", [False, True])
def test_an_event_inserted_with_an_old_date_is_named_sealed_or_not(story, sql, sealed_meanwhile):
    """Nothing but its own date tells that it was not there when the seals of that day were made."""
    sql(f"INSERT INTO core_event (id, {COLUMNS}) SELECT 9999, {COLUMNS} FROM core_event WHERE id = %s", story[5])
    if sealed_meanwhile:
        seal_all()
    assert found() == ("inserted", "event", 9999)


def test_re_ordered_events_are_named(story, sql):
    for pk, place in ((story[5], 98), (story[6], 1), (story[5], 2)):
        sql("UPDATE core_sealedevent SET position = %s WHERE event_id = %s", place, pk)
    assert found() == ("reordered", "event", story[6])


def test_an_event_moved_within_the_places_of_its_seal_is_named(story, sql):
    sql("UPDATE core_sealedevent SET position = 17 WHERE event_id = %s", story[7])
    assert found() == ("reordered", "event", story[7])


def test_re_ordered_seals_are_named(story, sql):
    for old, new in ((1, 99), (2, 1), (99, 2)):
        sql("UPDATE core_seal SET number = %s WHERE number = %s", new, old)
        sql("UPDATE core_sealedevent SET seal_id = %s WHERE seal_id = %s", new, old)
    assert found() == ("reordered", "event", story[4])


def test_a_missing_seal_is_named_by_its_events_or_by_itself(story, sql):
    sql("DELETE FROM core_seal WHERE number = 2")
    assert found() == ("deleted", "event", story[4])
    sql("DELETE FROM core_sealedevent WHERE seal_id = 2")
    sql("DELETE FROM core_event WHERE id >= %s AND id <= %s", story[4], story[7])
    assert found() == ("deleted", "seal", 2)


def test_a_changed_seal_is_named(story, sql):
    sql("UPDATE core_seal SET sealed_at = '2026-03-02 09:00:00+00:00' WHERE number = 2")
    assert found() == ("rewritten", "event", story[4])


def test_an_event_changed_together_with_its_seal_is_named(story, sql):
    """The attacker writes the right digests into the seal: the next link no longer names it."""
    sql("UPDATE core_event SET note = 'x' WHERE id = %s", story[6])
    seal = Seal.objects.get(number=2)
    seal.entries[2][1] = digest_now(story[6])
    seal.digest = seal.computed()
    sql("UPDATE core_seal SET entries = %s, digest = %s WHERE number = 2", str(seal.entries).replace("'", '"'), seal.digest)
    assert found() == ("rewritten", "event", story[4])


def test_a_seal_cut_off_while_its_events_stay_sealed_is_named(story, sql):
    sql("DELETE FROM core_seal WHERE number = 3")
    assert found() == ("cut", "event", story[8])


def printed(number):
    """The seal as it stands on paper."""
    return f"{number}:{Seal.objects.get(pk=number).short}"


def test_a_cut_tail_is_named_by_a_printed_seal_only(story, sql):
    papers = [printed(3), printed(1)]
    sql("DELETE FROM core_sealedevent WHERE seal_id > 1")
    sql("DELETE FROM core_seal WHERE number > 1")
    sql("DELETE FROM core_event WHERE id > %s", story[3])
    assert found() is None, "the control: what is left fits"
    assert found(papers[1]) is None
    assert found(*papers) == ("cut", "event", story[3])


def test_a_story_erased_whole_is_named_by_a_printed_seal_only(story, sql):
    paper = printed(3)
    for table in ("core_sealedevent", "core_seal", "core_event"):
        sql(f"DELETE FROM {table}")
    assert found() is None
    assert found(paper) == ("cut", "seal", 3)


def test_a_story_rewritten_whole_is_named_by_a_printed_seal_only(story, sql):
    """An Event is changed and every later seal made anew with our own code, at the times of the old ones."""
    papers = [printed(1), printed(2), printed(3), Seal.newest().digest]
    sql("UPDATE core_event SET note = 'x' WHERE id = %s", story[6])
    sql("DELETE FROM core_sealedevent WHERE seal_id > 1")
    sql("DELETE FROM core_seal WHERE number > 1")
    for hours, last in ((4, story[7]), (8, story[11])):
        with time_machine.travel(NOON + hours * HOUR, tick=False):
            rows = list(Event.objects.filter(sealing=None, pk__lte=last).order_by("pk").values_list(*FIELDS))
            seal = Seal.after(Seal.newest(), [[row[0], row_digest(row)] for row in rows])
            seal.save(force_insert=True)
            SealedEvent.objects.bulk_create([SealedEvent(event_id=r[0], seal=seal, position=n) for n, r in enumerate(rows)])
    assert verify() == Verdict(seals=3, events=12, unsealed=1), "the control: the chain itself fits"
    assert found(papers[0]) is None
    assert found(*papers[:3]) == ("rewritten", "event", story[4])
    assert found(papers[2]) == ("rewritten", "event", story[0])
    assert found(papers[3]) == ("rewritten", "event", story[0]), "without its number too"


def test_the_command_ends_with_1_and_names_row_and_kind(story, sql):
    sql("UPDATE core_event SET note = 'x' WHERE id = %s", story[6])
    with pytest.raises(CommandError) as ended:
        call_command("verify_events")
    sentence = f"核对不符,首个有问题的行:事件 {story[6]} 内容被改动(event {story[6]} changed)。在封条 2 第 3 位。"
    assert (ended.value.returncode, str(ended.value)) == (1, sentence)


def test_a_finding_says_it_in_chinese():
    finding = Finding(kind=Kind.CUT, row="seal", pk=3, where="打印的封条 3 已不存在")
    assert str(finding) == "封条 3 之后的记录被截去(seal 3 cut)。打印的封条 3 已不存在。"
