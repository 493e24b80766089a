"""What a program and a person are answered, and what it costs."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from procedures.actions import source
from routing.models import ReferralEpisode
from staff.models import Team, User
from tests.records import bring, child, episode, interview, involvement, publish
from tests.rhi.explain.asking import SECOND, explain, explained

pytestmark = pytest.mark.django_db


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
