"""Counted tries live in the cache, which parallel test processes share: each test counts under a prefix of its own."""

import uuid

import pytest


@pytest.fixture(autouse=True)
def no_tries_yet(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid.uuid4().hex}}
