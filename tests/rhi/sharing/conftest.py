import pytest

from staff.permissions import Role
from tests.rhi.sharing.written import a_referral, member


@pytest.fixture
def referral(tmp_path):
    """Our own child, open to nobody, in Somerset."""
    return a_referral(tmp_path)


@pytest.fixture
def robin(referral):
    return member()


@pytest.fixture
def sam(referral):
    return member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)
