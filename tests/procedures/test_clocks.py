"""The clocks of a referral on the instants where arithmetic goes wrong, as a table to read.

Times are England's, as a clock on a wall shows them; `again` is the second time round of October's doubled hour.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import procedures
from procedures.calendar import ENGLAND, start_of_day
from procedures.clocks import Absence, Clock, EpisodeFacts, Facts, Moment, Name, State, Unknown, due_at, evaluate
from procedures.spans import CalendarDays, CoreDays, Hours, WorkingDays
from procedures.types import MissingAgain, Procedure, read

SHIPPED = ["surrey", "wokingham", "nottinghamshire", "somerset", "croydon"]
MONDAY = "2026-11-23 10:00"


def london(local: str, *, again: bool = False) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/London"), fold=again).astimezone(UTC)


@cache
def procedure(name: str) -> Procedure:
    return read((Path(procedures.__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def under(rule: MissingAgain) -> Procedure:
    """Somerset, but with another rule on children who go missing again."""
    somerset = procedure("somerset")
    return somerset.model_copy(update={"clocks": somerset.clocks.model_copy(update={"missing_again": rule})})


def an_episode(returned: str = MONDAY, **facts: object) -> EpisodeFacts:
    """An episode of which the service was told at once, unless the facts say otherwise."""
    back = london(returned)
    usual = {"episode": "E1", "last_seen_at": back - timedelta(hours=6), "returned": back, "notified": back}
    return EpisodeFacts(**usual | facts)


def absence(episode: str, last_seen: str, returned: str | None, notified: str | None = None) -> Absence:
    back, told = returned and london(returned), notified and london(notified)
    return Absence(episode, london(last_seen), back, told)


def clock(name: Name, facts: Facts, rules: Procedure | None = None, episode: str | None = None) -> Clock:
    """The one clock of that name (of that episode); of Somerset's procedure when nothing else is said."""
    rules = rules or procedure("somerset")
    found = [
        clock
        for clock in evaluate(facts, rules, rules.calendar)
        if clock.name is name and episode in (None, clock.episode)
    ]
    assert len(found) == 1
    return found[0]


def referral(
    *,
    absences: tuple[Absence, ...] = (),
    in_tray: Moment = None,
    assigned: Moment = None,
    accepted: Moment = None,
    held: Moment = None,
    written_up: Moment = None,
    **episode: object,
) -> Facts:
    """A referral of one episode, of which the rest of the facts are."""
    return Facts(
        episodes=(an_episode(held=held, **episode),),
        absences=absences,
        in_tray=in_tray,
        assigned=assigned,
        accepted=accepted,
        held=held,
        written_up=written_up,
    )


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


# Somerset's own clocks


@pytest.mark.clause("SOM-3.1")
@pytest.mark.parametrize(
    ("notified", "due"),
    [
        ("2026-11-24 09:00", "2026-11-27 09:00"),
        ("2026-03-27 22:00", "2026-03-30 23:00"),
        ("2026-10-23 22:00", "2026-10-26 21:00"),
        ("2026-12-24 17:00", "2026-12-27 17:00"),
    ],
)
def test_an_offer_is_due_seventy_two_hours_after_the_service_was_told_of_the_return(notified, due):
    told_a_day_later = Facts(
        (replace(an_episode(), returned=london(notified) - timedelta(days=1), notified=london(notified)),)
    )

    offer = clock(Name.OFFER, told_a_day_later)

    assert (offer.starts_at, offer.due_at) == (london(notified), london(due))


@pytest.mark.clause("SOM-3.1")
@pytest.mark.parametrize(
    ("offered", "state"),
    [
        ("2026-11-26 10:00:00", State.MET),
        ("2026-11-26 10:00:01", State.MISSED),
    ],
)
def test_an_offer_to_the_child_stops_the_offer_clock(offered, state):
    offer = clock(Name.OFFER, referral(returned=MONDAY, offered_to_child=london(offered)))

    assert (offer.met_at, offer.settled) == (london(offered), state)


