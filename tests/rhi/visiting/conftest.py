"""One referral in the tray of Taunton, and a worker of that team who is signed in."""

import pytest

from routing.models import Referral
from tests.records import bring, child, episode, publish
from tests.rhi.writing import member


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def signed_in(client, robin):
    client.force_login(robin)
    return client
