"""The clocks of a referral on the instants where arithmetic goes wrong, as a table to read.

Times are England's, as a clock on a wall shows them; `again` is the second time round of October's doubled hour.
"""

from dataclasses import replace
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest

from procedures.calendar import ENGLAND, start_of_day
from procedures.clocks import Clock, Facts, Name, State, Unknown, due_at, evaluate
from procedures.spans import CalendarDays, CoreDays, Hours, WorkingDays
from tests.procedures.referrals import MONDAY, an_episode, clock, london, procedure, referral

SHIPPED = ["surrey", "wokingham", "nottinghamshire", "somerset", "croydon"]


# Lengths and units


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-23 10:00", "2026-11-26 10:00"),
        ("2026-03-27 22:00", "2026-03-30 23:00"),  # over the spring night, an hour later by the wall
        ("2026-03-29 00:59", "2026-04-01 01:59"),  # begun in the last minute before it
        ("2026-10-23 22:00", "2026-10-26 21:00"),  # over the autumn night, an hour earlier by the wall
        ("2026-12-24 17:00", "2026-12-27 17:00"),  # holidays count
        ("2026-04-02 10:00", "2026-04-05 10:00"),
        ("2028-02-28 12:00", "2028-03-02 12:00"),  # a leap day lies between
        ("2026-12-30 12:00", "2027-01-02 12:00"),
    ],
)
def test_seventy_two_hours_are_elapsed_hours(start, due):
    assert due_at(london(start), Hours(72), ENGLAND) == london(due)


def test_the_doubled_hour_of_october_holds_two_starts_an_hour_apart():
    first, second = london("2026-10-25 01:30"), london("2026-10-25 01:30", again=True)

    assert second - first == timedelta(hours=1)
    assert due_at(first, Hours(72), ENGLAND) == london("2026-10-28 00:30")
    assert due_at(second, Hours(72), ENGLAND) == london("2026-10-28 01:30")


def test_hours_that_end_in_the_doubled_hour_end_where_their_number_says():
    assert due_at(london("2026-10-22 01:30"), Hours(72), ENGLAND) == london("2026-10-25 01:30")
    assert due_at(london("2026-10-22 02:30"), Hours(72), ENGLAND) == london("2026-10-25 01:30", again=True)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-23 00:00", "2026-11-26 23:59:59"),
        ("2026-11-23 23:59:59", "2026-11-26 23:59:59"),
        ("2026-11-20 18:00", "2026-11-25 23:59:59"),  # over a weekend
        ("2026-11-21 12:00", "2026-11-25 23:59:59"),  # from a Saturday
        ("2026-04-02 09:00", "2026-04-09 23:59:59"),  # over Easter
        ("2026-04-06 12:00", "2026-04-09 23:59:59"),  # from Easter Monday
        ("2026-12-24 17:00", "2026-12-31 23:59:59"),  # over Christmas
        ("2026-12-29 12:00", "2027-01-04 23:59:59"),  # over New Year
        ("2026-05-01 16:00", "2026-05-07 23:59:59"),  # over May Day
        ("2026-05-04 12:00", "2026-05-07 23:59:59"),  # from a bank-holiday Monday
        ("2026-08-28 16:00", "2026-09-03 23:59:59"),
        ("2026-03-26 12:00", "2026-03-31 23:59:59"),  # over the spring night
        ("2026-10-22 12:00", "2026-10-27 23:59:59"),  # over the autumn night
    ],
)
def test_three_working_days_end_with_the_third_day_after_the_start(start, due):
    assert due_at(london(start), WorkingDays(3), ENGLAND) == london(due)


@pytest.mark.parametrize(
    ("start", "number", "due"),
    [
        ("2026-12-24 12:00", 3, "2026-12-27 23:59:59"),
        ("2026-03-28 12:00", 1, "2026-03-29 23:59:59"),
        ("2026-10-24 23:59:59", 1, "2026-10-25 23:59:59"),
        ("2026-07-01 00:30", 1, "2026-07-02 23:59:59"),  # in UTC still the day before
    ],
)
def test_calendar_days_skip_nothing(start, number, due):
    assert due_at(london(start), CalendarDays(number), ENGLAND) == london(due)


def test_three_working_days_never_end_before_seventy_two_hours():
    hour, last = london("2025-01-01 00:00"), london("2027-12-31 23:00")
    while hour < last:
        assert due_at(hour, WorkingDays(3), ENGLAND) >= due_at(hour, Hours(72), ENGLAND), hour
        hour += timedelta(hours=1)


def test_due_times_are_given_in_utc_whatever_zone_the_start_was_written_in():
    start = london(MONDAY).astimezone(ZoneInfo("America/New_York"))

    for limit in (Hours(72), CalendarDays(3), WorkingDays(3), CoreDays(3)):
        assert due_at(start, limit, ENGLAND) == due_at(london(MONDAY), limit, ENGLAND)
        assert due_at(start, limit, ENGLAND).tzinfo is UTC


# Every procedure


