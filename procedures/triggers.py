"""Which of a procedure's triggers a child has reached who goes missing again and again. Pure.

Counted are absences of the kind missing by the day on which the child was last seen, that day included (Nottinghamshire
7c). What is withdrawn is left out by whoever asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from procedures.types import Trigger


def times(trigger: Trigger, seen: Iterable[date], *, on: date) -> int:
    """How many of these absences, by the day last seen, count for a trigger on a day."""
    if trigger.rolling_days is None:
        return sum((each.year, each.month) == (on.year, on.month) and each <= on for each in seen)
    first = on - timedelta(days=trigger.rolling_days - 1)  # the day itself is one of them
    return sum(first <= each <= on for each in seen)


def reached(triggers: Iterable[Trigger], seen: Collection[date], *, on: date) -> list[Trigger]:
    """The triggers that these absences reach on a day."""
    return [trigger for trigger in triggers if times(trigger, seen, on=on) >= trigger.episodes]
