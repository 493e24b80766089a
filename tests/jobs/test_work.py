"""Doing a job: its effects and the mark that it is done are one, whatever happens to the worker."""

import logging
import re
import signal
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from jobs import claims, sweep, work
from jobs.models import Job
from staff.models import Team, User
from tests.jobs import chores

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def enqueue(action, **arguments):
    return claims.enqueue(f"tests.jobs.chores.{action}", arguments=arguments, due_at=NOON)


def teams():
    return sorted(Team.objects.values_list("name", flat=True))


def test_a_job_is_done_with_its_arguments():
    job = work.do(enqueue("open_team", number=7).pk, now=NOON)

    assert (job.state, job.finished_at, job.reason) == (Job.State.DONE, NOON, "")
    assert teams() == ["Team 7"]


def test_doing_a_job_twice_does_it_once():
    job = enqueue("open_team", number=7)

    assert work.do(job.pk, now=NOON) == job
    assert work.do(job.pk, now=NOON) is None
    assert teams() == ["Team 7"]


def test_a_job_that_is_not_due_is_left_alone():
    assert work.do(enqueue("open_team", number=7).pk, now=NOON - MINUTE) is None
    assert teams() == []


@pytest.mark.django_db(transaction=True)
def test_what_takes_long_is_prepared_before_the_transaction_begins():
    job = work.do(enqueue("open_team_looked_for", number=7).pk, now=NOON)

    assert (job.state, job.reason) == (Job.State.DONE, "")
    assert teams() == ["Team 7 of 7"]


def test_a_preparation_that_fails_is_a_failed_attempt():
    job = work.do(enqueue("open_team_looked_for_in_vain", number=7).pk, now=NOON)

    assert teams() == []
    assert (job.state, job.reason) == (Job.State.WAITING, "JobError: Nothing is known of 7.")


def test_what_a_failing_job_had_done_is_undone():
    job = work.do(enqueue("open_team_and_fail", number=7).pk, now=NOON)

    assert teams() == []
    assert (job.state, job.attempts, job.next_try_at) == (Job.State.WAITING, 1, NOON + MINUTE)


def test_the_reason_quotes_no_failure_whose_words_might_be_somebodys(caplog):
    with caplog.at_level(logging.INFO):
        job = work.do(enqueue("open_team_and_fail", number=7).pk, now=NOON)

    assert re.fullmatch(r"ValueError in tests\.jobs\.chores, line \d+", job.reason)
    assert "Ada" not in caplog.text
    assert f"Job {job.pk} (tests.jobs.chores.open_team_and_fail), attempt 1: {job.reason}" in caplog.text


def test_the_reason_of_an_unforeseen_failure_names_the_place_in_our_own_code():
    job = work.do(enqueue("add_a_person_twice").pk, now=NOON)

    assert re.fullmatch(r"IntegrityError in staff\.models, line \d+", job.reason)
    assert User.objects.count() == 0


def test_the_reason_keeps_the_words_of_a_foreseen_failure():
    job = work.do(enqueue("find_nobody", number=7).pk, now=NOON)

    assert job.reason == "JobError: Team 7 has no leader to write to."


def test_after_three_failed_attempts_a_job_is_dead_with_its_reason():
    job = enqueue("find_nobody", number=7)

    states = [work.do(job.pk, now=NOON + after * MINUTE).state for after in (0, 1, 11)]

    assert states == [Job.State.WAITING, Job.State.WAITING, Job.State.DEAD]
    assert Job.objects.get().reason == "JobError: Team 7 has no leader to write to."
    assert work.do(job.pk, now=NOON + 60 * MINUTE) is None


def test_a_job_whose_action_has_gone_fails_visibly(settings):
    job = enqueue("open_team", number=7)
    settings.JOB_MODULES = []

    assert re.fullmatch(r"UnknownActionError in jobs\.declared, line \d+", work.do(job.pk, now=NOON).reason)
    assert teams() == []


def test_what_was_done_on_a_lost_lease_is_undone(caplog):
    job = work.do(enqueue("open_team_and_lose_the_job", number=7).pk, now=NOON)

    assert teams() == []
    assert (job.state, job.attempts, job.reason) == (Job.State.CLAIMED, 1, "")
    assert f"Job {job.pk} (tests.jobs.chores.open_team_and_lose_the_job) was taken over" in caplog.text


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite nobody can take over while a transaction writes")
def test_a_slow_worker_whose_job_was_taken_over_leaves_nothing_behind(elsewhere):
    job = enqueue("open_team_slowly", number=7)
    slow = elsewhere.start(lambda: work.do(job.pk, now=NOON))
    assert chores.opened.wait(30)

    taken_over = claims.claim(job.pk, now=NOON + claims.LEASE)
    Team.objects.create(name="Team 7 by the second worker")
    claims.finish(taken_over, now=NOON + claims.LEASE)
    chores.go_on.set()
    slow.join()

    assert slow.exitcode == 0
    assert teams() == ["Team 7 by the second worker"]
    assert (Job.objects.get().state, Job.objects.get().finished_at) == (Job.State.DONE, NOON + claims.LEASE)


def test_a_job_that_kills_its_worker_three_times_is_given_up_and_has_done_nothing(elsewhere):
    job = enqueue("open_team_and_kill_the_worker", number=7)

    for attempt in range(3):
        worker = elsewhere.start(lambda now=NOON + attempt * claims.LEASE: work.do(job.pk, now=now))
        worker.join()
        assert worker.exitcode == -signal.SIGKILL

    def fourth_attempt_then_sweep():
        now = NOON + 3 * claims.LEASE
        attempted, due = work.do(job.pk, now=now), sweep.sweep(now=now)
        return attempted, due, Job.objects.values_list("state", "reason").get(), teams()

    given_up = ("dead", "The worker vanished during the last of 3 attempts.")
    assert elsewhere.call(fourth_attempt_then_sweep) == (None, [], given_up, [])