@pytest.mark.clause("CARD-09")
@pytest.mark.parametrize("name", SHIPPED)
def test_every_procedure_keeps_seventy_two_hours_and_three_working_days(name):
    easter = referral(returned="2026-04-02 10:00")
    now = london("2026-04-07 12:00")

    hours = clock(Name.SEVENTY_TWO_HOURS, easter, procedure(name))
    days = clock(Name.THREE_WORKING_DAYS, easter, procedure(name))

    assert (hours.starts_at, hours.due_at, hours.state(now)) == (
        london("2026-04-02 10:00"),
        london("2026-04-05 10:00"),
        State.MISSED,
    )
    assert (days.starts_at, days.due_at, days.state(now)) == (
        london("2026-04-02 10:00"),
        london("2026-04-09 23:59:59"),
        State.RUNNING,
    )


@pytest.mark.parametrize("name", ["surrey", "wokingham", "nottinghamshire", "croydon"])
def test_a_procedure_that_sets_no_deadlines_keeps_the_two_of_the_statutory_guidance_alone(name):
    clocks = evaluate(referral(), procedure(name), procedure(name).calendar)

    assert [clock.name for clock in clocks] == [Name.SEVENTY_TWO_HOURS, Name.THREE_WORKING_DAYS]


def test_somerset_keeps_four_clocks_for_each_episode_and_three_for_the_referral():
    two = Facts((an_episode(episode="E1"), an_episode(episode="E2")))

    kept = [(clock.name, clock.episode) for clock in evaluate(two, procedure("somerset"), ENGLAND)]

    assert sorted(kept) == [
        (Name.ASSIGN, ""),
        (Name.CONTACT, "E1"),
        (Name.CONTACT, "E2"),
        (Name.INTERVIEW, ""),
        (Name.OFFER, "E1"),
        (Name.OFFER, "E2"),
        (Name.SEVENTY_TWO_HOURS, "E1"),
        (Name.SEVENTY_TWO_HOURS, "E2"),
        (Name.THREE_WORKING_DAYS, "E1"),
        (Name.THREE_WORKING_DAYS, "E2"),
        (Name.WRITE_UP, ""),
    ]


# Exactly at the limit


@pytest.mark.parametrize(
    ("held", "state"),
    [
        ("2026-11-26 09:59:59", State.MET),
        ("2026-11-26 10:00:00", State.MET),
        ("2026-11-26 10:00:00.000001", State.MISSED),
        ("2026-11-26 10:00:01", State.MISSED),
    ],
)
def test_exactly_at_the_limit_is_in_time_and_a_moment_later_is_not(held, state):
    seventy_two = clock(Name.SEVENTY_TWO_HOURS, referral(returned=MONDAY, held=london(held)))

    assert seventy_two.state(london("2027-01-01 00:00")) is state
    assert seventy_two.met_at == london(held)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-11-26 10:00:00", State.RUNNING),
        ("2026-11-26 10:00:00.000001", State.MISSED),
        ("2026-11-26 10:00:01", State.MISSED),
    ],
)
def test_an_open_clock_runs_until_its_limit_is_over(now, state):
    seventy_two = clock(Name.SEVENTY_TWO_HOURS, referral(returned=MONDAY))

    assert seventy_two.state(london(now)) is state
    assert seventy_two.settled is None


@pytest.mark.parametrize(("held", "state"), [("2026-11-26 23:59:59", State.MET), ("2026-11-27 00:00:00", State.MISSED)])
def test_the_third_working_day_is_in_time_to_its_last_second(held, state):
    three_days = clock(Name.THREE_WORKING_DAYS, referral(returned=MONDAY, held=london(held)))

    assert three_days.settled is state


@pytest.mark.parametrize(
    ("returned", "in_time", "late"),
    [
        ("2026-03-27 22:00", "2026-03-30 23:00:00", "2026-03-30 23:00:01"),
        ("2026-10-23 22:00", "2026-10-26 21:00:00", "2026-10-26 21:00:01"),
    ],
)
def test_an_interview_is_judged_by_elapsed_hours_over_both_clock_changes(returned, in_time, late):
    assert clock(Name.SEVENTY_TWO_HOURS, referral(returned=returned, held=london(in_time))).settled is State.MET
    assert clock(Name.SEVENTY_TWO_HOURS, referral(returned=returned, held=london(late))).settled is State.MISSED


# What is not known


def test_a_return_known_only_by_its_date_starts_at_midnight_in_england():
    of_that_day = Facts((replace(an_episode(), returned=start_of_day(date(2026, 7, 1))),))

    assert clock(Name.SEVENTY_TWO_HOURS, of_that_day).starts_at == london("2026-07-01 00:00")
    assert clock(Name.SEVENTY_TWO_HOURS, of_that_day).due_at == london("2026-07-04 00:00")
    assert clock(Name.THREE_WORKING_DAYS, of_that_day).due_at == london("2026-07-06 23:59:59")


