"""A referral in the tray of Taunton, and somebody who may read it, at noon."""

from types import SimpleNamespace

import pytest

from routing.models import Referral
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, publish
from tests.staff.people import make_person


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("rhi.views.referral.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def priya(client):
    priya = make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)
    client.force_login(priya)
    return priya


@pytest.fixture
def referral(tmp_path):
    """One night in May, under Somerset's procedure, in the tray of Taunton."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()
