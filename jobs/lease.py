"""How long a worker has a job to itself, and when that is over. Clocks of several machines are never quite alike."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

LEASE = timedelta(seconds=settings.LEASE_SECONDS)
"""How long a worker has a job to itself. An action that changes our database takes seconds, handing over a minute."""

SKEW = timedelta(minutes=15)
"""So far apart the clocks of two machines may be. What lies further ahead was written by a clock that was wrong."""


def over(now: datetime, *, of: str = "") -> Q:
    """The condition that a lease has run out, or was given by a clock that was ahead; `of` leads to the job.

    That one would hold the job for as long as the clock was wrong.
    """
    until = f"{of}lease_until"
    return Q(**{f"{until}__lte": now}) | Q(**{f"{until}__gt": now + LEASE + SKEW})
