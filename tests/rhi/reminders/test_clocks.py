"""Clocks: announced before they run out, told of when they have, once each, and not when they are over."""

import pytest
from django.db import transaction

from jobs import sweep, work
from jobs.models import Job, Run
from rhi import deadlines
from rhi.actions import outcomes_by_hand, reminding, slips
from rhi.actions.corrections import correct_episode
from rhi.models import Noted, Notice
from routing.models import Deadline
from tests.records import london
from tests.rhi.reminders.week import coordinator, give, leader, person, returned, run, told, told_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(tmp_path):
    """Ann holds the referral since Monday, and Sam leads her team."""
    referral = returned(tmp_path)
    give(referral, person("Ann"))
    leader()
    return referral


def settle(referral, code="declined", reason="not_needed", *, at):
    (episode,) = outcomes_by_hand.covered_episodes(referral)
    outcomes_by_hand.record_outcomes(
        referral,
        settled={episode.pk: outcomes_by_hand.Settled(code, reason)},
        although=True,
        by=referral.allocations.get(until__isnull=True).worker,
        now=london(at),
    )


@pytest.mark.clause("CARD-11")
def test_worker_and_leader_are_told_before_a_clock_runs_out_and_when_it_has_each_once(held):
    run("2026-06-10 09:45")
    first = run("2026-06-10 10:00")
    again = told("2026-06-10 10:15")
    run("2026-06-11 09:45")
    at_its_end = told_of("2026-06-11 10:00", "breach")
    broken = told_of("2026-06-11 10:15", "breach")
    after = told_of("2026-06-11 10:30", "breach")

    assert [(notice.to.name, notice.about) for notice in first.filter(kind="due")] == [
        (name, "Interview within 72 hours: runs out on Thu 11 June 2026 at 10:00.") for name in ("Ann", "Sam")
    ]
    assert "due" not in [kind for kind, _ in again]
    assert at_its_end == []  # exactly at the limit is met
    assert broken == ["Ann", "Sam"]
    assert after == []


def test_each_notice_leads_to_its_referral_and_names_no_child(held):
    for notice in run("2026-06-10 10:00"):
        assert (notice.referral, notice.child) == (held, held.child)
        assert "Robin" not in notice.about


@pytest.mark.clause("CARD-11")
def test_the_outcome_stops_them(held):
    run("2026-06-10 09:45")
    settle(held, at="2026-06-10 09:50")

    assert told_of("2026-06-10 10:00", "due") == []
    assert [kind for at in ("2026-06-11 10:15", "2026-06-12 00:15") for kind, _ in told(at)] == []


def test_a_clock_that_ends_on_sunday_is_announced_on_friday(tmp_path):
    referral = returned(tmp_path, at="2026-06-11T14:00", told="2026-06-11T14:30")
    give(referral, person("Ann"), at="2026-06-11 14:30")
    run("2026-06-12 12:45")

    notices = run("2026-06-12 13:00").filter(about__contains="72 hours")

    assert [notice.about for notice in notices] == ["Interview within 72 hours: runs out on Sun 14 June 2026 at 14:00."]


def test_a_clock_that_moves_is_told_of_anew_and_one_that_stays_never_twice(held):
    run("2026-06-10 10:00")
    with transaction.atomic():
        held.child.episodes.update(returned_at=london("2026-06-08 10:10"))
        deadlines.refresh([held.pk])

    moved = run("2026-06-10 10:15")
    with transaction.atomic():
        deadlines.refresh([held.pk])

    assert [notice.about for notice in moved.filter(about__contains="72")] == [
        "Interview within 72 hours: runs out on Thu 11 June 2026 at 10:10."
    ] * 2
    assert told_of("2026-06-10 10:20", "due") == []


def test_a_clock_that_began_long_ago_and_still_runs_is_announced_at_once(tmp_path):
    run("2026-06-10 20:00")
    referral = returned(tmp_path, told="2026-06-10T20:10")
    give(referral, person("Ann"), at="2026-06-10 20:10")

    assert "Interview within 72 hours: runs out on Thu 11 June 2026 at 10:00." in [
        notice.about for notice in run("2026-06-10 20:15")
    ]


def open_again(referral):
    referral.child.outcomes.all().delete()
    referral.closed_at = None
    referral.save()
    with transaction.atomic():
        deadlines.refresh([referral.pk])


@pytest.mark.parametrize("given", [True, False], ids=["a worker's", "nobody's"])
def test_opening_an_old_referral_again_fires_nothing_for_the_past(tmp_path, given):
    referral, ann = returned(tmp_path), person("Ann")
    give(referral, ann)
    leader()
    run("2026-06-08 11:00")
    settle(referral, at="2026-06-08 12:00")
    if not given:
        give(referral, None, at="2026-06-08 12:00")
    run("2026-06-12 09:45")  # the 72 hours, the offer and the rest have passed while it was closed
    open_again(referral)
    assert Deadline.objects.filter(settled="", due_at__lt=london("2026-06-12")).count() == 3

    assert told("2026-06-12 10:00") == []


