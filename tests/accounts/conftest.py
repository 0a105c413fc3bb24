"""Counted tries live in the cache: each test begins without any."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_tries_yet():
    cache.clear()
