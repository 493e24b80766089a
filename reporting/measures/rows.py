"""The episodes that measures look at: the one query behind a figure and behind the list of its cases."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import TruncDate, TruncMonth

from episodes.models import Episode, Kind
from procedures.calendar import LONDON, Calendar, local_date, start_of_day
from reporting.measures.asking import asked, asked_beside
from reporting.measures.conditions import ASKED, LOOKED_AFTER, NO_OUTCOME, OUTCOME_DONE
from reporting.measures.shapes import Count, Over, Terms
from reporting.narrowing import NOT_NARROWED, OURS

#: What is looked at without a joined record, so that no episode comes twice.
ONCE: frozenset[Over] = frozenset({"counted", "other_authorities", "away"})


def episodes(over: Over, terms: Terms, *, by_working_days: bool = False) -> QuerySet[Episode]:
    """The episodes of the months that a count looks at, each with its month and the days that conditions speak of.

    The third working day only where it is asked for, as it is costly. An episode comes once for each involvement,
    offer or interview by which it is looked at: count them distinct.
    """
    every: QuerySet[Episode] = Episode.objects.alias(
        asked_at=Value(terms.now, output_field=DateTimeField()),
        seen_on=TruncDate("last_seen_at", tzinfo=LONDON),
        returned_on=TruncDate("returned_at", tzinfo=LONDON),
    )
    every = every.alias(third_day=ExpressionWrapper(F("returned_on") + timedelta(days=3), output_field=DateField()))
    if by_working_days:
        third = ExpressionWrapper(F("returned_on") + _days_to_third(terms), output_field=DateField())
        every = every.alias(third_working_day=third)
    rows = terms.narrowing.of(every.filter(withdrawn_at__isnull=True))
    counted = Q(kind__in=sorted(terms.counting.kinds))
    whose = terms.narrowing.whose_children(terms.counting)
    match over:
        case "looked_after":
            return _by_month(rows, terms.month_field, terms).filter(counted & LOOKED_AFTER)
        case "other_authorities":
            return _by_month(rows, terms.month_field, terms).filter(counted & ~OURS)
        case "away":
            as_usual = NOT_NARROWED.whose_children(terms.counting)
            return _by_month(rows, terms.month_field, terms).filter(as_usual, kind=Kind.AWAY)
        case "offered_in_month":
            offers = _picked_once(every, rows.filter(counted & whose)).alias(
                offered_at=F("interviews__offers__offered_at"), offered_to=F("interviews__offers__to")
            )
            return _by_month(offers, "offered_at", terms).filter(Q(offered_to__in=ASKED))
        case "held_in_month":
            held = _picked_once(every, rows.filter(counted & whose)).alias(held_at=F("interviews__held_at"))
            return _by_month(held, "held_at", terms).filter(NO_OUTCOME | OUTCOME_DONE)
        case "counted":
            return _by_month(rows, terms.month_field, terms).filter(counted & whose)


def _picked_once(every: QuerySet[Episode], rows: QuerySet[Episode]) -> QuerySet[Episode]:
    """The same episodes, picked in a query of their own before anything is joined.

    Of one query with the joins, SQLite reads every episode anew for each offer of the months, and asks of each pair
    what narrows the figures; so it asks once of each episode.
    """
    return every.filter(pk__in=rows.values("pk"))


def _by_month(rows: QuerySet[Episode], field: str, terms: Terms) -> QuerySet[Episode]:
    """Those whose time of this name lies in the months, each with its month."""
    within = {
        f"{field}__gte": start_of_day(terms.first),
        f"{field}__lt": start_of_day(terms.last + timedelta(days=1)),
    }
    return rows.filter(**within).alias(month=TruncMonth(field, tzinfo=LONDON, output_field=DateField()))


def listed(whole: Count, terms: Terms, *, part: Count | None = None, without: Count | None = None) -> QuerySet[Any]:
    """The episodes that a count counts in the months, each once, and without those of another where one is named.

    `counts` says whether an episode is in the part; where no part is named, all are.
    """
    rows = episodes(whole.over, terms, by_working_days=whole.by_working_days).filter(asked(whole.where))
    if without:
        rows = rows.filter(~asked_beside(without.where, whole.where))
    counts = asked(part.where) if part else Q(pk__isnull=False)
    rows = rows.annotate(counts=ExpressionWrapper(counts, output_field=BooleanField()))
    return rows if whole.over in ONCE else rows.distinct()


def _days_to_third(terms: Terms) -> Case:
    """How many days after the day of return the third working day lies: each day is named, so none is a special case.

    A return may lie before the first month where episodes are counted by report, and long after the last.
    """
    last = max(local_date(terms.now), terms.last)
    named = _days_by_length(terms.calendar, terms.first - timedelta(days=366), last)
    return Case(
        *(When(returned_on__in=days, then=Value(length)) for length, days in named.items()),
        output_field=DurationField(),
    )


@lru_cache(maxsize=16)
def _days_by_length(calendar: Calendar, first: date, last: date) -> dict[timedelta, list[date]]:
    """The days from one to another, by how far after each its third working day lies."""
    named: dict[timedelta, list[date]] = defaultdict(list)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        named[calendar.working_day_after(day, 3) - day].append(day)
    return named
