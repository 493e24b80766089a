"""A procedure in force, and an episode of last week."""

import pytest

from tests.records import publish


@pytest.fixture
def procedure():
    return publish("somerset")


@pytest.fixture
def last_week():
    """Cells of an episode that has been over for some days, whenever the test runs."""
    return {"last_seen_at": "2026-01-11T20:00", "returned_at": "2026-01-12T07:00", "notified_at": ""}
