"""Pages of this folder's neighbours that are not there yet answer all the same: see `places`."""

import pytest


@pytest.fixture(autouse=True)
def places(settings):
    settings.ROOT_URLCONF = "tests.inspections.places"
