"""How long something has waited for people, in days that are worked: a weekend makes nothing old."""

from __future__ import annotations

from datetime import datetime, timedelta

from procedures.calendar import ENGLAND, Calendar, end_of_day, local_date

LONG = 2
"""So many working days are long for a letter: the next step of a chase comes after not many more."""


def working_days(since: datetime, *, now: datetime, calendar: Calendar = ENGLAND) -> int:
    """How many working days have come after the day of an instant, today counted: of Friday's on Monday one."""
    day, today = local_date(since), local_date(now)
    return sum(1 for days in range((today - day).days) if calendar.is_working_day(day + timedelta(days=days + 1)))


def long_since(now: datetime, *, calendar: Calendar = ENGLAND) -> datetime:
    """What has waited since this instant (UTC) or longer has waited for LONG working days."""
    day = local_date(now)
    while calendar.working_day_after(day, LONG) > local_date(now):
        day -= timedelta(days=1)
    return end_of_day(day)
