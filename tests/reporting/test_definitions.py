"""Croydon's definitions, one by one, on records made for each."""

from decimal import Decimal

import pytest

from episodes.models import Episode
from reporting import measures
from reporting.exports import as_csv, as_json, as_text
from reporting.tables import Month, monthly
from tests.records import NOW, bring, child, episode, interview, involvement, publish

pytestmark = pytest.mark.django_db

MARCH, APRIL = Month(2026, 3), Month(2026, 4)


@pytest.fixture(autouse=True)
def procedure():
    return publish("croydon")


def absence(episode_id, child_id="C1", day="2026-03-10", **cells):
    """A night of that day, back the next noon."""
    return episode(episode_id, child_id, **{"last_seen_at": f"{day}T22:00", "returned_at": f"{day}T23:00", **cells})


def held(interview_id, child_id, episode_ids, **cells):
    return interview(
        interview_id, child_id, episode_ids, **{"outcome": "completed", "held_at": "2026-04-20T10:00", **cells}
    )


def offered(interview_id="I1", child_id="C1", episode_ids="E1", **cells):
    return interview(
        interview_id, child_id, episode_ids, **{"offered_at": "2026-03-12T10:00", "offered_to": "child", **cells}
    )


def figures(key, first=MARCH, last=APRIL):
    """One row of the table: the value of each month."""
    values = monthly(first, last, now=NOW).values[key]
    return tuple(values[month] for month in sorted(values))


def definition(key):
    return next(measure.words for measure in measures.MEASURES if measure.key == key)


# Children who went missing


@pytest.mark.clause("CRO-04")
def test_a_child_missing_from_march_to_april_is_counted_in_march_as_the_definition_says(tmp_path):
    over_the_end = absence("E1", day="2026-03-31", returned_at="2026-04-02T10:00")
    bring(tmp_path, children=[child("C1")], episodes=[over_the_end])

    assert figures("children_missing") == (1, 0)
    assert definition("children_missing") == (
        "Children with at least one missing episode in the month, each counted once."
    )


@pytest.mark.clause("CRO-04")
def test_a_child_is_counted_once_a_month_however_often_it_went_missing(tmp_path):
    rows = [absence(f"E{day}", day=f"2026-03-{day}") for day in (10, 12, 14)]
    rows += [absence("E4", day="2026-04-01"), absence("E5", "C2")]
    bring(tmp_path, children=[child("C1"), child("C2")], episodes=rows)

    assert figures("children_missing") == (2, 1)


def test_a_month_begins_at_midnight_in_england(tmp_path):
    """On 31 March 23:30 UTC it is already April there."""
    rows = [
        absence("E1", last_seen_at="2026-03-31T22:59Z", returned_at=""),
        absence("E2", "C2", last_seen_at="2026-03-31T23:00Z", returned_at=""),
    ]
    bring(tmp_path, children=[child("C1"), child("C2")], episodes=rows)

    assert figures("children_missing") == (1, 1)


# Offered


@pytest.mark.clause("CRO-05")
def test_an_offer_after_the_month_s_end_counts_in_the_month_of_the_episode(tmp_path):
    bring(
        tmp_path,
        children=[child("C1")],
        episodes=[absence("E1", day="2026-03-30")],
        interviews=[offered(offered_at="2026-04-02T10:00")],
    )

    assert figures("children_offered") == (1, 0)
    assert "offered for any of the month's episodes, whenever the offer was made" in definition("children_offered")


@pytest.mark.clause("CRO-05")
@pytest.mark.parametrize(("offered_to", "counted"), [("child", 1), ("parent", 1), ("both", 1), ("", 0)])
def test_an_offer_to_a_parent_alone_counts_as_the_definition_says(tmp_path, offered_to, counted):
    bring(tmp_path, children=[child()], episodes=[absence("E1")], interviews=[offered(offered_to=offered_to)])

    assert figures("children_offered") == (counted, 0)
    assert "to whom, or to a parent or carer of whom, an interview was offered" in definition("children_offered")


