"""Fixtures of the whole suite."""

import pytest
from django.db import connection

from tests.people import township


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
