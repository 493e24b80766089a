"""The sweep: what a scheduler does every minute. Several at once do nothing twice, and a missed one loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Min

from jobs import claims, declared
from jobs.models import Job, Run, Sweep
from jobs.schedule import Period, Recurring

ON_TIME = timedelta(minutes=5)
"""A run made within this time of being due counts as on time; sweeps come every minute."""

RUNS_AT_ONCE = 100
"""So many missed periods of one recurring job are made in a sweep, the rest in the next ones: no sweep grows without
bound after a long outage, and none is left out."""

JOBS_AT_ONCE = 1_000
"""So many due jobs are handed out in a sweep, the longest due first, so that messages cannot pile up without bound."""


def sweep(*, now: datetime) -> list[int]:
    """Make the runs that have come due, give up jobs that keep killing their workers, and answer the jobs to be done.

    Recorded at its end, so that `last_sweep` stands still when a sweep fails.
    """
    for recurring in declared.schedule():
        make_runs(recurring, now=now)
    claims.give_up_abandoned(now=now)
    due = list(claims.claimable(now).order_by("next_try_at", "pk").values_list("pk", flat=True)[:JOBS_AT_ONCE])
    Sweep.objects.update_or_create(pk=1, defaults={"at": now})
    return due


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
