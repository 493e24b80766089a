"""Tables made on the spot: figures as given, rates worked out from them as the monthly table does."""

from datetime import date, datetime

from procedures import actions
from procedures.calendar import LONDON
from procedures.models import Version
from reporting import measures
from reporting.measures import Rate
from reporting.narrowing import NOT_NARROWED
from reporting.tables import Month, Table, percent
from tests.reference import croydon_2017

APRIL = Month(2017, 4)
ASKED = datetime(2018, 2, 6, 9, 30, tzinfo=LONDON)

CROYDON = {
    "children_missing": croydon_2017.CHILDREN_MISSING,
    "children_offered": croydon_2017.CHILDREN_OFFERED,
    "children_done": croydon_2017.CHILDREN_DONE,
    "episodes": croydon_2017.EPISODES,
    "episodes_done": croydon_2017.EPISODES_DONE,
    "looked_after_episodes": croydon_2017.LOOKED_AFTER,
    "looked_after_episodes_done": croydon_2017.LOOKED_AFTER_DONE,
}


def table(first=APRIL, *, at=ASKED, since=None, narrowing=NOT_NARROWED, procedure=None, **figures):
    """A table from a month on, with a list of figures for each key; what is not given is 0.

    The records begin with its first month, or with `since`.
    """
    months = [first]
    while len(months) < max(map(len, figures.values())):
        months.append(months[-1].next)
    values = {measure.key: dict.fromkeys(months, 0) for measure in (*measures.MEASURES, *measures.UNPRINTED)}
    values |= {key: dict(zip(months, numbers, strict=True)) for key, numbers in figures.items()}
    for measure in measures.MEASURES:
        if isinstance(measure, Rate):
            values[measure.key] = {
                month: percent(values[measure.part][month], values[measure.whole][month]) for month in months
            }
    text = procedure or actions.source("croydon")
    version = Version(name="test", text=text, effective_from=date(2017, 1, 1))
    return Table(tuple(months), dict.fromkeys(months, version), values, at, {"last_seen": since or first}, narrowing)


def croydon(months=8, **options):
    """Croydon's report of April to November 2017: its last months, or, of more than eight, all over again."""
    if months <= 8:
        figures = {key: numbers[-months:] for key, numbers in CROYDON.items()}
        return table(Month(2017, 12 - months), **figures, **options)
    return table(**{key: [numbers[each % 8] for each in range(months)] for key, numbers in CROYDON.items()}, **options)
