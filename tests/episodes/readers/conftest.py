"""A procedure in force, under which files are taken in."""

import pytest

from tests.records import publish


@pytest.fixture(autouse=True)
def procedure():
    return publish("somerset")