def test_what_ran_out_while_a_slip_stood_is_told_once_that_is_taken_back(held):
    ann = held.allocations.get(until__isnull=True).worker
    outcomes_by_hand.record_held(
        held, held_at=london("2026-06-10 09:00"), method="phone", by=ann, now=london("2026-06-10 09:30")
    )
    run("2026-06-11 09:45")
    run("2026-06-11 10:15")
    slips.take_back(
        held,
        kind=slips.Kind.HELD,
        record=held.interviews.get().pk,
        because="Another child's.",
        by=ann,
        now=london("2026-06-11 11:00"),
    )

    about = [notice.about for notice in run("2026-06-11 11:15").filter(kind="breach", to__name="Ann")]

    assert "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00. This could not be told before." in about
    assert told_of("2026-06-11 11:30", "breach") == []


def test_one_that_is_opened_again_in_time_is_told_of_like_any_other(held):
    run("2026-06-08 11:00")
    settle(held, at="2026-06-08 12:00")
    run("2026-06-09 09:45")
    open_again(held)
    run("2026-06-11 09:45")

    assert told_of("2026-06-11 10:15", "breach") == ["Ann", "Sam"]


# What has run out before anybody here could know


def breaches(at, name="Ann"):
    return [notice.about for notice in run(at).filter(kind="breach", to__name=name)]


def test_what_had_ended_before_the_service_was_told_is_told_once_it_is(tmp_path):
    run("2026-06-11 09:45")
    referral = returned(tmp_path, told="2026-06-11T10:05")  # five minutes after its 72 hours
    give(referral, person("Ann"), at="2026-06-11 10:05")

    assert breaches("2026-06-11 10:15") == [
        "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00, before the service was told of the return."
    ]
    assert breaches("2026-06-11 10:30") == []


@pytest.mark.clause("CARD-11")
def test_a_return_that_a_file_brings_late_is_told_of_once(tmp_path):
    returned(tmp_path, number=1)
    leader()
    run("2026-06-12 21:45")
    # The service was told on Monday, and Friday night's file says so.
    late = returned(tmp_path, number=2, now="2026-06-12 22:00")
    give(late, person("Ann"), at="2026-06-12 22:00")

    first = breaches("2026-06-12 22:15")

    assert first == [
        (
            "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00. "
            "Offer: ran out on Thu 11 June 2026 at 10:30. "
            "Interview within 3 working days: ran out on Thu 11 June 2026 at 23:59. "
            "This could not be told before."
        )
    ]
    assert Notice.objects.filter(kind="breach", to__name="Sam", referral=late).count() == 1
    assert breaches("2026-06-12 22:30") == []
    assert breaches("2026-06-13 22:30") == []


@pytest.mark.clause("CARD-11")
def test_a_clock_that_a_correction_moves_into_the_past_is_told_of_once(held):
    run("2026-06-10 09:45")
    (absence,) = held.child.episodes.all()
    values = {"last_seen_at": london("2026-06-06 08:00"), "returned_at": london("2026-06-07 09:00")}
    correct_episode(absence, values=values, by=held.allocations.last().worker, now=london("2026-06-10 09:50"))

    assert breaches("2026-06-10 10:00") == [
        "Interview within 72 hours: ran out on Wed 10 June 2026 at 09:00. This could not be told before."
    ]
    assert breaches("2026-06-10 10:15") == []


@pytest.mark.parametrize(("now", "heard"), [("2026-06-18 09:45", True), ("2026-06-18 10:15", False)])
def test_what_ran_out_more_than_a_week_ago_is_the_past(tmp_path, now, heard):
    run("2026-06-18 09:30")
    referral = returned(tmp_path, now="2026-06-18 09:40", procedure="croydon")
    give(referral, person("Ann", team="Missing Team"), at="2026-06-18 09:40", team="Missing Team")

    assert ["72 hours" in about for about in breaches(now)] == ([True] if heard else [False])


def test_what_has_been_noted_is_forgotten_after_some_weeks(held):
    run("2026-06-11 10:15")
    assert Noted.objects.filter(key__startswith="breach").exists()

    run("2026-07-08 09:00")
    assert Noted.objects.filter(key__startswith="breach").exists()
    run("2026-07-20 09:00")
    assert not Noted.objects.filter(at__lt=london("2026-06-12 00:00")).exists()


def test_what_was_noted_by_a_clock_that_was_ahead_is_told_when_its_time_comes(held):
    run("2026-06-08 11:00")
    settle(held, at="2026-06-08 12:00")
    run("2026-06-12 12:00")  # the 72 hours are over by this clock, and the referral is closed
    Job.objects.filter(finished_at=london("2026-06-12 12:00")).delete()
    run("2026-06-09 09:45")
    open_again(held)
    run("2026-06-11 09:45")

    assert told_of("2026-06-11 10:15", "breach") == ["Ann", "Sam"]


