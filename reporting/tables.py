"""The monthly table: every measure for every month of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from django.db import models
from django.db.models import F, Min, Q

from episodes.models import Episode
from procedures.calendar import local_date
from procedures.models import Rulebook, Version
from reporting import measures
from reporting.measures import Difference, Measure, Over, Rate, Terms
from reporting.narrowing import NOT_NARROWED, Narrowing

SMALL = range(1, 5)
"""Counts that could single out a child, and are left out of what is published."""


class Hidden(Enum):
    """What stands in the place of a figure that is left out of what is published."""

    HIDDEN = "c"


HIDDEN = Hidden.HIDDEN
Value = int | Decimal | Hidden | None


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in England."""

    year: int
    number: int

    @classmethod
    def of(cls, text: str) -> Month:
        """Read `2017-04`. Raises ValueError in words."""
        try:
            day = date.fromisoformat(f"{text}-01")
        except ValueError as error:
            raise ValueError(f"'{text}' is not a month such as 2017-04") from error
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)


@dataclass(frozen=True)
class Table:
    """The figures of some months, as they stood at an instant; each month by the procedure in force at its end.

    `since` is the month of the earliest episode on record, by each time that a procedure counts by (`last_seen`,
    `reported`, `returned`); empty while there is none. `narrowing` says of which part of the episodes the figures are.
    """

    months: tuple[Month, ...]
    versions: Mapping[Month, Version]
    values: Mapping[str, Mapping[Month, Value]]
    at: datetime
    since: Mapping[str, Month]
    narrowing: Narrowing = NOT_NARROWED

    def recorded(self, month: Month) -> bool:
        """Whether any episode on record reaches back to a month: before that, nought says nothing."""
        since = self.since.get(self.versions[month].procedure.counting.month_of)
        return since is not None and since <= month

    @property
    def small(self) -> int:
        """How many of the figures are counts from 1 to 4."""
        return sum(
            isinstance(value, int) and value in SMALL
            for measure, values in self.rows
            if measure.unit != "percent"
            for value in values
        )

    @property
    def rows(self) -> list[tuple[Measure, list[Value]]]:
        """Every printed measure with its value for each month, in order."""
        return [(measure, [self.values[measure.key][month] for month in self.months]) for measure in measures.MEASURES]


def months_between(first: Month, last: Month) -> tuple[Month, ...]:
    """The months from one to another, both included. Raises ValueError when the second lies before the first."""
    if last < first:
        raise ValueError(f"the last month, {last}, lies before the first, {first}")
    months = [first]
    while months[-1] < last:
        months.append(months[-1].next)
    return tuple(months)


def monthly(first: Month, last: Month, *, now: datetime, narrowing: Narrowing = NOT_NARROWED) -> Table:
    """Work out the monthly table. Each month follows the version of the procedure in force at its end.

    Raises ValueError for a period that runs backwards, and procedures.models.NoProcedure.
    """
    months = months_between(first, last)
    rulebook = Rulebook.load()
    versions = {month: rulebook.on(month.last) for month in months}
    counted: dict[str, dict[Month, int]] = defaultdict(dict)
    for group in _by_terms(months, versions, now, narrowing):
        _count(*group, counted)
    values: dict[str, Mapping[Month, Value]] = {
        count.key: {month: counted[count.key].get(month, 0) for month in months} for count in measures.counts()
    }
    for measure in measures.MEASURES:
        if isinstance(measure, Difference):
            whole, part = counted[measure.whole], counted[measure.part]
            values[measure.key] = {month: whole.get(month, 0) - part.get(month, 0) for month in months}
        elif isinstance(measure, Rate):
            part, whole = counted[measure.part], counted[measure.whole]
            values[measure.key] = {month: percent(part.get(month, 0), whole.get(month, 0)) for month in months}
    return Table(months, versions, values, now, _beginnings(versions.values()), narrowing)


def percent(part: int, whole: int) -> Decimal | None:
    """A part in percent of a whole, half-up to two decimals; of nothing there is no percentage."""
    if not whole:
        return None
    return (Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _beginnings(versions: Iterable[Version]) -> dict[str, Month]:
    """The month of the earliest episode on record, by each time that these versions count by: one query.

    Of all episodes, whatever narrows the figures: it says from when there are records, not of whom.
    """
    times = sorted({version.procedure.counting.month_of for version in versions})
    earliest = Episode.objects.filter(withdrawn_at__isnull=True).aggregate(
        **{time: Min(f"{time}_at") for time in times}
    )
    days = {time: local_date(moment) for time, moment in earliest.items() if moment}
    return {time: Month(day.year, day.month) for time, day in days.items()}


def _by_terms(
    months: Sequence[Month], versions: Mapping[Month, Version], now: datetime, narrowing: Narrowing
) -> list[tuple[Terms, list[Month]]]:
    """The months in runs that one version governs, each with what its figures rest on."""
    runs: list[tuple[Version, list[Month]]] = []
    for month in months:
        if runs and runs[-1][0] == versions[month]:
            runs[-1][1].append(month)
        else:
            runs.append((versions[month], [month]))
    return [
        (Terms(version.procedure.counting, version.calendar, run[0].first, run[-1].last, now, narrowing), run)
        for version, run in runs
    ]


def _count(terms: Terms, months: Sequence[Month], counted: dict[str, dict[Month, int]]) -> None:
    """One query for each kind of episodes looked at: all of its counts, by month; what is the same is counted once."""
    by_over: dict[Over, dict[tuple[str, Q], list[str]]] = defaultdict(lambda: defaultdict(list))
    for count in measures.counts():
        by_over[count.over][count.unit, count.where].append(count.key)
    by_working_days = {count.over for count in measures.counts() if count.by_working_days}
    wanted = set(months)
    for over, counts in by_over.items():
        rows = (
            measures.episodes(over, terms, by_working_days=over in by_working_days)
            .values(in_month=F("month"))
            .annotate(
                **{
                    keys[0]: models.Count(
                        "child" if unit == "children" else "pk", distinct=True, filter=condition or None
                    )
                    for (unit, condition), keys in counts.items()
                }
            )
            .values_list("in_month", *(keys[0] for keys in counts.values()))
        )
        for day, *numbers in rows:
            month = Month(day.year, day.month)
            if month in wanted:
                for keys, number in zip(counts.values(), numbers, strict=True):
                    for key in keys:
                        counted[key][month] = number
