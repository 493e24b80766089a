"""Every figure: its name, what it means in words, and the query behind it.

All are counts of one month's episodes or of their children (a cohort), so the cases behind a figure are the very rows
that its condition picks. Nothing here writes, and nothing reads the clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import TruncDate, TruncMonth

from episodes.models import Episode, Kind, Service
from procedures.calendar import LONDON, Calendar, local_date, start_of_day
from procedures.types import Counting
from rhi import codes
from rhi.models import InterviewEpisode


@dataclass(frozen=True)
class Terms:
    """What the figures of some months rest on: the procedure's choices, its calendar, the days and the instant asked.

    The months are those between the local days `first` and `last`.
    """

    counting: Counting
    calendar: Calendar
    first: date
    last: date
    now: datetime

    @property
    def month_field(self) -> str:
        """The time by which an episode belongs to a month."""
        return f"{self.counting.month_of}_at"


OURS = Q(child__responsible_authority__isnull=True)
DONE = Q(outcome__code__in=sorted(codes.DONE)) | Q(outcome__isnull=True, interviews__held_at__isnull=False)
# The same, asked only of the absences that lack an outcome: cheaper than joining where few are looked at.
DONE_ASKED = Q(outcome__code__in=sorted(codes.DONE)) | Q(
    Exists(InterviewEpisode.objects.filter(episode=OuterRef("pk"), interview__held_at__isnull=False)),
    outcome__isnull=True,
)
HELD = Q(interviews__held_at__isnull=False) & (Q(outcome__isnull=True) | Q(outcome__code__in=sorted(codes.DONE)))
OFFERED = Q(
    interviews__offers__offered_at__isnull=False,
    interviews__offers__to__in=[codes.OfferedTo.CHILD, codes.OfferedTo.PARENT],
)
ACCEPTED = Q(interviews__offers__to=codes.OfferedTo.CHILD, interviews__offers__response=codes.Response.ACCEPTED)
DECLINED = Q(interviews__offers__response__in=[codes.Response.DECLINED_BY_CHILD, codes.Response.DECLINED_BY_PARENT])
LOOKED_AFTER = (
    OURS
    & Q(child__involvements__service=Service.LOOKED_AFTER, child__involvements__start__lte=F("seen_on"))
    & (Q(child__involvements__end__isnull=True) | Q(child__involvements__end__gte=F("seen_on")))
)
HELD_ON = TruncDate("interviews__held_at", tzinfo=LONDON)
SEVENTY_TWO_HOURS = timedelta(hours=72)
EVERY = Q()


NO_OUTCOME_IN_TIME = Q(outcome__isnull=True, returned_at__gte=F("asked_at") - SEVENTY_TWO_HOURS)
NO_OUTCOME_LATE = Q(outcome__isnull=True, returned_at__lt=F("asked_at") - SEVENTY_TWO_HOURS)
HELD_WITHIN_72_HOURS = HELD & Q(interviews__held_at__lte=F("returned_at") + SEVENTY_TWO_HOURS)
SINCE_HELD = Q(interviews__held_at__isnull=False)


@dataclass(frozen=True)
class Count:
    """A number of episodes, or of the different children in them, of those that meet a condition.

    `over` says which episodes it looks at: the counted ones of the children whom the procedure counts, those of our
    own looked-after children, those of other authorities' children, or absences away without authorisation.
    """

    key: str
    name: str
    words: str
    unit: Literal["children", "episodes"] = "episodes"
    where: Q = EVERY
    over: Literal["counted", "looked_after", "other_authorities", "away"] = "counted"


@dataclass(frozen=True)
class Difference:
    """The episodes of one figure without those of another that lies within it."""

    key: str
    name: str
    words: str
    whole: str
    part: str
    unit: Literal["episodes"] = "episodes"


@dataclass(frozen=True)
class Rate:
    """One figure in percent of another, half-up to two decimals; without a denominator there is no rate."""

    key: str
    name: str
    words: str
    part: str
    whole: str
    unit: Literal["percent"] = "percent"


Measure = Count | Difference | Rate

#: The scrutiny committee's table, in its order (Croydon), and then ours.
MEASURES: tuple[Measure, ...] = (
    Count(
        "children_missing",
        "Children who went missing",
        "Children with at least one missing episode in the month, each counted once.",
        unit="children",
    ),
    Count(
        "children_offered",
        "Children who were offered a return home interview",
        "Of these, children to whom, or to a parent or carer of whom, an interview was offered for any of the month's"
        " episodes, whenever the offer was made. It is not the number who accepted.",
        unit="children",
        where=OFFERED,
    ),
    Count(
        "children_done",
        "Children with a return home interview done",
        "Of these, children with whom an interview was held, at least in part, for any of the month's episodes.",
        unit="children",
        where=DONE,
    ),
    Count(
        "episodes",
        "Missing episodes",
        "All missing episodes of the month. A child with several is counted with each; a duplicate or an error is not"
        " counted at all.",
    ),
    Count(
        "episodes_done",
        "Episodes with a return home interview done",
        "Of these, episodes for which an interview was held, at least in part, or which an interview for several"
        " episodes covers.",
        where=DONE,
    ),
    Rate(
        "offer_rate",
        "Offer rate, % of children",
        "Children who were offered an interview, in percent of children who went missing.",
        part="children_offered",
        whole="children_missing",
    ),
    Rate(
        "episodes_done_rate",
        "Interviews done, % of episodes",
        "Episodes with an interview done, in percent of missing episodes. The higher the better.",
        part="episodes_done",
        whole="episodes",
    ),
    Rate(
        "looked_after_done_rate",
        "Interviews done, % of looked-after children's episodes",
        "The same for our own looked-after children, placed in our area or out of it: looked after on the day on which"
        " they went missing.",
        part="looked_after_episodes_done",
        whole="looked_after_episodes",
    ),
    Count(
        "looked_after_episodes",
        "Looked-after children's missing episodes",
        "Missing episodes of our own children who were looked after on the day on which they went missing.",
        over="looked_after",
    ),
    Count(
        "looked_after_episodes_done",
        "Looked-after children's episodes with an interview done",
        "Of these, episodes for which an interview was held, at least in part, or which one covers.",
        where=DONE_ASKED,
        over="looked_after",
    ),
    Count(
        "episodes_offered",
        "Episodes for which an interview was offered",
        "Episodes for which an interview was offered to the child or to a parent or carer.",
        where=OFFERED,
    ),
    Count(
        "episodes_accepted",
        "Episodes for which the child accepted",
        "Episodes for which the child accepted the offer. A parent's or carer's acceptance is not the child's.",
        where=ACCEPTED,
    ),
    Count(
        "episodes_declined",
        "Episodes for which the offer was declined",
        "Episodes for which the child, or a parent or carer, declined the offer.",
        where=DECLINED,
    ),
    Count(
        "held_within_72_hours",
        "Held within 72 hours of the return",
        "Episodes whose interview was held at most 72 elapsed hours after the child's return.",
        where=HELD_WITHIN_72_HOURS,
    ),
    Count(
        "held_within_72_hours_of_notification",
        "Held within 72 hours of the notification",
        "Episodes whose interview was held at most 72 elapsed hours after the service learned of the return.",
        where=HELD & Q(interviews__held_at__lte=F("notified_at") + SEVENTY_TWO_HOURS),
    ),
    Count(
        "held_within_3_calendar_days",
        "Held within 3 calendar days of the return",
        "Episodes whose interview was held by the end of the third day after the day of return.",
        where=HELD & Q(third_day__gte=HELD_ON),
    ),
    Count(
        "held_within_3_working_days",
        "Held within 3 working days of the return",
        "Episodes whose interview was held by the end of the third working day after the day of return.",
        where=HELD & Q(third_working_day__gte=HELD_ON),
    ),
    Count(
        "in_time",
        "In time",
        "Episodes whose interview was held within 72 hours of the return.",
        where=HELD_WITHIN_72_HOURS,
    ),
    Difference(
        "late",
        "Late",
        "Episodes whose interview was held later than 72 hours after the return.",
        whole="held_at_known_time",
        part="in_time",
    ),
    Difference(
        "open_in_time",
        "Open in time",
        "Episodes without an outcome yet whose 72 hours since the return are not over.",
        whole="no_outcome_in_time",
        part="no_outcome_but_held_in_time",
    ),
    Difference(
        "open_late",
        "Open late",
        "Episodes without an outcome yet whose 72 hours since the return are over.",
        whole="no_outcome_late",
        part="no_outcome_but_held_late",
    ),
    Count(
        "other_authority_children",
        "Other authorities' children who went missing",
        "Children for whom another authority is responsible, each counted once; shown apart.",
        unit="children",
        over="other_authorities",
    ),
    Count(
        "other_authority_episodes",
        "Other authorities' children's missing episodes",
        "Missing episodes of children for whom another authority is responsible; shown apart.",
        over="other_authorities",
    ),
    Count(
        "away_episodes",
        "Away without authorisation",
        "Absences of looked-after children whose whereabouts were known; shown apart.",
        over="away",
    ),
)

#: Counted, but not printed: what another figure is taken from.
UNPRINTED: tuple[Count, ...] = (
    Count(
        "held_at_known_time",
        "Held at a known time",
        "Episodes whose interview was held, where the times of return and of interview are known.",
        where=HELD & Q(returned_at__isnull=False),
    ),
    Count(
        "no_outcome_in_time",
        "Without an outcome, in time",
        "Episodes without an outcome, among them interviews held but not written up, within 72 hours of the return.",
        where=NO_OUTCOME_IN_TIME,
    ),
    Count(
        "no_outcome_but_held_in_time",
        "Held without an outcome, in time",
        "Of these, episodes whose interview has been held.",
        where=NO_OUTCOME_IN_TIME & SINCE_HELD,
    ),
    Count(
        "no_outcome_late",
        "Without an outcome, late",
        "Episodes without an outcome, interviews held but not yet written up among them, later than 72 hours after it.",
        where=NO_OUTCOME_LATE,
    ),
    Count(
        "no_outcome_but_held_late",
        "Held without an outcome, late",
        "Of these later ones, episodes whose interview has been held.",
        where=NO_OUTCOME_LATE & SINCE_HELD,
    ),
)


def counts() -> Iterator[Count]:
    """Every measure that is counted, printed or not."""
    return (measure for measure in (*MEASURES, *UNPRINTED) if isinstance(measure, Count))


def episodes(over: str, terms: Terms) -> QuerySet[Episode]:
    """The episodes of the months that a count looks at, each with its month and the days that conditions speak of."""
    field = terms.month_field
    within = {
        f"{field}__gte": start_of_day(terms.first),
        f"{field}__lt": start_of_day(terms.last + timedelta(days=1)),
    }
    rows = Episode.objects.filter(withdrawn_at__isnull=True, **within).alias(
        month=TruncMonth(field, tzinfo=LONDON, output_field=DateField()),
        asked_at=Value(terms.now, output_field=DateTimeField()),
        seen_on=TruncDate("last_seen_at", tzinfo=LONDON),
        returned_on=TruncDate("returned_at", tzinfo=LONDON),
    )
    rows = rows.alias(
        third_day=ExpressionWrapper(F("returned_on") + timedelta(days=3), output_field=DateField()),
        third_working_day=ExpressionWrapper(F("returned_on") + _days_to_third(terms), output_field=DateField()),
    )
    counted = Q(kind__in=sorted(terms.counting.kinds))
    whose = Q() if terms.counting.include_other_authorities else OURS
    match over:
        case "looked_after":
            return rows.filter(counted & LOOKED_AFTER)
        case "other_authorities":
            return rows.filter(counted & ~OURS)
        case "away":
            return rows.filter(whose, kind=Kind.AWAY)
        case _:
            return rows.filter(counted & whose)


def _days_to_third(terms: Terms) -> Case:
    """How many days after the day of return the third working day lies: each day is named, so none is a special case.

    A return may lie before the first month where absences are counted by report, and long after the last.
    """
    named: dict[timedelta, list[date]] = defaultdict(list)
    for offset in range(-366, (max(local_date(terms.now), terms.last) - terms.first).days + 1):
        day = terms.first + timedelta(days=offset)
        named[terms.calendar.working_day_after(day, 3) - day].append(day)
    return Case(
        *(When(returned_on__in=days, then=Value(length)) for length, days in named.items()),
        output_field=DurationField(),
    )