def test_an_offer_made_before_the_service_was_told_meets_the_offer_clock():
    offer = clock(Name.OFFER, referral(returned=MONDAY, offered_to_child=london("2026-11-22 18:00")))

    assert (offer.met_at, offer.settled) == (london("2026-11-22 18:00"), State.MET)


@pytest.mark.clause("SOM-3.3")
@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-04-02 10:00", "2026-04-09 23:59:59"),  # Thursday before Easter
        ("2026-12-24 10:00", "2026-12-31 23:59:59"),  # Christmas Eve
        ("2026-05-22 10:00", "2026-05-28 23:59:59"),  # Friday before a bank-holiday Monday
        ("2026-11-23 10:00", "2026-11-26 23:59:59"),
    ],
)
def test_an_accepted_interview_is_due_at_the_end_of_the_third_working_day(accepted, due):
    interview = clock(Name.INTERVIEW, referral(accepted=london(accepted)))

    assert (interview.starts_at, interview.due_at) == (london(accepted), london(due))


@pytest.mark.clause("SOM-3.3")
@pytest.mark.parametrize(("held", "state"), [("2026-04-09 23:59:59", State.MET), ("2026-04-10 00:00:00", State.MISSED)])
def test_an_accepted_interview_stops_when_it_is_held(held, state):
    interview = clock(Name.INTERVIEW, referral(accepted=london("2026-04-02 10:00"), held=london(held)))

    assert (interview.met_at, interview.settled) == (london(held), state)


def test_an_interview_that_nobody_accepted_has_no_deadline():
    assert clock(Name.INTERVIEW, referral()).settled is State.NOT_APPLICABLE


@pytest.mark.clause("SOM-4.2b")
@pytest.mark.parametrize(
    ("in_tray", "due"),
    [
        ("2026-11-20 16:00", "2026-11-23 16:00"),  # Friday to Monday
        ("2026-11-20 17:00", "2026-11-24 09:00"),  # Friday, when the office has closed, counts from Monday morning
        ("2026-11-21 11:00", "2026-11-24 09:00"),  # Saturday to Tuesday morning
        ("2026-11-23 08:00", "2026-11-24 09:00"),
        ("2026-04-02 16:00", "2026-04-07 16:00"),  # over Easter
        ("2026-05-01 16:00", "2026-05-05 16:00"),  # over a bank-holiday Monday
        ("2026-05-04 12:00", "2026-05-06 09:00"),  # on a bank-holiday Monday
        ("2026-12-24 16:00", "2026-12-29 16:00"),  # over Christmas
        ("2026-03-27 16:00", "2026-03-30 16:00"),  # over the spring night, 71 hours
        ("2026-10-23 16:00", "2026-10-26 16:00"),  # over the autumn night, 73 hours
    ],
)
def test_a_worker_is_due_within_one_core_day_of_the_tray(in_tray, due):
    assert clock(Name.ASSIGN, referral(in_tray=london(in_tray))).due_at == london(due)


@pytest.mark.clause("SOM-4.2b")
@pytest.mark.parametrize(
    ("assigned", "state"), [("2026-11-23 16:00:00", State.MET), ("2026-11-23 16:00:01", State.MISSED)]
)
def test_a_worker_who_holds_the_referral_stops_the_assign_clock(assigned, state):
    assign = clock(Name.ASSIGN, referral(in_tray=london("2026-11-20 16:00"), assigned=london(assigned)))

    assert (assign.met_at, assign.settled) == (london(assigned), state)


@pytest.mark.parametrize(
    ("closed", "state"), [("2026-11-23 16:00:00", State.NOT_APPLICABLE), ("2026-11-23 16:00:01", State.MISSED)]
)
def test_a_closed_referral_needs_no_worker_any_more(closed, state):
    closed_referral = replace(referral(in_tray=london("2026-11-20 16:00")), closed=london(closed))

    assert clock(Name.ASSIGN, closed_referral).settled is state


