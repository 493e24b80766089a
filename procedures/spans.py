"""How long a deadline is: so many hours, days, working days or core days; and how long before one. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hours:
    """So many elapsed hours."""

    number: int


@dataclass(frozen=True)
class CalendarDays:
    """Until the end of the day that lies so many days after the day of the start."""

    number: int


@dataclass(frozen=True)
class WorkingDays:
    """Until the end of the working day that lies so many working days after the day of the start."""

    number: int


@dataclass(frozen=True)
class CoreDays:
    """Until the same time so many working days after the first core minute at or after the start."""

    number: int


Span = Hours | CalendarDays | WorkingDays | CoreDays
UNITS: dict[str, type[Hours] | type[CalendarDays] | type[WorkingDays] | type[CoreDays]] = {
    "hours": Hours,
    "calendar_days": CalendarDays,
    "working_days": WorkingDays,
    "core_days": CoreDays,
}


def span(value: object) -> object:
    """Read `{ hours = 72 }` and its like. Raises ValueError with what was expected."""
    match value:
        case Hours() | CalendarDays() | WorkingDays() | CoreDays():
            return value
        case dict() if len(value) == 1:
            unit, number = next(iter(value.items()))
            if unit in UNITS and isinstance(number, int) and not isinstance(number, bool) and number > 0:
                return UNITS[unit](number)
    raise ValueError(f"one of {', '.join(UNITS)} with a whole number above 0, such as {{ hours = 72 }}")


@dataclass(frozen=True)
class CoreHours:
    """So many hours of core time."""

    number: int


Lead = Hours | CoreHours
LEADS: dict[str, type[Hours] | type[CoreHours]] = {"hours": Hours, "core_hours": CoreHours}


def lead(value: object) -> object:
    """Read how long before something: `{ core_hours = 4 }` and its like. Raises ValueError with what was expected."""
    match value:
        case Hours() | CoreHours():
            return value
        case dict() if len(value) == 1:
            unit, number = next(iter(value.items()))
            if unit in LEADS and isinstance(number, int) and not isinstance(number, bool) and number > 0:
                return LEADS[unit](number)
    raise ValueError(f"one of {', '.join(LEADS)} with a whole number above 0, such as {{ hours = 24 }}")
