"""What passes while an outcome stands that was a slip is told once it has been taken back, and nothing else is."""

import pytest

from jobs import work
from jobs.models import Job
from rhi.actions import outcomes_by_hand, slips
from rhi.models import Outcome
from tests.records import london
from tests.rhi.reminders.week import give, leader, person, returned, run

pytestmark = pytest.mark.django_db

SLIP = {"because": "Another child was meant."}


@pytest.fixture
def held(tmp_path):
    """Ann holds a referral whose 72 hours end on Thursday at ten; the day before she has been told of what passed."""
    referral, ann = returned(tmp_path), person("Ann")
    give(referral, ann)
    run("2026-06-10 17:00")
    run("2026-06-11 09:45")
    return referral, ann


def settle(referral, by, at):
    """An outcome closes the referral, by a slip."""
    (covered,) = outcomes_by_hand.covered_episodes(referral)
    outcomes_by_hand.record_outcomes(
        referral,
        settled={covered.pk: outcomes_by_hand.Settled("declined", "not_needed")},
        although=True,
        by=by,
        now=london(at),
    )
    referral.refresh_from_db()
    assert referral.closed_at


def take_back(referral, by, at):
    slips.take_back(referral, kind="outcome", record=Outcome.objects.get().pk, by=by, now=london(at), **SLIP)
    referral.refresh_from_db()
    assert referral.closed_at is None
    work.do(Job.objects.get(name=slips.LOOK_AGAIN, state="waiting").pk, now=london(at))
    assert not Job.objects.filter(name=slips.LOOK_AGAIN).exclude(state="done").exists()


def told(at):
    """Whom a run told of which clocks that have run out, but for the announcements of those to come."""
    return [(row.to.name, row.kind, row.about) for row in run(at).exclude(kind="due")]


BREACH = "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00."
OFFER = "Offer: ran out on Thu 11 June 2026 at 10:30."
LATE = "This could not be told before."


def test_what_ran_out_meanwhile_is_told_once_after_it_is_taken_back(held):
    referral, ann = held
    settle(referral, ann, "2026-06-11 09:50")
    assert told("2026-06-11 10:15") == told("2026-06-11 10:45") == []

    take_back(referral, ann, "2026-06-11 10:50")

    assert told("2026-06-11 11:00") == [("Ann", "breach", f"{BREACH} {OFFER} {LATE}")]
    # Though somebody leads the team since who was told of nothing.
    leader()
    assert told("2026-06-11 11:15") == told("2026-06-11 11:30") == []


def test_what_ran_out_between_two_runs_before_the_outcome_is_told_too(held):
    referral, ann = held
    settle(referral, ann, "2026-06-11 10:10")
    run("2026-06-11 10:15")

    take_back(referral, ann, "2026-06-11 10:20")

    assert told("2026-06-11 10:30") == [("Ann", "breach", f"{BREACH} {LATE}")]


@pytest.mark.parametrize("sent_at", ["2026-06-11 10:20", "2026-06-11 10:14"])
def test_what_was_told_before_is_not_told_again_to_anybody(held, sent_at):
    """Also where the outcome, sent just before a run, was stored just after it."""
    referral, ann = held
    assert [each[:2] for each in told("2026-06-11 10:15")] == [("Ann", "breach")]
    settle(referral, ann, sent_at)
    run("2026-06-11 10:25")
    leader()

    take_back(referral, ann, "2026-06-11 10:28")

    assert told("2026-06-11 10:30") == []


def test_a_second_slip_brings_back_nothing_that_the_first_did(held):
    referral, ann = held
    settle(referral, ann, "2026-06-11 09:50")
    run("2026-06-11 10:45")
    take_back(referral, ann, "2026-06-11 10:50")
    run("2026-06-11 11:00")
    settle(referral, ann, "2026-06-11 11:10")
    run("2026-06-11 11:15")

    take_back(referral, ann, "2026-06-11 11:20")

    assert told("2026-06-11 11:30") == []


def test_what_passed_longer_than_a_week_ago_is_the_past(held):
    referral, ann = held
    settle(referral, ann, "2026-06-11 09:50")
    for day in (11, 18):
        run(f"2026-06-{day} 11:00")

    take_back(referral, ann, "2026-06-18 11:05")

    # Those of Thursday morning are older.
    days = "Interview within 3 working days: ran out on Thu 11 June 2026 at 23:59."
    contact = "Contact: ran out on Mon 15 June 2026 at 23:59."
    assert told("2026-06-18 11:15") == [("Ann", "breach", f"{days} {contact} {LATE}")]
