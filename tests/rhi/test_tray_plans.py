"""How PostgreSQL answers a tray's questions among thousands of closed referrals: by indexes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from episodes.models import Access, Child, Episode
from procedures.models import Version
from routing.models import Allocation, Deadline, Referral, ReferralEpisode
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import publish
from tests.staff.people import make_person, now

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MANY, OPEN = 5000, 12
BIG = {"routing_referral", "routing_deadline", "routing_allocation"}
QUERIES = ["", "?show=late", "?show=soon", "?show=nobody", "?show=question", "?age=13-15", "?page=2"]


@pytest.fixture
def leader():
    """Whose team has had five thousand referrals, a dozen of them open."""
    publish("somerset")
    at = now()
    version = Version.objects.get()
    team = Team.objects.create(name="Missing Team")
    person = make_person(role=Role.TEAM_LEADER)
    Membership.objects.create(user=person, team=team)
    children = Child.objects.bulk_create(
        Child(child_id=f"C{number}", first_name="Robin", last_name="Example", date_of_birth="2012-01-15")
        for number in range(MANY)
    )
    episodes = Episode.objects.bulk_create(
        Episode(episode_id=f"E{child.pk}", child=child, kind="missing", last_seen_at=at) for child in children
    )
    referrals = Referral.objects.bulk_create(
        Referral(
            child=child,
            version=version,
            destination="tray",
            in_tray_at=at,
            closed_at=None if number >= MANY - OPEN else at,
        )
        for number, child in enumerate(children)
    )
    ReferralEpisode.objects.bulk_create(
        ReferralEpisode(child_id=referral.child_id, referral=referral, episode=episode)
        for referral, episode in zip(referrals, episodes, strict=True)
    )
    Allocation.objects.bulk_create(
        Allocation(child_id=referral.child_id, referral=referral, team=team, since=at, because="")
        for referral in referrals
    )
    Access.objects.bulk_create(
        Access(child_id=referral.child_id, team=team, basis="allocation", since=at) for referral in referrals
    )
    Deadline.objects.bulk_create(
        Deadline(
            child_id=referral.child_id,
            referral=referral,
            name=name,
            due_at=at + timedelta(minutes=number),
            settled="met" if referral.closed_at else "",
        )
        for number, referral in enumerate(referrals)
        for name in ("seventy_two_hours", "three_working_days", "offer", "contact")
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return person


def nodes(plan):
    """Every step of a plan."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def read_whole(queries):
    """The big tables that any of these queries reads from beginning to end."""
    with connection.cursor() as cursor:
        found = set()
        for query in queries:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")
            (answer,) = cursor.fetchone()
            found |= {
                step["Relation Name"] for step in nodes(answer[0]["Plan"]) if step["Node Type"].endswith("Seq Scan")
            }
    return found & BIG


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans are PostgreSQL's")
def test_a_tray_reads_no_big_table_from_beginning_to_end(client, leader):
    client.force_login(leader)
    address = f"/trays/{leader.teams.get().pk}/"
    assert len(client.get(address).context["rows"]) == OPEN

    for query in QUERIES:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{address}{query}").status_code == 200

        asked = [each for each in captured.captured_queries if each["sql"].startswith("SELECT")]
        assert (query, read_whole(asked)) == (query, set())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="plans are PostgreSQL's")
def test_the_rule_sees_a_table_that_is_read_whole(leader):
    assert read_whole([{"sql": "SELECT * FROM routing_deadline"}]) == {"routing_deadline"}
