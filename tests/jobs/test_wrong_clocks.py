"""Clocks that are wrong: what one that was ahead has left holds nothing up, and two a little apart do nothing twice."""

from datetime import UTC, datetime, time, timedelta

import pytest

from jobs import claims, handover, lease, sweep, work
from jobs.models import Job, Run, Sweep
from jobs.schedule import Daily, Every, Recurring
from rhi.models import Email
from staff.models import Team
from tests.jobs import chores
from tests.staff.people import make_person

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def enqueue(number=1):
    return claims.enqueue("tests.jobs.chores.open_team", arguments={"number": number}, due_at=NOON)


# Leases


def test_a_lease_that_a_clock_gave_which_was_ahead_is_over_once_it_is_put_right():
    job = enqueue()
    claims.claim(job.pk, now=NOON + DAY)

    assert sweep.sweep(now=NOON) == [job.pk]
    assert work.do(job.pk, now=NOON).state == Job.State.DONE
    assert Team.objects.count() == 1


def test_one_of_a_machine_whose_clock_is_a_little_ahead_holds():
    job = enqueue()
    claims.claim(job.pk, now=NOON + lease.SKEW)

    assert sweep.sweep(now=NOON) == []
    assert claims.claim(job.pk, now=NOON) is None


def test_whoever_vanished_by_a_clock_that_was_ahead_left_behind_what_they_were_sending():
    job = enqueue()
    email = Email.objects.create(
        to=make_person(), kind="notices", key="1", made_at=NOON, job=job, state="sending", sending_since=NOON
    )
    claims.claim(job.pk, now=NOON + DAY)

    sweep.sweep(now=NOON)

    email.refresh_from_db()
    assert (email.state, email.failure) == ("uncertain", handover.DIED)


def test_a_job_that_killed_its_worker_for_the_last_time_by_such_a_clock_is_given_up():
    job = enqueue()
    Job.objects.filter(pk=job.pk).update(attempts=claims.ATTEMPTS - 1)
    claims.claim(job.pk, now=NOON + DAY)

    sweep.sweep(now=NOON)

    assert sweep.dead_count() == 1


# Runs


@pytest.fixture
def often(monkeypatch):
    schedule = (
        Recurring(chores.half_hourly, every=Every(minutes=15)),
        Recurring(chores.daily_at_three, every=Daily(time(3))),
    )
    monkeypatch.setattr(chores, "SCHEDULE", schedule, raising=False)


@pytest.mark.slow
@pytest.mark.parametrize("apart", [7, 14])
def test_two_schedulers_whose_clocks_are_minutes_apart_do_each_period_once(often, apart):
    start = datetime(2026, 3, 27, 2, 30, tzinfo=UTC)
    for minute in range(90):
        now = start + minute * MINUTE
        # Each comes twice in a row now and then.
        for each in (now, now - apart * MINUTE, now - apart * MINUTE):
            for job_id in sweep.sweep(now=each):
                work.do(job_id, now=each)

    names = list(Team.objects.values_list("name", flat=True))
    assert len(names) == len(set(names)) == Job.objects.count() == Run.objects.count()
    assert "daily_at_three 2026-03-27" in names


def test_of_two_sweeps_the_later_is_the_last_unless_its_clock_was_far_ahead():
    sweep.sweep(now=NOON + 7 * MINUTE)
    sweep.sweep(now=NOON)
    assert sweep.last_sweep() == NOON + 7 * MINUTE

    Sweep.objects.update(at=NOON + DAY)
    sweep.sweep(now=NOON)
    assert sweep.last_sweep() == NOON


def test_a_run_that_was_made_ahead_and_ended_in_its_time_stands(often):
    period = datetime(2026, 3, 28, 3, tzinfo=UTC)
    done = {"state": Job.State.DONE, "finished_at": NOON}
    job = Job.objects.create(name="tests.jobs.chores.daily_at_three", due_at=period, next_try_at=period, **done)
    Run.objects.create(name=job.name, period="2026-03-28", job=job, late=False)

    assert sweep.forget_runs_ahead(now=NOON) == 0