@pytest.mark.parametrize(
    ("closed", "state"), [("2026-11-26 23:59:59", State.NOT_APPLICABLE), ("2026-11-27 00:00:00", State.MISSED)]
)
def test_an_accepted_interview_is_no_longer_owed_when_the_referral_is_closed(closed, state):
    closed_referral = replace(referral(accepted=london(MONDAY)), closed=london(closed))

    assert clock(Name.INTERVIEW, closed_referral).settled is state


@pytest.mark.parametrize(
    ("notified", "due"),
    [
        ("2026-11-23 10:00", "2026-11-30 23:59:59"),
        ("2026-04-02 10:00", "2026-04-13 23:59:59"),
        ("2026-12-24 17:00", "2027-01-05 23:59:59"),
    ],
)
def test_contact_is_tried_for_five_working_days_after_the_service_was_told(notified, due):
    assert clock(Name.CONTACT, referral(returned=notified)).due_at == london(due)


@pytest.mark.clause("SOM-4.14")
@pytest.mark.parametrize(
    ("held", "due"),
    [
        ("2026-11-23 10:00", "2026-11-25 10:00"),
        ("2026-11-20 16:00", "2026-11-22 16:00"),  # weekends count
        ("2026-03-28 10:00", "2026-03-30 11:00"),  # over the spring night
        ("2026-10-24 10:00", "2026-10-26 09:00"),  # over the autumn night
    ],
)
def test_the_paperwork_is_due_forty_eight_elapsed_hours_after_the_interview(held, due):
    write_up = clock(Name.WRITE_UP, referral(returned=held, held=london(held)))

    assert (write_up.starts_at, write_up.due_at) == (london(held), london(due))


@pytest.mark.clause("SOM-4.14")
@pytest.mark.parametrize(
    ("written_up", "state"), [("2026-11-25 10:00:00", State.MET), ("2026-11-25 10:00:01", State.MISSED)]
)
def test_the_paperwork_stops_its_clock_when_it_is_complete(written_up, state):
    write_up = clock(Name.WRITE_UP, referral(held=london(MONDAY), written_up=london(written_up)))

    assert (write_up.met_at, write_up.settled) == (london(written_up), state)


def test_the_paperwork_is_still_owed_when_the_referral_is_closed():
    closed_the_next_day = replace(referral(held=london(MONDAY)), closed=london("2026-11-24 10:00"))

    write_up = clock(Name.WRITE_UP, closed_the_next_day)

    assert write_up.settled is None
    assert write_up.state(london("2026-11-25 10:00:01")) is State.MISSED


def test_closure_days_and_core_hours_of_the_authority_move_its_deadlines():
    text = (Path(procedures.__file__).parent / "somerset.toml").read_text(encoding="utf-8")
    closing_early = read(text.replace("core_end = 17:00:00", "core_end = 15:30:00\nclosure_days = [2026-11-23]", 1))
    in_tray = referral(returned="2026-11-20 16:00", in_tray=london("2026-11-20 16:00"))

    assert clock(Name.ASSIGN, in_tray, closing_early).due_at == london("2026-11-25 09:00")
    assert clock(Name.THREE_WORKING_DAYS, in_tray, closing_early).due_at == london("2026-11-26 23:59:59")


# Missing again before the interview

AGAIN = {
    "absences": (
        absence("E1", "2026-11-23 04:00", "2026-11-23 10:00", "2026-11-23 10:00"),
        absence("E2", "2026-11-24 20:00", "2026-11-25 08:00", "2026-11-25 09:30"),
    )
}
STILL_AWAY = {"absences": (*AGAIN["absences"], absence("E3", "2026-11-25 22:00", None))}


@pytest.mark.parametrize("facts", [AGAIN, STILL_AWAY], ids=["back", "still away"])
def test_under_first_each_episode_keeps_its_own_return(facts):
    first = under(MissingAgain.FIRST)

    assert clock(Name.SEVENTY_TWO_HOURS, referral(**facts), first).starts_at == london("2026-11-23 10:00")
    assert clock(Name.OFFER, referral(**facts), first).due_at == london("2026-11-26 10:00")


