"""The clocks that Somerset's procedure adds to everybody's, as a table to read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import procedures
from procedures.clocks import Facts, Name, State
from procedures.types import read
from tests.procedures.referrals import MONDAY, an_episode, clock, london, referral


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
