"""Which episodes the reference counts, of which month and of which children."""

from decimal import Decimal

import pytest

from tests.reference.monthly_table import Counting
from tests.reference.small_cases import ALL, ONE_EPISODE, OURS, OURS_ONLY, month

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
def test_away_episodes_are_counted_apart_and_added_where_the_procedure_says_so(tmp_path, kinds, episodes, away):
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
