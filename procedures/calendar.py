"""Working days and core hours in England. Pure: nothing here reads the clock, the network or the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")


class PartOfDay(StrEnum):
    """The parts of a day between which attempts are to vary (Somerset 4.5)."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of a year, substitute days included; from a library's data, never fetched."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def local_date(instant: datetime) -> date:
    """The day on which an instant fell in England."""
    return instant.astimezone(LONDON).date()


def end_of_day(day: date) -> datetime:
    """The last second of a day in England, as an instant in UTC."""
    return datetime.combine(day, time(23, 59, 59), LONDON).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Midnight at the start of a day in England, as an instant in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


@dataclass(frozen=True)
class Calendar:
    """Which days are worked and which hours are core hours, both in local time.

    `closure_days` are days on which the authority closes besides bank holidays.
    """

    core_start: time = time(9)
    core_end: time = time(17)
    closure_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, less England's bank holidays and the authority's own closure days."""
        return day.weekday() < 5 and day not in bank_holidays(day.year) and day not in self.closure_days

    def working_day_after(self, day: date, number: int) -> date:
        """The day that lies `number` working days after `day`, which itself is day 0 whatever day it is."""
        while number > 0:
            day += timedelta(days=1)
            if self.is_working_day(day):
                number -= 1
        return day

    def end_of_working_day(self, start: datetime, *, after: int) -> datetime:
        """The end (23:59:59 local) of the working day that lies `after` working days after the day of `start`."""
        return end_of_day(self.working_day_after(local_date(start), after))

    def is_core_time(self, instant: datetime) -> bool:
        """Whether an instant lies in core hours; the end of core hours does not."""
        local = instant.astimezone(LONDON)
        return self.is_working_day(local.date()) and self.core_start <= local.time() < self.core_end

    def first_core_minute(self, instant: datetime) -> datetime:
        """The instant itself when it lies in core hours, otherwise the moment when core hours next begin."""
        if self.is_core_time(instant):
            return instant
        local = instant.astimezone(LONDON)
        day = local.date()
        if not (self.is_working_day(day) and local.time() < self.core_start):
            day = self.working_day_after(day, 1)
        return datetime.combine(day, self.core_start, LONDON).astimezone(UTC)

    def core_days_after(self, start: datetime, number: int) -> datetime:
        """The same local time as the first core minute at or after `start`, `number` working days later.

        Friday 16:00 and one day gives Monday 16:00; Saturday gives Tuesday 09:00.
        """
        first = self.first_core_minute(start).astimezone(LONDON)
        day = self.working_day_after(first.date(), number)
        return datetime.combine(day, first.time(), LONDON).astimezone(UTC)

    def core_hours_before(self, end: datetime, number: int) -> datetime:
        """The moment from which so many hours of core time are left until `end`, itself in core time.

        Four before Monday 11:00 gives Friday 15:00; four before Sunday, whatever the hour, Friday 13:00.
        """
        left, local = timedelta(hours=number), end.astimezone(LONDON)
        day, until = local.date(), local.time()
        while True:
            if self.is_working_day(day) and until > self.core_start:
                closes = datetime.combine(day, min(until, self.core_end), LONDON).astimezone(UTC)
                opens = datetime.combine(day, self.core_start, LONDON).astimezone(UTC)
                if left <= closes - opens:
                    return closes - left
                left -= closes - opens
            day, until = day - timedelta(days=1), self.core_end

    @staticmethod
    def part_of_day(instant: datetime) -> PartOfDay:
        """Morning until 12:00, afternoon until 17:00, then evening, in local time."""
        hour = instant.astimezone(LONDON).hour
        if hour < 12:
            return PartOfDay.MORNING
        return PartOfDay.AFTERNOON if hour < 17 else PartOfDay.EVENING


ENGLAND = Calendar()
