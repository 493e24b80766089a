"""A return that joins an open referral, what comes late, and what routing costs."""

from datetime import datetime

import pytest

from episodes.models import Access, Child, Episode, Finding
from procedures.actions import source
from rhi.actions import returns
from routing.models import Allocation, Referral
from staff.models import User
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish
from tests.rhi.routed import decision_on, holder_of, referral_of

pytestmark = pytest.mark.django_db


# Joining

FIRST = {"last_seen_at": "2026-05-11T20:00", "returned_at": "2026-05-12T07:00"}
SECOND = {"last_seen_at": "2026-05-14T20:00", "returned_at": "2026-05-15T07:00", "notified_at": "2026-05-15T09:00"}


def one_after_the_other(folder, *, record: dict | None = None) -> None:
    """One return, what an interview record then says of it, and another return, each in a run of its own."""
    bring(folder, children=[child()], episodes=[episode("E1", **FIRST)], now=london("2026-05-12 10:00"))
    if record:
        bring(folder, interviews=[interview(**record)])
    bring(folder, episodes=[episode("E2", **SECOND)])


@pytest.mark.parametrize(
    "record",
    [
        None,
        {"team": "North", "worker_email": "ann@example.org"},
        {"offered_at": "2026-05-13T10:00", "offered_to": "child"},
        {"held_at": "2026-05-15T07:00:01"},  # after the second return
    ],
)
def test_a_return_joins_the_referral_that_is_open_and_not_yet_held(tmp_path, record):
    publish("somerset")
    one_after_the_other(tmp_path, record=record)

    assert referral_of("E2") == referral_of("E1")
    assert decision_on("E2")["destination"] == "joined"
    assert decision_on("E2")["because"] == (
        "The child's referral for episode E1 is open and its interview not yet held, so this episode joins it."
    )
    assert (decision_on("E2")["team"], decision_on("E2")["worker"]) == holder_of("E1")


@pytest.mark.parametrize(
    "record",
    [
        {"held_at": "2026-05-13T10:00"},
        {"held_at": "2026-05-15T07:00"},  # at the very moment of the second return
        {"held_at": "2026-05-13T10:00", "outcome": "completed"},
        {"outcome": "declined", "reason": "distrust", "response": "declined_by_child", "offered_to": "child"},
    ],
)
def test_a_return_after_the_interview_or_the_outcome_has_its_own_referral(tmp_path, record):
    publish("somerset")
    one_after_the_other(tmp_path, record=record)

    assert referral_of("E2") != referral_of("E1")
    assert decision_on("E2")["destination"] == "tray"


def test_returns_of_one_run_join_in_the_order_in_which_the_child_came_back(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E2", **SECOND), episode("E1", **FIRST)])

    assert decision_on("E1")["destination"] == "tray"
    assert decision_on("E2")["destination"] == "joined"
    assert referral_of("E1") == referral_of("E2") == Referral.objects.get()


def test_a_return_before_the_one_that_opened_the_referral_has_its_own(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E2", **SECOND)])
    bring(tmp_path, episodes=[episode("E1", **FIRST)])

    assert referral_of("E1") != referral_of("E2")
    assert decision_on("E1")["destination"] == "tray"


def test_a_return_joins_the_newest_of_several_open_referrals(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E2", **SECOND)])
    bring(tmp_path, episodes=[episode("E1", **FIRST)])
    bring(tmp_path, episodes=[episode("E3", last_seen_at="2026-05-20T20:00", returned_at="2026-05-21T07:00")])

    assert referral_of("E3") == referral_of("E2")


def test_nobody_joins_another_childs_referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child("C1")], episodes=[episode("E1", "C1", **FIRST)])
    bring(tmp_path, children=[child("C2")], episodes=[episode("E2", "C2", **SECOND)])

    assert referral_of("E1") != referral_of("E2")


def test_without_joining_each_return_has_its_own_referral(tmp_path):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    bring(tmp_path, children=[child()], episodes=[episode("E1", **FIRST), episode("E2", **SECOND)])

    assert referral_of("E1") != referral_of("E2")


def test_joining_changes_no_holder(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode("E1", **FIRST)])
    bring(
        tmp_path,
        involvements=[involvement(team="West", worker_email="ben@example.org")],
        episodes=[episode("E2", **SECOND)],
    )

    assert holder_of("E2") == ("North", "ann@example.org")
    assert Allocation.objects.count() == 1


# Who may see the child


def test_whoever_holds_the_referral_may_see_the_child_from_then_on(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode()])

    access = Access.objects.get(basis="allocation")
    assert (access.child.child_id, access.team.name, access.user.email) == ("C1", "North", "ann@example.org")
    assert (access.since, access.until) == (london("2026-05-12 09:00"), None)


def test_a_referral_that_is_anothers_gives_nobody_here_access(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    assert not Access.objects.exists()


# What comes late


def findings_of_routing() -> list[tuple[str, str, datetime | None]]:
    rows = Finding.objects.filter(kind="routed_otherwise").order_by("pk")
    return [(finding.record, finding.detail, finding.settled_at) for finding in rows]


def test_a_late_involvement_changes_no_decision_but_is_a_finding(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    before = decision_on("E1")

    result = bring(tmp_path, involvements=[involvement()])

    assert result.findings["routed_otherwise"] == 1
    assert decision_on("E1") == before
    assert holder_of("E1") == ("Prevention and Youth Justice Service", None)
    decided_now = (
        "The child is open to children's social care, so the allocated social worker holds the interview."
        " Open to child in need."
    )
    assert findings_of_routing() == [
        (
            "episodes.csv E1",
            "Would go to ann@example.org. " + decided_now,
            None,
        )
    ]


def test_the_finding_is_settled_when_the_records_fit_again(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, involvements=[involvement()])

    bring(tmp_path, involvements=[involvement(end="2026-05-11")], now=london("2026-06-16 12:00"))

    assert [settled for *_, settled in findings_of_routing()] == [london("2026-06-16 12:00")]


@pytest.mark.parametrize(
    "after",
    [
        {"involvements": [involvement(start="2026-05-13")]},  # began after the return
        {"involvements": [involvement("family_service")]},  # decides nothing here
    ],
)
def test_a_late_record_that_would_change_nothing_is_no_finding(tmp_path, after):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, **after)

    assert findings_of_routing() == []


def test_a_person_who_has_decided_otherwise_is_not_put_in_doubt(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    leader = User.objects.create_user("lea@example.org", "Lea")
    Allocation.objects.update(until=NOW)
    Allocation.objects.create(
        child=Child.objects.get(), referral=referral_of("E1"), worker=leader, since=NOW, by=leader, because="Knows her."
    )

    bring(tmp_path, involvements=[involvement()])

    assert findings_of_routing() == []


def test_a_closed_referral_is_not_put_in_doubt(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, interviews=[interview(outcome="no_contact", reason="no_answer")])
    bring(tmp_path, involvements=[involvement()])

    assert findings_of_routing() == []


# How much it costs


@pytest.mark.parametrize("children", [1, 15])
def test_routing_costs_the_same_number_of_queries_however_many_have_come_back(
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
    )
    Episode.objects.bulk_create(
        Episode(
            episode_id=f"E{each.pk} {hour}",
            child=each,
            kind="missing",
            last_seen_at=london("2026-05-11 20:00"),
            returned_at=london(f"2026-05-12 0{hour}:00"),
        )
        for each in Child.objects.all()
        for hour in (7, 8)
    )

    with django_assert_num_queries(31):
        routed = returns.route_returns(by=None, now=NOW)

    assert routed == 2 * children
    assert Referral.objects.count() == children
