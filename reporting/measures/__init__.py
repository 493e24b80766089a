"""Every figure: its name, what it means in words, the query behind it, and why a case is in it.

All are counts of one month's episodes or of their children (a cohort), so the cases behind a figure are the very rows
that its condition picks; the last rows count by a date of their own and say so. Nothing here writes, and nothing reads
the clock.
"""

from __future__ import annotations

from collections.abc import Iterator

from reporting.measures.apart import APART, BY_DATE, OF_RATES
from reporting.measures.committee import COMMITTEE
from reporting.measures.progress import PROGRESS
from reporting.measures.progress import UNPRINTED as OF_DIFFERENCES
from reporting.measures.reasons import Care, Facts, OfferMade
from reporting.measures.rows import episodes, listed
from reporting.measures.shapes import Count, Difference, Measure, Over, Rate, Reason, Terms

__all__ = [
    "MEASURES",
    "UNPRINTED",
    "Care",
    "Count",
    "Difference",
    "Facts",
    "Measure",
    "OfferMade",
    "Over",
    "Rate",
    "Reason",
    "Terms",
    "counted",
    "counts",
    "episodes",
    "listed",
    "printed",
]

#: The scrutiny committee's table, in its order (Croydon), and then ours.
MEASURES: tuple[Measure, ...] = (*COMMITTEE, *PROGRESS, *APART, *BY_DATE)

#: Counted, but not printed: what another figure is taken from.
UNPRINTED: tuple[Count, ...] = (*OF_DIFFERENCES, *OF_RATES)

_PRINTED = {measure.key: measure for measure in MEASURES}


def counts() -> Iterator[Count]:
    """Every measure that is counted, printed or not."""
    return (measure for measure in (*MEASURES, *UNPRINTED) if isinstance(measure, Count))


_COUNTED = {count.key: count for count in counts()}


def printed(key: str) -> Measure:
    """A measure that the table shows. Raises KeyError for any other."""
    return _PRINTED[key]


def counted(key: str) -> Count:
    """What a difference or a rate is made of. Raises KeyError for what is not counted."""
    return _COUNTED[key]
