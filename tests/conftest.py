"""Fixtures of the whole suite."""

import pytest

from tests.people import township


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
