"""The life of a job: made, claimed, and finished, or failed and tried again, or given up.

Every step after the first is one conditional update, so of any number of workers one succeeds, and a worker whose
lease was taken over changes nothing. A conditional update needs no lock to be held and means the same on SQLite and
PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q, QuerySet

from jobs import declared
from jobs.models import Job

LEASE = timedelta(minutes=5)
"""How long a worker has a job to itself. An action that changes our database takes seconds."""

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10))
"""How long after the start of a failed attempt the next one may start."""

ATTEMPTS = len(RETRY_AFTER) + 1
"""After so many a job is given up, and a person has to look at it."""


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
    """Jobs that are due and that nobody is doing: waiting, or left behind by a worker whose lease has run out."""
    return unfinished().filter(
        Q(state=Job.State.WAITING) | Q(lease_until__lte=now), next_try_at__lte=now, attempts__lt=ATTEMPTS
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
    if not held(job).update(state=Job.State.DONE, claimed_by=None, lease_until=None, finished_at=now):
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
            reason=reason,
        )
    else:
        give_up(held(job), reason=reason, now=now)


def give_up_abandoned(*, now: datetime) -> int:
    """Give up the jobs whose last attempt ended without a word, and say how many: they kill their workers."""
    abandoned = Job.objects.filter(state=Job.State.CLAIMED, lease_until__lte=now, attempts__gte=ATTEMPTS)
    return give_up(abandoned, reason=f"The worker vanished during the last of {ATTEMPTS} attempts.", now=now)


def give_up(jobs: QuerySet[Job], *, reason: str, now: datetime) -> int:
    return jobs.update(state=Job.State.DEAD, claimed_by=None, lease_until=None, reason=reason, finished_at=now)
