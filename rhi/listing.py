"""What lies in trays: a team's open referrals in the order of their next deadlines, and how many there are.

Every query here is scoped to what the person may see, so that nothing else is in a list or in a count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from procedures.calendar import local_date
from procedures.types import Destination
from rhi import wording
from rhi.access import form_owed
from rhi.codes import Response
from rhi.models import Interview, VisitorWarning
from rhi.wording import SOON
from routing.gathering import age_on
from routing.models import Allocation, Deadline, Referral, assignable_teams, trays_of
from staff.models import Team, User, leavers
from staff.permissions import Role

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
    """A team's tray, for one person: whether they may say who holds what, and whether it is too full to count.

    `closed_on` is the day from which a team that has closed receives nothing; None of any other. `newest` is the key of
    the newest allocation of all: what comes later is new to whoever reads the tray now. `reminders` says whose go to
    somebody else, and `led` whether a leader is here.
    """

    team: int
    name: str
    may_assign: bool
    crowded: bool
    members: tuple[Member, ...]
    newest: int
    closed_on: date | None = None
    reminders: tuple[str, ...] = ()
    led: bool = True


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
            "closed_on",
            Exists(assignable_teams(user).filter(pk=pk)),
            one_too_many,
            Subquery(Allocation.objects.order_by("-pk").values("pk")[:1]),
            "members",
            "members__name",
            "members__is_active",
            "members__left_on",
            "members__role",
            "members__preferences__away_from",
            "members__preferences__away_until",
            "members__preferences__cover__name",
        )
        .order_by("members__name")
    )
    if not rows:
        return None
    name, closed_on, may_assign, crowded, newest = rows[0][:5]
    today = local_date(now)
    here = [
        (Member(member, called), role, away_until if away_from and away_from <= today <= away_until else None, cover)
        for *_, member, called, active, left_on, role, away_from, away_until, cover in rows
        if member and active and (left_on is None or left_on > today)
    ]
    closed = closed_on if closed_on and closed_on <= today else None
    members = tuple(member for member, *_ in here)
    reminders = tuple(_reminders([(member.name, away_until, cover) for member, _, away_until, cover in here], today))
    led = any(role == Role.TEAM_LEADER and not away_until for _, role, away_until, _ in here)
    return Tray(pk, name, may_assign, crowded is not None, members, newest or 0, closed, reminders, led)


def _reminders(here: Sequence[tuple[str, date | None, str | None]], today: date) -> Iterator[str]:
    """Whose reminders go to somebody else, in words.

    `here` are the members: name, the last day of those who are away, and who stands in.
    """
    for name, away_until, cover in here:
        if away_until:
            instead = f"{cover} stands in" if cover else "nobody stands in"
            yield f"{name} is away until {wording.day(away_until, today=today)}; {instead}."


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


def arrived(user: User, now: datetime, team: int, *, after: int) -> int:
    """How many referrals have come into a team's tray by allocations later than `after` (key).

    One that lay there already, and has only been given to somebody else of the team, has not.
    """
    before = Allocation.objects.filter(referral=OuterRef("pk"), pk__lte=after).order_by("-pk")
    come = in_tray(user, now, team).annotate(lay=Subquery(before.values("team")[:1]))
    return come.filter(Q(allocation__gt=after), Q(lay__isnull=True) | ~Q(lay=team)).count()


def nobodys(now: datetime) -> Q:
    """The condition that nobody who works here holds it: nobody at all, or somebody who has left."""
    return Q(holder__isnull=True) | _left(now)


def _left(now: datetime) -> Q:
    # Without a reference to the row, so that a database looks the leavers up once and not for each referral.
    return Q(holder__in=leavers(local_date(now)).values("pk"))


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
    """A worker, and how much of a tray they hold; of somebody who has left the name says so."""

    worker: int
    name: str
    counts: Counts


@dataclass(frozen=True)
class Workload:
    """How much lies in a tray, who holds how much by name, and how much of it nobody who works here holds.

    What somebody who has left holds stands under `left` and counts with nobody's.
    """

    all: Counts
    nobody: Counts
    holdings: list[Holding]
    left: list[Holding]


def workload(user: User, now: datetime, tray: Tray) -> Workload:
    """The workload of each member of a tray, idle or not, and of whoever else holds something of it; one query."""
    rows = in_tray(user, now, tray.team)
    groups = _counted(rows, now, "holder", "allocations__worker__name")
    # Of one holder either nothing is nobody's or, when they have left, all of it.
    held = {worker: Holding(worker, name, counts) for (worker, name), counts in groups if worker and not counts.nobody}
    left = [
        Holding(worker, wording.holder(name, has_left=True), counts)
        for (worker, name), counts in groups
        if worker and counts.nobody
    ]
    idle = [Holding(member.pk, member.name, Counts()) for member in tray.members if member.pk not in held]
    return Workload(
        all=sum((counts for _, counts in groups), Counts()),
        nobody=sum((counts for _, counts in groups if counts.nobody), Counts()),
        holdings=sorted([*held.values(), *idle], key=_by_name),
        left=sorted(left, key=_by_name),
    )


def _by_name(holding: Holding) -> tuple[str, int]:
    return holding.name, holding.worker


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
            nobody=Count("pk", filter=nobodys(now)),
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
    worker_left: bool | None
    interpreter_needed: bool | None
    language: str
    warned: bool
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
    *("destination", "question", "question_settled_at", "allocation", "worker_name", "worker_left"),
    *("child__interpreter_needed", "child__language", "warned"),
)


def entries(rows: QuerySet[Referral], now: datetime, first: int, last: int) -> list[Entry]:
    """These referrals from `first` up to but without `last`, the next deadline first; those without one at the end.

    Two lists, one after the other, because a database can then walk the deadlines in their order and stop early.
    """
    # Looked up for the page's rows: with one more table to join, PostgreSQL takes longer to plan than to answer.
    rows = rows.annotate(
        worker_name=Subquery(User.objects.filter(pk=OuterRef("holder")).values("name")),
        worker_left=ExpressionWrapper(_left(now), output_field=BooleanField()),
        warned=Exists(VisitorWarning.objects.filter(child=OuterRef("child"), ended_at__isnull=True)),
    )
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
    form_owed: bool = False
    in_tray_at: datetime | None = None

    @property
    def stage(self) -> str:
        """The last thing that happened, in words."""
        stages = [
            (self.written_up_at and not self.form_owed, "Written up"),
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
    rows = _progress().filter(pk__in=referrals).values_list("pk", *Progress._fields)
    return {pk: Progress(*reached) for pk, *reached in rows}


@cache
def _progress() -> QuerySet[Referral]:
    """Every referral with what Progress says; put together once, because that takes as long as the answer."""
    return Referral.objects.annotate(
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
        form_owed=Exists(Interview.objects.filter(form_owed(), referral=OuterRef("pk"))),
    )


def _offers(condition: Q) -> Count:
    return Count("interviews__offers", distinct=True, filter=condition)
