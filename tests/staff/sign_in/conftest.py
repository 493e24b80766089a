"""Somebody who can sign in."""

import pytest

from tests.staff.people import make_person


@pytest.fixture
def robin():
    return make_person()
