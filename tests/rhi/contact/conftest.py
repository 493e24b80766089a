"""One referral in the tray of a team, and a worker of that team who is signed in."""

import pytest

from routing.models import Referral
from staff.models import Membership, Team
from tests.records import bring, child, episode, publish
from tests.rhi.contact.sent import TRAY
from tests.staff.people import make_person


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def worker(referral):
    person = make_person()
    Membership.objects.create(user=person, team=Team.objects.get(name=TRAY))
    return person


@pytest.fixture
def signed_in(client, worker):
    client.force_login(worker)
    return client
