"""What lies in trays: a team's open referrals in the order of their next deadlines, and how many there are.

Every query here is scoped to what the person may see, so that nothing else is in a list or in a count.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, FilteredRelation, Max, OuterRef, Q, QuerySet, Subquery

from procedures.calendar import local_date
from procedures.types import Destination
from rhi.codes import Response
from rhi.wording import SOON
from routing.gathering import age_on
from routing.models import Deadline, Referral, assignable_teams, trays_of
from staff.models import Team, User

PAGE = 50
"""How many referrals a page of a tray shows."""

CROWDED = 1000
"""More open referrals than this are counted only when somebody asks: counting them all takes a while."""

#: Why a referral lies where it lies, in words.
WHY: dict[str, str] = {
    Destination.WORKER: "For the worker allocated to the child",
    Destination.TEAM_MEMBER: "For a member of the team allocated to the child",
    Destination.TRAY: "For this team",
    Destination.DISCUSS: "Settled in discussion",
    Destination.PROVIDER: "For a provider",
    Destination.AUTHORITY: "For the responsible authority",
    Destination.SOCIAL_CARE: "For social care to decide",
    "": "From an interview record",
}

REFUSED = [Response.DECLINED_BY_CHILD, Response.DECLINED_BY_PARENT]
OPEN_QUESTION = Q(question_settled_at__isnull=True) & ~Q(question="")


class Member(NamedTuple):
    """Somebody who can hold what lies in a tray."""

    pk: int
    name: str


@dataclass(frozen=True)
class Tray:
    """A team's tray, for one person: whether they may say who holds what, and whether it is too full to count."""

    team: int
    name: str
    may_assign: bool
    crowded: bool
    members: tuple[Member, ...]


def the_tray(user: User, pk: int, now: datetime) -> Tray | None:
    """A tray that the person may see, with the team's members who have not left; one query. None for any other."""
    lying = Referral.objects.filter(closed_at__isnull=True, allocations__team=pk, allocations__until__isnull=True)
    # In the order of an index, and only to where it is known: a tray with less is read whole, a fuller one is not.
    one_too_many = Subquery(lying.order_by("child").values("pk")[CROWDED : CROWDED + 1])
    rows = list(
        trays_of(user)
        .filter(pk=pk)
        .values_list(
            "name",
            Exists(assignable_teams(user).filter(pk=pk)),
            one_too_many,
            "members",
            "members__name",
            "members__is_active",
            "members__left_on",
        )
        .order_by("members__name")
    )
    if not rows:
        return None
    name, may_assign, crowded = rows[0][:3]
    today = local_date(now)
    members = tuple(
        Member(member, called)
        for *_, member, called, active, left_on in rows
        if member and active and (left_on is None or left_on > today)
    )
    return Tray(pk, name, may_assign, crowded is not None, members)


def in_tray(user: User, now: datetime, teams: int | QuerySet[Team]) -> QuerySet[Referral]:
    """The open referrals that these teams or their workers hold, as far as the person may see them.

    Each with its `allocation` (key of the row that holds now) and `holder` (key of the worker, or none).
    """
    held = {"allocations__team": teams} if isinstance(teams, int) else {"allocations__team__in": teams.values("pk")}
    return (
        Referral.objects.filter(closed_at__isnull=True, allocations__until__isnull=True, **held)
        .annotate(allocation=F("allocations"), holder=F("allocations__worker"))
        .visible_to(user, now)
    )


def overdue(now: datetime) -> Q:
    """The condition that the next deadline has passed."""
    return Q(Exists(_open_clocks().filter(due_at__lt=now)))


def soon(now: datetime) -> Q:
    """The condition that the next deadline comes within 24 hours."""
    return Q(Exists(_open_clocks().filter(due_at__lte=now + SOON))) & ~overdue(now)


def _open_clocks() -> QuerySet[Deadline]:
    return Deadline.objects.filter(referral=OuterRef("pk"), settled="")


@dataclass(frozen=True)
class Counts:
    """How many referrals there are; late and soon by the next deadline, so that none is both."""

    all: int = 0
    nobody: int = 0
    late: int = 0
    soon: int = 0
    question: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(sum, zip(astuple(self), astuple(other), strict=True)))


class Holding(NamedTuple):
    """A worker, and how much of a tray they hold."""

    worker: int
    name: str
    counts: Counts


@dataclass(frozen=True)
class Workload:
    """How much lies in a tray, how much of that nobody holds, and who holds the rest, by name."""

    all: Counts
    nobody: Counts
    holdings: list[Holding]


def workload(user: User, now: datetime, tray: Tray) -> Workload:
    """The workload of each member of a tray, idle or not, and of whoever else holds something of it; one query."""
    rows = in_tray(user, now, tray.team)
    groups = _counted(rows, now, "holder", "allocations__worker__name")
    held = {worker: Holding(worker, name, counts) for (worker, name), counts in groups if worker}
    idle = [Holding(member.pk, member.name, Counts()) for member in tray.members if member.pk not in held]
    return Workload(
        all=sum((counts for _, counts in groups), Counts()),
        nobody=sum((counts for (worker, _), counts in groups if not worker), Counts()),
        holdings=sorted([*held.values(), *idle], key=lambda holding: (holding.name, holding.worker)),
    )


