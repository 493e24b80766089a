"""What all invented children share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random

from rhi.invention.teams import Teams


@dataclass(frozen=True)
class World:
    """The source of chance, the end of the records, the workers, and the numbers given out.

    Nothing that happened at or after the end is known.
    """

    rng: Random
    ends_at: datetime
    teams: Teams
    child_numbers: Iterator[int] = field(default_factory=lambda: count(1))
    episode_numbers: Iterator[int] = field(default_factory=lambda: count(1))
    interview_numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def known(self, at: datetime | None) -> datetime | None:
        """The moment, unless it lies beyond the end of the records."""
        return at if at and at < self.ends_at else None