def test_while_a_child_is_missing_no_clock_of_the_return_applies():
    still_missing = Facts((replace(an_episode(), returned=None, notified=None),))

    for name in (Name.SEVENTY_TWO_HOURS, Name.THREE_WORKING_DAYS, Name.OFFER, Name.CONTACT):
        assert clock(name, still_missing) == Clock(name, "E1", settled=State.NOT_APPLICABLE)


def test_being_told_that_a_child_is_missing_starts_no_clock_before_the_return():
    told_of_the_absence = Facts((replace(an_episode(), returned=None),))

    assert clock(Name.OFFER, told_of_the_absence).settled is State.NOT_APPLICABLE


def test_a_return_at_an_unknown_time_cannot_be_measured():
    unknown = Facts((replace(an_episode(), returned=Unknown.TIME, held=london(MONDAY)),))

    assert clock(Name.SEVENTY_TWO_HOURS, unknown) == Clock(Name.SEVENTY_TWO_HOURS, "E1", settled=State.NOT_MEASURABLE)
    assert clock(Name.OFFER, unknown).due_at == london("2026-11-26 10:00")


@pytest.mark.parametrize("notified", [None, Unknown.TIME])
def test_a_return_of_which_nobody_knows_when_the_service_was_told_has_no_measurable_offer(notified):
    untold = Facts((replace(an_episode(), notified=notified),))

    assert clock(Name.OFFER, untold) == Clock(Name.OFFER, "E1", settled=State.NOT_MEASURABLE)
    assert clock(Name.CONTACT, untold) == Clock(Name.CONTACT, "E1", settled=State.NOT_MEASURABLE)
    assert clock(Name.SEVENTY_TWO_HOURS, untold).settled is None


def test_an_interview_at_an_unknown_time_cannot_be_measured_against_its_limit():
    seventy_two = clock(Name.SEVENTY_TWO_HOURS, referral(returned=MONDAY, held=Unknown.TIME))

    assert seventy_two == Clock(
        Name.SEVENTY_TWO_HOURS,
        "E1",
        starts_at=london(MONDAY),
        due_at=london("2026-11-26 10:00"),
        settled=State.NOT_MEASURABLE,
    )


@pytest.mark.parametrize(
    ("notified", "late"),
    [
        ("2026-11-23 10:00", False),
        ("2026-11-26 10:00:00", False),
        ("2026-11-26 10:00:01", True),
        ("2026-11-30 09:00", True),
    ],
)
def test_a_return_told_after_the_clock_ran_out_is_late_on_arrival(notified, late):
    told_late = referral(returned=MONDAY, notified=london(notified))

    assert clock(Name.SEVENTY_TWO_HOURS, told_late).late_on_arrival is late


def test_each_limit_has_its_own_lateness_on_arrival():
    over_easter = referral(returned="2026-04-02 10:00", notified=london("2026-04-08 10:00"))

    assert clock(Name.SEVENTY_TWO_HOURS, over_easter).late_on_arrival
    assert not clock(Name.THREE_WORKING_DAYS, over_easter).late_on_arrival
    assert not clock(Name.OFFER, over_easter).late_on_arrival


# Outcomes without an interview


@pytest.mark.parametrize(
    ("closed", "state"),
    [
        ("2026-11-24 12:00", State.NOT_APPLICABLE),
        ("2026-11-26 10:00:00", State.NOT_APPLICABLE),
        ("2026-11-26 10:00:01", State.MISSED),
    ],
)
def test_an_outcome_without_an_interview_ends_the_clock_or_comes_after_it_was_missed(closed, state):
    refused = clock(Name.SEVENTY_TWO_HOURS, referral(returned=MONDAY, closed=london(closed)))

    assert (refused.due_at, refused.met_at, refused.settled) == (london("2026-11-26 10:00"), None, state)


def test_where_no_interview_was_required_no_clock_applies_however_late_that_was_found():
    not_required = referral(returned=MONDAY, closed=london("2026-12-24 12:00"), required=False, in_tray=london(MONDAY))

    clocks = evaluate(not_required, procedure("somerset"), ENGLAND)

    assert {clock.settled for clock in clocks} == {State.NOT_APPLICABLE}


def test_an_interview_held_although_none_was_required_is_measured():
    held_anyway = referral(returned=MONDAY, held=london("2026-11-24 10:00"), required=False)

    assert clock(Name.SEVENTY_TWO_HOURS, held_anyway).settled is State.MET


def test_the_referrals_clocks_run_while_an_interview_is_required_for_any_of_its_episodes():
    one_of_two = Facts(
        (an_episode(episode="E1", required=False), an_episode(episode="E2")), in_tray=london("2026-11-20 16:00")
    )
    neither = Facts(
        (an_episode(episode="E1", required=False), an_episode(episode="E2", required=False)),
        in_tray=london("2026-11-20 16:00"),
    )

    assert clock(Name.ASSIGN, one_of_two).settled is None
    assert clock(Name.ASSIGN, neither).settled is State.NOT_APPLICABLE
