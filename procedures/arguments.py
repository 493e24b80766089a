"""Days and times as people type them on the command line, with an answer in words when they cannot be read. Pure."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime

from procedures.calendar import LONDON


def day(text: str) -> date:
    """A day, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"'{text}' is not a day such as 2026-03-29") from error


def instant(text: str) -> datetime:
    """A time in ISO 8601, in UTC; without an offset it is local, a doubled one the first, a missing one an hour on."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"'{text}' is not a time such as 2026-03-29T22:15") from error
    return (given if given.tzinfo else given.replace(tzinfo=LONDON)).astimezone(UTC)
