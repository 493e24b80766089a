import pytest

from routing.models import Referral
from staff.models import Team
from tests.records import bring, child, episode, publish
from tests.rhi.writing import TAUNTON, member


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def nia(referral):
    return member("nia.frost@example.org", "Nia Frost")


@pytest.fixture
def tray(referral):
    return Team.objects.get(name=TAUNTON)
