"""Times and clocks in words for people. Pure: instants in, words out, in England's local time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from procedures.calendar import LONDON, local_date
from procedures.clocks import State

SOON = timedelta(hours=24)


@lru_cache(maxsize=1000)  # a page says few days many times, and to put one into words takes longer than all the rest
def day(on: date, *, today: date) -> str:
    """A day in words: `Mon 23 Nov`, with its year when that is not the year of `today`."""
    return f"{on:%a} {on.day} {on:%b}" + ("" if on.year == today.year else f" {on.year}")


def moment(at: datetime, *, now: datetime) -> str:
    """An instant in words: `Mon 23 Nov, 14:05`; of the hour that comes twice in October, which of the two."""
    local = at.astimezone(LONDON)
    clock = f"{local.hour:02}:{local.minute:02}"  # ten times as fast as %H:%M, and a page says it dozens of times
    return f"{day(local.date(), today=local_date(now))}, {clock}{_which_of_two(local)}"


def in_full(at: datetime) -> str:
    """An instant in words for what is kept and read in any year: `Mon 23 November 2026 at 14:05`."""
    local = at.astimezone(LONDON)
    return f"{on_day(local.date())} at {local:%H:%M}{_which_of_two(local)}"


def on_day(day: date) -> str:
    """A day in words for what is kept and read in any year: `Mon 23 November 2026`."""
    return f"{day:%a} {day.day} {day:%B %Y}"


def _which_of_two(local: datetime) -> str:
    earlier, later = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if earlier == later or local.replace(fold=1).astimezone(UTC) < local.replace(fold=0).astimezone(UTC):
        return ""
    return " (the first time)" if local.fold == 0 else " (the second time)"


def holder(name: str, *, has_left: bool) -> str:
    """Who holds something, by name; of somebody who has gone it says so: `Robin Hale (has left)`."""
    return f"{name} (has left)" if has_left else name


def interpreter(needed: bool | None, language: str) -> str:
    """That a child is not rung without an interpreter (Somerset 6): `Interpreter needed: Tigrinya`; else empty."""
    if not needed:
        return ""
    return f"Interpreter needed: {language}" if language else "Interpreter needed"


def who_has(recorder: object | None, *, to: object) -> str:
    """The beginning of a sentence about what somebody has recorded, as it is told to a person: `You have`.

    Nobody stands for what came with the records.
    """
    if recorder is None:
        return "A record has"
    return "You have" if recorder == to else f"{recorder} has"


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
    """How a clock stands, for people: `tone` gives its colour and shape, `words` say it.

    While it is open both change by themselves, and `counts_to` is the instant to which it counts: its due time.
    """

    tone: str
    words: str
    counts_to: datetime | None = None


def standing(state: State, *, due_at: datetime | None, met_at: datetime | None, now: datetime) -> Standing:
    """How a clock stands, never by colour alone; static/js/desk/standing.js says the same of an open one.

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
        return Standing("soon" if left <= SOON else "running", f"{span(left)} left", due_at)
    if met_at and met_at > due_at:
        return Standing("missed", f"{span(met_at - due_at)} too late")
    if met_at is None and state is State.MISSED:
        return Standing("late", f"{span(now - due_at)} late", due_at)
    return Standing("missed", "Missed")
