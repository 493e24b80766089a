"""What an authority answers when it is asked for its figures of any period (Nottinghamshire, questions 4 to 6).

Every figure is the number of the episodes in its list, or of their children: the list is read, and counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from django.db.models import Min, QuerySet

from episodes.models import Episode
from procedures.calendar import Calendar
from procedures.clocks import due_at
from procedures.models import Rulebook, Version
from procedures.spans import CalendarDays, CoreDays, Hours, Span, WorkingDays
from procedures.types import MissingAgain
from reporting import measures
from reporting.measures import Terms
from reporting.wording import MONTH_OF

Basis = Literal["last_seen", "reported", "returned"]
Start = Literal["returned", "notified"]

#: Each figure with the measure that counts it, in the order of the questions; the last is worked out beside them.
COUNTED = {
    "incidents": "episodes",
    "children": "children_missing",
    "offered": "episodes_offered",
    "accepted": "episodes_accepted",
    "declined": "episodes_declined",
    "held": "episodes_done",
}
IN_TIME = "held_within_72_hours"

#: The ways in which "within 72 hours" can be understood, side by side.
WAYS: tuple[tuple[Start, Span], ...] = (
    ("returned", Hours(72)),
    ("notified", Hours(72)),
    ("returned", CalendarDays(3)),
    ("returned", WorkingDays(3)),
)

STARTS = {"returned": "the child's return", "notified": "the time at which our service was told of the return"}
AGAIN = {
    MissingAgain.FIRST: (
        "Where a child went missing again before an interview, each incident is still counted from its own start."
    ),
    MissingAgain.LATEST: (
        "Where a child went missing again before an interview, we count from the most recent return before it."
    ),
    MissingAgain.EXCLUDE: (
        "Where a child went missing again before an interview, the earlier incident is left out of this figure."
    ),
}


class Held(NamedTuple):
    """An episode with an interview, and the times by which it is in time or not."""

    episode: int
    child: int
    returned: datetime | None
    notified: datetime | None
    held_at: datetime | None


@dataclass(frozen=True)
class Answer:
    """The figures of a period, from its first to its last local day, with the episodes behind each (primary keys)."""

    first: date
    last: date
    version: Version
    basis: Basis
    figures: Mapping[str, int]
    episodes: Mapping[str, tuple[int, ...]]
    ways: Mapping[tuple[Start, Span], int]

    @property
    def statement(self) -> str:
        """One paragraph that says to a member of the public what was counted, and how."""
        procedure = self.version.procedure
        counting, measured = procedure.counting, procedure.counting.basis
        theirs = "are counted too" if counting.include_other_authorities else "are not counted"
        away = " Absences are counted too where it was known where the child was." if len(counting.kinds) > 1 else ""
        return (
            f"An incident is counted from {self.first:%-d %B %Y} to {self.last:%-d %B %Y} if the child"
            f" {MONTH_OF[self.basis]} on one of these days. A child who went missing twice is one child and two"
            f" incidents. Children for whom another authority is responsible {theirs}.{away} An interview is offered"
            " when it is put to the child or to a parent or carer; it is accepted by the child, and declined by"
            " either. It is carried out when it was held, at least in part, or when one interview was about several"
            f" incidents. We count “within 72 hours” from {STARTS[measured.start]}, and the limit is"
            f" {length(measured.limit)}."
            f" {AGAIN[procedure.clocks.missing_again]}"
        )


def length(limit: Span) -> str:
    """How long a limit is, for whoever does not know our words for it."""
    match limit:
        case Hours(number):
            return f"{number} hours, counted hour by hour through nights and weekends"
        case CalendarDays(number):
            return f"the end of calendar day {number} after it"
        case WorkingDays(number):
            return f"the end of working day {number} after it, weekends and bank holidays not counted"
        case CoreDays(number):
            return f"the same time {number} working days later"


def answer(first: date, last: date, *, now: datetime, basis: Basis | None = None) -> Answer:
    """The figures of a period by the procedure in force at its end; nine queries at most, however long it is.

    `basis` says by which time an episode belongs to the period, otherwise the procedure does. Raises ValueError for a
    period that runs backwards, and procedures.models.NoProcedure.
    """
    if last < first:
        raise ValueError(f"the last day, {last}, lies before the first, {first}")
    version = Rulebook.load().on(last)
    counting = version.procedure.counting
    if basis:
        counting = counting.model_copy(update={"month_of": basis})
    terms = Terms(counting, version.calendar, first, last, now)
    found = {key: _listed(measure, terms) for key, measure in COUNTED.items()}
    held = _held(terms)
    starts = _starts(held, terms, version.procedure.clocks.missing_again)
    measured = counting.basis
    in_time = _within(held, starts, measured.start, measured.limit, version.calendar)
    figures = {
        key: len({child for _, child in rows}) if key == "children" else len(rows) for key, rows in found.items()
    }
    episodes = {key: tuple(episode for episode, _ in rows) for key, rows in found.items()}
    return Answer(
        first=first,
        last=last,
        version=version,
        basis=counting.month_of,
        figures=figures | {IN_TIME: len(in_time)},
        episodes=episodes | {IN_TIME: in_time},
        ways={(start, limit): len(_within(held, starts, start, limit, version.calendar)) for start, limit in WAYS},
    )


def _listed(key: str, terms: Terms) -> list[tuple[int, int]]:
    """The episodes that a measure counts in the period, each with its child, by the time last seen."""
    rows = measures.listed(measures.counted(key), terms)
    return list(rows.order_by("last_seen_at", "pk").values_list("pk", "child_id"))


def _held(terms: Terms) -> list[Held]:
    """The period's episodes with an interview, and when one about them was first held. One query."""
    rows: QuerySet[Episode] = measures.listed(measures.counted(COUNTED["held"]), terms)
    first_held = rows.annotate(first_held=Min("interviews__held_at")).order_by("last_seen_at", "pk")
    return [Held(*row) for row in first_held.values_list("pk", "child_id", "returned_at", "notified_at", "first_held")]


