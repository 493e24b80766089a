"""An outcome ends what anybody need be told, also where it has stopped no clock: the form alone is still owed."""

import pytest
from django.db import transaction

from rhi.actions import contact, digests, outcomes_by_hand
from rhi.models import Attempt
from routing.models import Deadline, Referral
from staff.models import Team
from tests.records import bring, child, episode, interview, london, publish
from tests.rhi.deadlines.books import stored, worked_out
from tests.rhi.reminders.week import coordinator, give, leader, person, returned, run

pytestmark = pytest.mark.django_db


def complete(referral, by):
    """The interview is held on Monday evening without an offer on record, and closes the referral."""
    outcomes_by_hand.record_held(
        referral,
        held_at=london("2026-06-08 18:00"),
        method="face_to_face",
        by=by,
        now=london("2026-06-08 18:30"),
    )
    (covered,) = outcomes_by_hand.covered_episodes(referral)
    outcomes_by_hand.record_outcomes(
        referral,
        settled={covered.pk: outcomes_by_hand.Settled("completed", "")},
        although=False,
        by=by,
        now=london("2026-06-08 18:40"),
    )
    referral.refresh_from_db()
    assert referral.closed_at


@pytest.fixture
def completed(tmp_path):
    referral = returned(tmp_path)
    leader()
    ann = person("Ann")
    give(referral, ann)
    run("2026-06-08 10:45")
    complete(referral, ann)
    return referral


@pytest.mark.clause("CARD-11")
def test_a_completed_interview_stops_them_though_no_offer_is_on_record(completed):
    assert Deadline.objects.get(name="offer").settled == ""

    said = {
        (notice.kind, notice.about.partition(":")[0])
        for day in range(9, 17)
        for hour in ("09:15", "13:15", "17:15")
        for notice in run(f"2026-06-{day:02} {hour}")
    }

    assert said == {
        ("due", "Written up"),
        ("write_up", "The form is still to be written up. It was due on Wed 10 June 2026 at 18"),
    }


def test_what_ran_out_while_it_was_closed_is_not_told_when_it_is_opened_again(completed):
    run("2026-06-11 10:45")
    with transaction.atomic():
        Referral.objects.update(closed_at=None)

    assert [notice.about for notice in run("2026-06-11 11:00").filter(kind="breach")] == []


def test_what_has_ended_is_not_in_the_digests(completed):
    (team,) = Team.objects.filter(allocations__referral=completed).distinct()

    numbers = digests.of_teams(london("2026-06-11 08:00"), restricted=False)

    assert numbers.get(team.pk, {}).get("due_today", 0) == 0


def test_a_form_that_is_due_today_is_in_the_digests_after_the_outcome_too(completed):
    (team,) = Team.objects.filter(allocations__referral=completed).distinct()

    assert digests.of_teams(london("2026-06-10 08:00"), restricted=False)[team.pk]["due_today"] == 1


@pytest.mark.clause("SOM-4.5b")
def test_a_child_who_was_interviewed_has_been_contacted(completed):
    assert Deadline.objects.get(name="contact").met_at == london("2026-06-08 18:00")
    assert stored() == worked_out()


def test_an_interview_that_another_outcome_denies_is_no_contact(tmp_path):
    referral, ann = returned(tmp_path), person("Ann")
    give(referral, ann)
    complete(referral, ann)
    with transaction.atomic():
        referral.child.outcomes.update(code="declined", reason="not_needed")

    (clock,) = [clock for rows in worked_out().values() for name, clock in rows.items() if name[0] == "contact"]

    assert clock[2] is None


def test_the_form_of_a_closed_referral_that_a_record_brought_is_not_announced(tmp_path):
    publish("somerset")
    leader()
    coordinator()
    bring(
        tmp_path,
        now=london("2026-06-08 20:00"),
        children=[child(area="Taunton")],
        episodes=[
            episode(last_seen_at="2026-06-08T00:30", returned_at="2026-06-08T10:00", notified_at="2026-06-08T10:30")
        ],
        interviews=[interview(team="", worker_email="", held_at="2026-06-08T18:00", outcome="completed")],
    )
    assert Referral.objects.get(destination="").closed_at
    assert Deadline.objects.get(name="write_up").settled == ""

    told = [
        (notice.kind, notice.about)
        for at in ("2026-06-09 12:00", "2026-06-10 14:15", "2026-06-10 18:15")
        for notice in run(at)
    ]

    assert [each for each in told if "ritten up" in each[1]] == []


# A booked time


@pytest.fixture
def booked(tmp_path):
    referral, ann = returned(tmp_path), person("Ann")
    give(referral, ann)
    contact.book(
        referral,
        at=london("2026-06-10 15:00"),
        place="Library",
        method="face_to_face",
        by=ann,
        now=london("2026-06-09 09:00"),
    )
    run("2026-06-10 14:45")
    return referral


def log(referral, at):
    contact.log_attempt(
        referral,
        attempted_at=london(at),
        method="home_visit",
        contacted="child",
        result="not_at_address",
        by=referral.allocations.get(until__isnull=True).worker,
        now=london("2026-06-10 15:30"),
    )


@pytest.mark.parametrize(("tried", "asked"), [("2026-06-10 15:10", []), ("2026-06-10 14:50", ["Ann"])])
def test_whoever_logged_that_nobody_was_there_is_not_asked_what_became_of_the_booked_time(booked, tried, asked):
    log(booked, tried)
    run("2026-06-10 16:45")

    assert [notice.to.name for notice in run("2026-06-10 17:00").filter(kind="appointment")] == asked


def test_once_that_is_taken_back_they_are(booked):
    log(booked, "2026-06-10 15:10")
    run("2026-06-10 17:00")
    Attempt.objects.all().delete()

    assert [notice.to.name for notice in run("2026-06-10 17:15").filter(kind="appointment")] == ["Ann"]
