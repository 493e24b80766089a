"""Which rule decided: of a return, of a child who is not back yet, and where routing opened no referral."""

from datetime import date

import pytest

from tests.records import bring, child, episode, interview, involvement, publish
from tests.rhi.explain.asking import SECOND, clocks, explained

pytestmark = pytest.mark.django_db


# The rule that decided


@pytest.mark.clause("CARD-07")
@pytest.mark.parametrize(
    ("service", "rule"),
    [
        ("looked_after", "looked_after"),
        ("child_protection", "children_services"),
        ("family_service", "family_service"),
        ("youth_justice", "default"),
    ],
)
def test_under_surrey_four_cases_name_four_rules(tmp_path, service, rule):
    publish("surrey")
    bring(tmp_path, children=[child()], involvements=[involvement(service)], episodes=[episode()])

    assert explained()["decision"]["rule"] == rule


@pytest.mark.clause("SOM-6a")
def test_an_unaccompanied_child_is_explained_like_any_other(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child("C1", uasc="Y"), child("C2", uasc="N")], episodes=[episode(), episode("E2", "C2")])

    unaccompanied, other = explained("E1"), explained("E2")
    assert unaccompanied["decision"] == other["decision"]
    assert unaccompanied["facts"] == other["facts"]


@pytest.mark.clause("CRO-12")
def test_another_authoritys_child_has_no_team_of_ours(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    explanation = explained()
    assert explanation["facts"]["other_authority"] == "Kent"
    assert explanation["decision"]["destination"] == "authority"
    assert explanation["decision"]["team"] is None


def test_the_decision_stays_as_it_was_made_whatever_comes_later(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    before = explained()

    bring(tmp_path, children=[child(area="Yeovil")], involvements=[involvement()])

    assert explained() == before
    assert before["decision"]["rule"] == "default"


def test_an_episode_that_joined_names_the_referral_and_who_holds_it(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        children=[child()],
        involvements=[involvement()],
        episodes=[episode("E1"), episode("E2", **SECOND)],
    )

    explanation = explained("E2")
    assert explanation["facts"]["open_referral"] == {"episode": "E1", "team": "North", "worker": "ann@example.org"}
    assert explanation["decision"]["destination"] == "joined"
    assert explanation["decision"]["team"] == "North"
    assert explanation["decision"]["worker"] == "ann@example.org"
    assert [each["rule"] for each in explanation["decision"]["considered"]] == ["joining", "open_to_social_care"]


# Not back yet


def test_a_child_who_is_not_back_is_decided_as_if_back_at_that_instant(tmp_path):
    publish("somerset")
    missing = episode(returned_at="", notified_at="")
    bring(tmp_path, children=[child(date_of_birth="2018-05-13")], episodes=[missing])

    assert explained(at="2026-05-12T23:59:59")["decision"]["rule"] == "under_eight"
    assert explained(at="2026-05-13T00:00:00")["decision"]["rule"] == "default"
    assert explained(at="2026-05-12T22:59:59Z")["decision"]["rule"] == "under_eight"
    assert explained(at="2026-05-12T23:00:00Z")["decision"]["rule"] == "default"


def test_of_a_child_who_is_not_back_no_clock_has_begun(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="", notified_at="")])

    explanation = explained()
    assert set(clocks(explanation).values()) == {"not_applicable"}
    assert {clock["due_at"] for clock in explanation["clocks"]} == {None}


def test_before_the_return_the_version_at_last_seen_governs(tmp_path):
    publish("somerset")
    publish("somerset", effective_from=date(2026, 5, 12))
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="", notified_at="")])

    assert explained()["procedure"] == {
        "name": "somerset",
        "effective_from": "2020-11-19",
        "because": (
            "The child is not back; they were last seen on 11 May 2026, when this version was in force"
            " (from 19 November 2020)."
        ),
    }


def test_a_child_missing_again_before_the_interview_would_join(tmp_path):
    publish("somerset")
    again = episode("E2", last_seen_at="2026-05-14T20:00", returned_at="", notified_at="")
    bring(tmp_path, children=[child()], episodes=[episode("E1"), again])

    assert explained("E2", at="2026-05-15T12:00")["decision"]["destination"] == "joined"


# Without a referral of routing's


def test_history_is_explained_as_it_would_be_decided_now(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        history_before=date(2026, 6, 1),
        children=[child()],
        involvements=[involvement()],
        episodes=[episode()],
    )

    explanation = explained()
    assert explanation["decision"]["worker"] == "ann@example.org"
    assert set(clocks(explanation).values()) == {"not_applicable"}  # no interview is owed for it here


def test_an_episode_that_is_not_routed_is_explained_too(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()], episodes=[episode(kind="away")])

    assert explained()["decision"]["rule"] == "open_to_social_care"


def test_an_episode_of_an_interview_record_is_explained_as_it_would_be_decided_now(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        children=[child()],
        involvements=[involvement()],
        episodes=[episode()],
        interviews=[interview(team="West", worker_email="ben@example.org")],
    )

    explanation = explained()
    assert explanation["facts"]["open_referral"] is None  # it does not join itself
    assert explanation["decision"]["worker"] == "ann@example.org"
