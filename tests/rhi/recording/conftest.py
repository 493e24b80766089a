"""A child on record, and people who record for it."""

import pytest

from episodes.models import Child, Episode
from staff.permissions import Role
from tests.records import bring, child, publish
from tests.rhi.recording.pages import NIGHT, at
from tests.staff.people import make_person


@pytest.fixture
def robin(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()])
    return Child.objects.get()


@pytest.fixture
def coordinator(client):
    person = make_person("kim@example.org", "Kim Coordinator", Role.COORDINATOR)
    client.force_login(person)
    return person


@pytest.fixture
def missing(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    return Episode.objects.get()
