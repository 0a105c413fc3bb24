"""Sealing under parallel writers on PostgreSQL, the triggers, and the rights of the application's role; with control runs."""

import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from core import seals
from core.models import Event, Seal, SealedEvent
from core.seals import seal_all, seal_new
from core.verification import Verdict, verify
from tests.core.test_seals import tell
from tests.factories import UserFactory
from tests.faults.test_parallel import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.req("B10")]
WRITERS, TRANSACTIONS, ROWS = 8, 20, 50
RIGHTS = Path(__file__).parents[2] / "deploy" / "rights.sql"
MIGRATION = import_module("core.migrations.0004_append_only")


class Rounds:
    """How often the sealers have finished a round; a writer waits for the next one with its transaction open."""

    def __init__(self):
        self.count, self.over, self.changed = 0, False, threading.Condition()

    def seal(self):
        """One sealer, until the writers are done."""
        try:
            while not self.over:
                seal_new()
                with self.changed:
                    self.count += 1
                    self.changed.notify_all()
        finally:
            connections.close_all()

    def wait(self, more=1):
        """Until so many rounds more were finished."""
        with self.changed:
            due = self.count + more
            assert self.changed.wait_for(lambda: self.count >= due, timeout=60)


def write(person, rounds):
    """TRANSACTIONS × ROWS Events, half in bulk, half one by one; every third transaction commits late."""
    for turn in range(TRANSACTIONS):
        with transaction.atomic():
            tell(ROWS // 2, person)
            if turn % 3 == 0:
                rounds.wait(3)
            for event in [Event.about(person, by=person, on="2026-03-02", move="note", label="记录") for _ in range(ROWS // 2)]:
                event.save()


def run_writers(sealers):
    """All writers and so many sealers at once, then the sealers' last round."""
    people, rounds = [UserFactory() for _ in range(WRITERS)], Rounds()
    with ThreadPoolExecutor(sealers) as pool:
        running = [pool.submit(rounds.seal) for _ in range(sealers)]
        try:
            at_once([lambda person=person: write(person, rounds) for person in people])
        finally:
            rounds.over = True
        for one in running:
            one.result()
    seal_new()


@pytest.mark.django_db(transaction=True)
def test_eight_writers_with_late_commits_leave_nothing_unsealed_and_nothing_sealed_twice():
    run_writers(sealers=2)
    total = WRITERS * TRANSACTIONS * ROWS
    listed = [pk for entries in Seal.objects.values_list("entries", flat=True) for pk, _ in entries]
    assert (Event.objects.count(), len(listed), len(set(listed)), SealedEvent.objects.count()) == (total, total, total, total)
    number = Seal.objects.count()
    assert number > 3
    assert verify() == Verdict(seals=number, events=total)
    order = [pk for seal in Seal.objects.order_by("number") for pk, _ in seal.entries]
    assert order != sorted(order), "late commits were sealed after higher ids, or nothing was tried here"


@pytest.mark.django_db(transaction=True)
def test_control_an_id_watermark_passes_late_commits_for_ever(monkeypatch):
    monkeypatch.setattr(seals, "LOOK_BACK", 0)
    run_writers(sealers=1)
    seal_new()
    assert Event.objects.filter(sealing=None).count() > 0
    assert seal_all() > 0


def hold(pks, sealed, go):
    """Seal this chunk, say so, and commit only when told."""
    try:
        with transaction.atomic():
            seals._seal_chunk(None, pks)
            sealed.set()
            assert go.wait(60)
    finally:
        connections.close_all()


def let_go_when_another_waits(go):
    """As soon as a process of the server waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        while not cursor.execute(waiting).fetchone()[0]:
            pass
    go.set()
    connections.close_all()


def two_sealers(pks, *, waits):
    """The slower one seals while the faster has sealed the same rows and not yet committed; what the slower was told."""
    sealed, go, told = threading.Event(), threading.Event(), None
    with ThreadPoolExecutor(2) as pool:
        faster = pool.submit(hold, pks, sealed, go)
        assert sealed.wait(60)
        if waits:
            pool.submit(let_go_when_another_waits, go)
        try:
            with transaction.atomic():
                seals._seal_chunk(None, pks)
        except IntegrityError as error:
            told = str(error)
        go.set()
        faster.result()
    return told


@pytest.mark.django_db(transaction=True)
def test_of_two_sealers_on_the_same_rows_one_makes_the_link():
    pks = [event.pk for event in tell(10, UserFactory())]
    assert "duplicate key" in two_sealers(pks, waits=True)
    assert (Seal.objects.count(), SealedEvent.objects.count()) == (1, 10)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_unique_keys_both_do():
    pks = [event.pk for event in tell(10, UserFactory())]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_sealedevent DROP CONSTRAINT core_sealedevent_pkey, DROP CONSTRAINT sealed_event_place")
        cursor.execute("ALTER TABLE core_seal DROP CONSTRAINT core_seal_prev_key, DROP CONSTRAINT core_seal_digest_key")
        cursor.execute("ALTER TABLE core_seal DROP CONSTRAINT core_seal_pkey CASCADE")
    try:
        assert two_sealers(pks, waits=False) is None
        assert (Seal.objects.count(), SealedEvent.objects.count()) == (2, 20)
    finally:
        restore_keys()


def restore_keys():
    with connection.cursor() as cursor:
        for table in MIGRATION.TABLES[1:]:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL; DELETE FROM {table}; ALTER TABLE {table} ENABLE TRIGGER ALL")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only, DISABLE TRIGGER {table}_no_truncate")
        cursor.execute("ALTER TABLE core_seal ADD PRIMARY KEY (number), ADD UNIQUE (prev), ADD UNIQUE (digest)")
        cursor.execute(
            "ALTER TABLE core_sealedevent ADD PRIMARY KEY (event_id), ADD CONSTRAINT sealed_event_place UNIQUE (seal_id, position),"
            " ADD FOREIGN KEY (seal_id) REFERENCES core_seal (number) DEFERRABLE INITIALLY DEFERRED"
        )


@pytest.fixture
def refusing(db):
    """The three tables with a row each and every trigger on, as in an installation."""
    tell(1, UserFactory())
    seal_new()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in MIGRATION.TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate")
        yield cursor


FIRST = {"core_event": "note", "core_seal": "digest", "core_sealedevent": "position"}


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("table", MIGRATION.TABLES)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {0} SET {1} = {1}", "UPDATE {0} SET {1} = {1} WHERE false", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"],
)
def test_the_database_refuses_even_its_superuser(refusing, role, table, statement):
    refusing.execute(f"SET LOCAL session_replication_role = {role}")
    with pytest.raises(IntegrityError, match="只能追加"), transaction.atomic():
        refusing.execute(statement.format(table, FIRST[table]))
    assert verify() == Verdict(seals=1, events=1)


def test_control_without_the_triggers_it_obeys(refusing):
    for table in MIGRATION.TABLES:
        refusing.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    refusing.execute("UPDATE core_event SET note = 'x'")
    assert verify().finding.kind == "changed"
    refusing.execute("TRUNCATE core_event CASCADE")
    assert Event.objects.count() == 0


@pytest.fixture
def application(db):
    """The database as deploy/rights.sql leaves it, seen by the application's role; its name here is `town`."""
    person = UserFactory()
    tell(1, person)
    seal_new()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE ROLE town; CREATE ROLE town_owner")
        cursor.execute(RIGHTS.read_text(encoding="utf-8").replace("shijiao", "town"))
        cursor.execute("SET ROLE town")
        yield person, cursor
        cursor.execute("RESET ROLE")


def test_the_applications_role_adds_and_reads(application):
    person, _ = application
    person.name = "王五"
    person.save()
    tell(3, person)
    assert seal_new() == 3
    assert verify() == Verdict(seals=2, events=4)


@pytest.mark.parametrize("table", MIGRATION.TABLES)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}", "ALTER TABLE {0} DISABLE TRIGGER {0}_append_only", "DROP TABLE {0}"],
)
def test_the_applications_role_has_no_other_right(application, table, statement):
    _, cursor = application
    with pytest.raises(DatabaseError, match="permission denied|must be owner"), transaction.atomic():
        cursor.execute(statement.format(table, FIRST[table]))


def test_the_migration_takes_the_right_from_roles_that_got_it_by_default(db):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE ROLE town")
        cursor.execute(f"GRANT ALL ON {', '.join(MIGRATION.TABLES)} TO town")
        cursor.execute(MIGRATION.RIGHTS)
        rights = {}
        for table in MIGRATION.TABLES:
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                cursor.execute("SELECT has_table_privilege('town', %s, %s)", [table, right])
                rights.setdefault(right, set()).update(cursor.fetchone())
    assert rights == {"SELECT": {True}, "INSERT": {True}, "UPDATE": {False}, "DELETE": {False}, "TRUNCATE": {False}}
