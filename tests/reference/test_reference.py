"""The reference must be right by itself before anything is held against it: small cases that a reader can count."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.reference import croydon_2017
from tests.reference.monthly_table import Counting, Value, monthly_table
from tests.reference.record_sets import read_at, write_random_records

OURS, ANOTHER = "E06000066", "E09000028"
OURS_ONLY = Counting(our_code=OURS, include_other_authorities=False)
ALL = Counting(our_code=OURS, include_other_authorities=True)
NOON_ON_30_APRIL = datetime(2026, 4, 30, 11, tzinfo=UTC)

HEADERS = {  # the cells at the end of a row may be left out
    "children": "child_id,first_name,last_name,date_of_birth,responsible_authority",
    "involvements": "child_id,service,start,end",
    "episodes": "episode_id,child_id,kind,last_seen_at,returned_at,notified_at,reported_at,return_precision",
    "interviews": "interview_id,child_id,episode_ids,offered_at,offered_to,response,held_at,outcome,reason",
}
CHILDREN = [
    "ANN,Ann,Example,2012-05-01",
    "BOB,Bob,Example,2011-06-01",
    f"OUR,Our,Example,2011-06-01,{OURS}",
    f"OLA,Ola,Example,2010-07-01,{ANOTHER}",
]
ONE_EPISODE = ["E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00"]


def month(
    folder: Path,
    name: str = "2026-03",
    *,
    counting: Counting = OURS_ONLY,
    now: datetime = NOON_ON_30_APRIL,
    **rows: list[str],
) -> dict[str, Value]:
    """The column of one month, from the rows of the files given."""
    for file, header in HEADERS.items():
        lines = [header, *rows.get(file, CHILDREN if file == "children" else [])]
        (folder / f"{file}.csv").write_text("\n".join(lines))
    table = monthly_table(folder, first=name, last=name, counting=counting, now=now)
    return {measure: values[name] for measure, values in table.items()}


# ---- Croydon's table ----


@pytest.fixture(scope="module")
def croydon(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Value]]:
    folder = tmp_path_factory.mktemp("croydon")
    croydon_2017.write_croydon_records(folder)
    counting = Counting(our_code="E09000008", include_other_authorities=False)
    return monthly_table(
        folder, first="2017-04", last="2017-11", counting=counting, now=datetime(2018, 2, 6, tzinfo=UTC)
    )


def test_croydons_records_give_all_64_printed_cells(croydon):
    printed = {
        measure: {month: str(value) for month, value in croydon[measure].items()} for measure in croydon_2017.EXPECTED
    }

    assert printed == {
        measure: {month: str(cell) for month, cell in cells.items()} for measure, cells in croydon_2017.EXPECTED.items()
    }
    assert sum(len(cells) for cells in printed.values()) == 64


def test_croydons_records_hold_what_must_not_show(croydon):
    assert list(croydon["looked_after_episodes"].values()) == [122, 138, 179, 202, 135, 161, 184, 156]
    assert list(croydon["looked_after_episodes_done"].values()) == [13, 12, 40, 26, 37, 62, 70, 78]
    assert set(croydon["other_authority_episodes"].values()) == {15}
    assert set(croydon["other_authority_children"].values()) == {5}
    assert set(croydon["away_episodes"].values()) == {2}


# ---- which episodes, of which month ----


def test_a_child_counts_once_a_month_and_each_episode_counts(tmp_path):
    column = month(
        tmp_path,
        episodes=[
            "E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00",
            "E2,ANN,missing,2026-03-09T20:00,2026-03-10T02:00",
            "E3,BOB,missing,2026-03-09T20:00",
        ],
    )

    assert (column["children_missing"], column["episodes"]) == (2, 3)


@pytest.mark.parametrize(
    ("last_seen", "march", "april"),
    [
        ("2026-03-01T00:00", 1, 0),
        ("2026-02-28T23:59", 0, 0),
        ("2026-03-31T23:59", 1, 0),
        ("2026-04-01T00:00", 0, 1),
        ("2026-03-31T22:59Z", 1, 0),  # 23:59 in London
        ("2026-03-31T23:00Z", 0, 1),  # midnight in London
        ("2026-04-01T04:30+05:30", 0, 1),
    ],
)
def test_months_begin_at_midnight_in_london(tmp_path, last_seen, march, april):
    rows = [f"E1,ANN,missing,{last_seen}"]

    assert month(tmp_path, "2026-03", episodes=rows)["episodes"] == march
    assert month(tmp_path, "2026-04", episodes=rows)["episodes"] == april


@pytest.mark.parametrize(("month_of", "counted_in"), [("last_seen", 1), ("reported", 2), ("returned", 3)])
def test_the_month_is_that_of_the_last_sight_the_report_or_the_return(tmp_path, month_of, counted_in):
    rows = ["E1,ANN,missing,2026-01-31T20:00,2026-03-01T09:00,,2026-02-01T10:00"]
    counting = Counting(our_code=OURS, month_of=month_of)

    counts = [
        month(tmp_path, name, counting=counting, episodes=rows)["episodes"]
        for name in ("2026-01", "2026-02", "2026-03")
    ]

    assert counts == [int(number == counted_in) for number in (1, 2, 3)]


@pytest.mark.parametrize("month_of", ["reported", "returned"])
def test_an_episode_without_the_time_that_decides_its_month_is_in_none(tmp_path, month_of):
    rows = ["E1,ANN,missing,2026-03-05T20:00"]

    assert month(tmp_path, counting=Counting(our_code=OURS, month_of=month_of), episodes=rows)["episodes"] == 0


@pytest.mark.parametrize(
    ("kinds", "episodes", "away"), [({"missing"}, 1, 2), ({"missing", "away"}, 3, 2), ({"away"}, 2, 2)]
)
def test_away_absences_are_counted_apart_and_added_where_the_procedure_says_so(tmp_path, kinds, episodes, away):
    column = month(
        tmp_path,
        counting=Counting(our_code=OURS, include_other_authorities=False, kinds=frozenset(kinds)),
        episodes=[
            "E1,ANN,missing,2026-03-05T20:00",
            "E2,ANN,away,2026-03-06T20:00",
            "E3,BOB,away,2026-03-07T20:00",
            "E4,OLA,away,2026-03-07T20:00",
        ],
    )

    assert (column["episodes"], column["away_episodes"]) == (episodes, away)


@pytest.mark.parametrize(("counting", "children", "episodes", "away"), [(OURS_ONLY, 2, 2, 1), (ALL, 3, 4, 2)])
def test_other_authorities_children_are_in_or_out_and_always_counted_apart(
    tmp_path, counting, children, episodes, away
):
    column = month(
        tmp_path,
        counting=counting,
        episodes=[
            "E1,ANN,missing,2026-03-05T20:00",
            "E2,OUR,missing,2026-03-05T20:00",
            "E3,OLA,missing,2026-03-06T20:00",
            "E4,OLA,missing,2026-03-07T20:00",
            "E5,OLA,away,2026-03-08T20:00",
            "E6,ANN,away,2026-03-08T20:00",
        ],
    )

    assert (column["children_missing"], column["episodes"], column["away_episodes"]) == (children, episodes, away)
    assert (column["other_authority_children"], column["other_authority_episodes"]) == (1, 2)


# ---- looked after ----


@pytest.mark.parametrize(
    ("involvement", "looked_after"),
    [
        ("ANN,looked_after,2026-03-05", 1),
        ("ANN,looked_after,2026-03-06", 0),
        ("ANN,looked_after,2025-01-01,2026-03-05", 1),
        ("ANN,looked_after,2025-01-01,2026-03-04", 0),
        ("ANN,child_protection,2025-01-01", 0),
        ("BOB,looked_after,2025-01-01", 0),
    ],
)
def test_looked_after_is_a_matter_of_the_day_on_which_the_child_went_missing(tmp_path, involvement, looked_after):
    column = month(tmp_path, episodes=ONE_EPISODE, involvements=[involvement])

    assert column["looked_after_episodes"] == looked_after


def test_overlapping_care_counts_an_episode_once(tmp_path):
    care = ["ANN,looked_after,2025-01-01", "ANN,looked_after,2026-01-01,2026-12-31"]

    assert month(tmp_path, episodes=ONE_EPISODE, involvements=care)["looked_after_episodes"] == 1


def test_the_looked_after_rows_are_our_own_children_only(tmp_path):
    column = month(
        tmp_path,
        counting=ALL,
        episodes=[
            "E1,ANN,missing,2026-03-05T20:00",
            "E2,ANN,missing,2026-03-07T20:00",
            "E3,OLA,missing,2026-03-05T20:00",
        ],
        involvements=["ANN,looked_after,2025-01-01", "OLA,looked_after,2025-01-01"],
        interviews=["I1,ANN,E1,,,,,completed", "I2,OLA,E3,,,,,completed"],
    )

    assert (column["looked_after_episodes"], column["looked_after_episodes_done"]) == (2, 1)
    assert column["looked_after_done_rate"] == Decimal("50.00")


# ---- offered, accepted, declined, done ----


@pytest.mark.parametrize(
    ("interview", "offered"),
    [
        ("I1,ANN,E1,2026-03-06T10:00,child", 1),
        ("I1,ANN,E1,2026-03-06T10:00,parent", 1),
        ("I1,ANN,E1,2026-04-02T10:00,both", 1),  # the month after: still of March's episodes
        ("I1,ANN,E1,2026-03-06T10:00", 0),
        ("I1,ANN,E1,,child", 0),
    ],
)
def test_offered_is_an_offer_with_its_time_and_whom_it_was_made_to(tmp_path, interview, offered):
    column = month(tmp_path, episodes=ONE_EPISODE, interviews=[interview])

    assert (column["episodes_offered"], column["children_offered"]) == (offered, offered)


def test_two_half_offers_do_not_make_one(tmp_path):
    interviews = ["I1,ANN,E1,2026-03-06T10:00", "I2,ANN,E1,,child"]

    assert month(tmp_path, episodes=ONE_EPISODE, interviews=interviews)["episodes_offered"] == 0


@pytest.mark.parametrize(
    ("offered_to", "response", "accepted", "declined"),
    [
        ("child", "accepted", 1, 0),
        ("both", "accepted", 1, 0),
        ("parent", "accepted", 0, 0),
        ("", "accepted", 0, 0),
        ("child", "declined_by_child", 0, 1),
        ("", "declined_by_parent", 0, 1),
        ("child", "no_response", 0, 0),
    ],
)
def test_accepted_is_by_the_child_and_declined_by_either(tmp_path, offered_to, response, accepted, declined):
    interviews = [f"I1,ANN,E1,2026-03-06T10:00,{offered_to},{response}"]

    column = month(tmp_path, episodes=ONE_EPISODE, interviews=interviews)

    assert (column["episodes_accepted"], column["episodes_declined"]) == (accepted, declined)


@pytest.mark.parametrize(
    ("interviews", "done"),
    [
        (["I1,ANN,E1,,,,,completed"], 1),
        (["I1,ANN,E1,,,,,covered"], 1),
        (["I1,ANN,E1,,,,,part_completed,interrupted"], 1),
        (["I1,ANN,E1,,,,2026-03-07T10:00"], 1),  # held, not written up
        (["I1,ANN,E1,,,accepted,,accepted_not_held,lapsed"], 0),
        (["I1,ANN,E1,,,,2026-03-07T10:00,no_contact,no_answer"], 0),
        (["I1,ANN,E1,,,,,completed", "I2,ANN,E1,2026-03-20T10:00,child,,,declined,distrust"], 1),
        (["I1,ANN,E1,,,,2026-03-07T10:00", "I2,ANN,E1,,,,,not_offered,no_worker"], 0),
        (["I1,ANN,E1"], 0),
        ([], 0),
    ],
)
def test_done_is_an_outcome_that_says_so_or_an_interview_held_without_any_outcome(tmp_path, interviews, done):
    column = month(tmp_path, episodes=ONE_EPISODE, interviews=interviews)

    assert (column["episodes_done"], column["children_done"]) == (done, done)


def test_one_interview_over_three_episodes_does_three_episodes_and_one_child(tmp_path):
    column = month(
        tmp_path,
        episodes=[
            "E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00",
            "E2,ANN,missing,2026-03-07T20:00,2026-03-08T02:00",
            "E3,ANN,missing,2026-03-09T20:00",
        ],
        interviews=["I1,ANN,E1 E2 E3,2026-03-09T10:00,child,accepted,2026-03-09T12:00,completed"],
    )

    assert (column["episodes_done"], column["children_done"]) == (3, 1)
    assert (column["episodes_offered"], column["children_offered"]) == (3, 1)


# ---- in time ----


@pytest.mark.parametrize(
    ("returned", "held", "in_time"),
    [
        ("2026-03-06T02:00", "2026-03-09T02:00", 1),
        ("2026-03-06T02:00", "2026-03-09T02:00:01", 0),
        ("2026-03-06T02:00", "2026-03-06T01:00", 1),  # before the return
        ("2026-03-28T22:00", "2026-03-31T23:00", 1),  # 72 elapsed hours over the night that loses one
        ("2026-03-28T22:00", "2026-03-31T23:00:01", 0),
        ("2026-03-06", "2026-03-09T00:00", 1),  # known by its date: from 00:00
        ("2026-03-06", "2026-03-09T00:00:01", 0),
    ],
)
def test_in_time_is_held_within_72_elapsed_hours_of_the_return(tmp_path, returned, held, in_time):
    column = month(
        tmp_path,
        episodes=[f"E1,ANN,missing,2026-03-05T20:00,{returned}"],
        interviews=[f"I1,ANN,E1,,,,{held},completed"],
    )

    assert (column["in_time"], column["late"]) == (in_time, 1 - in_time)
    assert column["held_within_72_hours"] == in_time


def test_the_night_that_gains_an_hour_is_72_elapsed_hours_too(tmp_path):
    column = month(
        tmp_path,
        "2025-10",
        episodes=[
            "E1,ANN,missing,2025-10-24T10:00,2025-10-24T12:00",
            "E2,BOB,missing,2025-10-24T10:00,2025-10-24T12:00",
        ],
        interviews=["I1,ANN,E1,,,,2025-10-27T11:00,completed", "I2,BOB,E2,,,,2025-10-27T11:00:01,completed"],
    )

    assert (column["in_time"], column["late"]) == (1, 1)


@pytest.mark.parametrize(
    ("episode", "interview"),
    [
        ("E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00", "I1,ANN,E1,,,,,completed"),
        ("E1,ANN,missing,2026-03-05T20:00", "I1,ANN,E1,,,,2026-03-07T10:00,completed"),
        ("E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00", "I1,ANN,E1,,,,2026-03-07T10:00,declined,ashamed"),
    ],
)
def test_without_a_time_held_or_a_return_and_when_not_done_it_is_neither_in_time_nor_late(tmp_path, episode, interview):
    column = month(tmp_path, episodes=[episode], interviews=[interview])

    assert (column["in_time"], column["late"], column["open_in_time"], column["open_late"]) == (0, 0, 0, 0)


def test_the_earliest_time_held_decides(tmp_path):
    interviews = ["I1,ANN,E1,,,,2026-03-20T10:00,completed", "I2,ANN,E1,,,,2026-03-07T10:00,declined,too_many"]

    assert month(tmp_path, episodes=ONE_EPISODE, interviews=interviews)["in_time"] == 1


def test_72_hours_from_notification_stand_beside_those_from_the_return(tmp_path):
    column = month(
        tmp_path,
        episodes=[
            "E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00,2026-03-08T09:00",
            "E2,BOB,missing,2026-03-05T20:00,2026-03-06T02:00",
            "E3,OUR,missing,2026-03-05T20:00,,2026-03-08T09:00",
            "E4,OUR,missing,2026-03-15T20:00,2026-03-16T02:00,2026-03-16T09:00",
        ],
        interviews=[
            "I1,ANN,E1,,,,2026-03-11T09:00,completed",
            "I2,BOB,E2,,,,2026-03-07T09:00,completed",
            "I3,OUR,E3,,,,2026-03-11T09:00,completed",
            "I4,OUR,E4,,,,2026-03-19T09:00:01,completed",
        ],
    )

    assert (column["held_within_72_hours"], column["held_within_72_hours_of_notification"]) == (1, 2)


@pytest.mark.parametrize(
    ("held", "calendar_days", "working_days"),
    [
        (
            "2026-04-05T23:59:59",
            1,
            1,
        ),  # returned on Thursday 2 April: Good Friday, the weekend and Easter Monday follow
        ("2026-04-06T00:00", 0, 1),
        ("2026-04-09T23:59:59", 0, 1),
        ("2026-04-10T00:00", 0, 0),
        ("2026-04-01T10:00", 1, 1),
    ],
)
def test_three_days_end_with_the_day_calendar_and_working(tmp_path, held, calendar_days, working_days):
    column = month(
        tmp_path,
        "2026-04",
        episodes=["E1,ANN,missing,2026-04-01T20:00,2026-04-02T09:00", "E2,BOB,missing,2026-04-01T20:00"],
        interviews=[f"I1,ANN,E1,,,,{held},completed", f"I2,BOB,E2,,,,{held},completed"],
    )

    assert (column["held_within_3_calendar_days"], column["held_within_3_working_days"]) == (
        calendar_days,
        working_days,
    )


@pytest.mark.parametrize(
    ("interviews", "now", "in_time", "late"),
    [
        ([], datetime(2026, 3, 9, 2, 0, 0, tzinfo=UTC), 1, 0),
        ([], datetime(2026, 3, 9, 2, 0, 1, tzinfo=UTC), 0, 1),
        (["I1,ANN,E1,2026-03-07T10:00,child,accepted"], datetime(2026, 3, 9, 2, 0, 1, tzinfo=UTC), 0, 1),
        (["I1,ANN,E1,,,,2026-03-07T10:00"], datetime(2026, 3, 9, 2, 0, 1, tzinfo=UTC), 0, 0),
        (["I1,ANN,E1,,,,,not_required,died"], datetime(2026, 3, 9, 2, 0, 1, tzinfo=UTC), 0, 0),
    ],
)
def test_open_is_returned_without_an_outcome_or_an_interview_held(tmp_path, interviews, now, in_time, late):
    still_missing = "E2,BOB,missing,2026-03-05T20:00"

    column = month(tmp_path, now=now, episodes=[*ONE_EPISODE, still_missing], interviews=interviews)

    assert (column["open_in_time"], column["open_late"]) == (in_time, late)


# ---- rates ----


def test_rates_are_rounded_half_up_to_two_decimals(tmp_path):
    episodes = [f"E{day},ANN,missing,2026-03-{day:02}T20:00,2026-03-{day:02}T21:00" for day in range(1, 32)]
    episodes.append("E32,BOB,missing,2026-03-01T20:00")

    column = month(tmp_path, episodes=episodes, interviews=["I1,BOB,E32,2026-03-05T10:00,child,,,completed"])

    assert column["episodes_done_rate"] == Decimal("3.13")  # 1 of 32 is 3.125 %
    assert column["offer_rate"] == Decimal("50.00")


def test_a_rate_without_a_denominator_is_none_and_never_nought(tmp_path):
    column = month(tmp_path)

    assert [column[rate] for rate in ("offer_rate", "episodes_done_rate", "looked_after_done_rate")] == [None] * 3
    assert column["episodes"] == 0


# ---- reading the files ----


def test_of_a_key_that_comes_twice_the_last_row_wins(tmp_path):
    column = month(
        tmp_path,
        children=["ANN,Ann,Example,2012-05-01", f"BOB,Bob,Example,2011-06-01,{ANOTHER}", "BOB,Bob,Example,2011-06-01"],
        involvements=["ANN,looked_after,2025-01-01,2025-12-31", "ANN,looked_after,2025-01-01"],
        episodes=[
            "E1,ANN,away,2026-03-05T20:00",
            "E1,ANN,missing,2026-03-05T20:00",
            "E2,BOB,missing,2026-03-05T20:00",
        ],
        interviews=["I1,ANN,E1,,,,,completed", "I1,ANN,E1,,,,,declined,not_needed"],
    )

    assert (column["episodes"], column["looked_after_episodes"], column["episodes_done"]) == (2, 1, 0)


def test_a_rejected_row_leaves_the_good_one_with_its_key(tmp_path):
    rows = ["E1,ANN,missing,2026-03-05T20:00", "E1,ANN,missing,some evening"]

    assert month(tmp_path, episodes=rows)["episodes"] == 1


def test_an_involvement_that_ends_before_it_starts_leaves_the_good_one_with_its_key(tmp_path):
    care = ["ANN,looked_after,2026-03-01", "ANN,looked_after,2026-03-01,2026-02-01"]

    assert month(tmp_path, episodes=ONE_EPISODE, involvements=care)["looked_after_episodes"] == 1


@pytest.mark.parametrize(
    ("returned", "held", "in_time"),
    [
        ("2025-10-26T01:30", "2025-10-29T00:30", 1),  # the clocks showed 01:30 twice: the first is 00:30 UTC
        ("2025-10-26T01:30", "2025-10-29T00:30:01", 0),
        ("2026-03-29T01:30", "2026-04-01T02:30", 1),  # they never showed 01:30: it was 02:30
        ("2026-03-29T01:30", "2026-04-01T02:30:01", 0),
    ],
)
def test_on_the_nights_of_the_clock_changes(tmp_path, returned, held, in_time):
    column = month(
        tmp_path,
        returned[:7],
        episodes=[f"E1,ANN,missing,{returned[:8]}20T20:00,{returned}"],
        interviews=[f"I1,ANN,E1,,,,{held},completed"],
    )

    assert (column["in_time"], column["late"]) == (in_time, 1 - in_time)


@pytest.mark.parametrize(
    ("returned", "precision", "episodes"),
    [
        ("2026-03-05T19:59:59", "", 0),
        ("2026-03-05T20:00", "", 1),
        ("2026-03-05", "date", 1),  # the day is known to fit, the hour is not known
        ("2026-03-05", "", 1),
        ("2026-03-05T00:00", "date", 1),
        ("2026-03-04", "date", 0),
    ],
)
def test_a_return_before_the_last_sight_is_rejected(tmp_path, returned, precision, episodes):
    rows = [f"E1,ANN,missing,2026-03-05T20:00,{returned},,,{precision}"]

    assert month(tmp_path, episodes=rows)["episodes"] == episodes


def test_a_return_marked_as_known_by_its_date_starts_at_midnight(tmp_path):
    column = month(
        tmp_path,
        episodes=["E1,ANN,missing,2026-03-05T20:00,2026-03-06T14:00,,,date"],
        interviews=["I1,ANN,E1,,,,2026-03-09T00:00:01,completed"],
    )

    assert (column["in_time"], column["late"]) == (0, 1)


@pytest.mark.parametrize(
    "episode",
    [
        "E1,NOBODY,missing,2026-03-05T20:00",
        "E1,ANN,lost,2026-03-05T20:00",
        "E1,ANN,,2026-03-05T20:00",
        "E1,ANN,missing,",
        ",ANN,missing,2026-03-05T20:00",
        "E1,ANN,missing,05/03/2026",
        "E1,ANN,missing,2026-03-05T20:00,soon",
        "E1,ANN,missing,2026-03-05T20:00,2026-04-30T12:05:01",
        "E1,ANN,missing,2026-03-05T20:00,,2026-05-01T12:00",
        "E1,ANN,missing,2026-03-05T20:00,2026-03-06T20:00,,,roughly",
    ],
)
def test_an_episode_that_breaks_a_rule_is_skipped_with_what_refers_to_it(tmp_path, episode):
    column = month(
        tmp_path,
        episodes=[episode, "E2,ANN,missing,2026-03-10T20:00"],
        interviews=["I1,ANN,E1 E2,2026-03-11T10:00,child"],
    )

    assert (column["episodes"], column["episodes_offered"]) == (1, 0)


def test_a_time_up_to_five_minutes_ahead_is_taken(tmp_path):
    rows = ["E1,ANN,missing,2026-03-05T20:00,2026-04-30T12:05:00"]

    assert month(tmp_path, episodes=rows)["episodes"] == 1


@pytest.mark.parametrize(
    "child", ["ANN,Ann,Example,", "ANN,,Example,2012-05-01", "ANN,Ann,Example,1 May 2012", ",Ann,Example,2012-05-01"]
)
def test_a_child_that_breaks_a_rule_is_skipped_with_her_episodes(tmp_path, child):
    assert month(tmp_path, children=[child], episodes=ONE_EPISODE)["episodes"] == 0


@pytest.mark.parametrize(
    "involvement",
    [
        "NOBODY,looked_after,2025-01-01",
        "ANN,in care,2025-01-01",
        "ANN,looked_after,",
        "ANN,looked_after,2026-03-05,2026-03-04",
        "ANN,looked_after,2025-01-01,later",
    ],
)
def test_an_involvement_that_breaks_a_rule_is_skipped(tmp_path, involvement):
    assert month(tmp_path, episodes=ONE_EPISODE, involvements=[involvement])["looked_after_episodes"] == 0


@pytest.mark.parametrize(
    "interview",
    [
        "I1,NOBODY,E1,2026-03-06T10:00,child",
        "I1,BOB,E1,2026-03-06T10:00,child",
        "I1,ANN,E1 E9,2026-03-06T10:00,child",
        "I1,ANN,,2026-03-06T10:00,child",
        "I1,ANN,E1,2026-05-06T10:00,child",
        "I1,ANN,E1,2026-03-06T10:00,teacher",
        "I1,ANN,E1,2026-03-06T10:00,child,,,declined,no_answer",  # a reason of another outcome
        "I1,ANN,E1,2026-03-06T10:00,child,,,completed,other",
    ],
)
def test_an_interview_that_breaks_a_rule_is_skipped(tmp_path, interview):
    assert month(tmp_path, episodes=ONE_EPISODE, interviews=[interview])["episodes_offered"] == 0


def test_files_and_optional_columns_may_be_absent_and_the_header_in_any_order(tmp_path):
    (tmp_path / "children.csv").write_bytes(
        b"\xef\xbb\xbflast_name,child_id,date_of_birth,first_name\r\nExample,ANN,2012-05-01,Ann\r\n"
    )
    (tmp_path / "episodes.csv").write_text("last_seen_at,kind,child_id,episode_id\n2026-03-05T20:00,missing,ANN,E1\n")

    table = monthly_table(tmp_path, first="2025-12", last="2026-03", counting=OURS_ONLY, now=NOON_ON_30_APRIL)

    assert table["episodes"] == {"2025-12": 0, "2026-01": 0, "2026-02": 0, "2026-03": 1}
    assert table["open_late"]["2026-03"] == 0


# ---- the random record sets ----


def test_a_seed_gives_the_same_record_set_each_time(tmp_path):
    written = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        write_random_records(tmp_path / name, random.Random(7))
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})

    assert written[0] == written[1]


@pytest.mark.parametrize("start", [(2026, 1), (2025, 8)])  # over the change to summer time and back
def test_twenty_random_record_sets_fill_every_row_of_the_table(tmp_path, start):
    filled = set()
    for seed in range(20):
        (tmp_path / str(seed)).mkdir()
        write_random_records(tmp_path / str(seed), random.Random(seed), start=start)
        table = monthly_table(
            tmp_path / str(seed), first="2025-08", last="2026-05", counting=ALL, now=read_at(start=start)
        )
        filled |= {measure for measure, values in table.items() if any(values.values())}

    assert filled == set(table)