def test_the_new_holder_is_told_and_the_old_one_not_again(held):
    run("2026-06-10 10:30")
    give(held, person("Ben"), at="2026-06-10 11:00")

    assert told_of("2026-06-10 11:15", "due") == ["Ben", "Ben"]  # within 72 hours, and the offer
    assert "Ann" not in told_of("2026-06-11 10:45", "breach")


@pytest.mark.parametrize("seconds", [0, 59])
def test_at_midnight_a_clock_of_working_days_has_run_out(held, seconds):
    run("2026-06-11 23:45")

    about = [notice.about for notice in run(f"2026-06-12 00:00:{seconds:02}").filter(kind="breach", to__name="Ann")]

    assert about == ["Interview within 3 working days: ran out on Thu 11 June 2026 at 23:59."]


def test_a_clock_over_the_night_of_the_clock_change_ends_by_elapsed_hours(tmp_path):
    referral = returned(tmp_path, at="2026-03-26T22:00", told="2026-03-26T22:00", now="2026-03-26 22:00")
    give(referral, person("Ann"), at="2026-03-26 22:00")
    run("2026-03-29 22:45")

    assert told_of("2026-03-29 23:00", "breach") == []  # 22:00 and 72 hours are 23:00 by summer time

    assert set(told_of("2026-03-29 23:15", "breach")) == {"Ann"}


# Running twice, late, and after an outage


def test_running_twice_at_one_instant_tells_nothing_twice(held):
    assert len(told("2026-06-10 10:00")) > 0
    assert told("2026-06-10 10:00") == []


def test_after_an_outage_a_referral_is_told_of_once_for_each_kind_and_it_says_that_it_is_late(held):
    run("2026-06-10 10:00")

    late = run("2026-06-13 09:00").filter(to__name="Ann", kind="breach")

    assert [notice.about for notice in late] == [
        (
            "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00. "
            "Offer: ran out on Thu 11 June 2026 at 10:30. "
            "Interview within 3 working days: ran out on Thu 11 June 2026 at 23:59. "
            "This comes late."
        )
    ]
    assert told("2026-06-13 09:15") == []


def test_what_is_missed_by_a_few_periods_is_told_when_the_next_one_runs(held):
    run("2026-06-11 09:45")

    assert [notice.about for notice in run("2026-06-11 10:45").filter(to__name="Ann", kind="breach")] == [
        "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00.",
        "Offer: ran out on Thu 11 June 2026 at 10:30.",
    ]


def test_the_first_run_of_all_tells_nothing_older_than_a_day_and_nor_does_the_second(held):
    assert told_of("2026-06-14 12:00", "breach") == []
    assert told_of("2026-06-14 12:15", "breach") == []
    Job.objects.filter(name=reminding.SCHEDULE[0].name).delete()
    Noted.objects.all().delete()
    assert set(told_of("2026-06-12 09:00", "breach")) == {"Ann", "Sam"}


@pytest.mark.parametrize("rows", [1, 5])
def test_many_clocks_cost_as_many_queries_as_one(tmp_path, django_assert_num_queries, rows):
    referrals = [returned(tmp_path, number) for number in range(1, rows + 1)]
    ann = person("Ann")
    for referral in referrals:
        give(referral, ann)
    leader()
    coordinator()

    # versions, last run, who is missing again; clocks passed and to come, unassigned, untried, unwritten (2),
    # unanswered (2), appointments, tasks; what a clock that was ahead had noted, what is noted; holders; of people 6;
    # known notices, new ones (2); what was heard, new notes; episodes, their notices, involvements; what waits for
    # whoever is away; emails that were made ahead; of emails 5, and 8 for each of the two
    with transaction.atomic(), django_assert_num_queries(51):
        reminding.remind(now=london("2026-06-10 10:00"))

    assert Notice.objects.filter(kind="due").count() == 2 * rows


def test_the_job_itself_runs_with_the_sweep_and_catches_a_missed_day_up_once(held):
    start = london("2026-06-10 09:50")
    for job in sweep.sweep(now=start):
        work.do(job, now=start)
    runs = Run.objects.filter(name=reminding.SCHEDULE[0].name)
    assert runs.count() == 1

    a_day_later = london("2026-06-11 10:20")
    for _ in range(2):
        for job in sweep.sweep(now=a_day_later):
            work.do(job, now=a_day_later)
            work.do(job, now=a_day_later)

    assert runs.count() == 1 + 98
    assert not Job.objects.exclude(state=Job.State.DONE).filter(name=reminding.SCHEDULE[0].name).exists()
    breaches = Notice.objects.filter(kind="breach", to__name="Ann")
    assert [notice.about for notice in breaches] == ["Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00."]


def test_before_a_procedure_is_published_there_is_nothing_to_tell():
    assert told("2026-06-10 10:00") == []
