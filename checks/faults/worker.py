"""Celery's application for the trial: the site's own, with the places at which it can be made to die.

`celery --app checks.faults.worker worker` and `… beat`. FAULTS_CLOCK sets this process's clock off by some seconds.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_ready
from django.utils import timezone

from checks.faults import points
from rhi.celery import app

__all__ = ["app"]

CLOCK, READY = "FAULTS_CLOCK", "FAULTS_READY"


@app.on_after_finalize.connect  # type: ignore[untyped-decorator]  # Celery publishes no types
def prepare(**_: Any) -> None:
    """Put the places in once the tasks are known."""
    points.install("worker", "beat")
    off = timedelta(seconds=float(os.environ.get(CLOCK, "0")))
    if off:
        now = timezone.now  # noqa: TID251 the clock itself is set off here
        timezone.now = lambda: now() + off  # noqa: TID251 as above


@worker_ready.connect  # type: ignore[untyped-decorator]  # as above
def ready(**_: Any) -> None:
    """Tell whoever waits that messages are taken."""
    if path := os.environ.get(READY):
        Path(path).touch()
