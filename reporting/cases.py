"""The cases behind a figure: the very episodes that it counts, each with the reason why it is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from episodes.models import Episode, Involvement, ReturnPrecision, Service
from procedures.models import Rulebook, Version
from reporting import measures
from reporting.measures import Care, Count, Difference, Facts, Measure, OfferMade, Rate, Reason, Terms
from reporting.narrowing import NOT_NARROWED, Narrowing
from reporting.tables import Month, Value, percent
from rhi.models import InterviewEpisode, Offer

PAGE = 50
"""How many cases a page of the list shows."""


@dataclass(frozen=True)
class Case:
    """One episode of a list, with the reason why it is in.

    `episode` and `child` are primary keys. `counts` is false for what is only in the whole of a rate: an episode, or
    of a rate of children an episode of a child who is not in its part.
    """

    episode: int
    episode_id: str
    child: int
    child_id: str
    last_seen_at: datetime
    returned_at: datetime | None
    reason: str
    counts: bool


class Listed(NamedTuple):
    """One episode of a list: its key, its child's, and of a rate whether it is in the part.

    Of a rate of children all episodes of a child in the part count; `itself` says which of them make the child count.
    """

    episode: int
    child: int
    counts: bool
    itself: bool


@dataclass(frozen=True)
class Cases:
    """The list of cases behind one figure of one month; that of a rate is the list of its whole.

    `listed` is in order: by the time last seen, of a rate those in its part first. Of a children's figure it has every
    episode for which a child counts.
    """

    measure: Measure
    month: Month
    version: Version
    terms: Terms
    listed: tuple[Listed, ...]

    @property
    def number(self) -> Value:
        """The figure: how many are listed, or of how many different children they are; of a rate its percentage."""
        if isinstance(self.measure, Rate):
            return percent(self.part, self.whole)
        return self.whole

    @property
    def unit(self) -> Literal["children", "episodes"]:
        """What the figure counts; of a rate what its part and its whole count."""
        return _unit(self.measure)

    @property
    def whole(self) -> int:
        """How many episodes or children are listed."""
        return _count(self.listed, self.unit)

    @property
    def part(self) -> int:
        """How many of them count: all, unless it is a rate."""
        return _count([each for each in self.listed if each.counts], self.unit)

    @property
    def episodes(self) -> int:
        """How many cases the list has."""
        return len(self.listed)

    @property
    def children(self) -> int:
        """Of how many different children the cases are."""
        return _count(self.listed, "children")

    def pages(self, size: int = PAGE) -> int:
        """How many pages the list has, one at least."""
        return max(1, -(-self.episodes // size))

    def page(self, number: int, size: int = PAGE) -> list[Case]:
        """The cases of a page, the first being 1.

        Three queries, and a fourth for looked-after children's figures, however many cases there are.
        """
        listed = self.listed[(number - 1) * size : number * size]
        about = Episode.objects.filter(pk__in=[each.episode for each in listed]).values_list(*ABOUT)
        rows = {row.episode: row for row in map(Row._make, about)}
        records = _records(self.measure, rows.values())
        return [_case(self.measure, rows[each.episode], records, self.terms, each) for each in listed]


def cases(key: str, month: Month, *, now: datetime, narrowing: Narrowing = NOT_NARROWED) -> Cases:
    """The list behind a figure of the monthly table; two queries.

    Raises KeyError for a key that is not in the table, and procedures.models.NoProcedure.
    """
    measure = measures.printed(key)
    version = Rulebook.load().on(month.last)
    terms = Terms(version.procedure.counting, version.calendar, month.first, month.last, now, narrowing)
    rows = list(_rows(measure, terms))
    in_part = {child for _, child, itself in rows if itself} if _unit(measure) == "children" else set()
    listed = [Listed(episode, child, bool(itself) or child in in_part, bool(itself)) for episode, child, itself in rows]
    listed.sort(key=lambda each: not each.counts)
    return Cases(measure, month, version, terms, tuple(listed))


def _rows(measure: Measure, terms: Terms) -> QuerySet[Any, tuple[int, int, bool]]:
    """Each episode of the list once, by the time last seen: its key, its child's, and whether it counts by itself."""
    if isinstance(measure, Count):
        rows = measures.listed(measure, terms)
    else:
        whole, part = measures.counted(measure.whole), measures.counted(measure.part)
        if isinstance(measure, Difference):
            rows = measures.listed(whole, terms, without=part)
        else:
            rows = measures.listed(whole, terms, part=part)
    return rows.order_by("last_seen_at", "pk").values_list("pk", "child_id", "counts")


