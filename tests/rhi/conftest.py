"""The tests of the desk are many, and stand apart from the quick part of the checks."""

import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/rhi" in item.path.as_posix():
            item.add_marker(pytest.mark.desk)
