"""The tests of the desk are many, and stand apart from the quick part of the checks."""

import pytest
from django.db import connection

from tests.desk import set_up
from tests.jobs.conftest import Elsewhere


@pytest.fixture
def elsewhere(transactional_db, tmp_path):
    """Processes of their own, on the test's database or a copy of it."""
    connection.ensure_connection()
    return Elsewhere(tmp_path / "copy.sqlite3")


@pytest.fixture
def desk(tmp_path):
    """A small authority at work."""
    return set_up(tmp_path)


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/rhi" in item.path.as_posix():
            item.add_marker(pytest.mark.desk)