def _starts(
    held: list[Held], terms: Terms, missing_again: MissingAgain
) -> dict[int, tuple[datetime | None, datetime | None]]:
    """When the time of each episode starts, by the return and by the notification; None where it does not count.

    As the clocks have it (procedures.clocks): again is an absence that began after the return and before the interview.
    """
    own = {each.episode: (each.returned, each.notified) for each in held}
    if missing_again is MissingAgain.FIRST:
        return own
    later: dict[int, list[tuple[datetime, datetime | None, datetime | None]]] = defaultdict(list)
    absences = Episode.objects.filter(withdrawn_at__isnull=True, kind__in=sorted(terms.counting.kinds))
    absences = absences.filter(child__in={each.child for each in held}).order_by("last_seen_at", "pk")
    about = absences.values_list("child_id", "last_seen_at", "returned_at", "notified_at")
    for child, seen, returned, notified in about:
        later[child].append((seen, returned, notified))
    for each in held:
        if each.returned is None or each.held_at is None:
            continue
        again = [times for times in later[each.child] if each.returned <= times[0] < each.held_at]
        if again:
            own[each.episode] = (None, None) if missing_again is MissingAgain.EXCLUDE else again[-1][1:]
    return own


def _within(
    held: list[Held],
    starts: Mapping[int, tuple[datetime | None, datetime | None]],
    start: Start,
    limit: Span,
    calendar: Calendar,
) -> tuple[int, ...]:
    """The episodes whose interview was held within a limit of a start; exactly at the limit is within."""
    found = []
    for each in held:
        began = starts[each.episode][0 if start == "returned" else 1]
        if began and each.held_at and each.held_at <= due_at(began, limit, calendar):
            found.append(each.episode)
    return tuple(found)
