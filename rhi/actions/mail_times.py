"""When somebody may be written to: as they prefer, by the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from procedures.calendar import LONDON, local_date
from rhi.models import Preferences

MORNING = time(8)
"""The local time from which whoever wants one email a day gets it, and when digests go."""

QUIET = time(20), time(7)
"""The quiet hours of whoever has set none, local time: an email wakes nobody who is not on duty."""


def preferences_of(people: Iterable[int]) -> dict[int, Preferences]:
    """How these people (keys) want to be told: one query. Whoever has said nothing is told at once, by day."""
    return {row.user_id: row for row in Preferences.objects.filter(user__in=list(people))}


def is_away(preferred: Preferences, now: datetime) -> bool:
    """Whether somebody is away today."""
    if preferred.away_from is None or preferred.away_until is None:
        return False
    return preferred.away_from <= local_date(now) <= preferred.away_until


def quiet_hours(preferred: Preferences | None) -> tuple[time, time]:
    """Somebody's quiet hours by the clock on the wall: their own, or else the night."""
    if preferred is None or preferred.quiet_from is None or preferred.quiet_until is None:
        return QUIET
    return preferred.quiet_from, preferred.quiet_until


def is_quiet(preferred: Preferences | None, now: datetime) -> bool:
    """Whether it is somebody's quiet time by the clock on the wall; its end is not."""
    begins, ends = quiet_hours(preferred)
    local = now.astimezone(LONDON).time()
    return begins <= local < ends if begins <= ends else local >= begins or local < ends


def goes_at(preferred: Preferences | None, now: datetime) -> datetime:
    """When an email may go, in UTC: now, or when somebody's quiet hours end.

    On the night when an hour comes twice, quiet hours that end within it end with the second; when one is missing,
    they end an hour later by the clock on the wall.
    """
    if not is_quiet(preferred, now):
        return now
    _, until = quiet_hours(preferred)
    days = (local_date(now) + timedelta(days=number) for number in range(2))
    ends = (datetime.combine(day, until, LONDON).replace(fold=fold).astimezone(UTC) for day in days for fold in (0, 1))
    return min(end for end in ends if end > now and not is_quiet(preferred, end))
