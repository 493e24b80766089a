"""What the reference counts as offered, done and in time, and its rates."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.reference.small_cases import ONE_EPISODE, month

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
