"""Times and clocks in words for people. Pure: instants in, words out, in England's local time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from procedures.calendar import LONDON, local_date
from procedures.clocks import State

SOON = timedelta(hours=24)


def day(on: date, *, today: date) -> str:
    """A day in words: `Mon 23 Nov`, with its year when that is not the year of `today`."""
    return f"{on:%a} {on.day} {on:%b}" + ("" if on.year == today.year else f" {on.year}")


def moment(at: datetime, *, now: datetime) -> str:
    """An instant in words: `Mon 23 Nov, 14:05`; of the hour that comes twice in October, which of the two."""
    local = at.astimezone(LONDON)
    return f"{day(local.date(), today=local_date(now))}, {local:%H:%M}{_which_of_two(local)}"


def _which_of_two(local: datetime) -> str:
    earlier, later = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if earlier == later or local.replace(fold=1).astimezone(UTC) < local.replace(fold=0).astimezone(UTC):
        return ""
    return " (the first time)" if local.fold == 0 else " (the second time)"


def span(length: timedelta) -> str:
    """A length of time in words, rounded down: `2 days 3 hours`, `5 hours`, `12 minutes`."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    if days:
        parts = [_number(days, "day"), _number(hours, "hour") if hours and days < 3 else ""]
    elif hours:
        parts = [_number(hours, "hour"), _number(minutes % 60, "minute") if minutes % 60 and hours < 3 else ""]
    else:
        parts = [_number(max(minutes, 1), "minute")]
    return " ".join(filter(None, parts))


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass(frozen=True)
class Standing:
    """How a clock stands, for people: `tone` gives its colour and shape, `words` say it."""

    tone: str
    words: str


def standing(state: State, *, due_at: datetime | None, met_at: datetime | None, now: datetime) -> Standing:
    """How a clock stands, never by colour alone.

    Tones: `late` (past due and open), `soon` (24 hours left or less), `running`, `met`, `missed` (ended late),
    `none` (nothing to measure).
    """
    if state is State.NOT_APPLICABLE:
        return Standing("none", "Does not apply")
    if state is State.NOT_MEASURABLE or due_at is None:
        return Standing("none", "Cannot be measured: a time is missing")
    if state is State.MET:
        return Standing("met", f"Met {moment(met_at, now=now)}" if met_at else "Met")
    if state is State.RUNNING:
        left = due_at - now
        return Standing("soon" if left <= SOON else "running", f"{span(left)} left")
    if met_at and met_at > due_at:
        return Standing("missed", f"{span(met_at - due_at)} too late")
    if met_at is None and state is State.MISSED:
        return Standing("late", f"{span(now - due_at)} late")
    return Standing("missed", "Missed")
