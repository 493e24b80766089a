"""What people are to be told of by itself: what came about when, and over which time a run of the reminders looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rhi.models import NoticeKind

KNOWN_LATE = timedelta(days=7)
"""What came about before the last run, but no longer ago, is told when it becomes known. What is older is the past."""

LONGEST = timedelta(days=21)
"""No silence after which somebody is reminded lasts longer, from its beginning to its end."""


@dataclass(frozen=True)
class Span:
    """From when (exclusive) until when (inclusive) what has come about is told, if no run has noted it yet.

    `since` is the last run. What came about before it, but after `known`, has only become known since.
    """

    since: datetime
    until: datetime
    known: datetime

    @property
    def earliest(self) -> datetime:
        """From when on everything that has come about is noted: whatever this run or a later one could tell."""
        return min(self.since, self.until - KNOWN_LATE)

    def __contains__(self, at: datetime) -> bool:
        """Whether a run looks at what came about then."""
        return self.earliest < at <= self.until

    def tells(self, due: Due) -> bool:
        """Whether something that no run has noted is told."""
        return due.stands and due.at > min(self.since, self.known)


@dataclass(frozen=True)
class Due:
    """Something that came about at an instant, before it is known who holds the referral.

    `worker` (key) stands where it is for somebody else than whoever holds it. `stands` is false of what has been dealt
    with: it is noted and not told. `along` are the keys of all that is told in one with it, its own among them.
    """

    at: datetime
    kind: NoticeKind
    key: str
    about: str
    child: int
    referral: int
    worker: int | None = None
    leaders: bool = True
    stands: bool = True
    along: tuple[str, ...] = ()


def exactly(at: datetime) -> str:
    """An instant as keys hold it: a clock that moves is told of anew, one that stays never twice."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