def test_under_latest_the_clocks_start_again_at_the_newest_return():
    latest = under(MissingAgain.LATEST)
    again = referral(**AGAIN)

    assert clock(Name.SEVENTY_TWO_HOURS, again, latest).starts_at == london("2026-11-25 08:00")
    assert clock(Name.SEVENTY_TWO_HOURS, again, latest).due_at == london("2026-11-28 08:00")
    assert clock(Name.THREE_WORKING_DAYS, again, latest).due_at == london("2026-11-30 23:59:59")
    assert clock(Name.OFFER, again, latest).due_at == london("2026-11-28 09:30")
    assert clock(Name.CONTACT, again, latest).due_at == london("2026-12-02 23:59:59")


def test_under_latest_the_clocks_do_not_apply_while_the_child_is_missing():
    away = referral(**STILL_AWAY)

    for name in (Name.SEVENTY_TWO_HOURS, Name.THREE_WORKING_DAYS, Name.OFFER, Name.CONTACT):
        assert clock(name, away, under(MissingAgain.LATEST)) == Clock(name, "E1", settled=State.NOT_APPLICABLE)


def test_under_latest_an_untold_newest_return_has_no_measurable_offer():
    untold = referral(absences=(absence("E2", "2026-11-24 20:00", "2026-11-25 08:00"),))

    assert clock(Name.OFFER, untold, under(MissingAgain.LATEST)).settled is State.NOT_MEASURABLE
    assert clock(Name.SEVENTY_TWO_HOURS, untold, under(MissingAgain.LATEST)).due_at == london("2026-11-28 08:00")


def test_under_latest_the_newest_notification_decides_what_was_late_on_arrival():
    told_late = referral(absences=(absence("E2", "2026-11-24 20:00", "2026-11-25 08:00", "2026-11-28 08:00:01"),))

    assert clock(Name.SEVENTY_TWO_HOURS, told_late, under(MissingAgain.LATEST)).late_on_arrival
    assert not clock(Name.SEVENTY_TWO_HOURS, told_late, under(MissingAgain.FIRST)).late_on_arrival


def test_under_exclude_the_episode_leaves_the_clocks():
    for facts in (AGAIN, STILL_AWAY):
        for name in (Name.SEVENTY_TWO_HOURS, Name.THREE_WORKING_DAYS, Name.OFFER, Name.CONTACT):
            excluded = clock(name, referral(**facts), under(MissingAgain.EXCLUDE))
            assert excluded == Clock(name, "E1", settled=State.NOT_APPLICABLE)


def test_an_excluded_episode_keeps_the_clocks_of_its_referral():
    again = referral(**AGAIN, in_tray=london("2026-11-23 10:00"))

    assert clock(Name.ASSIGN, again, under(MissingAgain.EXCLUDE)).due_at == london("2026-11-24 10:00")


@pytest.mark.parametrize("rule", [MissingAgain.LATEST, MissingAgain.EXCLUDE])
@pytest.mark.parametrize(
    ("last_seen", "again"),
    [
        ("2026-11-23 09:59:59", False),  # before the return: an earlier absence
        ("2026-11-23 10:00:00", True),
        ("2026-11-24 14:59:59", True),
        ("2026-11-24 15:00:00", False),  # when the interview is held
    ],
)
def test_an_absence_is_again_from_the_return_until_the_interview(rule, last_seen, again):
    held = referral(held=london("2026-11-24 15:00"), absences=(absence("E2", last_seen, "2026-11-25 08:00"),))

    untouched = clock(Name.SEVENTY_TWO_HOURS, held, under(rule)).starts_at == london("2026-11-23 10:00")

    assert untouched is not again


@pytest.mark.parametrize("rule", [MissingAgain.LATEST, MissingAgain.EXCLUDE])
def test_an_absence_after_another_outcome_is_not_again(rule):
    refused = referral(closed=london("2026-11-24 15:00"), absences=(absence("E2", "2026-11-24 15:00", None),))

    assert clock(Name.SEVENTY_TWO_HOURS, refused, under(rule)).starts_at == london("2026-11-23 10:00")


