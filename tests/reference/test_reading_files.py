"""How the reference reads the files: what it takes and what it leaves out."""

import random

import pytest

from tests.reference.monthly_table import NEVER_IN_FILES, RATE_OF_NOTHING, monthly_table
from tests.reference.record_sets import read_at, write_random_records
from tests.reference.small_cases import ALL, ANOTHER, NOON_ON_30_APRIL, ONE_EPISODE, OURS_ONLY, month

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

    assert filled == set(table) - {*NEVER_IN_FILES, RATE_OF_NOTHING}
