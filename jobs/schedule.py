"""When recurring work is due. Pure: nothing here reads the clock or the database.

Times of day are local (Europe/London). On the two nights when the clocks change, a time that does not exist moves on
an hour and one that happens twice is the first (docs/rules.md), so no night is without its run and none has two.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, NamedTuple

from procedures.calendar import LONDON, local_date


class Period(NamedTuple):
    """One period of a recurring job: its name, unique among the periods of that job, and when the job is due (UTC)."""

    name: str
    due_at: datetime


class Recurrence(ABC):
    """How often something is due."""

    longest_gap: ClassVar[timedelta]
    """The longest time between two periods, the autumn night with its extra hour included."""

    @abstractmethod
    def periods(self, since: datetime, until: datetime) -> Iterator[Period]:
        """The periods due after `since`, up to and including `until`, oldest first."""

    def newest(self, now: datetime) -> Period:
        """The last period that has come due by now."""
        *_, period = self.periods(now - self.longest_gap, now)
        return period


@dataclass(frozen=True)
class Hourly(Recurrence):
    """Every elapsed hour, at a minute past: 23 times on the spring day, 25 times on the autumn one. Named in UTC."""

    minute: int = 0

    longest_gap: ClassVar[timedelta] = timedelta(hours=1)

    def __post_init__(self) -> None:
        if not 0 <= self.minute <= 59:
            raise ValueError(f"An hour has the minutes 0 to 59, but {self.minute} was asked for.")

    def periods(self, since: datetime, until: datetime) -> Iterator[Period]:
        due_at = since.astimezone(UTC).replace(minute=self.minute, second=0, microsecond=0)
        while due_at <= until:
            if due_at > since:
                yield Period(f"{due_at:%Y-%m-%dT%H}Z", due_at)
            due_at += timedelta(hours=1)


@dataclass(frozen=True)
class Every(Recurrence):
    """Every so many elapsed minutes, counted from the full hour: `Every(minutes=15)`. Named in UTC."""

    minutes: int

    longest_gap: ClassVar[timedelta] = timedelta(hours=1)

    def __post_init__(self) -> None:
        if not 0 < self.minutes < 60 or 60 % self.minutes:
            raise ValueError(f"An hour has no whole number of times {self.minutes} minutes.")

    def periods(self, since: datetime, until: datetime) -> Iterator[Period]:
        due_at = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while due_at <= until:
            if due_at > since:
                yield Period(f"{due_at:%Y-%m-%dT%H:%M}Z", due_at)
            due_at += timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class OnDays(Recurrence):
    """Once on each of certain days, at a local time of day."""

    at: time

    @abstractmethod
    def days(self, first: date) -> Iterator[date]:
        """The days in question from `first` on, without end."""

    @abstractmethod
    def name(self, day: date) -> str:
        """What the period of that day is called."""

    def periods(self, since: datetime, until: datetime) -> Iterator[Period]:
        for day in self.days(local_date(since)):
            # Without a fold, a doubled time is its first and a missing one counts in winter time: it moves on an hour.
            due_at = datetime.combine(day, self.at, LONDON).astimezone(UTC)
            if due_at > until:
                return
            if due_at > since:
                yield Period(self.name(day), due_at)


@dataclass(frozen=True)
class Daily(OnDays):
    """Once a day: `Daily(time(3))`. Periods are named like 2026-03-29."""

    longest_gap: ClassVar[timedelta] = timedelta(days=1, hours=1)

    def days(self, first: date) -> Iterator[date]:
        while True:
            yield first
            first += timedelta(days=1)

    def name(self, day: date) -> str:
        return day.isoformat()


@dataclass(frozen=True)
class Weekly(OnDays):
    """Once a week: `Weekly(time(7), weekday=calendar.MONDAY)`. Periods are named by ISO week, like 2026-W13."""

    weekday: int

    longest_gap: ClassVar[timedelta] = timedelta(days=7, hours=1)

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"A week has the days 0 (Monday) to 6 (Sunday), but {self.weekday} was asked for.")

    def days(self, first: date) -> Iterator[date]:
        first += timedelta(days=(self.weekday - first.weekday()) % 7)
        while True:
            yield first
            first += timedelta(days=7)

    def name(self, day: date) -> str:
        return f"{day:%G-W%V}"


@dataclass(frozen=True)
class Monthly(OnDays):
    """Once a month, on a day that every month has: `Monthly(time(7), day=1)`. Periods are named like 2026-03."""

    day: int

    longest_gap: ClassVar[timedelta] = timedelta(days=31, hours=1)

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 28:
            raise ValueError(f"Every month has the days 1 to 28, but {self.day} was asked for.")

    def days(self, first: date) -> Iterator[date]:
        month = first.replace(day=1)
        while True:
            yield month.replace(day=self.day)
            month = (month + timedelta(days=31)).replace(day=1)

    def name(self, day: date) -> str:
        return f"{day:%Y-%m}"


@dataclass(frozen=True)
class Recurring:
    """That an action is to be called once every so often: `action(period="2026-03-29", now=…)`.

    A module of settings.JOB_MODULES declares its own in a tuple named SCHEDULE.
    """

    action: Callable[..., object]
    every: Recurrence

    @property
    def name(self) -> str:
        """The dotted name of the action, as its jobs carry it."""
        return f"{self.action.__module__}.{self.action.__qualname__}"
