"""The sweep: what a scheduler does every minute. Several at once do nothing twice, and a missed one loses nothing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Min

from jobs import claims, declared, handover
from jobs.lease import SKEW
from jobs.models import Job, Run, Sweep
from jobs.schedule import Period, Recurring

log = logging.getLogger(__name__)

ON_TIME = timedelta(minutes=5)
"""A run made and begun within this time of being due counts as on time; sweeps come every minute."""

RUNS_AT_ONCE = 100
"""So many missed periods of one recurring job are made in a sweep, the rest in the next ones: no sweep grows without
bound after a long outage, and none is left out."""

JOBS_AT_ONCE = 1_000
"""So many due jobs are handed out in a sweep, the longest due first, so that messages cannot pile up without bound."""


def sweep(*, now: datetime) -> list[int]:
    """Make the runs that have come due, give up jobs that keep killing their workers, and answer the jobs to be done.

    What somebody was handing over when they vanished is uncertain from here on. While everything is held, no run is
    made and no job answered; the runs are caught up afterwards. Recorded at its end, so that `last_sweep` stands still
    when a sweep fails; the later of two whose clocks differ a little is kept.
    """
    if claims.on_hold() is None:
        forget_runs_ahead(now=now)
        for recurring in declared.schedule():
            make_runs(recurring, now=now)
    claims.give_up_abandoned(now=now)
    handover.doubt_left_behind(now=now)
    due = list(claims.claimable(now).order_by("next_try_at", "pk").values_list("pk", flat=True)[:JOBS_AT_ONCE])
    if not _is_skewed(last_sweep(), now):
        Sweep.objects.update_or_create(pk=1, defaults={"at": now})
    return due


def forget_runs_ahead(*, now: datetime) -> int:
    """Let runs that were done, or given up, long before their time not count, and say how many: a clock was ahead.

    They are made again when their period comes, or nothing would be done in it. Their jobs stay on record. Clocks of
    two machines are never quite alike, so a run a little ahead stands; one that waits is done once its time has come.
    While the last sweep lies a little ahead, too, another scheduler's clock goes before this one, and what it did it
    did in its time.
    """
    if _is_skewed(last_sweep(), now):
        return 0
    ahead = now + ON_TIME
    over = Job.objects.filter(state__in=[Job.State.DONE, Job.State.DEAD], due_at__gt=ahead, finished_at__gt=ahead)
    # There are hardly ever any: asked of the jobs alone, for joined with all runs it can take seconds a sweep.
    early = list(over.values_list("pk", flat=True))
    if not early:
        return 0
    forgotten, _ = Run.objects.filter(job__in=early).delete()
    if forgotten:
        log.warning("%s runs were ended ahead of their time. They are made again when it comes.", forgotten)
    return forgotten


def _is_skewed(swept: datetime | None, now: datetime) -> bool:
    """Whether the last sweep lies ahead by no more than clocks of two machines may differ."""
    return swept is not None and now < swept <= now + SKEW


def make_runs(recurring: Recurring, *, now: datetime) -> None:
    """Make the runs since the newest one, oldest first: what was missed is caught up once each.

    Without an earlier run, on a fresh installation, only the newest period is made: there is no history to catch up.
    A run ahead of `now`, left by a clock that has since been set back, hides none of the periods before it.
    """
    earlier = Job.objects.filter(name=recurring.name, run__isnull=False, due_at__lte=now).order_by("-due_at").first()
    due = recurring.every.periods(earlier.due_at, now) if earlier else [recurring.every.newest(now)]
    for period in islice(due, RUNS_AT_ONCE):
        make_run(recurring.name, period, now=now)


@transaction.atomic
def make_run(name: str, period: Period, *, now: datetime) -> None:
    """Make the run and its job together, or neither when another scheduler was faster."""
    job = Job.objects.create(
        name=name, arguments={"period": period.name}, due_at=period.due_at, next_try_at=period.due_at
    )
    late = now - period.due_at > ON_TIME
    _, made = Run.objects.get_or_create(name=name, period=period.name, defaults={"job": job, "late": late})
    if not made:
        job.delete()


def mark_late(job: Job, *, now: datetime) -> None:
    """Mark the run of a job that is begun well after its time as late, and log it: whoever begins it, in whatever way.

    A run can be made in time and wait all the same: for a worker, while everything is held, or after a failure.
    """
    if now - job.due_at > ON_TIME and Run.objects.filter(job=job).update(late=True):
        period = job.arguments.get("period")
        log.warning("Job %s (%s, %s) comes late: it was due at %s.", job.pk, job.name, period, job.due_at.isoformat())


def last_sweep() -> datetime | None:
    """When due work was last looked for; None before the first sweep."""
    return Sweep.objects.values_list("at", flat=True).first()


def oldest_due(now: datetime) -> datetime | None:
    """Since when the longest due unfinished job has been due, retries included; None when nothing is due."""
    oldest: datetime | None = claims.unfinished().filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
    return oldest


def dead_count() -> int:
    """How many jobs were given up and wait for a person to look at them."""
    return Job.objects.filter(state=Job.State.DEAD).count()
