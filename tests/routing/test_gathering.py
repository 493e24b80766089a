"""The facts that routing decides on, as the records have them."""

from datetime import date

import pytest

from episodes.models import Episode
from procedures.types import Service
from routing.gathering import Records, age_on
from routing.rules import Facts, TeamFact
from staff.models import Membership, Team, User
from tests.records import bring, child, episode, involvement, london, publish


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2018-05-12", "2026-05-11", 7),
        ("2018-05-12", "2026-05-12", 8),
        ("2018-05-12", "2026-05-13", 8),
        ("2018-12-31", "2026-01-01", 7),
        ("2018-01-01", "2026-12-31", 8),
        ("2020-02-29", "2028-02-28", 7),
        ("2020-02-29", "2028-02-29", 8),
        ("2020-02-29", "2027-02-28", 6),  # in a year without the day, a year older on 1 March
        ("2020-02-29", "2027-03-01", 7),
        ("2026-05-12", "2026-05-12", 0),
        ("2008-05-13", "2026-05-12", 17),
        ("2008-05-12", "2026-05-12", 18),
    ],
)
def test_age_is_in_full_years_on_a_day(born, day, age):
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


def facts_on(day: date) -> Facts:
    """What is known of the only episode, as teams and workers are on a day."""
    only = Episode.objects.select_related("child__responsible_authority").get()
    records = Records.of([only.child_id])
    return records.facts(only, returned_at=london("2026-05-12 07:00"), on=day, open_referral=None)


@pytest.mark.django_db
def test_facts_are_those_of_the_day_of_return_and_of_this_child(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        children=[child("C1", responsible_authority="E10000016"), child("C2")],
        involvements=[
            involvement("looked_after", "C1", placement_area="out_of_area"),
            involvement("assessment", "C1", end="2026-05-11"),
            involvement("child_protection", "C1", start="2026-05-13"),
            involvement("family_service", "C2"),
        ],
        episodes=[episode("E1", "C1")],
    )

    facts = facts_on(date(2026, 5, 12))
    assert (facts.age, facts.other_authority, facts.area) == (14, "Kent", "Taunton")
    assert [(each.service, each.placement) for each in facts.involvements] == [(Service.LOOKED_AFTER, "out_of_area")]


@pytest.mark.django_db
def test_teams_and_workers_are_as_they_are_on_the_day_of_the_decision(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()])
    Team.objects.filter(name="North").update(closed_on=date(2026, 6, 1))
    User.objects.update(left_on=date(2026, 6, 2))

    before, between, after = (facts_on(date(2026, month, day)) for month, day in ((5, 31), (6, 1), (6, 2)))
    assert [each.involvements[0].team.open for each in (before, between, after)] == [True, False, False]
    assert [each.involvements[0].worker.left for each in (before, between, after)] == [False, False, True]
    assert [each.closed_teams for each in (before, between, after)] == [(), ("North",), ("North",)]


@pytest.mark.django_db
def test_of_a_workers_teams_one_that_is_open_counts(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement(team="")], episodes=[episode()])
    worker = User.objects.get()
    for name, closed_on in (("Closed", date(2026, 1, 1)), ("Open", None)):
        Membership.objects.create(user=worker, team=Team.objects.create(name=name, closed_on=closed_on))

    assert facts_on(date(2026, 5, 12)).involvements[0].worker.team == TeamFact("Open")


@pytest.mark.django_db
@pytest.mark.parametrize("children", [1, 20])
def test_gathering_costs_the_same_number_of_queries_for_any_number_of_children(
    tmp_path, django_assert_num_queries, children
):
    publish("wokingham")
    numbers = range(children)
    bring(
        tmp_path,
        children=[child(f"C{each}") for each in numbers],
        involvements=[
            involvement(child_id=f"C{each}", team=f"Team {each}", worker_email=f"w{each}@example.org")
            for each in numbers
        ],
        episodes=[episode(f"E{each}", f"C{each}") for each in numbers],
    )
    episodes = list(Episode.objects.select_related("child__responsible_authority"))

    with django_assert_num_queries(4):
        records = Records.of({each.child_id for each in episodes})
        facts = [
            records.facts(each, returned_at=each.returned_at, on=date(2026, 5, 12), open_referral=None)
            for each in episodes
        ]

    assert {len(each.involvements) for each in facts} == {1}


@pytest.mark.django_db
def test_of_one_service_the_newest_involvement_comes_first(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        children=[child()],
        involvements=[
            involvement("child_in_need", start="2026-05-01", team="New Team", worker_email="new@example.org"),
            involvement("child_in_need", start="2025-01-01", team="Old Team", worker_email="old@example.org"),
        ],
        episodes=[episode()],
    )
    only = Episode.objects.select_related("child__responsible_authority").get()

    facts = Records.of([only.child_id]).facts(
        only, returned_at=only.returned_at, on=date(2026, 5, 12), open_referral=None
    )

    assert [fact.worker.email for fact in facts.involvements] == ["new@example.org", "old@example.org"]
