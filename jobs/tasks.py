"""Celery's entries: a message carries an id at most and may be lost or repeated (README, invariant 6).

Names and keyword arguments are fixed, and unknown ones are let pass: during an upgrade, old messages meet new code.
"""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs import sweep, work


@shared_task(name="jobs.sweep")  # type: ignore[untyped-decorator]  # Celery publishes no types
def hand_out_due_jobs(**_: object) -> None:
    """Beat sends this every SWEEP_SECONDS. What a lost message should have started, the next sweep starts."""
    for job_id in sweep.sweep(now=timezone.now()):
        do_job.delay(job_id=job_id)


@shared_task(name="jobs.work")  # type: ignore[untyped-decorator]  # Celery publishes no types
def do_job(*, job_id: int, **_: object) -> None:
    work.do(job_id, now=timezone.now())
