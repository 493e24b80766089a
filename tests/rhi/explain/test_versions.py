"""Which version of the procedure governs, and how its clocks stand."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from tests.records import bring, child, episode, interview, publish
from tests.rhi.explain.asking import SECOND, clocks, explained

pytestmark = pytest.mark.django_db


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
