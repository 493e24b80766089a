"""`manage.py explain` says why an episode lies where it lies, and what its clocks say, to people and to programs."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from procedures.actions import source
from routing.models import ReferralEpisode
from staff.models import Team, User
from tests.records import bring, child, episode, interview, involvement, publish

pytestmark = pytest.mark.django_db

TUESDAY_NOON = "2026-05-12T12:00"
SECOND = {"last_seen_at": "2026-05-14T20:00", "returned_at": "2026-05-15T07:00", "notified_at": "2026-05-15T09:00"}


def explain(*episodes: str, at: str = TUESDAY_NOON, form: str = "json") -> str:
    """What the command prints on standard output."""
    out = StringIO()
    call_command("explain", *episodes, "--format", form, "--at", at, stdout=out)
    return out.getvalue()


def explained(episode_id: str = "E1", *, at: str = TUESDAY_NOON) -> dict:
    return json.loads(explain(episode_id, at=at))


def clocks(explanation: dict) -> dict[str, str]:
    return {clock["name"]: clock["state"] for clock in explanation["clocks"]}


# The answer to a program


def test_the_answer_has_these_keys_and_values(tmp_path):
    publish("surrey")
    bring(
        tmp_path,
        children=[child()],
        involvements=[involvement("looked_after", placement_area="neighbouring")],
        episodes=[episode()],
    )

    because = "A looked-after child is interviewed by the team they are allocated to. Open to looked after."
    assert explained() == {
        "episode": "E1",
        "procedure": {
            "name": "surrey",
            "effective_from": "2018-01-01",
            "because": "The child returned on 12 May 2026, when this version was in force (from 1 January 2018).",
        },
        "facts": {
            "age": 14,
            "involvements": [
                {
                    "service": "looked_after",
                    "team": {"name": "North", "open": True},
                    "worker": {"email": "ann@example.org", "left": False, "team": {"name": "North", "open": True}},
                    "placement": "neighbouring",
                }
            ],
            "other_authority": None,
            "area": "Taunton",
            "open_referral": None,
            "provider": None,
            "closed_teams": [],
        },
        "decision": {
            "destination": "team_member",
            "team": "North",
            "worker": None,
            "rule": "looked_after",
            "because": because,
            "considered": [
                {"rule": "looked_after", "matched": True, "because": because},
                {
                    "rule": "children_services",
                    "matched": False,
                    "because": "Not needed: an earlier rule decided.",
                },
                {"rule": "family_service", "matched": False, "because": "Not needed: an earlier rule decided."},
            ],
        },
        "clocks": [
            {
                "name": "seventy_two_hours",
                "starts_at": "2026-05-12T06:00:00Z",
                "due_at": "2026-05-15T06:00:00Z",
                "met_at": None,
                "state": "running",
            },
            {
                "name": "three_working_days",
                "starts_at": "2026-05-12T06:00:00Z",
                "due_at": "2026-05-15T22:59:59Z",
                "met_at": None,
                "state": "running",
            },
        ],
    }


@pytest.mark.parametrize("stored", [True, False])
def test_a_decision_that_would_be_made_reads_like_one_that_was_made(tmp_path, stored):
    publish("surrey")
    bring(tmp_path, children=[child()], involvements=[involvement("assessment")], episodes=[episode()])
    made = explained()
    if not stored:
        ReferralEpisode.objects.update(decision=None)

    assert explained() == made
    assert made["decision"]["destination"] == "discuss"
    assert made["decision"]["worker"] == "ann@example.org"


def test_episodes_are_explained_one_a_line_in_the_order_asked(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND), episode("E3", **SECOND)])

    lines = explain("E3", "E1", "E2").splitlines()

    assert [json.loads(line)["episode"] for line in lines] == ["E3", "E1", "E2"]


def test_nothing_but_the_answer_is_on_standard_output(tmp_path, capfd):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    capfd.readouterr()

    call_command("explain", "E1", "--format", "json")

    out, err = capfd.readouterr()
    assert json.loads(out)["episode"] == "E1"
    assert err == ""


def test_an_episode_that_is_not_on_record_is_named_and_the_others_are_still_explained(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    out = StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("explain", "E8", "E1", "E9", "--format", "json", stdout=out)

    assert str(refusal.value) == "There is no episode on record with the ID E8, E9."
    assert refusal.value.returncode == 1
    assert json.loads(out.getvalue())["episode"] == "E1"


def test_without_a_procedure_nothing_can_be_explained():
    with pytest.raises(CommandError, match=r"^No procedure has been published\. Publish one first"):
        call_command("explain", "E1")


def test_a_time_that_cannot_be_read_is_refused_in_words():
    with pytest.raises(CommandError, match=r"'tomorrow' is not a time such as 2026-03-29T22:15"):
        call_command("explain", "E1", "--at", "tomorrow")


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


def test_an_absence_that_is_not_routed_is_explained_too(tmp_path):
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


# The version that governs


@pytest.mark.clause("SUR-01")
@pytest.mark.parametrize(
    ("returned", "because"),
    [
        (
            "2018-01-02T07:00",
            "The child returned on 2 January 2018, when this version was in force (from 1 January 2018).",
        ),
        (
            "2017-12-20T07:00",
            (
                "The child returned on 20 December 2017, before any version was in force; the first one is used"
                " (from 1 January 2018)."
            ),
        ),
    ],
)
def test_each_return_names_the_version_that_governed_it_and_why(tmp_path, returned, because):
    publish("surrey")
    back = episode(last_seen_at="2017-12-19T20:00", returned_at=returned, notified_at="")
    bring(tmp_path, children=[child()], episodes=[back])

    procedure = explained()["procedure"]
    assert (procedure["effective_from"], procedure["because"]) == ("2018-01-01", because)


@pytest.mark.clause("SUR-01")
def test_rules_of_a_later_day_do_not_decide_an_earlier_return(tmp_path):
    publish("wokingham", effective_from=date(2017, 1, 1))
    publish("surrey")
    bring(
        tmp_path,
        children=[child("C1"), child("C2")],
        episodes=[
            episode("E1", "C1", last_seen_at="2017-12-31T20:00", returned_at="2017-12-31T23:59:59", notified_at=""),
            episode("E2", "C2", last_seen_at="2017-12-31T20:00", returned_at="2018-01-01T00:00:00", notified_at=""),
        ],
    )

    assert explained("E1")["procedure"]["name"] == "wokingham"
    assert explained("E1")["decision"]["team"] == "Prevention and Youth Justice Service"
    assert explained("E2")["procedure"]["name"] == "surrey"
    assert explained("E2")["decision"]["team"] == "Rapid Engagement Team"


def test_a_referral_keeps_its_version_when_another_is_published_for_its_day(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    publish("somerset", effective_from=date(2026, 5, 1))

    explanation = explained()
    assert explanation["procedure"]["name"] == "wokingham"
    assert explanation["procedure"]["because"] == (
        "It was in force for this referral when the referral was opened, and governs it for good."
    )
    assert explanation["decision"]["team"] == "Prevention and Youth Justice Service"


def test_of_several_episodes_the_earliest_return_governs(tmp_path):
    publish("wokingham")
    publish("wokingham", effective_from=date(2026, 5, 13))
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND)])

    assert explained("E2")["procedure"]["because"].startswith(
        "The referral covers 2 returns; the earliest, of episode E1, was on 12 May 2026"
    )
    assert explained("E2")["procedure"]["effective_from"] == "2022-04-01"


# Clocks


@pytest.mark.clause("CARD-09")
@pytest.mark.parametrize("name", ["surrey", "wokingham", "nottinghamshire", "somerset", "croydon"])
def test_the_two_statutory_clocks_are_on_every_referral(tmp_path, name):
    publish(name)
    bring(tmp_path, children=[child()], episodes=[episode()])

    statutory = explained()["clocks"][:2]
    assert [(clock["name"], clock["starts_at"], clock["due_at"], clock["state"]) for clock in statutory] == [
        ("seventy_two_hours", "2026-05-12T06:00:00Z", "2026-05-15T06:00:00Z", "running"),
        ("three_working_days", "2026-05-12T06:00:00Z", "2026-05-15T22:59:59Z", "running"),
    ]


@pytest.mark.parametrize(
    ("at", "state"),
    [("2026-05-15T07:00:00", "running"), ("2026-05-15T07:00:01", "missed")],  # exactly at the limit is in time
)
def test_how_a_clock_stands_depends_on_when_one_asks(tmp_path, at, state):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])

    assert clocks(explained(at=at))["seventy_two_hours"] == state


def test_an_episode_shows_its_own_clocks_and_those_of_its_referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **SECOND)])

    names = [
        "seventy_two_hours",
        "three_working_days",
        "offer",
        "contact",
        "assign",
        "interview",
        "write_up",
    ]
    assert [clock["name"] for clock in explained("E2")["clocks"]] == names
    assert explained("E2")["clocks"][0]["starts_at"] == "2026-05-15T06:00:00Z"


def test_without_an_instant_it_speaks_of_now(tmp_path):
    publish("somerset")
    long_ago = episode(last_seen_at="2021-05-11T20:00", returned_at="2021-05-12T07:00", notified_at="2021-05-12T09:00")
    bring(tmp_path, children=[child()], episodes=[long_ago])
    out = StringIO()

    call_command("explain", "E1", "--format", "json", stdout=out)

    assert clocks(json.loads(out.getvalue()))["seventy_two_hours"] == "missed"


def test_a_held_interview_has_met_the_clock(tmp_path):
    publish("somerset")
    held = interview(held_at="2026-05-13T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[held])

    first = explained()["clocks"][0]
    assert (first["state"], first["met_at"]) == ("met", "2026-05-13T09:00:00Z")


# The answer to a person


def test_a_person_reads_it_in_words_and_local_times(tmp_path):
    publish("croydon")
    bring(
        tmp_path,
        children=[child()],
        involvements=[involvement("looked_after", worker_email="ann_b@example.org", placement_area="in_area")],
        episodes=[episode(notified_at="2026-05-20T09:00")],
    )

    assert explain("E1", form="text").splitlines() == [
        "Episode E1",
        (
            "  Procedure: Croydon, in force from 1 April 2017. The child returned on 12 May 2026, when this version was"
            " in force (from 1 April 2017)."
        ),
        (
            "  Routing, as decided: worker, ann_b@example.org. The child is looked after, so the social worker holds"
            " the interview. Open to looked after."
        ),
        "    no   other_authority: The rule is about other authorities' children; this child is ours.",
        "    no   placed_far: The placement is not out of area but in area.",
        (
            "    yes  looked_after: The child is looked after, so the social worker holds the interview. Open to looked"
            " after."
        ),
        "  Facts:",
        "    age: 14",
        "    involvements: looked after, team North, worker ann_b@example.org, placed in area",
        "    other authority: none",
        "    area: Taunton",
        "    open referral: none",
        "    provider: none",
        "    closed teams: none",
        "  Clocks:",
        (
            "    seventy two hours: running; already over when the service was told (starts Tue 12 May 2026, 07:00:00,"
            " due Fri 15 May 2026, 07:00:00)"
        ),
        (
            "    three working days: running; already over when the service was told (starts Tue 12 May 2026, 07:00:00,"
            " due Fri 15 May 2026, 23:59:59)"
        ),
    ]


def test_a_person_reads_which_facts_kept_a_referral_from_somebody(tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], involvements=[involvement()])
    Team.objects.update(closed_on=date(2026, 6, 1))
    User.objects.update(left_on=date(2026, 6, 1))
    bring(tmp_path, episodes=[episode("E1"), episode("E2", **SECOND)])

    assert "    involvements: child in need, team North (closed), worker ann@example.org (has left)\n" in (
        explain("E1", form="text")
    )
    assert "    open referral: for episode E1, held by Prevention and Youth Justice Service\n" in (
        explain("E2", form="text")
    )


def test_a_person_learns_that_a_decision_has_not_been_made_yet(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="", notified_at="")])

    assert "  Routing, as it would be decided now: tray, Missing Team." in explain("E1", form="text")


def test_a_person_learns_that_another_authority_holds_the_interview(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    assert "  Routing, as decided: authority, the responsible authority." in explain("E1", form="text")


# How much it costs


@pytest.mark.parametrize("episodes", [1, 10])
def test_explaining_costs_the_same_number_of_queries_however_many_are_asked_for(
    tmp_path, django_assert_num_queries, episodes
):
    publish("", text=source("somerset").replace("[routing]", "[routing]\njoining = false", 1))
    numbers = range(episodes)
    bring(
        tmp_path,
        children=[child(f"C{each}") for each in numbers],
        involvements=[involvement(child_id=f"C{each}", worker_email=f"w{each}@example.org") for each in numbers],
        episodes=[episode(f"E{each}", f"C{each}") for each in numbers],
        interviews=[
            interview(f"I{each}", f"C{each}", f"E{each}", offered_at="2026-05-13T10:00", offered_to="child")
            for each in numbers
        ],
    )

    with django_assert_num_queries(30):
        lines = explain(*(f"E{each}" for each in numbers)).splitlines()

    assert len(lines) == episodes