@pytest.mark.clause("CRO-05")
@pytest.mark.parametrize("response", ["", "accepted", "declined_by_child", "no_response"])
def test_offered_is_not_the_same_as_accepted(tmp_path, response):
    bring(tmp_path, children=[child()], episodes=[absence("E1")], interviews=[offered(response=response)])

    assert figures("children_offered") == (1, 0)
    assert figures("episodes_accepted") == (int(response == "accepted"), 0)
    assert definition("children_offered").endswith("It is not the number who accepted.")


@pytest.mark.clause("CRO-15")
def test_the_offer_rate_is_children_offered_in_percent_of_children_missing(tmp_path):
    ids = [f"C{number}" for number in range(7)]
    bring(
        tmp_path,
        children=[child(each) for each in ids],
        episodes=[absence(f"E{each}{night}", each, f"2026-03-1{night}") for each in ids for night in (0, 2)],
        interviews=[offered(f"I{each}", each, f"E{each}0") for each in ids[:2]],
    )

    assert figures("offer_rate") == (Decimal("28.57"), None)
    assert definition("offer_rate") == (
        "Children who were offered an interview, in percent of children who went missing."
    )
    table = monthly(MARCH, APRIL, now=NOW)
    sixth = measures.MEASURES[5]
    assert (sixth.key, as_csv(table).splitlines()[6]) == ("offer_rate", '"Offer rate, % of children",28.57,')
    assert f"{sixth.name}: {sixth.words}" in as_text(table)


# Done


@pytest.mark.clause("CRO-06")
def test_accepted_and_not_held_is_not_done(tmp_path):
    not_held = offered(response="accepted", outcome="accepted_not_held", reason="not_present")
    bring(tmp_path, children=[child()], episodes=[absence("E1")], interviews=[not_held])

    assert figures("children_done") == (0, 0)
    assert figures("episodes_accepted") == (1, 0)


@pytest.mark.clause("CRO-06")
def test_two_interviews_of_one_child_in_a_month_count_once(tmp_path):
    rows = [absence("E1", day="2026-03-10"), absence("E2", day="2026-03-20")]
    records = [held("I1", "C1", "E1", held_at="2026-03-12T10:00"), held("I2", "C1", "E2")]
    bring(tmp_path, children=[child()], episodes=rows, interviews=records)

    assert figures("children_done") == (1, 0)
    assert figures("episodes_done") == (2, 0)


@pytest.mark.parametrize(
    ("cells", "done"),
    [
        ({}, 1),
        ({"held_at": ""}, 1),
        ({"outcome": "part_completed", "reason": "interrupted"}, 1),
        ({"outcome": ""}, 1),
        ({"outcome": "declined", "reason": "no_reason"}, 0),
        ({"outcome": "", "held_at": ""}, 0),
    ],
)
def test_an_interview_that_was_held_at_least_in_part_is_done(tmp_path, cells, done):
    bring(tmp_path, children=[child()], episodes=[absence("E1")], interviews=[held("I1", "C1", "E1", **cells)])

    assert figures("children_done") == figures("episodes_done") == (done, 0)


# Episodes


@pytest.mark.clause("CRO-07")
def test_every_episode_of_a_child_is_counted_but_a_withdrawn_duplicate_is_not(tmp_path):
    bring(tmp_path, children=[child()], episodes=[absence(f"E{day}", day=f"2026-03-{day}") for day in (10, 12, 14, 16)])
    assert figures("episodes") == (4, 0)

    Episode.objects.filter(episode_id="E16").update(withdrawn_at=NOW, withdrawn_because="A duplicate of E14.")
    assert figures("episodes") == (3, 0)
    assert definition("episodes").endswith("a duplicate or an error is not counted at all.")


