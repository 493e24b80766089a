"""What episodes become when their files are taken in."""

import pytest

from episodes.models import Episode
from tests.episodes.readers.told import reasons
from tests.records import bring, child, episode, london

pytestmark = pytest.mark.django_db


@pytest.mark.clause("SOM-5.1.5")
def test_an_episode_that_a_social_worker_records_needs_no_police_reference_and_keeps_its_source(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode(source="social_worker", police_ref="")])

    absence = Episode.objects.get()
    assert (absence.source, absence.get_source_display(), absence.police_ref) == (
        *("social_worker", "Social worker"),
        "",
    )


def test_every_column_of_an_episode_is_kept(tmp_path):
    cells = {
        "reported_at": "2026-05-11T22:00",
        "return_precision": "estimated",
        "source": "police",
        "police_ref": "P/1",
        "police_risk": "medium",
        "missing_from": "foster_care",
        "ended_how": "found_by_police",
        "circumstances": "=left after\nan argument",
    }
    bring(tmp_path, children=[child()], episodes=[episode(**cells)])

    absence = Episode.objects.get()
    assert {name: getattr(absence, name) for name in cells} == cells | {"reported_at": london("2026-05-11 22:00")}
    assert (absence.kind, absence.last_seen_at) == ("missing", london("2026-05-11 20:00"))
    assert (absence.returned_at, absence.notified_at) == (london("2026-05-12 07:00"), london("2026-05-12 09:00"))


def test_a_return_before_the_child_was_last_seen_is_rejected(tmp_path):
    rows = [
        episode("E1", returned_at="2026-05-11T19:59"),
        episode("E2", returned_at="2026-05-11T20:00"),
        episode("E3", returned_at="2026-05-11T20:30+02:00"),
    ]

    reason = "The return lies before the child was last seen."
    assert reasons(tmp_path, children=[child()], episodes=rows) == [
        ("episodes.csv", 2, reason),
        ("episodes.csv", 4, reason),
    ]
    assert list(Episode.objects.values_list("episode_id", flat=True)) == ["E2"]


@pytest.mark.parametrize(
    "cells",
    [
        {"returned_at": "2026-05-11"},
        {"returned_at": "2026-05-11", "return_precision": ""},
        {"returned_at": "2026-05-11", "return_precision": "date"},
        {"returned_at": "2026-05-11", "return_precision": "exact"},
        {"returned_at": "20260511"},
        {"returned_at": "2026-05-11T23:30", "return_precision": "date"},
        {"returned_at": "2026-05-10T23:30Z", "return_precision": "date"},
    ],
)
def test_a_return_known_by_its_day_stands_at_midnight_even_before_the_last_sight_of_that_day(tmp_path, cells):
    bring(tmp_path, children=[child()], episodes=[episode(**cells)])

    absence = Episode.objects.get()
    assert (absence.returned_at, absence.return_precision) == (london("2026-05-11 00:00"), "date")


def test_a_return_known_by_a_day_before_the_last_sight_is_rejected(tmp_path):
    assert reasons(tmp_path, children=[child()], episodes=[episode(returned_at="2026-05-10")]) == [
        ("episodes.csv", 2, "The return lies before the child was last seen.")
    ]


def test_a_time_that_comes_later_is_better_than_the_day_that_was_known(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="2026-05-12")])
    bring(tmp_path, episodes=[episode(returned_at="2026-05-12T07:00")])

    absence = Episode.objects.get()
    assert (absence.returned_at, absence.return_precision) == (london("2026-05-12 07:00"), "")


def test_midnight_of_a_return_known_by_its_day_tells_nothing_new(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="2026-05-11")])
    bring(tmp_path, episodes=[episode(returned_at="2026-05-11T00:00")])

    absence = Episode.objects.get()
    assert (absence.returned_at, absence.return_precision) == (london("2026-05-11 00:00"), "date")


def test_a_return_can_be_cleared(tmp_path):
    bring(tmp_path, children=[child()], episodes=[episode()])
    bring(tmp_path, episodes=[episode(returned_at="", notified_at="")])

    assert Episode.objects.get().returned_at is None


def test_an_episode_stays_with_its_child(tmp_path):
    bring(tmp_path, children=[child("C1"), child("C2")], episodes=[episode()])

    assert reasons(tmp_path, episodes=[episode(child_id="C2")]) == [
        ("episodes.csv", 2, "Episode 'E1' is on record for another child.")
    ]
    assert Episode.objects.get().child.child_id == "C1"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"kind": "absent"}, "kind should be one of away, missing; found 'absent'."),
        ({"last_seen_at": ""}, "last_seen_at is empty, but needed."),
        ({"notified_at": "12/05/2026 09:00"}, "notified_at should be a time such as 2026-03-29T22:15"),
        ({"police_risk": "very high"}, "police_risk should be one of absent, high, low, medium, no_apparent_risk,"),
        ({"returned_at": "9999-12-31T23:59-14:00"}, "returned_at should be between the years 1900 and 2100"),
        ({"circumstances": "x" * 20_001}, "circumstances should be at most 20,000 characters"),
    ],
)
def test_an_episode_must_be_readable(tmp_path, cells, reason):
    [(_, _, said)] = reasons(tmp_path, children=[child()], episodes=[episode(**cells)])

    assert said.startswith(reason)