def by_team(user: User, now: datetime, teams: QuerySet[Team]) -> dict[int, Counts]:
    """How much lies in each team's tray, by the team's key; teams without anything are left out. One query."""
    rows = in_tray(user, now, teams)
    return {group[0]: counts for group, counts in _counted(rows, now, "allocations__team")}


def _counted(rows: QuerySet[Referral], now: datetime, *by: str) -> list[tuple[tuple[Any, ...], Counts]]:
    late = Exists(_open_clocks().filter(due_at__lt=now))
    due = Exists(_open_clocks().filter(due_at__lte=now + SOON))
    groups = (
        rows.values(*by)
        .annotate(
            every=Count("pk"),
            nobody=Count("pk", filter=Q(holder__isnull=True)),
            late=Count("pk", filter=late),
            due=Count("pk", filter=due),
            asked=Count("pk", filter=OPEN_QUESTION),
        )
        .order_by()
    )
    return [
        (
            tuple(group[name] for name in by),
            Counts(group["every"], group["nobody"], group["late"], group["due"] - group["late"], group["asked"]),
        )
        for group in groups
    ]


class Entry(NamedTuple):
    """One referral of a tray, as far as one row tells."""

    pk: int
    child_id: str
    first_name: str
    last_name: str
    date_of_birth: date
    restricted: bool
    destination: str
    question: str
    question_settled_at: datetime | None
    allocation: int
    worker: str | None
    clock: str | None
    due_at: datetime | None

    def age(self, now: datetime) -> int:
        """Age in years today."""
        return age_on(self.date_of_birth, local_date(now))

    @property
    def asked(self) -> str:
        """The question that waits to be settled; empty when there is none."""
        return "" if self.question_settled_at else self.question

    @property
    def why(self) -> str:
        """Why it lies here, in words."""
        return self.asked or WHY[self.destination]


ABOUT = (
    *("pk", "child__child_id", "child__first_name", "child__last_name", "child__date_of_birth", "child__restricted"),
    *("destination", "question", "question_settled_at", "allocation", "allocations__worker__name"),
)


def entries(rows: QuerySet[Referral], first: int, last: int) -> list[Entry]:
    """These referrals from `first` up to but without `last`, the next deadline first; those without one at the end.

    Two lists, one after the other, because a database can then walk the deadlines in their order and stop early.
    """
    running = _by_next_clock(rows)
    page = [Entry(*row) for row in running.values_list(*ABOUT, "next_clock__name", "due")[first:last]]
    missing = last - first - len(page)
    if missing:
        start = 0 if page or not first else max(0, first - running.count())
        clockless = rows.filter(~Exists(_open_clocks())).order_by("pk").values_list(*ABOUT)
        page += [Entry._make((*row, None, None)) for row in clockless[start : start + missing]]
    return page


def _by_next_clock(rows: QuerySet[Referral]) -> QuerySet[Referral]:
    """Those with an open clock, each once, by the one that runs out first."""
    before = Q(due_at__lt=OuterRef("due")) | Q(due_at=OuterRef("due"), pk__lt=OuterRef("clock"))
    return (
        rows.annotate(
            next_clock=FilteredRelation("deadlines", condition=Q(deadlines__settled="")),
            due=F("next_clock__due_at"),
            clock=F("next_clock"),
        )
        .filter(~Exists(_open_clocks().filter(before)), due__isnull=False)
        .order_by("due", "pk")
    )


class Progress(NamedTuple):
    """How far a referral has come."""

    episodes: int = 0
    attempts: int = 0
    offers: int = 0
    refused: int = 0
    accepted: int = 0
    booked: int = 0
    held_at: datetime | None = None
    written_up_at: datetime | None = None

    @property
    def stage(self) -> str:
        """The last thing that happened, in words."""
        stages = [
            (self.written_up_at, "Written up"),
            (self.held_at, "Held, to be written up"),
            (self.booked, "Appointment booked"),
            (self.accepted, "Accepted"),
            (self.refused, "Declined"),
            (self.offers, "Offered"),
            (self.attempts == 1, "Tried once"),
            (self.attempts, f"Tried {self.attempts} times"),
        ]
        return next((words for reached, words in stages if reached), "Nothing logged yet")


def progress(referrals: Collection[int]) -> dict[int, Progress]:
    """How far each of these referrals has come, by its key; one query."""
    rows = (
        Referral.objects.filter(pk__in=referrals)
        .annotate(
            episodes=Count("covered", distinct=True, filter=Q(covered__episode__withdrawn_at__isnull=True)),
            attempts=Count("interviews__attempts", distinct=True),
            offers=Count("interviews__offers", distinct=True),
            refused=_offers(Q(interviews__offers__response__in=REFUSED)),
            accepted=_offers(Q(interviews__offers__response=Response.ACCEPTED)),
            booked=Count(
                "interviews__appointments", distinct=True, filter=Q(interviews__appointments__ended_at__isnull=True)
            ),
            held_at=Max("interviews__held_at"),
            written_up_at=Max("interviews__written_up_at"),
        )
        .values_list("pk", *Progress._fields)
    )
    return {pk: Progress(*reached) for pk, *reached in rows}


def _offers(condition: Q) -> Count:
    return Count("interviews__offers", distinct=True, filter=condition)