def test_an_episode_without_authorisation_is_counted_apart(tmp_path):
    bring(tmp_path, children=[child()], episodes=[absence("E1"), absence("E2", day="2026-03-20", kind="away")])

    assert (figures("episodes"), figures("away_episodes")) == ((1, 0), (1, 0))


def test_an_episode_for_which_no_interview_is_required_is_an_episode(tmp_path):
    not_required = interview(outcome="not_required", reason="agreed_exception")
    bring(tmp_path, children=[child()], episodes=[absence("E1")], interviews=[not_required])

    assert figures("episodes") == (1, 0)


@pytest.mark.clause("CRO-08")
def test_one_interview_over_three_episodes_adds_three_episodes_and_one_child(tmp_path):
    rows = [absence(f"E{day}", day=f"2026-03-{day}") for day in (10, 12, 14)]
    bring(tmp_path, children=[child()], episodes=rows, interviews=[held("I1", "C1", "E10 E12 E14")])

    assert (figures("episodes_done"), figures("children_done")) == ((3, 0), (1, 0))


@pytest.mark.clause("CRO-09")
def test_the_share_of_episodes_done_is_rounded_half_up_and_there_is_none_without_episodes(tmp_path):
    ids = [f"E{number}" for number in range(32)]
    bring(
        tmp_path,
        children=[child()],
        episodes=[
            absence(each, last_seen_at=f"2026-03-{number % 28 + 1:02}T22:00", returned_at="")
            for number, each in enumerate(ids)
        ],
        interviews=[held("I1", "C1", "E0")],
    )

    assert (figures("episodes_done"), figures("episodes")) == ((1, 0), (32, 0))
    assert figures("episodes_done_rate") == (Decimal("3.13"), None)  # 3.125
    table = monthly(MARCH, APRIL, now=NOW)
    assert as_csv(table).splitlines()[7] == '"Interviews done, % of episodes",3.13,'
    assert '"2026-04": null' in as_json(table)
    assert as_text(table).splitlines()[7].split()[-2:] == ["3.13%", "none"]


# Looked-after children


@pytest.mark.clause("CRO-10")
@pytest.mark.parametrize(
    ("cells", "counted"),
    [
        ({"placement_area": "in_area"}, 1),
        ({"placement_area": "neighbouring"}, 1),
        ({"placement_area": "out_of_area"}, 1),
        ({"start": "2026-03-10"}, 1),
        ({"start": "2026-03-11"}, 0),
        ({"end": "2026-03-10"}, 1),
        ({"end": "2026-03-09"}, 0),
        ({"service": "child_protection"}, 0),
    ],
)
def test_a_child_is_looked_after_on_the_day_of_going_missing_wherever_placed(tmp_path, cells, counted):
    care = involvement("looked_after") | cells
    bring(
        tmp_path, children=[child()], involvements=[care], episodes=[absence("E1")], interviews=[held("I1", "C1", "E1")]
    )

    assert figures("looked_after_episodes") == figures("looked_after_episodes_done") == (counted, 0)
    assert figures("looked_after_done_rate") == (Decimal("100.00") if counted else None, None)


@pytest.mark.clause("CRO-10")
def test_two_open_placements_count_an_episode_once(tmp_path):
    care = [involvement("looked_after", start="2026-01-01"), involvement("looked_after", start="2026-02-01")]
    bring(tmp_path, children=[child()], involvements=care, episodes=[absence("E1")])

    assert figures("looked_after_episodes") == (1, 0)


@pytest.mark.clause("CRO-10")
def test_a_child_looked_after_by_another_authority_is_not_ours(tmp_path):
    theirs = child(responsible_authority="E10000016")
    bring(tmp_path, children=[theirs], involvements=[involvement("looked_after")], episodes=[absence("E1")])

    assert figures("looked_after_episodes") == (0, 0)
    assert (figures("episodes"), figures("other_authority_episodes")) == ((0, 0), (1, 0))
