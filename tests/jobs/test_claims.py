"""Claim, lease, attempts: of any number of workers one does the job, and after three attempts a person looks at it."""

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from jobs import claims, declared
from jobs.models import Hold, Job
from staff.models import AuditEvent
from tests.staff.people import make_person

NOON = datetime(2026, 3, 27, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def enqueue(number=1, *, due_at=NOON):
    return claims.enqueue("tests.jobs.chores.open_team", arguments={"number": number}, due_at=due_at)


def stored(job):
    return Job.objects.get(pk=job.pk)


def test_an_enqueued_job_waits_for_its_time():
    job = stored(enqueue(7))

    assert (job.name, job.arguments) == ("tests.jobs.chores.open_team", {"number": 7})
    assert (job.state, job.due_at, job.next_try_at, job.attempts) == (Job.State.WAITING, NOON, NOON, 0)


def test_a_job_goes_with_the_action_that_wanted_it():
    with transaction.atomic():
        enqueue()
        transaction.set_rollback(True)

    assert Job.objects.count() == 0


def test_what_may_not_run_by_itself_is_not_even_stored():
    with pytest.raises(declared.UnknownActionError):
        claims.enqueue("os.system", arguments={}, due_at=NOON)

    assert Job.objects.count() == 0


@pytest.mark.parametrize("value", ["Ada Example", 1.5, True, None, [1]])
def test_an_argument_that_is_not_an_id_is_refused(value):
    with pytest.raises(TypeError, match=r"tests\.jobs\.chores\.open_team was given an argument that is not an id\."):
        claims.enqueue("tests.jobs.chores.open_team", arguments={"number": value}, due_at=NOON)

    assert Job.objects.count() == 0


def test_a_job_can_be_claimed_from_the_moment_it_is_due():
    job = enqueue()

    assert claims.claim(job.pk, now=NOON - SECOND) is None
    claimed = claims.claim(job.pk, now=NOON)
    assert claimed == job
    assert (claimed.state, claimed.lease_until, claimed.attempts) == (Job.State.CLAIMED, NOON + 5 * MINUTE, 1)
    assert claimed.claimed_by == stored(job).claimed_by


def test_a_claimed_job_is_not_claimed_again_while_its_lease_runs():
    job = enqueue()
    claims.claim(job.pk, now=NOON)

    assert claims.claim(job.pk, now=NOON + 5 * MINUTE - SECOND) is None
    assert stored(job).attempts == 1


def test_a_job_whose_lease_has_run_out_is_taken_over():
    job = enqueue()
    first = claims.claim(job.pk, now=NOON)

    second = claims.claim(job.pk, now=NOON + 5 * MINUTE)
    assert second.claimed_by != first.claimed_by
    assert (second.lease_until, second.attempts) == (NOON + 10 * MINUTE, 2)


def test_a_claim_takes_no_other_job():
    job, other = enqueue(1), enqueue(2)
    claims.claim(job.pk, now=NOON)

    assert (stored(other).state, stored(other).attempts) == (Job.State.WAITING, 0)


def test_a_job_that_does_not_exist_is_not_claimed():
    assert claims.claim(enqueue().pk + 1, now=NOON) is None


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_could_still_be_rolled_back_is_refused():
    job = enqueue()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        claims.claim(job.pk, now=NOON)


def test_a_finished_job_is_done_for_good():
    job = enqueue()
    claims.finish(claims.claim(job.pk, now=NOON), now=NOON + SECOND)

    done = stored(job)
    assert (done.state, done.finished_at) == (Job.State.DONE, NOON + SECOND)
    assert (done.claimed_by, done.lease_until) == (None, None)
    assert claims.claim(job.pk, now=NOON + 60 * MINUTE) is None


def test_who_lost_the_lease_can_neither_finish_nor_fail_the_job():
    job = enqueue()
    first = claims.claim(job.pk, now=NOON)
    second = claims.claim(job.pk, now=NOON + 5 * MINUTE)

    with pytest.raises(claims.LeaseLostError):
        claims.finish(first, now=NOON + 6 * MINUTE)
    claims.fail(first, reason="Too late.", now=NOON + 6 * MINUTE)
    assert (stored(job).state, stored(job).claimed_by, stored(job).reason) == ("claimed", second.claimed_by, "")

    claims.finish(second, now=NOON + 7 * MINUTE)
    with pytest.raises(claims.LeaseLostError):
        claims.finish(first, now=NOON + 8 * MINUTE)
    claims.fail(first, reason="Too late.", now=NOON + 8 * MINUTE)
    assert (stored(job).state, stored(job).finished_at, stored(job).reason) == ("done", NOON + 7 * MINUTE, "")


def test_a_failed_job_is_tried_again_after_a_minute_then_after_ten_and_then_given_up():
    job = enqueue()

    claims.fail(claims.claim(job.pk, now=NOON), reason="No leader.", now=NOON)
    assert (stored(job).state, stored(job).next_try_at, stored(job).reason) == ("waiting", NOON + MINUTE, "No leader.")
    assert claims.claim(job.pk, now=NOON + MINUTE - SECOND) is None

    claims.fail(claims.claim(job.pk, now=NOON + MINUTE), reason="Still none.", now=NOON + MINUTE)
    assert (stored(job).state, stored(job).next_try_at, stored(job).reason) == (
        "waiting",
        NOON + 11 * MINUTE,
        "Still none.",
    )
    assert claims.claim(job.pk, now=NOON + 11 * MINUTE - SECOND) is None

    claims.fail(claims.claim(job.pk, now=NOON + 11 * MINUTE), reason="None at all.", now=NOON + 11 * MINUTE)
    dead = stored(job)
    assert (dead.state, dead.attempts, dead.reason) == ("dead", 3, "None at all.")
    assert (dead.due_at, dead.finished_at) == (NOON, NOON + 11 * MINUTE)
    assert claims.claim(job.pk, now=NOON + timedelta(days=1)) is None


def test_a_job_whose_worker_vanishes_three_times_is_given_up():
    job = enqueue()
    for attempt in range(3):
        assert claims.claim(job.pk, now=NOON + attempt * 5 * MINUTE).attempts == attempt + 1

    assert claims.claim(job.pk, now=NOON + 15 * MINUTE) is None
    assert claims.give_up_abandoned(now=NOON + 15 * MINUTE - SECOND) == 0
    assert claims.give_up_abandoned(now=NOON + 15 * MINUTE) == 1
    dead = stored(job)
    assert (dead.state, dead.reason) == ("dead", "The worker vanished during the last of 3 attempts.")
    assert claims.give_up_abandoned(now=NOON + 16 * MINUTE) == 0


def test_a_job_that_was_taken_over_fewer_times_is_not_given_up():
    job = enqueue()
    claims.claim(job.pk, now=NOON)
    claims.claim(job.pk, now=NOON + 5 * MINUTE)

    assert claims.give_up_abandoned(now=NOON + 60 * MINUTE) == 0
    assert claims.claim(job.pk, now=NOON + 60 * MINUTE).attempts == 3


def test_of_two_hundred_claims_by_five_processes_each_job_has_one_winner(elsewhere):
    jobs = [enqueue(number).pk for number in range(40)]
    together = multiprocessing.Barrier(5)

    def claim_each_at_the_same_moment():
        won = []
        for job in jobs:
            together.wait(30)
            if claims.claim(job, now=NOON):
                won.append(job)
        return won

    won_by_each = elsewhere.race(claim_each_at_the_same_moment, rivals=5)

    assert sorted(job for won in won_by_each for job in won) == jobs
    assert sum(bool(won) for won in won_by_each) > 1  # else they did not race


# By a person's word


def given_up():
    job = enqueue()
    for attempt in (0, 1, 11):
        now = NOON + attempt * MINUTE
        claims.fail(claims.claim(job.pk, now=now), reason="No leader.", now=now)
    return stored(job)


def test_a_job_that_was_given_up_is_tried_again_from_the_start():
    job, person = given_up(), make_person()
    claims.retry(job, by=person, now=NOON + 60 * MINUTE)

    again = stored(job)
    assert (again.state, again.attempts, again.next_try_at) == (Job.State.WAITING, 0, NOON + 60 * MINUTE)
    assert (again.finished_at, again.due_at, again.reason) == (None, NOON, "No leader.")
    line = AuditEvent.objects.get()
    assert (line.type, line.by_id, line.subject) == ("job_tried_again", person.pk, f"jobs.Job:{job.pk}")


def test_a_job_is_not_tried_before_it_was_due_though_the_clock_was_set_back():
    job = given_up()
    claims.retry(job, by=make_person(), now=NOON - MINUTE)

    assert stored(job).next_try_at == NOON


def test_a_job_that_was_given_up_is_set_aside():
    job, person = given_up(), make_person()
    claims.set_aside(job, by=person, now=NOON + 60 * MINUTE)

    assert (stored(job).state, stored(job).reason) == (Job.State.SET_ASIDE, "No leader.")
    assert AuditEvent.objects.get().type == "job_set_aside"
    assert claims.claim(job.pk, now=NOON + 60 * MINUTE) is None


@pytest.mark.parametrize("word", [claims.retry, claims.set_aside])
def test_only_what_was_given_up_waits_for_a_persons_word(word):
    job = enqueue()

    with pytest.raises(claims.SettledAlreadyError):
        word(job, by=make_person(), now=NOON)
    assert stored(job).state == Job.State.WAITING
    assert AuditEvent.objects.count() == 0


def test_while_everything_is_held_nothing_is_claimed():
    job = enqueue()
    Hold.objects.create(pk=1, since=NOON, because="A restore.")

    assert list(claims.claimable(NOON)) == []
    assert claims.claim(job.pk, now=NOON) is None
    claims.release(by=make_person(), now=NOON)
    assert claims.claim(job.pk, now=NOON) == job
    assert AuditEvent.objects.get().type == "hold_released"


def test_what_is_not_held_cannot_be_released():
    with pytest.raises(claims.SettledAlreadyError, match="Somebody has released the work meanwhile"):
        claims.release(by=make_person(), now=NOON)
    assert AuditEvent.objects.count() == 0
