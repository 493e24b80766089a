"""The life of a job: made, claimed, and finished, or failed and tried again, or given up.

Every step after the first is one conditional update, so of any number of workers one succeeds, and a worker whose
lease was taken over changes nothing. A conditional update needs no lock to be held and means the same on SQLite and
PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Q, QuerySet

from jobs import declared, handover, lease
from jobs.lease import LEASE
from jobs.models import Hold, Job
from staff import audit
from staff.models import User

RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in settings.RETRY_SECONDS)
"""How long after the start of a failed attempt the next one may start."""

ATTEMPTS = len(RETRY_AFTER) + 1
"""After so many a job is given up, and a person has to look at it."""

LONGEST_PAUSE = timedelta(minutes=10)
"""What is put off is tried again after the time that it has been put off for already, at most after this."""

PATIENCE = timedelta(days=1)
"""For so long the other side may be away until what waits for it is given up."""

LET_GO_AT_ONCE = 100
"""So many that wait are let go when the other side answers again; as each of them is answered, so many more."""


NEVER_TRIED = "Sending it was given up, and an administrator has left it at that."


class SettledAlreadyError(ValueError):
    """Somebody has dealt with it meanwhile. The message says so, in words for the person who asked."""


class LeaseLostError(RuntimeError):
    """Somebody else has taken the job over, or it was given up; whatever this worker did for it must not count."""


def enqueue(name: str, *, arguments: Mapping[str, int], due_at: datetime) -> Job:
    """Have the action of that dotted name called as `action(**arguments, now=…)` once it is due.

    Called within the caller's transaction, the job exists if and only if the caller's facts do. Arguments are ids,
    hence whole numbers: no personal data can travel in them (README, invariant 8). Raises UnknownActionError for a
    name that may not run by itself, TypeError for an argument that is not an id.
    """
    if not all(type(value) is int for value in arguments.values()):
        raise TypeError(f"{name} was given an argument that is not an id.")
    declared.action(name)
    return Job.objects.create(name=name, arguments=dict(arguments), due_at=due_at, next_try_at=due_at)


def unfinished() -> QuerySet[Job]:
    return Job.objects.filter(state__in=[Job.State.WAITING, Job.State.CLAIMED])


def claimable(now: datetime) -> QuerySet[Job]:
    """Jobs that are due and that nobody is doing: waiting, or left behind by a worker whose lease has run out.

    None while everything is held (jobs.models.Hold).
    """
    return unfinished().filter(
        ~Exists(Hold.objects.all()),
        Q(state=Job.State.WAITING) | lease.over(now),
        next_try_at__lte=now,
        attempts__lt=ATTEMPTS,
    )


@transaction.atomic(durable=True)
def claim(job_id: int, *, now: datetime) -> Job | None:
    """Take the job for the length of a lease, and count the attempt; None when it is not, or no longer, to be had.

    Committed before the work starts (RuntimeError within another transaction), so that an attempt that kills its
    worker stays counted.
    """
    token = uuid4()
    claimed = (
        claimable(now)
        .filter(pk=job_id)
        .update(state=Job.State.CLAIMED, claimed_by=token, lease_until=now + LEASE, attempts=F("attempts") + 1)
    )
    return Job.objects.get(pk=job_id, claimed_by=token) if claimed else None


def held(job: Job) -> QuerySet[Job]:
    """The job's row, as long as it is still claimed with the token that this copy carries."""
    return Job.objects.filter(pk=job.pk, state=Job.State.CLAIMED, claimed_by=job.claimed_by)


def finish(job: Job, *, now: datetime) -> None:
    """Mark a claimed job as done. Belongs into the transaction of its effects; raises LeaseLostError to undo them."""
    done = {"state": Job.State.DONE, "finished_at": now, "nobody_answered": False}
    if not held(job).update(**done, claimed_by=None, lease_until=None):
        raise LeaseLostError(f"Job {job.pk} is no longer this worker's.")


def fail(job: Job, *, reason: str, now: datetime) -> None:
    """Give a claimed job back, to be tried again later or, after the last attempt, not at all.

    Changes nothing when the lease was lost. `reason` is shown to administrators: no personal data.
    """
    if job.attempts < ATTEMPTS:
        held(job).update(
            state=Job.State.WAITING,
            claimed_by=None,
            lease_until=None,
            next_try_at=now + RETRY_AFTER[job.attempts - 1],
            put_off_since=None,
            nobody_answered=False,
            reason=reason,
        )
    else:
        give_up(held(job), reason=reason, now=now)


