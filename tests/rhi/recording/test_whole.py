"""Who records for which child, what stands in the trail, and what the pages cost."""

import pytest

from episodes.models import Child, Episode
from routing.models import ReferralEpisode
from staff.models import AuditEvent, Membership, Team
from tests.records import bring, child, episode, involvement, publish
from tests.rhi.recording.pages import BACK, NIGHT, at
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def caseworker(client):
    person = make_person("ash@example.org", "Ash Worker")
    client.force_login(person)
    return person


def test_a_caseworker_records_for_the_children_of_her_team_only(client, caseworker, tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child(), child("C2")],
        involvements=[involvement(team="North"), involvement(child_id="C2", team="South", worker_email="")],
    )
    Membership.objects.create(user=caseworker, team=Team.objects.get(name="North"))
    hers, theirs = Child.objects.order_by("child_id")

    client.post(at("new_episode", hers), NIGHT)
    refused = client.post(at("new_episode", theirs), NIGHT)

    assert refused.status_code == 404
    assert Episode.objects.get().child == hers


def test_every_page_about_a_child_leaves_a_line(client, robin, missing):
    client.get(at("new_episode", robin))
    client.get(at("record_return", missing))

    read = AuditEvent.objects.filter(type="child_read").order_by("pk")
    assert [(line.children, line.detail["page"]) for line in read] == [
        (["C1"], "new_episode"),
        (["C1"], "record_return"),
    ]


@pytest.mark.parametrize("absences", [1, 3])
def test_the_pages_cost_the_same_however_many_episodes_there_are(
    client, coordinator, tmp_path, django_assert_num_queries, absences
):
    publish("somerset")
    rows = [
        episode(f"E{day}", last_seen_at=f"2026-05-0{day}T20:00", returned_at=f"2026-05-0{day}T23:00")
        for day in range(1, absences + 1)
    ]
    bring(tmp_path, children=[child()], episodes=rows)
    robin, absence = Child.objects.get(), Episode.objects.earliest("last_seen_at")
    client.get(at("new_episode", robin))
    with django_assert_num_queries(6):
        client.get(at("new_episode", robin))
    with django_assert_num_queries(7):
        client.get(at("record_return", absence))


def test_decisions_are_kept_with_the_episode_that_brought_them(client, missing):
    client.post(at("record_return", missing), BACK)

    assert ReferralEpisode.objects.get(episode=missing).decision["destination"] == "tray"
