"""What a measure is: a count, what a count leaves over, or a rate; and what figures rest on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Q

from procedures.calendar import Calendar
from procedures.types import Counting
from reporting.measures.reasons import Facts
from reporting.narrowing import NOT_NARROWED, Narrowing


@dataclass(frozen=True)
class Terms:
    """What the figures of some months rest on: the procedure's choices, its calendar, the days, the instant asked.

    The months are those between the local days `first` and `last`; `narrowing` is what the figures are narrowed to.
    """

    counting: Counting
    calendar: Calendar
    first: date
    last: date
    now: datetime
    narrowing: Narrowing = NOT_NARROWED

    @property
    def month_field(self) -> str:
        """The time by which an episode belongs to a month."""
        return f"{self.counting.month_of}_at"


Over = Literal["counted", "looked_after", "other_authorities", "away", "offered_in_month", "held_in_month"]

KINDS = "Episodes"
MONTH_OF = "Month of an episode"
OTHER_AUTHORITIES = "Other authorities’ children"
WORKING_DAYS = "Working days"

#: The lines of the procedure page that change which episodes a measure looks at.
CHANGED_BY: dict[Over, tuple[str, ...]] = {
    "counted": (KINDS, MONTH_OF, OTHER_AUTHORITIES),
    "looked_after": (KINDS, MONTH_OF),
    "other_authorities": (KINDS, MONTH_OF),
    "away": (MONTH_OF, OTHER_AUTHORITIES),
    "offered_in_month": (KINDS, OTHER_AUTHORITIES),
    "held_in_month": (KINDS, OTHER_AUTHORITIES),
}

EVERY = Q()
Reason = Callable[[Facts], str]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What every measure has. `words` define it; `over` says which episodes it looks at.

    These are the counted ones of the children whom the procedure counts, those of our own looked-after children, those
    of other authorities' children, episodes away without authorisation, or, whenever the child was missing, those for
    which an interview was offered, or held, in the month.
    """

    key: str
    name: str
    words: str
    over: Over = "counted"

    @property
    def settings(self) -> tuple[str, ...]:
        """Which settings of the procedure change the figure, by the names of their lines on the procedure page."""
        return CHANGED_BY[self.over]


@dataclass(frozen=True, kw_only=True)
class Count(Figure):
    """A number of episodes, or of the different children in them, of those that meet a condition.

    `reason` says of one of them, in words, why it is counted.
    """

    unit: Literal["children", "episodes"] = "episodes"
    where: Q = EVERY
    reason: Reason
    by_working_days: bool = False

    @property
    def settings(self) -> tuple[str, ...]:
        """Those that change which episodes are looked at, and the working days where these are asked for."""
        return super().settings + ((WORKING_DAYS,) if self.by_working_days else ())


@dataclass(frozen=True, kw_only=True)
class Difference(Figure):
    """The episodes of one figure without those of another that lies within it."""

    whole: str
    part: str
    reason: Reason
    unit: Literal["episodes"] = "episodes"


@dataclass(frozen=True, kw_only=True)
class Rate(Figure):
    """One figure in percent of another, half-up to two decimals; without a denominator there is no rate.

    `otherwise` says of an episode that is only in the whole why it is not in the part; `by_another`, of a rate of
    children, that its child is in the part for another episode.
    """

    part: str
    whole: str
    otherwise: Reason
    by_another: str = ""
    unit: Literal["percent"] = "percent"


Measure = Count | Difference | Rate
