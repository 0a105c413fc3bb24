"""Fixtures of the whole suite."""

import gc
import zlib

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

from tests.people import township

# A busy machine is no fault of a test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.load_profile("any machine")
SWEEPS = ("tests/test_access.py", "tests/test_moves.py")
ONCE = ("tests/demo/test_seed.py", "tests/documents/test_verify.py::test_ten_thousand_guesses")


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL a tenth of the two sweeps, chosen by the test's name, and only what asks the database something.

    SQLite runs them whole.
    """
    if connection.vendor != "postgresql":
        return
    left_out = {item for item in items if item.nodeid.startswith(ONCE) or not asks_database(item)}
    left_out |= {item for item in items if item.nodeid.startswith(SWEEPS) and zlib.crc32(item.nodeid.encode()) % 10}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def asks_database(item):
    """Whether this test may use the database at all."""
    return item.get_closest_marker("django_db") is not None or not {"db", "transactional_db"}.isdisjoint(item.fixturenames)


def pytest_collection_finish(session):
    """What is loaded by now stays to the end: no need to look through it for garbage all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """On PostgreSQL a transactional test ends with TRUNCATE, which the story refuses: off here, and on in the test of the refusal."""
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            for table in ("core_event", "core_seal", "core_sealedevent"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")


@pytest.fixture
def people(db):
    """The township of tests/people.py."""
    return township()


@pytest.fixture
def sign_in(client):
    """sign_in(user) → a client signed in as that person."""

    def enter(user):
        client.force_login(user)
        return client

    return enter