def _unit(measure: Measure) -> Literal["children", "episodes"]:
    return measures.counted(measure.part).unit if isinstance(measure, Rate) else measure.unit


def _count(listed: Collection[Listed], unit: str) -> int:
    return len({each.child for each in listed}) if unit == "children" else len(listed)


class Row(NamedTuple):
    """One episode of the list, as far as one row tells."""

    episode: int
    episode_id: str
    child: int
    child_id: str
    kind: str
    last_seen_at: datetime
    reported_at: datetime | None
    returned_at: datetime | None
    return_precision: str
    notified_at: datetime | None
    authority: str | None
    authority_code: str | None
    outcome: str | None
    outcome_reason: str | None
    outcome_held_at: datetime | None


ABOUT = (
    *("pk", "episode_id", "child", "child__child_id", "kind", "last_seen_at", "reported_at", "returned_at"),
    *("return_precision", "notified_at", "child__responsible_authority__name", "child__responsible_authority__code"),
    *("outcome__code", "outcome__reason", "outcome__interview__held_at"),
)


class Records(NamedTuple):
    """What belongs to the episodes of a page, by episode, and the stays in care by child."""

    held: dict[int, list[datetime]]
    held_by: dict[int, list[tuple[datetime, str]]]
    offers: dict[int, list[OfferMade]]
    care: dict[int, list[Care]]


def _records(measure: Measure, rows: Collection[Row]) -> Records:
    """Read what the reasons of these episodes speak of: two queries, and a third where being looked after matters."""
    records = Records(defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list))
    episodes = [row.episode for row in rows]
    about = InterviewEpisode.objects.filter(episode__in=episodes)
    facts = ("interview__held_at", "interview__written_up_at", "interview__independence")
    for episode, held_at, written_up_at, independence in about.values_list("episode_id", *facts):
        if held_at:
            records.held[episode].append(held_at)
        if held_at and written_up_at:
            records.held_by[episode].append((held_at, independence))
    offers = Offer.objects.filter(interview__about__episode__in=episodes)
    fields = ("to", "offered_at", "response", "responded_at")
    for episode, *offer in offers.values_list("interview__about__episode", *fields):
        records.offers[episode].append(OfferMade(*offer))
    if measure.over == "looked_after":
        stays = Involvement.objects.filter(child__in=[row.child for row in rows], service=Service.LOOKED_AFTER)
        for child, start, end in stays.values_list("child_id", "start", "end"):
            records.care[child].append(Care(start, end))
    return records


def _case(measure: Measure, row: Row, records: Records, terms: Terms, listed: Listed) -> Case:
    facts = Facts(
        month_of=terms.counting.month_of,
        calendar=terms.calendar,
        first=terms.first,
        last=terms.last,
        now=terms.now,
        kind=row.kind,
        last_seen_at=row.last_seen_at,
        reported_at=row.reported_at,
        returned_at=row.returned_at,
        returned_by_day=row.return_precision == ReturnPrecision.DATE,
        notified_at=row.notified_at,
        authority=row.authority or row.authority_code or "",
        outcome=row.outcome or "",
        outcome_reason=row.outcome_reason or "",
        outcome_held_at=row.outcome_held_at,
        held=tuple(records.held[row.episode]),
        held_by=tuple(records.held_by[row.episode]),
        offers=tuple(records.offers[row.episode]),
        care=tuple(records.care[row.child]),
    )
    return Case(
        episode=row.episode,
        episode_id=row.episode_id,
        child=row.child,
        child_id=row.child_id,
        last_seen_at=row.last_seen_at,
        returned_at=row.returned_at,
        reason=_reason(measure, listed)(facts),
        counts=listed.counts,
    )


def _reason(measure: Measure, listed: Listed) -> Reason:
    """What says why an episode is in the list: of a rate why it is in the part, or why it is not."""
    if not isinstance(measure, Rate):
        return measure.reason
    if listed.itself:
        return measures.counted(measure.part).reason
    if listed.counts:
        return lambda _: measure.by_another
    return measure.otherwise
