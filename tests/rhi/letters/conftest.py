"""A referral with its worker and leader, and a letter: what tests of the pages begin with."""

import pytest

from staff.permissions import Role
from tests.rhi.letters.families import family, give, member, no_contact_letter


@pytest.fixture
def referral(tmp_path):
    return family(tmp_path / "records")


@pytest.fixture
def ann(referral):
    person = member()
    give(referral, person)
    return person


@pytest.fixture
def lee(referral):
    return member("Lee", Role.TEAM_LEADER)


@pytest.fixture
def letter(referral, ann):
    return no_contact_letter(referral, ann)