def test_an_episode_of_the_same_referral_is_again_for_those_before_it():
    joined = Facts((an_episode("2026-11-23 10:00"), an_episode("2026-11-25 08:00", episode="E2")), **AGAIN)
    latest = under(MissingAgain.LATEST)

    assert clock(Name.SEVENTY_TWO_HOURS, joined, latest, episode="E1").starts_at == london("2026-11-25 08:00")
    assert clock(Name.SEVENTY_TWO_HOURS, joined, latest, episode="E2").starts_at == london("2026-11-25 08:00")


@pytest.mark.parametrize("rule", [MissingAgain.LATEST, MissingAgain.EXCLUDE])
def test_an_absence_is_not_again_for_itself_when_only_the_day_of_its_return_is_known(rule):
    seen_in_the_afternoon_of_that_day = (absence("E1", "2026-11-23 15:00", "2026-11-23 00:00"),)
    facts = referral(returned="2026-11-23 00:00", absences=seen_in_the_afternoon_of_that_day)

    assert clock(Name.SEVENTY_TWO_HOURS, facts, under(rule)).starts_at == london("2026-11-23 00:00")


@pytest.mark.parametrize("rule", [MissingAgain.LATEST, MissingAgain.EXCLUDE])
def test_nothing_can_be_called_again_after_a_return_at_an_unknown_time(rule):
    facts = referral(returned=MONDAY, absences=AGAIN["absences"])
    unknown = replace(facts, episodes=(replace(facts.episodes[0], returned=Unknown.TIME),))

    assert clock(Name.SEVENTY_TWO_HOURS, unknown, under(rule)).settled is State.NOT_MEASURABLE


def test_of_two_absences_seen_last_at_the_same_instant_the_one_still_missing_counts():
    back = absence("E2", "2026-11-24 20:00", "2026-11-25 08:00")
    missing = absence("E3", "2026-11-24 20:00", None)

    for absences in [(back, missing), (missing, back)]:
        seventy_two = clock(Name.SEVENTY_TWO_HOURS, referral(absences=absences), under(MissingAgain.LATEST))
        assert seventy_two.settled is State.NOT_APPLICABLE


def test_of_two_absences_seen_last_at_the_same_instant_the_newest_return_counts():
    earlier = absence("E3", "2026-11-24 20:00", "2026-11-25 08:00")
    later = absence("E2", "2026-11-24 20:00", "2026-11-25 09:00")

    for absences in [(earlier, later), (later, earlier)]:
        seventy_two = clock(Name.SEVENTY_TWO_HOURS, referral(absences=absences), under(MissingAgain.LATEST))
        assert seventy_two.starts_at == london("2026-11-25 09:00")


def test_an_absence_reported_twice_gives_the_same_deadline_in_whatever_order_it_comes():
    told_once = absence("E2", "2026-11-24 20:00", "2026-11-25 08:00", "2026-11-25 09:00")
    told_again = absence("E3", "2026-11-24 20:00", "2026-11-25 08:00", "2026-11-26 14:00")
    latest = under(MissingAgain.LATEST)

    one_way, the_other = referral(absences=(told_once, told_again)), referral(absences=(told_again, told_once))

    assert clock(Name.OFFER, one_way, latest) == clock(Name.OFFER, the_other, latest)


def test_an_absence_in_the_doubled_hour_is_ordered_by_time_and_not_by_the_wall():
    zone = ZoneInfo("Europe/London")
    returned = datetime(2026, 10, 25, 1, 50, tzinfo=zone)
    seen_half_an_hour_later = datetime(2026, 10, 25, 1, 20, tzinfo=zone, fold=1)
    facts = Facts(
        (replace(an_episode(), returned=returned),),
        (Absence("E2", seen_half_an_hour_later, None, None),),
    )

    assert clock(Name.SEVENTY_TWO_HOURS, facts, under(MissingAgain.LATEST)).settled is State.NOT_APPLICABLE
