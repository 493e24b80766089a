"""One referral in Taunton's tray, a leader and a worker of the team."""

import pytest

from routing.models import Referral
from staff.models import Team
from staff.permissions import Role
from tests.records import bring, child, episode, publish
from tests.rhi.holders import TAUNTON, member


@pytest.fixture
def referral(tmp_path):
    """One referral in Taunton's tray, which nobody holds yet."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def taunton(referral):
    return Team.objects.get(name=TAUNTON)


@pytest.fixture
def sam(taunton):
    return member(taunton, "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def robin(taunton):
    return member(taunton, "Robin Hale")
