"""What becomes of the clocks when a child goes missing again before the interview, by the rule of the procedure."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from procedures.clocks import Absence, Clock, Facts, Name, State, Unknown
from procedures.types import MissingAgain
from tests.procedures.referrals import MONDAY, absence, an_episode, clock, london, referral, under

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
def test_an_episode_is_again_from_the_return_until_the_interview(rule, last_seen, again):
    held = referral(held=london("2026-11-24 15:00"), absences=(absence("E2", last_seen, "2026-11-25 08:00"),))

    untouched = clock(Name.SEVENTY_TWO_HOURS, held, under(rule)).starts_at == london("2026-11-23 10:00")

    assert untouched is not again


@pytest.mark.parametrize("rule", [MissingAgain.LATEST, MissingAgain.EXCLUDE])
def test_an_episode_after_another_outcome_is_not_again(rule):
    refused = referral(closed=london("2026-11-24 15:00"), absences=(absence("E2", "2026-11-24 15:00", None),))

    assert clock(Name.SEVENTY_TWO_HOURS, refused, under(rule)).starts_at == london("2026-11-23 10:00")


def test_an_episode_of_the_same_referral_is_again_for_those_before_it():
    joined = Facts((an_episode("2026-11-23 10:00"), an_episode("2026-11-25 08:00", episode="E2")), **AGAIN)
    latest = under(MissingAgain.LATEST)

    assert clock(Name.SEVENTY_TWO_HOURS, joined, latest, episode="E1").starts_at == london("2026-11-25 08:00")
    assert clock(Name.SEVENTY_TWO_HOURS, joined, latest, episode="E2").starts_at == london("2026-11-25 08:00")


@pytest.mark.parametrize("rule", [MissingAgain.LATEST, MissingAgain.EXCLUDE])
def test_an_episode_is_not_again_for_itself_when_only_the_day_of_its_return_is_known(rule):
    seen_in_the_afternoon_of_that_day = (absence("E1", "2026-11-23 15:00", "2026-11-23 00:00"),)
    facts = referral(returned="2026-11-23 00:00", absences=seen_in_the_afternoon_of_that_day)

    assert clock(Name.SEVENTY_TWO_HOURS, facts, under(rule)).starts_at == london("2026-11-23 00:00")


@pytest.mark.parametrize("rule", [MissingAgain.LATEST, MissingAgain.EXCLUDE])
def test_nothing_can_be_called_again_after_a_return_at_an_unknown_time(rule):
    facts = referral(returned=MONDAY, absences=AGAIN["absences"])
    unknown = replace(facts, episodes=(replace(facts.episodes[0], returned=Unknown.TIME),))

    assert clock(Name.SEVENTY_TWO_HOURS, unknown, under(rule)).settled is State.NOT_MEASURABLE


def test_of_two_episodes_seen_last_at_the_same_instant_the_one_still_missing_counts():
    back = absence("E2", "2026-11-24 20:00", "2026-11-25 08:00")
    missing = absence("E3", "2026-11-24 20:00", None)

    for absences in [(back, missing), (missing, back)]:
        seventy_two = clock(Name.SEVENTY_TWO_HOURS, referral(absences=absences), under(MissingAgain.LATEST))
        assert seventy_two.settled is State.NOT_APPLICABLE


def test_of_two_episodes_seen_last_at_the_same_instant_the_newest_return_counts():
    earlier = absence("E3", "2026-11-24 20:00", "2026-11-25 08:00")
    later = absence("E2", "2026-11-24 20:00", "2026-11-25 09:00")

    for absences in [(earlier, later), (later, earlier)]:
        seventy_two = clock(Name.SEVENTY_TWO_HOURS, referral(absences=absences), under(MissingAgain.LATEST))
        assert seventy_two.starts_at == london("2026-11-25 09:00")


def test_an_episode_reported_twice_gives_the_same_deadline_in_whatever_order_it_comes():
    told_once = absence("E2", "2026-11-24 20:00", "2026-11-25 08:00", "2026-11-25 09:00")
    told_again = absence("E3", "2026-11-24 20:00", "2026-11-25 08:00", "2026-11-26 14:00")
    latest = under(MissingAgain.LATEST)

    one_way, the_other = referral(absences=(told_once, told_again)), referral(absences=(told_again, told_once))

    assert clock(Name.OFFER, one_way, latest) == clock(Name.OFFER, the_other, latest)


def test_an_episode_in_the_doubled_hour_is_ordered_by_time_and_not_by_the_wall():
    zone = ZoneInfo("Europe/London")
    returned = datetime(2026, 10, 25, 1, 50, tzinfo=zone)
    seen_half_an_hour_later = datetime(2026, 10, 25, 1, 20, tzinfo=zone, fold=1)
    facts = Facts(
        (replace(an_episode(), returned=returned),),
        (Absence("E2", seen_half_an_hour_later, None, None),),
    )

    assert clock(Name.SEVENTY_TWO_HOURS, facts, under(MissingAgain.LATEST)).settled is State.NOT_APPLICABLE