def put_off(job: Job, *, alike: bool, reason: str, now: datetime) -> None:
    """Give a claimed job back because what it needs from outside is not to be had: no attempt of it counts.

    It is tried again after growing pauses and, after a day, given up. With `alike`, nobody answered there: jobs of the
    same name wait as long, so that a server that is away is asked by one of them, and go together as soon as it answers
    one (answered). Changes nothing when the lease was lost. `reason` is shown to administrators: no personal data.
    """
    since = job.put_off_since or now
    if now - since >= PATIENCE:
        held(job).update(attempts=F("attempts") - 1)
        give_up(held(job), reason=reason, now=now, nobody_answered=alike)
        return
    again = now + min(max(now - since, RETRY_AFTER[0]), LONGEST_PAUSE)
    returned = held(job).update(
        state=Job.State.WAITING,
        claimed_by=None,
        lease_until=None,
        attempts=F("attempts") - 1,
        next_try_at=again,
        put_off_since=since,
        nobody_answered=alike,
        reason=reason,
    )
    if returned and alike:
        Job.objects.filter(name=job.name, state=Job.State.WAITING, next_try_at__lt=again, due_at__lte=now).update(
            next_try_at=again, nobody_answered=True
        )


@transaction.atomic
def answered(name: str, *, now: datetime) -> int:
    """Let go what waits for the other side that has just answered a job of this name, and say how many it is.

    At once instead of after their pauses, also what was given up meanwhile because it had been away for a day: the
    longest due first, and no more than LET_GO_AT_ONCE, lest a server that has only just come back is overrun. What a
    person has set aside stays so.
    """
    waiting = Q(state=Job.State.WAITING, next_try_at__gt=now) | Q(state=Job.State.DEAD)
    # Never before it is due: a clock may have been set back.
    rows = Job.objects.filter(waiting, name=name, nobody_answered=True, due_at__lte=now).order_by("due_at", "pk")
    # Two workers that hear back at the same moment each take what the other does not.
    rows = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    let_go = list(rows.values_list("pk", flat=True)[:LET_GO_AT_ONCE])
    if not let_go:
        return 0
    return Job.objects.filter(pk__in=let_go).update(
        state=Job.State.WAITING, next_try_at=now, put_off_since=None, nobody_answered=False, finished_at=None
    )


def give_up_abandoned(*, now: datetime) -> int:
    """Give up the jobs whose last attempt ended without a word, and say how many: they kill their workers."""
    abandoned = Job.objects.filter(lease.over(now), state=Job.State.CLAIMED, attempts__gte=ATTEMPTS)
    return give_up(abandoned, reason=f"The worker vanished during the last of {ATTEMPTS} attempts.", now=now)


def give_up(jobs: QuerySet[Job], *, reason: str, now: datetime, nobody_answered: bool = False) -> int:
    dead = {"state": Job.State.DEAD, "reason": reason, "finished_at": now, "nobody_answered": nobody_answered}
    return jobs.update(**dead, claimed_by=None, lease_until=None)


@transaction.atomic
def retry(job: Job, *, by: User, now: datetime) -> None:
    """Have a job that was given up tried again from the start, by a person's word. Raises SettledAlreadyError."""
    settled = _given_up(job).update(
        state=Job.State.WAITING,
        attempts=0,
        # Never before it is due: a clock may have been set back.
        next_try_at=max(now, job.due_at),
        put_off_since=None,
        nobody_answered=False,
        finished_at=None,
    )
    _settled(job, settled)
    audit.record(audit.Type.JOB_TRIED_AGAIN, subject=job, by=by, at=now, detail={"name": job.name})


@transaction.atomic
def set_aside(job: Job, *, by: User, now: datetime) -> None:
    """Leave a job that was given up at that, by a person's word. Raises SettledAlreadyError.

    What it was to hand over has failed then: else it would wait for nobody, and nobody would see it.
    """
    _settled(job, _given_up(job).update(state=Job.State.SET_ASIDE, finished_at=now, nobody_answered=False))
    handover.never_tried(job, reason=NEVER_TRIED)
    audit.record(audit.Type.JOB_SET_ASIDE, subject=job, by=by, at=now, detail={"name": job.name})


def _given_up(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=Job.State.DEAD)


def _settled(job: Job, settled: int) -> None:
    if not settled:
        raise SettledAlreadyError(f"Somebody has dealt with job {job.pk} meanwhile.")


def on_hold() -> Hold | None:
    """What keeps all work from being done by itself, if anything does."""
    return Hold.objects.first()


@transaction.atomic
def release(*, by: User, now: datetime) -> None:
    """Let work be done by itself again, by a person's word. Raises SettledAlreadyError."""
    hold = Hold.objects.select_for_update().first()
    if hold is None:
        raise SettledAlreadyError("Somebody has released the work meanwhile.")
    hold.delete()
    detail = {"held since": hold.since.isoformat(), "because": hold.because}
    audit.record(audit.Type.HOLD_RELEASED, by=by, at=now, detail=detail)
